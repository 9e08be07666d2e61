//! Content that is no markup, up to its end tag: scripts, styles, titles and the like (HTML 13.2.5.9 to 13.2.5.31).

use memchr::{memchr, memchr3};

use super::name::{MarkupName, NameCase, names};

/// Where in such content the scanner is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw {
    /// Whose end tag ends it.
    name: MarkupName,
    place: RawPlace,
    escape: Escape,
    /// How many dashes came last in an escaped script.
    dashes: u8,
    /// A word that may become `script` or the name of an end tag.
    word: MarkupName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RawPlace {
    Text,
    /// Behind `<`
    Less,
    /// In what follows `</`
    EndName,
    /// In a word that follows `<` in an escaped script
    Word,
    /// Behind `<!`, and behind `<!-`, in a script
    Bang,
    BangDash,
}

/// Old pages hide their scripts in comments, and those can hold `</script>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    /// Behind `<!--`
    Escaped,
    /// In `<script>` there
    Double,
}

/// What a step found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RawFound {
    Nothing,
    /// A `<`, so many bytes on, which may begin the end tag.
    Less(usize),
    /// The name of the end tag is over.
    End,
}

impl Raw {
    pub(super) const fn of(name: MarkupName) -> Self {
        Self { name, place: RawPlace::Text, escape: Escape::None, dashes: 0, word: MarkupName::START }
    }

    pub(super) const fn name(&self) -> MarkupName {
        self.name
    }

    /// Whether what was seen last may be the beginning of the end tag.
    pub(super) fn may_end(&self) -> bool {
        matches!(self.place, RawPlace::Less | RawPlace::EndName)
    }

    /// Takes some of the bytes, of which there is at least one; says how many.
    pub(super) fn step(&mut self, rest: &[u8]) -> (usize, RawFound) {
        match self.place {
            RawPlace::Text => self.text(rest),
            RawPlace::Less => (self.less(rest[0]), RawFound::Nothing),
            RawPlace::EndName | RawPlace::Word => self.word(rest),
            RawPlace::Bang | RawPlace::BangDash => (self.bang(rest[0]), RawFound::Nothing),
        }
    }

    fn text(&mut self, rest: &[u8]) -> (usize, RawFound) {
        if self.name == names::PLAINTEXT {
            return (rest.len(), RawFound::Nothing);
        }
        let found = match self.escape {
            Escape::None => memchr(b'<', rest),
            Escape::Escaped | Escape::Double => memchr3(b'<', b'-', b'>', rest),
        };
        if found != Some(0) {
            self.dashes = 0;
        }
        let Some(at) = found else { return (rest.len(), RawFound::Nothing) };
        match rest[at] {
            b'-' => self.dashes = (self.dashes + 1).min(2),
            b'>' => {
                if self.dashes == 2 {
                    self.escape = Escape::None;
                }
                self.dashes = 0;
            }
            _ => {
                (self.place, self.dashes) = (RawPlace::Less, 0);
                return (at + 1, RawFound::Less(at));
            }
        }
        (at + 1, RawFound::Nothing)
    }

    fn less(&mut self, byte: u8) -> usize {
        self.word = MarkupName::START;
        let (place, taken) = match byte {
            b'/' => (RawPlace::EndName, 1),
            b'!' if self.name == names::SCRIPT && self.escape == Escape::None => (RawPlace::Bang, 1),
            b'a'..=b'z' | b'A'..=b'Z' if self.escape == Escape::Escaped => (RawPlace::Word, 0),
            _ => (RawPlace::Text, 0),
        };
        self.place = place;
        taken
    }

    fn bang(&mut self, byte: u8) -> usize {
        match (self.place, byte) {
            (RawPlace::Bang, b'-') => self.place = RawPlace::BangDash,
            (RawPlace::BangDash, b'-') => (self.place, self.escape, self.dashes) = (RawPlace::Text, Escape::Escaped, 2),
            (_, _) => {
                self.place = RawPlace::Text;
                return 0;
            }
        }
        1
    }

    fn word(&mut self, rest: &[u8]) -> (usize, RawFound) {
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        self.word = self.word.with_all(&rest[..length], NameCase::LOWER);
        let Some(after) = rest.get(length) else { return (length, RawFound::Nothing) };
        let is_over = after.is_ascii_whitespace() || matches!(after, b'/' | b'>');
        let is_end =
            is_over && self.place == RawPlace::EndName && self.escape != Escape::Double && self.word == self.name;
        if is_over && self.word == names::SCRIPT && !is_end {
            self.escape = match self.escape {
                Escape::None => Escape::None,
                Escape::Escaped if self.place == RawPlace::EndName => Escape::Escaped,
                Escape::Escaped => Escape::Double,
                Escape::Double => Escape::Escaped,
            };
        }
        self.place = RawPlace::Text;
        (length, if is_end { RawFound::End } else { RawFound::Nothing })
    }
}
