//! One browser connection from its first byte to its last.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::{net::TcpStream, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{ServerTls, http1, http2, timed_stream::TimedStream, tls::Protocol};
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
    /// A whole TLS handshake.
    pub handshake: Duration,
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
            handshake: limits::TLS_HANDSHAKE_TIMEOUT,
            head: limits::REQUEST_HEAD_TIMEOUT,
            write: limits::CLIENT_IDLE_TIMEOUT,
            idle_grace: limits::DRAIN_IDLE_GRACE,
            drain: limits::DRAIN_TIMEOUT,
            connections: limits::CONNECTIONS_MAX,
        }
    }
}

/// Who is served, by whom, and how long.
pub(super) struct Client<H> {
    pub(super) peer: SocketAddr,
    pub(super) handler: Arc<H>,
    pub(super) bounds: ListenLimits,
    pub(super) stop: CancellationToken,
}

/// Serves a connection until it ends, or until it has been drained after the stop.
pub(super) async fn serve_connection<H: Handler>(tcp: TcpStream, tls: Option<ServerTls>, client: Client<H>) {
    // Streamed answers go out piece by piece.
    if tcp.set_nodelay(true).is_err() {
        return;
    }
    let is_cut = Arc::new(AtomicBool::new(false));
    let stream = TimedStream::new(tcp, client.bounds.write, Arc::clone(&is_cut));
    let Some(tls) = tls else { return http1::serve(stream, is_cut, client).await };
    let accepted = tokio::select! {
        accepted = tls.accept(stream, client.bounds.handshake) => accepted,
        () = sleep_after(&client.stop, client.bounds.idle_grace) => return,
    };
    // A handshake that fails is the browser's affair: rustls has sent it the alert.
    match accepted {
        Ok((stream, Protocol::Http1)) => http1::serve(stream, is_cut, client).await,
        Ok((stream, Protocol::Http2)) => http2::serve(stream, client).await,
        Err(_) => {}
    }
}

/// Ends some time after the stop.
async fn sleep_after(stop: &CancellationToken, pause: Duration) {
    stop.cancelled().await;
    sleep(pause).await;
}
