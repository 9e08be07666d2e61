//! PROXY headers: the published grammar of both versions, and what is none.

use proptest::prelude::*;

use crate::{
    limits::PROXY_HEADER_BYTES_MAX,
    request::{ProxyHeaderStep, ProxyProtocol, ProxySource, proxy_header, proxy_header::ProxyHeaderError},
};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// 203.0.113.9:50001 to 192.0.2.1:443.
const IPV4: &[u8] = &[203, 0, 113, 9, 192, 0, 2, 1, 0xc3, 0x51, 1, 0xbb];

/// A header of version 2.
fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

fn ipv6(source: &str) -> Vec<u8> {
    let octets = |text: &str| text.parse::<std::net::Ipv6Addr>().unwrap().octets();
    [&octets(source)[..], &octets("2001:db8::1"), &[0xc3, 0x51, 1, 0xbb]].concat()
}

/// Reads as a listener does: never more than is asked for. How many bytes were the header's.
fn read(bytes: &[u8], takes: ProxyProtocol) -> Result<(ProxySource, usize), Option<ProxyHeaderError>> {
    let mut count = 0;
    loop {
        let more = match proxy_header(&bytes[..count], takes).map_err(Some)? {
            ProxyHeaderStep::Whole(said) => return Ok((said, count)),
            ProxyHeaderStep::More(more) => more,
            ProxyHeaderStep::Line(most) => {
                let rest = &bytes[count..(count + most).min(bytes.len())];
                rest.iter().position(|byte| *byte == b'\n').map_or(rest.len().max(1), |at| at + 1)
            }
        };
        assert!(more > 0);
        // The connection ends before the header does.
        if count + more > bytes.len() {
            return Err(None);
        }
        count += more;
    }
}

fn said(bytes: &[u8], takes: ProxyProtocol) -> Result<String, Option<ProxyHeaderError>> {
    let (said, count) = read(bytes, takes)?;
    assert_eq!(count, bytes.len(), "all of it is the header");
    // Whatever follows is not the header's.
    let with_more = [bytes, b"\r\n\r\nGET / HTTP/1.1\r\n\n"].concat();
    assert_eq!(read(&with_more, takes), Ok((said, count)));
    Ok(match said {
        ProxySource::Address(address) => address.to_string(),
        ProxySource::Unsaid => "unsaid".to_owned(),
    })
}

#[test]
fn a_line_of_version_1_says_where_a_connection_comes_from() {
    let longest = "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n";
    for (line, source) in [
        ("PROXY TCP4 203.0.113.9 192.0.2.1 50001 443\r\n", "203.0.113.9:50001"),
        ("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"),
        ("PROXY TCP4 203.0.113.9 192.0.2.1 0 0\r\n", "203.0.113.9:0"),
        ("PROXY TCP6 2001:db8::9 2001:db8::1 50001 443\r\n", "[2001:db8::9]:50001"),
        ("PROXY TCP6 ::ffff:203.0.113.9 ::1 50001 443\r\n", "203.0.113.9:50001"),
        (
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
        ),
        ("PROXY UNKNOWN\r\n", "unsaid"),
        (longest, "unsaid"),
        ("PROXY UNKNOWN any \tthing 1.1.1.1\r\n", "unsaid"),
        ("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n", "unsaid"),
    ] {
        for takes in [ProxyProtocol::Any, ProxyProtocol::V1] {
            assert_eq!(said(line.as_bytes(), takes), Ok(source.to_owned()), "{line:?}");
        }
        assert_eq!(said(line.as_bytes(), ProxyProtocol::V2), Err(Some(ProxyHeaderError::Signature)));
    }
}

#[test]
fn other_lines_are_none() {
    for line in [
        "PROXY TCP4 203.0.113.9 192.0.2.1 50001 443\n",
        "PROXY TCP4 203.0.113.9 192.0.2.1 50001 443\r\r\n",
        "PROXY  TCP4 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4  1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2 \r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1\r\n",
        "PROXY TCP4 1.1.1.1\r\n\r\n\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 01 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 +1 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 65536 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 99999\r\n",
        "PROXY TCP4 1.1.1.256 2.2.2.2 1 2\r\n",
        "PROXY TCP4 01.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP6 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP6 [2001:db8::1] [2001:db8::2] 1 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2x 1 2\r\n",
        "PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY tcp4 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY UDP4 1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY UNKNOWNX 1.1.1.1\r\n",
        "PROXY UNKNOWN\n\r\n",
        "PROXY TCP4\t1.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\0\r\n",
        "PROXY TCP4 \u{661}.1.1.1 2.2.2.2 1 2\r\n",
        "PROXY \r\n\r\n\r\n\r\n",
    ] {
        let found = read(line.as_bytes(), ProxyProtocol::Any).map(|(said, _)| said);
        assert_eq!(found, Err(Some(ProxyHeaderError::Line)), "{line:?}");
    }
    let at_most = |bytes: usize| format!("PROXY UNKNOWN {}\r\n", "x".repeat(bytes - 16));
    assert_eq!(said(at_most(107).as_bytes(), ProxyProtocol::V1), Ok("unsaid".to_owned()));
    let longer = read(at_most(108).as_bytes(), ProxyProtocol::V1).map(|(said, _)| said);
    assert_eq!(longer, Err(Some(ProxyHeaderError::Line)));
}

#[test]
fn a_header_of_version_2_says_where_a_connection_comes_from() {
    // An authority, a checksum, and a padding, as balancers add them.
    let additions = [&[2, 0, 3][..], b"a.b", &[3, 0, 4, 1, 2, 3, 4], &[4, 0, 0]].concat();
    let unix = [0_u8; 216];
    for (header, source) in [
        (v2(0x21, 0x11, IPV4), "203.0.113.9:50001"),
        (v2(0x21, 0x11, &[IPV4, &additions].concat()), "203.0.113.9:50001"),
        (v2(0x21, 0x21, &ipv6("2001:db8::9")), "[2001:db8::9]:50001"),
        (v2(0x21, 0x21, &[&ipv6("2001:db8::9")[..], &additions].concat()), "[2001:db8::9]:50001"),
        (v2(0x21, 0x21, &ipv6("::ffff:203.0.113.9")), "203.0.113.9:50001"),
        (v2(0x21, 0x11, &[0; 12]), "unsaid"),
        // A proxy's own connection, and families without an internet address.
        (v2(0x20, 0x00, b""), "unsaid"),
        (v2(0x20, 0x11, IPV4), "unsaid"),
        (v2(0x20, 0x11, b"\xff\xff"), "unsaid"),
        (v2(0x21, 0x00, b""), "unsaid"),
        (v2(0x21, 0x00, &additions), "unsaid"),
        (v2(0x21, 0x31, &unix), "unsaid"),
    ] {
        for takes in [ProxyProtocol::Any, ProxyProtocol::V2] {
            assert_eq!(said(&header, takes), Ok(source.to_owned()), "{header:?}");
        }
        assert_eq!(said(&header, ProxyProtocol::V1), Err(Some(ProxyHeaderError::Signature)));
    }
}

#[test]
fn other_bytes_are_no_header_of_version_2() {
    let longest = PROXY_HEADER_BYTES_MAX - 16;
    let padded = |length: usize| {
        let value = u16::try_from(length - 12 - 3).unwrap().to_be_bytes();
        [IPV4, &[4], &value, &vec![0; length - 12 - 3]].concat()
    };
    assert_eq!(said(&v2(0x21, 0x11, &padded(longest)), ProxyProtocol::Any), Ok("203.0.113.9:50001".to_owned()));
    for (header, error) in [
        (v2(0x21, 0x11, &padded(longest + 1)), ProxyHeaderError::Length),
        (v2(0x20, 0x00, &vec![0; 65_535]), ProxyHeaderError::Length),
        (v2(0x21, 0x11, &IPV4[..11]), ProxyHeaderError::Length),
        (v2(0x21, 0x21, IPV4), ProxyHeaderError::Length),
        (v2(0x21, 0x31, IPV4), ProxyHeaderError::Length),
        (v2(0x22, 0x11, IPV4), ProxyHeaderError::Command),
        (v2(0x2f, 0x11, IPV4), ProxyHeaderError::Command),
        (v2(0x11, 0x11, IPV4), ProxyHeaderError::Command),
        (v2(0x31, 0x11, IPV4), ProxyHeaderError::Command),
        (v2(0x21, 0x12, IPV4), ProxyHeaderError::Family),
        (v2(0x21, 0x22, &ipv6("::1")), ProxyHeaderError::Family),
        (v2(0x21, 0x32, &[0; 216]), ProxyHeaderError::Family),
        (v2(0x21, 0x01, b""), ProxyHeaderError::Family),
        (v2(0x21, 0x10, IPV4), ProxyHeaderError::Family),
        (v2(0x21, 0x41, IPV4), ProxyHeaderError::Family),
        (v2(0x20, 0xff, b""), ProxyHeaderError::Family),
        (v2(0x21, 0x11, &[IPV4, &[4]].concat()), ProxyHeaderError::Additions),
        (v2(0x21, 0x11, &[IPV4, &[4, 0]].concat()), ProxyHeaderError::Additions),
        (v2(0x21, 0x11, &[IPV4, &[4, 0, 2, 0]].concat()), ProxyHeaderError::Additions),
        (v2(0x21, 0x11, &[IPV4, &[4, 0xff, 0xff]].concat()), ProxyHeaderError::Additions),
    ] {
        assert_eq!(read(&header, ProxyProtocol::Any).map(|(said, _)| said), Err(Some(error)), "{:?}", &header[12..16]);
    }
}

#[test]
fn the_first_byte_that_does_not_fit_ends_it() {
    // A browser, a TLS handshake, HTTP/2's preface, SMTP.
    for bytes in [
        &b"GET / HTTP/1.1\r\n"[..],
        b"\x16\x03\x01\x02\x00",
        b"PRI * HTTP/2.0\r\n",
        b"\n",
        b"PROXYX",
        b"proxy tcp4",
        b"\r\nQUIT",
    ] {
        assert_eq!(proxy_header(bytes, ProxyProtocol::Any), Err(ProxyHeaderError::Signature), "{bytes:?}");
    }
    let whole = v2(0x21, 0x11, IPV4);
    for at in 0..12 {
        let mut bytes = whole[..=at].to_vec();
        bytes[at] ^= 1;
        assert_eq!(proxy_header(&bytes, ProxyProtocol::Any), Err(ProxyHeaderError::Signature), "{at}");
    }
    // Command, family and length before what they announce.
    assert_eq!(proxy_header(&v2(0x29, 0x11, IPV4)[..16], ProxyProtocol::Any), Err(ProxyHeaderError::Command));
    assert_eq!(proxy_header(&v2(0x21, 0x15, IPV4)[..16], ProxyProtocol::Any), Err(ProxyHeaderError::Family));
    assert_eq!(proxy_header(&v2(0x21, 0x11, &[0; 9_000])[..16], ProxyProtocol::Any), Err(ProxyHeaderError::Length));
}

proptest! {
    #[test]
    fn whatever_comes_the_header_ends_where_it_ends_or_is_none(
        kind in 0_usize..3,
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        at in 0_usize..64,
    ) {
        let begin: &[u8] = [&b""[..], b"PROXY TCP4 1.1.1.1", SIGNATURE][kind];
        let mut bytes = [begin, &bytes].concat();
        if kind == 2 && bytes.len() > 16 {
            // Lengths that are there.
            bytes[12] = 0x20 | (bytes[12] & 1);
            (bytes[14], bytes[15]) = (0, u8::try_from(at).unwrap());
        }
        if let Ok((said, count)) = read(&bytes, ProxyProtocol::Any) {
            prop_assert!(count <= bytes.len() && count <= PROXY_HEADER_BYTES_MAX);
            prop_assert_eq!(read(&bytes[..count], ProxyProtocol::Any), Ok((said, count)));
            for fewer in 0..count {
                prop_assert!(read(&bytes[..fewer], ProxyProtocol::Any).is_err());
            }
        }
    }
}
