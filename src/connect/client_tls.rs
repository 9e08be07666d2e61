//! The TLS of connections that the gateway opens.

use std::{net::IpAddr, sync::Arc};

use rustls::{
    ClientConfig, NamedGroup, RootCertStore,
    client::Resumption,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::ServerName,
    sign::SingleCertAndKey,
};
use tokio_rustls::TlsConnector;
use url::Host;

use crate::tls::{Trust, UpstreamTls};

/// Who is greeted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Greeted {
    /// A provider, on the internet: today's TLS.
    Provider,
    /// A host application, which may be as old as any.
    HostApplication,
}

/// How connections are made to such a one, which believe and show this.
///
/// # Errors
/// When the TLS library has no usable protocol version.
pub(super) fn connector(
    greeted: Greeted,
    tls: &UpstreamTls,
    system: &Arc<RootCertStore>,
) -> Result<TlsConnector, rustls::Error> {
    let builder =
        ClientConfig::builder_with_provider(Arc::new(cryptography(greeted))).with_safe_default_protocol_versions()?;
    let builder = match &tls.trust {
        Trust::System => builder.with_root_certificates(Arc::clone(system)),
        Trust::Roots(roots) => builder.with_root_certificates(Arc::clone(roots.store())),
        Trust::Pinned(pinned) => builder.dangerous().with_custom_certificate_verifier(pinned.verifier()),
    };
    let mut config = match &tls.client {
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

/// A key share that no quantum computer breaks makes a greeting of two segments, and there are appliances that read only the first:
/// they hang, or reset the connection. A host application hears that it may have such a share, and gets it where it asks.
fn cryptography(greeted: Greeted) -> CryptoProvider {
    let mut cryptography = aws_lc_rs::default_provider();
    match greeted {
        Greeted::Provider => {}
        Greeted::HostApplication => {
            cryptography.kx_groups.sort_by_key(|group| group.name() == NamedGroup::X25519MLKEM768);
        }
    }
    cryptography
}

pub(super) fn server_name(host: &Host<&str>) -> Option<ServerName<'static>> {
    match host {
        Host::Ipv4(ip) => Some(ServerName::IpAddress(IpAddr::V4(*ip).into())),
        Host::Ipv6(ip) => Some(ServerName::IpAddress(IpAddr::V6(*ip).into())),
        Host::Domain(name) => ServerName::try_from((*name).to_owned()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::AsyncReadExt,
        net::{TcpListener, TcpStream},
    };

    use super::*;

    /// The greeting that a server of this name gets.
    async fn greeting(greeted: Greeted, name: &str) -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let connector = connector(greeted, &UpstreamTls::default(), &Arc::new(RootCertStore::empty())).unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let greets = tokio::spawn(async move { drop(connector.connect(name, tcp).await) });
        let (mut server, _) = listener.accept().await.unwrap();
        let mut head = [0; 5];
        server.read_exact(&mut head).await.unwrap();
        let mut greeting = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
        server.read_exact(&mut greeting).await.unwrap();
        greets.abort();
        greeting
    }

    #[tokio::test]
    async fn a_host_application_is_greeted_in_one_segment() {
        const SEGMENT_BYTES: usize = 1_200;
        let name = format!("{}.example", "a".repeat(60));
        assert!(greeting(Greeted::HostApplication, &name).await.len() < SEGMENT_BYTES / 2);
        assert!(greeting(Greeted::Provider, &name).await.len() > SEGMENT_BYTES);
    }

    #[test]
    fn a_host_application_hears_of_every_group_that_a_provider_does() {
        let names = |greeted| {
            let mut names: Vec<_> = cryptography(greeted).kx_groups.iter().map(|group| group.name()).collect();
            let first = names[0];
            names.sort_by_key(|name| u16::from(*name));
            (first, names)
        };
        let (of_provider, of_application) = (names(Greeted::Provider), names(Greeted::HostApplication));
        assert_eq!((of_provider.0, of_application.0), (NamedGroup::X25519MLKEM768, NamedGroup::X25519));
        assert_eq!(of_provider.1, of_application.1);
    }
}
