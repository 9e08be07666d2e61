//! A walk over the bytes of an HTTP/2 connection (RFC 9113 4), for one thing: heads with a field that nobody else can read
//! ([`field_block`]).
//!
//! In: bytes as they come. Out: where such a head stands, and the frames that go in its place. It judges nothing else: what is odd in
//! any other way ends the walk, and is for `h2` to refuse.

use std::borrow::Cow;

use super::field_block::mended;
use crate::limits::{HTTP2_FRAME_BYTES_MAX, HTTP2_HEAD_FRAMES_MAX};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEAD_BYTES: usize = 9;
const PRIORITY_BYTES: usize = 5;

const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

/// Where the walk is.
#[derive(Debug)]
pub(crate) struct FrameWalk(FrameAt);

#[derive(Debug)]
enum FrameAt {
    Preface,
    Frame,
    /// In a frame that is of no interest, of which so many bytes are to come.
    Payload(usize),
    Ended,
}

/// What becomes of bytes that were walked over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FramesWalked {
    /// So many at the beginning go on as they are.
    pub(crate) stay: usize,
    /// A head begins here, and is not whole: it is to come again with more behind it.
    pub(crate) held_from: usize,
}

/// The first head that does not go on as it came.
enum FoundHead {
    Nothing,
    /// One that is not whole begins here.
    Within {
        from: usize,
    },
    /// One that nobody can read, and what can be read in its place.
    Replaced {
        from: usize,
        to: usize,
        frames: Vec<u8>,
    },
}

impl FrameWalk {
    /// Before the first byte of a connection.
    pub(crate) const fn new() -> Self {
        Self(FrameAt::Preface)
    }

    /// One that looks at nothing.
    pub(crate) const fn ended() -> Self {
        Self(FrameAt::Ended)
    }

    /// Whether there is nothing more to look at.
    pub(crate) const fn is_ended(&self) -> bool {
        matches!(self.0, FrameAt::Ended)
    }

    /// Walks on; puts behind `out` what goes on behind what stays.
    pub(crate) fn over(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> FramesWalked {
        let (mut at, mut stay) = (0, None);
        loop {
            let (goes_on, replaced) = match self.find(&bytes[at..]) {
                FoundHead::Nothing => (bytes.len() - at, None),
                FoundHead::Within { from } => (from, None),
                FoundHead::Replaced { from, to, frames } => (from, Some((at + to, frames))),
            };
            let end = at + goes_on;
            match stay {
                None => stay = Some(end),
                Some(_) => out.extend_from_slice(&bytes[at..end]),
            }
            let Some((behind, frames)) = replaced else {
                return FramesWalked { stay: stay.unwrap_or(end), held_from: end };
            };
            out.extend_from_slice(&frames);
            at = behind;
        }
    }

    fn find(&mut self, bytes: &[u8]) -> FoundHead {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.0 {
                FrameAt::Ended => break,
                FrameAt::Preface if rest.len() < PREFACE.len() && PREFACE.starts_with(rest) => {
                    return FoundHead::Within { from: at };
                }
                FrameAt::Preface => {
                    self.0 = if rest.starts_with(PREFACE) { FrameAt::Frame } else { FrameAt::Ended };
                    at += PREFACE.len().min(rest.len());
                }
                FrameAt::Payload(left) => {
                    let taken = left.min(rest.len());
                    at += taken;
                    self.0 = if taken == left { FrameAt::Frame } else { FrameAt::Payload(left - taken) };
                }
                FrameAt::Frame => {
                    let Some(frame) = FrameHead::of(rest) else { return FoundHead::Within { from: at } };
                    if frame.kind != HEADERS {
                        at += FRAME_HEAD_BYTES;
                        self.0 = FrameAt::Payload(frame.length);
                        continue;
                    }
                    match head(rest) {
                        HeadSeen::Within => return FoundHead::Within { from: at },
                        HeadSeen::Odd => self.0 = FrameAt::Ended,
                        HeadSeen::Whole(head) => {
                            let to = at + head.length;
                            if let Some(frames) = mended(&head.block).and_then(|block| head.with(&block)) {
                                return FoundHead::Replaced { from: at, to, frames };
                            }
                            at = to;
                        }
                    }
                }
            }
        }
        FoundHead::Nothing
    }
}

/// The first nine bytes of a frame.
#[derive(Debug, Clone, Copy)]
struct FrameHead {
    length: usize,
    kind: u8,
    flags: u8,
    stream: u32,
}

impl FrameHead {
    fn of(bytes: &[u8]) -> Option<Self> {
        let [a, b, c, kind, flags, stream @ ..] = *bytes.first_chunk::<FRAME_HEAD_BYTES>()?;
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        // The first bit is nobody's.
        Some(Self { length, kind, flags, stream: u32::from_be_bytes(stream) & 0x7fff_ffff })
    }

    fn write(self, out: &mut Vec<u8>) {
        let [_, a, b, c] = u32::try_from(self.length).unwrap_or(u32::MAX).to_be_bytes();
        out.extend_from_slice(&[a, b, c, self.kind, self.flags]);
        out.extend_from_slice(&self.stream.to_be_bytes());
    }
}

enum HeadSeen<'a> {
    Whole(Head<'a>),
    /// More of it is to come.
    Within,
    /// No head.
    Odd,
}

/// The frames of a head.
struct Head<'a> {
    first: FrameHead,
    /// Of all frames.
    length: usize,
    block: Cow<'a, [u8]>,
}

/// Reads a HEADERS frame and what continues it.
fn head(bytes: &[u8]) -> HeadSeen<'_> {
    let (mut length, mut begun, mut pieces) = (0, None, Vec::new());
    for _ in 0..HTTP2_HEAD_FRAMES_MAX {
        let rest = &bytes[length..];
        let Some(frame) = FrameHead::of(rest) else { return HeadSeen::Within };
        if frame.length > HTTP2_FRAME_BYTES_MAX {
            return HeadSeen::Odd;
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
    HeadSeen::Odd
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
    /// The same with these fields and without a priority (RFC 9113 5.3.2), where one frame holds it: of several, `h2` forgets what was
    /// malformed in the first.
    fn with(&self, block: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let flags = self.first.flags & END_STREAM | END_HEADERS;
        FrameHead { length: block.len(), kind: HEADERS, flags, stream: self.first.stream }.write(&mut out);
        out.extend_from_slice(block);
        (block.len() <= HTTP2_FRAME_BYTES_MAX).then_some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        FrameHead { length: payload.len(), kind, flags, stream: stream.into() }.write(&mut out);
        [&out, payload].concat()
    }

    /// What comes out of a walk in pieces of so many bytes, and whether it went on to the end.
    fn walked(bytes: &[u8], step: usize) -> (Vec<u8>, bool) {
        let (mut walk, mut held, mut out) = (FrameWalk::new(), Vec::new(), Vec::new());
        for piece in bytes.chunks(step) {
            held.extend_from_slice(piece);
            let mut behind = Vec::new();
            let FramesWalked { stay, held_from } = walk.over(&held, &mut behind);
            out.extend_from_slice(&held[..stay]);
            out.append(&mut behind);
            held.drain(..held_from);
        }
        out.extend(held);
        (out, !walk.is_ended())
    }

    fn connection(frames: &[Vec<u8>]) -> Vec<u8> {
        [PREFACE, &frames.concat()].concat()
    }

    fn string(kind: u8, text: &[u8]) -> Vec<u8> {
        let (mut out, mut left) = (vec![kind | 0x7f], text.len() - 0x7f);
        while left >= 0x80 {
            out.push(u8::try_from(left % 0x80 + 0x80).unwrap());
            left /= 0x80;
        }
        out.push(u8::try_from(left).unwrap());
        [&out, text].concat()
    }

    const GET: &[u8] = b"\x82\x86";
    const GOOD: &[u8] = b"\x82\x86\x04\x04/pub";
    const BAD: &[u8] = b"\x82\x86\x04\x04/p\xe9b";
    const REFUSED: &[u8] = b"\x82\x86\x04\x04/p\\b";

    fn body() -> Vec<u8> {
        frame(0, END_STREAM, 3, &frame(HEADERS, END_HEADERS, 1, BAD))
    }

    #[track_caller]
    fn assert_walked(sent: &[Vec<u8>], goes_on: &[Vec<u8>], reaches_end: bool) {
        let sent = connection(sent);
        for step in [1, 2, 7, 23, 24, 100, sent.len()] {
            let expected = (connection(goes_on), reaches_end);
            let (out, reached) = walked(&sent, step);
            assert_eq!((out.escape_ascii().to_string(), reached), (expected.0.escape_ascii().to_string(), expected.1));
        }
    }

    #[test]
    fn a_head_that_nobody_can_read_is_replaced_and_the_rest_stays() {
        let settings = frame(4, 0, 0, &[0, 1, 0, 0, 0, 0]);
        let good = frame(HEADERS, END_HEADERS, 3, GOOD);
        let bad = frame(HEADERS, END_HEADERS | END_STREAM, 1, BAD);
        let refused = frame(HEADERS, END_HEADERS | END_STREAM, 1, REFUSED);
        let sent = [settings.clone(), good.clone(), bad.clone(), body(), bad, good.clone()];
        assert_walked(&sent, &[settings, good.clone(), refused.clone(), body(), refused, good], true);
    }

    #[test]
    fn padding_and_priority_go() {
        let padded = [&[3, 0, 0, 0, 0, 9][..], BAD, b"\0\0\0"].concat();
        let sent = [frame(HEADERS, END_HEADERS | PADDED | PRIORITY, 1, &padded)];
        assert_walked(&sent, &[frame(HEADERS, END_HEADERS, 1, REFUSED)], true);
    }

    #[test]
    fn a_head_in_several_frames_is_one() {
        let (begin, end) = BAD.split_at(5);
        let mut last = frame(CONTINUATION, END_HEADERS, 1, end);
        // The first bit of a stream's number is nobody's.
        last[5] |= 0x80;
        let sent = [frame(HEADERS, END_STREAM, 1, begin), frame(CONTINUATION, 0, 1, b""), last];
        assert_walked(&sent, &[frame(HEADERS, END_HEADERS | END_STREAM, 1, REFUSED)], true);
    }

    /// Huffman's code makes it longer than a frame when it is written out.
    #[test]
    fn what_becomes_too_long_for_a_frame_stays() {
        let sent = |length: usize| {
            let target = [b"/\xe9".as_slice(), &b"a".repeat(length)].concat();
            let mut code = Vec::new();
            httlib_huffman::encode(&target, &mut code).unwrap();
            let block = [GET, &[0x04], &string(0x80, &code)].concat();
            [frame(HEADERS, 0, 1, &block[..9]), frame(CONTINUATION, END_HEADERS, 1, &block[9..])]
        };
        let whole = [GET, &[0x04], &string(0, &b"a".repeat(HTTP2_FRAME_BYTES_MAX))].concat();
        let room = 2 * HTTP2_FRAME_BYTES_MAX - whole.len();
        let target = [b"/\\".as_slice(), &b"a".repeat(room - 2)].concat();
        let refused = frame(HEADERS, END_HEADERS, 1, &[GET, &[0x04], &string(0, &target)].concat());
        assert_walked(&sent(room - 2), &[refused], true);
        assert_walked(&sent(room - 1), &sent(room - 1), true);
    }

    #[test]
    fn what_is_odd_ends_the_walk_and_stays() {
        let bad = frame(HEADERS, END_HEADERS, 5, BAD);
        for odd in [
            // Something between the frames of a head, or a continuation of another.
            [frame(HEADERS, 0, 1, GOOD), frame(0, 0, 1, b"x")].concat(),
            [frame(HEADERS, 0, 1, GOOD), frame(CONTINUATION, END_HEADERS, 3, b"")].concat(),
            // Longer padding than there is.
            frame(HEADERS, END_HEADERS | PADDED, 1, b"\x05abcd"),
            frame(HEADERS, END_HEADERS | PADDED, 1, b""),
            frame(HEADERS, END_HEADERS | PRIORITY, 1, b"abcd"),
            // More frames, or longer ones, than heads have.
            [frame(HEADERS, 0, 1, GOOD), frame(CONTINUATION, 0, 1, b"").repeat(HTTP2_HEAD_FRAMES_MAX)].concat(),
            frame(HEADERS, END_HEADERS, 1, &vec![0; HTTP2_FRAME_BYTES_MAX + 1]),
        ] {
            let sent = [odd, bad.clone()];
            assert_walked(&sent, &sent, false);
        }
        // A continuation of nothing is for `h2` to refuse.
        let sent = [frame(CONTINUATION, END_HEADERS, 1, BAD)];
        assert_walked(&sent, &sent, true);
        let other = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec();
        assert_eq!(walked(&other, 5), (other, false));
    }
}
