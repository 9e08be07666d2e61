//! The stream under hyper: what it hands on of what comes in any pieces, and what it tells of it.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use http::Method;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use super::{Act, HEAD_MAX, Script, Upstream, UpstreamError, WHOLE, pool, send, text};
use crate::connect::{mended::MendedHeads, mending::Mending};

/// Gives one piece at a time, then the end, or what TLS makes of one that was not said.
struct Pieces(VecDeque<Vec<u8>>, Option<io::ErrorKind>);

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some(mut piece) = self.0.pop_front() {
            let rest = piece.split_off(piece.len().min(buf.remaining()));
            buf.put_slice(&piece);
            if !rest.is_empty() {
                self.0.push_front(rest);
            }
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(self.1.map_or(Ok(()), |kind| Err(kind.into())))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn stream(bytes: &str, step: usize) -> (MendedHeads<Pieces>, Mending) {
    ending((bytes, step), None)
}

fn ending((bytes, step): (&str, usize), end: Option<io::ErrorKind>) -> (MendedHeads<Pieces>, Mending) {
    let (pieces, mending) = (bytes.as_bytes().chunks(step).map(<[u8]>::to_vec).collect(), Mending::default());
    (MendedHeads::new(Pieces(pieces, end), mending.clone()), mending)
}

/// What hyper reads of an answer that comes in pieces of so many bytes.
async fn read(bytes: &str, step: usize) -> (String, Result<(), String>, Mending) {
    let (mut stream, mending) = stream(bytes, step);
    mending.expect(&Method::GET);
    let mut out = Vec::new();
    let ended = stream.read_to_end(&mut out).await.map(drop).map_err(|error| error.to_string());
    (String::from_utf8(out).unwrap(), ended, mending)
}

const STEPS: [usize; 5] = [1, 2, 3, 7, 4_000];

#[tokio::test]
async fn a_plain_answer_passes_as_it_is_and_nothing_is_told() {
    let answer = "HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nServer: a\r\nTransfer-Encoding: chunked\r\n\r\n\
                  3\r\nabc\r\n0\r\n\r\nwhatever follows : is\n hyper's";
    for step in STEPS {
        let (out, ended, mending) = read(answer, step).await;
        assert_eq!((out.as_str(), ended), (answer, Ok(())), "{step}");
        assert!(!mending.is_doubtful() && mending.take_notes().is_none() && mending.take_refusal().is_none());
    }
}

#[tokio::test]
async fn an_odd_head_is_mended_and_its_body_passes_as_it_is() {
    let answer = "HTTP/1.1 100 Continue\r\nA : b\r\n\r\nHTTP/1.1 200 OK\r\nX : y\r\nLong: a\r\n b\r\nno colon\r\nContent-Length: 9\r\n\r\nA : b\r\n c\n";
    let expected = "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\nLong: a b\r\nContent-Length: 9\r\n\r\nA : b\r\n c\n";
    for step in STEPS {
        let (out, ended, mending) = read(answer, step).await;
        assert_eq!((out.as_str(), ended), (expected, Ok(())), "{step}");
        let notes = mending.take_notes().unwrap();
        assert!(notes.mended.is_some() && notes.dropped.is_some() && notes.framing.is_none());
        assert!(!mending.is_doubtful() && mending.take_notes().is_none());
    }
}

#[tokio::test]
async fn chunks_become_chunks_by_the_letter_wherever_a_line_feed_is_bare() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for body in [
        "3\nabc\n1;x\nd\n0\n\n",
        "3\nabc\r\n1;x\r\nd\r\n0\r\n\r\n",
        "3\r\nabc\r\n1;x\nd\r\n0\r\n\r\n",
        "3\r\nabc\r\n1;x\r\nd\n0\r\n\r\n",
        "3\r\nabc\r\n1;x\r\nd\r\n0\n\r\n",
        "3\r\nabc\r\n1;x\r\nd\r\n0\r\n\n",
        "3\r\nabc\r\n1;x\r\nd\r\n0\r\nA: b\n\r\n",
    ] {
        for step in STEPS {
            let (out, ended, mending) = read(&format!("{head}{body}HTTP/1.1 200"), step).await;
            assert_eq!(out, format!("{head}3\r\nabc\r\n1\r\nd\r\n0\r\n\r\nHTTP/1.1 200"), "{body:?} {step}");
            assert!(ended.is_ok() && mending.is_doubtful() && mending.take_notes().unwrap().framing.is_some());
        }
    }
}

#[tokio::test]
async fn trailers_are_not_read_and_what_is_no_chunk_is_told() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for step in STEPS {
        let (out, ended, mending) = read(&format!("{head}1\r\na\r\n0\r\nA : b\r\n\0\r\n c\r\n\r\n"), step).await;
        assert_eq!((out, ended), (format!("{head}1\r\na\r\n0\r\n\r\n"), Ok(())), "{step}");
        assert!(!mending.is_doubtful() && mending.take_notes().is_none());
        let (out, ended, _) = read(&format!("{head}1\r\nabc\r\n0\r\n\r\n"), step).await;
        assert_eq!((out, ended), (format!("{head}1\r\na"), Err("chunk is longer than its size".into())), "{step}");
    }
}

#[tokio::test]
async fn chunks_of_http10_are_undone_where_they_are_chunks_and_seen_to_be_cut() {
    let head = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for step in STEPS {
        for (body, expected, is_whole) in [
            ("3\r\nabc\r\n0\r\n\r\n", "abc", true),
            ("3\nabc\n0\n\nmore", "abc", true),
            ("<p>no chunk</p>", "<p>no chunk</p>", true),
            ("", "", true),
            ("3f", "3f", true),
            ("3\r\nabc\r\n", "abc", false),
            ("3\r\nabcd\r\n0\r\n\r\n", "abc", false),
        ] {
            let (out, ended, mending) = read(&format!("{head}{body}"), step).await;
            assert_eq!(out, format!("HTTP/1.0 200 OK\r\n\r\n{expected}"), "{body:?} {step}");
            assert_eq!((ended.is_ok(), mending.is_doubtful()), (is_whole, true), "{body:?} {step}");
        }
    }
}

#[tokio::test]
async fn tls_that_ends_without_its_last_word_ends_a_body_that_ends_with_the_connection() {
    const UNSAID: io::ErrorKind = io::ErrorKind::UnexpectedEof;
    for (answer, expected, is_whole) in [
        ("HTTP/1.1 200 OK\r\n\r\nabc", "HTTP/1.1 200 OK\r\n\r\nabc", true),
        ("HTTP/1.0 200 OK\r\nA : b\r\n\r\nabc", "HTTP/1.0 200 OK\r\nA: b\r\n\r\nabc", true),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<p>", "HTTP/1.0 200 OK\r\n\r\n<p>", true),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3", "HTTP/1.0 200 OK\r\n\r\n3", true),
        // Whatever says by itself where it ends, and a head.
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", "HTTP/1.0 200 OK\r\n\r\nabc", false),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            false,
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", false),
        ("HTTP/1.1 200 OK\r\nA: b\r\n", "", false),
        ("", "", false),
    ] {
        for step in STEPS {
            let (mut stream, mending) = ending((answer, step), Some(UNSAID));
            mending.expect(&Method::GET);
            let mut out = Vec::new();
            let ended = stream.read_to_end(&mut out).await;
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{answer:?} {step}");
            assert_eq!(ended.is_ok(), is_whole, "{answer:?} {step}");
            let note = mending.take_notes().and_then(|notes| notes.framing);
            assert!(!is_whole || note.is_some(), "{answer:?} {step}");
        }
    }
    // Another failure is one.
    let (mut stream, mending) = ending(("HTTP/1.1 200 OK\r\n\r\nabc", 7), Some(io::ErrorKind::ConnectionReset));
    mending.expect(&Method::GET);
    assert!(stream.read_to_end(&mut Vec::new()).await.is_err());
}

#[tokio::test]
async fn what_is_refused_is_told_and_ends_the_reading() {
    for (answer, said) in [
        ("HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello", "malformed line about framing: \"Content-Length : 5\""),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "contradiction about framing: \"Content-Length: 6\"",
        ),
        ("hello", "first line is no status line of http/1: no HTTP/ at its beginning"),
        ("HTTP/1.1 200 OK\r\nA: \0\r\n\r\n", "head holds a NUL"),
    ] {
        for step in STEPS {
            let (out, ended, mending) = read(answer, step).await;
            assert_eq!((out.as_str(), ended), ("", Err(said.to_owned())), "{step}");
            assert_eq!(mending.take_refusal().map(|error| error.to_string()), Some(said.to_owned()));
        }
    }
    // Where the body comes later, its head has gone out.
    for head in
        ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"]
    {
        for body in ["<p>", "0x1\r\n", "\r\n", "fffffffffffffffff\r\n"] {
            let (out, ended, mending) = read(&format!("{head}{body}"), 4_000).await;
            let said = "contradiction about framing: \"Transfer-Encoding: chunked\", and the body does not begin with the size of a chunk";
            assert_eq!((out.as_str(), ended), ("", Err(said.to_owned())), "{body:?}");
            assert!(mending.take_refusal().is_some());
        }
    }
    let large = format!("HTTP/1.1 200 OK\r\nA: {}\r\n", "b".repeat(70_000));
    assert_eq!(read(&large, 4_000).await.1, Err("head larger than 65536 bytes".to_owned()));
    for step in [4_000, 69_000, 100_000] {
        let (out, ended, _) = read(&format!("{large}\r\n"), step).await;
        assert_eq!((out.as_str(), ended), ("", Err("head larger than 65536 bytes".to_owned())), "{step}");
    }
    // Hyper says that it is no whole head.
    assert_eq!(read("HTTP/1.1 200 OK\r\nA : b\r\n", 3).await.0, "");
}

#[tokio::test]
async fn only_the_answer_to_a_request_is_looked_at() {
    let (mut stream, mending) = stream("A : b\r\n\r\n", 4_000);
    let mut out = String::new();
    stream.read_to_string(&mut out).await.unwrap();
    assert_eq!(out, "A : b\r\n\r\n");
    assert!(!mending.is_doubtful());
}

#[tokio::test]
async fn a_small_buffer_gets_it_all_in_the_end() {
    let (mut stream, mending) = stream("HTTP/1.1 200 OK\r\nX-Long : one\r\n two\r\nContent-Length: 2\r\n\r\nok", 4_000);
    mending.expect(&Method::GET);
    let mut out = Vec::new();
    let mut small = [0; 4_096];
    loop {
        let count = (&mut stream).take(4_096).read(&mut small[..]).await.unwrap();
        if count == 0 {
            break;
        }
        out.extend_from_slice(&small[..count]);
    }
    assert_eq!(out, b"HTTP/1.1 200 OK\r\nX-Long: one two\r\nContent-Length: 2\r\n\r\nok");
}

#[tokio::test]
async fn whatever_is_doubtful_about_the_framing_is_the_last_of_its_connection() {
    const IDENTITY: Act = Act::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok");
    const TWICE: Act = Act::Write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    );
    const LOOSE: Act = Act::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\n0\n\n");
    const LATE: Act = Act::Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\n");
    const LIST: Act = Act::Write("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok");
    const SCRIPTS: [Script; 5] = [&[&[IDENTITY]], &[&[TWICE]], &[&[LOOSE]], &[&[LATE]], &[&[LIST]]];
    for script in SCRIPTS {
        let (upstream, pool) = (Upstream::start(script).await, pool(|_| {}));
        for _ in 0..2 {
            assert_eq!(text(send(&pool, &upstream, "GET").await.unwrap()).await, "ok", "{script:?}");
        }
        assert_eq!((pool.kept(), upstream.counts()), (0, (2, 2)), "{script:?}");
    }
}

#[tokio::test]
async fn an_interim_answer_begins_the_wait_anew_and_silence_behind_it_ends_it() {
    const INTERIM: Act = Act::Write("HTTP/1.1 102 Processing\r\n\r\n");
    const ODD_INTERIM: Act = Act::Write("HTTP/1.1 102 Processing\r\nA : b\r\n\r\n");
    const PAUSE: Act = Act::Wait(200);
    const SCRIPTS: [Script; 2] =
        [&[&[INTERIM, PAUSE, INTERIM, PAUSE, WHOLE]], &[&[PAUSE, ODD_INTERIM, PAUSE, ODD_INTERIM, WHOLE]]];
    for script in SCRIPTS {
        let upstream = Upstream::start(script).await;
        assert_eq!(text(send(&pool(|_| {}), &upstream, "GET").await.unwrap()).await, "ok", "{script:?}");
    }
    let upstream = Upstream::start(&[&[INTERIM, Act::Wait(5_000)]]).await;
    let error = send(&pool(|_| {}), &upstream, "GET").await.unwrap_err();
    assert!(matches!(error, UpstreamError::Timeout(HEAD_MAX)), "{error}");
}
