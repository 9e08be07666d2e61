//! A walk over the bytes of an HTTP/1 connection, for one thing: heads whose target cannot be held in a URI, though browsers' neighbours
//! (scripts, old clients) send it: raw Latin-1, quotes, angle brackets, backticks, blanks, fragments.
//!
//! In: bytes as they come. Out: how many heads began, and where one stands that nobody else can read. It judges nothing else: what is
//! odd in any other way ends the walk, and is hyper's and admission's.

use super::target_bytes::is_held;
use crate::limits::{REQUEST_HEAD_BYTES_MAX, WALKED_LINE_BYTES_MAX};

/// Where the walk is.
#[derive(Debug, Default)]
pub(crate) struct HeadWalk {
    at: WalkAt,
    /// A header line that is not whole.
    line: Vec<u8>,
}

#[derive(Debug, Default)]
enum WalkAt {
    /// Before a request.
    #[default]
    FirstLine,
    /// Among its header lines.
    Fields(FieldsSaid),
    /// In a body, of which so many bytes are to come.
    Body(u64),
    /// Before the size of a chunk.
    ChunkSize,
    /// In a chunk, of which so many bytes are to come, with the end of its line.
    Chunk(u64),
    /// Behind the last chunk.
    Trailers,
    /// WalkAt its end.
    Ended,
}

/// What the header lines said so far.
#[derive(Debug, Clone, Copy)]
struct FieldsSaid {
    is_http10: bool,
    body: BodySaid,
}

#[derive(Debug, Clone, Copy)]
enum BodySaid {
    Nothing,
    Length(u64),
    Chunks,
}

/// What a walk over some bytes found; in each case how many heads began.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum HeadsWalked {
    /// Nothing that hyper may not have.
    All {
        /// See above.
        heads: u64,
    },
    /// A first line begins here, and is not whole.
    Within {
        /// Where.
        first_line: usize,
        /// See above.
        heads: u64,
    },
    /// A first line with such a target begins here; it counts as a head.
    Unreadable {
        /// Where.
        first_line: usize,
        /// How long its method is.
        method: usize,
        /// See above.
        heads: u64,
    },
}

impl HeadsWalked {
    pub(crate) const fn heads(&self) -> u64 {
        match self {
            Self::All { heads } | Self::Within { heads, .. } | Self::Unreadable { heads, .. } => *heads,
        }
    }
}

/// What a first line is.
enum RequestLine {
    Plain { is_http10: bool },
    Unreadable { method: usize },
    Odd,
}

impl HeadWalk {
    /// One that looks at nothing.
    pub(crate) const fn ended() -> Self {
        Self { at: WalkAt::Ended, line: Vec::new() }
    }

    /// Whether there is nothing more to look at.
    pub(crate) const fn is_ended(&self) -> bool {
        matches!(self.at, WalkAt::Ended)
    }

    /// Walks on. Of a first line that is not whole nothing is kept: it is to come again with more behind it.
    pub(crate) fn over(&mut self, bytes: &[u8]) -> HeadsWalked {
        let (mut at, mut heads) = (0, 0);
        while at < bytes.len() {
            let rest = &bytes[at..];
            match self.at {
                WalkAt::Ended => break,
                WalkAt::Body(left) | WalkAt::Chunk(left) => {
                    let taken = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                    at += taken;
                    let (left, is_chunk) = (left - taken as u64, matches!(self.at, WalkAt::Chunk(_)));
                    self.at = match left {
                        0 if is_chunk => WalkAt::ChunkSize,
                        0 => WalkAt::FirstLine,
                        _ if is_chunk => WalkAt::Chunk(left),
                        _ => WalkAt::Body(left),
                    };
                }
                WalkAt::FirstLine => {
                    let Some(end) = memchr::memchr(b'\n', rest) else {
                        if may_begin(rest) {
                            return HeadsWalked::Within { first_line: at, heads };
                        }
                        self.at = WalkAt::Ended;
                        break;
                    };
                    let line = unended(&rest[..end]);
                    match first_line(line) {
                        // Empty lines before a request are passed over (RFC 9112 2.2).
                        _ if line.is_empty() => {}
                        RequestLine::Plain { is_http10 } => {
                            let said = FieldsSaid { is_http10, body: BodySaid::Nothing };
                            (self.at, heads) = (WalkAt::Fields(said), heads + 1);
                        }
                        RequestLine::Unreadable { method } => {
                            self.at = WalkAt::Ended;
                            return HeadsWalked::Unreadable { first_line: at, method, heads: heads + 1 };
                        }
                        RequestLine::Odd => self.at = WalkAt::Ended,
                    }
                    at += end + 1;
                }
                WalkAt::Fields(_) | WalkAt::ChunkSize | WalkAt::Trailers => {
                    let Some(end) = memchr::memchr(b'\n', rest) else {
                        self.keep(rest);
                        break;
                    };
                    at += end + 1;
                    self.at = if self.line.is_empty() {
                        self.behind_line(&rest[..end])
                    } else {
                        self.keep(&rest[..end]);
                        let line = std::mem::take(&mut self.line);
                        self.behind_line(&line)
                    };
                }
            }
        }
        HeadsWalked::All { heads }
    }

    /// What follows a line that is not a first one, without its line feed.
    fn behind_line(&self, line: &[u8]) -> WalkAt {
        match (&self.at, line.strip_suffix(b"\r")) {
            (WalkAt::Fields(said), _) => behind_field(*said, unended(line)),
            (WalkAt::ChunkSize, Some(line)) => behind_chunk_size(line),
            (WalkAt::Trailers, Some(b"")) => WalkAt::FirstLine,
            (WalkAt::Trailers, Some(_)) => WalkAt::Trailers,
            (WalkAt::Trailers, None) if line.len() >= WALKED_LINE_BYTES_MAX => WalkAt::Trailers,
            // hyper takes no bare line feed there.
            _ => WalkAt::Ended,
        }
    }

    /// Of a long line its beginning says enough.
    fn keep(&mut self, part: &[u8]) {
        let room = WALKED_LINE_BYTES_MAX.saturating_sub(self.line.len());
        match part.split_at_checked(room) {
            None => self.line.extend_from_slice(part),
            // Its end may be a carriage return, which would make an empty line of none.
            Some((kept, _)) => self.line.extend_from_slice(kept),
        }
    }
}

/// What follows a header line.
fn behind_field(said: FieldsSaid, line: &[u8]) -> WalkAt {
    let name = match line.first() {
        None => {
            return match said.body {
                BodySaid::Nothing | BodySaid::Length(0) => WalkAt::FirstLine,
                BodySaid::Length(length) => WalkAt::Body(length),
                BodySaid::Chunks => WalkAt::ChunkSize,
            };
        }
        Some(b'c' | b'C' | b't' | b'T' | b'u' | b'U') => line.split(|byte| *byte == b':').next().unwrap_or(line),
        Some(b' ' | b'\t') => return WalkAt::Ended,
        Some(_) => return WalkAt::Fields(said),
    };
    let value =
        || line[name.len()..].strip_prefix(b":").filter(|_| line.len() < WALKED_LINE_BYTES_MAX).map(<[u8]>::trim_ascii);
    let body = if name.eq_ignore_ascii_case(b"upgrade") {
        // Of all protocols one alone is gone over to (`upgrade`); Java's client asks for another with each request.
        let is_other = value().is_some_and(|value| value.eq_ignore_ascii_case(b"h2c"));
        return if is_other { WalkAt::Fields(said) } else { WalkAt::Ended };
    } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
        let is_chunked = value().is_some_and(|value| value.eq_ignore_ascii_case(b"chunked")) && !said.is_http10;
        is_chunked.then_some(BodySaid::Chunks)
    } else if name.eq_ignore_ascii_case(b"content-length") {
        value().and_then(|value| number(value, 10)).map(BodySaid::Length)
    } else {
        return WalkAt::Fields(said);
    };
    match (said.body, body) {
        (BodySaid::Nothing, Some(body)) => WalkAt::Fields(FieldsSaid { body, ..said }),
        _ => WalkAt::Ended,
    }
}

fn behind_chunk_size(line: &[u8]) -> WalkAt {
    let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
    match number(size.trim_ascii_end(), 16) {
        Some(0) => WalkAt::Trailers,
        Some(size) => size.checked_add(b"\r\n".len() as u64).map_or(WalkAt::Ended, WalkAt::Chunk),
        None => WalkAt::Ended,
    }
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    let is_number = digits.iter().all(u8::is_ascii_hexdigit);
    u64::from_str_radix(std::str::from_utf8(digits).ok().filter(|_| is_number)?, radix).ok()
}

/// Whether these bytes may begin a request's first line: anything else is for hyper to refuse at once.
fn may_begin(bytes: &[u8]) -> bool {
    let is_letter = bytes.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte == b'\r');
    is_letter && !bytes[1..].iter().any(|byte| *byte < b' ' && *byte != b'\r' || *byte == 0x7F)
}

fn first_line(line: &[u8]) -> RequestLine {
    let Some(method) = memchr::memchr(b' ', line) else { return RequestLine::Odd };
    let rest = &line[method + 1..];
    let (target, is_http10) = match (rest.strip_suffix(b" HTTP/1.1"), rest.strip_suffix(b" HTTP/1.0")) {
        (Some(target), _) => (target, false),
        (None, Some(target)) => (target, true),
        (None, None) => return RequestLine::Odd,
    };
    let is_of_method = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_method = method > 0 && line[..method].iter().all(is_of_method);
    if !is_method || target.len() > REQUEST_HEAD_BYTES_MAX {
        return RequestLine::Odd;
    }
    if is_held(target) { RequestLine::Plain { is_http10 } } else { RequestLine::Unreadable { method } }
}

fn unended(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks in pieces of so many bytes; gives the heads, and the rest from the first line of one that is unreadable.
    fn walked(bytes: &[u8], step: usize) -> (u64, Option<String>) {
        let (mut walk, mut held, mut heads) = (HeadWalk::default(), Vec::new(), 0);
        for piece in bytes.chunks(step) {
            held.extend_from_slice(piece);
            let found = walk.over(&held);
            heads += found.heads();
            match found {
                HeadsWalked::All { .. } => held.clear(),
                HeadsWalked::Within { first_line, .. } => drop(held.drain(..first_line)),
                HeadsWalked::Unreadable { first_line, method, .. } => {
                    let line = &held[first_line..];
                    return (heads, Some(format!("{} {}", method, line.escape_ascii())));
                }
            }
        }
        (heads, None)
    }

    const HOST: &str = "Host: a\r\n\r\n";

    #[test]
    fn a_target_that_no_uri_holds_is_found_wherever_its_head_begins() {
        let bad = b"DELETE /caf\xe9 HTTP/1.1\r\n";
        for before in [
            String::new(),
            "\r\n".to_owned(),
            format!("GET /a?b=%20 HTTP/1.1\r\nCookie: a=b\r\n{HOST}"),
            format!("POST /a HTTP/1.1\r\ncontent-LENGTH:  6 \r\n{HOST}GET /\" \r\n").replace("\" \r\n", "\""),
            format!("GET / HTTP/1.0\nContent-Length: 0\nCookie: {}\n\n", "c".repeat(300)),
            format!(
                "POST /a HTTP/1.1\r\nTransfer-encoding: Chunked\r\n{HOST}6\r\nGET /\"\r\n0a ;b=\"c\"\r\n0123456789\r\n00\r\n\r\n"
            ),
            format!(
                "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{HOST}0\r\nA: b\r\nC: {}\r\n\r\n",
                "d".repeat(300)
            ),
            format!("GET /a HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n{HOST}"),
        ] {
            let bytes = [before.as_bytes(), &bad[..]].concat();
            for step in [1, 2, 3, 5, 64, 1_000] {
                let (heads, found) = walked(&bytes, step);
                let expected = 1 + u64::from(before.contains("HTTP"));
                assert!(
                    found.as_ref().is_some_and(|found| found.starts_with("6 DELETE /caf\\xe9")),
                    "{before:?} {step} {found:?}"
                );
                assert_eq!(heads, expected, "{before:?} {step}");
            }
        }
    }

    #[test]
    fn what_no_uri_holds_are_raw_bytes_that_are_no_utf_8_quotes_angles_backticks_blanks_and_controls() {
        let none = ["", "a/b", "/a#b", "/a?b#c", "http://a/b#c"];
        let bytes = ["/a`b", "/x?q=<a>", "/<a>", "/x?ids=[\"a\"]\u{1}", "/a b", "/a\tb", "/a\0", "/ HTTP/1.1"];
        for target in none.into_iter().chain(bytes) {
            let line = format!("GET {target} HTTP/1.1\r\n");
            assert!(walked(line.as_bytes(), 1_000).1.is_some(), "{target:?}");
        }
        for target in ["/caf\u{e9}", "/a?b|c^d", "/a{b}", "*", "http://a/b", "a:443"] {
            let line = format!("GET {target} HTTP/1.1\r\n");
            assert_eq!(walked(line.as_bytes(), 1_000), (1, None), "{target}");
        }
    }

    #[test]
    fn whatever_is_odd_in_another_way_ends_the_walk() {
        let bad = "GET /` HTTP/1.1\r\n";
        for before in [
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-0\r\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            "GET /a HTTP/1.1\r\nUpgrade: h2c, websocket\r\n\r\n",
            "GET /a HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
            "GET /a HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
            "GET /a HTTP/2.0\r\n\r\n",
            "GET  HTTP/1.1 x\r\n\r\n",
        ] {
            assert_eq!(walked(format!("{before}{bad}").as_bytes(), 1_000).1, None, "{before:?}");
        }
        for garbage in [&b"\x16\x03\x01"[..], b"get", b"G\x01"] {
            assert_eq!(HeadWalk::default().over(garbage), HeadsWalked::All { heads: 0 }, "{garbage:?}");
        }
    }
}
