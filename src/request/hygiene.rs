//! Header names as servers read them, and the fields that end at each hop.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The name as CGI, WSGI and PHP fold it: lower case, every other character than `a-z0-9` becomes `-`.
#[must_use]
pub(crate) fn folded_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// Whether a lower-case name is a hop-by-hop field (RFC 9110 7.6.1), `Upgrade` included.
///
/// `Trailer` is among them because the gateway drops trailers (RFC 9110 6.5.1).
#[must_use]
pub(crate) fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
    )
}

/// What `Connection` names (RFC 9110 7.6.1) and may be removed; a message without its framing is another message.
#[must_use]
pub(crate) fn nominated(headers: &HeaderMap) -> Vec<HeaderName> {
    let lines = headers.get_all(header::CONNECTION).iter().map(HeaderValue::as_bytes);
    let tokens = lines.flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    // Nearly every message has one of these two, and `Keep-Alive` goes in any case.
    let names = tokens.filter(|token| !matches!(*token, b"keep-alive" | b"close"));
    names
        .filter_map(|token| HeaderName::from_bytes(token).ok())
        .filter(|name| *name != header::CONTENT_LENGTH)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_connection_names_is_nominated_but_not_the_framing() {
        let mut headers = HeaderMap::new();
        headers.append(header::CONNECTION, HeaderValue::from_static("keep-alive, X-One ,Content-Length, a b,"));
        headers.append(header::CONNECTION, HeaderValue::from_static("close,x-two"));
        assert_eq!(nominated(&headers), ["x-one", "x-two"]);
    }

    #[test]
    fn folding_lowers_letters_and_turns_everything_else_into_hyphens() {
        assert_eq!(folded_name("X_Forwarded.User"), "x-forwarded-user");
    }
}
