//! One upstream connection, and how far the request on it has been sent.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::client::conn::http1::SendRequest;
use tokio::task::AbortHandle;

use super::{Body, BodyError};

/// A connection; dropped, it is closed at once, whatever was going on.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Body>,
    task: Option<AbortHandle>,
}

impl Connection {
    pub(super) fn new(sender: SendRequest<Body>, task: AbortHandle) -> Self {
        Self { sender, task: Some(task) }
    }

    /// Lets the connection live on without us: it becomes a tunnel.
    pub(super) fn detach(mut self) {
        self.task = None;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
    }
}

/// How far the request's body has been sent.
#[derive(Debug, Default)]
pub(super) struct SentBody {
    pieces: AtomicU64,
    is_whole: AtomicBool,
}

impl SentBody {
    /// Watches a request's body from now on.
    pub(super) fn watch(body: Body) -> (Body, Arc<Self>) {
        let sent = Arc::new(Self::default());
        if body.is_end_stream() {
            sent.is_whole.store(true, Ordering::Relaxed);
            return (body, sent);
        }
        (WatchedBody { body, sent: Arc::clone(&sent) }.boxed_unsync(), sent)
    }

    pub(super) fn pieces(&self) -> u64 {
        self.pieces.load(Ordering::Relaxed)
    }

    pub(super) fn is_whole(&self) -> bool {
        self.is_whole.load(Ordering::Relaxed)
    }
}

struct WatchedBody {
    body: Body,
    sent: Arc<SentBody>,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.sent.pieces.fetch_add(1, Ordering::Relaxed);
        if frame.is_none() || self.body.is_end_stream() {
            self.sent.is_whole.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
