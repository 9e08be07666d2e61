//! The listener over raw sockets, with a handler that admits as the gateway does.

mod http2;
mod life;
mod proxied;
mod proxy;
mod tls;
mod wire;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures_util::{StreamExt, stream};
use http::{Request, Response, StatusCode, header};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio_util::sync::CancellationToken;

use crate::{
    body::{Body, BodyError, Upload, full, request_body},
    listen::{Beside, Handler, ListenLimits, ServerTls, Workers, bind, serve},
    request::{ClientConnection, HeaderRules, admit},
};

/// Answers with what it admitted: `METHOD TARGET BODY-LENGTH`.
struct Echo;

impl Handler for Echo {
    async fn handle(&self, request: Request<Upload>, from: &ClientConnection, beside: Beside<'_>) -> Response<Body> {
        if beside.has_unreadable_target {
            return refusal();
        }
        let (parts, body) = request.into_parts();
        let Ok(admitted) = admit(parts, from).and_then(|request| request.screen(&HeaderRules::default())) else {
            return refusal();
        };
        let admitted = admitted.request;
        match admitted.target.path.as_str() {
            "/panic" => panic!("a bug in a handler"),
            "/broken" => return broken(false),
            "/broken-length" => return broken(true),
            "/endless" => return endless(),
            "/peer" => return Response::new(full(format!("{}\n", admitted.peer.client))),
            "/slow" => tokio::time::sleep(Duration::from_millis(300)).await,
            "/hang" => std::future::pending().await,
            "/left" => {
                let _mark = DropMark;
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        match request_body(body, Duration::from_millis(200), None).collect().await {
            Ok(body) => {
                let length = body.to_bytes().len();
                Response::new(full(format!("{} {} {length}\n", admitted.method, admitted.target)))
            }
            Err(_) => refusal(),
        }
    }
}

/// Says that a handler's future was dropped.
struct DropMark;

static DROPS: AtomicUsize = AtomicUsize::new(0);

impl Drop for DropMark {
    fn drop(&mut self) {
        DROPS.fetch_add(1, Ordering::SeqCst);
    }
}

fn refusal() -> Response<Body> {
    let mut answer = Response::new(full("refused\n"));
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer.headers_mut().insert(header::CONNECTION, "close".parse().unwrap());
    answer
}

fn broken(has_length: bool) -> Response<Body> {
    let death = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err(BodyError::Cut("the upstream died"))
    };
    let pieces = stream::once(async { Ok(Frame::data("first".into())) }).chain(stream::once(death));
    let mut answer = Response::new(StreamBody::new(pieces).boxed_unsync());
    if has_length {
        answer.headers_mut().insert(header::CONTENT_LENGTH, "50".parse().unwrap());
    }
    answer
}

fn endless() -> Response<Body> {
    let piece = || Ok::<_, BodyError>(Frame::data(vec![b'x'; 64 * 1024].into()));
    Response::new(StreamBody::new(stream::iter(std::iter::repeat_with(piece))).boxed_unsync())
}

struct Server {
    running: Option<Workers>,
    address: SocketAddr,
    stop: CancellationToken,
}

impl Server {
    fn start() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut ListenLimits)) -> Self {
        Self::with_tls(change, None)
    }

    fn with_tls(change: impl FnOnce(&mut ListenLimits), tls: Option<ServerTls>) -> Self {
        let mut bounds = ListenLimits::default();
        change(&mut bounds);
        let stop = CancellationToken::new();
        let bound = bind("127.0.0.1:0".parse().unwrap(), 2).unwrap().with_tls(tls);
        let address = bound.local_address();
        let running = serve(bound, |_| Echo, bounds, &stop).unwrap();
        Self { address, running: Some(running), stop }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    /// Sends bytes and reads until the server closes.
    fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        read_to_close(&mut stream)
    }

    fn join(&mut self) {
        self.running.take().unwrap().join();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn read_to_close(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset after the bytes is a close, too; a timeout is not.
    if let Err(error) = stream.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "not closed: {bytes:?}");
    }
    String::from_utf8(bytes).unwrap()
}

fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let (mut text, mut byte) = (String::new(), [0]);
    while !text.ends_with(end) {
        stream.read_exact(&mut byte).unwrap();
        text.push(char::from(byte[0]));
    }
    text
}
