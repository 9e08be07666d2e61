//! TLS in front of the listener: which certificate, which protocol, handshakes that never end.

use std::{
    io::{self, Read, Write},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{Server, read_to_close};
use crate::{
    listen::{ListenLimits, ServerTls},
    tls::testing::Authority,
};

const SHORT: Duration = Duration::from_millis(150);

/// A listener with TLS for `crm.example.com` and `*.apps.example.com`, in this order.
pub(super) struct Secure {
    pub(super) server: Server,
    pub(super) tls: ServerTls,
    pub(super) authority: Authority,
}

impl Secure {
    pub(super) fn start() -> Self {
        Self::with(|_| {})
    }

    pub(super) fn with(change: impl FnOnce(&mut ListenLimits)) -> Self {
        let authority = Authority::new();
        let identities = [["crm.example.com"], ["*.apps.example.com"]].map(|names| authority.leaf(&names).identity());
        let tls = ServerTls::new(identities.to_vec()).unwrap();
        Self { server: Server::with_tls(change, Some(tls.clone())), tls, authority }
    }

    /// A connection of a browser that asks for `name` and offers these protocols.
    pub(super) async fn connect(&self, name: &str, protocols: &[&str]) -> io::Result<TlsStream<TcpStream>> {
        connect(self.server.address, &self.authority, name, protocols).await
    }
}

async fn connect(
    address: SocketAddr,
    authority: &Authority,
    name: &str,
    protocols: &[&str],
) -> io::Result<TlsStream<TcpStream>> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(Arc::clone(authority.roots().store()))
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let tcp = TcpStream::connect(address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned()).unwrap(), tcp).await
}

/// One request on a connection that then closes.
async fn ask(mut stream: TlsStream<TcpStream>) -> String {
    stream.write_all(b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn without_a_protocol_of_ours_it_is_http_1_1() {
    let secure = Secure::start();
    for protocols in [&[][..], &["http/1.1"], &["http/1.1", "spdy/3"]] {
        let answer = ask(secure.connect("crm.example.com", protocols).await.unwrap()).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("GET /a 0\n"), "{protocols:?}: {answer}");
    }
    let stream = secure.connect("crm.example.com", &["http/1.1", "h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]), "our order counts");
    // RFC 7301 3.2: no common protocol ends the handshake.
    assert!(secure.connect("crm.example.com", &["spdy/3"]).await.is_err());
}

#[tokio::test]
async fn the_asked_name_picks_the_certificate_and_an_unknown_name_gets_the_first() {
    let secure = Secure::start();
    for name in ["crm.example.com", "CRM.example.com", "one.apps.example.com"] {
        assert!(secure.connect(name, &[]).await.is_ok(), "{name}");
    }
    for name in ["other.example.com", "apps.example.com", "127.0.0.1"] {
        let error = secure.connect(name, &[]).await.unwrap_err().to_string();
        assert!(error.contains("crm.example.com"), "{name} gets the first certificate: {error}");
    }
}

#[tokio::test]
async fn other_certificates_are_for_new_handshakes_and_open_connections_go_on() {
    let secure = Secure::start();
    let open = secure.connect("crm.example.com", &[]).await.unwrap();
    let other = Authority::new();
    secure.tls.replace(vec![other.leaf(&["crm.example.com"]).identity()]);
    assert!(secure.connect("crm.example.com", &[]).await.is_err());
    let new = connect(secure.server.address, &other, "crm.example.com", &[]).await.unwrap();
    for stream in [open, new] {
        assert!(ask(stream).await.ends_with("GET /a 0\n"));
    }
}

#[test]
fn a_handshake_that_never_ends_is_given_up() {
    let secure = Secure::with(|bounds| bounds.handshake = SHORT);
    // A record header that promises a ClientHello of 512 bytes, and its beginning.
    for start in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"] {
        let started = Instant::now();
        let mut stream = secure.server.connect();
        stream.write_all(start).unwrap();
        assert_eq!(read_to_close(&mut stream), "", "{start:?}");
        assert!((SHORT..40 * SHORT).contains(&started.elapsed()), "{start:?}: {:?}", started.elapsed());
    }
}

#[test]
fn what_is_no_tls_is_closed_at_once() {
    let secure = Secure::start();
    for bytes in [&b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..], b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0xFF; 64]] {
        let mut stream = secure.server.connect();
        let started = Instant::now();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{bytes:?}");
    }
}

#[tokio::test]
async fn at_the_stop_a_handshake_is_not_waited_for() {
    let mut secure = Secure::with(|bounds| bounds.idle_grace = SHORT);
    let silent = secure.server.connect();
    std::thread::sleep(SHORT);
    let started = Instant::now();
    secure.server.stop.cancel();
    secure.server.join();
    assert!(started.elapsed() < Duration::from_secs(5));
    drop(silent);
}
