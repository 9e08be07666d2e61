//! Bodies that change on their way: a rewriter between the host application's pieces and the browser's.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;

use super::boxed::{Body, BodyError};

/// Something that takes pieces and gives pieces.
pub(crate) trait Rewriter: Send + 'static {
    /// Takes the next piece.
    fn push(&mut self, chunk: Bytes);
    /// Hears that there is no further piece.
    fn finish_input(&mut self);
    /// Works on what was taken; what is ready is added to `out`.
    ///
    /// # Errors
    /// When the answer cannot be finished: its connection ends visibly.
    fn step(&mut self, out: &mut Vec<u8>) -> Result<Progress, BodyError>;
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Everything taken is done.
    NeedsInput,
    /// There is more to do.
    Again,
    /// The body is complete.
    Done,
}

/// `body` through `rewriter`; an error of either ends the new body with an error.
pub(crate) fn rewritten(body: Body, rewriter: impl Rewriter) -> Body {
    Rewritten { body, rewriter: Box::new(rewriter), out: Vec::new(), state: RewriteState::NeedsInput }.boxed_unsync()
}

/// `first`, then `rest`.
#[must_use]
pub(crate) fn followed_by(first: Bytes, rest: Body) -> Body {
    Followed { first: Some(first), rest }.boxed_unsync()
}

struct Rewritten {
    body: Body,
    rewriter: Box<dyn Rewriter>,
    out: Vec<u8>,
    state: RewriteState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RewriteState {
    NeedsInput,
    Works,
    Ended,
}

impl HttpBody for Rewritten {
    type Data = Bytes;
    type Error = BodyError;

    /// One step per poll gives bytes; a step that gives none wakes itself, so that other tasks of the core get a turn.
    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        loop {
            match this.state {
                RewriteState::Ended => return Poll::Ready(None),
                RewriteState::NeedsInput => match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                    Some(Ok(frame)) => {
                        this.rewriter.push(frame.into_data().unwrap_or_default());
                        this.state = RewriteState::Works;
                    }
                    Some(Err(error)) => return this.fail(error),
                    None => {
                        this.rewriter.finish_input();
                        this.state = RewriteState::Works;
                    }
                },
                RewriteState::Works => {
                    match this.rewriter.step(&mut this.out) {
                        Ok(Progress::NeedsInput) => this.state = RewriteState::NeedsInput,
                        Ok(Progress::Again) => {}
                        Ok(Progress::Done) => this.state = RewriteState::Ended,
                        Err(error) => return this.fail(error),
                    }
                    if !this.out.is_empty() {
                        let piece = Bytes::from(std::mem::take(&mut this.out));
                        return Poll::Ready(Some(Ok(Frame::data(piece))));
                    }
                    if this.state == RewriteState::Works {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
            }
        }
    }
}

impl Rewritten {
    fn fail(&mut self, error: BodyError) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        self.state = RewriteState::Ended;
        Poll::Ready(Some(Err(error)))
    }
}

struct Followed {
    first: Option<Bytes>,
    rest: Body,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(Frame::data(first)))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let first = self.first.as_ref().map_or(0, Bytes::len) as u64;
        let rest = self.rest.size_hint();
        let mut both = SizeHint::new();
        both.set_lower(rest.lower().saturating_add(first));
        if let Some(upper) = rest.upper().and_then(|upper| upper.checked_add(first)) {
            both.set_upper(upper);
        }
        both
    }
}

#[cfg(test)]
mod tests {
    use super::{super::boxed::full, *};

    /// Doubles every piece; gives nothing for the first step of each.
    struct Twice(Option<Bytes>, bool, bool);

    impl Rewriter for Twice {
        fn push(&mut self, chunk: Bytes) {
            self.0 = Some(chunk);
            self.1 = false;
        }

        fn finish_input(&mut self) {
            self.2 = true;
        }

        fn step(&mut self, out: &mut Vec<u8>) -> Result<Progress, BodyError> {
            if !self.1 {
                self.1 = true;
                return Ok(Progress::Again);
            }
            if let Some(chunk) = self.0.take() {
                out.extend_from_slice(&chunk);
                out.extend_from_slice(&chunk);
            }
            Ok(if self.2 { Progress::Done } else { Progress::NeedsInput })
        }
    }

    #[tokio::test]
    async fn pieces_go_through_the_rewriter() {
        let body = rewritten(followed_by(Bytes::from("ab"), full("c")), Twice(None, false, false));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "ababcc");
    }

    #[tokio::test]
    async fn a_body_behind_another_is_as_long_as_both() {
        let mut body = followed_by(Bytes::from("abc"), full("de"));
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(5), false));
        assert!(body.frame().await.is_some());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(2), false));
        assert!(body.frame().await.is_some());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
        let unknown = followed_by(Bytes::from("abc"), BreaksOff(false).boxed_unsync());
        assert_eq!((unknown.size_hint().lower(), unknown.size_hint().upper()), (3, None));
    }

    /// One piece, then an error.
    struct BreaksOff(bool);

    impl HttpBody for BreaksOff {
        type Data = Bytes;
        type Error = BodyError;

        fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
            let is_first = !std::mem::replace(&mut self.0, true);
            let piece = if is_first { Ok(Frame::data(Bytes::from("a"))) } else { Err(BodyError::Cut("gone")) };
            Poll::Ready(Some(piece))
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_stays_broken_off() {
        let mut body = rewritten(BreaksOff(false).boxed_unsync(), Twice(None, false, false));
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "aa");
        assert!(matches!(body.frame().await, Some(Err(BodyError::Cut("gone")))));
        assert!(body.frame().await.is_none());
    }
}
