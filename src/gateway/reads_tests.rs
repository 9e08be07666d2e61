//! How often whole requests read what they can read: as the table in ARCHITECTURE.md says.

use std::{collections::HashMap, convert::Infallible, net::SocketAddr, sync::Arc};

use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use http_body_util::Full;
use hyper::{
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, duplex},
    net::TcpListener,
};

use super::{
    Gateway,
    testing::{Books, shared},
};
use crate::{
    body::{Resting, Upload},
    config::Config,
    connect::{Dialer, UpstreamPool},
    decide::{
        Asker,
        tests::{NAVIGATION, config, facts_under, session},
    },
    identity::{
        Cookies, LoginPurpose, LoginStart, PendingLogin, ProviderMetadata, ReturnTo,
        reads::{CountedRead, ReadCounts},
        testing::{NOW, TestKey, claims, document, jwks},
    },
    listen::{Beside, Handler},
    request::ClientConnection,
    seed::Seed,
};

/// The row of the table: the numbers that its cells begin with.
fn documented(request: &str) -> ReadCounts {
    let row = include_str!("../../docs/ARCHITECTURE.md")
        .lines()
        .find_map(|line| line.strip_prefix(&format!("| {request} |")))
        .unwrap_or_else(|| panic!("{request} is a row of the table"));
    let number = |cell: &str| cell.trim().split(',').next().and_then(|number| number.parse().ok());
    let numbers: Vec<usize> = row.split('|').filter_map(number).collect();
    numbers.try_into().unwrap_or_else(|numbers| panic!("{request}: {numbers:?}"))
}

/// A server on loopback with these answers, by their paths; gives its origin.
async fn serve(answers: impl FnOnce(&str) -> HashMap<&'static str, (&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let answers = Arc::new(answers(&origin));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answers = Arc::clone(&answers);
            let service = service_fn(move |request: Request<Incoming>| {
                let found = answers.get(request.uri().path()).cloned();
                let (content_type, text) = found.unwrap_or_else(|| ("text/plain", "nothing".to_owned()));
                let answer = Response::builder().header(CONTENT_TYPE, content_type);
                let answer = answer.body(Full::new(Bytes::from(text))).unwrap();
                async move { Ok::<_, Infallible>(answer) }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    origin
}

/// What a gateway answers to one request, and what it reads for that.
async fn asked(config: &Arc<Config>, lines: &str) -> (String, ReadCounts) {
    let shared = shared(config, &Books::new());
    let gateway = Gateway::new(shared, UpstreamPool::new(Dialer::with_system_roots().unwrap()));
    let from = ClientConnection::from(SocketAddr::from(([192, 0, 2, 7], 50_000)));
    let resting = Resting::default();
    let (mut browser, connection) = duplex(64 * 1024);
    let service = service_fn(|request: Request<Incoming>| async {
        let beside = Beside { pins: None, resting: &resting, has_unreadable_target: false };
        Ok::<_, Infallible>(gateway.handle(request.map(Upload::new), &from, beside).await)
    });
    CountedRead::taken();
    let served = http1::Builder::new().serve_connection(TokioIo::new(connection), service);
    let lines = lines.replace('\n', "\r\n");
    let heard = async {
        let head = format!("{lines}\r\nhost: crm.example.com\r\nconnection: close\r\n\r\n");
        browser.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        browser.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let (served, answer) = tokio::join!(served, heard);
    served.unwrap();
    (answer, CountedRead::taken())
}

/// The `Cookie` line of somebody who may see the embed.
fn cookie_of_ann(config: &Config) -> String {
    let session = session(json!({ "groups": ["finance"] }));
    format!("cookie: __Host-sg={}", session.seal(&config.session, "crm.example.com", [7; 12]).expect("it fits"))
}

const SLOT: &str = "<!doctype html><title>x</title><iframe data-sigma-embed=\"revenue\"></iframe>";

/// A site whose application has a page with a slot and a text without one, and gets signed URLs.
async fn site() -> Arc<Config> {
    let upstream =
        serve(|_| [("/page", ("text/html", SLOT.to_owned())), ("/text", ("text/plain", "text".to_owned()))].into())
            .await;
    let signed = "embeds = [\"revenue\"]\ndeliver = \"signed\"";
    config(|text| text.replace("http://10.0.0.5:8000", &upstream).replace("embeds = [\"revenue\"]", signed))
}

#[tokio::test]
async fn a_signed_in_request_without_embeds_reads_as_the_table_says() {
    let config = site().await;
    let (answer, reads) = asked(&config, &format!("GET /text HTTP/1.1\n{}", cookie_of_ann(&config))).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("text"), "{answer}");
    assert_eq!(reads, documented("signed-in GET of a part without embeds"));
}

#[tokio::test]
async fn a_page_with_a_slot_reads_as_the_table_says() {
    let config = site().await;
    let lines = format!("GET /page HTTP/1.1\n{}\n{NAVIGATION}", cookie_of_ann(&config));
    let (answer, reads) = asked(&config, &lines).await;
    assert!(answer.contains("src=\"https://app.sigmacomputing.com/"), "{answer}");
    assert_eq!(reads, documented("page with a slot"));
}

#[tokio::test]
async fn a_stable_link_reads_as_the_table_says() {
    let config = site().await;
    let frame = "sec-fetch-dest: iframe\nsec-fetch-site: same-origin\nsec-fetch-mode: navigate";
    let lines = format!("GET /sigma/embed/revenue HTTP/1.1\n{}\n{frame}", cookie_of_ann(&config));
    let (answer, reads) = asked(&config, &lines).await;
    assert!(answer.contains("sigma-gateway: minted"), "{answer}");
    assert_eq!(reads, documented("stable link"));
}

/// A sign-in that has begun: the lines of its callback, and the nonce for its token, which is of the seed alone.
fn begun(config: &Arc<Config>) -> (String, String) {
    let facts = facts_under(config, "GET /", Asker::of(None));
    let settings = facts.provider_of_visitor().expect("a provider");
    let metadata = ProviderMetadata::parse(document(&settings.issuer).to_string().as_bytes(), settings);
    let begun = LoginStart {
        settings,
        metadata: &metadata.expect("documents"),
        redirect_uri: &facts.site().callback_url,
        return_to: ReturnTo::default(),
        purpose: LoginPurpose::SignIn,
        hint: None,
    };
    let (pending, redirect) = PendingLogin::begin(begun, &mut Seed::new([1; 32]).into_stream(), NOW);
    let query: HashMap<_, _> = redirect.url.query_pairs().into_owned().collect();
    let (name, sealed) = pending.seal(&config.session.keys, "crm.example.com", [1; 12]);
    let request = format!("GET /oauth2/callback?code=c&state={} HTTP/1.1", query["state"]);
    (format!("{request}\ncookie: {name}={sealed}\n{NAVIGATION}"), query["nonce"].clone())
}

#[tokio::test]
async fn a_callback_reads_as_the_table_says() {
    let key = TestKey::ed25519(1);
    let mut claims = claims(&begun(&config(|text| text)).1);
    claims["aud"] = json!("sigma-gateway");
    let issuer = serve(|origin| {
        claims["iss"] = json!(origin);
        let token = json!({ "access_token": "a", "token_type": "bearer", "id_token": key.token("k", &claims) });
        let json = |value: Value| ("application/json", value.to_string());
        [
            ("/.well-known/openid-configuration", json(document(origin))),
            ("/jwks", json(jwks(&[key.jwk("k")]))),
            ("/token", json(token)),
        ]
        .into()
    })
    .await;
    let config = config(|text| text.replace("https://login.example.com", &issuer));
    let (answer, reads) = asked(&config, &begun(&config).0).await;
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("sigma-gateway: signed_in"), "{answer}");
    assert_eq!(reads, documented("callback"));
}

#[test]
fn what_is_read_twice_is_counted_twice_until_somebody_asks() {
    CountedRead::taken();
    for _ in 0..2 {
        drop(Cookies::of(&HeaderMap::new()));
    }
    assert_eq!((CountedRead::taken(), CountedRead::taken()), ([2, 0, 0, 0, 0], [0; 5]));
}
