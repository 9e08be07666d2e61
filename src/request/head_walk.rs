//! A walk over the bytes of an HTTP/1 connection, for one thing: heads whose target cannot be held in a URI, though browsers' neighbours
//! (scripts, old clients) send it: raw Latin-1, quotes, angle brackets, backticks, blanks, fragments.
//!
//! In: bytes as they come. Out: how many heads began, and where one stands that nobody else can read. It judges nothing else: what is
//! odd in any other way ends the walk, and is hyper's and admission's.

use http::Uri;

use crate::limits::REQUEST_HEAD_BYTES_MAX;

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
    /// Among its header lines; the length that one of them said.
    Fields(Option<u64>),
    /// In a body, of which so many bytes are to come.
    Body(u64),
    /// WalkAt its end.
    Ended,
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
    Plain,
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
                WalkAt::Body(left) => {
                    let taken = usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()));
                    at += taken;
                    let left = left - taken as u64;
                    self.at = if left == 0 { WalkAt::FirstLine } else { WalkAt::Body(left) };
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
                        RequestLine::Plain => (self.at, heads) = (WalkAt::Fields(None), heads + 1),
                        RequestLine::Unreadable { method } => {
                            self.at = WalkAt::Ended;
                            return HeadsWalked::Unreadable { first_line: at, method, heads: heads + 1 };
                        }
                        RequestLine::Odd => self.at = WalkAt::Ended,
                    }
                    at += end + 1;
                }
                WalkAt::Fields(length) => {
                    let Some(end) = memchr::memchr(b'\n', rest) else {
                        self.keep(rest);
                        break;
                    };
                    at += end + 1;
                    self.at = if self.line.is_empty() {
                        behind_field(length, unended(&rest[..end]))
                    } else {
                        self.keep(&rest[..end]);
                        behind_field(length, unended(&std::mem::take(&mut self.line)))
                    };
                }
            }
        }
        HeadsWalked::All { heads }
    }

    /// Of a long line its beginning says enough.
    fn keep(&mut self, part: &[u8]) {
        let room = LINE_KEPT_BYTES.saturating_sub(self.line.len());
        match part.split_at_checked(room) {
            None => self.line.extend_from_slice(part),
            // Its end may be a carriage return, which would make an empty line of none.
            Some((kept, _)) => self.line.extend_from_slice(kept),
        }
    }
}

/// What follows a header line.
fn behind_field(length: Option<u64>, line: &[u8]) -> WalkAt {
    let name = match line.first() {
        None => return length.filter(|length| *length > 0).map_or(WalkAt::FirstLine, WalkAt::Body),
        Some(b'c' | b'C' | b't' | b'T' | b'u' | b'U') => line.split(|byte| *byte == b':').next().unwrap_or(line),
        Some(b' ' | b'\t') => return WalkAt::Ended,
        Some(_) => return WalkAt::Fields(length),
    };
    if name.eq_ignore_ascii_case(b"transfer-encoding") || name.eq_ignore_ascii_case(b"upgrade") {
        return WalkAt::Ended;
    }
    if !name.eq_ignore_ascii_case(LENGTH) {
        return WalkAt::Fields(length);
    }
    let value = line.get(LENGTH.len() + 1..).unwrap_or_default().trim_ascii();
    let number = std::str::from_utf8(value).ok().filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()));
    match number.and_then(|number| number.parse().ok()) {
        Some(number) if length.is_none() && line.len() < LINE_KEPT_BYTES => WalkAt::Fields(Some(number)),
        Some(_) | None => WalkAt::Ended,
    }
}

/// Whether these bytes may begin a request's first line: anything else is for hyper to refuse at once.
fn may_begin(bytes: &[u8]) -> bool {
    let is_letter = bytes.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte == b'\r');
    is_letter && !bytes[1..].iter().any(|byte| *byte < b' ' && *byte != b'\r' || *byte == 0x7F)
}

fn first_line(line: &[u8]) -> RequestLine {
    let Some(method) = memchr::memchr(b' ', line) else { return RequestLine::Odd };
    let Some(target) = line[method + 1..].strip_suffix(b" HTTP/1.1").or(line[method + 1..].strip_suffix(b" HTTP/1.0"))
    else {
        return RequestLine::Odd;
    };
    let is_of_method = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_method = method > 0 && line[..method].iter().all(is_of_method);
    if !is_method || target.len() > REQUEST_HEAD_BYTES_MAX {
        return RequestLine::Odd;
    }
    if target.starts_with(b"/") && target.iter().all(|byte| is_everyday(*byte)) {
        return RequestLine::Plain;
    }
    // A URI has no fragment where it is asked for (RFC 9112 3.2), and would lose it without a word.
    let is_held = !target.contains(&b'#') && Uri::try_from(target).is_ok();
    if is_held { RequestLine::Plain } else { RequestLine::Unreadable { method } }
}

fn unended(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What a target of any browser holds, and any URI may.
const fn is_everyday(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'/' | b'?'
                | b'&'
                | b'='
                | b'%'
                | b'.'
                | b'_'
                | b'-'
                | b'~'
                | b'+'
                | b':'
                | b','
                | b';'
                | b'@'
                | b'!'
                | b'$'
                | b'*'
        )
}

const LENGTH: &[u8] = b"content-length";
/// Of a header line that comes in pieces.
const LINE_KEPT_BYTES: usize = 64;

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
