//! Where a client is, as a proxy in front that is trusted says it.
//!
//! In: the header lines of one name, and who is trusted. Out: the rightmost address that is no trusted proxy's. Always: every
//! entry was appended by the one to its right, so nothing to the left of an address that is not trusted is read, and what is
//! no address there is unknown, never a reason to look further left.

use std::{
    borrow::Cow,
    fmt,
    net::{IpAddr, SocketAddr},
};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{HeaderRuleError, TrustedProxies, header_rules::of_proxies};
use crate::limits::FORWARDED_ADDRESSES_MAX;

/// Where a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientAddress {
    /// There, as far as somebody whose word counts has said.
    Known {
        /// The address.
        ip: IpAddr,
        /// The port, where it was said.
        port: Option<u16>,
    },
    /// A trusted proxy has said something that is no address.
    Unknown,
}

/// The one header that says it; others of its kind are not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ClientAddressSource {
    /// `X-Forwarded-For`: a list, to which each proxy appends.
    ForwardedFor,
    /// `Forwarded` (RFC 7239): a list of elements, each with `for`.
    Forwarded,
    /// A header with one address.
    Header {
        /// The name.
        name: HeaderName,
        /// As servers fold it.
        folded: String,
    },
}

impl From<SocketAddr> for ClientAddress {
    fn from(address: SocketAddr) -> Self {
        Self::Known { ip: address.ip(), port: Some(address.port()) }
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Known { ip, port: Some(port) } => SocketAddr::new(ip, port).fmt(f),
            Self::Known { ip, port: None } => ip.fmt(f),
            Self::Unknown => f.write_str(UNKNOWN),
        }
    }
}

impl ClientAddress {
    /// The address, where it is known.
    #[must_use]
    pub(crate) const fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Known { ip, .. } => Some(ip),
            Self::Unknown => None,
        }
    }

    /// As `X-Forwarded-For` has it: without a port, and an IPv4 address in an IPv6 one as itself. The word for an unknown one is
    /// RFC 7239's: with nothing there an application would take the gateway's own address for the client's.
    #[must_use]
    pub(super) fn forwarded_for(self) -> HeaderValue {
        match self {
            Self::Known { ip, .. } => {
                HeaderValue::try_from(ip.to_canonical().to_string()).expect("an IP address is printable ASCII")
            }
            Self::Unknown => HeaderValue::from_static(UNKNOWN),
        }
    }
}

impl ClientAddressSource {
    /// Parses the name of a header.
    ///
    /// # Errors
    /// For one that ends at a hop, or that browsers or applications send.
    pub(crate) fn parse(text: &str) -> Result<Self, HeaderRuleError> {
        let (name, folded) = of_proxies(text)?;
        if name == X_FORWARDED_FOR {
            return Ok(Self::ForwardedFor);
        }
        Ok(if name == header::FORWARDED { Self::Forwarded } else { Self::Header { name, folded } })
    }

    /// Its name, as servers fold it.
    #[must_use]
    pub(crate) fn folded(&self) -> &str {
        match self {
            Self::ForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
            Self::Header { folded, .. } => folded,
        }
    }

    /// What the header says; none: it is not there.
    pub(super) fn read(&self, headers: &HeaderMap, trusted: &TrustedProxies) -> Option<ClientAddress> {
        // RFC 9110 5.3: several lines are one list, in their order.
        match self {
            Self::ForwardedFor => {
                let lines = headers.get_all(X_FORWARDED_FOR).iter().rev();
                rightmost(lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',')), node, trusted)
            }
            Self::Forwarded => {
                let lines = headers.get_all(header::FORWARDED).iter().rev();
                rightmost(lines.flat_map(|line| Elements(Some(line.as_bytes()))), node_of_element, trusted)
            }
            Self::Header { name, .. } => {
                let mut lines = headers.get_all(name).iter();
                let only = lines.next()?;
                let known = node(only.as_bytes()).filter(|_| lines.next().is_none());
                Some(known.unwrap_or(ClientAddress::Unknown))
            }
        }
    }
}

/// The first of these (they come from the right) that is not trusted; where all are, the last of them; none where there is none.
fn rightmost<'h>(
    hops: impl Iterator<Item = &'h [u8]>,
    read: fn(&[u8]) -> Option<ClientAddress>,
    trusted: &TrustedProxies,
) -> Option<ClientAddress> {
    let mut farthest = None;
    for (index, hop) in hops.enumerate() {
        let address = read(hop).filter(|_| index < FORWARDED_ADDRESSES_MAX).unwrap_or(ClientAddress::Unknown);
        farthest = Some(address);
        if !address.ip().is_some_and(|ip| trusted.contains(ip)) {
            break;
        }
    }
    farthest
}

/// An address, perhaps with a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn node(text: &[u8]) -> Option<ClientAddress> {
    let text = str::from_utf8(text).ok()?.trim_matches(WHITE);
    if let Some(rest) = text.strip_prefix('[') {
        let (address, behind) = rest.split_once(']')?;
        let port = if behind.is_empty() { None } else { Some(port(behind.strip_prefix(':')?)?) };
        return known(IpAddr::V6(address.parse().ok()?), port);
    }
    match text.split_once(':') {
        Some((address, behind)) if !behind.contains(':') => {
            known(IpAddr::V4(address.parse().ok()?), Some(port(behind)?))
        }
        Some(_) | None => known(text.parse().ok()?, None),
    }
}

/// An address that somebody can have.
fn known(ip: IpAddr, port: Option<u16>) -> Option<ClientAddress> {
    let ip = ip.to_canonical();
    (!ip.is_unspecified()).then_some(ClientAddress::Known { ip, port })
}

fn port(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| is_plain)
}

/// The elements of a line of `Forwarded`, from the right. What somebody appended is whole, so its quotes are in pairs, whatever
/// stands to its left: a quote that is never closed there cannot swallow it, as it would for a reader from the left.
struct Elements<'h>(Option<&'h [u8]>);

impl<'h> Iterator for Elements<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.0.take()?;
        let mut is_quoted = false;
        for at in (0..line.len()).rev() {
            match line[at] {
                b'"' if !is_quoted || !is_escaped(line, at) => is_quoted = !is_quoted,
                b',' if !is_quoted => {
                    self.0 = Some(&line[..at]);
                    return Some(&line[at + 1..]);
                }
                _ => {}
            }
        }
        Some(line)
    }
}

/// Whether what stands there is part of a quoted pair (RFC 9110 5.6.4).
fn is_escaped(line: &[u8], at: usize) -> bool {
    line[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// What `for` of an element says (RFC 7239 4 and 6): an element that is not well-formed, or has it twice, says nothing.
fn node_of_element(element: &[u8]) -> Option<ClientAddress> {
    let mut rest = trim(element);
    let mut said = None;
    loop {
        let ForwardedPair { name, value, behind } = pair(rest)?;
        if name.eq_ignore_ascii_case(b"for") && said.replace(value).is_some() {
            return None;
        }
        match trim(behind) {
            [] => break,
            [b';', next @ ..] => rest = trim(next),
            _ => return None,
        }
    }
    let said = said?;
    // 6.3: who hides the port has still said the address.
    let hidden = said.iter().rposition(|byte| *byte == b':').filter(|at| said.get(at + 1) == Some(&b'_'));
    match hidden {
        Some(at) if said[at + 1..].iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte)) => {
            node(&said[..at])
        }
        Some(_) | None => node(&said),
    }
}

/// `name=value`, its value without quotes, and what follows.
struct ForwardedPair<'h> {
    name: &'h [u8],
    value: Cow<'h, [u8]>,
    behind: &'h [u8],
}

/// The pair at the beginning.
fn pair(text: &[u8]) -> Option<ForwardedPair<'_>> {
    let (name, value) = text.split_at(text.iter().position(|byte| *byte == b'=')?);
    let value = &value[1..];
    if name.is_empty() || !name.iter().all(is_of_token) {
        return None;
    }
    let Some(quoted) = value.strip_prefix(b"\"") else {
        let end = value.iter().position(|byte| !is_of_token(byte)).unwrap_or(value.len());
        let (value, behind) = value.split_at(end);
        return (end > 0).then_some(ForwardedPair { name, value: Cow::Borrowed(value), behind });
    };
    let mut content = Vec::new();
    let mut bytes = quoted.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => {
                return Some(ForwardedPair { name, value: Cow::Owned(content), behind: &quoted[at + 1..] });
            }
            b'\\' => content.push(*bytes.next()?.1),
            _ => content.push(*byte),
        }
    }
    None
}

/// RFC 9110 5.6.2.
fn is_of_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}

fn trim(text: &[u8]) -> &[u8] {
    let is_white = |byte: &u8| b" \t".contains(byte);
    let begin = text.iter().position(|byte| !is_white(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !is_white(byte)).map_or(begin, |last| last + 1);
    &text[begin..end]
}

/// What may stand around an entry of a list (RFC 9110 5.6.3).
const WHITE: [char; 2] = [' ', '\t'];
/// The word for an address that nobody knows, in RFC 7239 6.2 and in lists of Squid.
const UNKNOWN: &str = "unknown";
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
