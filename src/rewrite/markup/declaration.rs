//! What begins with `<!` or `<?`: comments, doctypes, CDATA sections, processing instructions (HTML 13.2.5.42 to 13.2.5.71, XML 1.0
//! 2.5 to 2.8).

use memchr::memchr;

use super::{subset::XmlDoctype, syntax::Syntax};

/// Where in it the scanner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Declaration {
    /// Behind `<!`
    Start,
    /// Behind `<!-`
    Dash,
    /// Behind so many bytes of `[CDATA[`
    CdataWord(usize),
    /// Right behind `<!--`, and behind one dash more: a `>` ends it (HTML only)
    CommentStart { has_dash: bool },
    /// In a comment, behind so many dashes
    Comment(u8),
    /// Behind `--!` there
    CommentBang,
    /// Behind so many `]`
    Cdata(u8),
    /// Up to the next `>`: bogus comments, doctypes of HTML
    Bogus,
    /// Up to `?>`
    Instruction { has_mark: bool },
    /// A doctype of XML
    Doctype(XmlDoctype),
}

/// Up to behind the end of what follows `<!` or `<?`, where no CDATA section can stand; `None` where it has no end yet.
pub(in crate::rewrite) fn declaration_end(mark: u8, behind: &[u8], syntax: Syntax) -> Option<usize> {
    let is_xml = syntax.is_xml();
    let mut declaration = match mark {
        b'!' => Declaration::Start,
        _ if is_xml => Declaration::Instruction { has_mark: false },
        _ => Declaration::Bogus,
    };
    let mut at = 0;
    loop {
        let rest = behind.get(at..).filter(|rest| !rest.is_empty())?;
        let (taken, is_over) = declaration.step(rest, is_xml, false);
        at += taken;
        if is_over {
            return Some(at);
        }
    }
}

/// Whether a page of HTML ends with this, which begins with `</body>` or `</html>`: what may follow is no content.
pub(in crate::rewrite) fn is_page_end(end: &[u8]) -> bool {
    let mut rest = end;
    while !rest.is_empty() {
        let begins = |tag: &[u8]| rest.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
        let taken = match rest {
            [blank, ..] if blank.is_ascii_whitespace() => Some(1),
            [b'<', b'!', b'-', b'-', ..] => declaration_end(b'!', &rest[2..], Syntax::Html).map(|end| 2 + end),
            _ if begins(b"</body") || begins(b"</html") => memchr(b'>', rest).map(|end| end + 1),
            _ => None,
        };
        let Some(taken) = taken else { return false };
        rest = &rest[taken..];
    }
    true
}

const CDATA_WORD: &[u8] = b"[CDATA[";

impl Declaration {
    /// Takes some of the bytes, of which there is at least one; says how many, and whether it is over.
    pub(super) fn step(&mut self, rest: &[u8], is_xml: bool, has_cdata: bool) -> (usize, bool) {
        let byte = rest[0];
        match *self {
            Self::Start => (self.start(byte, is_xml, has_cdata), false),
            Self::Dash if byte == b'-' => {
                *self = if is_xml { Self::Comment(0) } else { Self::CommentStart { has_dash: false } };
                (1, false)
            }
            Self::CdataWord(seen) if CDATA_WORD.get(seen) == Some(&byte) => {
                *self = if seen + 1 == CDATA_WORD.len() { Self::Cdata(0) } else { Self::CdataWord(seen + 1) };
                (1, false)
            }
            Self::Dash | Self::CdataWord(_) => {
                *self = Self::Bogus;
                (0, false)
            }
            Self::CommentStart { has_dash } => self.comment_start(byte, has_dash),
            Self::Comment(dashes) => self.comment(rest, dashes, is_xml),
            Self::CommentBang => {
                *self = Self::Comment(u8::from(byte == b'-'));
                (1, byte == b'>')
            }
            Self::Cdata(brackets) => self.cdata(rest, brackets),
            Self::Bogus => memchr(b'>', rest).map_or((rest.len(), false), |at| (at + 1, true)),
            Self::Instruction { has_mark } => {
                *self = Self::Instruction { has_mark: byte == b'?' };
                (1, has_mark && byte == b'>')
            }
            Self::Doctype(mut doctype) => {
                let is_over = doctype.step(byte);
                *self = Self::Doctype(doctype);
                (1, is_over)
            }
        }
    }

    fn start(&mut self, byte: u8, is_xml: bool, has_cdata: bool) -> usize {
        let (next, taken) = match byte {
            b'-' => (Self::Dash, 1),
            b'[' if is_xml || has_cdata => (Self::CdataWord(1), 1),
            _ if is_xml => (Self::Doctype(XmlDoctype::default()), 0),
            _ => (Self::Bogus, 0),
        };
        *self = next;
        taken
    }

    fn comment_start(&mut self, byte: u8, has_dash: bool) -> (usize, bool) {
        match byte {
            b'>' => return (1, true),
            b'-' => *self = if has_dash { Self::Comment(2) } else { Self::CommentStart { has_dash: true } },
            _ => {
                *self = Self::Comment(0);
                return (0, false);
            }
        }
        (1, false)
    }

    fn comment(&mut self, rest: &[u8], dashes: u8, is_xml: bool) -> (usize, bool) {
        if dashes == 0 {
            let Some(at) = memchr(b'-', rest) else { return (rest.len(), false) };
            *self = Self::Comment(1);
            return (at + 1, false);
        }
        let next = match rest[0] {
            b'-' => Self::Comment(2),
            b'>' if dashes == 2 => return (1, true),
            b'!' if dashes == 2 && !is_xml => Self::CommentBang,
            _ => Self::Comment(0),
        };
        *self = next;
        (1, false)
    }

    fn cdata(&mut self, rest: &[u8], brackets: u8) -> (usize, bool) {
        if brackets == 0 {
            let Some(at) = memchr(b']', rest) else { return (rest.len(), false) };
            *self = Self::Cdata(1);
            return (at + 1, false);
        }
        let next = match rest[0] {
            b']' => Self::Cdata(2),
            b'>' if brackets == 2 => return (1, true),
            _ => Self::Cdata(0),
        };
        *self = next;
        (1, false)
    }
}
