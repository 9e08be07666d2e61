//! The words of this room: what was asked, how a body ends, what a line is about, which bytes may stand where.

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
    pub(super) fn is_bodiless(self, status: u16) -> bool {
        self == Self::Head || matches!(status, 101 | 204 | 304)
    }
}

/// What a header line is about, as far as the framing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Connection,
    Coding,
    Length,
    Other,
}

impl LineKind {
    /// Of a name that is a token.
    pub(super) fn of(name: &[u8]) -> Self {
        match name.len() {
            10 if name.eq_ignore_ascii_case(b"connection") => Self::Connection,
            14 if name.eq_ignore_ascii_case(b"content-length") => Self::Length,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => Self::Coding,
            _ => Self::Other,
        }
    }
}

/// RFC 9110 5.6.2.
pub(super) const fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// A byte that no value may hold (RFC 9110 5.5), and no reason phrase.
pub(super) const fn is_control(byte: u8) -> bool {
    CONTROL[byte as usize]
}

const CONTROL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < b' ' {
        table[byte as usize] = byte != b'\t';
        byte += 1;
    }
    table[0x7F] = true;
    table
};

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
