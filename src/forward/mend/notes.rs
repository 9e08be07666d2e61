//! What was done to a head, and why one cannot be passed on. What is quoted is cut, and of a line that says nothing of the framing it
//! is the name alone: a value may be a secret.

use std::fmt;

use crate::limits::{HEAD_QUOTE_BYTES_MAX, UPSTREAM_HEAD_BYTES_MAX, UPSTREAM_HEADERS_MAX};

/// Why the head of an answer cannot be passed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MendError {
    /// It does not begin with `HTTP/1.0` or `HTTP/1.1` and a status.
    #[error("first line is no status line of http/1: {0}")]
    StatusLine(Quote),
    /// A NUL somewhere.
    #[error("head holds a NUL")]
    Nul,
    /// A line that readers may take for one about framing, and that is none by the letter.
    #[error("malformed line about framing: {0}")]
    MalformedFraming(Quote),
    /// LineNote about framing that disagree, with each other or with the version.
    #[error("contradiction about framing: {0}")]
    Contradiction(Quote),
    /// A body that is said to be in chunks, and begins with something else.
    #[error(
        "contradiction about framing: \"Transfer-Encoding: chunked\", and the body does not begin with the size of a chunk"
    )]
    NotChunked,
    /// A length that is no number, on a connection that stays.
    #[error("unreadable length: {0}")]
    UnreadableLength(Quote),
    /// A transfer coding other than `chunked`.
    #[error("unknown transfer coding: {0}")]
    Coding(Quote),
    /// More header lines than are read.
    #[error("more than {UPSTREAM_HEADERS_MAX} header lines")]
    TooManyLines,
    /// A head larger than is read.
    #[error("head larger than {UPSTREAM_HEAD_BYTES_MAX} bytes")]
    TooLarge,
}

/// Bytes of a head, escaped and cut.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Quote(String);

impl Quote {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let cut = &bytes[..bytes.len().min(HEAD_QUOTE_BYTES_MAX)];
        let more = if cut.len() < bytes.len() { "…" } else { "" };
        Self(format!("\"{}{more}\"", cut.escape_ascii()))
    }

    /// A text of ours.
    pub(super) fn says(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What was done to a head: of each kind the first line, and how many there were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HeadNotes {
    /// LineNote that were mended.
    pub(crate) mended: Option<LineNote>,
    /// LineNote that are not passed on.
    pub(crate) dropped: Option<LineNote>,
    /// What was read of the framing.
    pub(crate) framing: Option<Quote>,
}

/// The first of some lines, by its name, and how many they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineNote {
    first: Quote,
    why: &'static str,
    count: usize,
}

impl fmt::Display for LineNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.first, self.why)?;
        if self.count > 1 { write!(f, " (and {} more lines)", self.count - 1) } else { Ok(()) }
    }
}

impl HeadNotes {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What another head of the same answer had.
    pub(crate) fn extend(&mut self, later: Self) {
        self.mended = self.mended.take().or(later.mended);
        self.dropped = self.dropped.take().or(later.dropped);
        self.framing = self.framing.take().or(later.framing);
    }

    pub(super) fn first_line(&mut self, is_odd: bool) {
        if is_odd {
            note(&mut self.mended, || Quote::says("the status line"), "not as HTTP has it");
        }
    }

    pub(super) fn mended(&mut self, name: &[u8], why: &'static str) {
        note(&mut self.mended, || Quote::of(name), why);
    }

    pub(super) fn dropped(&mut self, name: &[u8], why: &'static str) {
        note(&mut self.dropped, || Quote::of(name), why);
    }

    /// A line whose text may be a secret: only how long it is.
    pub(super) fn dropped_unnamed(&mut self, length: usize, why: &'static str) {
        note(&mut self.dropped, || Quote::says(&format!("a line of {length} bytes")), why);
    }

    pub(super) fn framing(&mut self, quote: Quote) {
        self.framing = Some(quote);
    }

    /// The chunks of the body are not as HTTP has them.
    pub(crate) fn loose_chunks() -> Self {
        Self { framing: Some(Quote::says("chunks that end with bare line feeds")), ..Self::default() }
    }

    /// The connection ended without the last word of TLS, and the body with it.
    pub(crate) fn without_close_notify() -> Self {
        Self { framing: Some(Quote::says("TLS that ends without close_notify")), ..Self::default() }
    }
}

fn note(lines: &mut Option<LineNote>, quote: impl FnOnce() -> Quote, why: &'static str) {
    match lines {
        Some(lines) => lines.count += 1,
        None => *lines = Some(LineNote { first: quote(), why, count: 1 }),
    }
}
