//! The frames of an HTTP/2 head (RFC 9113 6.2, 6.10): read, and written with other fields.

use std::borrow::Cow;

use super::{field_block::mended, hpack::FieldReader};
use crate::limits::{HTTP2_FRAME_BYTES_MAX, HTTP2_HEAD_FRAMES_MAX, REQUEST_HEAD_BYTES_MAX};

pub(super) const FRAME_HEAD_BYTES: usize = 9;
const PRIORITY_BYTES: usize = 5;

pub(super) const HEADERS: u8 = 1;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 0x1;
pub(super) const END_HEADERS: u8 = 0x4;
pub(super) const PADDED: u8 = 0x8;
pub(super) const PRIORITY: u8 = 0x20;

/// The first nine bytes of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) struct FrameHead {
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
}

impl FrameHead {
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, kind, flags, stream @ ..] = *bytes.first_chunk::<FRAME_HEAD_BYTES>()?;
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        // The first bit is nobody's.
        Some(Self { length, kind, flags, stream: u32::from_be_bytes(stream) & 0x7fff_ffff })
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        let [_, a, b, c] = u32::try_from(self.length).unwrap_or(u32::MAX).to_be_bytes();
        out.extend_from_slice(&[a, b, c, self.kind, self.flags]);
        out.extend_from_slice(&self.stream.to_be_bytes());
    }
}

/// What begins with a HEADERS frame.
pub(super) enum HeadSeen<'a> {
    Whole(Head<'a>),
    /// More of it is to come.
    Within,
    /// It goes on as it comes.
    TooLong,
    /// No head.
    Odd,
}

/// The frames of a head.
pub(super) struct Head<'a> {
    first: FrameHead,
    /// Of all frames.
    pub(super) length: usize,
    block: Cow<'a, [u8]>,
}

/// Reads a HEADERS frame and what continues it.
pub(super) fn head(bytes: &[u8]) -> HeadSeen<'_> {
    let (mut length, mut begun, mut pieces) = (0, None, Vec::new());
    for frames in 0..HTTP2_HEAD_FRAMES_MAX {
        let rest = &bytes[length..];
        let Some(frame) = FrameHead::of(rest) else { return HeadSeen::Within };
        let is_beyond = length - frames * FRAME_HEAD_BYTES + frame.length > REQUEST_HEAD_BYTES_MAX;
        if is_beyond || frame.length > HTTP2_FRAME_BYTES_MAX {
            return HeadSeen::TooLong;
        }
        let end = FRAME_HEAD_BYTES + frame.length;
        let Some(payload) = rest.get(FRAME_HEAD_BYTES..end) else { return HeadSeen::Within };
        length += end;
        let is_whole = frame.flags & END_HEADERS != 0;
        match begun {
            None => {
                let Some(fields) = fields(frame.flags, payload) else { return HeadSeen::Odd };
                if is_whole {
                    return HeadSeen::Whole(Head { first: frame, length, block: fields.into() });
                }
                begun = Some(frame);
                pieces.push(fields);
            }
            Some(first) if frame.kind == CONTINUATION && frame.stream == first.stream => {
                pieces.push(payload);
                if is_whole {
                    return HeadSeen::Whole(Head { first, length, block: pieces.concat().into() });
                }
            }
            Some(_) => return HeadSeen::Odd,
        }
    }
    HeadSeen::TooLong
}

/// The fields of a HEADERS frame, without its priority and what pads them.
fn fields(flags: u8, payload: &[u8]) -> Option<&[u8]> {
    let unpadded = if flags & PADDED == 0 {
        payload
    } else {
        let (padding, rest) = payload.split_first()?;
        &rest[..rest.len().checked_sub(usize::from(*padding))?]
    };
    unpadded.get(if flags & PRIORITY == 0 { 0 } else { PRIORITY_BYTES }..)
}

impl Head<'_> {
    /// What goes on in its place: what can be read, and one frame where it came in several that fit into one, for `h2` forgets what was
    /// malformed in a frame behind which another comes.
    pub(super) fn replaced(&self) -> Option<Vec<u8>> {
        let is_one_frame = self.first.flags & END_HEADERS != 0;
        match mended(&self.block) {
            Some(block) if block.len() <= REQUEST_HEAD_BYTES_MAX => Some(self.with(&block)),
            _ if !is_one_frame && self.block.len() <= HTTP2_FRAME_BYTES_MAX => Some(self.with(&self.block)),
            _ => None,
        }
    }

    /// The same with these fields, without a priority (RFC 9113 5.3.2).
    fn with(&self, block: &[u8]) -> Vec<u8> {
        let (mut out, pieces) = (Vec::new(), pieces(block, HTTP2_FRAME_BYTES_MAX));
        for (at, piece) in pieces.iter().enumerate() {
            let (kind, of_stream) = if at == 0 { (HEADERS, self.first.flags & END_STREAM) } else { (CONTINUATION, 0) };
            let flags = of_stream | if at + 1 == pieces.len() { END_HEADERS } else { 0 };
            FrameHead { length: piece.len(), kind, flags, stream: self.first.stream }.write(&mut out);
            out.extend_from_slice(piece);
        }
        out
    }
}

/// A readable block in pieces of at most so many bytes. Each but the last ends within a field: what was malformed before the end of a
/// field `h2` tells at once, and takes what continues the head for an error of the connection.
fn pieces(block: &[u8], length: usize) -> Vec<&[u8]> {
    let (mut ends, mut rest) = (Vec::new(), FieldReader(block));
    while block.len() > length && rest.field().is_some() {
        ends.push(block.len() - rest.0.len());
    }
    let (mut pieces, mut left, mut begin) = (Vec::new(), block, 0);
    while left.len() > length {
        let is_within = |count: &usize| ends.binary_search(&(begin + count)).is_err();
        let (piece, behind) = left.split_at((1..=length).rev().find(is_within).unwrap_or(length));
        pieces.push(piece);
        (left, begin) = (behind, begin + piece.len());
    }
    pieces.push(left);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_within_a_field() {
        // Fields of 2, 1, 6, 1, 1 and 5 bytes.
        let block = [b"\x5f\0\x82".as_slice(), b"\x04\x04/pub", b"\x82\x86", b"\0\x01a\x01b"].concat();
        for (length, expected) in [
            (16, vec![16]),
            (15, vec![15, 1]),
            (11, vec![8, 8]),
            (9, vec![8, 8]),
            (4, vec![4, 4, 4, 4]),
            // There is no such place in reach of the fifth.
            (3, vec![1, 3, 3, 1, 3, 3, 2]),
            (1, vec![1; 16]),
        ] {
            let pieces = pieces(&block, length);
            assert_eq!(pieces.iter().map(|piece| piece.len()).collect::<Vec<_>>(), expected, "{length}");
            assert_eq!(pieces.concat(), block);
        }
    }
}
