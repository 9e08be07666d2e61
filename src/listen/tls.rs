//! TLS on the public address: which certificate, which protocol.

use std::{fmt, io, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    server::{ClientHello, NoServerSessionStorage, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::timed_stream::TimedStream;
use crate::tls::TlsIdentity;

/// Certificates and what a handshake offers. Clones share the certificates.
#[derive(Clone)]
pub(crate) struct ServerTls {
    acceptor: TlsAcceptor,
    certificates: Arc<Certificates>,
}

/// What the handshake agreed on (RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

impl ServerTls {
    /// TLS 1.2 and 1.3 with these certificates; the first is for whom no other fits.
    ///
    /// # Errors
    /// When the TLS library has no usable protocol version, or no randomness for its ticket keys.
    pub(crate) fn new(identities: Vec<TlsIdentity>) -> Result<Self, rustls::Error> {
        let certificates = Arc::new(Certificates(ArcSwap::from_pointee(identities)));
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Certificates>::clone(&certificates);
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // Tickets of this process alone: every worker resumes, and nothing is kept per visitor. No early data (0-RTT):
        // it can be replayed (RFC 8446 8).
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = aws_lc_rs::Ticketer::new()?;
        config.max_early_data_size = 0;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificates })
    }

    /// Takes other certificates for every handshake from now on; open connections keep theirs.
    pub(crate) fn replace(&self, identities: Vec<TlsIdentity>) {
        self.certificates.0.store(Arc::new(identities));
    }

    /// The certificates in force.
    #[must_use]
    pub(crate) fn in_force(&self) -> Arc<Vec<TlsIdentity>> {
        self.certificates.0.load_full()
    }

    /// Shakes hands, all steps together within `limit`.
    pub(super) async fn accept(
        &self,
        stream: TimedStream,
        limit: Duration,
    ) -> io::Result<(TlsStream<TimedStream>, Protocol)> {
        let stream = timeout(limit, self.acceptor.accept(stream)).await??;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok((stream, if is_http2 { Protocol::Http2 } else { Protocol::Http1 }))
    }
}

impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerTls")
    }
}

/// The certificates in force.
#[derive(Debug)]
struct Certificates(ArcSwap<Vec<TlsIdentity>>);

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let identities = self.0.load();
        let fits = |identity: &&TlsIdentity, name| {
            identity.covers(name) && identity.certified_key().key.choose_scheme(hello.signature_schemes()).is_some()
        };
        let named = hello.server_name().and_then(|name| identities.iter().find(|identity| fits(identity, name)));
        named.or_else(|| identities.first()).map(|identity| Arc::clone(identity.certified_key()))
    }
}
