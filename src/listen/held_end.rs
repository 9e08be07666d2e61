//! The end of an answer over HTTP/2 whose request is not in yet.
//!
//! A browser that has the whole answer sends no more of its upload; curl 7.88 never gets to the end of either. The application may have
//! answered early and be reading still. So the last piece waits for the upload, as long as that moves. An answer that says that something
//! is wrong (400 and beyond) does not wait: there is nothing more to send for.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use tokio::time::{Sleep, sleep_until};

use crate::{
    body::{Body, BodyError, UploadProgress},
    limits::LINGER_PAUSE_MAX,
    system::Moment,
};

/// The answer, which ends with its upload where it has one.
pub(super) fn ending_with(answer: Response<Body>, upload: Option<Arc<UploadProgress>>) -> Response<Body> {
    let Some(upload) = upload.filter(|upload| !upload.is_over()) else { return answer };
    if answer.status().is_client_error() || answer.status().is_server_error() {
        upload.refuse();
        return answer;
    }
    answer.map(|body| {
        let end = if body.is_end_stream() { End::Reached(None) } else { End::Ahead };
        HeldEnd { body, end, upload, seen: 0, alarm: None }.boxed_unsync()
    })
}

struct HeldEnd {
    body: Body,
    end: End,
    upload: Arc<UploadProgress>,
    /// How many pieces of the upload had come when it was last waited for.
    seen: u64,
    alarm: Option<Pin<Box<Sleep>>>,
}

enum End {
    Ahead,
    /// The last piece, if there is one, waits.
    Reached(Option<Frame<Bytes>>),
    Over,
}

impl HeldEnd {
    /// Ready once the upload is in, or does not move.
    fn poll_upload(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.upload.poll_over(cx).is_ready() {
            return Poll::Ready(());
        }
        loop {
            let pieces = self.upload.pieces();
            match &mut self.alarm {
                Some(alarm) => {
                    ready!(alarm.as_mut().poll(cx));
                    if pieces == self.seen {
                        return Poll::Ready(());
                    }
                    alarm.as_mut().reset(Moment::now() + LINGER_PAUSE_MAX);
                }
                None => self.alarm = Some(Box::pin(sleep_until(Moment::now() + LINGER_PAUSE_MAX))),
            }
            self.seen = pieces;
        }
    }
}

impl HttpBody for HeldEnd {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if matches!(self.end, End::Ahead) {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => self.end = End::Reached(None),
                Some(Ok(last)) if self.body.is_end_stream() => self.end = End::Reached(Some(last)),
                piece => return Poll::Ready(piece),
            }
        }
        ready!(self.poll_upload(cx));
        let End::Reached(last) = std::mem::replace(&mut self.end, End::Over) else { return Poll::Ready(None) };
        Poll::Ready(last.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.end, End::Over)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.end {
            End::Ahead => self.body.size_hint(),
            End::Reached(last) => {
                let bytes = last.as_ref().and_then(Frame::data_ref).map_or(0, Bytes::len);
                SizeHint::with_exact(bytes as u64)
            }
            End::Over => SizeHint::with_exact(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;
    use crate::body::{empty, full, in_chunks};

    fn answer(status: u16, body: Body, upload: &Arc<UploadProgress>) -> Body {
        let answer = Response::builder().status(status).body(body).unwrap();
        ending_with(answer, Some(Arc::clone(upload))).into_body()
    }

    async fn read(body: Body) -> (String, Duration) {
        let begun = Moment::now();
        let bytes = body.collect().await.unwrap().to_bytes();
        (String::from_utf8(bytes.to_vec()).unwrap(), begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_piece_waits_for_an_upload_as_long_as_that_moves() {
        for body in [full("abc"), in_chunks(Bytes::from("abc")), empty()] {
            let upload = Arc::<UploadProgress>::default();
            let size = body.size_hint().exact();
            let body = answer(200, body, &upload);
            assert_eq!((body.is_end_stream(), body.size_hint().exact()), (false, size));
            let sending = Arc::clone(&upload);
            tokio::spawn(async move {
                for _ in 0..10 {
                    tokio::time::sleep(LINGER_PAUSE_MAX * 9 / 10).await;
                    sending.count();
                }
                sending.end();
            });
            let (text, waited) = read(body).await;
            assert_eq!(text, if size == Some(0) { "" } else { "abc" });
            assert_eq!(waited.as_millis(), (LINGER_PAUSE_MAX * 9).as_millis(), "{size:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_upload_that_does_not_move_is_not_waited_for_and_an_answer_of_an_error_waits_for_none() {
        let upload = Arc::<UploadProgress>::default();
        let (text, waited) = read(answer(200, full("abc"), &upload)).await;
        assert_eq!(text, "abc");
        assert!(waited >= LINGER_PAUSE_MAX && waited < LINGER_PAUSE_MAX * 2, "{waited:?}");
        assert_eq!(read(answer(413, full("abc"), &upload)).await, ("abc".to_owned(), Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_last_piece_waits() {
        let upload = Arc::<UploadProgress>::default();
        let pieces = ["a", "b"].map(|piece| Ok(Frame::data(Bytes::from(piece))));
        let body = http_body_util::StreamBody::new(futures_util::stream::iter(pieces)).boxed_unsync();
        let mut body = answer(200, body, &upload);
        for _ in 0..2 {
            assert!(body.frame().now_or_never().is_some());
        }
        assert!(body.frame().now_or_never().is_none());
        upload.end();
        assert!(matches!(body.frame().now_or_never(), Some(None)) && body.is_end_stream());
    }
}
