//! A walk over the bytes of an HTTP/2 connection (RFC 9113 4), for one thing: heads with a field that nobody else can read
//! ([`field_block`]).
//!
//! In: bytes as they come. Out: where such a head stands, and the frames that go in its place; so does one in place of several where
//! one holds it. It judges nothing else: what is odd in any other way ends the walk, and is for `h2` to refuse.

use super::head_frames::{FRAME_HEAD_BYTES, FrameHead, HEADERS, HeadSeen, head};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

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
    /// One that goes on otherwise than it came.
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
                        HeadSeen::TooLong => {
                            at += FRAME_HEAD_BYTES;
                            self.0 = FrameAt::Payload(frame.length);
                        }
                        HeadSeen::Whole(head) => {
                            let to = at + head.length;
                            if let Some(frames) = head.replaced() {
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

#[cfg(test)]
mod tests {
    use super::{
        super::{
            field_block::mended,
            head_frames::{CONTINUATION, END_HEADERS, END_STREAM, PADDED, PRIORITY},
        },
        *,
    };
    use crate::limits::{HTTP2_FRAME_BYTES_MAX, HTTP2_HEAD_FRAMES_MAX, REQUEST_HEAD_BYTES_MAX};

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
        // Also where all can be read: `h2` is to see all of it at once.
        let (begin, end) = GOOD.split_at(1);
        let sent = [frame(HEADERS, 0, 1, begin), frame(CONTINUATION, END_HEADERS, 1, end)];
        assert_walked(&sent, &[frame(HEADERS, END_HEADERS, 1, GOOD)], true);
    }

    /// A head that says so much of `x-a` behind a target.
    fn long(target: &[u8], length: usize) -> Vec<u8> {
        let path = [b"\x04".as_slice(), &[u8::try_from(target.len()).unwrap()], target].concat();
        let before = [GET, &path, b"\0\x03x-a"].concat();
        let filled = |count: usize| [before.as_slice(), &string(0, &b"a".repeat(count))].concat();
        let rest = length - (filled(length).len() - length);
        filled(rest)
    }

    /// A head in frames.
    fn in_frames(stream: u8, pieces: &[&[u8]]) -> Vec<u8> {
        let (last, before) = pieces.split_last().unwrap();
        let kind = |at: usize| if at == 0 { HEADERS } else { CONTINUATION };
        let mut out: Vec<u8> =
            before.iter().enumerate().flat_map(|(at, piece)| frame(kind(at), 0, stream, piece)).collect();
        out.extend(frame(kind(before.len()), END_HEADERS, stream, last));
        out
    }

    #[test]
    fn a_head_is_looked_through_as_long_as_heads_may_be() {
        const MAX: usize = HTTP2_FRAME_BYTES_MAX;
        let behind = |target| frame(HEADERS, END_HEADERS, 5, target);
        for length in [MAX, MAX + 1, REQUEST_HEAD_BYTES_MAX - 5] {
            let bad = in_frames(1, &long(b"/p\xe9b", length).chunks(MAX).collect::<Vec<_>>());
            let last = if length > MAX { &b"\0\x01\"\x01-"[..] } else { b"" };
            let refused = [long(b"/p\\b", length), last.to_vec()].concat();
            let refused = in_frames(1, &refused.chunks(MAX).collect::<Vec<_>>());
            assert_walked(&[bad, behind(BAD)], &[refused, behind(REFUSED)], true);
        }
        // What is longer goes on as it is, and what follows it is looked through.
        let longer = long(b"/p\xe9b", REQUEST_HEAD_BYTES_MAX + 1);
        let more_frames = in_frames(1, &[BAD; HTTP2_HEAD_FRAMES_MAX + 1]);
        for sent in [
            in_frames(1, &longer.chunks(MAX).collect::<Vec<_>>()),
            frame(HEADERS, END_HEADERS, 1, &longer[..=MAX]),
            more_frames,
            // A continuation of nothing.
            frame(CONTINUATION, END_HEADERS, 1, BAD),
        ] {
            assert_walked(&[sent.clone(), behind(BAD)], &[sent, behind(REFUSED)], true);
        }
    }

    #[test]
    fn of_several_frames_one_is_made_where_it_holds_them() {
        for length in [HTTP2_FRAME_BYTES_MAX, HTTP2_FRAME_BYTES_MAX + 1] {
            let head = long(b"/pub", length);
            let sent = in_frames(1, &[&head[..9], &head[9..99], &head[99..]]);
            let one = frame(HEADERS, END_HEADERS, 1, &head[..length.min(HTTP2_FRAME_BYTES_MAX)]);
            let goes_on = if length > HTTP2_FRAME_BYTES_MAX { sent.clone() } else { one };
            assert_walked(&[sent], &[goes_on], true);
        }
    }

    /// Empty methods, each of which takes up the room of its name.
    #[test]
    fn what_becomes_longer_than_heads_may_be_stays() {
        let empty = b"\x42\0".repeat(HTTP2_FRAME_BYTES_MAX / 2);
        assert!(mended(&empty).is_some_and(|block| block.len() > REQUEST_HEAD_BYTES_MAX));
        let (begin, end) = empty.split_at(3);
        let whole = [frame(HEADERS, END_HEADERS, 1, &empty)];
        for sent in [whole.concat(), in_frames(1, &[begin, end])] {
            assert_walked(&[sent], &whole, true);
        }
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
        ] {
            let sent = [odd, bad.clone()];
            assert_walked(&sent, &sent, false);
        }
        let other = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n".to_vec();
        assert_eq!(walked(&other, 5), (other, false));
    }
}
