//! One upstream connection: lent for one request, given back when its answer has been read to the end.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::{body::Incoming, client::conn::http1::SendRequest};
use tokio::{sync::OwnedSemaphorePermit, task::AbortHandle};

use super::{
    Body, BodyError,
    body::{TimedBody, empty},
    pool::Origin,
};

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

/// A connection while its answer is being read. Dropped early (the browser left, the body broke), it is closed.
pub(super) struct Lease {
    pub(super) connection: Connection,
    pub(super) origin: Arc<Origin>,
    pub(super) permit: OwnedSemaphorePermit,
    pub(super) sent: Arc<SentBody>,
}

impl Lease {
    /// The answer's body, which gives the connection back at its end.
    pub(super) fn into_body(self, incoming: Incoming, idle_max: Duration) -> Body {
        if incoming.is_end_stream() {
            self.give_back();
            return empty();
        }
        LeasedBody { body: TimedBody::new(incoming, idle_max), lease: Some(self) }.boxed_unsync()
    }

    /// RFC 9112 9.3: a connection whose request has not been sent whole is not used again.
    fn give_back(self) {
        if self.sent.is_whole() {
            self.origin.put_idle(self.connection);
        }
        drop(self.permit);
    }
}

struct LeasedBody {
    body: TimedBody,
    lease: Option<Lease>,
}

impl HttpBody for LeasedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(_)) if !self.body.is_end_stream() => {}
            // The last piece, or the end itself: a reader need not ask again.
            Some(Ok(_)) | None => drop(self.lease.take().map(Lease::give_back)),
            Some(Err(_)) => drop(self.lease.take()),
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
