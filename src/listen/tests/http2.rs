//! HTTP/2 on the listener: side by side, idle, stalled, at the stop.

use std::{
    future::poll_fn,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::Incoming,
    client::conn::http2::{Builder, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinHandle;

use super::tls::Secure;

const SHORT: Duration = Duration::from_millis(150);

type Connection = JoinHandle<hyper::Result<()>>;

/// A browser's connection; `window` is what it takes of each answer before it must be asked.
async fn browser(secure: &Secure, window: u32) -> (SendRequest<Empty<Bytes>>, Connection) {
    let stream = secure.connect("crm.example.com", &["h2"]).await.unwrap();
    let (sender, connection) = Builder::new(TokioExecutor::new())
        .initial_stream_window_size(window)
        .handshake(TokioIo::new(stream))
        .await
        .unwrap();
    (sender, tokio::spawn(connection))
}

async fn ask(sender: &mut SendRequest<Empty<Bytes>>, path: &str) -> hyper::Result<Response<Incoming>> {
    let uri = format!("https://crm.example.com{path}");
    sender.send_request(Request::get(uri).body(Empty::new()).unwrap()).await
}

async fn text(answer: Response<Incoming>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

const WINDOW: u32 = 65_535;

#[tokio::test]
async fn requests_run_side_by_side_and_a_slow_one_holds_nobody_up() {
    let secure = Secure::start();
    let (mut sender, _connection) = browser(&secure, WINDOW).await;
    let mut other = sender.clone();
    let slow = tokio::spawn(async move { text(ask(&mut other, "/slow").await.unwrap()).await });
    tokio::task::yield_now().await;
    let quick = ask(&mut sender, "/quick?a=%20b").await.unwrap();
    assert_eq!(quick.version(), http::Version::HTTP_2);
    assert_eq!(text(quick).await, "GET /quick?a=%20b 0\n");
    assert!(!slow.is_finished());
    assert_eq!(slow.await.unwrap(), "GET /slow 0\n");
}

#[tokio::test]
async fn a_refusal_and_a_panic_end_their_own_request_only() {
    let secure = Secure::start();
    let (mut sender, _connection) = browser(&secure, WINDOW).await;
    let contradiction = Request::get("https://crm.example.com/").header("host", "other.example.com");
    let refused = sender.send_request(contradiction.body(Empty::new()).unwrap()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(!refused.headers().contains_key("connection"));
    assert!(ask(&mut sender, "/panic").await.is_err());
    assert_eq!(text(ask(&mut sender, "/a").await.unwrap()).await, "GET /a 0\n");
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_refused_and_one_below_is_not() {
    let secure = Secure::start();
    let (mut sender, _connection) = browser(&secure, WINDOW).await;
    let mut with_cookie = |bytes: usize| {
        let request = Request::get("https://crm.example.com/a").header("x", "a".repeat(bytes));
        sender.send_request(request.body(Empty::new()).unwrap())
    };
    assert_eq!(with_cookie(60 * 1024).await.unwrap().status(), StatusCode::OK);
    match with_cookie(70 * 1024).await {
        Ok(answer) => assert_eq!(answer.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        Err(error) => assert!(error.is_user() || !error.is_timeout(), "{error}"),
    }
}

#[tokio::test]
async fn an_idle_connection_ends_with_a_goodbye() {
    let secure = Secure::with(|bounds| bounds.idle = SHORT);
    let (mut sender, connection) = browser(&secure, WINDOW).await;
    // Before the answer: the gateway's time begins with its end there, which is earlier than here.
    let started = Instant::now();
    assert_eq!(text(ask(&mut sender, "/a").await.unwrap()).await, "GET /a 0\n");
    assert!(connection.await.unwrap().is_ok());
    assert!((SHORT..40 * SHORT).contains(&started.elapsed()), "{:?}", started.elapsed());
}

#[tokio::test]
async fn work_of_the_gateway_is_not_idle() {
    let secure = Secure::with(|bounds| bounds.idle = SHORT);
    let (mut sender, _connection) = browser(&secure, WINDOW).await;
    assert_eq!(text(ask(&mut sender, "/slow").await.unwrap()).await, "GET /slow 0\n");
}

#[tokio::test]
async fn a_browser_that_takes_nothing_is_closed() {
    let secure = Secure::with(|bounds| bounds.write = SHORT);
    let (mut sender, connection) = browser(&secure, 16).await;
    let answer = ask(&mut sender, "/endless").await.unwrap();
    // The answer is held and its window stays shut.
    let started = Instant::now();
    assert!(connection.await.unwrap().is_err());
    assert!(started.elapsed() < 40 * SHORT, "{:?}", started.elapsed());
    drop(answer);
}

#[tokio::test]
async fn a_browser_that_leaves_one_answer_keeps_the_others() {
    let secure = Secure::start();
    let (mut sender, _connection) = browser(&secure, WINDOW).await;
    drop(ask(&mut sender, "/endless").await.unwrap());
    assert_eq!(text(ask(&mut sender, "/a").await.unwrap()).await, "GET /a 0\n");
}

#[tokio::test]
async fn at_the_stop_requests_in_flight_end_well_and_the_connection_with_them() {
    let mut secure = Secure::start();
    let (mut sender, connection) = browser(&secure, WINDOW).await;
    let mut other = sender.clone();
    assert_eq!(text(ask(&mut sender, "/a").await.unwrap()).await, "GET /a 0\n");
    let slow = tokio::spawn(async move { text(ask(&mut other, "/slow").await.unwrap()).await });
    tokio::time::sleep(SHORT).await;
    secure.server.stop.cancel();
    assert_eq!(slow.await.unwrap(), "GET /slow 0\n");
    assert!(connection.await.unwrap().is_ok());
    tokio::task::spawn_blocking(move || secure.server.join()).await.unwrap();
    assert!(ask(&mut sender, "/late").await.is_err());
}

#[tokio::test]
async fn what_hangs_is_cut_at_the_drain_deadline() {
    let mut secure = Secure::with(|bounds| bounds.drain = SHORT);
    let (mut sender, _connection) = browser(&secure, WINDOW).await;
    let hanging = tokio::spawn(async move { ask(&mut sender, "/hang").await.is_err() });
    tokio::time::sleep(SHORT).await;
    let started = Instant::now();
    secure.server.stop.cancel();
    tokio::task::spawn_blocking(move || secure.server.join()).await.unwrap();
    assert!((SHORT..40 * SHORT).contains(&started.elapsed()));
    assert!(hanging.await.unwrap());
}

/// What curl 7.88 and Node's client take for the end of the answer too. Browsers show a refusal once it is reset.
#[tokio::test]
async fn an_upload_that_nobody_reads_is_heard_out_behind_its_answer_and_reset_soon_behind_a_refusal() {
    const PIECE: usize = 64 * 1024;
    let secure = Secure::start();
    let stream = secure.connect("crm.example.com", &["h2"]).await.unwrap();
    let (mut sender, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    // More than any window holds, and nothing.
    for pieces in [16, 0] {
        let request = Request::post("https://crm.example.com/a").header("host", "other.example.com").body(()).unwrap();
        let (answer, mut upload) = sender.send_request(request, false).unwrap();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let mut body = answer.into_body();
        while let Some(piece) = body.data().await {
            drop(body.flow_control().release_capacity(piece.unwrap().len()));
        }
        assert!(body.is_end_stream());
        for _ in 0..pieces {
            upload.reserve_capacity(PIECE);
            while upload.capacity() < PIECE {
                poll_fn(|cx| upload.poll_capacity(cx)).await.expect("it is taken").unwrap();
            }
            upload.send_data(Bytes::from_static(&[0; PIECE]), false).unwrap();
        }
        let reset = tokio::time::timeout(Duration::from_secs(10), poll_fn(|cx| upload.poll_reset(cx))).await;
        assert_eq!(reset.unwrap().unwrap(), h2::Reason::NO_ERROR);
    }
}
