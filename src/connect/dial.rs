//! Dialling: a URL becomes a connected stream, with TLS where the scheme is `https`.
//!
//! Names under `.localhost` are loopback by definition (RFC 6761 6.3); the system's resolver may not know them.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use rustls::{ClientConfig, RootCertStore, client::Resumption, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use url::{Host, Url};

use crate::{request::is_loopback, tls::TrustedRoots};

/// Why there is no connection. Never holds more than addresses and library texts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialError {
    /// The URL has no host or an unknown scheme.
    #[error("url has no http or https authority")]
    Url,
    /// The name does not resolve.
    #[error("name does not resolve")]
    Resolve(#[source] io::Error),
    /// No address takes the connection.
    #[error("connection is refused or unreachable")]
    Connect(#[source] io::Error),
    /// The TLS handshake fails: name, trust, time, protocol.
    #[error("tls handshake failed")]
    Tls(#[source] io::Error),
    /// It took too long.
    #[error("no connection within {0:?}")]
    Timeout(Duration),
}

/// Dials with one trust store.
#[derive(Clone)]
pub(crate) struct Dialer {
    tls: TlsConnector,
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

    /// The same dialler, or one that trusts these CAs and no other.
    ///
    /// # Errors
    /// When the TLS library has no usable protocol version.
    pub(crate) fn trusting(&self, roots: Option<&TrustedRoots>) -> Result<Self, DialError> {
        let Some(roots) = roots else { return Ok(self.clone()) };
        Self::with_roots(Arc::clone(roots.store())).map_err(|error| DialError::Tls(io::Error::other(error)))
    }

    fn with_roots(roots: impl Into<Arc<RootCertStore>>) -> Result<Self, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // A server may remember people by their TLS session: what one person's connection began, another's never takes up.
        config.resumption = Resumption::disabled();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)) })
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
        let tcp = connect(&host, port).await?;
        tcp.set_nodelay(true).map_err(DialError::Connect)?;
        match url.scheme() {
            "http" => Ok(Stream::Plain(tcp)),
            "https" => {
                let name = server_name(&host).ok_or(DialError::Url)?;
                let stream = self.tls.connect(name, tcp).await.map_err(DialError::Tls)?;
                Ok(Stream::Tls(Box::new(stream)))
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

async fn connect(host: &Host<&str>, port: u16) -> Result<TcpStream, DialError> {
    match host {
        Host::Ipv4(ip) => connect_to(SocketAddr::new(IpAddr::V4(*ip), port)).await,
        Host::Ipv6(ip) => connect_to(SocketAddr::new(IpAddr::V6(*ip), port)).await,
        Host::Domain(_) if is_loopback(host) => {
            connect_to(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)).await
        }
        Host::Domain(name) => {
            let addresses: Vec<_> = tokio::net::lookup_host((*name, port)).await.map_err(DialError::Resolve)?.collect();
            TcpStream::connect(addresses.as_slice()).await.map_err(DialError::Connect)
        }
    }
}

async fn connect_to(address: SocketAddr) -> Result<TcpStream, DialError> {
    TcpStream::connect(address).await.map_err(DialError::Connect)
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
