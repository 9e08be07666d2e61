//! Bodies in chunks, as some programs write them and browsers read them: lines that end with bare line feeds, trailers that are none,
//! and chunks that an HTTP/1.0 server sends.
//!
//! One walk follows every such body and says what each byte of it is. What is written by the letter passes as it is.

use crate::limits::{CHUNK_LINE_BYTES_MAX, CHUNK_SIZE_DIGITS_MAX, CHUNK_TRAILERS_BYTES_MAX};

/// What the first line of a body shows, of which an HTTP/1.0 server says that it is in chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyStart {
    /// It has not come.
    Unknown,
    /// The size of a chunk.
    Size,
    /// No size of a chunk.
    NoSize,
}

impl BodyStart {
    /// Of the body that `bytes` begin.
    #[must_use]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let digits = bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let rest = &bytes[digits..];
        match (memchr::memchr(b'\n', rest), rest.first()) {
            _ if digits > CHUNK_SIZE_DIGITS_MAX => Self::NoSize,
            (_, Some(_)) if digits == 0 => Self::NoSize,
            (_, Some(first)) if !ends_size(*first) => Self::NoSize,
            (None, _) if bytes.len() > CHUNK_LINE_BYTES_MAX => Self::NoSize,
            (None, _) => Self::Unknown,
            (Some(_), _) => Self::Size,
        }
    }
}

/// What is no chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChunkError {
    /// A size that is none, or too large.
    #[error("chunk size is none")]
    Size,
    /// A chunk is longer than its size.
    #[error("chunk is longer than its size")]
    Longer,
    /// Something else stands where the body should end.
    #[error("no empty line ends the body")]
    Ending,
    /// The lines behind the last chunk are too long.
    #[error("trailers are too long")]
    TooLong,
    /// The connection ended before the last chunk.
    #[error("body ended before its last chunk")]
    Early,
}

/// What the next bytes of a body are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunkPart {
    /// So many of what is in the chunks.
    Data(usize),
    /// So many of what is around it, by the letter.
    Around(usize),
    /// A line feed, in front of which a carriage return is missing.
    LineFeed,
    /// So many of an extension or of trailers. Nobody gets them: they may be malformed, and many.
    Dropped(usize),
}

/// Follows a body in chunks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkWalk {
    at: ChunkAt,
    /// The last byte was a carriage return.
    has_return: bool,
    is_loose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunkAt {
    /// In the digits of a size, of which there were some; their number.
    Size(bool, u64),
    /// Behind them, on their line.
    SizeLine(u64),
    Data(u64),
    BehindData,
    /// At the beginning of a line behind the last chunk; how many bytes of trailers there were.
    Trailers(usize),
    /// In such a line.
    InTrailer(usize),
    /// In the empty line.
    End,
    Done,
}

impl ChunkWalk {
    pub(crate) const fn new() -> Self {
        Self { at: ChunkAt::Size(false, 0), has_return: false, is_loose: false }
    }

    /// Whether the body is over; nothing behind it is looked at.
    #[must_use]
    pub(crate) fn is_done(&self) -> bool {
        self.at == ChunkAt::Done
    }

    /// Whether some line ended with a bare line feed.
    #[must_use]
    pub(crate) const fn is_loose(&self) -> bool {
        self.is_loose
    }

    /// Whether `bytes` may begin a body in chunks.
    #[must_use]
    pub(crate) fn may_begin(bytes: &[u8]) -> bool {
        let (mut walk, mut at) = (Self::new(), 0);
        while at < bytes.len() && matches!(walk.at, ChunkAt::Size(..)) {
            match walk.step(&bytes[at..]) {
                Ok(ChunkPart::Around(count)) => at += count,
                Ok(_) => break,
                Err(_) => return false,
            }
        }
        true
    }

    /// How many of the bytes that come next pass as they are; where they are not all, the next one needs something done.
    pub(crate) fn by_the_letter(&mut self, input: &[u8]) -> usize {
        let mut at = 0;
        while at < input.len() && !self.is_done() {
            let before = *self;
            match self.step(&input[at..]) {
                Ok(ChunkPart::Data(count) | ChunkPart::Around(count)) => at += count,
                Ok(ChunkPart::LineFeed | ChunkPart::Dropped(_)) | Err(_) => {
                    *self = before;
                    break;
                }
            }
        }
        at
    }

    /// Reads on, and appends chunks by the letter. How many bytes belong to the body.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub(crate) fn mended(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, ChunkError> {
        self.read(input, |part, bytes| match part {
            ChunkPart::Data(_) | ChunkPart::Around(_) => out.extend_from_slice(bytes),
            ChunkPart::LineFeed => out.extend_from_slice(b"\r\n"),
            ChunkPart::Dropped(_) => {}
        })
    }

    /// The same, of what is in the chunks.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub(crate) fn undone(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, ChunkError> {
        self.read(input, |part, bytes| {
            if matches!(part, ChunkPart::Data(_)) {
                out.extend_from_slice(bytes);
            }
        })
    }

    fn read(&mut self, input: &[u8], mut give: impl FnMut(ChunkPart, &[u8])) -> Result<usize, ChunkError> {
        let mut at = 0;
        while at < input.len() && !self.is_done() {
            let part = self.step(&input[at..])?;
            let count = match part {
                ChunkPart::Data(count) | ChunkPart::Around(count) | ChunkPart::Dropped(count) => count,
                ChunkPart::LineFeed => 1,
            };
            give(part, &input[at..at + count]);
            at += count;
        }
        Ok(at)
    }

    /// Walks over what `input` begins with; there is some, and the body is not over.
    fn step(&mut self, input: &[u8]) -> Result<ChunkPart, ChunkError> {
        match self.at {
            ChunkAt::Size(has_digits, size) => self.size(input, (has_digits, size)),
            ChunkAt::SizeLine(size) => {
                let next = if size == 0 { ChunkAt::Trailers(0) } else { ChunkAt::Data(size) };
                self.size_line(input, next)
            }
            ChunkAt::Data(left) => {
                let taken = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
                let left = left - taken as u64;
                self.at = if left == 0 { ChunkAt::BehindData } else { ChunkAt::Data(left) };
                Ok(ChunkPart::Data(taken))
            }
            ChunkAt::BehindData => self.line_end(input[0], ChunkAt::Size(false, 0)).ok_or(ChunkError::Longer),
            ChunkAt::Trailers(_) if matches!(input[0], b'\r' | b'\n') => {
                self.at = ChunkAt::End;
                self.line_end(input[0], ChunkAt::Done).ok_or(ChunkError::Ending)
            }
            ChunkAt::End => self.line_end(input[0], ChunkAt::Done).ok_or(ChunkError::Ending),
            ChunkAt::Trailers(before) | ChunkAt::InTrailer(before) => self.trailer(input, before),
            ChunkAt::Done => Ok(ChunkPart::Around(input.len())),
        }
    }

    fn size(&mut self, input: &[u8], (has_digits, size): (bool, u64)) -> Result<ChunkPart, ChunkError> {
        let digits = input.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let mut size = size;
        for digit in &input[..digits] {
            let digit = char::from(*digit).to_digit(16).unwrap_or_default();
            size = size.checked_mul(16).ok_or(ChunkError::Size)? + u64::from(digit);
        }
        if digits > 0 {
            self.at = ChunkAt::Size(true, size);
            return Ok(ChunkPart::Around(digits));
        }
        if !has_digits || !ends_size(input[0]) {
            return Err(ChunkError::Size);
        }
        self.at = ChunkAt::SizeLine(size);
        self.step(input)
    }

    /// The rest of a size's line: what ends it passes, and nothing before that.
    fn size_line(&mut self, input: &[u8], next: ChunkAt) -> Result<ChunkPart, ChunkError> {
        let text = &input[..memchr::memchr(b'\n', input).unwrap_or(input.len())];
        match memchr::memchr(b'\r', text) {
            None if text.is_empty() => Ok(self.line_feed(next)),
            // A carriage return that ends no line.
            _ if self.has_return => Err(ChunkError::Size),
            None => Ok(ChunkPart::Dropped(text.len())),
            Some(at) if at + 1 < text.len() => Err(ChunkError::Size),
            Some(0) => {
                self.has_return = true;
                Ok(ChunkPart::Around(1))
            }
            Some(at) => Ok(ChunkPart::Dropped(at)),
        }
    }

    /// A line that should be empty; none where it is not.
    fn line_end(&mut self, byte: u8, next: ChunkAt) -> Option<ChunkPart> {
        match byte {
            b'\n' => Some(self.line_feed(next)),
            b'\r' if !self.has_return => {
                self.has_return = true;
                Some(ChunkPart::Around(1))
            }
            _ => None,
        }
    }

    fn line_feed(&mut self, next: ChunkAt) -> ChunkPart {
        self.at = next;
        if std::mem::take(&mut self.has_return) {
            return ChunkPart::Around(1);
        }
        self.is_loose = true;
        ChunkPart::LineFeed
    }

    fn trailer(&mut self, input: &[u8], before: usize) -> Result<ChunkPart, ChunkError> {
        let end = memchr::memchr(b'\n', input);
        let taken = end.map_or(input.len(), |end| end + 1);
        let seen = before + taken;
        if seen > CHUNK_TRAILERS_BYTES_MAX {
            return Err(ChunkError::TooLong);
        }
        let text = &input[..end.unwrap_or(taken)];
        let has_return = text.last().map_or(self.has_return, |last| *last == b'\r');
        self.is_loose |= end.is_some() && !has_return;
        self.has_return = has_return && end.is_none();
        self.at = if end.is_some() { ChunkAt::Trailers(seen) } else { ChunkAt::InTrailer(seen) };
        Ok(ChunkPart::Dropped(taken))
    }
}

/// What may stand behind a size: the end of its line, white space, an extension.
const fn ends_size(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b' ' | b'\t' | b';')
}
