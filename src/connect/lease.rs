//! A connection while its answer is read: given back at the end, closed when anything goes wrong before.
//!
//! An application may answer before it has read the whole request, and go on reading: it says that an upload is taken, or asks for a
//! sign-in. So the end of the answer does not end the request. What is still to come of it goes out, as long as the browser sends it and
//! the application takes it; the place among the requests in flight is kept meanwhile.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::timeout;

use super::{
    connection::Connection,
    origin::{Origin, Permit},
    pinned::Fate,
    sent_body::SentBody,
};
use crate::{
    body::{Body, BodyError, Rest, TimedBody, empty},
    limits::{LATE_UPLOAD_PAUSE_MAX, LINGER_PAUSE_MAX},
};

/// A connection while its answer is being read. Dropped early (the browser left, the body broke), it is closed.
pub(super) struct Lease {
    pub(super) connection: Connection,
    pub(super) origin: Arc<Origin>,
    pub(super) permit: Permit,
    pub(super) sent: SentBody,
    pub(super) fate: Fate,
    /// The answer says that something is wrong.
    pub(super) is_error: bool,
    /// What the answer rests on.
    pub(super) rest: Rest,
}

impl Lease {
    /// The answer's body, which gives the connection back at its end.
    pub(super) fn into_body(mut self, incoming: Incoming, idle_max: Duration) -> Body {
        if incoming.is_end_stream() {
            self.give_back();
            return empty();
        }
        let rest = self.rest.take();
        let body = TimedBody::new(incoming, idle_max, rest);
        LeasedBody { body, lease: Some(self), broken: None, has_begun: false }.boxed_unsync()
    }

    /// The answer has been read. RFC 9112 9.3: a connection whose request has not been sent whole is not used again before it is.
    fn give_back(mut self) {
        let is_to_stay = self.connection.is_beyond_doubt() && !matches!(self.fate, Fate::Closed);
        // Behind an error nobody needs the rest, unless that is how a sign-in begins.
        let is_refused = self.is_error && !matches!(self.fate, Fate::Pinned(_)) && !self.sent.is_whole();
        let is_over = self.connection.is_closed() || self.sent.is_nothing() || is_refused;
        if is_over || is_to_stay && self.sent.is_whole() {
            self.put();
        } else if let Fate::Pinned(pin) = &mut self.fate {
            // The next request on the client connection is to find it.
            let turn = pin.turn();
            tokio::spawn(async move {
                self.see_out().await;
                drop(turn);
            });
        } else {
            tokio::spawn(self.see_out());
        }
    }

    /// Keeps the connection, if there is anybody to keep it for.
    fn put(self) {
        if self.sent.is_whole() && !self.connection.is_closed() && self.connection.is_beyond_doubt() {
            match self.fate {
                // What the host application is may have become known while the answer was read.
                Fate::Shared if self.connection.has_carried_credentials && self.origin.signs_in() => {}
                Fate::Shared => self.origin.put_idle(self.connection),
                Fate::Pinned(pin) => pin.put(self.connection, self.origin),
                Fate::Closed => {}
            }
        }
        drop(self.permit);
    }

    /// Lets the rest of the request go out behind its answer. Its own deadlines hold on.
    async fn see_out(mut self) {
        // Who says that something is wrong may not read on.
        let late_pause = if self.is_error { LINGER_PAUSE_MAX } else { LATE_UPLOAD_PAUSE_MAX };
        loop {
            let seen = self.sent.pieces();
            match timeout(late_pause, self.connection.sender.ready()).await {
                Ok(Ok(())) => break,
                Err(_) if self.sent.pieces() != seen => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
        if matches!(self.fate, Fate::Closed) || !self.connection.is_beyond_doubt() {
            // Its last bytes may still be here.
            self.connection.end(late_pause).await;
        } else {
            self.put();
        }
    }
}

struct LeasedBody {
    body: TimedBody,
    lease: Option<Lease>,
    /// Why it breaks off, until that is told.
    broken: Option<BodyError>,
    has_begun: bool,
}

impl LeasedBody {
    /// What breaks off before its first piece is told a moment later, so that its head goes out before: a browser that got nothing at all
    /// on a kept connection sends its request once more, a POST as well.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(error) = self.broken.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let piece = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match piece {
            Some(Err(error)) if !self.has_begun => {
                self.has_begun = true;
                self.broken = Some(error);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            piece => {
                self.has_begun = true;
                Poll::Ready(piece)
            }
        }
    }
}

impl HttpBody for LeasedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(self.poll_piece(cx));
        if matches!(frame, Some(Ok(_))) && !self.body.is_end_stream() {
            return Poll::Ready(frame);
        }
        // The last piece, or the end itself: a reader need not ask again.
        let Some(lease) = self.lease.take() else { return Poll::Ready(frame) };
        if let Some(notes) = lease.connection.take_notes() {
            self.body.tell_mended(notes);
        }
        match &frame {
            Some(Ok(_)) | None => lease.give_back(),
            Some(Err(error)) => self.body.tell(error),
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
