//! One browser connection from its first byte to its last.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpStream, time::timeout};
use tokio_util::sync::CancellationToken;

use super::timed_stream::TimedStream;
use crate::{connect::Body, limits};

/// Answers requests; one value per worker.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. A body that ends with an error cuts the connection.
    ///
    /// # Cancel safety
    /// The future is dropped when the browser leaves.
    fn handle(&self, request: Request<Incoming>, peer: SocketAddr) -> impl Future<Output = Response<Body>> + Send;
}

/// Bounds of a listener; the default is that of [`limits`].
#[derive(Debug, Clone, Copy)]
pub struct ListenLimits {
    /// A wait for a request head, and the idle time of a kept connection.
    pub head: Duration,
    /// A wait for the browser to take bytes.
    pub write: Duration,
    /// After the stop: how long idle connections stay open.
    pub idle_grace: Duration,
    /// After the stop: how long requests in flight may take.
    pub drain: Duration,
    /// Connections of all workers together.
    pub connections: usize,
}

impl Default for ListenLimits {
    fn default() -> Self {
        Self {
            head: limits::REQUEST_HEAD_TIMEOUT,
            write: limits::CLIENT_IDLE_TIMEOUT,
            idle_grace: limits::DRAIN_IDLE_GRACE,
            drain: limits::DRAIN_TIMEOUT,
            connections: limits::CONNECTIONS_MAX,
        }
    }
}

/// Serves a connection until it ends, or until it has been drained after the stop.
pub(super) async fn serve_connection<H: Handler>(
    tcp: TcpStream,
    peer: SocketAddr,
    handler: Arc<H>,
    bounds: ListenLimits,
    stop: CancellationToken,
) {
    // Streamed answers go out piece by piece.
    if tcp.set_nodelay(true).is_err() {
        return;
    }
    let is_cut = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request: Request<Incoming>| {
        let (handler, stop, is_cut) = (Arc::clone(&handler), &stop, &is_cut);
        async move {
            let version = request.version();
            let mut answer = handler.handle(request, peer).await;
            if stop.is_cancelled() {
                say_close(&mut answer);
            }
            Ok::<_, Infallible>(if version == Version::HTTP_10 { cut_by_reset(answer, is_cut) } else { answer })
        }
    });
    let io = TokioIo::new(TimedStream::new(tcp, bounds.write, Arc::clone(&is_cut)));
    let mut connection = pin!(builder(bounds).serve_connection(io, service).with_upgrades());
    // What a browser does wrong on the wire is answered by hyper; there is nothing to add here.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => {}
    }
    // A request may be on its way on an idle connection: it is answered with `Connection: close`.
    if timeout(bounds.idle_grace, connection.as_mut()).await.is_ok() {
        return;
    }
    connection.as_mut().graceful_shutdown();
    drop(timeout(bounds.drain.saturating_sub(bounds.idle_grace), connection).await);
}

fn builder(bounds: ListenLimits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Without a timer hyper's deadlines never strike.
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .max_header_size(limits::REQUEST_HEAD_BYTES_MAX)
        .max_buf_size(limits::REQUEST_HEAD_BYTES_MAX);
    builder
}

/// The end of the connection is the end of an HTTP/1.0 answer: a body that broke off must not end in good order.
fn cut_by_reset(answer: Response<Body>, is_cut: &Arc<AtomicBool>) -> Response<Body> {
    let is_cut = Arc::clone(is_cut);
    answer.map(|body| {
        body.map_err(move |error| {
            is_cut.store(true, Ordering::Relaxed);
            error
        })
        .boxed_unsync()
    })
}

fn say_close(answer: &mut Response<Body>) {
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// hyper's own limit is this one; set by name, it would cost an allocation for each request.
const _: () = assert!(limits::REQUEST_HEADERS_MAX == 100);
