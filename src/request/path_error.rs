//! What may be wrong with a path.

/// What is wrong with a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
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
