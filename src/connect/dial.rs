//! Dialling: a URL becomes a connected stream, with TLS where the scheme is `https`.
//!
//! Names under `.localhost` are loopback by definition (RFC 6761 6.3); the system's resolver may not know them.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use rustls::RootCertStore;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::{Host, Position, Url};

use super::{
    client_tls::{Greeted, connector, server_name},
    proxied::{self, ProxyRefusal},
    socket::settle,
};
use crate::{
    limits::{UPSTREAM_ADDRESS_PAUSE, UPSTREAM_ADDRESSES_MAX},
    proxy::OutboundProxy,
    request::is_loopback,
    tls::{TlsFault, Trust, TrustedRoots, UpstreamTls},
};

/// Why there is no connection. Never holds more than addresses and library texts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    /// The URL has no host or an unknown scheme.
    #[error("url has no http or https authority")]
    Url,
    /// The name does not resolve.
    #[error("name {name:?} does not resolve")]
    Resolve {
        /// The name.
        name: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// No address takes the connection; each with what the system says.
    #[error("connection is refused or unreachable: {0}")]
    Connect(String),
    /// The proxy that is on the way takes the connection, and does not lead on.
    #[error("proxy {address} does not connect to {authority}: {cause}")]
    Proxy {
        /// Where the proxy is.
        address: SocketAddr,
        /// Where it was to connect to.
        authority: String,
        /// Why it does not.
        cause: ProxyRefusal,
    },
    /// The TLS library takes none of the settings.
    #[error("tls cannot be set up")]
    Settings(#[source] rustls::Error),
    /// The TLS handshake fails: name, trust, time, version, cipher.
    #[error("tls handshake failed at {address}: {fault}")]
    Tls {
        /// Where.
        address: SocketAddr,
        /// What is wrong.
        fault: TlsFault,
        /// The library's own words.
        #[source]
        source: io::Error,
    },
    /// It took too long.
    #[error("no connection within {limit:?}: {}", silence(*reached))]
    Timeout {
        /// The limit.
        limit: Duration,
        /// Who took the connection, and then said nothing.
        reached: Option<SocketAddr>,
    },
}

/// Dials with one way of TLS, through a proxy or not.
#[derive(Clone)]
pub(crate) struct Dialer {
    tls: TlsConnector,
    proxy: Option<OutboundProxy>,
    /// Those of the operating system.
    roots: Arc<RootCertStore>,
    /// They are who is believed, and there are none.
    has_no_roots: bool,
}

/// A connected stream.
pub(crate) enum Stream {
    /// Plain TCP.
    Plain(TcpStream),
    /// TLS over TCP.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Dialer {
    /// A dialler that trusts the operating system's roots.
    ///
    /// # Errors
    /// When the TLS library has no usable protocol version.
    pub(crate) fn with_system_roots() -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        Self::with_roots(roots)
    }

    /// One for which the operating system has these.
    ///
    /// # Errors
    /// When the TLS library has no usable protocol version.
    pub(super) fn with_roots(roots: RootCertStore) -> Result<Self, rustls::Error> {
        let (has_no_roots, roots) = (roots.is_empty(), Arc::new(roots));
        let tls = connector(Greeted::Provider, &UpstreamTls::default(), &roots)?;
        Ok(Self { tls, proxy: None, roots, has_no_roots })
    }

    /// The same dialler, or one that trusts these CAs and no other.
    ///
    /// # Errors
    /// When the TLS library has no usable protocol version.
    pub(crate) fn trusting(&self, roots: Option<&TrustedRoots>) -> Result<Self, DialError> {
        roots.map_or_else(|| Ok(self.clone()), |roots| self.with(Greeted::Provider, &roots.clone().into()))
    }

    /// A dialler of host applications, which believes and shows what the settings of one say.
    ///
    /// # Errors
    /// When the TLS library has no usable protocol version.
    pub(crate) fn speaking(&self, tls: &UpstreamTls) -> Result<Self, DialError> {
        self.with(Greeted::HostApplication, tls)
    }

    fn with(&self, greeted: Greeted, tls: &UpstreamTls) -> Result<Self, DialError> {
        let has_no_roots = tls.trust == Trust::System && self.roots.is_empty();
        let tls = connector(greeted, tls, &self.roots).map_err(DialError::Settings)?;
        Ok(Self { tls, proxy: self.proxy.clone(), roots: Arc::clone(&self.roots), has_no_roots })
    }

    /// The same dialler, or one that goes through this proxy to whatever is behind it: never to this machine itself.
    #[must_use]
    pub(crate) fn through(self, proxy: Option<&OutboundProxy>) -> Self {
        Self { proxy: proxy.cloned(), ..self }
    }

    /// Connects to the authority of `url`, all steps together within `limit`.
    ///
    /// # Errors
    /// See [`DialError`].
    pub(crate) async fn dial(&self, url: &Url, limit: Duration) -> Result<Stream, DialError> {
        let reached = OnceLock::new();
        let dialled = timeout(limit, self.dial_unbounded(url, &reached)).await;
        dialled.unwrap_or_else(|_| Err(DialError::Timeout { limit, reached: reached.get().copied() }))
    }

    fn fault(&self, error: &io::Error) -> TlsFault {
        let fault = TlsFault::of(error);
        if fault == TlsFault::UnknownCa && self.has_no_roots { TlsFault::NoCas } else { fault }
    }

    /// Tells as well who took the connection, as soon as somebody has.
    async fn dial_unbounded(&self, url: &Url, reached: &OnceLock<SocketAddr>) -> Result<Stream, DialError> {
        let reach = |(tcp, address)| (tcp, *reached.get_or_init(|| address));
        let host = url.host().ok_or(DialError::Url)?;
        let (tcp, address) = match self.proxy.as_ref().filter(|proxy| !is_loopback(&host) && proxy.is_for(url)) {
            None => reach(connect_to(url).await?),
            Some(proxy) => {
                let (mut tcp, address) = reach(connect_to(proxy.url()).await?);
                let authority = || url[Position::BeforeHost..Position::AfterPort].to_owned();
                let refused = |cause| DialError::Proxy { address, authority: authority(), cause };
                proxied::connect(&mut tcp, proxy, url).await.map_err(refused)?;
                (tcp, address)
            }
        };
        match url.scheme() {
            "http" => Ok(Stream::Plain(tcp)),
            "https" => {
                let name = server_name(&host).ok_or(DialError::Url)?;
                let fault = |source| DialError::Tls { address, fault: self.fault(&source), source };
                Ok(Stream::Tls(Box::new(self.tls.connect(name, tcp).await.map_err(fault)?)))
            }
            _ => Err(DialError::Url),
        }
    }
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dialer")
    }
}

/// Where nobody said anything any more.
fn silence(reached: Option<SocketAddr>) -> String {
    reached.map_or_else(
        || "no address answers".to_owned(),
        |address| format!("{address} takes connections, and did not answer on this one"),
    )
}

/// A connection to the authority of a URL itself.
async fn connect_to(url: &Url) -> Result<(TcpStream, SocketAddr), DialError> {
    let host = url.host().ok_or(DialError::Url)?;
    let port = url.port_or_known_default().ok_or(DialError::Url)?;
    let connect = async |address| TcpStream::connect(address).await;
    let (tcp, address) = connect_any(&addresses_of(&host, port).await?, connect).await?;
    settle(&tcp).map_err(|error| DialError::Connect(format!("{address}: {error}")))?;
    Ok((tcp, address))
}

/// Where a host is, in the order in which its addresses are tried.
async fn addresses_of(host: &Host<&str>, port: u16) -> Result<Vec<SocketAddr>, DialError> {
    let at = |ip: &[IpAddr]| ip.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
    match host {
        Host::Ipv4(ip) => Ok(at(&[IpAddr::V4(*ip)])),
        Host::Ipv6(ip) => Ok(at(&[IpAddr::V6(*ip)])),
        // An application on this machine listens on one of the two, as its language likes.
        Host::Domain(_) if is_loopback(host) => {
            Ok(at(&[IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]))
        }
        Host::Domain(name) => match tokio::net::lookup_host((*name, port)).await {
            Ok(addresses) => Ok(interleaved(addresses)),
            Err(source) => Err(DialError::Resolve { name: (*name).to_owned(), source }),
        },
    }
}

/// The families in turn, beginning with the one that the system prefers (RFC 8305 4): of a family whose network is down, a few
/// addresses never use up the time, nor the bound.
fn interleaved(addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let all: Vec<SocketAddr> = addresses.collect();
    let is_first = |address: &&SocketAddr| all.first().is_some_and(|first| first.is_ipv6() == address.is_ipv6());
    let (preferred, other): (Vec<_>, Vec<_>) = all.iter().partition(is_first);
    let longest = preferred.len().max(other.len());
    let in_turn = (0..longest).flat_map(|index| [preferred.get(index), other.get(index)].into_iter().flatten());
    in_turn.copied().take(UPSTREAM_ADDRESSES_MAX).collect()
}

/// The first connection that comes about. The next address is tried where one refuses, or says nothing for a while
/// (RFC 8305 5): a host of which one network is down is there for all that.
async fn connect_any<T>(
    addresses: &[SocketAddr],
    connect: impl AsyncFn(SocketAddr) -> io::Result<T>,
) -> Result<(T, SocketAddr), DialError> {
    let (mut rest, mut tried, mut refusals) = (addresses.iter(), FuturesUnordered::new(), Vec::new());
    loop {
        if let Some(address) = rest.next() {
            let connect = &connect;
            tried.push(async move { (*address, connect(*address).await) });
        } else if tried.is_empty() {
            return Err(DialError::Connect(refusals.join(", ")));
        }
        let answered = if rest.len() == 0 {
            tried.next().await
        } else {
            // Whoever is silent goes on trying.
            timeout(UPSTREAM_ADDRESS_PAUSE, tried.next()).await.unwrap_or(None)
        };
        match answered {
            Some((address, Ok(tcp))) => return Ok((tcp, address)),
            Some((address, Err(error))) => refusals.push(format!("{address}: {error}")),
            None => {}
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, sleep};

    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    /// A network in which IPv6 says nothing, ever, and IPv4 answers after a while; `refuses`: who refuses at once.
    async fn raced(addresses: &[&str], refuses: &[&str]) -> (Result<SocketAddr, String>, Duration) {
        let addresses: Vec<_> = addresses.iter().map(|text| address(text)).collect();
        let began = Instant::now();
        let connect = async |to: SocketAddr| {
            if refuses.iter().any(|text| address(text) == to) {
                return Err(io::Error::from(io::ErrorKind::ConnectionRefused));
            }
            sleep(if to.is_ipv6() { Duration::MAX } else { Duration::from_millis(20) }).await;
            Ok(to)
        };
        let first = connect_any(&addresses, connect).await.map(|(to, _)| to).map_err(|error| error.to_string());
        (first, began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_family_that_does_not_answer_costs_a_pause_and_not_the_connection() {
        let (first, took) = raced(&["[2001:db8::1]:443", "192.0.2.1:443"], &[]).await;
        assert_eq!((first, took.as_millis()), (Ok(address("192.0.2.1:443")), 270));
    }

    #[tokio::test(start_paused = true)]
    async fn a_refusal_is_no_reason_to_wait() {
        let (first, took) = raced(&["192.0.2.1:443", "192.0.2.2:443"], &["192.0.2.1:443"]).await;
        assert_eq!((first, took.as_millis()), (Ok(address("192.0.2.2:443")), 20));
        let (first, _) = raced(&["192.0.2.1:443", "192.0.2.2:443"], &["192.0.2.1:443", "192.0.2.2:443"]).await;
        let error = first.unwrap_err();
        assert!(error.contains("192.0.2.1:443: ") && error.contains("192.0.2.2:443: "), "{error}");
    }

    #[test]
    fn the_families_take_turns_beginning_with_the_preferred_one() {
        let order = |texts: &[&str]| {
            interleaved(texts.iter().map(|text| address(text))).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let six = ["[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1"];
        let four = ["192.0.2.1:1", "192.0.2.2:1"];
        assert_eq!(order(&[&six[..], &four].concat()), [six[0], four[0], six[1], four[1], six[2]]);
        assert_eq!(order(&[&four[..], &six].concat()), [four[0], six[0], four[1], six[1], six[2]]);
        assert_eq!(order(&four), four);
        assert_eq!(order(&[]), Vec::<String>::new());
        let many: Vec<String> = (1..=20).map(|last| format!("[2001:db8::{last:x}]:1")).collect();
        let mut texts: Vec<&str> = many.iter().map(String::as_str).collect();
        texts.push(four[0]);
        let order = order(&texts);
        assert_eq!((order.len(), order[1].as_str()), (UPSTREAM_ADDRESSES_MAX, four[0]), "no family fills the bound");
    }
}
