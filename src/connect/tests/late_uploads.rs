//! Requests that are still going out behind their answer.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderValue, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{Sleep, sleep, timeout},
};

use super::*;
use crate::{
    body::BodyError,
    connect::{PinOwner, PinSlot, Whose},
    identity::SessionMark,
};

const PIECES: usize = 20;
const PIECE: &[u8] = &[b'a'; 16 * 1024];
const PAUSE: Duration = Duration::from_millis(5);

/// Answers each request with this before it reads the body, which it reads then; tells how long each was, and on which connection.
async fn early(answer: &'static str) -> (crate::forward::Upstream, UnboundedReceiver<(usize, usize)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (told, hear) = unbounded_channel();
    tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            let told = told.clone();
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                while let Some(length) = body_length(&mut stream).await {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                    sleep(PAUSE * 4).await;
                    let mut body = vec![0; length];
                    let length = if stream.read_exact(&mut body).await.is_ok() { length } else { 0 };
                    told.send((number, length)).unwrap();
                }
            });
        }
    });
    (url.into(), hear)
}

/// Reads a head; what its length is.
async fn body_length(stream: &mut BufReader<TcpStream>) -> Option<usize> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        if line == "\r\n" {
            return Some(length);
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
}

fn upload_head() -> Parts {
    let mut head = head("POST");
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(PIECES * PIECE.len()));
    head
}

/// Comes more slowly than the answer; breaks off after so many pieces, if it does.
fn upload(pieces: usize) -> Body {
    Upload { left: PIECES, breaks_at: PIECES.checked_sub(pieces), pause: Box::pin(sleep(PAUSE)) }.boxed_unsync()
}

struct Upload {
    left: usize,
    breaks_at: Option<usize>,
    pause: Pin<Box<Sleep>>,
}

impl HttpBody for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        ready!(self.pause.as_mut().poll(cx));
        if Some(self.left) == self.breaks_at {
            return Poll::Ready(Some(Err(BodyError::Reset)));
        }
        self.pause = Box::pin(sleep(PAUSE));
        self.left -= 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(PIECE)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.left * PIECE.len()) as u64)
    }
}

async fn told(hear: &mut UnboundedReceiver<(usize, usize)>) -> (usize, usize) {
    timeout(Duration::from_secs(5), hear.recv()).await.unwrap().unwrap()
}

const WHOLE_UPLOAD: usize = PIECES * PIECE.len();
const KEPT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const EMPTY: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const LAST: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
const OLD: &str = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok";
const DOUBTFUL: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok";

#[tokio::test]
async fn the_end_of_an_answer_does_not_end_its_request() {
    for (answer, kept) in [(KEPT, 1), (EMPTY, 1), (LAST, 0), (OLD, 0), (DOUBTFUL, 0)] {
        let (upstream, mut hear) = early(answer).await;
        let pool = pool(|_| {});
        let sent = pool.send(&upstream, upload_head, upload(PIECES + 1), HEAD_MAX).await.unwrap();
        assert!(text(sent).await.len() <= 2);
        assert_eq!(pool.kept(), 0, "{answer}: the request is not out");
        assert_eq!(told(&mut hear).await, (0, WHOLE_UPLOAD), "{answer}");
        sleep(PAUSE * 4).await;
        assert_eq!(pool.kept(), kept, "{answer}");
    }
}

/// Nobody needs the rest.
#[tokio::test]
async fn the_end_of_an_answer_of_an_error_ends_its_request() {
    let (upstream, mut hear) = early("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno").await;
    let pool = pool(|_| {});
    text(pool.send(&upstream, upload_head, upload(PIECES + 1), HEAD_MAX).await.unwrap()).await;
    assert_eq!((told(&mut hear).await, pool.kept()), ((0, 0), 0));
}

#[tokio::test]
async fn an_upload_that_breaks_off_behind_its_answer_closes_the_connection() {
    let (upstream, mut hear) = early(KEPT).await;
    let pool = pool(|limits| limits.in_flight = 1);
    text(pool.send(&upstream, upload_head, upload(PIECES / 2), HEAD_MAX).await.unwrap()).await;
    assert_eq!((told(&mut hear).await, pool.kept()), ((0, 0), 0));
    text(pool.send(&upstream, upload_head, upload(PIECES + 1), HEAD_MAX).await.unwrap()).await;
    assert_eq!(told(&mut hear).await, (1, WHOLE_UPLOAD));
}

/// A challenge comes before the upload is read; its answer is to find the connection.
#[tokio::test]
async fn a_connection_that_is_signed_in_waits_for_the_upload_before_its_next_request() {
    const CHALLENGE: &str = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM\r\nContent-Length: 2\r\n\r\nno";
    let session = |number| move || SessionMark::numbered(number);
    for (other, connection) in [(None, 0), (Some(2), 1)] {
        let (upstream, mut hear) = early(CHALLENGE).await;
        let (pool, slot) = (pool(|_| {}), PinSlot::default());
        let address = "192.0.2.1".parse().unwrap();
        let ask = async |body| {
            let owner = PinOwner { slot: &slot, address, session: &session(1) };
            let whose = Whose { owner: Some(owner), rest: None };
            text(pool.send_for(whose, &upstream, upload_head, body, waits()).await.unwrap()).await
        };
        ask(upload(PIECES + 1)).await;
        if let Some(other) = other {
            slot.keep_only(|| Some(session(other)()));
        }
        ask(upload(PIECES + 1)).await;
        assert_eq!(told(&mut hear).await, (0, WHOLE_UPLOAD));
        assert_eq!(told(&mut hear).await, (connection, WHOLE_UPLOAD), "{other:?}");
    }
}
