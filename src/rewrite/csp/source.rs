//! One source expression of a Content-Security-Policy and a URL (CSP 3, 6.7.2).

use percent_encoding::percent_decode_str;
use url::Url;

/// A `host-source`: `https://*.example.com:443/path`.
struct HostSource<'s> {
    scheme: Option<&'s str>,
    host: &'s str,
    port: Option<&'s str>,
    path: &'s str,
}

/// Whether the expression lets a page of the origin `page` load `url`, which no redirect has led to.
pub(super) fn allows(source: &str, url: &Url, page: &Url) -> bool {
    if source.eq_ignore_ascii_case("'self'") {
        return is_self(url, page);
    }
    if source == "*" {
        return matches!(url.scheme(), "http" | "https") || scheme_allows(page.scheme(), url);
    }
    if let Some(scheme) = source.strip_suffix(':').filter(|scheme| is_scheme(scheme)) {
        return scheme_allows(scheme, url);
    }
    // `'none'`, nonces, hashes and other words in quotes are no hosts.
    let (Some(source), Some(host)) = (HostSource::parse(source), url.host_str()) else { return false };
    scheme_allows(source.scheme.unwrap_or(page.scheme()), url)
        && host_allows(source.host, host)
        && port_allows(source.port, url)
        && path_allows(source.path, url.path())
}

impl<'s> HostSource<'s> {
    fn parse(text: &'s str) -> Option<Self> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let name = host.strip_prefix("*.").unwrap_or(host);
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_host = host == "*" || (!name.is_empty() && name.bytes().all(is_name));
        let is_port = port.is_none_or(|port| port == "*" || number(port).is_some());
        let is_well_formed = is_host && is_port && scheme.is_none_or(is_scheme) && !path.contains(['?', '#']);
        is_well_formed.then_some(Self { scheme, host, port, path })
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// The page's origin, or the same host over a scheme that is as good (6.7.2.8).
fn is_self(url: &Url, page: &Url) -> bool {
    let has_good_scheme = url.scheme() == page.scheme() || url.scheme() == "https";
    url.host() == page.host() && url.port() == page.port() && has_good_scheme
}

/// `http` allows its upgrade to `https` as well. The standard lets `ws` allow `http` too, and no browser does.
fn scheme_allows(scheme: &str, url: &Url) -> bool {
    scheme.eq_ignore_ascii_case(url.scheme()) || (scheme.eq_ignore_ascii_case("http") && url.scheme() == "https")
}

fn host_allows(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some("") => true,
        Some(suffix) => {
            let split = host.len().checked_sub(suffix.len()).filter(|split| *split > 0);
            split.and_then(|split| host.get(split..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
        }
        None => pattern.eq_ignore_ascii_case(host),
    }
}

/// Without a port the scheme's own (6.7.2.11).
fn port_allows(port: Option<&str>, url: &Url) -> bool {
    match port {
        None => url.port().is_none(),
        Some("*") => true,
        Some(port) => number(port).is_some_and(|port| url.port_or_known_default() == Some(port)),
    }
}

fn number(port: &str) -> Option<u16> {
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    port.parse().ok().filter(|_| is_number)
}

/// Below a path that ends with a slash, else the path itself (6.7.2.12).
fn path_allows(pattern: &str, path: &str) -> bool {
    if pattern.is_empty() {
        return true;
    }
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let is_exact = pattern.last().is_some_and(|last| !last.is_empty());
    let pieces = if is_exact { &pattern[..] } else { &pattern[..pattern.len() - 1] };
    let is_long_enough = if is_exact { path.len() == pattern.len() } else { path.len() >= pattern.len() };
    is_long_enough && pieces.iter().zip(&path).all(|(a, b)| percent_decode_str(a).eq(percent_decode_str(b)))
}
