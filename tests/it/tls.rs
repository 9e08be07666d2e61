//! TLS on the public address and to host applications, over real files.

use std::{fs, path::Path};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};

use super::{
    browser::{As, Browser},
    certificates::Authority,
    world::World,
};

const HOST: &str = "crm.localhost";

/// A gateway whose sites are https, with a certificate of this CA; everybody may see `/echo` and `/ws`.
async fn secure(folder: &Path, authority: &Authority) -> World {
    authority.leaf(HOST).write(folder, "tls");
    World::from_edited_file(folder, |text| {
        text.replace("url = \"http://crm", "url = \"https://crm")
            .replace(
                "path = \"/public/\"\naccess",
                "path = \"/ws\"\naccess = \"public\"\n\n[[site.route]]\npath = \"/echo\"\naccess",
            )
            .replace(
                "\n[session]",
                "\ntls = { certificate = \"tls.pem\", private_key = { file = \"tls.key\" } }\n[session]",
            )
    })
    .await
}

type Sender = http2::SendRequest<Empty<Bytes>>;

async fn http2_browser(world: &World, authority: &Authority) -> Sender {
    let stream = authority.connect(world.ports.gateway, HOST, "h2").await.unwrap();
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

async fn ask(world: &World, sender: &mut Sender, path: &str, headers: &[(&str, &str)]) -> (Response<()>, String) {
    let mut request = Request::get(format!("https://{HOST}:{}{path}", world.ports.gateway));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    read(sender.send_request(request.body(Empty::new()).unwrap()).await.unwrap()).await
}

async fn read(answer: Response<Incoming>) -> (Response<()>, String) {
    let (parts, body) = answer.into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    (Response::from_parts(parts, ()), text)
}

#[tokio::test]
async fn the_host_application_sees_one_http_1_1_request_whatever_the_browser_speaks() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let world = secure(folder.path(), &authority).await;
    let crumbs = [("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers"), ("x-forwarded-proto", "ftp")];
    let mut sender = http2_browser(&world, &authority).await;
    let (answer, echo) = ask(&world, &mut sender, "/echo?a=%20b&&c", &crumbs).await;
    let echo = echo.to_ascii_lowercase();
    assert_eq!(answer.status(), StatusCode::OK, "{echo}");
    assert!(echo.contains("get /echo?a=%20b&&c http/1.1"), "{echo}");
    assert!(echo.contains(&format!("host: {HOST}:{}", world.ports.gateway)), "{echo}");
    assert!(echo.contains("via: 2.0 sigma-gateway"), "{echo}");
    assert!(echo.contains("cookie: a=1; b=2") && echo.contains("x-forwarded-proto: https"), "{echo}");
    assert!(!echo.contains("te: trailers") && !echo.contains("ftp"), "{echo}");

    let stream = authority.connect(world.ports.gateway, HOST, "http/1.1").await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("/echo").header("host", format!("{HOST}:{}", world.ports.gateway));
    let (answer, echo) = read(sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(echo.to_ascii_lowercase().contains("x-forwarded-proto: https"), "{echo}");
}

#[tokio::test]
async fn a_sign_in_begins_over_http2_with_secure_cookies_and_an_https_callback() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let world = secure(folder.path(), &authority).await;
    let mut sender = http2_browser(&world, &authority).await;
    let navigation = [("accept", "text/html"), ("sec-fetch-dest", "document"), ("sec-fetch-mode", "navigate")];
    let (answer, _) = ask(&world, &mut sender, "/dashboard", &navigation).await;
    assert!(answer.status().is_redirection(), "{answer:?}");
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.contains("redirect_uri=https%3A%2F%2Fcrm.localhost"), "{location}");
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-sg-l-") && cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn over_http2_a_host_that_contradicts_is_refused_and_an_unknown_one_misdirected() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let world = secure(folder.path(), &authority).await;
    let mut sender = http2_browser(&world, &authority).await;
    let (answer, _) = ask(&world, &mut sender, "/echo", &[("host", "evil.test")]).await;
    assert_eq!(
        (answer.status(), &answer.headers()["sigma-gateway"]),
        (StatusCode::BAD_REQUEST, &"bad_host".parse().unwrap())
    );
    // The certificate is not asked which hosts there are: the sites are.
    let request = Request::get("https://unknown.test/echo").body(Empty::new()).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    let (answer, _) = ask(&world, &mut sender, "/echo", &[]).await;
    assert_eq!(answer.status(), StatusCode::OK, "the connection lives on");
}

#[tokio::test]
async fn a_renewed_certificate_is_in_force_at_once_and_a_bad_pair_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (Authority::new(), Authority::new());
    let world = secure(folder.path(), &old).await;
    let port = world.ports.gateway;
    let mut open = http2_browser(&world, &old).await;
    assert_eq!(ask(&world, &mut open, "/echo", &[]).await.0.status(), StatusCode::OK);

    new.leaf(HOST).write(folder.path(), "tls");
    let counted = |result: &str, count| {
        let line = format!(r#"config_reloads_total{{result="{result}"}} {count}"#);
        world.metrics().contains(&line)
    };
    world.until(|| counted("applied", 1)).await;
    assert!(new.connect(port, HOST, "h2").await.is_ok());
    assert!(old.connect(port, HOST, "h2").await.is_err());
    assert_eq!(ask(&world, &mut open, "/echo", &[]).await.0.status(), StatusCode::OK, "the open connection lives on");

    let before = world.refused_configurations().len();
    fs::write(folder.path().join("tls.key"), old.leaf(HOST).private_key).unwrap();
    let is_other_key = |problems: &String| problems.contains("listen.tls.private_key: not the key of the certificate");
    world.until(|| world.refused_configurations()[before..].iter().any(is_other_key)).await;
    assert!(new.connect(port, HOST, "h2").await.is_ok());
    assert!(!format!("{:?}", world.log("event")).contains("PRIVATE KEY"));
}

#[tokio::test]
async fn the_end_of_each_certificate_in_force_is_a_metric() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    authority.leaf_until(HOST, 2050).write(folder.path(), "tls");
    let one = r#"tls = { certificate = "tls.pem", private_key = { file = "tls.key" } }"#;
    let two = r#"tls = [{ certificate = "new.pem", private_key = { file = "new.key" } }]"#;
    let with_tls = |text: String| text.replace("\n[session]", &format!("\n{one}\n[session]"));
    let world = World::from_edited_file(folder.path(), with_tls).await;
    let ends = async || {
        let metrics = Browser::default().get(As::Curl, &world.admin("/metrics")).await.text();
        let lines = metrics.lines().filter(|line| line.contains("certificate_not_after") && !line.starts_with('#'));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let line =
        |file: &str, end: u64| format!(r#"sigma_gateway_certificate_not_after_seconds{{certificate="{file}"}} {end}"#);
    assert_eq!(ends().await, [line("tls.pem", 2_524_608_000)]);

    authority.leaf_until(HOST, 2055).write(folder.path(), "new");
    let file = folder.path().join("gateway.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace(one, two)).unwrap();
    world.until(|| world.metrics().contains(r#"{result="applied"} 1"#)).await;
    assert_eq!(ends().await, [line("new.pem", 2_682_374_400)]);
}

#[tokio::test]
async fn without_tls_no_certificate_is_a_metric() {
    let world = World::start().await;
    let metrics = Browser::default().get(As::Curl, &world.admin("/metrics")).await.text();
    assert!(!metrics.contains("certificate_not_after_seconds{"), "{metrics}");
}

#[tokio::test]
async fn a_handshake_that_comes_to_nothing_is_counted_and_a_connection_that_ends_is_not() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let world = secure(folder.path(), &authority).await;
    let connect = || TcpStream::connect(("127.0.0.1", world.ports.gateway));
    // A health check, and a load balancer that speaks plain http.
    drop(connect().await.unwrap());
    let mut plain = connect().await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: crm.localhost\r\n\r\n").await.unwrap();
    // A browser that does not believe the certificate.
    assert!(Authority::new().connect(world.ports.gateway, HOST, "h2").await.is_err());
    world.until(|| world.metrics().contains(r#"unreadable_requests_total{reason="bad_handshake"} 2"#)).await;
}

#[tokio::test]
async fn a_websocket_goes_through_tls() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let world = secure(folder.path(), &authority).await;
    let site = format!("{HOST}:{}", world.ports.gateway);
    let mut request = format!("wss://{site}/ws").into_client_request().unwrap();
    request.headers_mut().insert("origin", format!("https://{site}").parse().unwrap());
    let stream = authority.connect(world.ports.gateway, HOST, "http/1.1").await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
}

#[tokio::test]
async fn a_provider_is_believed_by_its_own_ca_and_by_no_other() {
    let (right, wrong) = (Authority::new(), Authority::new());
    let port = right.leaf("127.0.0.1").serve("no document").await;
    for (authority, cause) in
        [(&right, "document is not one that is read: expected json"), (&wrong, "tls handshake failed")]
    {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let world = World::from_edited_file(folder.path(), |text| {
            let issuer = text.lines().find(|line| line.starts_with("issuer = ")).unwrap().to_owned();
            text.replace(&issuer, &format!("issuer = \"https://127.0.0.1:{port}\"\nca = \"ca.pem\""))
        })
        .await;
        let mut browser = Browser::default();
        let mut status = serde_json::Value::Null;
        for _ in 0..500 {
            status = browser.get(As::Fetch, &world.admin("/readyz")).await.json()["providers"]["login"].take();
            if status.is_string() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(status.as_str().is_some_and(|status| status.contains(cause)), "{status}");
    }
}

#[tokio::test]
async fn an_upstream_is_believed_by_the_ca_of_its_site_and_by_no_other() {
    let (right, wrong) = (Authority::new(), Authority::new());
    let port = right.leaf("127.0.0.1").serve("behind tls").await;
    let mistaken_name = right.leaf("crm.internal").serve("another name").await;
    let cases = [
        (port, Some(&right), None),
        (port, Some(&wrong), Some("upstream_unreachable")),
        (port, None, Some("upstream_unreachable")),
        (mistaken_name, Some(&right), Some("upstream_unreachable")),
    ];
    for (port, authority, reason) in cases {
        let folder = tempfile::tempdir().unwrap();
        let ca = authority.map_or(String::new(), |_| "upstream_ca = \"ca.pem\"\n".to_owned());
        if let Some(authority) = authority {
            fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        }
        let world = World::from_edited_file(folder.path(), |text| {
            let upstream = text.lines().find(|line| line.starts_with("upstream = ")).unwrap().to_owned();
            text.replace(&upstream, &format!("upstream = \"https://127.0.0.1:{port}\"\n{ca}"))
        })
        .await;
        let page = Browser::default().get(As::Navigation, &world.crm("/public/info")).await;
        match reason {
            None => assert_eq!((page.status, page.text().as_str()), (StatusCode::OK, "behind tls")),
            Some(reason) => {
                assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::BAD_GATEWAY, Some(reason)));
            }
        }
    }
}
