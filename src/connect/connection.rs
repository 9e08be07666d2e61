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
use http::Method;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::client::conn::http1::SendRequest;
use tokio::task::AbortHandle;

use super::{heard_out::Closed, mended::Mending};
use crate::{
    body::{Body, BodyError},
    forward::{HeadNotes, MendError},
};

/// A connection; dropped, it is closed at once, whatever was going on.
pub(super) struct Connection {
    pub(super) sender: SendRequest<Body>,
    /// Some request on it had an `Authorization`: by that it may have been signed in.
    pub(super) has_carried_credentials: bool,
    task: Option<AbortHandle>,
    is_closed: Closed,
    mending: Mending,
}

impl Connection {
    pub(super) fn new(sender: SendRequest<Body>, task: AbortHandle, (is_closed, mending): (Closed, Mending)) -> Self {
        Self { sender, has_carried_credentials: false, task: Some(task), is_closed, mending }
    }

    /// A request of this method leaves on it.
    pub(super) fn expect(&self, method: &Method) {
        self.mending.expect(method);
    }

    /// Whether another request may leave on it, as far as the bytes of its answers tell.
    pub(super) fn is_beyond_doubt(&self) -> bool {
        !self.mending.is_doubtful()
    }

    /// What was done to the head of the answer, if anything was.
    pub(super) fn take_notes(&self) -> Option<HeadNotes> {
        self.mending.take_notes()
    }

    /// Why the head of the answer could not be passed on, if that is what failed.
    pub(super) fn take_refusal(&self) -> Option<MendError> {
        self.mending.take_refusal()
    }

    /// Whether something could not be sent on it any more.
    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
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

/// How far the request's body has been sent. Without a body there is nothing to wait for.
#[derive(Debug)]
pub(super) struct SentBody(Option<Arc<SendProgress>>);

#[derive(Debug, Default)]
struct SendProgress {
    pieces: AtomicU64,
    is_whole: AtomicBool,
}

impl SentBody {
    /// Watches a request's body from now on.
    pub(super) fn watch(body: Body) -> (Body, Self) {
        if body.is_end_stream() {
            return (body, Self(None));
        }
        let sent = Arc::<SendProgress>::default();
        (WatchedBody { body, sent: Arc::clone(&sent) }.boxed_unsync(), Self(Some(sent)))
    }

    pub(super) fn pieces(&self) -> u64 {
        self.0.as_ref().map_or(0, |sent| sent.pieces.load(Ordering::Relaxed))
    }

    pub(super) fn is_whole(&self) -> bool {
        self.0.as_ref().is_none_or(|sent| sent.is_whole.load(Ordering::Relaxed))
    }
}

struct WatchedBody {
    body: Body,
    sent: Arc<SendProgress>,
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
