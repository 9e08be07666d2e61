//! Dialling: a URL becomes a connected stream, with TLS where the scheme is `https`.
//!
//! Names under `.localhost` are loopback by definition (RFC 6761 6.3); the system's resolver may not know them.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use rustls::{ClientConfig, RootCertStore, client::Resumption, pki_types::ServerName, sign::SingleCertAndKey};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::{Host, Url};

use crate::{
    limits::{UPSTREAM_ADDRESS_PAUSE, UPSTREAM_ADDRESSES_MAX},
    request::is_loopback,
    tls::{TlsFault, TlsIdentity, Trust, TrustedRoots, UpstreamTls},
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
    #[error("no connection within {0:?}")]
    Timeout(Duration),
}

/// Dials with one way of TLS.
#[derive(Clone)]
pub(crate) struct Dialer {
    tls: TlsConnector,
    /// Those of the operating system.
    roots: Arc<RootCertStore>,
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
        let roots = Arc::new(roots);
        Ok(Self { tls: connector(&Trust::System, None, &roots)?, roots })
    }

    /// The same dialler, or one that trusts these CAs and no other.
    ///
    /// # Errors
    /// When the TLS library has no usable protocol version.
    pub(crate) fn trusting(&self, roots: Option<&TrustedRoots>) -> Result<Self, DialError> {
        self.speaking(&roots.cloned().map(UpstreamTls::from).unwrap_or_default())
    }

    /// The same dialler, or one that believes and shows what a host application's settings say.
    ///
    /// # Errors
    /// When the TLS library has no usable protocol version.
    pub(crate) fn speaking(&self, tls: &UpstreamTls) -> Result<Self, DialError> {
        if !tls.is_special() {
            return Ok(self.clone());
        }
        let connector = connector(&tls.trust, tls.client.as_ref(), &self.roots).map_err(DialError::Settings)?;
        Ok(Self { tls: connector, roots: Arc::clone(&self.roots) })
    }

    /// Connects to the authority of `url`, all steps together within `limit`.
    ///
    /// # Errors
    /// See [`DialError`].
    pub(crate) async fn dial(&self, url: &Url, limit: Duration) -> Result<Stream, DialError> {
        timeout(limit, self.dial_unbounded(url)).await.unwrap_or(Err(DialError::Timeout(limit)))
    }

    async fn dial_unbounded(&self, url: &Url) -> Result<Stream, DialError> {
        let host = url.host().ok_or(DialError::Url)?;
        let port = url.port_or_known_default().ok_or(DialError::Url)?;
        let (tcp, address) = connect_any(&addresses_of(&host, port).await?).await?;
        tcp.set_nodelay(true).map_err(|error| DialError::Connect(format!("{address}: {error}")))?;
        match url.scheme() {
            "http" => Ok(Stream::Plain(tcp)),
            "https" => {
                let name = server_name(&host).ok_or(DialError::Url)?;
                let fault = |source| DialError::Tls { address, fault: TlsFault::of(&source), source };
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

fn connector(
    trust: &Trust,
    client: Option<&TlsIdentity>,
    system: &Arc<RootCertStore>,
) -> Result<TlsConnector, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?;
    let builder = match trust {
        Trust::System => builder.with_root_certificates(Arc::clone(system)),
        Trust::Roots(roots) => builder.with_root_certificates(Arc::clone(roots.store())),
        Trust::Pinned(pinned) => builder.dangerous().with_custom_certificate_verifier(pinned.verifier()),
    };
    let mut config = match client {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let certified = SingleCertAndKey::from(Arc::clone(identity.certified_key()));
            builder.with_client_cert_resolver(Arc::new(certified))
        }
    };
    // A server may remember people by their TLS session: what one person's connection began, another's never takes up.
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
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
            Ok(addresses) => Ok(addresses.take(UPSTREAM_ADDRESSES_MAX).collect()),
            Err(source) => Err(DialError::Resolve { name: (*name).to_owned(), source }),
        },
    }
}

/// The first connection that comes about. The next address is tried where one refuses, or says nothing for a while
/// (RFC 8305 5): a host of which one network is down is there for all that.
async fn connect_any(addresses: &[SocketAddr]) -> Result<(TcpStream, SocketAddr), DialError> {
    let (mut rest, mut tried, mut refusals) = (addresses.iter(), FuturesUnordered::new(), Vec::new());
    loop {
        if let Some(address) = rest.next() {
            tried.push(async move { (*address, TcpStream::connect(address).await) });
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

fn server_name(host: &Host<&str>) -> Option<ServerName<'static>> {
    match host {
        Host::Ipv4(ip) => Some(ServerName::IpAddress(IpAddr::V4(*ip).into())),
        Host::Ipv6(ip) => Some(ServerName::IpAddress(IpAddr::V6(*ip).into())),
        Host::Domain(name) => ServerName::try_from((*name).to_owned()).ok(),
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
