//! The bytes of a body that is held, as they came: with a bound, and moved as seldom as may be.

use std::ops::Deref;

use bytes::Bytes;

use crate::limits::HELD_PAGE_BYTES_MAX;

/// The body is over the limit: it goes on as [`HeldBody::into_onward`](super::HeldBody::into_onward) says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("body is longer than what is looked through")]
pub(crate) struct Overflow;

/// What came of a body.
pub(super) struct Original {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Original {
    pub(super) const fn new(bytes_max: usize) -> Self {
        Self { bytes: Vec::new(), bytes_max }
    }

    pub(super) const fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    pub(super) const fn is_over(&self) -> bool {
        self.bytes.len() > self.bytes_max
    }

    /// So many bytes are said to come: room for them is made in one piece.
    pub(super) fn expect(&mut self, bytes: u64) {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.bytes_max);
        self.bytes.reserve_exact(bytes.saturating_sub(self.bytes.len()));
    }

    /// Adds a chunk, which is kept if it goes over the limit, too.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<(), Overflow> {
        let length = self.bytes.len() + chunk.len();
        if !self.bytes.is_empty() && length > self.bytes.capacity() {
            // It comes in pieces, nobody knows how many: once the room of a page, instead of a copy for each doubling.
            self.bytes.reserve(HELD_PAGE_BYTES_MAX.saturating_sub(self.bytes.len()).max(chunk.len()));
        }
        self.bytes.extend_from_slice(chunk);
        if self.is_over() { Err(Overflow) } else { Ok(()) }
    }

    /// All of it, without the room that it did not need: a slow reader keeps it for long.
    pub(super) fn into_bytes(mut self) -> Bytes {
        if self.bytes.len() < self.bytes.capacity() / 2 {
            self.bytes.shrink_to_fit();
        }
        self.bytes.into()
    }
}

impl Deref for Original {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(chunks: &[usize]) -> Original {
        let mut original = Original::new(HELD_PAGE_BYTES_MAX);
        for length in chunks {
            original.push(&vec![b'x'; *length]).unwrap();
        }
        original
    }

    #[test]
    fn a_body_that_says_its_length_stays_where_it_is_and_takes_no_more() {
        let mut original = Original::new(HELD_PAGE_BYTES_MAX);
        original.expect(30_000);
        let place = original.bytes.as_ptr();
        for _ in 0..30 {
            original.push(&[b'x'; 1000]).unwrap();
        }
        assert_eq!((original.bytes.as_ptr(), original.bytes.capacity()), (place, 30_000));
    }

    #[test]
    fn what_is_said_to_come_makes_no_room_beyond_the_bound() {
        let mut original = Original::new(1000);
        original.expect(u64::MAX);
        assert_eq!(original.bytes.capacity(), 1000);
    }

    #[test]
    fn a_body_in_pieces_moves_once_and_one_in_a_piece_never() {
        assert!(of(&[8000]).bytes.capacity() < 9000);
        let original = of(&[8000, 1]);
        assert!((HELD_PAGE_BYTES_MAX..=HELD_PAGE_BYTES_MAX + 8000).contains(&original.bytes.capacity()));
        assert_eq!(of(&[8000, 1, HELD_PAGE_BYTES_MAX - 8001]).bytes.capacity(), original.bytes.capacity());
    }

    #[test]
    fn what_goes_out_keeps_no_room_that_it_did_not_need() {
        let bytes = of(&[8000, 1]).into_bytes();
        let kept = bytes.try_into_mut().unwrap();
        assert!(kept.len() == 8001 && kept.capacity() < 16_000, "{}", kept.capacity());
    }

    #[test]
    fn a_chunk_that_goes_over_the_limit_is_told_of_and_kept() {
        let mut original = Original::new(4);
        assert_eq!((original.push(b"abcd"), original.is_over()), (Ok(()), false));
        assert_eq!((original.push(b"e"), original.is_over()), (Err(Overflow), true));
        assert_eq!(original.into_bytes(), "abcde");
    }
}
