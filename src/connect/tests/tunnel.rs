use std::convert::Infallible;

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    body::Standing,
    connect::{Tunnel, TunnelEnd, TunnelLimits},
    reason::Reason,
    request::VisitKind,
};

const SWITCH: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const HANDSHAKE: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const LONG: TunnelLimits = TunnelLimits { idle: Duration::from_secs(9), rest: None };

/// Stands until a moment.
struct Until(tokio::time::Instant);

impl Standing for Until {
    fn look(&self) -> Result<Duration, Reason> {
        let left = self.0.saturating_duration_since(tokio::time::Instant::now());
        if left.is_zero() { Err(Reason::NotSignedIn) } else { Ok(left) }
    }
}

/// A browser's side that has switched protocols, and how the tunnel ended.
struct Browser {
    stream: TcpStream,
    ends: mpsc::UnboundedReceiver<Result<TunnelEnd, UpstreamError>>,
    stop: CancellationToken,
}

/// A gateway of one connection: forwards the handshake to an upstream that answers with `head` and then echoes.
async fn browser(head: &'static str, limits: TunnelLimits) -> Browser {
    browser_that_asks(VisitKind::WebSocket, head, limits).await
}

async fn browser_that_asks(asked: VisitKind, head: &'static str, limits: TunnelLimits) -> Browser {
    let upstream = echo_after(head).await;
    let gateway = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(gateway.local_addr().unwrap()).await.unwrap();
    let (report, ends) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let pool = Arc::new(pool(|_| {}));
    let (accepted, _) = gateway.accept().await.unwrap();
    let tunnel_stop = stop.clone();
    tokio::spawn(async move {
        let service = service_fn(move |mut request: Request<Incoming>| {
            let (pool, upstream, report, stop, limits) =
                (Arc::clone(&pool), upstream.clone(), report.clone(), tunnel_stop.clone(), limits.clone());
            async move {
                let client = hyper::upgrade::on(&mut request);
                let (head, _) = request.into_parts();
                let mut answer = pool.send(&upstream.into(), || head.clone(), empty(), HEAD_MAX).await.unwrap();
                match Tunnel::new(client, asked, &mut answer) {
                    Ok(tunnel) => drop(tokio::spawn(async move { report.send(Ok(tunnel.run(limits, stop).await)) })),
                    Err(error) => report.send(Err(error)).unwrap(),
                }
                Ok::<_, Infallible>(answer)
            }
        });
        drop(http1::Builder::new().serve_connection(TokioIo::new(accepted), service).with_upgrades().await);
    });
    stream.write_all(HANDSHAKE).await.unwrap();
    Browser { stream, ends, stop }
}

async fn echo_after(head: &'static str) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(read_head(&mut stream).await);
        stream.write_all(head.as_bytes()).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        drop(tokio::io::copy(&mut reader, &mut writer).await);
    });
    url
}

#[tokio::test]
async fn bytes_go_both_ways_until_the_browser_closes() {
    let mut browser = browser(SWITCH, LONG).await;
    assert!(read_head(&mut browser.stream).await);
    for text in [b"ping", b"pong"] {
        browser.stream.write_all(text).await.unwrap();
        let mut echoed = [0; 4];
        browser.stream.read_exact(&mut echoed).await.unwrap();
        assert_eq!(&echoed, text);
    }
    browser.stream.shutdown().await.unwrap();
    assert_eq!(browser.stream.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(browser.ends.recv().await.unwrap().unwrap(), TunnelEnd::Closed);
}

#[tokio::test]
async fn silence_the_sessions_end_and_the_stop_end_a_tunnel() {
    let short = Duration::from_millis(40);
    let end = tokio::time::Instant::now() + short;
    for (limits, is_stopped, expected) in [
        (TunnelLimits { idle: short, ..LONG }, false, TunnelEnd::Idle),
        (TunnelLimits { rest: Some(Arc::new(Until(end))), ..LONG }, false, TunnelEnd::Ended(Reason::NotSignedIn)),
        (LONG, true, TunnelEnd::Stopped),
    ] {
        let mut browser = browser(SWITCH, limits).await;
        assert!(read_head(&mut browser.stream).await);
        if is_stopped {
            browser.stop.cancel();
        }
        assert_eq!(browser.ends.recv().await.unwrap().unwrap(), expected);
        assert_eq!(browser.stream.read(&mut [0]).await.unwrap_or(0), 0);
    }
}

#[tokio::test]
async fn a_switch_to_anything_but_websocket_is_refused() {
    let h2c = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    let mut browser = browser(h2c, LONG).await;
    assert!(matches!(browser.ends.recv().await.unwrap(), Err(UpstreamError::Unasked)));
}

#[tokio::test]
async fn a_switch_that_a_visit_did_not_ask_for_is_refused() {
    let mut browser = browser_that_asks(VisitKind::Fetch, SWITCH, LONG).await;
    assert!(matches!(browser.ends.recv().await.unwrap(), Err(UpstreamError::Unasked)));
}
