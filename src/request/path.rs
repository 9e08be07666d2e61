//! The one normalised path: what decides is what is forwarded.

/// A request path that can be read in one way only, as the browser sent it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NormalPath {
    raw: String,
}

/// A literal path prefix of the configuration: starts with `/`, matches on segment borders.
///
/// `/public/` matches everything below it and `/public` itself; `/reports/a.aspx` matches exactly that path and what is below.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix(String);

/// Path and query as they are forwarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The path.
    pub path: NormalPath,
    /// The query without its `?`, if there was one.
    pub query: Option<String>,
}

/// What is wrong with a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not a path: asterisk form, authority form, no leading slash.
    #[error("target is not a path")]
    NotAPath,
    /// A raw control, space, backslash, `#`, or a byte outside ASCII.
    #[error("path holds a byte that a URL cannot hold")]
    ForbiddenByte,
    /// A broken percent-escape, or an encoded NUL or control byte.
    #[error("path holds a broken or forbidden percent-escape")]
    BadEscape,
    /// `.` or `..` as a segment, raw or encoded, also behind an encoded separator or before a `;`.
    #[error("path holds a dot segment")]
    DotSegment,
    /// Two readings of the path lead to two routes.
    #[error("path could be read in two ways")]
    Ambiguous,
    /// Longer than the limit.
    #[error("path is too long")]
    TooLong,
}

impl NormalPath {
    /// Parses a raw path.
    ///
    /// # Errors
    /// See [`PathError`].
    pub fn parse(_raw: &str) -> Result<Self, PathError> {
        todo!()
    }

    /// The bytes, as they arrived and as they are forwarded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.raw
    }
}

impl Prefix {
    /// Parses a prefix of the configuration.
    ///
    /// # Errors
    /// Where [`NormalPath::parse`] would refuse, or where the prefix holds a percent-escape.
    pub fn parse(_text: &str) -> Result<Self, PathError> {
        todo!()
    }

    /// The prefix as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the path is the prefix or below it.
    #[must_use]
    pub fn matches(&self, _path: &NormalPath) -> bool {
        todo!()
    }
}
