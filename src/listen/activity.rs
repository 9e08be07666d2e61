//! What goes on on an HTTP/2 connection: hyper has no deadline for an idle one, nor for a browser that takes nothing.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::{sync::Notify, time::timeout_at};

use crate::{
    body::{Body, BodyError, Resting},
    limits::{REQUEST_HEAD_TIMEOUT, STANDING_LOOK_PAUSE},
    reason::Reason,
    system::Moment,
};

/// The requests of one connection.
pub(super) struct Activity {
    state: Mutex<ConnectionState>,
    /// An answer has begun that must be looked at before [`ConnectionState::wakes_at`].
    earlier: Notify,
}

struct ConnectionState {
    /// Requests that have begun and not ended.
    open: usize,
    /// Those of them that wait for the browser to take a piece.
    untaken: usize,
    /// When anything moved.
    moved_at: Moment,
    /// No request has come yet: the first is waited for no longer than for a head.
    is_unused: bool,
    /// When [`Activity::over`] looks next.
    wakes_at: Moment,
    /// The answers that are on their way, each in its place.
    answers: Vec<Option<AnswerInProgress>>,
}

struct AnswerInProgress {
    /// What is still to come; away while it is asked.
    rest: What,
    resting: Resting,
    is_untaken: bool,
}

enum What {
    Away,
    Body(Body),
    /// It does not stand any more: the stream is reset when the browser takes the next piece.
    Ended(Reason),
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
        let now = Moment::now();
        let state =
            ConnectionState { open: 0, untaken: 0, moved_at: now, is_unused: true, wakes_at: now, answers: Vec::new() };
        Self { state: Mutex::new(state), earlier: Notify::new() }
    }

    /// A request has come.
    pub(super) fn begin(self: &Arc<Self>) -> OpenRequest {
        self.change(|state| {
            state.open += 1;
            state.is_unused = false;
        });
        OpenRequest { activity: Arc::clone(self) }
    }

    /// Waits until the connection is idle for `idle`, or nothing of any answer is taken for `write`. Each call counts
    /// from its own beginning. Meanwhile answers that wait for the browser end with what they rest on.
    pub(super) async fn over(&self, idle: Duration, write: Duration) -> Over {
        self.change(|_| ());
        loop {
            let look_at = self.end_fallen(Moment::now());
            let pause = match self.look(idle, write) {
                Look::Over(over) => {
                    if over == Over::Stalled {
                        self.tell_untaken(write);
                    }
                    return over;
                }
                Look::Again(pause) => pause,
            };
            let at = Moment::now() + pause;
            let at = look_at.map_or(at, |look_at| look_at.min(at));
            self.state().wakes_at = at;
            // Whether the time is over or somebody needs it earlier: it is looked again.
            drop(timeout_at(at, self.earlier.notified()).await);
        }
    }

    /// Looks at what the answers rest on, and drops those that have nothing left and that nobody asks: the upstream
    /// connection is closed, as if the browser had left. Then, when to look next.
    fn end_fallen(&self, now: Moment) -> Option<Moment> {
        let (mut next, mut ended) = (None, Vec::new());
        for answer in self.state().answers.iter_mut().flatten() {
            if matches!(answer.rest, What::Ended(_)) {
                continue;
            }
            let look_at = match answer.resting.look(now) {
                Ok(look_at) => look_at,
                Err(reason) if answer.is_untaken => {
                    ended.push(std::mem::replace(&mut answer.rest, What::Ended(reason)));
                    None
                }
                // One that is being asked looks itself.
                Err(_) => Some(now + STANDING_LOOK_PAUSE),
            };
            next = next.into_iter().chain(look_at).min();
        }
        drop(ended);
        next
    }

    /// Every answer is cut.
    fn tell_untaken(&self, write: Duration) {
        for answer in self.state().answers.iter().flatten() {
            if !matches!(answer.rest, What::Ended(_)) {
                answer.resting.cut(&BodyError::Untaken(write));
            }
        }
    }

    fn look(&self, idle: Duration, write: Duration) -> Look {
        let state = self.state();
        let idle = if state.is_unused { idle.min(REQUEST_HEAD_TIMEOUT) } else { idle };
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

    fn change(&self, change: impl FnOnce(&mut ConnectionState)) {
        let mut state = self.state();
        change(&mut state);
        state.moved_at = Moment::now();
    }

    fn state(&self) -> MutexGuard<'_, ConnectionState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionState {
    /// The head of an answer is a piece as well: it waits until the browser has room for the next.
    fn put(&mut self, answer: AnswerInProgress) -> usize {
        self.untaken += 1;
        let place = self.answers.iter().position(Option::is_none).unwrap_or_else(|| {
            self.answers.push(None);
            self.answers.len() - 1
        });
        self.answers[place] = Some(answer);
        place
    }

    fn note(&mut self, place: usize, is_untaken: bool) {
        let Some(answer) = &mut self.answers[place] else { return };
        let was = std::mem::replace(&mut answer.is_untaken, is_untaken);
        self.untaken = self.untaken - usize::from(was) + usize::from(is_untaken);
    }
}

/// A request, until the last piece of its answer.
pub(super) struct OpenRequest {
    activity: Arc<Activity>,
}

impl OpenRequest {
    /// Follows the answer's body to its end, or to that of what it rests on.
    pub(super) fn follow(self, body: Body, resting: Resting) -> Body {
        let (size, is_end) = (body.size_hint(), body.is_end_stream());
        let now = Moment::now();
        let mut place = 0;
        // One that stands no more is dropped by whoever looks at it next.
        let look_at = resting.look(now).unwrap_or(Some(now));
        let mut is_late = false;
        self.activity.change(|state| {
            place = state.put(AnswerInProgress { rest: What::Body(body), resting, is_untaken: true });
            is_late = look_at.is_some_and(|at| at < state.wakes_at);
        });
        if is_late {
            self.activity.earlier.notify_one();
        }
        FollowedAnswer { request: self, place, size, is_end }.boxed_unsync()
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        self.activity.change(|state| state.open -= 1);
    }
}

struct FollowedAnswer {
    request: OpenRequest,
    /// Of its body, which the connection can end while nobody asks this one.
    place: usize,
    size: SizeHint,
    is_end: bool,
}

impl FollowedAnswer {
    /// Takes the body out of its place to ask it: nothing else is held up meanwhile.
    fn take(&self) -> What {
        let mut taken = What::Away;
        self.request.activity.change(|state| {
            state.note(self.place, false);
            if let Some(answer) = &mut state.answers[self.place] {
                taken = std::mem::replace(&mut answer.rest, What::Away);
            }
        });
        taken
    }

    fn put_back(&mut self, body: Body, is_untaken: bool) {
        (self.size, self.is_end) = (body.size_hint(), body.is_end_stream());
        let mut state = self.request.activity.state();
        if let Some(answer) = &mut state.answers[self.place] {
            answer.rest = What::Body(body);
        }
        if is_untaken {
            state.note(self.place, true);
            state.moved_at = Moment::now();
        }
    }
}

impl Drop for FollowedAnswer {
    fn drop(&mut self) {
        let mut gone = None;
        self.request.activity.change(|state| {
            state.note(self.place, false);
            gone = state.answers[self.place].take();
        });
        drop(gone);
    }
}

impl HttpBody for FollowedAnswer {
    type Data = Bytes;
    type Error = BodyError;

    /// hyper asks for the next piece only when the browser has room for it.
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut body = match self.take() {
            What::Away => return Poll::Ready(None),
            What::Ended(reason) => return Poll::Ready(Some(Err(BodyError::Ended(reason)))),
            What::Body(body) => body,
        };
        let frame = Pin::new(&mut body).poll_frame(cx);
        self.put_back(body, matches!(frame, Poll::Ready(Some(Ok(_)))));
        Poll::Ready(ready!(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.is_end
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures_util::FutureExt;

    use super::*;
    use crate::body::{Standing, full, keeping};

    const IDLE: Duration = Duration::from_secs(30);
    const WRITE: Duration = Duration::from_secs(60);

    async fn over_after(activity: &Activity) -> (Over, u64) {
        let begun = Moment::now();
        (activity.over(IDLE, WRITE).await, begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_requests_is_idle_after_the_idle_time() {
        let activity = Arc::new(Activity::new());
        assert_eq!(over_after(&activity).await, (Over::Idle, 30));
        drop(activity.begin());
        assert_eq!(over_after(&activity).await, (Over::Idle, 30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_the_gateway_works_on_is_neither_idle_nor_stalled() {
        let activity = Arc::new(Activity::new());
        let request = activity.begin();
        assert!(tokio::time::timeout(10 * WRITE, activity.over(IDLE, WRITE)).await.is_err());
        drop(request);
    }

    #[tokio::test(start_paused = true)]
    async fn answers_that_nobody_takes_are_stalled_after_the_write_time() {
        let activity = Arc::new(Activity::new());
        let mut one = activity.begin().follow(full("piece"), Resting::default());
        let other = activity.begin();
        assert!(one.frame().now_or_never().unwrap().is_some());
        assert!(tokio::time::timeout(10 * WRITE, activity.over(IDLE, WRITE)).await.is_err(), "the other is at work");
        drop(other);
        assert_eq!(over_after(&activity).await, (Over::Stalled, 60));
        assert!(one.frame().now_or_never().unwrap().is_none());
        drop(one);
        assert_eq!(over_after(&activity).await, (Over::Idle, 30));
    }

    /// Stands until it is told not to.
    #[derive(Default)]
    struct Until(AtomicBool);

    impl Standing for Until {
        fn look(&self) -> Result<Duration, Reason> {
            if self.0.load(Ordering::Relaxed) { Err(Reason::NotSignedIn) } else { Ok(STANDING_LOOK_PAUSE) }
        }
    }

    fn answer_on(standing: &Arc<Until>, activity: &Arc<Activity>) -> Body {
        let resting = Resting::default();
        let standing: Arc<dyn Standing> = Arc::<Until>::clone(standing);
        resting.set(&standing);
        activity.begin().follow(keeping(full("piece"), standing), resting)
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_asks_ends_with_what_it_rests_on_and_says_so_later() {
        let activity = Arc::new(Activity::new());
        let (gone, good) = (Arc::<Until>::default(), Arc::<Until>::default());
        let over = tokio::spawn({
            let activity = Arc::clone(&activity);
            async move { activity.over(IDLE, 10 * WRITE).await }
        });
        // In the middle of a long sleep of the connection.
        tokio::time::sleep(IDLE / 2).await;
        let (mut ends, mut stays) = (answer_on(&gone, &activity), answer_on(&good, &activity));
        tokio::time::sleep(STANDING_LOOK_PAUSE / 2).await;
        gone.0.store(true, Ordering::Relaxed);
        tokio::time::sleep(STANDING_LOOK_PAUSE).await;
        assert_eq!((Arc::strong_count(&gone), Arc::strong_count(&good)), (1, 2));
        assert!(matches!(ends.frame().await, Some(Err(BodyError::Ended(Reason::NotSignedIn)))));
        assert!(matches!(stays.frame().await, Some(Ok(_))));
        assert!(!over.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_whose_first_piece_nobody_asks_for_is_stalled_too() {
        let activity = Arc::new(Activity::new());
        let untouched = activity.begin().follow(full("piece"), Resting::default());
        assert_eq!(over_after(&activity).await, (Over::Stalled, 60));
        drop(untouched);
    }
}
