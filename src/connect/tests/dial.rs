//! Dialling: every address of a name, whom TLS believes, and what is told where it fails.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    pki_types::CertificateDer,
    pki_types::pem::PemObject,
    server::WebPkiClientVerifier,
    sign::{CertifiedKey, SingleCertAndKey},
    version::{TLS12, TLS13},
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{
    connect::{DialError, causes},
    reason::Reason,
    tls::{
        CertificateChain, PinnedCertificates, TlsFault, TlsIdentity, Trust, UpstreamTls,
        testing::{Authority, Leaf, VERSION_1},
    },
};

const LIMIT: Duration = Duration::from_secs(5);

fn dialer() -> Dialer {
    Dialer::with_system_roots().unwrap()
}

async fn dial(dialer: &Dialer, url: &str) -> Result<(), DialError> {
    dialer.dial(&Url::parse(url).unwrap(), LIMIT).await.map(drop)
}

#[tokio::test]
async fn localhost_is_found_on_either_of_its_addresses() {
    let Ok(six) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await else {
        // This machine has no IPv6.
        return;
    };
    let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    for port in [six.local_addr().unwrap().port(), four.local_addr().unwrap().port()] {
        for host in ["localhost", "app.localhost"] {
            assert!(dial(&dialer(), &format!("http://{host}:{port}")).await.is_ok(), "{host}:{port}");
        }
    }
}

#[tokio::test]
async fn a_refusal_names_each_address_that_was_tried() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let text = dial(&dialer(), &format!("http://localhost:{port}")).await.unwrap_err().to_string();
    assert!(text.contains(&format!("127.0.0.1:{port}: ")) && text.contains(&format!("[::1]:{port}: ")), "{text}");
    let text = dial(&dialer(), &format!("http://127.0.0.1:{port}")).await.unwrap_err().to_string();
    assert!(text.starts_with(&format!("connection is refused or unreachable: 127.0.0.1:{port}: ")), "{text}");
}

/// A server with this certificate, which may ask for one of this CA.
pub(super) async fn server(
    leaf: &Leaf,
    asks_for: Option<(&Authority, &'static SupportedProtocolVersion)>,
) -> SocketAddr {
    let version = asks_for.map_or(&TLS12, |(_, version)| version);
    server_of(leaf.identity().certified_key(), (version, asks_for.map(|(authority, _)| authority))).await
}

async fn server_of(
    key: &Arc<CertifiedKey>,
    (version, asks_for): (&'static SupportedProtocolVersion, Option<&Authority>),
) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&[version]).unwrap();
    let builder = match asks_for {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(key))));
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(tcp).await else { return };
                if read_some(&mut stream).await {
                    drop(
                        stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok").await,
                    );
                }
                drop(stream.shutdown().await);
            });
        }
    });
    address
}

async fn read_some(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> bool {
    matches!(stream.read(&mut [0; 1024]).await, Ok(1..))
}

/// What an upstream at `address` answers, by this TLS.
async fn ask(address: SocketAddr, tls: UpstreamTls) -> Result<String, UpstreamError> {
    let url = Url::parse(&format!("https://{address}")).unwrap();
    let at = crate::forward::Upstream { tls, ..url.into() };
    Ok(text(pool(|_| {}).send(&at, || head("GET"), empty(), LIMIT).await?).await)
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_told_with_the_address_and_the_whole_chain_of_causes() {
    let (authority, other) = (Authority::new(), Authority::new());
    let good = authority.leaf(&["127.0.0.1"]);
    let old = authority.leaf_between(&["127.0.0.1"], (2020, 1, 1), (2021, 1, 1));
    let early = authority.leaf_between(&["127.0.0.1"], (2050, 1, 1), (2060, 1, 1));
    let pinned = Trust::Pinned(PinnedCertificates::parse(&old.certificate).unwrap());
    for (leaf, trust, fault, words) in [
        (&good, Trust::Roots(other.roots()), TlsFault::Signature, "BadSignature"),
        (&good, Trust::System, TlsFault::UnknownCa, "UnknownIssuer"),
        (&old, Trust::Roots(authority.roots()), TlsFault::Expired, "certificate expired"),
        (&early, Trust::Roots(authority.roots()), TlsFault::NotYetValid, "not valid yet"),
        (&authority.leaf(&["crm.internal"]), Trust::Roots(authority.roots()), TlsFault::Name, "crm.internal"),
        (&good, pinned, TlsFault::NotPinned, "ApplicationVerificationFailure"),
    ] {
        let address = server(leaf, None).await;
        let error = ask(address, UpstreamTls { trust, client: None }).await.unwrap_err();
        assert_eq!(error.reason(), Reason::UpstreamUnreachable);
        let text = causes(&error);
        assert!(text.starts_with(&format!("tls handshake failed at {address}: {fault}: invalid peer")), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn a_machine_without_cas_is_told_apart_from_a_ca_that_is_unknown() {
    let authority = Authority::new();
    let url = format!("https://{}", server(&authority.leaf(&["127.0.0.1"]), None).await);
    let bare = Dialer::with_roots(RootCertStore::empty()).unwrap();
    let of_application = |trust| bare.speaking(&UpstreamTls { trust, client: None }).unwrap();
    for dialer in [&bare, &of_application(Trust::System)] {
        let error = dial(dialer, &url).await.unwrap_err();
        assert!(matches!(error, DialError::Tls { fault: TlsFault::NoCas, .. }), "{error}");
    }
    assert!(dial(&of_application(Trust::Roots(authority.roots())), &url).await.is_ok());
}

#[tokio::test]
async fn who_takes_a_connection_and_says_nothing_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = Url::parse(&format!("https://{address}")).unwrap();
    let error = dialer().dial(&url, Duration::from_millis(200)).await.map(drop).unwrap_err();
    let expected = format!("no connection within 200ms: {address} takes connections, and did not answer on this one");
    assert_eq!(error.to_string(), expected);
    let error = UpstreamError::from(error);
    assert_eq!((error.reason(), causes(&error)), (Reason::UpstreamTimeout, expected));
}

#[tokio::test]
async fn what_old_tls_says_is_told_as_what_is_not_spoken() {
    const ALERTS: [(&[u8], TlsFault); 3] = [
        (&[21, 3, 1, 0, 2, 2, 70], TlsFault::Version),
        (&[21, 3, 3, 0, 2, 2, 40], TlsFault::Cipher),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", TlsFault::NotTls),
    ];
    for (bytes, expected) in ALERTS {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut tcp, _) = listener.accept().await.unwrap();
            read_some(&mut tcp).await;
            tcp.write_all(bytes).await.unwrap();
            // Until the other side has read it, and closes.
            while read_some(&mut tcp).await {}
        });
        let error = dial(&dialer(), &url).await.unwrap_err();
        assert!(matches!(error, DialError::Tls { fault, .. } if fault == expected), "{expected}: {error}");
    }
}

#[tokio::test]
async fn a_certificate_of_openssl_that_calls_itself_a_ca_is_taken_where_it_is_pinned() {
    let own = Authority::with_names(&["app.internal"]);
    let address = server(&own.as_leaf(), None).await;
    let pem = own.certificate();
    let pinned = UpstreamTls { trust: Trust::Pinned(PinnedCertificates::parse(&pem).unwrap()), client: None };
    assert_eq!(ask(address, pinned).await.unwrap(), "ok");
    let error = ask(address, own.roots().into()).await.unwrap_err();
    assert!(causes(&error).contains(&TlsFault::OfCa.to_string()), "{}", causes(&error));
}

/// As `openssl x509 -req` makes it without a word more.
#[tokio::test]
async fn a_certificate_of_version_1_is_taken_where_it_is_pinned_and_shown_where_one_is_asked_for() {
    let identity =
        || TlsIdentity::new("v1.pem", CertificateChain::of_client(VERSION_1.0).unwrap(), VERSION_1.1).unwrap();
    let pinned = Trust::Pinned(PinnedCertificates::parse(VERSION_1.0).unwrap());
    let tls = |client| UpstreamTls { trust: pinned.clone(), client };
    let own = identity();
    let own = own.certified_key();
    let other = Authority::with_names(&["app.internal"]).as_leaf().identity();
    let other = other.certified_key();
    // The certificate is no secret: who shows it must have its key.
    let stolen = Arc::new(CertifiedKey::new(own.cert.clone(), Arc::clone(&other.key)));
    for version in [&TLS12, &TLS13] {
        let address = server_of(own, (version, None)).await;
        assert_eq!(ask(address, tls(Some(identity()))).await.unwrap(), "ok", "{version:?}");
        for (key, fault) in [(other, TlsFault::NotPinned), (&stolen, TlsFault::Signature)] {
            let error = ask(server_of(key, (version, None)).await, tls(None)).await.unwrap_err();
            assert!(causes(&error).contains(&fault.to_string()), "{version:?}: {}", causes(&error));
        }
    }
}

#[tokio::test]
async fn an_upstream_that_asks_for_a_certificate_gets_the_gateways() {
    let (authority, people) = (Authority::new(), Authority::new());
    let identity = |authority: &Authority| {
        let leaf = authority.client();
        TlsIdentity::new("client.pem", CertificateChain::parse(&leaf.certificate).unwrap(), &leaf.private_key).unwrap()
    };
    let with = |client| UpstreamTls { trust: Trust::Roots(authority.roots()), client };
    for version in [&TLS12, &TLS13] {
        let address = server(&authority.leaf(&["127.0.0.1"]), Some((&people, version))).await;
        assert_eq!(ask(address, with(Some(identity(&people)))).await.unwrap(), "ok");
        for client in [None, Some(identity(&authority))] {
            let error = ask(address, with(client)).await.unwrap_err();
            let text = format!("{error}: {}", causes(&error));
            assert!(text.contains(&TlsFault::Client.to_string()), "{version:?}: {text}");
            assert_eq!(error.reason(), Reason::UpstreamUnreachable);
        }
    }
}

#[tokio::test]
async fn connections_of_one_client_certificate_are_never_lent_to_another() {
    let (one, other) = (Authority::new().client(), Authority::new().client());
    let of = |leaf: &Leaf| {
        let chain = CertificateChain::parse(&leaf.certificate).unwrap();
        let client = Some(TlsIdentity::new("client.pem", chain, &leaf.private_key).unwrap());
        let url = Url::parse("https://127.0.0.1:1").unwrap();
        crate::forward::Upstream { tls: UpstreamTls { trust: Trust::System, client }, ..url.into() }
    };
    assert_eq!(of(&one), of(&one));
    assert_ne!(of(&one), of(&other));
}
