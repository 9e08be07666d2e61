//! The head of an answer: what is written of it is read by a strict parser to its end, and says what was decided.

use crate::{
    forward::{AskedFor, ChunkWalk, FirstLook, Framing, HeadEnd, look, mend},
    limits::UPSTREAM_HEADERS_MAX,
};

/// First byte: `H` for an answer to HEAD. The rest: what a host application sends.
pub fn head_mender(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let asked = if *first == b'H' { AskedFor::Head } else { AskedFor::Whole };
    let looked = look(bytes, asked);
    let mended = mend(bytes, asked);
    if let FirstLook::Plain(end) = looked {
        check_plain(&bytes[..end.length], end, asked);
        let mended = mended.as_ref().ok().and_then(Option::as_ref).expect("a plain head is one that can be mended");
        assert_eq!(mended.end, end, "a plain head is mended to another");
        assert!(mended.notes.is_empty(), "something is noted of a plain head");
    }
    match mended {
        Ok(Some(mended)) => {
            check_mended(&mended.bytes, mended.end.framing, asked);
            check_chunks(&bytes[mended.end.length..]);
        }
        Ok(None) => assert!(!matches!(looked, FirstLook::Plain(_))),
        Err(error) => {
            let text = error.to_string();
            assert!(text.len() < 600 && !text.contains(char::is_control), "{text:?}");
        }
    }
}

fn check_mended(bytes: &[u8], framing: Framing, asked: AskedFor) {
    let framing = if framing == Framing::ToEndMaybeChunked { Framing::ToEnd } else { framing };
    let end = HeadEnd { length: bytes.len(), framing, is_doubtful: false };
    check_plain(bytes, end, asked);
    // What no body follows may go on saying odd things of one.
    if !matches!(framing, Framing::Interim | Framing::Nothing) {
        assert_eq!(look(bytes, asked), FirstLook::Plain(end), "what is written is not plain");
    }
}

/// A strict parser reads all of it, and by the letter of RFC 9112 6.3 it says this framing.
fn check_plain(head: &[u8], end: HeadEnd, asked: AskedFor) {
    let mut headers = [httparse::EMPTY_HEADER; UPSTREAM_HEADERS_MAX];
    let mut parsed = httparse::Response::new(&mut headers);
    let read = parsed.parse(head).expect("a strict parser reads it");
    assert_eq!(read, httparse::Status::Complete(head.len()), "a strict parser finds another end");
    let code = parsed.code.expect("read whole");
    let lines = |name: &str| -> Vec<&[u8]> {
        parsed.headers.iter().filter(|line| line.name.eq_ignore_ascii_case(name)).map(|line| line.value).collect()
    };
    let (codings, lengths) = (lines("transfer-encoding"), lines("content-length"));
    let said = match (codings.as_slice(), lengths.as_slice()) {
        _ if (100..200).contains(&code) && code != 101 => Framing::Interim,
        _ if asked == AskedFor::Head || matches!(code, 101 | 204 | 304) => Framing::Nothing,
        ([], []) => Framing::ToEnd,
        ([coding], []) => {
            assert!(coding.eq_ignore_ascii_case(b"chunked") && parsed.version == Some(1), "another coding");
            Framing::Chunked
        }
        ([], [length]) => {
            let length = std::str::from_utf8(length).expect("a number is ASCII");
            assert!(!length.starts_with('+'), "no plain number");
            Framing::Length(length.parse().expect("a number"))
        }
        _ => panic_of(head),
    };
    assert_eq!(said, end.framing, "a strict reader finds another framing");
}

#[expect(clippy::panic, reason = "a property that does not hold")]
fn panic_of(head: &[u8]) -> Framing {
    panic!("two lines about framing: {}", head.escape_ascii())
}

/// Chunks are read alike in whatever pieces they come; what is made of them is by the letter, and what was by the letter is that.
fn check_chunks(body: &[u8]) {
    for read in [ChunkWalk::mended, ChunkWalk::undone] {
        let (mut at_once, mut in_pieces) = (ChunkWalk::new(), ChunkWalk::new());
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        let one = read(&mut at_once, body, &mut whole).map(drop);
        let other = body.chunks(1).try_for_each(|piece| read(&mut in_pieces, piece, &mut pieces).map(drop));
        assert_eq!((one, at_once.is_done()), (other, in_pieces.is_done()), "pieces make a difference");
        assert_eq!(at_once.is_loose(), in_pieces.is_loose(), "pieces make a difference");
        assert!(one.is_err() || whole == pieces, "pieces make a difference");
    }
    let (mut mended, mut walk) = (Vec::new(), ChunkWalk::new());
    if walk.mended(body, &mut mended).is_ok() {
        assert_eq!(ChunkWalk::new().by_the_letter(&mended), mended.len(), "what is mended is not by the letter");
    }
    let letter = ChunkWalk::new().by_the_letter(body);
    assert!(mended.starts_with(&body[..letter]), "what is by the letter is mended");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "a strict reader finds another framing")]
    fn a_framing_that_is_not_said_is_seen() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        check_plain(head, HeadEnd { length: head.len(), framing: Framing::ToEnd, is_doubtful: false }, AskedFor::Whole);
    }

    #[test]
    #[should_panic(expected = "two lines about framing")]
    fn two_lines_about_framing_are_seen() {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n";
        check_plain(
            head,
            HeadEnd { length: head.len(), framing: Framing::Chunked, is_doubtful: false },
            AskedFor::Whole,
        );
    }
}
