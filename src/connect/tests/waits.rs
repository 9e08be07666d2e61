//! Who is waited for, and by which deadline.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::time::sleep;

use super::*;
use crate::{body::BodyError, reason::Reason};

/// A body whose second piece comes that much later.
fn pausing(pause: Duration) -> Body {
    let pieces = stream::iter([Duration::ZERO, pause]).then(|pause| async move {
        sleep(pause).await;
        Ok(Frame::data(Bytes::from("abc")))
    });
    StreamBody::new(pieces).boxed_unsync()
}

#[tokio::test]
async fn a_browser_that_pauses_in_its_upload_is_not_the_application_that_takes_long() {
    let upstream = Upstream::start(&[&[Act::Wait(1_000), WHOLE, Act::Close]]).await;
    let body = pausing(HEAD_MAX * 3);
    let answer = pool(|_| {}).send(&upstream.at, || head("POST"), body, HEAD_MAX).await.unwrap();
    assert_eq!(text(answer).await, "ok");
}

#[tokio::test]
async fn an_application_that_has_the_whole_upload_is_waited_for_as_long_as_any() {
    let upstream = Upstream::start(&[&[Act::Wait(60_000)]]).await;
    let body = pausing(HEAD_MAX / 3);
    let error = pool(|_| {}).send(&upstream.at, || head("POST"), body, HEAD_MAX).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Timeout(HEAD_MAX)), "{error:?}");
}

#[tokio::test]
async fn an_application_that_does_not_read_an_upload_is_told_apart() {
    let upstream = Upstream::start(&[&[Act::Wait(60_000)]]).await;
    // More than all buffers between hold.
    let pieces = stream::iter((0..512).map(|_| Ok(Frame::data(Bytes::from(vec![b'a'; 64 * 1024])))));
    let body = StreamBody::new(pieces).boxed_unsync();
    let error = pool(|_| {}).send(&upstream.at, || head("POST"), body, HEAD_MAX).await.unwrap_err();
    assert!(matches!(error, UpstreamError::Untaken(HEAD_MAX)), "{error:?}");
}

/// Neither is it a fault of the request's head.
#[tokio::test]
async fn a_browser_that_stops_in_its_upload_is_told_so() {
    for (error, reason) in [
        (BodyError::Idle(HEAD_MAX), Reason::UploadStalled),
        (BodyError::Slow, Reason::UploadStalled),
        (BodyError::Cut("broken chunk"), Reason::BadHeader),
    ] {
        let upstream = Upstream::start(&[&[Act::Wait(60_000)]]).await;
        let pieces = stream::iter([Ok(Frame::data(Bytes::from("abc"))), Err(error)]);
        let body = StreamBody::new(pieces).boxed_unsync();
        let error = pool(|_| {}).send(&upstream.at, || head("POST"), body, HEAD_MAX).await.unwrap_err();
        assert_eq!(error.reason(), reason, "{error:?}");
    }
}
