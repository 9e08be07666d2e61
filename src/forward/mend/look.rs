//! The fast way: a head with nothing to mend is found out in one walk, and passes as the bytes that came.

use super::head::{AskedFor, Framing, HeadEnd, LineKind, is_control, is_token_byte};
use crate::limits::UPSTREAM_HEADERS_MAX;

/// What a first look finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstLook {
    /// Not whole yet.
    Partial,
    /// Nothing is to be mended.
    Plain(HeadEnd),
    /// Something is: [`super::mend`] says what.
    Odd,
}

/// Looks at the head that `bytes` begin with.
#[must_use]
pub(crate) fn look(bytes: &[u8], asked: AskedFor) -> FirstLook {
    let Some(first) = line(bytes) else { return FirstLook::Partial };
    let Some((is_http10, status)) = plain_status(first) else { return FirstLook::Odd };
    let mut at = first.len() + 1;
    let (mut length, mut is_chunked, mut fields) = (None, false, 0);
    loop {
        let rest = &bytes[at..];
        if rest.starts_with(b"\r\n") {
            at += 2;
            break;
        }
        fields += 1;
        let Some((name, value, length_of_line)) = plain_field(rest).filter(|_| fields <= UPSTREAM_HEADERS_MAX) else {
            return if line(rest).is_some() { FirstLook::Odd } else { FirstLook::Partial };
        };
        at += length_of_line;
        match LineKind::of(name) {
            LineKind::Length if length.is_none() => match plain_number(value) {
                Some(number) => length = Some(number),
                None => return FirstLook::Odd,
            },
            LineKind::Coding if !is_chunked && !is_http10 && value.eq_ignore_ascii_case(b"chunked") => {
                is_chunked = true;
            }
            LineKind::Length | LineKind::Coding => return FirstLook::Odd,
            LineKind::Connection | LineKind::Other => {}
        }
    }
    let framing = match (length, is_chunked) {
        _ if (100..200).contains(&status) && status != 101 => Framing::Interim,
        (Some(_), true) => return FirstLook::Odd,
        _ if asked.is_bodiless(status) => Framing::Nothing,
        (None, true) => Framing::Chunked,
        (Some(length), false) => Framing::Length(length),
        (None, false) => Framing::ToEnd,
    };
    FirstLook::Plain(HeadEnd { length: at, framing, is_doubtful: false })
}

/// The first line, without its line feed.
fn line(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memchr(b'\n', bytes).map(|end| &bytes[..end])
}

/// Whether it is HTTP/1.0, and the status.
fn plain_status(line: &[u8]) -> Option<(bool, u16)> {
    let (version, rest) = line.strip_suffix(b"\r")?.split_at_checked(b"HTTP/1.1 ".len())?;
    let is_http10 = match version {
        b"HTTP/1.1 " => false,
        b"HTTP/1.0 " => true,
        _ => return None,
    };
    let (code, reason) = rest.split_at_checked(3)?;
    let is_plain = code.iter().all(u8::is_ascii_digit) && code[0] != b'0';
    let has_reason = reason.is_empty() || reason[0] == b' ' && !has_control(reason);
    let number = || code.iter().fold(0, |number, digit| number * 10 + u16::from(*digit - b'0'));
    (is_plain && has_reason).then(|| (is_http10, number()))
}

/// Name and value of the first line, where it is whole and needs nothing done to it, and how long it is with its end. Each byte is
/// looked at once: a name ends with a colon, a value with the first control.
fn plain_field(bytes: &[u8]) -> Option<(&[u8], &[u8], usize)> {
    let name_end = bytes.iter().position(|byte| !is_token_byte(*byte)).filter(|end| *end > 0)?;
    let (name, rest) = bytes.split_at(name_end);
    let value = rest.strip_prefix(b":")?;
    let value_end = value.iter().position(|byte| is_control(*byte))?;
    let (value, line_end) = value.split_at(value_end);
    let length = name.len() + b":".len() + value.len() + b"\r\n".len();
    line_end.starts_with(b"\r\n").then(|| (name, value.trim_ascii(), length))
}

/// Whether some byte is a control; without a branch for each byte.
fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, byte| found | is_control(*byte))
}

/// A number as everybody writes it, with no more digits than 64 bits hold for sure.
fn plain_number(value: &[u8]) -> Option<u64> {
    let is_plain = value.iter().all(u8::is_ascii_digit) && (value.len() == 1 || value.first() != Some(&b'0'));
    let digits = Some(value).filter(|value| is_plain && (1..=18).contains(&value.len()))?;
    Some(digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}
