use std::{
    io::{BufRead, BufReader, Write},
    sync::mpsc,
    task::Poll,
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::time::sleep;

use super::*;
use crate::{
    body::BodyError,
    connect::Whose,
    forward::{HeadNotes, MendError},
    reason::Reason,
};

#[tokio::test]
async fn a_connection_is_used_again_once_its_answer_has_been_read() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|_| {});
    for _ in 0..3 {
        assert_eq!(text(send(&pool, &upstream, "GET").await.unwrap()).await, "ok");
    }
    assert_eq!(upstream.counts(), (1, 3));
}

#[tokio::test]
async fn an_answer_without_a_body_gives_its_connection_back_with_its_head() {
    let upstream = Upstream::start(&[&[Act::Write("HTTP/1.1 304 Not Modified\r\n\r\n")]]).await;
    let pool = pool(|_| {});
    let first = send(&pool, &upstream, "GET").await.unwrap();
    let second = send(&pool, &upstream, "GET").await.unwrap();
    assert_eq!((first.status().as_u16(), second.status().as_u16(), upstream.counts()), (304, 304, (1, 2)));
}

#[tokio::test]
async fn a_connection_whose_answer_was_not_read_to_the_end_is_closed() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|_| {});
    drop(send(&pool, &upstream, "GET").await.unwrap());
    assert_eq!(pool.kept(), 0);
    assert_eq!(text(send(&pool, &upstream, "GET").await.unwrap()).await, "ok");
    assert_eq!(upstream.counts().0, 2);
}

#[tokio::test]
async fn kept_connections_are_closed_at_their_age_without_any_traffic() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|limits| limits.kept_age = Duration::from_millis(40));
    text(send(&pool, &upstream, "GET").await.unwrap()).await;
    assert_eq!(pool.kept(), 1);
    sleep(Duration::from_millis(120)).await;
    assert_eq!(pool.kept(), 0);
}

#[tokio::test]
async fn no_more_connections_are_kept_than_the_limit() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|limits| limits.kept = 1);
    let (first, second) = (send(&pool, &upstream, "GET").await.unwrap(), send(&pool, &upstream, "GET").await.unwrap());
    text(first).await;
    text(second).await;
    assert_eq!((pool.kept(), upstream.counts().0), (1, 2));
}

#[tokio::test]
async fn a_request_beyond_the_cap_waits_and_then_is_told_that_all_are_busy() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let pool = pool(|limits| {
        limits.in_flight = 1;
        limits.wait = Duration::from_millis(50);
    });
    let held = send(&pool, &upstream, "GET").await.unwrap();
    let error = send(&pool, &upstream, "GET").await.unwrap_err();
    assert!(matches!(error, UpstreamError::Busy) && error.reason() == Reason::UpstreamBusy);
    text(held).await;
    assert_eq!(text(send(&pool, &upstream, "GET").await.unwrap()).await, "ok");
}

#[tokio::test]
async fn a_safe_request_that_a_kept_connection_lost_is_sent_once_more_on_a_new_one() {
    let upstream = Upstream::start(&[&[WHOLE], &[Act::Close]]).await;
    let pool = pool(|_| {});
    text(send(&pool, &upstream, "GET").await.unwrap()).await;
    assert_eq!(text(send(&pool, &upstream, "GET").await.unwrap()).await, "ok");
    assert_eq!(upstream.counts(), (2, 3));
}

#[tokio::test]
async fn an_event_stream_may_be_silent_for_longer_than_other_answers() {
    const HEAD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: ";
    const EVENTS: Act = Act::Write("Text/Event-Stream; charset=utf-8\r\n\r\n");
    const PLAIN: Act = Act::Write("text/plain\r\n\r\n");
    const REST: Act = Act::Write("3\r\nabc\r\n0\r\n\r\n");
    const SCRIPTS: [(Script, bool); 2] = [
        (&[&[Act::Write(HEAD), EVENTS, Act::Wait(200), REST]], true),
        (&[&[Act::Write(HEAD), PLAIN, Act::Wait(200), REST]], false),
    ];
    let pool = pool(|_| {});
    for (script, is_whole) in SCRIPTS {
        let upstream = Upstream::start(script).await;
        let waits = Waits { idle: Duration::from_millis(50), ..waits() };
        let answer = pool.send_for(Whose::default(), &upstream.at, || head("GET"), empty(), waits).await.unwrap();
        assert_eq!(answer.into_body().collect().await.is_ok(), is_whole, "{script:?}");
    }
}

#[tokio::test]
async fn a_request_with_an_effect_is_never_sent_twice() {
    let upstream = Upstream::start(&[&[WHOLE], &[Act::Close]]).await;
    let pool = pool(|_| {});
    text(send(&pool, &upstream, "GET").await.unwrap()).await;
    let error = send(&pool, &upstream, "POST").await.unwrap_err();
    assert!(matches!(error, UpstreamError::Broken(_)) && error.reason() == Reason::UpstreamBroken);
    assert_eq!(upstream.counts(), (1, 2));
}

#[tokio::test]
async fn a_new_connection_that_breaks_is_not_tried_again() {
    let upstream = Upstream::start(&[&[Act::Close]]).await;
    assert!(matches!(send(&pool(|_| {}), &upstream, "GET").await, Err(UpstreamError::Broken(_))));
    assert_eq!(upstream.counts(), (1, 1));
}

#[tokio::test]
async fn a_kept_connection_that_the_upstream_closed_is_not_used() {
    let upstream = Upstream::start(&[&[WHOLE, Act::Close]]).await;
    let pool = pool(|_| {});
    text(send(&pool, &upstream, "GET").await.unwrap()).await;
    sleep(Duration::from_millis(50)).await;
    assert_eq!(text(send(&pool, &upstream, "POST").await.unwrap()).await, "ok");
    assert_eq!(upstream.counts(), (2, 2));
}

#[tokio::test]
async fn an_upstream_that_says_nothing_is_given_up_in_time() {
    let upstream = Upstream::start(&[&[Act::Wait(5_000)]]).await;
    let error = send(&pool(|_| {}), &upstream, "GET").await.unwrap_err();
    assert!(matches!(error, UpstreamError::Timeout(HEAD_MAX)) && error.reason() == Reason::UpstreamTimeout);
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let url = Url::parse(&format!("http://{}", TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()));
    let error = pool(|_| {}).send(&url.unwrap().into(), || head("GET"), empty(), HEAD_MAX).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Unreachable(_)) && error.reason() == Reason::UpstreamUnreachable);
}

#[tokio::test]
async fn answers_that_are_not_http_are_broken() {
    const NO_STATUS: Script = &[&[Act::Write("hello\r\n\r\n")]];
    const TWO_LENGTHS: Script = &[&[Act::Write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]];
    const FOLDED_LENGTH: Script = &[&[Act::Write("HTTP/1.1 200 OK\r\nContent-Length:\r\n 1\r\n\r\n")]];
    const HALF: Script = &[&[Act::Write("HTTP/1.1 200 OK\r\nContent-Le"), Act::Close]];
    for (script, is_refused) in [(NO_STATUS, true), (TWO_LENGTHS, true), (FOLDED_LENGTH, true), (HALF, false)] {
        let upstream = Upstream::start(script).await;
        let error = send(&pool(|_| {}), &upstream, "GET").await.unwrap_err();
        let is_as_expected = if is_refused {
            matches!(error, UpstreamError::Malformed(_))
        } else {
            matches!(error, UpstreamError::Broken(_))
        };
        assert!(is_as_expected && error.reason() == Reason::UpstreamBroken, "{script:?}: {error:?}");
    }
}

#[tokio::test]
async fn an_odd_head_is_mended_noted_and_its_connection_used_again() {
    const ODD: Act = Act::Write("HTTP/1.1 200 OK\r\nX-A : b\r\n c\r\nContent-Length: 2\r\n\r\nok");
    let upstream = Upstream::start(&[&[ODD]]).await;
    let pool = pool(|_| {});
    for _ in 0..2 {
        let mut answer = send(&pool, &upstream, "GET").await.unwrap();
        assert_eq!(answer.headers()["x-a"], "b c");
        let notes: Option<HeadNotes> = answer.extensions_mut().remove();
        assert!(notes.is_some_and(|notes| notes.mended.is_some()));
        assert_eq!(text(answer).await, "ok");
    }
    assert_eq!(upstream.counts(), (1, 2));
}

#[tokio::test]
async fn an_upstream_that_dies_or_stalls_in_the_middle_breaks_the_body() {
    const LENGTH: Act = Act::Write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    const CHUNKED: Act = Act::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    const DIES: [Script; 2] = [&[&[LENGTH, Act::Close]], &[&[CHUNKED, Act::Close]]];
    let pool = pool(|_| {});
    let waits = Waits { idle: Duration::from_millis(50), ..waits() };
    for script in DIES {
        let answer = send(&pool, &Upstream::start(script).await, "GET").await.unwrap();
        assert!(matches!(answer.into_body().collect().await, Err(BodyError::Broken(_))));
    }
    let stalled = Upstream::start(&[&[LENGTH, Act::Wait(5_000)]]).await;
    let sent = pool.send_for(Whose::default(), &stalled.at, || head("GET"), empty(), waits);
    assert!(matches!(sent.await.unwrap().into_body().collect().await, Err(BodyError::Idle(_))));
    assert_eq!(pool.kept(), 0);
}

#[tokio::test]
async fn trailers_end_at_the_gateway() {
    const HEAD: Act = Act::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-User\r\n\r\n");
    let upstream = Upstream::start(&[&[HEAD, Act::Write("2\r\nok\r\n0\r\nX-User: root\r\n\r\n")]]).await;
    let pool = pool(|_| {});
    let collected = send(&pool, &upstream, "GET").await.unwrap().into_body().collect().await.unwrap();
    assert!(collected.trailers().is_none());
    assert_eq!((collected.to_bytes(), pool.kept()), (Bytes::from("ok"), 1));
}

#[tokio::test]
async fn an_answer_in_a_coding_that_nobody_undoes_is_broken() {
    const GZIP: Act = Act::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
    let error = send(&pool(|_| {}), &Upstream::start(&[&[GZIP]]).await, "GET").await.unwrap_err();
    assert!(
        matches!(error, UpstreamError::Malformed(MendError::Coding(_))) && error.reason() == Reason::UpstreamBroken
    );
}

#[tokio::test]
async fn a_connection_that_said_both_framings_or_spoke_http_1_0_is_not_used_again() {
    const BOTH: Act =
        Act::Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    const OLD: Act = Act::Write("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok");
    const EMPTY: Act = Act::Write("HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n");
    const ODD: [(Script, &str); 3] = [(&[&[BOTH]], "ok"), (&[&[OLD]], "ok"), (&[&[EMPTY]], "")];
    for (script, body) in ODD {
        let (upstream, pool) = (Upstream::start(script).await, pool(|_| {}));
        for _ in 0..2 {
            assert_eq!(text(send(&pool, &upstream, "GET").await.unwrap()).await, body);
            assert_eq!(pool.kept(), 0, "{script:?}");
        }
        assert_eq!(upstream.counts(), (2, 2), "{script:?}");
    }
}

#[tokio::test]
async fn two_sites_that_lead_to_one_application_share_no_connection() {
    let (upstream, pool) = (Upstream::start(&[&[WHOLE]]).await, pool(|_| {}));
    for site in ["crm.example.com", "shop.example.com", "crm.example.com"] {
        let at = crate::forward::Upstream { site: site.to_owned(), ..upstream.at.clone() };
        text(pool.send(&at, || head("GET"), empty(), HEAD_MAX).await.unwrap()).await;
    }
    assert_eq!((upstream.counts(), pool.kept()), ((2, 3), 2));
}

#[tokio::test]
async fn a_connection_on_which_more_may_come_behind_an_answer_without_a_body_is_lent_to_nobody() {
    const fn of(head: &'static str) -> [Act; 1] {
        [Act::Write(head)]
    }
    const PLAIN: [[Act; 1]; 4] = [
        of("HTTP/1.1 204 No Content\r\n\r\n"),
        of("HTTP/1.1 304 Not Modified\r\n\r\n"),
        of("HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n"),
        of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ];
    const ODD: [[Act; 1]; 7] = [
        of("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"),
        of("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
        of("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
        of("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"),
        of("HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\nContent-Length: 9\r\n\r\n"),
        of("HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
        of("HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\n\r\nok"),
    ];
    const RESET: [Act; 1] = of("HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n");
    let scripts: [(&'static [Act; 1], _, _); 14] = [
        (&PLAIN[0], "GET", 1),
        (&PLAIN[1], "GET", 1),
        (&PLAIN[2], "GET", 1),
        (&PLAIN[3], "GET", 1),
        (&RESET, "GET", 1),
        (&ODD[0], "GET", 0),
        (&ODD[1], "DELETE", 0),
        (&ODD[2], "GET", 0),
        (&ODD[3], "GET", 0),
        (&ODD[4], "GET", 0),
        (&ODD[5], "GET", 0),
        (&ODD[6], "GET", 0),
        (&PLAIN[1], "HEAD", 0),
        (&[Act::Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")], "HEAD", 0),
    ];
    for (acts, method, kept) in scripts {
        let (upstream, pool) = (Upstream::start(Box::leak(Box::new([&acts[..]]))).await, pool(|_| {}));
        text(send(&pool, &upstream, method).await.unwrap()).await;
        assert_eq!(pool.kept(), kept, "{method} {acts:?}");
    }
}

fn upload(pieces: Vec<(u64, Result<&'static str, BodyError>)>) -> Body {
    let pieces = stream::iter(pieces).then(|(millis, piece)| async move {
        sleep(Duration::from_millis(millis)).await;
        piece.map(|text| Frame::data(Bytes::from(text)))
    });
    StreamBody::new(pieces).boxed_unsync()
}

#[tokio::test]
async fn a_slow_upload_may_take_longer_than_the_wait_for_the_head() {
    let upstream = Upstream::start(&[&[Act::Wait(700), WHOLE, Act::Close]]).await;
    let pieces = (0..6).map(|_| (120, Ok("abc"))).collect();
    let answer = pool(|_| {}).send(&upstream.at, || head("POST"), upload(pieces), HEAD_MAX).await.unwrap();
    assert_eq!(text(answer).await, "ok");
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_upload_ends_its_connection() {
    let upstream = Upstream::start(&[&[WHOLE, Act::Wait(1_000)]]).await;
    let pool = pool(|_| {});
    let answer =
        pool.send(&upstream.at, || head("POST"), upload(vec![(0, Ok("a")), (5_000, Ok("b"))]), HEAD_MAX).await.unwrap();
    assert_eq!(text(answer).await, "ok");
    assert_eq!(pool.kept(), 0);
}

/// RFC 9112 9.5. Each piece goes out alone, and the runtime does not look at the socket in between: the second write fails.
#[tokio::test]
async fn an_answer_is_heard_of_an_application_that_has_closed_before_it_read_the_upload() {
    for (said, expected) in [("HTTP/1.1 413 Too Long\r\nContent-Length: 2\r\n\r\nok", Some(413)), ("", None)] {
        let (url, is_closed) = closes_after_its_head(said);
        let mut turn = 0;
        let pieces = stream::poll_fn(move |cx| {
            turn += 1;
            if turn % 2 == 1 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            if turn == 2 {
                is_closed.recv().unwrap();
            }
            Poll::Ready((turn <= 8).then(|| Ok(Frame::data(Bytes::from_static(b"piece")))))
        });
        let (pool, body) = (pool(|_| {}), StreamBody::new(pieces).boxed_unsync());
        match (pool.send(&url, || head("POST"), body, HEAD_MAX).await, expected) {
            (Ok(answer), Some(status)) => {
                assert_eq!(answer.status().as_u16(), status);
                assert_eq!(text(answer).await, "ok");
            }
            (answer, expected) => {
                assert!(matches!(answer, Err(UpstreamError::Broken(_))) && expected.is_none(), "{said:?} {answer:?}");
            }
        }
        assert_eq!(pool.kept(), 0);
    }
}

/// On a thread of its own, so that a test may stand still until it has closed.
fn closes_after_its_head(said: &'static str) -> (crate::forward::Upstream, mpsc::Receiver<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap().into();
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut lines = BufReader::new(listener.accept().unwrap().0);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            lines.read_line(&mut line).unwrap();
        }
        lines.get_mut().write_all(said.as_bytes()).unwrap();
        drop(lines);
        tell.send(()).unwrap();
    });
    (url, told)
}

#[tokio::test]
async fn a_browser_that_breaks_off_its_upload_is_not_the_upstreams_fault() {
    let upstream = Upstream::start(&[&[Act::Wait(1_000)]]).await;
    let body = upload(vec![(0, Ok("a")), (0, Err(BodyError::Cut("gone")))]);
    let error = pool(|_| {}).send(&upstream.at, || head("POST"), body, HEAD_MAX).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Browser(_)), "{error:?}");
}

#[tokio::test]
async fn a_browser_that_leaves_takes_the_upstream_connection_with_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap().into();
    let pool = pool(|_| {});
    let upstream = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(read_head(&mut stream).await);
        stream
    };
    let mut stream = tokio::select! {
        stream = upstream => stream,
        _ = pool.send(&url, || head("GET"), empty(), Duration::from_secs(9)) => panic!("nothing was answered"),
    };
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_protocol_switch_that_nobody_asked_for_is_refused() {
    const SWITCH: Act =
        Act::Write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    let error = send(&pool(|_| {}), &Upstream::start(&[&[SWITCH]]).await, "GET").await.unwrap_err();
    assert_eq!(error.reason(), Reason::UpstreamBroken);
}
