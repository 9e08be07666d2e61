//! PROXY headers: one is read alike however its bytes come, ends where it ends, and says what is in it.

use std::net::{IpAddr, SocketAddr};

use crate::{
    limits::PROXY_HEADER_BYTES_MAX,
    request::{self, ProxyHeaderStep, ProxyProtocol, ProxySource},
};

/// What a connection begins with.
pub fn proxy_header(data: &[u8]) {
    let [any, v1, v2] = [ProxyProtocol::Any, ProxyProtocol::V1, ProxyProtocol::V2].map(|takes| {
        let read = read(data, takes, usize::MAX);
        assert_eq!(read, self::read(data, takes, 1), "byte by byte it is another header");
        assert_eq!(read, self::read(data, takes, 5), "in pieces it is another header");
        read
    });
    assert_eq!(read(data, ProxyProtocol::Off, 1), ReadHeader::Not, "a header where none is taken");
    match (v1, v2) {
        (ReadHeader::Not, other) | (other, ReadHeader::Not) => assert_eq!(any, other, "any is neither of both"),
        // The first byte says which version it is.
        (v1, v2) => {
            assert!(data.is_empty() && v1 == ReadHeader::Cut && v2 == ReadHeader::Cut, "a header of both versions");
        }
    }
    let ReadHeader::Whole(said, length) = any else { return };
    let header = &data[..length];
    assert_eq!(read(header, ProxyProtocol::Any, usize::MAX), any, "what follows is not the header's");
    for cut in 0..length {
        assert_eq!(read(&header[..cut], ProxyProtocol::Any, usize::MAX), ReadHeader::Cut, "it has two ends");
    }
    if v1 == any {
        assert_eq!(said, said_by_words(header), "the line says something else");
    }
    if let ProxySource::Address(address) = said {
        assert!(!address.ip().is_unspecified() && address.ip() == address.ip().to_canonical());
        for (takes, written) in [(ProxyProtocol::V1, line_of(address)), (ProxyProtocol::V2, block_of(address))] {
            assert_eq!(read(&written, takes, usize::MAX), ReadHeader::Whole(said, written.len()), "written again");
        }
    }
}

/// What comes of a connection's first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReadHeader {
    /// A header, of so many bytes.
    Whole(ProxySource, usize),
    /// The connection ends within it.
    Cut,
    /// None.
    Not,
}

/// Reads as a listener does: never more than is asked for, and at most so many bytes at once.
fn read(data: &[u8], takes: ProxyProtocol, at_once: usize) -> ReadHeader {
    let mut count = 0;
    loop {
        let asked = match step(&data[..count], takes) {
            Some(ProxyHeaderStep::Whole(said)) => return ReadHeader::Whole(said, count),
            Some(asked) => asked,
            None => return ReadHeader::Not,
        };
        let rest = &data[count..];
        let more = match asked {
            ProxyHeaderStep::Line(most) => {
                let seen = &rest[..most.min(rest.len()).min(at_once)];
                seen.iter().position(|byte| *byte == b'\n').map_or(most, |at| at + 1)
            }
            ProxyHeaderStep::More(more) => more,
            ProxyHeaderStep::Whole(_) => 0,
        };
        assert!(more > 0 && count + more <= PROXY_HEADER_BYTES_MAX, "asks for {more} bytes behind {count}");
        if rest.is_empty() {
            return ReadHeader::Cut;
        }
        count += more.min(at_once).min(rest.len());
    }
}

fn step(bytes: &[u8], takes: ProxyProtocol) -> Option<ProxyHeaderStep> {
    request::proxy_header(bytes, takes).ok()
}

/// By the words of a line that is one for certain.
fn said_by_words(line: &[u8]) -> ProxySource {
    let line = str::from_utf8(line).expect("a line is text");
    let line = line.strip_suffix("\r\n").expect("a line ends so");
    let words: Vec<&str> = line.split(' ').collect();
    let ["PROXY", "TCP4" | "TCP6", source, _, port, _] = words.as_slice() else {
        assert_eq!(words[..2], ["PROXY", "UNKNOWN"]);
        return ProxySource::Unsaid;
    };
    let ip: IpAddr = source.parse().expect("an address");
    match ip.to_canonical() {
        ip if ip.is_unspecified() => ProxySource::Unsaid,
        ip => ProxySource::Address(SocketAddr::new(ip, port.parse().expect("a port"))),
    }
}

/// The line of version 1.
fn line_of(address: SocketAddr) -> Vec<u8> {
    let (family, ip, port) = (if address.is_ipv4() { "TCP4" } else { "TCP6" }, address.ip(), address.port());
    format!("PROXY {family} {ip} {ip} {port} 443\r\n").into_bytes()
}

/// The block of version 2.
fn block_of(address: SocketAddr) -> Vec<u8> {
    let (family, addresses) = match address.ip() {
        IpAddr::V4(ip) => (0x11, [ip.octets(), ip.octets()].concat()),
        IpAddr::V6(ip) => (0x21, [ip.octets(), ip.octets()].concat()),
    };
    let length = u8::try_from(addresses.len() + 4).expect("36 at most");
    let ports = [address.port().to_be_bytes(), 443_u16.to_be_bytes()].concat();
    [b"\r\n\r\n\0\r\nQUIT\n\x21".as_slice(), &[family, 0, length], &addresses, &ports].concat()
}
