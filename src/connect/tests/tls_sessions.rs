//! TLS sessions towards host applications: as a connection may be told by its session, no connection takes up another's.

use std::sync::atomic::AtomicBool;

use rustls::{HandshakeKind, ServerConfig};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::tls::testing::Authority;

#[tokio::test]
async fn a_new_connection_is_a_new_tls_session() {
    let authority = Authority::new();
    let key = Arc::clone(authority.leaf(&["localhost"]).identity().certified_key());
    let resolver = rustls::sign::SingleCertAndKey::from(key);
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let url = Url::parse(&format!("https://localhost:{}", listener.local_addr().unwrap().port())).unwrap();
    let (handshakes, is_resumed) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
    let seen = (Arc::clone(&handshakes), Arc::clone(&is_resumed));
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let mut stream = acceptor.accept(tcp).await.unwrap();
            seen.0.fetch_add(1, Ordering::SeqCst);
            seen.1.fetch_or(stream.get_ref().1.handshake_kind() != Some(HandshakeKind::Full), Ordering::SeqCst);
            let mut buffer = [0; 1024];
            drop(stream.read(&mut buffer).await);
            let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
            drop(stream.write_all(answer.as_bytes()).await);
            drop(stream.shutdown().await);
        }
    });
    let at = crate::forward::Upstream { tls: authority.roots().into(), ..url.into() };
    let pool = pool(|_| {});
    for _ in 0..3 {
        assert_eq!(text(pool.send(&at, || head("GET"), empty(), HEAD_MAX).await.unwrap()).await, "ok");
    }
    assert_eq!((handshakes.load(Ordering::SeqCst), is_resumed.load(Ordering::SeqCst)), (3, false));
}
