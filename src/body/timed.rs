//! Bodies off the wire: a deadline between two pieces, no trailers, and an end where what they rest on is gone.
//!
//! A body that ends with an error makes hyper abort its connection: the other side sees a cut answer, never a short one
//! that looks whole.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Sleep, sleep_until};

use super::{
    boxed::{Body, BodyError, empty},
    standing::Rest,
    upload::Upload,
};
use crate::{forward::HeadNotes, limits::CLIENT_RATE_MIN, system::Moment};

/// The body of a browser's request on its way to the host application; it ends with what it rests on.
#[must_use]
pub(crate) fn request_body(incoming: Upload, idle_max: Duration, rest: Rest) -> Body {
    if incoming.is_end_stream() {
        return empty();
    }
    let patience = Patience::new(idle_max, Some(CLIENT_RATE_MIN));
    TimedBody { patience, ..TimedBody::new(incoming, idle_max, rest) }.boxed_unsync()
}

/// A body off the wire whose pieces may not take longer than a limit, and that ends with what it rests on. Trailers end
/// here (RFC 9110 6.5.1).
pub(crate) struct TimedBody<B = Incoming> {
    incoming: B,
    patience: Patience,
    rest: Rest,
    /// A body of one piece is not looked at again: it was decided a moment ago.
    has_begun: bool,
    /// The piece with which the announced length is reached, until the end is seen as well.
    kept_back: Option<Frame<Bytes>>,
    /// Armed only while a piece is waited for.
    alarm: Option<Pin<Box<Sleep>>>,
    armed_at: Option<Moment>,
}

impl<B: HttpBody<Data = Bytes, Error = hyper::Error> + Unpin> TimedBody<B> {
    pub(crate) fn new(incoming: B, idle_max: Duration, rest: Rest) -> Self {
        let patience = Patience::new(idle_max, None);
        Self { incoming, patience, rest, has_begun: false, kept_back: None, alarm: None, armed_at: None }
    }

    /// Tells whoever has to know that the answer which this is broke off.
    pub(crate) fn tell(&self, error: &BodyError) {
        if let Some(rest) = &self.rest {
            rest.cut(error);
        }
    }

    /// Tells what was done to the body while it came.
    pub(crate) fn tell_mended(&self, notes: HeadNotes) {
        if let Some(rest) = &self.rest {
            rest.mended(notes);
        }
    }

    /// A piece that may go on. The one that reaches the announced length waits for the end: over HTTP/2 more may follow, and
    /// then the body never was whole (RFC 9113 8.1.1); hyper ends it with an error. Behind it come empty ones, if any.
    fn pass(&mut self, frame: Frame<Bytes>) -> Option<Frame<Bytes>> {
        let frame = self.kept_back.take().unwrap_or(frame);
        if self.incoming.size_hint().exact() == Some(0) && !self.incoming.is_end_stream() {
            self.kept_back = Some(frame);
            return None;
        }
        Some(frame)
    }

    /// hyper takes a stream that was reset with `NO_ERROR` for one that has ended.
    fn is_reset(&self) -> bool {
        self.incoming.size_hint().exact().is_some() && !self.incoming.is_end_stream()
    }

    /// Ready with an error once the wait is too long, or what the body rests on is gone.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<BodyError> {
        let patience = self.patience.left();
        loop {
            if self.armed_at.is_none() {
                let now = Moment::now();
                self.armed_at = Some(now);
                if let Err(error) = self.arm(now, now + patience) {
                    return Poll::Ready(error);
                }
            }
            let (Some(alarm), Some(since)) = (&mut self.alarm, self.armed_at) else { return Poll::Pending };
            ready!(alarm.as_mut().poll(cx));
            let (now, deadline) = (Moment::now(), since + patience);
            if now >= deadline {
                let is_slow = patience < self.patience.idle_max;
                return Poll::Ready(if is_slow { BodyError::Slow } else { BodyError::Idle(patience) });
            }
            if let Err(error) = self.arm(now, deadline) {
                return Poll::Ready(error);
            }
        }
    }

    /// Wakes at the deadline, or earlier where somebody has to look again.
    fn arm(&mut self, now: Moment, deadline: Moment) -> Result<(), BodyError> {
        let at = self.look()?.map_or(deadline, |pause| deadline.min(now + pause));
        self.alarm.get_or_insert_with(|| Box::pin(sleep_until(at))).as_mut().reset(at);
        Ok(())
    }

    fn look(&self) -> Result<Option<Duration>, BodyError> {
        self.rest.as_ref().map(|rest| rest.look().map_err(BodyError::Ended)).transpose()
    }
}

/// How long a body is waited for.
#[derive(Debug, Clone, Copy)]
struct Patience {
    idle_max: Duration,
    /// Bytes per second that must have come on average, over the time that was waited beyond `idle_max`.
    rate_min: Option<u64>,
    received: u64,
    waited: Duration,
}

impl Patience {
    const fn new(idle_max: Duration, rate_min: Option<u64>) -> Self {
        Self { idle_max, rate_min, received: 0, waited: Duration::ZERO }
    }

    /// How long to wait for the next piece: the rest of what the bytes so far have earned, and never more than `idle_max`.
    fn left(&self) -> Duration {
        let Some(rate_min) = self.rate_min else { return self.idle_max };
        let earned = self.idle_max + Duration::from_secs(self.received / rate_min);
        earned.saturating_sub(self.waited).min(self.idle_max)
    }

    /// A piece came after a wait.
    fn receive(&mut self, bytes: usize, waited: Duration) {
        self.received = self.received.saturating_add(bytes as u64);
        self.waited += waited;
    }
}

impl<B: HttpBody<Data = Bytes, Error = hyper::Error> + Unpin> HttpBody for TimedBody<B> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.has_begun
            && let Err(error) = self.look()
        {
            return Poll::Ready(Some(Err(error)));
        }
        loop {
            match Pin::new(&mut self.incoming).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) if frame.is_data() => {
                    self.has_begun = true;
                    let waited = self.armed_at.take().map_or(Duration::ZERO, |armed_at| armed_at.elapsed());
                    self.patience.receive(frame.data_ref().map_or(0, Bytes::len), waited);
                    if let Some(frame) = self.pass(frame) {
                        return Poll::Ready(Some(Ok(frame)));
                    }
                }
                Poll::Ready(Some(Ok(_trailers))) => {}
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(BodyError::Broken(error)))),
                Poll::Ready(None) if self.is_reset() => return Poll::Ready(Some(Err(BodyError::Reset))),
                Poll::Ready(None) => return Poll::Ready(self.kept_back.take().map(Ok)),
                Poll::Pending => return self.poll_alarm(cx).map(|error| Some(Err(error))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.kept_back.is_none() && self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let kept = self.kept_back.as_ref().and_then(Frame::data_ref);
        kept.map_or_else(|| self.incoming.size_hint(), |piece| SizeHint::with_exact(piece.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_in_drops_runs_out_of_patience_and_a_steady_one_does_not() {
        let second = Duration::from_secs(1);
        let mut drops = Patience::new(60 * second, Some(512));
        for _ in 0..3 {
            drops.receive(1, 20 * second);
        }
        assert_eq!(drops.left(), Duration::ZERO);
        let mut steady = Patience::new(60 * second, Some(512));
        for _ in 0..600 {
            steady.receive(1_024, second);
        }
        assert_eq!(steady.left(), 60 * second);
    }
}
