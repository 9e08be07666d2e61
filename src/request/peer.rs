//! The other end of a browser's connection, and who sends one request on it.

use std::net::SocketAddr;

use http::HeaderValue;

/// What a browser's connection knows of its other end: the same for every request on it, and nobody's word but the
/// socket's.
#[derive(Debug)]
pub(crate) struct ClientConnection {
    /// Address and port.
    pub(crate) address: SocketAddr,
    /// The address as `X-Forwarded-For` has it, written once for all requests.
    forwarded_for: HeaderValue,
}

/// Who sends a request: made for each request, as it is admitted, from what its connection knows.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Whether it is a proxy in front that is trusted.
    pub(crate) is_trusted: bool,
    /// Address and port.
    pub(crate) address: SocketAddr,
    /// The address as `X-Forwarded-For` has it: an IPv4 address in an IPv6 one is written as itself.
    pub(crate) forwarded_for: HeaderValue,
}

impl From<SocketAddr> for ClientConnection {
    fn from(address: SocketAddr) -> Self {
        let text = address.ip().to_canonical().to_string();
        Self { address, forwarded_for: HeaderValue::try_from(text).expect("an IP address is printable ASCII") }
    }
}

impl Peer {
    /// Whoever has connected; the text of the address is shared, not copied.
    #[must_use]
    pub(super) fn of(connection: &ClientConnection) -> Self {
        Self { is_trusted: false, address: connection.address, forwarded_for: connection.forwarded_for.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(ip: &str) -> Peer {
        Peer::of(&ClientConnection::from(SocketAddr::new(ip.parse().unwrap(), 50_000)))
    }

    #[test]
    fn an_ipv4_address_in_an_ipv6_one_is_written_as_itself_and_any_other_as_it_is() {
        for (ip, text) in [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("2001:db8::ffff:c000:201", "2001:db8::ffff:c000:201"),
        ] {
            let peer = peer(ip);
            assert_eq!((peer.forwarded_for.to_str().unwrap(), peer.address.ip()), (text, ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn each_request_has_a_peer_of_its_own_and_none_copies_the_text() {
        let connection = ClientConnection::from(SocketAddr::from(([192, 0, 2, 7], 50_000)));
        let (first, mut second) = (Peer::of(&connection), Peer::of(&connection));
        let at = |value: &HeaderValue| value.as_bytes().as_ptr();
        assert_eq!(at(&first.forwarded_for), at(&second.forwarded_for));
        second.forwarded_for = HeaderValue::from_static("198.51.100.1");
        assert_eq!((&first.forwarded_for, first.address), (&HeaderValue::from_static("192.0.2.7"), second.address));
    }
}
