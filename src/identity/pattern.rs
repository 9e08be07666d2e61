//! What a condition asks of one value of a claim.

use globset::{GlobBuilder, GlobMatcher, GlobSet};
use serde_json::Value;

use super::{
    ClaimPath, Scalar,
    fold::{BORDERS, fold},
    short_hash::short_hash,
};

/// A value of a condition: exact and typed, or a glob over texts (`*` does not cross `/`).
#[derive(Debug, Clone)]
pub(crate) enum ValuePattern {
    /// The same type and the same value.
    Exact(Scalar),
    /// A text that the glob matches.
    Glob(GlobPattern),
}

/// A compiled glob.
#[derive(Debug, Clone)]
pub(crate) struct GlobPattern {
    matcher: GlobMatcher,
    /// For texts that are folded: without letter case, across `/`, and for words within a text.
    like: GlobSet,
}

/// The kinds of values that patterns ask for, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kinds(u8);

impl ValuePattern {
    /// Whether a single value of a claim is meant. Arrays and objects match nothing; the caller walks them.
    #[must_use]
    pub(crate) fn matches(&self, value: &Value) -> bool {
        match self {
            Self::Exact(Scalar::Text(text)) => value.as_str() == Some(text),
            Self::Exact(Scalar::Number(number)) => value.as_i64() == Some(*number),
            Self::Exact(Scalar::Boolean(boolean)) => value.as_bool() == Some(*boolean),
            Self::Glob(glob) => value.as_str().is_some_and(|text| glob.is_match(text)),
        }
    }

    /// One text per pattern; the first letter keeps the kinds apart.
    pub(super) fn spelling(&self) -> String {
        match self {
            Self::Exact(Scalar::Text(text)) => format!("t{text}"),
            Self::Exact(Scalar::Number(number)) => format!("n{number}"),
            Self::Exact(Scalar::Boolean(value)) => format!("b{value}"),
            Self::Glob(glob) => format!("g{}", glob.as_str()),
        }
    }
}

impl GlobPattern {
    /// Compiles a glob.
    ///
    /// # Errors
    /// For a text that is no glob.
    pub(crate) fn parse(text: &str) -> Result<Self, globset::Error> {
        Self::build(text, false)
    }

    /// The same glob without regard to ASCII letter case, for addresses.
    pub(super) fn without_case(&self) -> Self {
        Self::build(self.as_str(), true).unwrap_or_else(|_| self.clone())
    }

    fn build(text: &str, ignores_case: bool) -> Result<Self, globset::Error> {
        let exact = GlobBuilder::new(text).literal_separator(true).case_insensitive(ignores_case).build()?;
        let widened = without_case_in_negations(text);
        // A folded glob may be none: then only its letter case is folded.
        let like = like(&fold(&widened)).or_else(|_| like(&widened)).or_else(|_| like(text))?;
        Ok(Self { matcher: exact.compile_matcher(), like })
    }

    /// Whether the glob matches the text.
    #[must_use]
    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }

    /// Whether it would match but for letter case and `/`.
    pub(super) fn is_like(&self, folded: &str) -> bool {
        self.like.is_match(folded)
    }

    /// The glob as it was written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        self.matcher.glob().glob()
    }
}

/// The glob by itself, and between what ends a word: `ext *` is in `staff ext 1`.
fn like(text: &str) -> Result<GlobSet, globset::Error> {
    let border = format!("[{BORDERS} ]");
    let forms =
        [text.to_owned(), format!("*{border}{text}"), format!("{text}{border}*"), format!("*{border}{text}{border}*")];
    let mut set = GlobSet::builder();
    for form in forms {
        set.add(GlobBuilder::new(&form).case_insensitive(true).build()?);
    }
    set.build()
}

/// The glob with a letter in `[!…]` only where both its cases are in it: `[!A-Z]` is meant by `a`, so `A` is like it.
fn without_case_in_negations(text: &str) -> String {
    let (mut widened, mut rest) = (String::new(), text.chars());
    while let Some(c) = rest.next() {
        match c {
            '\\' => widened.extend([c].into_iter().chain(rest.next())),
            '[' => match class(rest.as_str()) {
                Some((inner, after)) => {
                    widened.push_str(&widened_class(inner));
                    rest = after.chars();
                }
                None => widened.push(c),
            },
            _ => widened.push(c),
        }
    }
    widened
}

/// What stands in a class, and what follows it; a `]` at its start belongs to it.
fn class(text: &str) -> Option<(&str, &str)> {
    let start = text.strip_prefix(['!', '^']).unwrap_or(text);
    let skipped = text.len() - start.len() + usize::from(start.starts_with(']'));
    let end = skipped + text.get(skipped..)?.find(']')?;
    Some((&text[..end], &text[end + 1..]))
}

fn widened_class(inner: &str) -> String {
    let Some(members) = inner.strip_prefix(['!', '^']) else { return format!("[{inner}]") };
    let ranges = ranges(members);
    let has = |c: u8| ranges.iter().any(|(first, last)| (*first..=*last).contains(&char::from(c)));
    let stays = |c: &u8| has(c.to_ascii_lowercase()) && has(c.to_ascii_uppercase());
    let is_plain = |c: &u8| !matches!(c, b']' | b'-' | b'!' | b'^');
    let kept = || (0..=0x7f_u8).filter(stays);
    if ranges.iter().any(|(_, last)| !last.is_ascii()) {
        // A glob sees bytes, and such a letter has several.
        return "*".to_owned();
    }
    if kept().next().is_none() {
        return "?".to_owned();
    }
    let first = if has(b']') { "]" } else { "" };
    let middle: String =
        ['!', '^'].into_iter().filter(|c| has(*c as u8)).chain(kept().filter(is_plain).map(char::from)).collect();
    let last = if has(b'-') { "-" } else { "" };
    format!("[!{first}{middle}{last}]")
}

/// `a-z` and single characters, as a glob reads them.
fn ranges(members: &str) -> Vec<(char, char)> {
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut is_open = false;
    for c in members.chars() {
        match ranges.last_mut() {
            Some(_) if c == '-' && !is_open => is_open = true,
            Some(range) if is_open => {
                range.1 = c;
                is_open = false;
            }
            Some(_) | None => ranges.push((c, c)),
        }
    }
    if is_open {
        ranges.push(('-', '-'));
    }
    ranges
}

impl Kinds {
    const TEXT: Self = Self(1);
    const NUMBER: Self = Self(2);
    const BOOLEAN: Self = Self(4);

    /// Each kind by itself.
    pub(super) const EACH: [Self; 3] = [Self::TEXT, Self::NUMBER, Self::BOOLEAN];

    pub(super) fn of_patterns(patterns: &[ValuePattern]) -> Self {
        Self(patterns.iter().fold(0, |kinds, pattern| {
            kinds
                | match pattern {
                    ValuePattern::Exact(Scalar::Text(_)) | ValuePattern::Glob(_) => Self::TEXT.0,
                    ValuePattern::Exact(Scalar::Number(_)) => Self::NUMBER.0,
                    ValuePattern::Exact(Scalar::Boolean(_)) => Self::BOOLEAN.0,
                }
        }))
    }

    /// The kind of a single value.
    pub(super) const fn of_value(value: &Value) -> Option<Self> {
        match value {
            Value::String(_) => Some(Self::TEXT),
            Value::Number(_) => Some(Self::NUMBER),
            Value::Bool(_) => Some(Self::BOOLEAN),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    pub(super) const fn has(self, kind: Self) -> bool {
        self.0 & kind.0 == kind.0
    }

    /// One text per set.
    pub(super) fn spelling(self) -> String {
        self.0.to_string()
    }
}

/// The hash that says: a value that is like this one was left out.
pub(super) fn like_left_out(canonical: &ClaimPath, pattern: &ValuePattern) -> u32 {
    short_hash(&[canonical.as_str(), "like", &pattern.spelling()])
}

/// The hash that says: of what was left out, something was no single value, in this way.
pub(super) fn unread_left_out(canonical: &ClaimPath, way: &str) -> u32 {
    short_hash(&[canonical.as_str(), "unread", way])
}

/// The hash that says: a value of this kind was left out.
pub(super) fn kind_left_out(canonical: &ClaimPath, kind: Kinds) -> u32 {
    short_hash(&[canonical.as_str(), "kind", &kind.spelling()])
}
