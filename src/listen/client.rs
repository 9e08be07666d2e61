//! One browser's end of a connection: who it is, who answers, and how long anything may take.

use std::{future::Future, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::body::Incoming;
use tokio_util::sync::CancellationToken;

use crate::{connect::Body, limits, request::Peer};

/// Answers requests; one value per worker.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. A body that ends with an error cuts the connection.
    ///
    /// # Cancel safety
    /// The future is dropped when the browser leaves.
    fn handle(&self, request: Request<Incoming>, peer: Peer) -> impl Future<Output = Response<Body>> + Send;
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
    pub(super) peer: Peer,
    pub(super) handler: Arc<H>,
    pub(super) bounds: ListenLimits,
    pub(super) stop: CancellationToken,
}
