//! Gzip in and out, in steps (RFC 1952).

use std::io::Write;

use flate2::{Compression, Decompress, FlushDecompress, Status, write::GzEncoder};

use crate::limits::{DECODE_RATIO_MAX, HELD_PAGE_BYTES_MAX, REWRITE_CHUNK_BYTES};

/// Zlib's largest window, which every gzip decoder must take.
const WINDOW_BITS: u8 = 15;
/// The first byte of a gzip member.
const MAGIC: u8 = 0x1f;

/// What is wrong with a gzip body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GzipError {
    /// Not gzip, or a checksum is wrong.
    #[error("gzip body is malformed")]
    Malformed,
    /// It ends inside a member.
    #[error("gzip body is cut off")]
    Truncated,
    /// It decodes to far more than it is: a bomb.
    #[error("gzip body decodes to more than {DECODE_RATIO_MAX} times its size")]
    Ratio,
}

/// Decodes a body of one or more members; bytes after the last member are ignored, as browsers do.
pub(super) struct GzipDecoder {
    engine: Decompress,
    place: StreamPlace,
    bytes_in: u64,
    bytes_out: u64,
    buffer: Box<[u8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamPlace {
    BeforeFirst,
    InMember,
    BetweenMembers,
    Behind,
}

impl GzipDecoder {
    pub(super) fn new() -> Self {
        Self {
            engine: Decompress::new_gzip(WINDOW_BITS),
            place: StreamPlace::BeforeFirst,
            bytes_in: 0,
            bytes_out: 0,
            buffer: vec![0; REWRITE_CHUNK_BYTES].into_boxed_slice(),
        }
    }

    /// Decodes at most [`REWRITE_CHUNK_BYTES`] bytes into `out`. Returns how many input bytes were used and whether there may
    /// be more output without more input.
    ///
    /// # Errors
    /// [`GzipError::Malformed`], [`GzipError::Ratio`].
    pub(super) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(usize, bool), GzipError> {
        if self.place == StreamPlace::BetweenMembers && !input.is_empty() {
            self.place = if input.first() == Some(&MAGIC) { StreamPlace::InMember } else { StreamPlace::Behind };
            self.engine = Decompress::new_gzip(WINDOW_BITS);
        }
        if self.place == StreamPlace::Behind {
            return Ok((input.len(), false));
        }
        if self.place == StreamPlace::BeforeFirst && !input.is_empty() {
            self.place = StreamPlace::InMember;
        }
        let (before_in, before_out) = (self.engine.total_in(), self.engine.total_out());
        let status =
            self.engine.decompress(input, &mut self.buffer, FlushDecompress::None).map_err(|_| GzipError::Malformed)?;
        // Both are at most the lengths of the slices above.
        let used = (self.engine.total_in() - before_in) as usize;
        let made = (self.engine.total_out() - before_out) as usize;
        out.extend_from_slice(&self.buffer[..made]);
        self.count(used, made)?;
        if status == Status::StreamEnd {
            self.place = StreamPlace::BetweenMembers;
        }
        Ok((used, made == self.buffer.len() && status != Status::StreamEnd))
    }

    /// Checks that the body ended where a member ended.
    ///
    /// # Errors
    /// [`GzipError::Truncated`].
    pub(super) const fn finish(&self) -> Result<(), GzipError> {
        match self.place {
            StreamPlace::InMember => Err(GzipError::Truncated),
            StreamPlace::BeforeFirst | StreamPlace::BetweenMembers | StreamPlace::Behind => Ok(()),
        }
    }

    const fn count(&mut self, used: usize, made: usize) -> Result<(), GzipError> {
        self.bytes_in += used as u64;
        self.bytes_out += made as u64;
        let is_large = self.bytes_out > HELD_PAGE_BYTES_MAX as u64;
        if is_large && self.bytes_out > self.bytes_in.saturating_mul(DECODE_RATIO_MAX) {
            Err(GzipError::Ratio)
        } else {
            Ok(())
        }
    }
}

/// Encodes a body; fast rather than small, for it is done while somebody waits.
pub(super) struct GzipEncoder {
    engine: GzEncoder<Vec<u8>>,
    is_dirty: bool,
}

impl GzipEncoder {
    pub(super) fn new() -> Self {
        Self { engine: GzEncoder::new(Vec::new(), Compression::fast()), is_dirty: false }
    }

    pub(super) fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        self.engine.write_all(plain).expect("writing to a Vec does not fail");
        self.is_dirty |= !plain.is_empty();
        out.append(self.engine.get_mut());
    }

    /// Makes everything written so far readable, so that a page that comes slowly is shown as it comes.
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_dirty) {
            self.engine.flush().expect("writing to a Vec does not fail");
            out.append(self.engine.get_mut());
        }
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.engine.try_finish().expect("writing to a Vec does not fail");
        out.append(self.engine.get_mut());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(plain: &[u8]) -> Vec<u8> {
        let (mut encoder, mut out) = (GzipEncoder::new(), Vec::new());
        encoder.write(plain, &mut out);
        encoder.finish(&mut out);
        out
    }

    fn decoded(coded: &[u8], chunk: usize) -> Result<Vec<u8>, GzipError> {
        let (mut decoder, mut out) = (GzipDecoder::new(), Vec::new());
        for mut piece in coded.chunks(chunk) {
            loop {
                let (used, has_more) = decoder.step(piece, &mut out)?;
                piece = &piece[used..];
                if piece.is_empty() && !has_more {
                    break;
                }
            }
        }
        decoder.finish().map(|()| out)
    }

    #[test]
    fn several_members_are_one_body() {
        let body = [encoded(b"one "), encoded(b""), encoded(b"two")].concat();
        for chunk in [1, 2, 7, 10_000] {
            assert_eq!(decoded(&body, chunk), Ok(b"one two".to_vec()));
        }
    }

    #[test]
    fn bytes_behind_the_last_member_are_ignored() {
        assert_eq!(decoded(&[encoded(b"one"), b"\0\0\0garbage".to_vec()].concat(), 5), Ok(b"one".to_vec()));
    }

    #[test]
    fn a_cut_body_is_an_error_at_every_cut() {
        let body = encoded(b"some text that is long enough, long enough");
        for cut in 1..body.len() {
            assert_eq!(decoded(&body[..cut], 3), Err(GzipError::Truncated), "{cut}");
        }
        assert_eq!(decoded(b"", 1), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_gzip_is_malformed() {
        assert_eq!(decoded(b"<html>", 2), Err(GzipError::Malformed));
        let mut body = encoded(b"checked");
        let checksum = body.len() - 8;
        body[checksum] ^= 1;
        assert_eq!(decoded(&body, 100), Err(GzipError::Malformed));
    }

    #[test]
    fn a_bomb_is_refused_and_an_ordinary_ratio_is_not() {
        let packed = |length| {
            let mut best = GzEncoder::new(Vec::new(), Compression::best());
            best.write_all(&vec![0; length]).unwrap();
            best.finish().unwrap()
        };
        let length_of = |coded: &[u8]| decoded(coded, 16).map(|plain| plain.len());
        assert_eq!(length_of(&packed(4 << 20)), Err(GzipError::Ratio));
        assert_eq!(length_of(&packed(HELD_PAGE_BYTES_MAX)), Ok(HELD_PAGE_BYTES_MAX));
    }

    proptest! {
        #[test]
        fn what_is_encoded_in_pieces_is_decoded_in_any_split(
            plain in proptest::collection::vec(any::<u8>(), 0..3000),
            piece in 1_usize..500,
            chunk in 1_usize..500,
        ) {
            let (mut encoder, mut coded) = (GzipEncoder::new(), Vec::new());
            for piece in plain.chunks(piece) {
                encoder.write(piece, &mut coded);
                encoder.flush(&mut coded);
            }
            encoder.finish(&mut coded);
            prop_assert_eq!(decoded(&coded, chunk), Ok(plain));
        }

        #[test]
        fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300), chunk in 1_usize..50) {
            let _ = decoded(&[&[0x1f, 0x8b, 8], &bytes[..]].concat(), chunk);
        }
    }
}
