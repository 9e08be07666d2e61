//! The one path: what decides is what is forwarded.

use super::{
    folds::{escaped_byte, may_be_short_name},
    path_error::PathError,
    readings::{is_obviously_plain, other_readings, windows_readings},
};
use crate::limits::TARGET_BYTES_MAX;

/// A request path as the browser sent it, together with every other way a server might read it.
///
/// No reading holds a dot segment or a control character; whoever decides by path asks every reading.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NormalPath {
    raw: String,
    others: Box<[Vec<u8>]>,
}

/// A literal path prefix of the configuration: starts with `/`, matches on segment borders.
///
/// `/public/` matches everything below it and `/public` itself; `/reports/a.aspx` matches exactly that path and what is below.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Prefix(String);

/// Path and query as they are forwarded. Its `Debug` shows the path alone: a query may hold a code.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The path.
    pub(crate) path: NormalPath,
    /// The query without its `?`, if there was one.
    pub(crate) query: Option<String>,
}

impl NormalPath {
    /// Parses a raw path.
    ///
    /// # Errors
    /// See [`PathError`].
    pub(crate) fn parse(raw: &str) -> Result<Self, PathError> {
        if !raw.starts_with('/') {
            return Err(PathError::NotAPath);
        }
        if raw.len() > TARGET_BYTES_MAX {
            return Err(PathError::TooLong);
        }
        if is_obviously_plain(raw) {
            return Ok(Self { raw: raw.to_owned(), others: Box::default() });
        }
        if !raw.bytes().all(may_stand_raw) {
            return Err(PathError::ForbiddenByte);
        }
        if raw.match_indices('%').any(|(at, _)| escaped_byte(&raw.as_bytes()[at..]).is_none()) {
            return Err(PathError::BadEscape);
        }
        Ok(Self { raw: raw.to_owned(), others: other_readings(raw)? })
    }

    /// The bytes, as they arrived and as they are forwarded.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.raw
    }

    /// Every reading on a server whose file system is that of Windows, the raw one first.
    ///
    /// # Errors
    /// [`PathError`] where one of them holds what no path may hold, or where there are too many.
    pub(super) fn windows_readings(&self) -> Result<impl Iterator<Item = Vec<u8>>, PathError> {
        let others = windows_readings(&self.raw)?;
        Ok(std::iter::once(self.raw.clone().into_bytes()).chain(others))
    }

    /// Every reading, the raw one first.
    pub(super) fn readings(&self) -> impl Iterator<Item = &[u8]> {
        std::iter::once(self.raw.as_bytes()).chain(self.others.iter().map(Vec::as_slice))
    }
}

/// What RFC 3986 allows, and the printable rest that browsers send unescaped; but no `?`, `#` or `\`.
const fn may_stand_raw(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'\\')
}

impl Target {
    /// Parses `path[?query]`; the query is kept as it is.
    ///
    /// # Errors
    /// See [`PathError`].
    pub(crate) fn parse(text: &str) -> Result<Self, PathError> {
        if text.len() > TARGET_BYTES_MAX {
            return Err(PathError::TooLong);
        }
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (text, None),
        };
        Ok(Self { path: NormalPath::parse(path)?, query })
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target").field("path", &self.path.as_str()).finish_non_exhaustive()
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.path.as_str())?;
        self.query.as_ref().map_or(Ok(()), |query| write!(f, "?{query}"))
    }
}

impl Prefix {
    /// Parses a prefix of the configuration.
    ///
    /// # Errors
    /// Where [`NormalPath::parse`] would refuse, or where the prefix itself could be read in two ways.
    pub(crate) fn parse(text: &str) -> Result<Self, PathError> {
        let path = NormalPath::parse(text)?;
        if path.others.is_empty() { Ok(Self(path.raw)) } else { Err(PathError::Ambiguous) }
    }

    /// The prefix as written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the path is the prefix or below it.
    #[must_use]
    pub(crate) fn matches(&self, path: &NormalPath) -> bool {
        self.matches_bytes(path.raw.as_bytes(), LetterCase::Exact)
    }

    /// Whether a reading is the prefix or below it.
    pub(super) fn matches_bytes(&self, reading: &[u8], case: LetterCase) -> bool {
        if matches!(case, LetterCase::OrShortName) {
            return self.matches_short_names(reading);
        }
        let base = self.base().as_bytes();
        let Some((start, rest)) = reading.split_at_checked(base.len()) else { return false };
        let is_same = match case {
            LetterCase::Exact => start == base,
            LetterCase::Ignored | LetterCase::OrShortName => start.eq_ignore_ascii_case(base),
        };
        is_same && matches!(rest.first(), None | Some(b'/'))
    }

    /// Segment by segment, where the short name of a segment stands for it.
    fn matches_short_names(&self, reading: &[u8]) -> bool {
        let mut names = reading.split(|byte| *byte == b'/');
        self.base().split('/').all(|segment| {
            let name = names.next();
            name.is_some_and(|name| name.eq_ignore_ascii_case(segment.as_bytes()) || may_be_short_name(name, segment))
        })
    }

    /// The prefix without a slash at the end.
    pub(super) fn base(&self) -> &str {
        self.0.strip_suffix('/').unwrap_or(&self.0)
    }
}

/// How letters are compared: exactly, or as a host application on a case-blind file system does.
#[derive(Debug, Clone, Copy)]
pub(super) enum LetterCase {
    /// `A` is not `a`.
    Exact,
    /// `A` is `a`.
    Ignored,
    /// `A` is `a`, and `ADMINI~1` may be `administration`.
    OrShortName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_is_not_in_the_debug_text_of_a_target() {
        let target = Target::parse("/a?code=marker").unwrap();
        assert_eq!(
            (format!("{target:?}").as_str(), target.to_string().as_str()),
            (r#"Target { path: "/a", .. }"#, "/a?code=marker",)
        );
    }

    #[test]
    fn what_no_path_may_hold_is_refused() {
        let long = format!("/{}", "a".repeat(TARGET_BYTES_MAX));
        for (raw, error) in [
            ("", PathError::NotAPath),
            ("*", PathError::NotAPath),
            ("a/b", PathError::NotAPath),
            ("/a b", PathError::ForbiddenByte),
            ("/a#b", PathError::ForbiddenByte),
            ("/a\\b", PathError::ForbiddenByte),
            ("/\\..\\", PathError::ForbiddenByte),
            ("/a\tb", PathError::ForbiddenByte),
            ("/ü", PathError::ForbiddenByte),
            ("/a%", PathError::BadEscape),
            ("/a%4", PathError::BadEscape),
            ("/a%zz", PathError::BadEscape),
            ("/a%u002e", PathError::BadEscape),
            ("/a%00", PathError::BadEscape),
            ("/public/%00/x", PathError::BadEscape),
            ("/a%0d%0ab", PathError::BadEscape),
            ("/a%2500", PathError::BadEscape),
            ("/a%7f", PathError::BadEscape),
            (long.as_str(), PathError::TooLong),
        ] {
            assert_eq!(NormalPath::parse(raw), Err(error), "{raw}");
        }
    }

    #[test]
    fn a_dot_segment_is_refused_in_every_spelling() {
        for raw in [
            "/public/../admin",
            "/..",
            "/.",
            "/./admin",
            "/admin/.",
            "/public/%2e%2e/admin",
            "/public/.%2E/admin",
            "/public/..%2fadmin",
            "/public%2f..%2fadmin",
            "/public/%2e%2e%2fadmin",
            "/public/%252e%252e%252fadmin",
            "/public/..%5cadmin",
            "/public/..;/admin",
            "/public/..;x=1/admin",
            "/public/..%3b/admin",
            "/public;/..;/admin",
            "/public/..%20/admin",
            "/public/%ef%bc%8e%ef%bc%8e/admin",
            "/public/..%ef%bc%8fadmin",
            "/public/%c0%ae%c0%ae/admin",
        ] {
            assert_eq!(NormalPath::parse(raw), Err(PathError::DotSegment), "{raw}");
        }
    }

    #[test]
    fn other_paths_keep_every_byte() {
        for raw in ["/", "/a%2Fb%20c%2B", "//a", "/a;jsessionid=1/b", "/%61", "/a%2541", "/%e4", "/%E2%82%AC", "/{x}|y"]
        {
            assert_eq!(NormalPath::parse(raw).unwrap().as_str(), raw);
        }
    }

    #[test]
    fn a_target_keeps_its_query_as_it_is() {
        for text in ["/a", "/a?", "/a?x=%7b1%7d&&y=+%zz", "/a?b?c=/../", "/a?\u{fc}"] {
            assert_eq!(Target::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Target::parse("/admin?/public").unwrap().path.as_str(), "/admin");
        assert_eq!(Target::parse(&format!("/?{}", "a".repeat(TARGET_BYTES_MAX))), Err(PathError::TooLong));
    }

    #[test]
    fn a_prefix_matches_on_segment_borders() {
        let matches =
            |prefix: &str, path: &str| Prefix::parse(prefix).unwrap().matches(&NormalPath::parse(path).unwrap());
        assert!(matches("/public/", "/public") && matches("/public/", "/public/") && matches("/public/", "/public/a"));
        assert!(!matches("/public/", "/publicity") && !matches("/public", "/Public/a") && !matches("/public", "/"));
        assert!(matches("/a.aspx", "/a.aspx") && matches("/a.aspx", "/a.aspx/x") && !matches("/a.aspx", "/a.aspxx"));
        assert!(matches("/", "/") && matches("/", "/anything"));
    }

    #[test]
    fn a_prefix_that_could_be_read_in_two_ways_is_refused() {
        for text in ["/a%2fb", "//", "/a//b", "/a;b", "/a./b", "/%61"] {
            assert_eq!(Prefix::parse(text), Err(PathError::Ambiguous), "{text}");
        }
        assert_eq!(Prefix::parse("public"), Err(PathError::NotAPath));
    }
}
