//! Pool and tunnels against upstreams that do, byte for byte, what a test says.

mod dial;
mod late_uploads;
mod mended;
mod pinned;
mod pool;
mod proxied;
mod repeats;
mod tls_sessions;
mod tunnel;
mod waits;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Request, Response, request::Parts};
use http_body_util::BodyExt;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

use super::{Dialer, PoolLimits, UpstreamError, UpstreamPool};
use crate::{
    body::{Body, empty},
    forward::Waits,
};

/// What an upstream does after it has read a request head.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Writes these bytes and goes on.
    Write(&'static str),
    /// Waits so many milliseconds.
    Wait(u64),
    /// Closes.
    Close,
}

/// The n-th request of each connection gets the n-th list of acts; the last list is for all further ones.
type Script = &'static [&'static [Act]];

struct Upstream {
    at: crate::forward::Upstream,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

const WHOLE: Act = Act::Write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");

impl Upstream {
    async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let upstream = Self { at: url.into(), connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (Arc::clone(&upstream.connections), Arc::clone(&upstream.requests));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(play(stream, script, Arc::clone(&requests)));
            }
        });
        upstream
    }

    fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }
}

async fn play(mut stream: TcpStream, script: Script, requests: Arc<AtomicUsize>) {
    for turn in 0.. {
        if !read_head(&mut stream).await {
            return;
        }
        requests.fetch_add(1, Ordering::SeqCst);
        for act in *script.get(turn).unwrap_or_else(|| script.last().unwrap()) {
            match act {
                Act::Write(bytes) => stream.write_all(bytes.as_bytes()).await.unwrap(),
                Act::Wait(millis) => tokio::time::sleep(Duration::from_millis(*millis)).await,
                Act::Close => return,
            }
        }
    }
}

/// Reads to the end of a head; whether there was one.
async fn read_head(stream: &mut TcpStream) -> bool {
    let mut last = [0; 4];
    while &last != b"\r\n\r\n" {
        last.rotate_left(1);
        if stream.read_exact(&mut last[3..]).await.is_err() {
            return false;
        }
    }
    true
}

fn pool(change: impl FnOnce(&mut PoolLimits)) -> UpstreamPool {
    let mut limits = PoolLimits::default();
    change(&mut limits);
    UpstreamPool::with_limits(Dialer::with_system_roots().unwrap(), limits)
}

fn head(method: &str) -> Parts {
    Request::builder().method(method).uri("/a").header("host", "a.example").body(()).unwrap().into_parts().0
}

const HEAD_MAX: Duration = Duration::from_millis(300);

/// The waits of a test whose upstream is quick, or silent.
fn waits() -> Waits {
    Waits { answer: HEAD_MAX, ..Waits::default() }
}

async fn send(pool: &UpstreamPool, upstream: &Upstream, method: &str) -> Result<Response<Body>, UpstreamError> {
    pool.send(&upstream.at, || head(method), empty(), HEAD_MAX).await
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
