//! Header names that a client may not bring: hop-by-hop fields and every alias of a name the gateway manages.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// The name as CGI, WSGI and PHP fold it: lower case, every other character than `a-z0-9` becomes `-`.
#[must_use]
pub fn folded_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

/// Whether a (folded) name belongs to the gateway: identity headers of every preset, the forwarding family, our own.
#[must_use]
pub fn is_managed(folded: &str) -> bool {
    // Most names are told apart by their first letter.
    let may_be = folded.bytes().next().is_some_and(|first| MANAGED_INITIALS.contains(&first));
    may_be && is_in_tables(folded)
}

fn is_in_tables(folded: &str) -> bool {
    MANAGED_NAMES.contains(&folded) || MANAGED_FAMILIES.iter().any(|family| folded.starts_with(family))
}

/// Whether a lower-case name is a hop-by-hop field (RFC 9110 7.6.1), `Upgrade` included.
///
/// `Trailer` is among them because the gateway drops trailers (RFC 9110 6.5.1).
#[must_use]
pub fn is_hop_by_hop(name: &str) -> bool {
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
pub fn nominated(headers: &HeaderMap) -> Vec<HeaderName> {
    let lines = headers.get_all(header::CONNECTION).iter().map(HeaderValue::as_bytes);
    let tokens = lines.flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    // Nearly every message has one of these two, and `Keep-Alive` goes in any case.
    let names = tokens.filter(|token| !matches!(*token, b"keep-alive" | b"close"));
    names
        .filter_map(|token| HeaderName::from_bytes(token).ok())
        .filter(|name| *name != header::CONTENT_LENGTH)
        .collect()
}

/// Whether a header name that arrived is an alias of a managed name, or of one that frames the message.
pub(super) fn is_alias_of_managed(name: &str) -> bool {
    // hyper has lowered the case; most names need no folding beyond that.
    if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        is_managed(name)
    } else {
        // A WSGI application asks for HTTP_TRANSFER_ENCODING: it must not find what no server has framed by.
        let folded = folded_name(name);
        is_managed(&folded) || is_hop_by_hop(&folded) || folded == "content-length"
    }
}

/// The first letters of both tables.
const MANAGED_INITIALS: &[u8] = b"foprstx";

const MANAGED_NAMES: &[&str] = &[
    "forwarded",
    "proxy", // httpoxy: CGI makes HTTP_PROXY of it
    "sigma-gateway",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-email",
    "x-groups",
    "x-real-ip",
    "x-request-id",
    "x-user",
];

/// Beginnings of names, each a whole family.
const MANAGED_FAMILIES: &[&str] = &[
    "oidc-claim-",
    "remote-email",
    "remote-groups",
    "remote-name",
    "remote-user",
    "sigma-gateway-",
    "x-auth-request-",
    "x-envoy-",
    "x-forwarded-",
    "x-original-",
    "x-remote-",
    "x-rewrite-",
    "x-sigma-",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alias_that_a_backend_could_fold_is_managed() {
        for name in [
            "x-forwarded-user",
            "x_forwarded_user",
            "x.forwarded.user",
            "x-forwarded_email",
            "x-forwarded--user",
            "x-forwarded-",
            "x-forwarded-for",
            "x-forwarded-prefix",
            "forwarded",
            "x_real_ip",
            "x!auth!request!groups",
            "remote_user",
            "remote.groups",
            "x-remote-user",
            "oidc_claim_email",
            "x-sigma-anything",
            "sigma_gateway",
            "x-original-url",
            "x-rewrite-url",
            "x-envoy-original-path",
            "true_client_ip",
            "proxy",
            "transfer_encoding",
            "transfer.encoding",
            "content_length",
            "proxy_authorization",
        ] {
            assert!(is_alias_of_managed(name), "{name}");
        }
    }

    #[test]
    fn names_of_host_applications_are_their_own() {
        for name in [
            "content-length",
            "x-requested-with",
            "x-http-method-override",
            "x-csrf-token",
            "via",
            "x_custom",
            "remote-control",
        ] {
            assert!(!is_alias_of_managed(name), "{name}");
        }
    }

    #[test]
    fn the_first_letters_are_those_of_the_tables() {
        let names = MANAGED_NAMES.iter().chain(MANAGED_FAMILIES);
        let initials: std::collections::BTreeSet<u8> = names.map(|name| name.as_bytes()[0]).collect();
        assert_eq!(initials.into_iter().collect::<Vec<u8>>(), MANAGED_INITIALS);
    }

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
