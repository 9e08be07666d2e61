//! The other target of a request that copies or moves (RFC 4918 9.8, 9.9): `Destination`. Whoever may not write there must not by way of
//! a request for another path.

use http::{HeaderMap, HeaderName, Method};

use super::{PathError, Target};

/// Why such a target is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum SecondTargetError {
    /// No http URL and no path, or two lines.
    #[error("destination is no http url and no path, or there are two")]
    Malformed,
    /// A path that no request may have.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Where the request writes to, besides its own target; none where it says none. Of a method that neither copies nor moves, what is no
/// URL and no path is something else; what is one counts, for some applications take another method out of a header or the query.
///
/// # Errors
/// See [`SecondTargetError`].
pub(super) fn second_target(method: &Method, headers: &HeaderMap) -> Result<Option<Box<Target>>, SecondTargetError> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(None);
    }
    let mut lines = headers.get_all(DESTINATION).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let text = line.to_str().ok().map(str::trim).filter(|_| lines.next().is_none());
    match text.and_then(target_of) {
        Some(target) => Ok(Some(Box::new(Target::parse(target)?))),
        None if text.is_some() && !copies(method) => Ok(None),
        None => Err(SecondTargetError::Malformed),
    }
}

/// Whether a method copies or moves; of names that servers may read without letter case, and those of Exchange among them.
fn copies(method: &Method) -> bool {
    COPYING.iter().any(|name| method.as_str().eq_ignore_ascii_case(name))
}

/// Path and query of a URL, whatever its host: some applications look at nothing else.
fn target_of(text: &str) -> Option<&str> {
    let Some((scheme, rest)) = text.split_once("://") else {
        // What begins with two slashes is a host to some, a path to others.
        return Some(text).filter(|text| text.starts_with('/') && !text.starts_with("//"));
    };
    let is_http = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let authority = &rest[..rest.find('/').unwrap_or(rest.len())];
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    if !is_http || authority.is_empty() || !authority.bytes().all(is_plain) {
        return None;
    }
    Some(&rest[authority.len()..]).map(|path| if path.is_empty() { "/" } else { path })
}

/// RFC 4918 10.3.
pub(crate) const DESTINATION: HeaderName = HeaderName::from_static("destination");
const COPYING: [&str; 4] = ["COPY", "MOVE", "BCOPY", "BMOVE"];

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn second(method: &str, lines: &[&'static str]) -> Result<Option<String>, SecondTargetError> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(DESTINATION, HeaderValue::from_static(line));
        }
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        second_target(&method, &headers).map(|target| target.map(|target| target.to_string()))
    }

    #[test]
    fn a_copy_writes_to_the_path_of_its_destination_whatever_the_host() {
        for (line, target) in [
            ("https://crm.example.com/a%20b/c?d", "/a%20b/c?d"),
            ("HTTP://other.example:8000/a", "/a"),
            ("http://[::1]:8000/a", "/a"),
            ("https://crm.example.com", "/"),
            ("/a/b", "/a/b"),
        ] {
            // Also one that may be taken for a MOVE.
            for method in ["COPY", "MOVE", "BCOPY", "BMOVE", "move", "POST", "PUT"] {
                assert_eq!(second(method, &[line]), Ok(Some(target.to_owned())), "{method} {line}");
            }
            for method in ["GET", "HEAD", "OPTIONS"] {
                assert_eq!(second(method, &[line]), Ok(None), "{method} {line}");
            }
        }
        assert_eq!(second("COPY", &[]), Ok(None));
    }

    #[test]
    fn a_destination_that_may_be_read_in_two_ways_is_refused() {
        let header = Err(SecondTargetError::Malformed);
        for line in ["//crm.example.com/a", "a", "", "ftp://a/b", "https:///a", "https://a@b/c", "https://a\\/c", "x"] {
            assert_eq!(second("MOVE", &[line]), header, "{line}");
            // A name that says something to an application.
            assert_eq!(second("POST", &[line]), Ok(None), "{line}");
        }
        assert_eq!(second("POST", &["/a", "/b"]), header);
        assert_eq!(second("MOVE", &["/a", "/b"]), header);
        assert_eq!(second("MOVE", &["/a", "/a"]), header);
        for line in ["/a/../b", "https://a/b#c", "https://a/%2e%2e/b", "/a b", "/a\\b", "/a%00"] {
            assert!(matches!(second("MOVE", &[line]), Err(SecondTargetError::Path(_))), "{line}");
        }
        assert_eq!(second("MOVE", &["/%zz"]), Err(SecondTargetError::Path(PathError::BadEscape)));
    }
}
