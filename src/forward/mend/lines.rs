//! The lines of a head: where it ends, what its first line says, folded lines joined, names and values apart.

use std::borrow::Cow;

use super::{
    head::{LineKind, is_control, is_token_byte},
    notes::{HeadNotes, MendError, Quote},
};
use crate::limits::{HEAD_EMPTY_LINES_MAX, UPSTREAM_HEADERS_MAX};

/// A whole head.
pub(super) struct HeadLines<'h> {
    rest: &'h [u8],
    /// How many bytes the head has.
    pub(super) length: usize,
}

impl<'h> HeadLines<'h> {
    /// The first line, as soon as it is there, or is none for sure.
    pub(super) fn first(bytes: &'h [u8]) -> Option<&'h [u8]> {
        let bytes = &bytes[empty_lines(bytes)..];
        let is_another =
            !bytes.iter().zip(STATUS_LINE_START).all(|(byte, expected)| byte.eq_ignore_ascii_case(expected));
        line(bytes).map(|(text, _)| text).or_else(|| is_another.then_some(bytes))
    }

    /// The head that `bytes` begin with; none where its empty line has not come.
    pub(super) fn read(bytes: &'h [u8]) -> Option<Self> {
        let start = empty_lines(bytes);
        let (_, after) = line(&bytes[start..])?;
        let mut at = start + after;
        let rest_start = at;
        loop {
            let (text, after) = line(&bytes[at..])?;
            if text.is_empty() {
                return Some(Self { rest: &bytes[rest_start..at], length: at + after });
            }
            at += after;
        }
    }

    /// The header lines, joined and mended; what is dropped is noted.
    ///
    /// # Errors
    /// [`MendError::MalformedFraming`], [`MendError::TooManyLines`].
    pub(super) fn fields(&self, notes: &mut HeadNotes) -> Result<Vec<Field<'h>>, MendError> {
        let mut fields = Vec::new();
        let mut rest = self.rest;
        while let Some((first, after)) = line(rest) {
            rest = &rest[after..];
            let mut text = Cow::Borrowed(first);
            let mut is_folded = false;
            while let Some((more, after)) = line(rest).filter(|(more, _)| matches!(more.first(), Some(b' ' | b'\t'))) {
                rest = &rest[after..];
                is_folded = true;
                let text = text.to_mut();
                text.truncate(trimmed_end(text).len());
                text.push(b' ');
                text.extend_from_slice(trimmed(more));
            }
            let Some(field) = Field::read(text, is_folded, notes)? else { continue };
            if fields.len() == UPSTREAM_HEADERS_MAX {
                return Err(MendError::TooManyLines);
            }
            fields.push(field);
        }
        Ok(fields)
    }
}

const STATUS_LINE_START: &[u8] = b"HTTP/";
/// The types of records with which a server begins that was to speak TLS (RFC 8446 5.1).
const TLS_ALERT: u8 = 21;
const TLS_HANDSHAKE: u8 = 22;

/// The mark that some editors put before a program's text, whose first output it becomes. Browsers pass over it.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How many bytes of empty lines stand before the first one.
fn empty_lines(bytes: &[u8]) -> usize {
    let mut start = match bytes.get(..BYTE_ORDER_MARK.len()) {
        Some(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
        // Its rest has not come.
        None if BYTE_ORDER_MARK.starts_with(bytes) => return bytes.len(),
        Some(_) | None => 0,
    };
    for _ in 0..HEAD_EMPTY_LINES_MAX {
        match &bytes[start..] {
            [b'\n', ..] => start += 1,
            [b'\r', b'\n', ..] => start += 2,
            _ => break,
        }
    }
    start
}

/// The first line without its end (a bare line feed is one: RFC 9112 2.2), and where the next one begins.
fn line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let end = memchr::memchr(b'\n', bytes)?;
    let text = &bytes[..end];
    Some((text.strip_suffix(b"\r").unwrap_or(text), end + 1))
}

/// What the first line says.
pub(super) struct StatusLine<'h> {
    pub(super) is_http10: bool,
    pub(super) code: u16,
    reason: &'h [u8],
    /// It was not written as HTTP has it.
    pub(super) is_odd: bool,
}

impl<'h> StatusLine<'h> {
    /// # Errors
    /// [`MendError::StatusLine`].
    pub(super) fn read(line: &'h [u8]) -> Result<Self, MendError> {
        Self::parse(line).ok_or_else(|| {
            // What does not even begin so may be anything: a body, a page.
            let is_near = line.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"http/"));
            let is_of_tls = matches!(line, [TLS_ALERT | TLS_HANDSHAKE, 3, ..]);
            MendError::StatusLine(match (is_near, is_of_tls) {
                (true, _) => Quote::of(line),
                (false, true) => Quote::says("it speaks TLS, which upstream = \"https://…\" would"),
                (false, false) => Quote::says("no HTTP/ at its beginning"),
            })
        })
    }

    fn parse(line: &'h [u8]) -> Option<Self> {
        let (version, rest) = line.split_at_checked(b"HTTP/1.1".len())?;
        let is_http10 = match version.to_ascii_uppercase().as_slice() {
            b"HTTP/1.0" => true,
            [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'..=b'9'] => false,
            _ => return None,
        };
        let spaced = rest.trim_ascii_start();
        let (code, reason) = spaced.split_at_checked(3).filter(|_| spaced.len() < rest.len())?;
        let is_code = code.iter().all(u8::is_ascii_digit) && code[0] != b'0';
        if !is_code || reason.first().is_some_and(u8::is_ascii_digit) {
            return None;
        }
        let is_spaced = rest.len() == spaced.len() + 1 && rest[0] == b' ';
        let is_parted = reason.first().is_none_or(|byte| *byte == b' ');
        let has_control = reason.iter().any(|byte| is_control(*byte));
        let is_odd = !is_spaced || !is_parted || has_control || !matches!(version, b"HTTP/1.0" | b"HTTP/1.1");
        let code = code.iter().fold(0, |code, digit| code * 10 + u16::from(*digit - b'0'));
        Some(Self { is_http10, code, reason: reason.trim_ascii(), is_odd })
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.is_http10 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
        out.extend_from_slice(self.code.to_string().as_bytes());
        out.push(b' ');
        push_clean(self.reason, out);
        out.extend_from_slice(b"\r\n");
    }
}

/// A header line that can be passed on.
pub(super) struct Field<'h> {
    pub(super) kind: LineKind,
    pub(super) name: Cow<'h, [u8]>,
    /// As it came, but for what is around it.
    pub(super) value: Cow<'h, [u8]>,
    /// More than one carriage return ended its line.
    pub(super) has_returns: bool,
}

impl<'h> Field<'h> {
    /// None where the line is dropped.
    fn read(text: Cow<'h, [u8]>, is_folded: bool, notes: &mut HeadNotes) -> Result<Option<Self>, MendError> {
        let Some(colon) = memchr::memchr(b':', &text).filter(|_| !matches!(text[0], b' ' | b'\t')) else {
            if starts_like_framing(&text) {
                return Err(MendError::MalformedFraming(Quote::of(&text)));
            }
            notes.dropped_unnamed(text.len(), "no name and colon at its beginning");
            return Ok(None);
        };
        let (written, value) = (&text[..colon], &text[colon + 1..]);
        let name = trimmed_end(written);
        let is_token = !name.is_empty() && name.iter().all(|byte| is_token_byte(*byte));
        let kind = LineKind::of(name);
        let is_of_framing = matches!(kind, LineKind::Coding | LineKind::Length);
        let is_as_written = name.len() == written.len();
        let may_be_two_lines = is_folded || written.iter().any(|byte| is_control(*byte));
        if (!is_token || !is_as_written) && looks_like_framing(written, may_be_two_lines) || is_folded && is_of_framing
        {
            return Err(MendError::MalformedFraming(Quote::of(&text)));
        }
        if !is_token {
            const WHY: &str = "no name that HTTP has";
            if is_meant_as_name(name) {
                notes.dropped(name, WHY);
            } else {
                notes.dropped_unnamed(text.len(), WHY);
            }
            return Ok(None);
        }
        if !is_as_written {
            notes.mended(name, "a space before the colon");
        } else if is_folded {
            notes.mended(name, "folded over more than one line");
        } else if !is_of_framing && value.iter().any(|byte| is_control(*byte)) {
            notes.mended(name, "a control character");
        }
        let start = text.len() - trimmed_start(value).len();
        let (whole, value) = (trimmed(value), without_returns(trimmed(value)));
        let has_returns = value.len() < whole.len();
        let (name, value) = (0..name.len(), start..start + value.len());
        let (name, value): (Cow<'_, [u8]>, Cow<'_, [u8]>) = match text {
            Cow::Borrowed(text) => (Cow::Borrowed(&text[name]), Cow::Borrowed(&text[value])),
            Cow::Owned(text) => (text[name].to_vec().into(), text[value].to_vec().into()),
        };
        Ok(Some(Self { kind, name, value, has_returns }))
    }

    pub(super) fn write_value(&self, out: &mut Vec<u8>) {
        push_clean(&self.value, out);
    }

    /// The line, for a quote.
    pub(super) fn quote(&self) -> Quote {
        let end: &[u8] = if self.has_returns { b"\r" } else { b"" };
        Quote::of(&[&self.name, b": ".as_slice(), &self.value, end].concat())
    }
}

/// Spaces for controls (RFC 9112 2.2 has that for a bare carriage return).
fn push_clean(text: &[u8], out: &mut Vec<u8>) {
    out.extend(text.iter().map(|byte| if is_control(*byte) { b' ' } else { *byte }));
}

/// Letters and digits alone, in lower case: what a careless reader makes of a name.
fn folded(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

/// Whether a careless reader may take a malformed name for one that says where a message ends or what the connection becomes; or what
/// it ends with, where that reader begins another line there.
fn looks_like_framing(name: &[u8], may_be_two_lines: bool) -> bool {
    let name = folded(name);
    let is = |word: &[u8]| name == word || may_be_two_lines && name.ends_with(word);
    [LENGTH, CODING, b"connection", b"upgrade"].into_iter().any(is)
}

/// The same for a line without a colon.
fn starts_like_framing(line: &[u8]) -> bool {
    let line = folded(line);
    line.starts_with(LENGTH) || line.starts_with(CODING)
}

/// Whether what stands before a colon is a name that somebody misspelt. In a line that lost its own colon it is a piece of the value,
/// up to the colon of a date or a URL.
fn is_meant_as_name(name: &[u8]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b' ') || !byte.is_ascii();
    !name.is_empty() && name.iter().all(is_of_name)
}

const LENGTH: &[u8] = b"contentlength";
const CODING: &[u8] = b"transferencoding";

/// Without the white space of RFC 9110 5.6.3 around it, which is less than that of ASCII.
pub(super) fn trimmed(text: &[u8]) -> &[u8] {
    trimmed_end(trimmed_start(text))
}

fn trimmed_start(text: &[u8]) -> &[u8] {
    let blank = text.iter().take_while(|byte| is_blank(**byte)).count();
    &text[blank..]
}

fn trimmed_end(text: &[u8]) -> &[u8] {
    let blank = text.iter().rev().take_while(|byte| is_blank(**byte)).count();
    &text[..text.len() - blank]
}

/// Without the carriage returns at its end, which browsers take for parts of the line's end.
fn without_returns(text: &[u8]) -> &[u8] {
    let returns = text.iter().rev().take_while(|byte| **byte == b'\r' || is_blank(**byte)).count();
    &text[..text.len() - returns]
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
