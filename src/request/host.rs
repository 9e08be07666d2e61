//! Host names and authorities, parsed once.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::Host;

/// A DNS name or IP literal in lower case, without port and without the trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HostName(String);

/// A host name with the port that was written, if one was.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Authority {
    /// The host.
    pub(crate) name: HostName,
    /// The port, if the text had one.
    pub(crate) port: Option<u16>,
}

/// What is wrong with a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("host {0:?} is not a host name")]
pub(crate) struct HostError(pub(crate) String);

impl HostName {
    /// Parses a name; upper case and one trailing dot are folded away.
    ///
    /// # Errors
    /// For anything that is not a DNS name, an IPv4 address or a bracketed IPv6 address.
    pub(crate) fn parse(text: &str) -> Result<Self, HostError> {
        let refuse = || HostError(quoted(text));
        if let Some(literal) = text.strip_prefix('[') {
            let ip: Ipv6Addr = literal.strip_suffix(']').and_then(|ip| ip.parse().ok()).ok_or_else(refuse)?;
            return Ok(Self(format!("[{ip}]")));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        let is_valid = if ends_in_a_number(&name) { name.parse::<Ipv4Addr>().is_ok() } else { is_dns_name(&name) };
        is_valid.then_some(Self(name)).ok_or_else(refuse)
    }

    /// The name, as it is compared and printed.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Authority {
    /// Parses `name[:port]`; no user information.
    ///
    /// # Errors
    /// For anything else.
    pub(crate) fn parse(text: &str) -> Result<Self, HostError> {
        let (name, port) = split_port(text);
        let port = port.map(|port| parse_port(port).ok_or_else(|| HostError(quoted(text)))).transpose()?;
        Ok(Self { name: HostName::parse(name)?, port })
    }
}

impl std::fmt::Display for HostName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Display for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.name),
            None => write!(f, "{}", self.name),
        }
    }
}

/// Whether a host is this machine by definition: `localhost`, `*.localhost` (RFC 6761 6.3), 127.0.0.0/8, `[::1]`.
///
/// The only judge of it: what `check` lets pass is what the running gateway asks, and where it dials.
#[must_use]
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// One trailing dot and letter case mean nothing (RFC 1034 3.1).
fn is_localhost(name: &str) -> bool {
    let mut labels = name.strip_suffix('.').unwrap_or(name).rsplit('.');
    labels.next().is_some_and(|last| last.eq_ignore_ascii_case("localhost")) && labels.all(|label| !label.is_empty())
}

/// The last colon outside brackets begins the port.
fn split_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        Some(_) | None => (text, None),
    }
}

fn parse_port(text: &str) -> Option<u16> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok().filter(|port| *port != 0) } else { None }
}

/// Such a name can only be an IPv4 address (WHATWG URL, "ends in a number").
fn ends_in_a_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    last.starts_with("0x") || !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters, digits, hyphens, and the underscores of company networks.
fn is_dns_name(name: &str) -> bool {
    name.len() <= NAME_BYTES_MAX && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn quoted(text: &str) -> String {
    text.chars().take(NAME_BYTES_MAX).collect()
}

/// Longest name and longest label (RFC 1035 2.3.4).
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_one_trailing_dot_are_folded_away() {
        for text in ["crm.example.com", "CRM.Example.Com", "crm.example.com."] {
            assert_eq!(HostName::parse(text).unwrap().as_str(), "crm.example.com");
        }
        assert_eq!(HostName::parse("[::0:1]").unwrap().as_str(), "[::1]");
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        let long = "a".repeat(64);
        let refused =
            ["", ".", "..", "a..b", "a b", "u@evil", "a/b", "-a", "a-", "é", "a%20", "1.2.3", "0x7f.1", "256.1.1.1"];
        for text in refused.into_iter().chain(["[::1", "::1", "[1.2.3.4]", "a\tb", "a,b", long.as_str()]) {
            assert_eq!(HostName::parse(text), Err(HostError(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn an_authority_has_at_most_one_port_from_1_to_65535() {
        let port = |text: &str| Authority::parse(text).map(|authority| authority.port).ok();
        assert_eq!(port("a.example"), Some(None));
        assert_eq!(port("a.example:8080"), Some(Some(8080)));
        assert_eq!(port("[::1]:80"), Some(Some(80)));
        for text in ["a:", "a:0", "a:99999", "a:+1", "a:1:2", "u@a:1", "[::1]x", ":80"] {
            assert_eq!(port(text), None, "{text}");
        }
    }

    #[test]
    fn loopback_is_what_the_standards_say_and_no_look_alike() {
        for text in ["localhost", "crm.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback(&url::Url::parse(&format!("http://{text}")).unwrap().host().unwrap()), "{text}");
        }
        for text in ["localhost", "crm.LocalHost", "crm.localhost."] {
            assert!(is_loopback(&Host::Domain(text)), "{text}");
        }
        for text in ["localhost.example", "evillocalhost", "128.0.0.1", "[::2]", "10.0.0.1"] {
            assert!(!is_loopback(&url::Url::parse(&format!("http://{text}")).unwrap().host().unwrap()), "{text}");
        }
        for text in ["evillocalhost", "localhost.example", ".localhost", "localhost..", "a..localhost", "", "."] {
            assert!(!is_loopback(&Host::Domain(text)), "{text}");
        }
    }
}
