//! Where a request comes from: every spelling in which proxies say it, and every one in which somebody else would like to.

use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    limits::FORWARDED_ADDRESSES_MAX,
    request::{
        ClientAddress, ClientAddressSource, ClientConnection, Peer, ProxySource, trusted_proxies::tests::trusted,
    },
};

/// Two proxies of the operator's, and a network of them.
const PROXIES: &[&str] = &["10.0.0.7", "10.0.1.0/24", "fd00:1::/64"];
const PROXY: &str = "10.0.0.7:4711";

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&str, &str)| {
        (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    lines.iter().map(line).collect()
}

fn socket(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn peer_at(from: &str, source: &str, lines: &[(&str, &str)]) -> Peer {
    let source = ClientAddressSource::parse(source).unwrap();
    Peer::of(&ClientConnection::from(socket(from)), &headers(lines), &trusted(PROXIES), Some(&source))
}

/// What a trusted proxy comes to say with these lines of one header.
fn said(name: &str, lines: &[&str]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| (name, *line)).collect();
    let peer = peer_at(PROXY, name, &lines);
    assert!(peer.is_trusted);
    let forwarded_for = peer.forwarded_for.to_str().unwrap().to_owned();
    match peer.client {
        ClientAddress::Known { ip, .. } => assert_eq!(forwarded_for, ip.to_string()),
        ClientAddress::Unknown => assert_eq!(forwarded_for, "unknown"),
    }
    peer.client.to_string()
}

#[test]
fn of_a_list_the_rightmost_address_that_is_not_trusted_is_the_clients() {
    for (lines, client) in [
        (&["203.0.113.9"][..], "203.0.113.9"),
        (&["203.0.113.9, 10.0.1.5"], "203.0.113.9"),
        (&["203.0.113.9,10.0.1.5,\t10.0.0.7 "], "203.0.113.9"),
        // Whatever the client itself has written before.
        (&["1.1.1.1, 127.0.0.1, 203.0.113.9, 10.0.1.5"], "203.0.113.9"),
        (&["10.0.0.7, 203.0.113.9"], "203.0.113.9"),
        (&["garbage, unknown, , 203.0.113.9"], "203.0.113.9"),
        // HAProxy appends a line of its own, and others an entry.
        (&["1.1.1.1", "203.0.113.9"], "203.0.113.9"),
        (&["203.0.113.9", "10.0.1.5"], "203.0.113.9"),
        (&["1.1.1.1, 203.0.113.9", "10.0.1.5, 10.0.0.7"], "203.0.113.9"),
        // Nobody but proxies: the one that is farthest away.
        (&["10.0.1.9, 10.0.1.5"], "10.0.1.9"),
        (&["fd00:1::9, 10.0.1.5"], "fd00:1::9"),
    ] {
        assert_eq!(said("x-forwarded-for", lines), client, "{lines:?}");
    }
}

#[test]
fn an_address_is_read_in_every_spelling_of_one() {
    for (entry, client) in [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:50001", "203.0.113.9:50001"),
        ("2001:db8::9", "2001:db8::9"),
        ("2001:DB8:0:0::9", "2001:db8::9"),
        ("[2001:db8::9]", "2001:db8::9"),
        ("[2001:db8::9]:50001", "[2001:db8::9]:50001"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:cb00:7109", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:50001", "203.0.113.9:50001"),
    ] {
        assert_eq!(said("x-forwarded-for", &[entry]), client, "{entry}");
        assert_eq!(said("x-forwarded-for", &[&format!("1.1.1.1, {entry}, 10.0.1.5:99")]), client, "{entry}");
        assert_eq!(said("x-real-ip", &[entry]), client, "{entry}");
    }
}

/// No address, or none that anybody has.
const NO_ADDRESSES: &[&str] = &[
    "",
    " ",
    "a",
    "unknown",
    "_hidden",
    "_SEVKISEK",
    "localhost",
    "203.0.113",
    "203.0.113.9.",
    "203.0.113.256",
    "0203.0.113.9",
    "203.0.113.9:",
    "203.0.113.9:0",
    "203.0.113.9:65536",
    "203.0.113.9:080",
    "203.0.113.9:+80",
    "203.0.113.9:_x",
    "203.0.113.9:80:80",
    "203.0.113.9/32",
    "203.0.113.9 10.0.0.7",
    "203.0.113.9;10.0.0.7",
    "\"203.0.113.9\"",
    "http://203.0.113.9",
    "3405803785",
    "0xcb007109",
    "[2001:db8::9",
    "2001:db8::9]",
    "[2001:db8::9]80",
    "[2001:db8::9]:",
    "[2001:db8::9]:0",
    "[203.0.113.9]",
    "[203.0.113.9]:80",
    "[]",
    "[]:80",
    "2001:db8::9%eth0",
    "[2001:db8::9%25eth0]",
    "fe80::1%1",
    ":::",
    "0.0.0.0",
    "::",
    "[::]:80",
    "::ffff:0.0.0.0",
    "unix:",
    "-",
    "for=203.0.113.9",
    "\u{661}.1.1.1",
    "203.0.113.9\u{a0}",
];

#[test]
fn what_is_no_address_is_unknown_and_nothing_left_of_it_is_read() {
    for entry in NO_ADDRESSES {
        let lists = [format!("1.1.1.1, {entry}"), format!("1.1.1.1,{entry},10.0.1.5")];
        for list in &lists {
            assert_eq!(said("x-forwarded-for", &[list]), "unknown", "{list:?}");
        }
        assert_eq!(said("x-forwarded-for", &["1.1.1.1", entry]), "unknown", "{entry:?}");
        assert_eq!(said("cf-connecting-ip", &[entry]), "unknown", "{entry:?}");
    }
    assert_eq!(said("x-forwarded-for", &["1.1.1.1,"]), "unknown");
    let bytes = HeaderValue::from_bytes(b"1.1.1.1, \xff\xfe").unwrap();
    let source = ClientAddressSource::ForwardedFor;
    let headers = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), bytes)]);
    let peer = Peer::of(&ClientConnection::from(socket(PROXY)), &headers, &trusted(PROXIES), Some(&source));
    assert_eq!(peer.client, ClientAddress::Unknown);
}

#[test]
fn an_unknown_client_is_counted_by_the_connection_and_told_as_unknown() {
    let peer = peer_at(PROXY, "x-forwarded-for", &[("x-forwarded-for", "1.1.1.1, a")]);
    assert_eq!((peer.client.to_string(), peer.forwarded_for.to_str().unwrap()), ("unknown".to_owned(), "unknown"));
    assert_eq!(peer.counted_as(), socket(PROXY).ip());
    let peer = peer_at(PROXY, "x-forwarded-for", &[("x-forwarded-for", "203.0.113.9")]);
    assert_eq!(peer.counted_as().to_string(), "203.0.113.9");
}

#[test]
fn of_a_long_list_of_trusted_addresses_no_more_is_read_than_the_bound() {
    let list = |hops: usize| format!("203.0.113.9{}", ", 10.0.1.5".repeat(hops));
    assert_eq!(said("x-forwarded-for", &[&list(FORWARDED_ADDRESSES_MAX - 1)]), "203.0.113.9");
    assert_eq!(said("x-forwarded-for", &[&list(FORWARDED_ADDRESSES_MAX)]), "unknown");
    assert_eq!(said("x-forwarded-for", &[&format!("{}, 203.0.113.9", "x, ".repeat(9_000))]), "203.0.113.9");
}

#[test]
fn forwarded_is_read_as_its_standard_says() {
    for (lines, client) in [
        // RFC 7239 4, 6 and 7.1.
        (&["for=192.0.2.43"][..], "192.0.2.43"),
        (&["For=\"[2001:db8:cafe::17]:4711\""], "[2001:db8:cafe::17]:4711"),
        (&["for=192.0.2.60;proto=http;by=203.0.113.43"], "192.0.2.60"),
        (&["proto=https; by=203.0.113.43 ;FOR=192.0.2.60"], "192.0.2.60"),
        (&["for=192.0.2.43, for=198.51.100.17"], "198.51.100.17"),
        (&["for=192.0.2.43,for=\"[2001:db8:cafe::17]\",for=10.0.1.5"], "2001:db8:cafe::17"),
        (&["for=192.0.2.43", "for=10.0.1.5", "for=\"[fd00:1::5]:1\";by=_us"], "192.0.2.43"),
        (&["for=\"192.0.2.43:47011\""], "192.0.2.43:47011"),
        // 5.2 and 6.3: the port alone is hidden.
        (&["for=\"192.0.2.43:_gazonk\""], "192.0.2.43"),
        (&["for=\"[2001:db8::9]:_a.b-c\""], "2001:db8::9"),
        (&["for=\"\\1\\92.0.2.43\""], "192.0.2.43"),
        (&["for=192.0.2.43;ext=\"a, \\\"b\\\" ; for=9.9.9.9\""], "192.0.2.43"),
    ] {
        assert_eq!(said("forwarded", lines), client, "{lines:?}");
    }
}

#[test]
fn an_element_that_says_nothing_clearly_is_unknown() {
    for element in [
        "for=unknown",
        "for=\"unknown\"",
        "for=_hidden",
        "for=_SEVKISEK",
        "for=\"_mdn:1\"",
        "by=203.0.113.43",
        "for=",
        "for",
        "for=\"\"",
        "=192.0.2.1",
        "for=192.0.2.1:80",
        "for=2001:db8::9",
        "for=[2001:db8::9]",
        "for =192.0.2.1",
        "for= 192.0.2.1",
        "for=192.0.2.1;",
        "for=192.0.2.1;;by=a",
        "for=192.0.2.1 by=a",
        "for=192.0.2.1;for=198.51.100.17",
        "for=\"192.0.2.1\"x",
        "for=\"192.0.2.1",
        "for=192.0.2.1\"",
        "for=\"192.0.2.1\\\"",
        "f\u{f6}r=192.0.2.1",
        "for=\"192.0.2.1:0\"",
        "for=\"192.0.2.1:_\u{e9}\"",
        "192.0.2.1",
        "",
    ] {
        assert_eq!(said("forwarded", &["for=1.1.1.1", element]), "unknown", "{element:?}");
        assert_eq!(said("forwarded", &[&format!("for=1.1.1.1, {element}, for=10.0.1.5")]), "unknown", "{element:?}");
    }
}

#[test]
fn no_quote_of_a_client_swallows_what_a_proxy_appends() {
    // What the client wrote; a proxy appends its element to the same line.
    for forged in [
        "for=1.1.1.1;x=\"",
        "for=\"1.1.1.1",
        "\"",
        "for=1.1.1.1;x=\"\\",
        "\\",
        "for=1.1.1.1;x=\"\\\"",
        "x=\"a\",\"",
        ",,\",",
    ] {
        for (appended, client) in [
            ("for=203.0.113.9", "203.0.113.9"),
            ("for=\"[2001:db8::9]:80\";by=\"_a\"", "[2001:db8::9]:80"),
            ("proto=https;for=203.0.113.9;host=\"a,\\\"b\"", "203.0.113.9"),
        ] {
            let line = format!("{forged}, {appended}");
            assert_eq!(said("forwarded", &[&line]), client, "{line}");
            let line = format!("{line}, for=10.0.1.5");
            assert_eq!(said("forwarded", &[&line]), client, "{line}");
        }
    }
}

#[test]
fn a_header_with_one_address_is_one_line_with_one_address() {
    for name in ["cf-connecting-ip", "x-real-ip", "true-client-ip", "x-azure-socketip", "x-our-edge-client"] {
        assert_eq!(said(name, &["203.0.113.9"]), "203.0.113.9", "{name}");
        // It is no list: what it says is not skipped, and two are none.
        assert_eq!(said(name, &["10.0.1.5"]), "10.0.1.5", "{name}");
        assert_eq!(said(name, &["1.1.1.1, 203.0.113.9"]), "unknown", "{name}");
        assert_eq!(said(name, &["203.0.113.9", "203.0.113.9"]), "unknown", "{name}");
    }
}

/// Every name by which anybody says where a request comes from, and their other spellings.
const FAMILY: &[&str] = &[
    "x-forwarded-for",
    "X_Forwarded_For",
    "x.forwarded.for",
    "x-forwarded_for",
    "forwarded",
    "Forwarded_",
    "x-real-ip",
    "x_real_ip",
    "true-client-ip",
    "cf-connecting-ip",
    "cf_connecting_ip",
    "x-azure-socketip",
    "x-azure-clientip",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "x-envoy-external-address",
    "x-original-forwarded-for",
    "client-ip",
    "x-forwarded",
];

#[test]
fn only_the_named_header_is_read_and_only_by_its_own_name() {
    for source in ["x-forwarded-for", "forwarded", "cf-connecting-ip"] {
        let others = FAMILY.iter().filter(|name| **name != source).map(|name| (*name, "203.0.113.9"));
        let peer = peer_at(PROXY, source, &others.collect::<Vec<_>>());
        assert_eq!((peer.client, peer.is_trusted), (socket(PROXY).into(), true), "{source}");
        assert_eq!(peer.forwarded_for, "10.0.0.7");
    }
    let (all, nobody): (Vec<_>, _) = (FAMILY.iter().map(|name| (*name, "203.0.113.9")).collect(), trusted(PROXIES));
    let peer = Peer::of(&ClientConnection::from(socket(PROXY)), &headers(&all), &nobody, None);
    assert_eq!((peer.client, peer.is_trusted), (socket(PROXY).into(), true));
}

#[test]
fn from_a_peer_that_is_not_trusted_no_header_changes_anything() {
    for from in
        ["203.0.113.77:50000", "10.0.0.8:50000", "127.0.0.1:1", "[::1]:1", "[::ffff:10.0.0.8]:1", "[fd00:2::1]:1"]
    {
        for source in ["x-forwarded-for", "forwarded", "cf-connecting-ip", "x-real-ip"] {
            let forged: Vec<_> =
                FAMILY.iter().flat_map(|name| [(*name, "10.0.0.7"), (*name, "for=10.0.0.7")]).collect();
            let (peer, plain) = (peer_at(from, source, &forged), Peer::from(&ClientConnection::from(socket(from))));
            assert_eq!((peer.client, peer.is_trusted), (socket(from).into(), false), "{from} {source}");
            assert_eq!((peer.forwarded_for, peer.client), (plain.forwarded_for, plain.client));
        }
    }
}

#[test]
fn where_nobody_is_trusted_nobody_is() {
    let source = ClientAddressSource::ForwardedFor;
    for from in ["127.0.0.1:1", "10.0.0.7:1", "[::1]:1"] {
        let (connection, forged) = (ClientConnection::from(socket(from)), headers(&[("x-forwarded-for", "1.1.1.1")]));
        let peer = Peer::of(&connection, &forged, &trusted(&[]), Some(&source));
        assert_eq!((peer.client, peer.is_trusted), (socket(from).into(), false), "{from}");
    }
}

#[test]
fn a_trusted_proxy_that_says_nothing_asks_for_itself() {
    let peer = peer_at(PROXY, "x-forwarded-for", &[]);
    assert_eq!((peer.client.to_string(), peer.is_trusted), (PROXY.to_owned(), true));
}

fn peer_of_proxied(from: &str, said: ProxySource, forwarded_for: &str) -> (String, String, bool) {
    let (connection, source) = (ClientConnection::from(socket(from)).proxied(said), ClientAddressSource::ForwardedFor);
    let lines = headers(&[("x-forwarded-for", forwarded_for)]);
    let peer = Peer::of(&connection, &lines, &trusted(PROXIES), Some(&source));
    (peer.client.to_string(), peer.forwarded_for.to_str().unwrap().to_owned(), peer.is_trusted)
}

#[test]
fn a_connection_that_is_passed_on_comes_from_where_its_header_says_and_its_requests_are_that_ones() {
    let told = |said, forwarded_for| peer_of_proxied(PROXY, said, forwarded_for);
    let of = |client: &str, forwarded_for: &str, is_trusted| (client.to_owned(), forwarded_for.to_owned(), is_trusted);
    let browser = ProxySource::Address(socket("203.0.113.9:50001"));
    // The bytes are the browser's: a proxy that passes them on vouches for none of them.
    assert_eq!(told(browser, "1.1.1.1"), of("203.0.113.9:50001", "203.0.113.9", false));
    // A proxy that speaks HTTP, behind one that passes on.
    let proxy = ProxySource::Address(socket("10.0.1.5:50001"));
    assert_eq!(told(proxy, "1.1.1.1, 203.0.113.9"), of("203.0.113.9", "203.0.113.9", true));
    // Somebody's bytes, and nobody says whose.
    assert_eq!(told(ProxySource::Unsaid, "1.1.1.1"), of(PROXY, "10.0.0.7", false));
    let mapped = ProxySource::Address(socket("[2001:db8::9]:50001"));
    assert_eq!(told(mapped, "1.1.1.1"), of("[2001:db8::9]:50001", "2001:db8::9", false));
}

#[test]
fn what_a_proxy_said_that_is_not_trusted_any_more_counts_no_longer() {
    let said = ProxySource::Address(socket("203.0.113.9:50001"));
    let expected = ("192.0.2.50:4711".to_owned(), "192.0.2.50".to_owned(), false);
    assert_eq!(peer_of_proxied("192.0.2.50:4711", said, "1.1.1.1"), expected);
}

#[test]
fn each_request_has_a_peer_of_its_own_and_none_copies_the_text_of_its_connection() {
    let connection = ClientConnection::from(socket("192.0.2.7:50000"));
    let of = || Peer::of(&connection, &HeaderMap::new(), &trusted(PROXIES), None);
    let at = |peer: &Peer| peer.forwarded_for.as_bytes().as_ptr();
    assert_eq!(at(&of()), at(&of()));
}

#[test]
fn an_ipv4_address_in_an_ipv6_one_is_written_as_itself_and_any_other_as_it_is() {
    for (ip, text) in [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:db8::ffff:c000:201", "2001:db8::ffff:c000:201"),
    ] {
        let address = SocketAddr::new(ip.parse().unwrap(), 50_000);
        let peer = Peer::from(&ClientConnection::from(address));
        assert_eq!((peer.forwarded_for.to_str().unwrap(), peer.client), (text, address.into()), "{ip}");
    }
}
