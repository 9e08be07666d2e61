//! Identity that a proxy in front attaches, over real sockets: who acts, what is refused, where the keys come from.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    browser::{As, Browser, Page},
    endless::{Open, endless},
    key_server::{FrontKey, KeyServer},
    standing::application_at,
    world::World,
};

const SITE: &str = "crm.localhost";
pub(crate) const HEADER: &str = "X-Front-Assertion";

/// The demo's world behind a front, whose keys are a JWKS.
pub(crate) struct Front {
    pub(crate) world: World,
    pub(crate) server: KeyServer,
    pub(crate) key: FrontKey,
}

impl Front {
    /// `sign_in`: whether the first site has one of its own besides.
    pub(crate) async fn start(sign_in: bool) -> Self {
        Self::with(sign_in, |text| text).await
    }

    async fn with(sign_in: bool, edit: impl FnOnce(String) -> String) -> Self {
        let (server, key) = (KeyServer::start().await, FrontKey::new("k1"));
        server.publish(&[&key]);
        let port = server.port;
        let world = World::with(|text| edit(accepting(&text, sign_in, port))).await;
        Self { world, server, key }
    }

    pub(crate) fn claims(&self, who: &str) -> Value {
        let now = self.world.clock.now().0;
        json!({
            "iss": "https://front.example.com", "aud": "crm", "sub": format!("front-{who}"), "iat": now, "exp": now + 120,
            "email": format!("{who}@example.com"), "email_verified": true, "groups": ["finance"], "region": "EMEA",
        })
    }

    pub(crate) fn assertion(&self, who: &str) -> String {
        self.key.sign(json!({ "typ": "JWT" }), &self.claims(who))
    }

    /// An access token of RFC 9068.
    fn bearer(&self, who: &str) -> String {
        let mut claims = self.claims(who);
        claims["iss"] = json!("https://tokens.example.com");
        claims["aud"] = json!("https://crm.example.com");
        claims["client_id"] = json!("robot");
        claims["jti"] = json!("j-1");
        format!("Bearer {}", self.key.sign(json!({ "typ": "at+jwt" }), &claims))
    }

    pub(crate) async fn ask(&self, browser: &mut Browser, how: As, path: &str, lines: &[(&str, &str)]) -> Page {
        browser.send(how, Method::GET, &self.world.crm(path), lines, "").await
    }

    pub(crate) async fn ask_as(&self, who: &str, path: &str) -> Page {
        let assertion = self.assertion(who);
        self.ask(&mut Browser::default(), As::Fetch, path, &[(HEADER, &assertion)]).await
    }

    pub(crate) async fn status(&self, source: &str) -> String {
        let ready = Browser::default().get(As::Fetch, &self.world.admin("/readyz")).await;
        assert_eq!(ready.status, StatusCode::OK, "ready means ready");
        ready.json()["providers"][source].as_str().unwrap_or_default().to_owned()
    }

    fn refusals(&self) -> Vec<Value> {
        self.world.audit("refusal")
    }
}

/// The first site takes a front and bearer tokens.
pub(crate) fn accepting(text: &str, sign_in: bool, port: u16) -> String {
    let tables = format!(
        r#"
[identity.front]
type = "custom"
header = "{HEADER}"
issuer = "https://front.example.com"
audience = "crm"
algorithms = ["ES256"]
jwks = "http://127.0.0.1:{port}/jwks"
email_domains = ["example.com"]
outsiders = "no-embed"

[identity.robots]
type = "bearer"
issuer = "https://tokens.example.com"
audience = "https://crm.example.com"
algorithms = ["ES256"]
jwks = "http://127.0.0.1:{port}/jwks"
email_domains = ["example.com"]

[embed.revenue]"#
    );
    let keys = if sign_in {
        "accept = [\"front\", \"robots\"]\nsign_in = \"login\""
    } else {
        "accept = [\"front\", \"robots\"]"
    };
    let text = text.replacen("[embed.revenue]", tables.trim_start(), 1);
    let (head, rest) = text.split_once("[[site]]").unwrap();
    let (first, second) = rest.split_once("[[site]]").unwrap();
    let first = first.replacen("deliver = ", &format!("{keys}\ndeliver = "), 1);
    let second = second.replacen("deliver = ", "sign_in = \"login\"\ndeliver = ", 1);
    format!("{head}[[site]]{first}[[site]]{second}")
}

fn has_cookies(page: &Page) -> bool {
    page.headers.contains_key("set-cookie")
}

#[tokio::test]
async fn whom_the_front_names_is_served_without_a_cookie_and_the_application_sees_who_and_never_the_assertion() {
    let front = Front::start(false).await;
    let page = front.ask_as("ana", "/echo").await;
    let text = page.text().to_ascii_lowercase();
    assert_eq!(page.status, StatusCode::OK, "{text}");
    assert!(
        text.contains("x-forwarded-email: ana@example.com") && text.contains("x-forwarded-user: front-ana"),
        "{text}"
    );
    assert!(!text.contains("x-front-assertion") && !text.contains("authorization") && !has_cookies(&page), "{text}");
    // The same browser without it is nobody: nothing was kept.
    let page = front.ask(&mut Browser::default(), As::Navigation, "/echo", &[]).await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::UNAUTHORIZED, Some("assertion_missing")));
    assert!(page.location().is_none() && !page.text().contains("/oauth2/start"), "{}", page.text());
    let public = front.ask(&mut Browser::default(), As::Navigation, "/public/info", &[]).await;
    assert_eq!(public.status, StatusCode::OK);
    let who = front.ask_as("ana", "/oauth2/userinfo").await.json();
    assert_eq!(
        (&who["user"], &who["provider"], &who["by"]),
        (&json!("front-ana"), &json!("front"), &json!("assertion"))
    );
    for path in ["/oauth2/start", "/oauth2/sign_out", "/oauth2/callback?code=x&state=y"] {
        let page = front.ask_as("ana", path).await;
        assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::NOT_FOUND, Some("no_sign_in")), "{path}");
    }
}

#[tokio::test]
async fn an_embed_by_an_assertion_has_its_own_length_and_its_audit_line_says_by_which_source() {
    let front = Front::start(false).await;
    let page = front.ask_as("ana", "/sigma/api/embeds/revenue").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let mint = front.world.audit("mint").pop().unwrap();
    assert_eq!((&mint["provider"], &mint["by"]), (&json!("front"), &json!("assertion")), "{mint}");
    let left = mint["expires_at"].as_u64().unwrap() - front.world.clock.now().0;
    assert!(left > 3_500, "an hour, and not the two minutes of the assertion: {left}");
}

#[tokio::test]
async fn what_does_not_verify_is_refused_by_name_and_never_passed_over_for_a_session() {
    let front = Front::start(true).await;
    let mut browser = front.world.browser_of("ana").await;
    assert_eq!(front.ask(&mut browser, As::Fetch, "/echo", &[]).await.status, StatusCode::OK, "absent: the session");
    let (good, stranger) = (front.assertion("ana"), FrontKey::new("k1"));
    let with = |name: &str, value: Value| {
        let mut claims = front.claims("ana");
        claims[name] = value;
        front.key.sign(json!({ "typ": "JWT" }), &claims)
    };
    let now = front.world.clock.now().0;
    for (bad, reason) in [
        (stranger.sign(json!({}), &front.claims("ana")), "assertion_signature"),
        (FrontKey::new("k9").sign(json!({}), &front.claims("ana")), "assertion_key"),
        (with("exp", json!(now - 60)), "assertion_time"),
        (with("aud", json!("other")), "assertion_aud"),
        (with("iss", json!("https://evil.example")), "assertion_iss"),
        (with("sub", json!("")), "assertion_sub"),
        (format!("{good}, {good}"), "assertion_malformed"),
        (good.replace('.', ""), "assertion_malformed"),
    ] {
        for path in ["/echo", "/sigma/api/embeds/revenue", "/oauth2/userinfo"] {
            let page = front.ask(&mut browser, As::Fetch, path, &[(HEADER, &bad)]).await;
            assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::FORBIDDEN, Some(reason)), "{path}");
        }
        let line = front.refusals().pop().unwrap();
        assert_eq!(
            (&line["reason"], &line["provider"], &line["by"]),
            (&json!(reason), &json!("front"), &json!("assertion"))
        );
        assert!(line["user"].is_null() && line["detail"].is_string() && !line.to_string().contains("ana@"), "{line}");
        let public = front.ask(&mut browser, As::Fetch, "/public/info", &[(HEADER, &bad)]).await;
        assert_eq!(public.status, StatusCode::OK, "a public route answers everybody");
    }
    assert!(front.world.audit("mint").is_empty());
    assert!(browser.cookie(SITE, "__Host-sg").is_some(), "the session is another matter, and stays");
    let metric = r#"refused_assertions_total{site="crm.localhost",provider="front",reason="assertion_time"}"#;
    assert!(front.world.metrics().contains(metric), "{}", front.world.metrics());
}

#[tokio::test]
async fn two_identities_that_disagree_never_act_and_the_session_ends() {
    let front = Front::start(true).await;
    let mut browser = front.world.browser_of("ana").await;
    let ana = front.assertion("ana");
    let page = front.ask(&mut browser, As::Navigation, "/echo", &[(HEADER, &ana)]).await;
    let text = page.text().to_ascii_lowercase();
    assert!(text.contains("x-forwarded-user: front-ana") && !has_cookies(&page), "of the two the front acts: {text}");
    let mut unverified = front.claims("ana");
    unverified["email_verified"] = json!(false);
    let not_comparable = front.key.sign(json!({ "typ": "JWT" }), &unverified);
    for said in [front.assertion("ben"), not_comparable] {
        for (how, path) in [(As::Navigation, "/echo"), (As::Fetch, "/sigma/api/embeds/revenue"), (As::Frame, "/echo")] {
            let mut browser = front.world.browser_of("ana").await;
            browser.set_cookie(SITE, "JSESSIONID", "of-ana");
            let page = front.ask(&mut browser, how, path, &[(HEADER, &said)]).await;
            assert_eq!(
                (page.status, page.header("sigma-gateway")),
                (StatusCode::UNAUTHORIZED, Some("identity_conflict"))
            );
            assert!(page.location().is_none() && !page.text().contains("@example.com"), "{}", page.text());
            assert_eq!((browser.cookie(SITE, "__Host-sg"), browser.cookie(SITE, "JSESSIONID")), (None, None));
            let line = front.refusals().pop().unwrap();
            assert_eq!((&line["reason"], &line["user"]), (&json!("identity_conflict"), &json!("user-ana")), "{line}");
            assert_eq!((&line["provider"], &line["by"]), (&json!("front"), &json!("assertion")), "{line}");
            let again = front.ask(&mut browser, how, "/echo", &[(HEADER, &said)]).await;
            assert_eq!(again.status, StatusCode::OK, "alone, the front is believed");
        }
    }
    assert!(front.world.audit("mint").is_empty());
}

/// Else whoever writes `Connection` would choose between the front and a session.
#[tokio::test]
async fn what_connection_names_is_refused_and_no_session_acts_in_its_place() {
    let front = Front::start(true).await;
    let mut browser = front.world.browser_of("ana").await;
    let (ben, bearer) = (front.assertion("ben"), front.bearer("ben"));
    for (name, value, status) in
        [(HEADER, &ben, StatusCode::FORBIDDEN), ("authorization", &bearer, StatusCode::UNAUTHORIZED)]
    {
        let lines: [(&str, &str); 2] = [(name, value), ("connection", name)];
        for path in ["/echo", "/sigma/api/embeds/revenue", "/oauth2/userinfo"] {
            let page = front.ask(&mut browser, As::Fetch, path, &lines).await;
            assert_eq!((page.status, page.header("sigma-gateway")), (status, Some("assertion_malformed")), "{path}");
        }
    }
    assert!(front.world.audit("mint").is_empty() && browser.cookie(SITE, "__Host-sg").is_some());
}

#[tokio::test]
async fn several_assertions_must_all_verify_and_agree() {
    let front = Front::start(false).await;
    let (ana, of_ana, of_ben) = (front.assertion("ana"), front.bearer("ana"), front.bearer("ben"));
    let forged = Front { key: FrontKey::new("k1"), ..Front::start(false).await };
    let by_stranger = forged.bearer("ana");
    for (bearer, status, reason) in [
        (of_ana.as_str(), StatusCode::OK, None),
        (&of_ben, StatusCode::UNAUTHORIZED, Some("identity_conflict")),
        (&by_stranger, StatusCode::UNAUTHORIZED, Some("assertion_signature")),
    ] {
        let lines = [(HEADER, ana.as_str()), ("authorization", bearer)];
        let page = front.ask(&mut Browser::default(), As::Curl, "/echo", &lines).await;
        assert_eq!(page.status, status, "{}", page.text());
        assert_eq!(page.header("sigma-gateway"), reason, "{}", page.text());
    }
}

#[tokio::test]
async fn a_bearer_token_is_for_one_request_of_a_program_and_a_bad_one_is_challenged_everywhere() {
    for sign_in in [true, false] {
        let front = Front::start(sign_in).await;
        let mut browser = Browser::default();
        let page = front.ask(&mut browser, As::Curl, "/echo", &[("authorization", &front.bearer("ana"))]).await;
        let text = page.text().to_ascii_lowercase();
        assert!(page.status == StatusCode::OK && text.contains("x-forwarded-user: front-ana"), "{text}");
        assert!(!text.contains("authorization:") && !has_cookies(&page), "{text}");
        for path in ["/echo", "/public/info", "/oauth2/start", "/oauth2/sign_out", "/sigma/style.css", "/sigma/x"] {
            for how in [As::Navigation, As::Curl] {
                let page = front.ask(&mut browser, how, path, &[("authorization", "Bearer a.b.c")]).await;
                assert_eq!(page.status, StatusCode::UNAUTHORIZED, "{path}: {}", page.text());
                let challenge = page.header("www-authenticate").unwrap_or_default();
                assert_eq!(
                    challenge, r#"Bearer error="invalid_token", error_description="assertion_malformed""#,
                    "{path}"
                );
                assert!(!has_cookies(&page) && page.location().is_none(), "{path}");
            }
        }
        let other = front.ask(&mut browser, As::Curl, "/public/info", &[("authorization", "Basic eDp5")]).await;
        assert_eq!(other.status, StatusCode::OK, "another scheme is the application's");
        if !sign_in {
            let none = front.ask(&mut browser, As::Curl, "/echo", &[]).await;
            assert_eq!((none.status, none.header("www-authenticate")), (StatusCode::UNAUTHORIZED, Some("Bearer")));
        }
    }
}

#[tokio::test]
async fn what_is_open_ends_with_the_assertion_that_opened_it() {
    let upstream = endless().await;
    let front = Front::with(false, |text| application_at(upstream, &text)).await;
    for (before, what) in [Open::WebSocket, Open::Silent].into_iter().enumerate() {
        let mut stream = TcpStream::connect(("127.0.0.1", front.world.ports.gateway)).await.unwrap();
        let more = if what == Open::WebSocket {
            format!(
                "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \
                 dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: {}\r\n",
                front.world.ports.link_site()
            )
        } else {
            String::new()
        };
        let (host, assertion) = (format!("{SITE}:{}", front.world.ports.gateway), front.assertion("ana"));
        let head = format!("GET /events/{what:?} HTTP/1.1\r\nHost: {host}\r\n{HEADER}: {assertion}\r\n{more}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"first\n") {
            read.push(timeout(Duration::from_secs(10), stream.read_u8()).await.unwrap().unwrap());
        }
        assert_eq!(front.world.audit("ended").len(), before, "{what:?} is open");
        // Its end, and the leeway of the clocks.
        front.world.clock.advance(200);
        let mut rest = Vec::new();
        let end = timeout(Duration::from_secs(6), stream.read_to_end(&mut rest)).await;
        assert!(end.is_ok(), "{what:?} is still open");
        let line = front.world.audit("ended").pop().unwrap();
        assert_eq!(
            (&line["user"], &line["provider"], &line["by"]),
            (&json!("front-ana"), &json!("front"), &json!("assertion"))
        );
    }
}
