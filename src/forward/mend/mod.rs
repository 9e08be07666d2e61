//! The head of a host application's answer, mended before anybody reads it.
//!
//! In: the bytes of a head as they came, and whether a head alone was asked for. Out: bytes that every strict parser reads alike, how
//! the body behind them ends, and what was done to them; or why they cannot be passed on. hyper reads only what is written here, and
//! no other code decides what an odd line means.
//!
//! Strict with what says where a body ends: a malformed line of that kind, or two that disagree, is refused and quoted. Forgiving with
//! all else, as browsers are: a folded line is joined, a space before a colon goes, a line that HTTP cannot carry is dropped. Always
//! with a note ([`HeadNotes`]).
//!
//! The usual head is plain: [`look`] walks over it once, and nothing is written.

mod chunks;
mod decide;
mod lines;
mod look;
mod notes;

pub(crate) use chunks::{ChunkError, FirstLine, LooseChunks};
pub(crate) use look::{Look, look};
pub(crate) use notes::{HeadNotes, MendError};

use crate::limits::UPSTREAM_HEADERS_MAX;
use decide::{Said, decide};
use lines::{Field, HeadLines, StatusLine};

/// How the body behind a head ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// An interim head (1xx): another one follows.
    Interim,
    /// There is none, or what follows is another protocol.
    Nothing,
    /// With so many bytes.
    Length(u64),
    /// With its last chunk.
    Chunked,
    /// With the connection.
    ToEnd,
    /// With the connection; an HTTP/1.0 server says that it is in chunks (RFC 9112 6.1 takes that for faulty), and it may be.
    ToEndMaybeChunked,
}

/// What a head says, once it is plain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HeadEnd {
    /// How many of the bytes that came are the head.
    pub(crate) length: usize,
    pub(crate) framing: Framing,
    /// Something about the framing had to be mended: the connection is not used again.
    pub(crate) is_doubtful: bool,
}

/// A head that was written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mended {
    /// What hyper reads.
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: HeadEnd,
    pub(crate) notes: HeadNotes,
}

/// What was asked, as far as the framing of the answer depends on it (RFC 9112 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AskedFor {
    /// HEAD: no answer has a body.
    Head,
    /// Any other method.
    Whole,
}

impl AskedFor {
    /// Whether an answer of this status has no body, whatever it says.
    fn is_bodiless(self, status: u16) -> bool {
        self == Self::Head || matches!(status, 101 | 204 | 304)
    }
}

/// Mends the head that `bytes` begin with; none where it is not whole yet.
///
/// # Errors
/// See [`MendError`].
pub(crate) fn mend(bytes: &[u8], asked: AskedFor) -> Result<Option<Mended>, MendError> {
    let Some(first) = HeadLines::first(bytes) else { return Ok(None) };
    let status = StatusLine::read(first)?;
    let Some(lines) = HeadLines::read(bytes) else { return Ok(None) };
    if memchr::memchr(0, &bytes[..lines.length]).is_some() {
        return Err(MendError::Nul);
    }
    if lines.fields > UPSTREAM_HEADERS_MAX {
        return Err(MendError::TooManyLines);
    }
    let mut notes = HeadNotes::default();
    notes.first_line(status.is_odd);
    let fields = lines.fields(&mut notes)?;
    let is_interim = (100..200).contains(&status.code) && status.code != 101;
    let decided = if is_interim { None } else { Some(decide(&said(&status, asked, &fields))?) };
    let mut out = Vec::with_capacity(lines.length + 16);
    status.write(&mut out);
    let mut written = Written::default();
    for field in &fields {
        let is_kept = decided.as_ref().is_none_or(|decided| written.is_kept(field, decided));
        if is_kept {
            write_field(field, decided.as_ref(), &mut out);
        }
    }
    out.extend_from_slice(b"\r\n");
    let (framing, is_doubtful, why) = decided
        .map_or((Framing::Interim, false, None), |decided| (decided.framing, decided.is_doubtful, decided.mended));
    if let Some(quote) = why {
        notes.framing(quote);
    }
    Ok(Some(Mended { bytes: out, end: HeadEnd { length: lines.length, framing, is_doubtful }, notes }))
}

fn said<'h>(status: &StatusLine<'_>, asked: AskedFor, fields: &'h [Field<'_>]) -> Said<'h> {
    let of = |kind: Kind| fields.iter().filter(move |field| field.kind == kind).collect();
    Said {
        is_http10: status.is_http10,
        is_bodiless: asked.is_bodiless(status.code),
        connection: of(Kind::Connection),
        codings: of(Kind::Coding),
        lengths: of(Kind::Length),
    }
}

/// Which lines of the framing were written already: each stands once.
#[derive(Default)]
struct Written {
    coding: bool,
    length: bool,
}

impl Written {
    fn is_kept(&mut self, field: &Field<'_>, decided: &decide::Decided) -> bool {
        match field.kind {
            Kind::Coding => decided.says_chunked && !std::mem::replace(&mut self.coding, true),
            Kind::Length => match decided.length {
                decide::Length::AsItCame => true,
                decide::Length::Number(_) => !std::mem::replace(&mut self.length, true),
                decide::Length::Unsaid => false,
            },
            Kind::Connection | Kind::Other => true,
        }
    }
}

fn write_field(field: &Field<'_>, decided: Option<&decide::Decided>, out: &mut Vec<u8>) {
    out.extend_from_slice(&field.name);
    out.extend_from_slice(b": ");
    match (field.kind, decided.map(|decided| &decided.length)) {
        (Kind::Coding, Some(_)) => out.extend_from_slice(b"chunked"),
        (Kind::Length, Some(decide::Length::Number(number))) => out.extend_from_slice(number.to_string().as_bytes()),
        (Kind::Coding | Kind::Length | Kind::Connection | Kind::Other, _) => field.write_value(out),
    }
    out.extend_from_slice(b"\r\n");
}

/// What a header line is about, as far as the framing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Connection,
    Coding,
    Length,
    Other,
}

impl Kind {
    /// Of a name that is a token.
    fn of(name: &[u8]) -> Self {
        match name.len() {
            10 if name.eq_ignore_ascii_case(b"connection") => Self::Connection,
            14 if name.eq_ignore_ascii_case(b"content-length") => Self::Length,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => Self::Coding,
            _ => Self::Other,
        }
    }
}

/// RFC 9110 5.6.2.
const fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// A byte that no value may hold (RFC 9110 5.5), and no reason phrase.
const fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7F
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        #[expect(clippy::cast_possible_truncation, reason = "below 128")]
        let character = byte as u8;
        table[byte] = character.is_ascii_alphanumeric()
            || matches!(
                character,
                b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
            );
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests;
