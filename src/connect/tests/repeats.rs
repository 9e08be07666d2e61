//! What goes out once more where a kept connection was lost, and what never does.

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::time::sleep;

use super::*;

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
