//! What a condition asks of one value of a claim.

use globset::{GlobBuilder, GlobMatcher};
use serde_json::Value;

use super::{ClaimPath, Scalar, fold::fold, short_hash::short_hash};

/// A value of a condition: exact and typed, or a glob over texts (`*` does not cross `/`).
#[derive(Debug, Clone)]
pub enum ValuePattern {
    /// The same type and the same value.
    Exact(Scalar),
    /// A text that the glob matches.
    Glob(GlobPattern),
}

/// A compiled glob.
#[derive(Debug, Clone)]
pub struct GlobPattern {
    matcher: GlobMatcher,
    /// For texts that are folded: without letter case, and across `/`.
    like: GlobMatcher,
}

/// The kinds of values that patterns ask for, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kinds(u8);

impl ValuePattern {
    /// Whether a single value of a claim is meant. Arrays and objects match nothing; the caller walks them.
    #[must_use]
    pub fn matches(&self, value: &Value) -> bool {
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
    pub fn parse(text: &str) -> Result<Self, globset::Error> {
        Self::build(text, false)
    }

    /// The same glob without regard to ASCII letter case, for addresses.
    pub(super) fn without_case(&self) -> Self {
        Self::build(self.as_str(), true).unwrap_or_else(|_| self.clone())
    }

    fn build(text: &str, ignores_case: bool) -> Result<Self, globset::Error> {
        let exact = GlobBuilder::new(text).literal_separator(true).case_insensitive(ignores_case).build()?;
        // A folded glob may be none: then only its letter case is folded.
        let folded = GlobBuilder::new(&fold(text)).case_insensitive(true).build();
        let like = folded.or_else(|_| GlobBuilder::new(text).case_insensitive(true).build())?;
        Ok(Self { matcher: exact.compile_matcher(), like: like.compile_matcher() })
    }

    /// Whether the glob matches the text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.matcher.is_match(text)
    }

    /// Whether it would match but for letter case and `/`.
    pub(super) fn is_like(&self, folded: &str) -> bool {
        self.like.is_match(folded)
    }

    /// The glob as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.matcher.glob().glob()
    }
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

/// The hash that says: a value of this kind was left out.
pub(super) fn kind_left_out(canonical: &ClaimPath, kind: Kinds) -> u32 {
    short_hash(&[canonical.as_str(), "kind", &kind.spelling()])
}
