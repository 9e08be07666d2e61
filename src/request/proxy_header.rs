//! The header of a PROXY protocol, with which a proxy in front begins a connection that it passes on: where that comes from.
//!
//! In: the bytes so far. Out: what is said, or how many more bytes are the header's for certain, so that nobody reads beyond it.
//! Always (proxy-protocol.txt of HAProxy): the first byte that does not fit ends it, and nothing is used before all is there. What is
//! beside the source's address is skipped.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::limits::PROXY_HEADER_BYTES_MAX;

/// Which headers a listener takes. One that takes any takes no connection without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyProtocol {
    /// No header: connections come from clients, or from proxies that speak HTTP.
    Off,
    /// Version 1 or 2; their first bytes say which.
    Any,
    /// The line of text.
    V1,
    /// The binary one.
    V2,
}

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxySource {
    /// The connection comes from there.
    Address(SocketAddr),
    /// Nothing (`UNKNOWN`, `LOCAL`, no internet address): the socket's own address stands.
    Unsaid,
}

/// What follows from the bytes so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyHeaderStep {
    /// The header is whole, and nothing behind it was read.
    Whole(ProxySource),
    /// So many more bytes are the header's in any case.
    More(usize),
    /// The header goes on to the next line feed, after at most so many bytes.
    Line(usize),
}

/// Why these bytes are no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProxyHeaderError {
    /// Something else begins so.
    #[error("no PROXY header of a version that is taken here")]
    Signature,
    /// No such line.
    #[error("a malformed line of version 1")]
    Line,
    /// Neither `LOCAL` nor `PROXY` of version 2.
    #[error("an unknown version or command")]
    Command,
    /// A family that is not assigned, or one of datagrams.
    #[error("an address family that no connection has")]
    Family,
    /// Longer than is taken, or too short for its addresses.
    #[error("a length that does not fit")]
    Length,
    /// The rest is no list of types, lengths and values.
    #[error("malformed additions")]
    Additions,
}

/// Looks at the bytes with which a connection begins.
///
/// # Errors
/// See [`ProxyHeaderError`]; the connection ends.
pub(crate) fn proxy_header(bytes: &[u8], takes: ProxyProtocol) -> Result<ProxyHeaderStep, ProxyHeaderError> {
    let begins = |signature: &[u8]| bytes.iter().zip(signature).all(|(one, other)| one == other);
    let is_v1 = matches!(takes, ProxyProtocol::Any | ProxyProtocol::V1) && begins(V1_SIGNATURE);
    let is_v2 = matches!(takes, ProxyProtocol::Any | ProxyProtocol::V2) && begins(V2_SIGNATURE);
    if !is_v1 && !is_v2 {
        return Err(ProxyHeaderError::Signature);
    }
    // No header is shorter than the signature of version 2.
    match V2_SIGNATURE.len().checked_sub(bytes.len()) {
        Some(missing @ 1..) => Ok(ProxyHeaderStep::More(missing)),
        Some(0) | None if is_v2 => version_2(bytes),
        Some(0) | None => version_1(bytes),
    }
}

/// `PROXY TCP4 192.0.2.1 192.0.2.2 50000 443\r\n`
fn version_1(bytes: &[u8]) -> Result<ProxyHeaderStep, ProxyHeaderError> {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return match V1_BYTES.checked_sub(bytes.len()) {
            Some(left @ 1..) => Ok(ProxyHeaderStep::Line(left)),
            Some(0) | None => Err(ProxyHeaderError::Line),
        };
    };
    let line = bytes.strip_suffix(b"\r\n").filter(|_| end + 1 == bytes.len() && end < V1_BYTES);
    let line = line.and_then(|line| str::from_utf8(line).ok()).ok_or(ProxyHeaderError::Line)?;
    said_by_line(line).map(ProxyHeaderStep::Whole).ok_or(ProxyHeaderError::Line)
}

fn said_by_line(line: &str) -> Option<ProxySource> {
    let mut words = line.split(' ').skip(1);
    let family = words.next()?;
    if family == "UNKNOWN" {
        // What follows is not to be looked at.
        return Some(ProxySource::Unsaid);
    }
    let address = |text: &str| -> Option<IpAddr> {
        match family {
            "TCP4" => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
            "TCP6" => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            _ => None,
        }
    };
    let (source, _destination) = (address(words.next()?)?, address(words.next()?)?);
    let (source_port, _destination_port) = (port(words.next()?)?, port(words.next()?)?);
    words.next().is_none().then(|| said(source, source_port))
}

/// 0 to 65535, without zeros before it.
fn port(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

/// Nobody has the address `0.0.0.0`.
fn said(ip: IpAddr, port: u16) -> ProxySource {
    let ip = ip.to_canonical();
    if ip.is_unspecified() { ProxySource::Unsaid } else { ProxySource::Address(SocketAddr::new(ip, port)) }
}

/// Signature, version and command, family and protocol, length; then so many bytes: addresses, ports, additions.
fn version_2(bytes: &[u8]) -> Result<ProxyHeaderStep, ProxyHeaderError> {
    let Some((head, rest)) = bytes.split_first_chunk::<V2_HEAD_BYTES>() else {
        return Ok(ProxyHeaderStep::More(V2_HEAD_BYTES - bytes.len()));
    };
    let [.., command, family, high, low] = *head;
    let length = usize::from(u16::from_be_bytes([high, low]));
    let is_local = match command {
        0x20 => true,
        0x21 => false,
        _ => return Err(ProxyHeaderError::Command),
    };
    let address_bytes = address_bytes(family)?;
    // What a proxy says of itself (a look at our health) has no addresses that count, and may have none.
    if length > PROXY_HEADER_BYTES_MAX - V2_HEAD_BYTES || (!is_local && length < address_bytes) {
        return Err(ProxyHeaderError::Length);
    }
    if rest.len() < length {
        return Ok(ProxyHeaderStep::More(length - rest.len()));
    }
    if is_local {
        return Ok(ProxyHeaderStep::Whole(ProxySource::Unsaid));
    }
    let (addresses, additions) = rest.split_at(address_bytes);
    if !are_additions(additions) {
        return Err(ProxyHeaderError::Additions);
    }
    Ok(ProxyHeaderStep::Whole(said_by_addresses(addresses)))
}

/// How many bytes the addresses of a family have.
const fn address_bytes(family: u8) -> Result<usize, ProxyHeaderError> {
    match family {
        0x00 => Ok(0),
        0x11 => Ok(IPV4_BYTES),
        0x21 => Ok(IPV6_BYTES),
        0x31 => Ok(UNIX_BYTES),
        _ => Err(ProxyHeaderError::Family),
    }
}

/// Source, destination, and the ports of both; others are names of sockets.
fn said_by_addresses(bytes: &[u8]) -> ProxySource {
    if let Ok([a, b, c, d, _, _, _, _, high, low, _, _]) = <[u8; IPV4_BYTES]>::try_from(bytes) {
        return said(IpAddr::from([a, b, c, d]), u16::from_be_bytes([high, low]));
    }
    let Ok(bytes) = <[u8; IPV6_BYTES]>::try_from(bytes) else { return ProxySource::Unsaid };
    match (bytes.first_chunk::<16>(), bytes.get(32..34)) {
        (Some(source), Some([high, low])) => said(IpAddr::from(*source), u16::from_be_bytes([*high, *low])),
        _ => ProxySource::Unsaid,
    }
}

/// Types, each with a length and as many bytes. What they say is not looked at.
fn are_additions(mut bytes: &[u8]) -> bool {
    while let [_type, high, low, rest @ ..] = bytes {
        match rest.get(usize::from(u16::from_be_bytes([*high, *low]))..) {
            Some(next) => bytes = next,
            None => return false,
        }
    }
    bytes.is_empty()
}

const V1_SIGNATURE: &[u8] = b"PROXY ";
/// The longest line, as the protocol fixes it.
const V1_BYTES: usize = 107;
const V2_SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
const V2_HEAD_BYTES: usize = 16;
const IPV4_BYTES: usize = 12;
const IPV6_BYTES: usize = 36;
const UNIX_BYTES: usize = 216;
