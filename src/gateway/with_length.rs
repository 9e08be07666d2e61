//! Request bodies without a length that are held to have one (`request_bodies`), for applications that read no chunks.

use std::sync::Arc;

use bytes::BytesMut;
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    body::{Body, BodyError, full, keeping},
    limits::{REQUEST_BODY_BYTES_MAX, REQUEST_BODY_BYTES_MIN},
    reason::Reason,
};

/// Why a body was not held to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotHeld {
    /// It is longer than what is held.
    #[error(
        "request body without a length is longer than {REQUEST_BODY_BYTES_MAX} bytes, of which request_bodies = \"length\" \
         holds no more; request_bodies = \"stream\" passes it on in chunks"
    )]
    TooLong,
    /// All room for such bodies is in use.
    #[error("all room for request bodies that are held (request_bodies = \"length\") is in use")]
    NoRoom,
    /// It broke off.
    #[error("request body broke off")]
    Body(#[from] BodyError),
}

impl NotHeld {
    /// The reason that is told.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::TooLong => Reason::BodyTooLarge,
            Self::NoRoom => Reason::UpstreamBusy,
            Self::Body(error) => error.of_upload(),
        }
    }
}

/// Whether a body says how long it is. One that is empty does.
pub(super) fn has_length(body: &Body) -> bool {
    body.is_end_stream() || body.size_hint().exact().is_some()
}

/// The same body in memory. It keeps its room, of the KiB in `rooms`, until it has been sent.
///
/// # Errors
/// See [`NotHeld`]; no more than the limit is ever held.
pub(super) async fn with_length(mut body: Body, rooms: &Arc<Semaphore>) -> Result<Body, NotHeld> {
    let (mut bytes, mut room) = (BytesMut::new(), None);
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        let length = bytes.len() + piece.len();
        if length > REQUEST_BODY_BYTES_MAX {
            return Err(NotHeld::TooLong);
        }
        if length > bytes.capacity() {
            let capacity = length.next_power_of_two().clamp(REQUEST_BODY_BYTES_MIN, REQUEST_BODY_BYTES_MAX);
            // Both are there while one is copied into the other.
            let larger_room = take(rooms, capacity)?;
            let mut larger = BytesMut::with_capacity(capacity);
            larger.extend_from_slice(&bytes);
            (bytes, room) = (larger, Some(larger_room));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(keeping(full(bytes.freeze()), room))
}

fn take(rooms: &Arc<Semaphore>, bytes: usize) -> Result<OwnedSemaphorePermit, NotHeld> {
    let kib = u32::try_from(bytes.div_ceil(1024)).map_err(|_| NotHeld::TooLong)?;
    Arc::clone(rooms).try_acquire_many_owned(kib).map_err(|_| NotHeld::NoRoom)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::stream;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;
    use crate::body::empty;

    fn in_pieces(pieces: Vec<Bytes>) -> Body {
        StreamBody::new(stream::iter(pieces.into_iter().map(|piece| Ok(Frame::data(piece))))).boxed_unsync()
    }

    fn rooms(kib: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(kib))
    }

    #[tokio::test]
    async fn a_body_gets_its_length_and_gives_its_room_back_when_it_is_sent() {
        let rooms = rooms(256);
        let body = in_pieces(vec![Bytes::from(vec![b'a'; 70_000]), Bytes::from("bc")]);
        assert!(!has_length(&body));
        let body = with_length(body, &rooms).await.unwrap();
        assert_eq!((body.size_hint().exact(), has_length(&body), rooms.available_permits()), (Some(70_002), true, 128));
        let bytes = body.collect().await.unwrap().to_bytes();
        assert!(bytes.starts_with(b"aaa") && bytes.ends_with(b"abc"));
        assert_eq!(rooms.available_permits(), 256);
    }

    #[tokio::test]
    async fn a_body_in_chunks_may_be_empty_after_all() {
        let body = with_length(in_pieces(Vec::new()), &rooms(1)).await.unwrap();
        assert!(has_length(&body) && has_length(&empty()));
        assert_eq!(body.size_hint().exact(), Some(0));
    }

    #[tokio::test]
    async fn a_body_beyond_the_bound_or_the_room_of_all_is_not_held() {
        let piece = Bytes::from(vec![0; REQUEST_BODY_BYTES_MAX / 2]);
        let room = REQUEST_BODY_BYTES_MAX / 1024;
        let of =
            |last: usize| in_pieces(vec![piece.clone(), piece.slice(..piece.len() - 1), Bytes::from(vec![0; last])]);
        assert!(with_length(of(1), &rooms(2 * room)).await.is_ok());
        assert!(matches!(with_length(of(2), &rooms(2 * room)).await, Err(NotHeld::TooLong)));
        assert!(matches!(with_length(of(1), &rooms(room)).await, Err(NotHeld::NoRoom)));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_none() {
        let death = stream::once(async { Err(BodyError::Reset) });
        let pieces = stream::once(async { Ok(Frame::data(Bytes::from("a"))) });
        let body = StreamBody::new(futures_util::StreamExt::chain(pieces, death)).boxed_unsync();
        assert!(matches!(with_length(body, &rooms(64)).await, Err(NotHeld::Body(BodyError::Reset))));
    }
}
