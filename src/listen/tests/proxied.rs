//! Connections that begin with a PROXY header: whose counts, what is read of it, and that nothing else is answered.

use std::{
    io::{Read, Write},
    net::{IpAddr, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio_util::sync::CancellationToken;

use super::{Echo, Server, read_to_close, read_until};
use crate::{
    limits::PROXY_HEADER_TIMEOUT,
    listen::{ListenLimits, Proxied, bind, serve},
    request::ProxyProtocol,
};

const GET: &[u8] = b"GET /peer HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const V1: &[u8] = b"PROXY TCP4 203.0.113.9 192.0.2.1 50001 443\r\n";
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0f\xcb\0\x71\x09\xc0\0\x02\x01\xc3\x51\x01\xbb\x04\0\0";
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// A server that takes such headers from loopback, as long as `trusts`.
fn server(takes: ProxyProtocol, trusts: &Arc<AtomicBool>, change: impl FnOnce(&mut ListenLimits)) -> Server {
    let mut bounds = ListenLimits::default();
    change(&mut bounds);
    let (stop, trusts) = (CancellationToken::new(), Arc::clone(trusts));
    let is_trusted = move |address: IpAddr| address.is_loopback() && trusts.load(Ordering::Relaxed);
    let bound = bind("127.0.0.1:0".parse().unwrap(), 1).unwrap().with_proxied(Proxied::new(takes, is_trusted));
    let address = bound.local_address();
    Server { running: Some(serve(bound, |_| Echo, bounds, &stop).unwrap()), address, stop }
}

fn trusting(takes: ProxyProtocol) -> Server {
    server(takes, &Arc::new(AtomicBool::new(true)), |_| {})
}

fn is_closed(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    match stream.read(&mut byte) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn requests_come_from_where_the_header_says() {
    for (takes, header) in
        [(ProxyProtocol::Any, V1), (ProxyProtocol::Any, V2), (ProxyProtocol::V1, V1), (ProxyProtocol::V2, V2)]
    {
        let server = trusting(takes);
        let answer = server.send(&[header, GET].concat());
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("203.0.113.9:50001\n"), "{answer}");
        // Every request on the connection.
        let first = b"GET /peer HTTP/1.1\r\nHost: a\r\n\r\n";
        let answers = server.send(&[header, first, GET].concat());
        assert_eq!(answers.matches("203.0.113.9:50001\n").count(), 2, "{answers}");
    }
}

#[test]
fn a_header_without_an_address_leaves_the_sockets_own() {
    let server = trusting(ProxyProtocol::Any);
    for header in [LOCAL, b"PROXY UNKNOWN\r\n", b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"] {
        let mut stream = server.connect();
        let own = stream.local_addr().unwrap();
        stream.write_all(&[header, GET].concat()).unwrap();
        let answer = read_to_close(&mut stream);
        assert!(answer.ends_with(&format!("{own}\n")), "{answer}");
    }
}

#[test]
fn a_header_in_pieces_is_the_same_and_nothing_is_answered_before_it_is_whole() {
    let server = trusting(ProxyProtocol::Any);
    for header in [V1, V2] {
        for cut in [1, 5, 11, 12, 13, 16, 20, header.len() - 1] {
            let mut stream = server.connect();
            stream.set_nodelay(true).unwrap();
            stream.write_all(&header[..cut]).unwrap();
            stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
            assert!(stream.read(&mut [0]).is_err(), "nothing is said at {cut}");
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            stream.write_all(&[&header[cut..], GET].concat()).unwrap();
            assert!(read_to_close(&mut stream).ends_with("203.0.113.9:50001\n"), "{cut}");
        }
    }
    let mut stream = server.connect();
    stream.set_nodelay(true).unwrap();
    for byte in [V1, GET].concat() {
        stream.write_all(&[byte]).unwrap();
    }
    assert!(read_to_close(&mut stream).ends_with("203.0.113.9:50001\n"));
}

#[test]
fn whoever_sends_another_thing_gets_no_answer() {
    let takes = [ProxyProtocol::Any, ProxyProtocol::V1, ProxyProtocol::V2];
    let others: [&[u8]; 8] = [
        GET,
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"PROXY TCP4 203.0.113.9 192.0.2.1 50001 443\n",
        b"PROXY TCP4 203.0.113.9\r\n\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x12\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\xc3\x51\x01\xbb",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff\xcb\0\x71\x09",
        b" PROXY TCP4 203.0.113.9 192.0.2.1 50001 443\r\n",
    ];
    for takes in takes {
        let server = trusting(takes);
        for bytes in others {
            assert_eq!(server.send(&[bytes, GET].concat()), "", "{takes:?} {bytes:?}");
        }
        let wrong = if takes == ProxyProtocol::V1 { V2 } else { V1 };
        let answer = server.send(&[wrong, GET].concat());
        assert_eq!(answer.is_empty(), takes != ProxyProtocol::Any, "{takes:?}: {answer}");
    }
}

#[test]
fn a_second_header_is_no_request() {
    let server = trusting(ProxyProtocol::Any);
    for (one, other) in [(V1, V1), (V1, V2), (V2, V1), (V2, V2)] {
        let answer = server.send(&[one, other, GET].concat());
        assert!(!answer.contains("200 OK"), "{answer}");
    }
}

#[test]
fn without_the_protocol_a_header_is_no_request_either() {
    let server = Server::start();
    for header in [V1, V2] {
        let answer = server.send(&[header, GET].concat());
        assert!(!answer.contains("200 OK") && !answer.contains("203.0.113.9"), "{answer}");
    }
}

#[test]
fn a_peer_that_is_not_trusted_gets_no_answer_and_trust_is_asked_for_anew_each_time() {
    let trusts = Arc::new(AtomicBool::new(false));
    let server = server(ProxyProtocol::Any, &trusts, |_| {});
    for bytes in [&[V1, GET].concat()[..], &[V2, GET].concat(), &[LOCAL, GET].concat(), GET] {
        assert_eq!(server.send(bytes), "");
    }
    trusts.store(true, Ordering::Relaxed);
    assert!(server.send(&[V1, GET].concat()).ends_with("203.0.113.9:50001\n"));
    trusts.store(false, Ordering::Relaxed);
    assert_eq!(server.send(&[V1, GET].concat()), "");
}

#[test]
fn a_header_that_does_not_come_in_time_ends_the_connection() {
    assert!(PROXY_HEADER_TIMEOUT >= Duration::from_secs(3), "proxy-protocol.txt 2: a retransmission has to fit");
    let trusts = Arc::new(AtomicBool::new(true));
    let server = server(ProxyProtocol::Any, &trusts, |bounds| bounds.proxy_header = Duration::from_millis(200));
    for begin in [&b""[..], &V1[..20], &V2[..14], b"PROXY UNKNOWN"] {
        let mut stream = server.connect();
        stream.write_all(begin).unwrap();
        assert!(is_closed(&mut stream), "{begin:?}");
    }
    // The time is that of the whole, not of each piece.
    let mut stream = server.connect();
    let begun = Instant::now();
    for byte in V1 {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert!(is_closed(&mut stream) && begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_stop_does_not_wait_for_a_header() {
    let mut server = trusting(ProxyProtocol::Any);
    let mut stream = server.connect();
    stream.write_all(&V1[..20]).unwrap();
    thread::sleep(Duration::from_millis(50));
    let begun = Instant::now();
    server.stop.cancel();
    server.join();
    assert!(is_closed(&mut stream) && begun.elapsed() < PROXY_HEADER_TIMEOUT);
}

#[test]
fn requests_behind_a_header_have_the_deadlines_of_any_connection() {
    let trusts = Arc::new(AtomicBool::new(true));
    let server = server(ProxyProtocol::Any, &trusts, |bounds| bounds.head = Duration::from_millis(200));
    let mut stream = server.connect();
    stream.write_all(V2).unwrap();
    assert!(is_closed(&mut stream));
    let mut stream = server.connect();
    stream.write_all(&[V2, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"].concat()).unwrap();
    assert!(read_until(&mut stream, "\r\n\r\n").starts_with("HTTP/1.1 200"));
}
