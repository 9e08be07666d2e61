//! Chunks that end with bare line feeds, or that an HTTP/1.0 server sends: as some programs write them, and as browsers read them.
//!
//! hyper reads chunks by the letter. A body whose first line shows that it is not written so is read here, and handed on either in chunks
//! that are, or bare. Its connection is not used again.

use crate::limits::{CHUNK_LINE_BYTES_MAX, CHUNK_SIZE_DIGITS_MAX, UPSTREAM_HEADERS_MAX};

/// What the first line of a body shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyStart {
    /// It has not come.
    Unknown,
    /// The size of a chunk, by the letter.
    Strict,
    /// The same, with a bare line feed.
    Loose,
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
            (_, Some(first)) if !matches!(first, b'\r' | b'\n' | b' ' | b'\t' | b';') => Self::NoSize,
            (None, _) if bytes.len() > CHUNK_LINE_BYTES_MAX => Self::NoSize,
            (None, _) => Self::Unknown,
            (Some(end), _) if rest[..end].ends_with(b"\r") => Self::Strict,
            (Some(_), _) => Self::Loose,
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
    /// A line, or the lines behind the last chunk, are too long.
    #[error("line between chunks is too long")]
    TooLong,
    /// The connection ended before the last chunk.
    #[error("body ended before its last chunk")]
    Early,
}

/// Reads chunks, whichever way their lines end. Trailers are dropped, as those of other answers are.
#[derive(Debug)]
pub(crate) struct LooseChunks {
    /// Hands them on as chunks by the letter; else what is in them.
    is_recoded: bool,
    at: ChunkAt,
    line: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChunkAt {
    Size,
    Data(u64),
    BehindData,
    Trailers(usize),
    Done,
}

impl LooseChunks {
    /// Gives chunks by the letter.
    pub(crate) const fn recoded() -> Self {
        Self { is_recoded: true, at: ChunkAt::Size, line: Vec::new() }
    }

    /// Gives what is in the chunks.
    pub(crate) const fn decoded() -> Self {
        Self { is_recoded: false, at: ChunkAt::Size, line: Vec::new() }
    }

    /// Whether the last chunk has come; nothing behind it is read.
    #[must_use]
    pub(crate) fn is_done(&self) -> bool {
        self.at == ChunkAt::Done
    }

    /// Reads on, and appends what is handed on.
    ///
    /// # Errors
    /// See [`ChunkError`].
    pub(crate) fn read(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), ChunkError> {
        while !input.is_empty() && self.at != ChunkAt::Done {
            if let ChunkAt::Data(left) = self.at {
                let taken = usize::try_from(left).map_or(input.len(), |left| left.min(input.len()));
                out.extend_from_slice(&input[..taken]);
                input = &input[taken..];
                let left = left - taken as u64;
                self.at = if left == 0 { ChunkAt::BehindData } else { ChunkAt::Data(left) };
                continue;
            }
            let end = memchr::memchr(b'\n', input);
            let taken = end.map_or(input.len(), |end| end + 1);
            if self.line.len() + taken > CHUNK_LINE_BYTES_MAX {
                return Err(ChunkError::TooLong);
            }
            self.line.extend_from_slice(&input[..taken]);
            input = &input[taken..];
            if end.is_some() {
                let line = std::mem::take(&mut self.line);
                self.end_line(line.trim_ascii_end(), out)?;
            }
        }
        Ok(())
    }

    fn end_line(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<(), ChunkError> {
        self.at = match self.at {
            ChunkAt::Size => match size(line).ok_or(ChunkError::Size)? {
                0 => ChunkAt::Trailers(0),
                size => {
                    if self.is_recoded {
                        out.extend_from_slice(format!("{size:x}\r\n").as_bytes());
                    }
                    ChunkAt::Data(size)
                }
            },
            ChunkAt::BehindData if line.is_empty() => {
                if self.is_recoded {
                    out.extend_from_slice(b"\r\n");
                }
                ChunkAt::Size
            }
            ChunkAt::BehindData => return Err(ChunkError::Longer),
            ChunkAt::Trailers(count) if line.is_empty() || count > UPSTREAM_HEADERS_MAX => {
                if self.is_recoded {
                    out.extend_from_slice(b"0\r\n\r\n");
                }
                ChunkAt::Done
            }
            ChunkAt::Trailers(count) => ChunkAt::Trailers(count + 1),
            ChunkAt::Data(_) | ChunkAt::Done => self.at,
        };
        Ok(())
    }
}

/// The size that a line says before white space or an extension.
fn size(line: &[u8]) -> Option<u64> {
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let is_ended = line.get(digits).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b';'));
    let digits =
        std::str::from_utf8(&line[..digits]).ok().filter(|digits| digits.len() <= CHUNK_SIZE_DIGITS_MAX && is_ended)?;
    u64::from_str_radix(digits, 16).ok()
}
