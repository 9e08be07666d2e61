//! The other end of a browser's connection, and who sends one request on it.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderValue};

use super::{ClientAddress, ClientAddressSource, ProxySource, TrustedProxies};

/// What a browser's connection knows of its other end: the same for every request on it. It is nobody's word but the socket's, and,
/// where the listener wants one, that of the PROXY header with which the connection began.
#[derive(Debug)]
pub(crate) struct ClientConnection {
    /// Address and port of the socket's other end.
    pub(crate) address: SocketAddr,
    said: Option<ProxySource>,
    /// The address of the client as `X-Forwarded-For` has it, written once for all requests.
    forwarded_for: HeaderValue,
}

/// Who sends a request: made for each request, from what its connection knows, and from what it says itself where a trusted proxy
/// has sent it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Whether a proxy that is trusted speaks HTTP here: what it says of the request counts. Not so where it passes the bytes of
    /// somebody else on (PROXY protocol).
    pub(crate) is_trusted: bool,
    /// Where the client is.
    pub(crate) client: ClientAddress,
    /// The same as `X-Forwarded-For` has it.
    pub(crate) forwarded_for: HeaderValue,
    socket: SocketAddr,
}

impl From<SocketAddr> for ClientConnection {
    fn from(address: SocketAddr) -> Self {
        Self { address, said: None, forwarded_for: ClientAddress::from(address).forwarded_for() }
    }
}

impl ClientConnection {
    /// The same, of which a PROXY header says where it comes from.
    #[must_use]
    pub(crate) fn proxied(self, said: ProxySource) -> Self {
        let forwarded_for = match said {
            ProxySource::Address(source) => ClientAddress::from(source).forwarded_for(),
            ProxySource::Unsaid => self.forwarded_for,
        };
        Self { address: self.address, said: Some(said), forwarded_for }
    }

    /// Where it comes from, before a request says more.
    #[must_use]
    pub(crate) fn client(&self) -> ClientAddress {
        match self.said {
            Some(ProxySource::Address(source)) => source.into(),
            Some(ProxySource::Unsaid) | None => self.address.into(),
        }
    }

    /// Who speaks HTTP on it; none: a proxy passes on what somebody says whose address it does not.
    const fn speaker(&self) -> Option<SocketAddr> {
        match self.said {
            None => Some(self.address),
            Some(ProxySource::Address(source)) => Some(source),
            Some(ProxySource::Unsaid) => None,
        }
    }
}

impl From<&ClientConnection> for Peer {
    /// Whoever has connected, whatever its requests say; the text of the address is shared, not copied.
    fn from(connection: &ClientConnection) -> Self {
        let (client, forwarded_for) = (connection.client(), connection.forwarded_for.clone());
        Self { is_trusted: false, client, forwarded_for, socket: connection.address }
    }
}

impl Peer {
    /// Who sends a request with these headers, where `trusted` are the proxies in front and `source` is the header that says where a
    /// client is. From anybody else headers change nothing: they are not even looked for.
    #[must_use]
    pub(crate) fn of(
        connection: &ClientConnection,
        headers: &HeaderMap,
        trusted: &TrustedProxies,
        source: Option<&ClientAddressSource>,
    ) -> Self {
        if connection.said.is_some() && !trusted.contains(connection.address.ip()) {
            // Trusted when it connected, and not any more.
            return Self::from(&ClientConnection::from(connection.address));
        }
        let peer = Self::from(connection);
        if !connection.speaker().is_some_and(|speaker| trusted.contains(speaker.ip())) {
            return peer;
        }
        let said = source.and_then(|source| source.read(headers, trusted));
        let (client, forwarded_for) = match said {
            Some(client) => (client, client.forwarded_for()),
            // A request of the proxy's own, such as a look at our health.
            None => (peer.client, peer.forwarded_for),
        };
        Self { is_trusted: true, client, forwarded_for, socket: peer.socket }
    }

    /// The address by which a client is counted: its own, or that of the connection where it is unknown.
    #[must_use]
    pub(crate) fn counted_as(&self) -> IpAddr {
        self.client.ip().unwrap_or(self.socket.ip())
    }
}
