//! Mending: the lines of a head as they are written anew.

use super::{
    decide::{Decided, FramingLines, Length, decide},
    head::{AskedFor, Framing, HeadEnd, LineKind},
    lines::{BYTE_ORDER_MARK, Field, HeadLines, StatusLine},
    notes::{HeadNotes, MendError},
};

/// A head that was written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mended {
    /// What hyper reads.
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: HeadEnd,
    pub(crate) notes: HeadNotes,
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
    let mut notes = HeadNotes::default();
    notes.first_line(status.is_odd || bytes.starts_with(BYTE_ORDER_MARK));
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

fn said<'h>(status: &StatusLine<'_>, asked: AskedFor, fields: &'h [Field<'_>]) -> FramingLines<'h> {
    let of = |kind: LineKind| fields.iter().filter(move |field| field.kind == kind).collect();
    FramingLines {
        is_http10: status.is_http10,
        is_bodiless: asked.is_bodiless(status.code),
        connection: of(LineKind::Connection),
        codings: of(LineKind::Coding),
        lengths: of(LineKind::Length),
    }
}

/// Which lines of the framing were written already: each stands once.
#[derive(Default)]
struct Written {
    coding: bool,
    length: bool,
}

impl Written {
    fn is_kept(&mut self, field: &Field<'_>, decided: &Decided) -> bool {
        match field.kind {
            LineKind::Coding => decided.says_chunked && !std::mem::replace(&mut self.coding, true),
            LineKind::Length => match decided.length {
                Length::AsItCame => true,
                Length::Number(_) => !std::mem::replace(&mut self.length, true),
                Length::Unsaid => false,
            },
            LineKind::Connection | LineKind::Other => true,
        }
    }
}

fn write_field(field: &Field<'_>, decided: Option<&Decided>, out: &mut Vec<u8>) {
    out.extend_from_slice(&field.name);
    out.extend_from_slice(b": ");
    match (field.kind, decided.map(|decided| &decided.length)) {
        (LineKind::Coding, Some(_)) => out.extend_from_slice(b"chunked"),
        (LineKind::Length, Some(Length::Number(number))) => out.extend_from_slice(number.to_string().as_bytes()),
        (LineKind::Coding | LineKind::Length | LineKind::Connection | LineKind::Other, _) => field.write_value(out),
    }
    out.extend_from_slice(b"\r\n");
}
