//! How far a request's body has been sent, and the body itself as long as nothing of it was taken.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;

use super::origin::lock;
use crate::body::{Body, BodyError, empty};

/// How far the request's body has been sent. Without a body there is nothing to wait for.
#[derive(Debug)]
pub(super) struct SentBody(Option<Arc<Sent>>);

struct Sent {
    pieces: AtomicU64,
    is_whole: AtomicBool,
    /// Its next piece was asked for, and has not come from the browser yet.
    is_awaited: AtomicBool,
    /// None once it was taken back.
    body: Mutex<Option<Body>>,
}

impl SentBody {
    /// Watches a request's body from now on.
    pub(super) fn watch(body: Body) -> (Body, Self) {
        if body.is_end_stream() {
            return (body, Self(None));
        }
        let body = Mutex::new(Some(body));
        let (pieces, is_whole, is_awaited) = Default::default();
        let sent = Arc::new(Sent { pieces, is_whole, is_awaited, body });
        (WatchedBody(Arc::clone(&sent)).boxed_unsync(), Self(Some(sent)))
    }

    /// Whether there never was a body.
    pub(super) const fn is_nothing(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn pieces(&self) -> u64 {
        self.0.as_ref().map_or(0, |sent| sent.pieces.load(Ordering::Relaxed))
    }

    pub(super) fn is_whole(&self) -> bool {
        self.0.as_ref().is_none_or(|sent| sent.is_whole.load(Ordering::Relaxed))
    }

    /// Whether its next piece is the browser's to send.
    pub(super) fn is_awaited(&self) -> bool {
        self.0.as_ref().is_some_and(|sent| sent.is_awaited.load(Ordering::Relaxed))
    }

    /// The body, where it may be sent again and no byte of it has been taken; whoever was to send it gets nothing of it any more.
    pub(super) fn take_back_if(&self, may_be_sent_again: bool) -> Option<Body> {
        if may_be_sent_again { self.take_back() } else { None }
    }

    fn take_back(&self) -> Option<Body> {
        let Some(sent) = &self.0 else { return Some(empty()) };
        let mut body = lock(&sent.body);
        // Counted while the lock is held.
        if sent.pieces.load(Ordering::Relaxed) == 0 { body.take() } else { None }
    }
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sent").field("pieces", &self.pieces).field("is_whole", &self.is_whole).finish_non_exhaustive()
    }
}

struct WatchedBody(Arc<Sent>);

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let sent = &self.0;
        let mut held = lock(&sent.body);
        let Some(body) = held.as_mut() else { return Poll::Ready(Some(Err(BodyError::Cut(TAKEN_BACK)))) };
        let frame = Pin::new(&mut *body).poll_frame(cx);
        sent.is_awaited.store(frame.is_pending(), Ordering::Relaxed);
        let frame = ready!(frame);
        sent.pieces.fetch_add(1, Ordering::Relaxed);
        if frame.is_none() || body.is_end_stream() {
            sent.is_whole.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        lock(&self.0.body).as_ref().is_some_and(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        lock(&self.0.body).as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

const TAKEN_BACK: &str = "it goes out on another connection";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::full;

    #[tokio::test]
    async fn a_body_is_taken_back_as_long_as_nothing_of_it_was_taken() {
        let (mut watched, sent) = SentBody::watch(full("abc"));
        assert_eq!((sent.pieces(), sent.is_whole(), watched.size_hint().exact()), (0, false, Some(3)));
        let (again, sent) = SentBody::watch(sent.take_back().expect("nothing was taken"));
        assert!(matches!(watched.frame().await, Some(Err(BodyError::Cut(TAKEN_BACK)))));
        assert_eq!(again.collect().await.unwrap().to_bytes(), "abc");
        assert!(sent.is_whole() && sent.take_back().is_none());
        assert!(SentBody::watch(empty()).1.take_back().is_some());
    }
}
