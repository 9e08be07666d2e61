//! What goes out once more where a kept connection was lost, and what never does.

use std::{
    io::{Read, Write},
    net,
    sync::mpsc,
    thread,
};

use bytes::Bytes;
use futures_util::stream;
use http::Method;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::{task::yield_now, time::sleep};

use super::*;
use crate::connect::repeat::may_be_lost;

#[tokio::test]
async fn a_request_that_has_the_effect_of_once_is_sent_once_more_and_no_other_is() {
    for (method, is_repeated) in [
        ("PUT", true),
        ("DELETE", true),
        ("PROPFIND", true),
        ("OPTIONS", true),
        ("POST", false),
        ("PATCH", false),
        ("LOCK", false),
        ("MOVE", false),
    ] {
        let upstream = Upstream::start(&[&[WHOLE], &[Act::Close]]).await;
        let pool = pool(|_| {});
        text(send(&pool, &upstream, "GET").await.unwrap()).await;
        let answer = send(&pool, &upstream, method).await;
        assert_eq!(answer.is_ok(), is_repeated, "{method}: {answer:?}");
        assert_eq!(upstream.counts(), if is_repeated { (2, 3) } else { (1, 2) }, "{method}");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_can_read_shows_that_the_request_was_taken() {
    for (method, counts) in [("DELETE", (1, 2)), ("GET", (2, 3))] {
        let upstream = Upstream::start(&[&[WHOLE], &[Act::Write("hello\r\n\r\n"), Act::Close]]).await;
        let pool = pool(|_| {});
        text(send(&pool, &upstream, "GET").await.unwrap()).await;
        let answer = send(&pool, &upstream, method).await;
        // It may have been left behind by the request before: what has no effect is asked again.
        assert_eq!(matches!(answer, Err(UpstreamError::Malformed(_))), method == "DELETE", "{method}: {answer:?}");
        assert_eq!(upstream.counts(), counts, "{method}");
    }
}

#[tokio::test]
async fn an_answer_that_has_begun_shows_that_the_request_was_taken() {
    const HALF: Act = Act::Write("HTTP/1.1 200 OK\r\nContent-Le");
    const INTERIM: Act = Act::Write("HTTP/1.1 102 Processing\r\n\r\n");
    const ODD_INTERIM: Act = Act::Write("HTTP/1.1 102 Processing\r\nA : b\r\n\r\n");
    for second in [&[HALF, Act::Close], &[INTERIM, Act::Close], &[ODD_INTERIM, Act::Close]] {
        for (method, counts) in [("PUT", (1, 2)), ("DELETE", (1, 2)), ("PROPFIND", (1, 2)), ("GET", (2, 3))] {
            let upstream = Upstream::start(Box::leak(Box::new([&[WHOLE][..], &second[..]]))).await;
            let pool = pool(|_| {});
            text(send(&pool, &upstream, "GET").await.unwrap()).await;
            let answer = send(&pool, &upstream, method).await;
            assert_eq!(answer.is_ok(), method == "GET", "{second:?} {method}: {answer:?}");
            assert_eq!(upstream.counts(), counts, "{second:?} {method}");
        }
    }
}

#[tokio::test]
async fn a_request_that_met_a_connection_given_up_is_sent_once_more_where_that_has_the_effect_of_once() {
    const LATE: Act = Act::Write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    for (method, is_repeated) in [("GET", true), ("PUT", true), ("POST", false), ("PATCH", false)] {
        let upstream = Upstream::start(&[&[WHOLE], &[LATE, Act::Close]]).await;
        let pool = pool(|_| {});
        text(send(&pool, &upstream, "GET").await.unwrap()).await;
        let answer = send(&pool, &upstream, method).await.unwrap();
        assert_eq!(answer.status().as_u16(), if is_repeated { 200 } else { 408 }, "{method}");
        assert_eq!(upstream.counts(), if is_repeated { (2, 3) } else { (1, 2) }, "{method}");
    }
    // On a new connection it is the answer.
    let upstream = Upstream::start(&[&[LATE, Act::Close]]).await;
    assert_eq!(send(&pool(|_| {}), &upstream, "GET").await.unwrap().status().as_u16(), 408);
    assert_eq!(upstream.counts(), (1, 1));
}

/// A body of which the first piece comes when it is let go.
fn later(piece: &'static str, gate: tokio::sync::oneshot::Receiver<()>) -> Body {
    let pieces = stream::once(async move {
        drop(gate.await);
        Ok(Frame::data(Bytes::from(piece)))
    });
    StreamBody::new(pieces).boxed_unsync()
}

#[tokio::test]
async fn a_body_is_sent_again_only_where_no_byte_of_it_was_taken() {
    for (has_begun, method, is_repeated) in [(false, "PUT", true), (true, "PUT", false), (false, "POST", false)] {
        let upstream = Upstream::start(&[&[WHOLE], &[Act::Wait(50), Act::Close]]).await;
        let pool = pool(|_| {});
        text(send(&pool, &upstream, "GET").await.unwrap()).await;
        let (let_go, gate) = tokio::sync::oneshot::channel();
        if has_begun {
            let_go.send(()).unwrap();
        } else {
            tokio::spawn(async move {
                sleep(Duration::from_millis(150)).await;
                drop(let_go);
            });
        }
        let answer = pool.send(&upstream.at, || head(method), later("abc", gate), Duration::from_secs(5)).await;
        assert_eq!(answer.is_ok(), is_repeated, "{has_begun} {method}: {answer:?}");
        assert_eq!(upstream.counts(), if is_repeated { (2, 3) } else { (1, 2) }, "{has_begun} {method}");
    }
}

/// Answers one request; gives its head.
fn answer(stream: &mut net::TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
    String::from_utf8(head).unwrap()
}

#[tokio::test]
async fn a_request_that_was_not_sent_goes_elsewhere_whatever_was_read_before_it() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap().into();
    let ((leave, told), (done, left)) = (mpsc::channel(), mpsc::channel());
    let upstream = thread::spawn(move || {
        let (mut first, _) = listener.accept().unwrap();
        answer(&mut first);
        told.recv().unwrap();
        first.write_all(b"hello\r\n\r\n").unwrap();
        done.send(()).unwrap();
        let (mut second, _) = listener.accept().unwrap();
        let asked = answer(&mut second);
        let mut more = Vec::new();
        // A reset is an end as well.
        drop(first.read_to_end(&mut more));
        (asked, more)
    });
    let pool = pool(|_| {});
    let ask = |method| pool.send(&at, move || head(method), empty(), Duration::from_secs(5));
    text(ask("GET").await.unwrap()).await;
    while pool.kept() == 0 {
        yield_now().await;
    }
    // The leavings come while nobody looks. Then the one thread hears of them, and the request is handed over before the
    // connection, which is woken by both, is polled.
    leave.send(()).unwrap();
    left.recv().unwrap();
    yield_now().await;
    let answer = ask("POST").await;
    assert!(answer.is_ok(), "{answer:?}");
    drop((answer, pool));
    let (asked, more) = upstream.join().unwrap();
    assert!(asked.starts_with("POST ") && more.is_empty(), "{asked:?} {more:?}");
}

#[tokio::test]
async fn a_connection_is_given_up_before_its_application_closes_it() {
    const BRIEF: Act = Act::Write("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok");
    const LONGER: Act = Act::Write("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=99\r\nContent-Length: 2\r\n\r\nok");
    const SCRIPTS: [(Script, (usize, usize)); 2] = [(&[&[BRIEF]], (2, 2)), (&[&[LONGER]], (1, 2))];
    for (script, counts) in SCRIPTS {
        let upstream = Upstream::start(script).await;
        let pool = pool(|_| {});
        text(send(&pool, &upstream, "GET").await.unwrap()).await;
        text(send(&pool, &upstream, "POST").await.unwrap()).await;
        assert_eq!(upstream.counts(), counts, "{script:?}");
    }
}

/// Some applications close behind each answer, a moment later, and say nothing of it.
#[tokio::test]
async fn what_may_be_lost_leaves_on_no_connection_that_is_about_to_be_closed_once_that_was_seen() {
    let rest = Duration::from_millis(150);
    let pool_of = || pool(|limits| limits.distrusted_rest = rest);
    let closing: Script = &[&[WHOLE, Act::Wait(40), Act::Close]];
    // Seen by a request that was lost, and by a connection that was found closed.
    for (first, pause) in [("GET", 0), ("GET", 80), ("POST", 80)] {
        let (upstream, pool) = (Upstream::start(closing).await, pool_of());
        for method in [first, "GET", "POST", "POST", "PATCH"] {
            assert_eq!(text(send(&pool, &upstream, method).await.unwrap()).await, "ok", "{method}");
            if method == first {
                sleep(Duration::from_millis(pause)).await;
            }
        }
        assert_eq!(upstream.counts().0, 5, "{first} {pause}");
    }
    // One that has rested is used all the same; what can be repeated is sent on any.
    let upstream = Upstream::start(&[&[WHOLE], &[Act::Close]]).await;
    let pool = pool_of();
    for (method, pause, connections) in
        [("GET", 0, 1), ("GET", 0, 2), ("POST", 0, 3), ("DELETE", 0, 4), ("POST", 200, 5)]
    {
        sleep(Duration::from_millis(pause)).await;
        let answer = send(&pool, &upstream, method).await;
        assert_eq!(answer.is_ok(), pause == 0, "{method} {pause}");
        if let Ok(answer) = answer {
            text(answer).await;
            assert_eq!(upstream.counts().0, connections, "{method}");
        }
    }
    // Of a body something may have been taken, whatever the method.
    assert!(may_be_lost(&Method::PUT, true) && may_be_lost(&Method::GET, true) && !may_be_lost(&Method::PUT, false));
}
