//! Through a proxy: a stand-in that leads every name to one server, as a proxy's own resolver would.

use std::{net::SocketAddr, sync::Mutex};

use tokio::io::copy_bidirectional;

use super::*;
use crate::{
    connect::DialError,
    proxy::OutboundProxy,
    tls::{TlsFault, testing::Authority},
};

const LIMIT: Duration = Duration::from_secs(5);

/// A proxy, and the heads that it was asked with.
struct StandIn {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl StandIn {
    /// Answers `CONNECT` with these bytes, and leads to `server` then.
    async fn start(answer: &'static str, server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, heads) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<String>>>::default());
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let seen = Arc::clone(&seen);
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(client.read_u8().await.unwrap());
                    }
                    seen.lock().unwrap().push(String::from_utf8(head).unwrap());
                    client.write_all(answer.as_bytes()).await.unwrap();
                    if answer.starts_with("HTTP/1.1 2") {
                        let mut server = TcpStream::connect(server).await.unwrap();
                        drop(copy_bidirectional(&mut client, &mut server).await);
                    }
                });
            }
        });
        Self { address, heads }
    }

    fn proxy(&self) -> OutboundProxy {
        OutboundProxy::parse(&self.address.to_string()).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.heads.lock().unwrap().iter().map(|head| head.lines().next().unwrap().to_owned()).collect()
    }
}

const TAKEN: &str = "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n";

fn address_of(upstream: &Upstream) -> SocketAddr {
    let url = &upstream.at.url;
    format!("{}:{}", url.host_str().unwrap(), url.port().unwrap()).parse().unwrap()
}

#[tokio::test]
async fn an_upstream_behind_a_proxy_is_asked_by_its_name_and_kept() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let stand_in = StandIn::start(TAKEN, address_of(&upstream)).await;
    let at = crate::forward::Upstream {
        proxy: Some(stand_in.proxy().shown("user:password")),
        ..Url::parse("http://app.internal.example").unwrap().into()
    };
    let pool = pool(|_| {});
    for _ in 0..2 {
        let answer = pool.send(&at, || head("GET"), empty(), LIMIT).await.unwrap();
        assert_eq!(text(answer).await, "ok");
    }
    assert_eq!(stand_in.asked(), ["CONNECT app.internal.example:80 HTTP/1.1"], "one connection for both");
    assert!(stand_in.heads.lock().unwrap()[0].contains("Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n"));
    assert_eq!(upstream.counts(), (1, 2));
}

#[tokio::test]
async fn this_machine_and_what_is_excepted_are_never_behind_a_proxy() {
    let upstream = Upstream::start(&[&[WHOLE]]).await;
    let stand_in = StandIn::start(TAKEN, address_of(&upstream)).await;
    let port = address_of(&upstream).port();
    let dialer = Dialer::with_system_roots().unwrap().through(Some(&stand_in.proxy().but_for(["192.0.2.0/24"])));
    for host in ["127.0.0.1", "localhost", "app.localhost"] {
        let url = Url::parse(&format!("http://{host}:{port}")).unwrap();
        assert!(dialer.dial(&url, LIMIT).await.is_ok(), "{host}");
    }
    let excepted = Url::parse("http://192.0.2.1").unwrap();
    drop(dialer.dial(&excepted, Duration::from_millis(50)).await);
    assert_eq!(stand_in.asked(), Vec::<String>::new());
    drop(dialer.dial(&Url::parse("http://198.51.100.1").unwrap(), LIMIT).await.unwrap());
    assert_eq!(stand_in.asked(), ["CONNECT 198.51.100.1:80 HTTP/1.1"]);
}

#[tokio::test]
async fn what_a_proxy_says_in_place_of_a_connection_is_named_with_where_it_is_and_what_was_wanted() {
    let nowhere = "127.0.0.1:1".parse().unwrap();
    for (answer, words) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "it asks for other credentials (407)"),
        ("HTTP/1.1 403 Forbidden by <policy>\r\n\r\n", "it answers with status 403"),
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n", "it does not answer in http"),
    ] {
        let stand_in = StandIn::start(answer, nowhere).await;
        let dialer = Dialer::with_system_roots().unwrap().through(Some(&stand_in.proxy()));
        let error = dialer.dial(&Url::parse("https://idp.example:8443").unwrap(), LIMIT).await.err().unwrap();
        let expected = format!("proxy {} does not connect to idp.example:8443: {words}", stand_in.address);
        assert_eq!(error.to_string(), expected);
    }
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let proxy = OutboundProxy::parse(&format!("127.0.0.1:{port}")).unwrap();
    let dialer = Dialer::with_system_roots().unwrap().through(Some(&proxy));
    let error = dialer.dial(&Url::parse("https://idp.example").unwrap(), LIMIT).await.err().unwrap();
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
}

#[tokio::test]
async fn tls_is_with_the_server_behind_the_proxy_and_by_its_name() {
    let authority = Authority::new();
    let server = dial::server(&authority.leaf(&["idp.example"]), None).await;
    let stand_in = StandIn::start(TAKEN, server).await;
    let dialer = Dialer::with_system_roots().unwrap().trusting(Some(&authority.roots())).unwrap();
    let dialer = dialer.through(Some(&stand_in.proxy()));
    assert!(dialer.dial(&Url::parse("https://idp.example").unwrap(), LIMIT).await.is_ok());
    let error = dialer.dial(&Url::parse("https://other.example").unwrap(), LIMIT).await.err().unwrap();
    assert!(matches!(error, DialError::Tls { fault: TlsFault::Name, .. }), "{error}");
    assert_eq!(stand_in.asked(), ["CONNECT idp.example:443 HTTP/1.1", "CONNECT other.example:443 HTTP/1.1"]);
}
