//! The other end of a browser's connection.

use std::net::SocketAddr;

use http::HeaderValue;

/// Who has connected, with what follows from it for every request of the connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Address and port.
    pub(crate) address: SocketAddr,
    /// The address as `X-Forwarded-For` has it: an IPv4 address in an IPv6 one is written as itself.
    pub(crate) forwarded_for: HeaderValue,
}

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        let text = address.ip().to_canonical().to_string();
        Self { address, forwarded_for: HeaderValue::try_from(text).expect("an IP address is printable ASCII") }
    }
}
