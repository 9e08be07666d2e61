//! What is left of the `Cookie` lines once ours are out.

use http::HeaderValue;

/// A line without the cookies of this value, which may stand in quotation marks (RFC 6265 4.1.1).
pub(super) fn without(line: &HeaderValue, value: &str) -> Option<HeaderValue> {
    let mut kept = KeptLine::Whole;
    for (at, pair) in pairs(line.as_bytes()) {
        if value_of(pair) == value.as_bytes() {
            kept.cut(line, at);
        } else {
            kept.keep(pair);
        }
    }
    Left::Nothing.and(line, kept).into_line()
}

fn value_of(pair: &[u8]) -> &[u8] {
    let at = memchr::memchr(b'=', pair).map_or(0, |at| at + 1);
    let value = pair[at..].trim_ascii();
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}

/// The parts of a `Cookie` line between semicolons, each with its place; at least one.
pub(super) fn pairs(line: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let rest = line.get(start..)?;
        let length = memchr::memchr(b';', rest);
        next = length.map(|length| start + length + 1);
        Some((start, &rest[..length.unwrap_or(rest.len())]))
    })
}

/// What is left of one line.
pub(super) enum KeptLine {
    /// All of it so far.
    Whole,
    /// There was one of ours; the others between semicolons.
    Cut { text: Vec<u8>, has_pairs: bool },
}

impl KeptLine {
    pub(super) fn keep(&mut self, pair: &[u8]) {
        match self {
            Self::Whole => {}
            Self::Cut { text, has_pairs } => {
                if *has_pairs {
                    text.push(b';');
                }
                text.extend_from_slice(pair);
                *has_pairs = true;
            }
        }
    }

    /// One of ours begins at `at`: what is before it was kept, but for its semicolon.
    pub(super) fn cut(&mut self, line: &HeaderValue, at: usize) {
        match self {
            Self::Whole => {
                let mut text = Vec::with_capacity(line.len());
                text.extend_from_slice(&line.as_bytes()[..at.saturating_sub(1)]);
                *self = Self::Cut { text, has_pairs: at > 0 };
            }
            Self::Cut { .. } => {}
        }
    }
}

/// What is left of all lines.
pub(super) enum Left {
    Nothing,
    /// The only line so far, as it came.
    Line(HeaderValue),
    Joined(Vec<u8>),
}

impl Left {
    pub(super) fn and(self, line: &HeaderValue, kept: KeptLine) -> Self {
        match (self, kept) {
            (Self::Nothing, KeptLine::Whole) => Self::Line(line.clone()),
            (Self::Nothing, KeptLine::Cut { text, .. }) => Self::Joined(trimmed(text)),
            (Self::Line(before), kept) => Self::Joined(before.as_bytes().trim_ascii().to_vec()).and(line, kept),
            (Self::Joined(joined), KeptLine::Whole) => Self::Joined(with(joined, line.as_bytes())),
            (Self::Joined(joined), KeptLine::Cut { text, .. }) => Self::Joined(with(joined, &text)),
        }
    }

    pub(super) fn into_line(self) -> Option<HeaderValue> {
        match self {
            Self::Nothing => None,
            Self::Line(line) => Some(line),
            Self::Joined(joined) => {
                let mut value = HeaderValue::try_from(joined).ok().filter(|value| !value.is_empty())?;
                value.set_sensitive(true);
                Some(value)
            }
        }
    }
}

fn trimmed(mut text: Vec<u8>) -> Vec<u8> {
    text.truncate(text.trim_ascii_end().len());
    let start = text.len() - text.trim_ascii_start().len();
    text.drain(..start);
    text
}

fn with(mut joined: Vec<u8>, text: &[u8]) -> Vec<u8> {
    let text = text.trim_ascii();
    if !joined.is_empty() && !text.is_empty() {
        joined.extend_from_slice(b"; ");
    }
    joined.extend_from_slice(text);
    joined
}
