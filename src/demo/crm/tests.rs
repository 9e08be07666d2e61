use std::{io::Read as _, time::Duration};

use bytes::Bytes;
use flate2::read::GzDecoder;
use futures_util::{SinkExt, StreamExt};
use http::Request;
use http_body_util::Full;
use tokio::net::TcpStream;
use tokio_tungstenite::{client_async, tungstenite::Message};

use super::{HostApp, HostAppOptions};
use crate::demo::{
    serve::{bind, port_of},
    testing::{get, get_with, post, send},
};

const SIGMA: &str = "http://sigma.localhost:8082";

async fn crm() -> (u16, HostApp) {
    let listener = bind(0, "a test").await.unwrap();
    let options = HostAppOptions { sigma: SIGMA.to_owned(), slow_pause: Duration::ZERO };
    (port_of(&listener), HostApp::serve(listener, options))
}

#[tokio::test]
async fn every_page_has_its_mark_the_navigation_and_a_way_to_sign_out() {
    let (port, crm) = crm().await;
    for (path, mark) in [
        ("/", "a form with a cookie of its own"),
        ("/dashboard", "<iframe data-sigma-embed=\"revenue\""),
        ("/customers/acme", "<div id=\"dashboard\"></div>"),
        ("/links", "<iframe src=\"http://sigma.localhost:8082/acme/workbook/Q4-Forecast-"),
        ("/reports/revenue.aspx", "old report"),
        ("/widgets", "/api/widgets"),
        ("/notes", "JSESSIONID"),
        ("/upload", "multipart/form-data"),
        ("/slow-stream", "Row 4 of a slow report"),
        ("/socket", "new WebSocket"),
        ("/public/info", "public"),
        ("/whoami", "X-Forwarded-Groups"),
    ] {
        let page = get_with(port, path, &[("x-forwarded-email", "ana&co@example.com")]).await;
        let text = page.text();
        assert_eq!(page.status, 200, "{path}");
        assert!(text.contains(mark) && text.contains("<title>"), "{path}: {text}");
        assert!(
            text.contains("Signed in as <b>ana&amp;co@example.com</b>") && text.contains("/oauth2/sign_out"),
            "{path}"
        );
    }
    assert!(get(port, "/").await.text().contains("Nobody is signed in"));
    crm.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_is_not_done_not_allowed() {
    let (port, crm) = crm().await;
    assert_eq!(get(port, "/nothing").await.status, 404);
    assert_eq!(post(port, "/dashboard", &[], &[]).await.status, 405);
    crm.stop().await;
}

#[tokio::test]
async fn the_dashboard_is_gzip_coded_when_asked() {
    let (port, crm) = crm().await;
    let plain = get(port, "/dashboard").await;
    let coded = get_with(port, "/dashboard", &[("accept-encoding", "br, gzip")]).await;
    assert_eq!((plain.header("content-encoding"), coded.header("content-encoding")), ("", "gzip"));
    let mut decoded = String::new();
    GzDecoder::new(coded.body.as_ref()).read_to_string(&mut decoded).unwrap();
    assert_eq!(decoded, plain.text());
    crm.stop().await;
}

#[tokio::test]
async fn the_old_link_redirects_to_an_unsigned_sigma_url() {
    let (port, crm) = crm().await;
    let answer = get(port, "/reports/old").await;
    assert_eq!(answer.status, 302);
    assert_eq!(
        answer.header("location"),
        "http://sigma.localhost:8082/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe?Region=EMEA"
    );
    crm.stop().await;
}

#[tokio::test]
async fn the_api_has_sigma_urls_where_the_configuration_looks_for_them() {
    let (port, crm) = crm().await;
    let answer = get(port, "/api/widgets").await;
    let widgets = answer.json()["widgets"].as_array().unwrap().clone();
    assert_eq!((answer.header("content-type"), widgets.len()), ("application/json", 3));
    assert!(widgets.iter().all(|widget| widget["url"].as_str().unwrap().starts_with(SIGMA)));
    crm.stop().await;
}

#[tokio::test]
async fn notes_live_behind_the_crms_own_cookie() {
    let (port, crm) = crm().await;
    let first = get(port, "/notes").await;
    let cookie = first.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(cookie.starts_with("JSESSIONID="), "{cookie}");
    assert_eq!(post(port, "/notes", &[("note", "x")], &[]).await.status, 403);
    let posted = post(port, "/notes", &[("note", "call <Acme>")], &[("cookie", &cookie)]).await;
    assert_eq!(
        (posted.status.as_u16(), posted.header("location")),
        (302, format!("http://127.0.0.1:{port}/notes").as_str())
    );
    let mine = get_with(port, "/notes", &[("cookie", &cookie)]).await;
    assert!(mine.text().contains("<li>call &lt;Acme&gt;</li>") && mine.header("set-cookie").is_empty());
    assert!(!get_with(port, "/notes", &[("cookie", "JSESSIONID=other")]).await.text().contains("Acme&gt;"));
    crm.stop().await;
}

#[tokio::test]
async fn uploads_are_counted_and_summed() {
    let (port, crm) = crm().await;
    let body = Full::new(Bytes::from(vec![b'a'; 100_000]));
    let answer = send(port, Request::put("/upload").header("host", "crm").body(body).unwrap()).await;
    assert!(answer.text().starts_with("100000 bytes, FNV-1a "), "{}", answer.text());
    let one = send(port, Request::post("/upload").header("host", "crm").body(Full::from("a")).unwrap()).await;
    assert_eq!(one.text(), "1 bytes, FNV-1a af63dc4c8601ec8c\n");
    crm.stop().await;
}

#[tokio::test]
async fn the_file_has_ranges_and_a_validator() {
    let (port, crm) = crm().await;
    let whole = get(port, "/download/file.bin").await;
    assert_eq!((whole.body.len(), whole.header("accept-ranges")), (256 * 1024, "bytes"));
    for (range, status, length, place) in [
        ("bytes=0-9", 206, 10, "bytes 0-9/262144"),
        ("bytes=262140-", 206, 4, "bytes 262140-262143/262144"),
        ("bytes=-5", 206, 5, "bytes 262139-262143/262144"),
        ("bytes=262144-", 416, 0, "bytes */262144"),
        ("bytes=9-0", 416, 0, "bytes */262144"),
    ] {
        let part = get_with(port, "/download/file.bin", &[("range", range)]).await;
        let found = (part.status.as_u16(), part.body.len(), part.header("content-range"));
        assert_eq!(found, (status, length, place), "{range}");
    }
    let known = get_with(port, "/download/file.bin", &[("if-none-match", whole.header("etag"))]).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    let other = get_with(port, "/download/file.bin", &[("if-none-match", "\"other\"")]).await;
    assert_eq!(other.status, 200);
    crm.stop().await;
}

#[tokio::test]
async fn long_answers_come_without_a_length() {
    let (port, crm) = crm().await;
    let big = get(port, "/download/big?bytes=200001").await;
    assert_eq!((big.body.len(), big.header("content-length")), (200_001, ""));
    assert_eq!(get(port, "/download/big?bytes=0").await.body.len(), 0);
    let slow = get(port, "/slow-stream").await;
    assert_eq!((slow.header("content-length"), slow.header("transfer-encoding")), ("", "chunked"));
    assert!(slow.text().trim_end().ends_with("</html>"));
    crm.stop().await;
}

#[tokio::test]
async fn the_stylesheet_may_be_kept_and_revalidated() {
    let (port, crm) = crm().await;
    let css = get(port, "/static/crm.css").await;
    assert_eq!((css.status.as_u16(), css.header("cache-control")), (200, "public, max-age=60"));
    let again = get_with(port, "/static/crm.css", &[("if-none-match", css.header("etag"))]).await;
    assert_eq!(again.status, 304);
    crm.stop().await;
}

#[tokio::test]
async fn echo_shows_the_request_head() {
    let (port, crm) = crm().await;
    let text = get_with(port, "/echo?a=b", &[("x-forwarded-user", "user-ana")]).await.text();
    assert!(text.starts_with("GET /echo?a=b HTTP/1.1\n") && text.contains("x-forwarded-user: user-ana\n"), "{text}");
    crm.stop().await;
}

#[tokio::test]
async fn the_socket_says_everything_back_and_ends_politely() {
    let (port, crm) = crm().await;
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut socket, _) = client_async("ws://crm.localhost/ws", stream).await.unwrap();
    let long = "x".repeat(70_000);
    for text in ["hello", &"y".repeat(200), &long] {
        socket.send(Message::text(text)).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(text));
    }
    socket.send(Message::Ping(Bytes::from_static(b"p"))).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong(Bytes::from_static(b"p")));
    socket.close(None).await.unwrap();
    assert!(matches!(socket.next().await, None | Some(Ok(Message::Close(_)))));
    assert_eq!(get(port, "/ws").await.status, 426);
    crm.stop().await;
}

#[tokio::test]
async fn an_open_socket_does_not_hold_up_the_stop() {
    let (port, crm) = crm().await;
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (socket, _) = client_async("ws://crm.localhost/ws", stream).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), crm.stop()).await.unwrap();
    drop(socket);
}
