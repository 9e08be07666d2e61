//! Where a body ends, from the lines of its head that say so (RFC 9112 6.3), well-formed ones with odd values among them.

use super::{
    head::Framing,
    lines::{Field, trimmed},
    notes::{MendError, Quote},
};
use crate::limits::LENGTH_MAX;

/// What a head says of its body.
pub(super) struct FramingLines<'h> {
    pub(super) is_http10: bool,
    /// By method and status there is no body.
    pub(super) is_bodiless: bool,
    pub(super) connection: Vec<&'h Field<'h>>,
    pub(super) codings: Vec<&'h Field<'h>>,
    pub(super) lengths: Vec<&'h Field<'h>>,
}

/// What follows from it.
pub(super) struct Decided {
    pub(super) framing: Framing,
    pub(super) is_doubtful: bool,
    /// Whether the head goes on saying `chunked`.
    pub(super) says_chunked: bool,
    pub(super) length: Length,
    /// What was odd, if anything was.
    pub(super) mended: Option<Quote>,
}

/// What the head goes on saying of the length.
pub(super) enum Length {
    /// What it said: there is no body for it to count.
    AsItCame,
    /// One number.
    Number(u64),
    /// Nothing.
    Unsaid,
}

/// # Errors
/// [`MendError::Contradiction`], [`MendError::UnreadableLength`], [`MendError::Coding`].
pub(super) fn decide(said: &FramingLines<'_>) -> Result<Decided, MendError> {
    let coding = CodingLines::of(said)?;
    let is_chunked = coding.chunked.is_some();
    if said.is_bodiless {
        let odd = coding.odd;
        return Ok(Decided {
            framing: Framing::Nothing,
            is_doubtful: odd.is_some(),
            says_chunked: is_chunked,
            length: Length::AsItCame,
            mended: odd,
        });
    }
    match coding.chunked {
        Some(line) if said.is_http10 => of_http10_chunks(said, line),
        Some(_) => Ok(of_chunks(said, coding.odd)),
        None => of_length(said, coding.odd),
    }
}

fn of_chunks(said: &FramingLines<'_>, odd: Option<Quote>) -> Decided {
    // A coding wins over a length (RFC 9112 6.3); whoever sends both may be somebody who smuggles.
    let mended = odd.or_else(|| said.lengths.first().map(|line| line.quote()));
    let is_doubtful = mended.is_some();
    Decided { framing: Framing::Chunked, is_doubtful, says_chunked: true, length: Length::Unsaid, mended }
}

/// RFC 9112 6.1: faulty framing. What ends with its connection misleads nobody about where it ends.
fn of_http10_chunks(said: &FramingLines<'_>, line: &Field<'_>) -> Result<Decided, MendError> {
    if !said.lengths.is_empty() || !ends_by_close(said) {
        return Err(MendError::Contradiction(line.quote()));
    }
    Ok(to_end(Framing::ToEndMaybeChunked, Some(line.quote())))
}

fn of_length(said: &FramingLines<'_>, odd: Option<Quote>) -> Result<Decided, MendError> {
    let Some(first) = said.lengths.first() else { return Ok(to_end(Framing::ToEnd, odd)) };
    let elements = || said.lengths.iter().flat_map(|line| line.value.split(|byte| *byte == b','));
    if elements().all(|element| number(element).is_none()) {
        if !ends_by_close(said) {
            return Err(MendError::UnreadableLength(first.quote()));
        }
        return Ok(to_end(Framing::ToEnd, Some(first.quote())));
    }
    let numbers = elements().map(number);
    let Some(length) = numbers.reduce(|one, other| one.filter(|_| one == other)).flatten() else {
        let last = said.lengths.last().unwrap_or(first);
        return Err(MendError::Contradiction(last.quote()));
    };
    let is_written_plainly = !first.has_returns && *first.value == *length.to_string().as_bytes();
    let is_plain = said.lengths.len() == 1 && is_written_plainly;
    let mended = odd.or_else(|| (!is_plain).then(|| first.quote()));
    Ok(Decided {
        framing: Framing::Length(length),
        is_doubtful: mended.is_some(),
        says_chunked: false,
        length: Length::Number(length),
        mended,
    })
}

fn to_end(framing: Framing, mended: Option<Quote>) -> Decided {
    Decided { framing, is_doubtful: mended.is_some(), says_chunked: false, length: Length::Unsaid, mended }
}

/// What the `Transfer-Encoding` lines say together.
struct CodingLines<'h> {
    /// A line that says `chunked`.
    chunked: Option<&'h Field<'h>>,
    /// A line that says more than it, or less.
    odd: Option<Quote>,
}

impl<'h> CodingLines<'h> {
    /// `identity` and nothing at all change nothing; `chunked` twice is once, for whoever applies it twice is not known, and whoever
    /// says it twice is (RFC 9112 7). Where there is no body, no coding says where it ends.
    fn of(said: &FramingLines<'h>) -> Result<Self, MendError> {
        let (mut chunked, mut odd) = (None, None);
        for line in &said.codings {
            if line.has_returns {
                odd.get_or_insert_with(|| line.quote());
            }
            for element in line.value.split(|byte| *byte == b',').map(trimmed) {
                if element.eq_ignore_ascii_case(b"chunked") && chunked.is_none() {
                    chunked = Some(*line);
                } else if element.is_empty()
                    || element.eq_ignore_ascii_case(b"identity")
                    || element.eq_ignore_ascii_case(b"chunked")
                    || said.is_bodiless
                {
                    odd.get_or_insert_with(|| line.quote());
                } else {
                    return Err(MendError::Coding(line.quote()));
                }
            }
        }
        Ok(Self { chunked, odd })
    }
}

/// RFC 9112 9.3: whether the connection ends with this answer, by what the head says.
fn ends_by_close(said: &FramingLines<'_>) -> bool {
    let says = |word: &[u8]| {
        let lines = said.connection.iter();
        let mut tokens = lines.flat_map(|line| line.value.split(|byte| *byte == b',')).map(trimmed);
        tokens.any(|token| token.eq_ignore_ascii_case(word))
    };
    says(b"close") || said.is_http10 && !says(b"keep-alive")
}

fn number(element: &[u8]) -> Option<u64> {
    let digits = trimmed(element);
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(digits).ok().filter(|_| is_number)?.parse().ok()?;
    (number <= LENGTH_MAX).then_some(number)
}
