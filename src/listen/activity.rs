//! What goes on on an HTTP/2 connection: hyper has no deadline for an idle one, nor for a browser that takes nothing.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::{Instant, sleep};

use crate::connect::{Body, BodyError};

/// The exchanges of one connection.
#[derive(Debug)]
pub(super) struct Activity(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Exchanges that have begun and not ended.
    open: usize,
    /// Those of them whose last piece the browser has not taken yet.
    untaken: usize,
    /// When anything moved.
    moved_at: Instant,
}

/// Why a connection should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Nobody has asked anything for too long.
    Idle,
    /// Every answer waits for the browser, for too long.
    Stalled,
}

enum Look {
    Over(Over),
    Again(Duration),
}

impl Activity {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { open: 0, untaken: 0, moved_at: Instant::now() }))
    }

    /// A request has come.
    pub(super) fn begin(self: &Arc<Self>) -> OpenExchange {
        self.change(|state| state.open += 1);
        OpenExchange { activity: Arc::clone(self), is_untaken: false }
    }

    /// Waits until the connection is idle for `idle`, or nothing of any answer is taken for `write`. Each call counts
    /// from its own beginning.
    pub(super) async fn over(&self, idle: Duration, write: Duration) -> Over {
        self.change(|_| ());
        loop {
            match self.look(idle, write) {
                Look::Over(over) => return over,
                Look::Again(pause) => sleep(pause).await,
            }
        }
    }

    fn look(&self, idle: Duration, write: Duration) -> Look {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (limit, over) = match (state.open, state.untaken) {
            (0, _) => (idle, Over::Idle),
            (open, untaken) if open == untaken => (write, Over::Stalled),
            // Somebody works on an answer, under deadlines of their own.
            _ => return Look::Again(idle.min(write)),
        };
        match limit.saturating_sub(state.moved_at.elapsed()) {
            Duration::ZERO => Look::Over(over),
            // Meanwhile it may become the other case.
            left => Look::Again(left.min(idle).min(write)),
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        state.moved_at = Instant::now();
    }
}

/// An exchange from its request to the last piece of its answer.
#[derive(Debug)]
pub(super) struct OpenExchange {
    activity: Arc<Activity>,
    is_untaken: bool,
}

impl OpenExchange {
    /// Follows the answer's body to its end.
    pub(super) fn follow(self, body: Body) -> Body {
        Followed { body, exchange: self }.boxed_unsync()
    }

    fn note(&mut self, is_untaken: bool) {
        let was = std::mem::replace(&mut self.is_untaken, is_untaken);
        self.activity.change(|state| state.untaken = state.untaken - usize::from(was) + usize::from(is_untaken));
    }
}

impl Drop for OpenExchange {
    fn drop(&mut self) {
        self.note(false);
        self.activity.change(|state| state.open -= 1);
    }
}

struct Followed {
    body: Body,
    exchange: OpenExchange,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = BodyError;

    /// hyper asks for the next piece only when the browser has room for it.
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.exchange.is_untaken {
            self.exchange.note(false);
        }
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.exchange.note(matches!(frame, Some(Ok(_))));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::connect::full;

    const IDLE: Duration = Duration::from_secs(30);
    const WRITE: Duration = Duration::from_secs(60);

    async fn over_after(activity: &Activity) -> (Over, u64) {
        let begun = Instant::now();
        (activity.over(IDLE, WRITE).await, begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_exchanges_is_idle_after_the_idle_time() {
        let activity = Arc::new(Activity::new());
        assert_eq!(over_after(&activity).await, (Over::Idle, 30));
        drop(activity.begin());
        assert_eq!(over_after(&activity).await, (Over::Idle, 30));
    }

    #[tokio::test(start_paused = true)]
    async fn an_exchange_that_the_gateway_works_on_is_neither_idle_nor_stalled() {
        let activity = Arc::new(Activity::new());
        let exchange = activity.begin();
        assert!(tokio::time::timeout(10 * WRITE, activity.over(IDLE, WRITE)).await.is_err());
        drop(exchange);
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_nobody_takes_are_stalled_after_the_write_time() {
        let activity = Arc::new(Activity::new());
        let mut one = activity.begin().follow(full("piece"));
        let other = activity.begin();
        assert!(one.frame().now_or_never().unwrap().is_some());
        assert!(tokio::time::timeout(10 * WRITE, activity.over(IDLE, WRITE)).await.is_err(), "the other is at work");
        drop(other);
        assert_eq!(over_after(&activity).await, (Over::Stalled, 60));
        assert!(one.frame().now_or_never().unwrap().is_none());
        drop(one);
        assert_eq!(over_after(&activity).await, (Over::Idle, 30));
    }
}
