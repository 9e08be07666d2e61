//! Reading a body that is held, with its deadlines, and the room that it takes meanwhile.

use std::time::Duration;

use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::{sync::OwnedSemaphorePermit, time::timeout_at};

use crate::{
    body::{Body, BodyError, bytes_keeping, followed_by},
    reason::Reason,
    rewrite::HeldBody,
    system::Moment,
};

/// Room to hold a body, for as long as it is held.
pub(super) type Room = Option<OwnedSemaphorePermit>;

/// Slow readers keep what the body takes, not what it might have taken.
pub(super) fn shrunk(mut room: Room, held: &HeldBody) -> Room {
    if let Some(room) = &mut room {
        drop(room.split(room.num_permits().saturating_sub(held.room() as usize)));
    }
    room
}

/// What is held, then the rest; its room is given back with the last of it.
pub(super) fn behind((first, room): (Bytes, Room), rest: Body) -> Body {
    if first.is_empty() { rest } else { followed_by(bytes_keeping(first, room), rest) }
}

/// How long a body that is held is waited for.
#[derive(Clone, Copy)]
pub(super) struct Wait {
    pub(super) piece: Duration,
    pub(super) whole: Duration,
}

/// How reading a body that is held ended.
pub(super) enum Read {
    Whole,
    Overflow,
    /// It did not come in time.
    Paused,
    BrokeOff(BodyError),
    /// What the answer rests on is gone.
    Ended(Reason),
}

/// Reads a body to its end, its bound or its deadline.
pub(super) async fn read_into(held: &mut HeldBody, body: &mut Body, wait: Wait) -> Read {
    let end = Moment::now() + wait.whole;
    if let Some(bytes) = body.size_hint().exact() {
        held.expect(bytes);
    }
    loop {
        let until = end.min(Moment::now() + wait.piece);
        let Ok(frame) = timeout_at(until, body.frame()).await else { return Read::Paused };
        let frame = match frame {
            None => return Read::Whole,
            Some(Ok(frame)) => frame,
            Some(Err(BodyError::Ended(reason))) => return Read::Ended(reason),
            Some(Err(error)) => return Read::BrokeOff(error),
        };
        if held.push(&frame.into_data().unwrap_or_default()).is_err() {
            return Read::Overflow;
        }
    }
}
