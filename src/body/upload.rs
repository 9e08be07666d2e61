//! The body of a request as its connection gives it, and what becomes of it where nobody reads it.
//!
//! Over HTTP/2 a body that is dropped before its end resets its stream behind the answer (`NO_ERROR`, RFC 9113 8.1). Some clients take
//! that for the end of the answer as well, curl 7.88 and Node's among them. So what still comes is read and thrown away, for a while, as
//! the end of an HTTP/1 connection does it (`listen::linger`). Whoever answers is told how far the body is.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{sleep, timeout_at},
};

use crate::{
    limits::{LINGER_MAX, LINGER_PAUSE_MAX, LINGER_REFUSED_MAX},
    system::Moment,
};

/// The body of a request.
pub(crate) struct Upload {
    /// Away once it is heard out.
    incoming: Option<Incoming>,
    /// None where nobody hears it out.
    progress: Option<Arc<UploadProgress>>,
}

/// How far such a body is.
#[derive(Debug, Default)]
pub(crate) struct UploadProgress {
    pieces: AtomicU64,
    is_over: AtomicBool,
    refused: Notify,
    waker: AtomicWaker,
}

impl UploadProgress {
    /// How many pieces have come.
    pub(crate) fn pieces(&self) -> u64 {
        self.pieces.load(Ordering::Relaxed)
    }

    /// Whether nothing more of it is waited for.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// Ready once that is so.
    pub(crate) fn poll_over(&self, cx: &Context<'_>) -> Poll<()> {
        self.waker.register(cx.waker());
        if self.is_over() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// The answer says that something is wrong: browsers show it once their stream is reset, and it is for them to see soon.
    pub(crate) fn refuse(&self) {
        self.refused.notify_one();
    }

    /// A piece has come.
    pub(crate) fn count(&self) {
        self.pieces.fetch_add(1, Ordering::Relaxed);
    }

    /// Nothing more of it is waited for.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        self.waker.wake();
    }
}

impl Upload {
    /// Of a connection that hears it out itself.
    pub(crate) const fn new(incoming: Incoming) -> Self {
        Self { incoming: Some(incoming), progress: None }
    }

    /// One that is heard out; then, how far it is, unless there is nothing of it.
    pub(crate) fn heard_out(incoming: Incoming) -> (Self, Option<Arc<UploadProgress>>) {
        let progress = (!incoming.is_end_stream()).then(Arc::<UploadProgress>::default);
        (Self { incoming: Some(incoming), progress: progress.clone() }, progress)
    }
}

impl HttpBody for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = &mut *self;
        let Some(incoming) = &mut this.incoming else { return Poll::Ready(None) };
        let frame = Pin::new(&mut *incoming).poll_frame(cx);
        if let (Some(progress), Poll::Ready(frame)) = (&this.progress, &frame) {
            progress.count();
            if !matches!(frame, Some(Ok(_))) || incoming.is_end_stream() {
                progress.end();
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let (Some(incoming), Some(progress)) = (self.incoming.take(), self.progress.take()) else { return };
        match Handle::try_current() {
            Ok(runtime) if !incoming.is_end_stream() => drop(runtime.spawn(hear_out(incoming, progress))),
            Ok(_) | Err(_) => progress.end(),
        }
    }
}

async fn hear_out(mut incoming: Incoming, progress: Arc<UploadProgress>) {
    let end = Moment::now() + LINGER_MAX;
    let heard = async {
        while Moment::now() < end {
            let until = end.min(Moment::now() + LINGER_PAUSE_MAX);
            let Ok(Some(Ok(_))) = timeout_at(until, incoming.frame()).await else { break };
            progress.count();
        }
    };
    // The answer may come meanwhile.
    let refused = async {
        progress.refused.notified().await;
        sleep(LINGER_REFUSED_MAX).await;
    };
    tokio::select! {
        () = heard => {}
        () = refused => {}
    }
    drop(incoming);
    progress.end();
}
