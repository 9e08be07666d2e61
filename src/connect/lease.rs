//! A connection while its answer is read: given back at the end, closed when anything goes wrong before.

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

use super::{
    connection::Connection,
    origin::{Origin, Permit},
    pinned::Fate,
    sent_body::SentBody,
};
use crate::body::{Body, BodyError, Rest, TimedBody, empty};

/// A connection while its answer is being read. Dropped early (the browser left, the body broke), it is closed.
pub(super) struct Lease {
    pub(super) connection: Connection,
    pub(super) origin: Arc<Origin>,
    pub(super) permit: Permit,
    pub(super) sent: SentBody,
    pub(super) fate: Fate,
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
        LeasedBody { body: TimedBody::new(incoming, idle_max, rest), lease: Some(self) }.boxed_unsync()
    }

    /// RFC 9112 9.3: a connection whose request has not been sent whole is not used again.
    fn give_back(self) {
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
