//! The one type of every body that the gateway moves, why such a body ends, and bodies in memory.

use std::{
    error::Error as _,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::UnsyncBoxBody};

use crate::{limits::CLIENT_RATE_MIN, reason::Reason};

/// Every body that the gateway moves.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// Why a body ended before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    /// The other side sent nothing for too long.
    #[error("no piece of the body within {0:?}")]
    Idle(Duration),
    /// A browser's body came, but too slowly.
    #[error("body came more slowly than {CLIENT_RATE_MIN} bytes per second")]
    Slow,
    /// The connection broke, or the framing is invalid.
    #[error("connection broke in the middle of a body")]
    Broken(#[source] hyper::Error),
    /// Its HTTP/2 stream was reset before its end.
    #[error("stream of a body was reset")]
    Reset,
    /// The browser took nothing of an answer for too long.
    #[error("browser took nothing for {0:?}")]
    Untaken(Duration),
    /// What allowed it does not stand any more.
    #[error("body was ended: {0}")]
    Ended(Reason),
    /// The gateway itself gave up, and says why.
    #[error("body was cut: {0}")]
    Cut(&'static str),
}

impl BodyError {
    /// Its stable name, as metrics show it.
    #[must_use]
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::Idle(_) | Self::Slow => "idle",
            Self::Broken(_) | Self::Reset => "broken",
            Self::Untaken(_) => "untaken",
            Self::Ended(_) => "ended",
            Self::Cut(_) => "given_up",
        }
    }

    /// What a request is refused for whose body this is the end of.
    #[must_use]
    pub(crate) fn of_upload(&self) -> Reason {
        match self {
            Self::Idle(_) | Self::Slow => Reason::UploadStalled,
            Self::Reset => Reason::ClientLeft,
            Self::Broken(error) if is_connections_end(error) => Reason::ClientLeft,
            Self::Ended(reason) => *reason,
            Self::Broken(_) | Self::Untaken(_) | Self::Cut(_) => Reason::BadHeader,
        }
    }
}

/// Whether the other side has left; else it sent what is no body.
fn is_connections_end(error: &hyper::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};
    let mut cause = error.source();
    while let Some(other) = cause.filter(|cause| !cause.is::<io::Error>()) {
        cause = other.source();
    }
    let io = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
    io.is_some_and(|io| [BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof].contains(&io.kind()))
}

/// A body that is in memory.
#[must_use]
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body that is in memory and does not say how long it is.
#[must_use]
pub(crate) fn in_chunks(bytes: Bytes) -> Body {
    let piece = (!bytes.is_empty()).then(|| Ok(Frame::data(bytes)));
    StreamBody::new(stream::iter(piece)).boxed_unsync()
}

/// No body.
#[must_use]
pub(crate) fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// Why a body is not in memory.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CollectError {
    /// It is longer than what is read.
    #[error("body is longer than {0} bytes")]
    TooLong(usize),
    /// It broke off.
    #[error(transparent)]
    Body(#[from] BodyError),
}

/// A body that says of itself that it is empty, and may not be: over HTTP/2 its end is another frame. It is waited for, because
/// the head alone would be a whole request (RFC 9113 8.1.1).
///
/// # Errors
/// See [`CollectError`]: where it goes on after all, or breaks off.
pub(crate) async fn surely_empty(body: Body) -> Result<Body, CollectError> {
    if body.is_end_stream() || body.size_hint().exact() != Some(0) {
        return Ok(body);
    }
    // Boxed, because few requests come here.
    Box::pin(collect(body, 0)).await.map(|_| empty())
}

/// Reads a whole body of at most `bytes_max` bytes.
///
/// # Errors
/// See [`CollectError`]; no more than the limit and one piece is ever held.
pub(crate) async fn collect(mut body: Body, bytes_max: usize) -> Result<Bytes, CollectError> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        if bytes.len() + piece.len() > bytes_max {
            return Err(CollectError::TooLong(bytes_max));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

/// `body`, which keeps something until it is gone: a place in a budget.
pub(crate) fn keeping(body: Body, kept: impl Send + Unpin + 'static) -> Body {
    Keeping { body, _kept: kept }.boxed_unsync()
}

/// `bytes`, which keep something until the last of them is gone.
pub(crate) fn bytes_keeping(bytes: Bytes, kept: impl Send + Sync + 'static) -> Bytes {
    struct KeepingBytes<T>(Bytes, T);
    impl<T> AsRef<[u8]> for KeepingBytes<T> {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    Bytes::from_owner(KeepingBytes(bytes, kept))
}

struct Keeping<T> {
    body: Body,
    _kept: T,
}

impl<T: Unpin> HttpBody for Keeping<T> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
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
    use super::*;

    #[test]
    fn what_bytes_keep_goes_with_the_last_of_them() {
        let kept = std::sync::Arc::new(());
        let mut bytes = bytes_keeping(Bytes::from("abc"), std::sync::Arc::clone(&kept));
        let first = bytes.split_to(1);
        drop(bytes);
        assert_eq!((&*first, std::sync::Arc::strong_count(&kept)), (&b"a"[..], 2));
        drop(first);
        assert_eq!(std::sync::Arc::strong_count(&kept), 1);
    }

    #[tokio::test]
    async fn a_body_in_chunks_has_its_bytes_and_no_length() {
        for text in ["", "12345"] {
            let body = in_chunks(Bytes::from(text));
            assert_eq!((body.size_hint().exact(), body.is_end_stream()), (None, false), "{text}");
            assert_eq!(collect(body, 5).await.unwrap(), text);
        }
    }

    #[tokio::test]
    async fn a_body_is_collected_up_to_the_limit_and_not_beyond() {
        assert_eq!(collect(full("12345"), 5).await.unwrap(), "12345");
        assert!(matches!(collect(full("123456"), 5).await, Err(CollectError::TooLong(5))));
        assert_eq!(collect(empty(), 0).await.unwrap(), "");
    }
}
