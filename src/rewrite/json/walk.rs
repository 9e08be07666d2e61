//! One JSON text, read as `JSON.parse` of a browser reads it, and the strings in it that paths lead to.
//!
//! In: bytes, and paths. Out: where the text ends, and the strings, in order. It keeps one byte for each open array or object, and the
//! state of the paths only as deep as they go. Bytes beyond ASCII are not looked at: browsers decode before they parse, and put a
//! character of their own for what is no UTF-8.

use std::ops::Range;

use crate::rewrite::json_path::PathStep;

/// A path that is followed, and what its end means.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'p> {
    pub(super) steps: &'p [PathStep],
    pub(super) end: WayEnd,
    /// Whether the last step so far was to anything that is there: such a step is into no JSON text.
    pub(super) is_wild: bool,
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WayEnd {
    /// A value that may be a URL.
    Value,
    /// A string that may be a JSON text, which all paths are followed in anew.
    Text,
}

/// A string that was reached.
#[derive(Debug)]
pub(super) struct Reached<'p> {
    /// Where it stands, quotes included.
    pub(super) at: Range<usize>,
    /// The paths that end here, and what is left of those that lead further.
    pub(super) ways: Vec<Way<'p>>,
}

/// The text is none that `JSON.parse` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not JSON")]
pub(crate) struct NotJson;

pub(super) struct JsonWalk<'d, 'p> {
    bytes: &'d [u8],
    pub(super) at: usize,
    /// Each open array or object.
    open: Vec<Bracket>,
    /// Those that paths lead into: the first of them.
    levels: Vec<OpenLevel<'p>>,
    pub(super) reached: Vec<Reached<'p>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bracket {
    Array,
    Object,
}

struct OpenLevel<'p> {
    ways: Vec<Way<'p>>,
    index: usize,
}

impl<'d, 'p> JsonWalk<'d, 'p> {
    pub(super) const fn new(bytes: &'d [u8], at: usize) -> Self {
        Self { bytes, at, open: Vec::new(), levels: Vec::new(), reached: Vec::new() }
    }

    /// Reads one text, along these ways.
    ///
    /// # Errors
    /// [`NotJson`].
    pub(super) fn text(&mut self, ways: &[Way<'p>]) -> Result<(), NotJson> {
        let mut ways = ways.to_vec();
        loop {
            let is_open = self.value(ways)?;
            if !is_open && !self.goes_on()? {
                return Ok(());
            }
            ways = self.next_ways()?;
        }
    }

    /// Reads a value, or the beginning of one that has others in it: then true.
    fn value(&mut self, ways: Vec<Way<'p>>) -> Result<bool, NotJson> {
        self.blanks();
        let start = self.at;
        match self.peek() {
            Some(b'{') => return self.begin(Bracket::Object, b'}', ways),
            Some(b'[') => return self.begin(Bracket::Array, b']', ways),
            Some(b'"') => {
                self.string()?;
                if !ways.is_empty() {
                    self.reached.push(Reached { at: start..self.at, ways });
                }
            }
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word(b"true")?,
            Some(b'f') => self.word(b"false")?,
            Some(b'n') => self.word(b"null")?,
            Some(_) | None => return Err(NotJson),
        }
        Ok(false)
    }

    fn begin(&mut self, kind: Bracket, end: u8, ways: Vec<Way<'p>>) -> Result<bool, NotJson> {
        self.at += 1;
        self.blanks();
        if self.peek() == Some(end) {
            self.at += 1;
            return Ok(false);
        }
        if !ways.is_empty() && self.levels.len() == self.open.len() {
            self.levels.push(OpenLevel { ways, index: 0 });
        }
        self.open.push(kind);
        Ok(true)
    }

    /// What follows a value: false at the end of the text.
    fn goes_on(&mut self) -> Result<bool, NotJson> {
        while let Some(kind) = self.open.last().copied() {
            self.blanks();
            let next = self.peek();
            self.at += 1;
            match (kind, next) {
                (_, Some(b',')) => return Ok(true),
                (Bracket::Object, Some(b'}')) | (Bracket::Array, Some(b']')) => {
                    self.open.pop();
                    self.levels.truncate(self.open.len());
                }
                (Bracket::Object | Bracket::Array, _) => return Err(NotJson),
            }
        }
        Ok(false)
    }

    /// The ways into the member or item at hand; a member's name is read.
    fn next_ways(&mut self) -> Result<Vec<Way<'p>>, NotJson> {
        let is_followed = self.levels.len() == self.open.len();
        let kind = self.open.last().copied().unwrap_or(Bracket::Array);
        let name = match kind {
            Bracket::Object => self.name()?,
            Bracket::Array => 0..0,
        };
        let bytes = self.bytes;
        let Some(level) = self.levels.last_mut().filter(|_| is_followed) else { return Ok(Vec::new()) };
        let index = level.index;
        level.index += 1;
        let leads = |step: &PathStep| match (step, kind) {
            (PathStep::Name(wanted), Bracket::Object) => is_text(&bytes[name.clone()], wanted),
            (PathStep::Index(wanted), Bracket::Array) => index == *wanted,
            (PathStep::Wildcard, Bracket::Object | Bracket::Array) => true,
            (PathStep::Name(_), Bracket::Array) | (PathStep::Index(_), Bracket::Object) => false,
        };
        let further = level.ways.iter().filter_map(|way| {
            let (step, steps) = way.steps.split_first()?;
            let is_wild = *step == PathStep::Wildcard;
            leads(step).then_some(Way { steps, end: way.end, is_wild })
        });
        Ok(further.collect())
    }

    /// A member's name, without its quotes, and the colon.
    fn name(&mut self) -> Result<Range<usize>, NotJson> {
        self.blanks();
        let start = self.at;
        self.string()?;
        let name = start + 1..self.at - 1;
        self.blanks();
        self.take(b':')?;
        Ok(name)
    }

    fn string(&mut self) -> Result<(), NotJson> {
        self.take(b'"')?;
        loop {
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        let digits = self.bytes.get(self.at..self.at + 4).ok_or(NotJson)?;
                        if !digits.iter().all(u8::is_ascii_hexdigit) {
                            return Err(NotJson);
                        }
                        self.at += 4;
                    }
                    _ => return Err(NotJson),
                },
                0..0x20 => return Err(NotJson),
                _ => {}
            }
        }
    }

    fn number(&mut self) -> Result<(), NotJson> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), NotJson> {
        let count = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(NotJson) } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), NotJson> {
        if self.bytes[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(NotJson)
        }
    }

    fn take(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.next()? == byte { Ok(()) } else { Err(NotJson) }
    }

    fn next(&mut self) -> Result<u8, NotJson> {
        let byte = self.peek().ok_or(NotJson)?;
        self.at += 1;
        Ok(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        self.at += self.bytes[self.at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }
}

/// The characters of a string, one by one: the bytes of each; a byte beyond ASCII goes for one.
pub(super) struct Characters<'r> {
    raw: &'r [u8],
    at: usize,
}

impl<'r> Characters<'r> {
    /// Of what stands between a string's quotes, which has been walked over.
    pub(super) const fn of(raw: &'r [u8]) -> Self {
        Self { raw, at: 0 }
    }

    /// Where the next one begins.
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    /// Four digits, where `\u` stands at `at`.
    fn unit(&self, at: usize) -> Option<u32> {
        let escape = self.raw.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(escape).ok()?, 16).ok()
    }

    /// An escape by number; half a pair is no character, and becomes the one for that.
    fn numbered(&mut self) -> char {
        let unit = self.unit(self.at).unwrap_or(0xFFFD);
        self.at += 6;
        if (0xD800..0xDC00).contains(&unit)
            && let Some(low @ 0xDC00..0xE000) = self.unit(self.at)
        {
            self.at += 6;
            return char::from_u32(0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00)).unwrap_or('\u{FFFD}');
        }
        char::from_u32(unit).unwrap_or('\u{FFFD}')
    }
}

impl Iterator for Characters<'_> {
    type Item = ([u8; 4], usize);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let byte = *self.raw.get(start)?;
        let escaped = if byte == b'\\' { self.raw.get(start + 1).copied() } else { None };
        let meant = match escaped {
            None => byte,
            Some(b'u') => {
                let mut buffer = [0; 4];
                let length = self.numbered().encode_utf8(&mut buffer).len();
                return Some((buffer, length));
            }
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(same) => same,
        };
        self.at += if escaped.is_some() { 2 } else { 1 };
        Some(([meant, 0, 0, 0], 1))
    }
}

fn is_text(raw: &[u8], text: &str) -> bool {
    let mut rest = text.as_bytes();
    for (bytes, length) in Characters::of(raw) {
        let Some(after) = rest.strip_prefix(&bytes[..length]) else { return false };
        rest = after;
    }
    rest.is_empty()
}
