//! One browser's end of a connection: where it is, who answers, and how long anything may take.

use std::{future::Future, io, sync::Arc, time::Duration};

use http::{Request, Response};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    body::{Body, Resting, Upload},
    connect::PinSlot,
    limits,
    request::ClientConnection,
};

/// Answers requests; one value per worker.
pub(crate) trait Handler: Send + Sync + 'static {
    /// Answers one request. A body that ends with an error cuts the connection.
    ///
    /// # Cancel safety
    /// The future is dropped when the browser leaves.
    fn handle(
        &self,
        request: Request<Upload>,
        connection: &ClientConnection,
        beside: Beside<'_>,
    ) -> impl Future<Output = Response<Body>> + Send;

    /// Hears of an HTTP/1 request that nobody could read: hyper has answered it and ended the connection. Or of a connection that ended
    /// for its PROXY header or its TLS handshake.
    fn unreadable(&self, _why: Unreadable, _connection: &ClientConnection) {}
}

/// What the client connection has for a request, beside its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Beside<'c> {
    /// What it keeps for itself; none where its requests run side by side.
    pub(crate) pins: Option<&'c PinSlot>,
    /// Where the handler says what the answer rests on: it is cut with that, also while the browser takes nothing of it.
    pub(crate) resting: &'c Resting,
    /// Its target was one that nobody here can hold, and has been taken out: it gets a page of ours that says so.
    pub(crate) has_unreadable_target: bool,
}

/// Why hyper answered a request itself, or a connection ended before its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// 431 or 414: the head, or its target, is beyond the limits.
    TooLarge,
    /// 400: this is no HTTP/1.
    Malformed,
    /// No PROXY header where one is wanted, or not in time; there is no answer.
    ProxyHeader,
    /// A connection of somebody whose PROXY header would not count; there is no answer.
    UntrustedPeer,
    /// A TLS handshake that came to nothing: no TLS at all, no version or suite in common, a certificate that the client refuses.
    Handshake,
}

impl Unreadable {
    /// Its stable name.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "head_too_large",
            Self::Malformed => "bad_head",
            Self::ProxyHeader => "bad_proxy_header",
            Self::UntrustedPeer => "untrusted_peer",
            Self::Handshake => "bad_handshake",
        }
    }

    /// Reads it off the end of a connection; other ends are none.
    pub(super) fn of(error: &hyper::Error) -> Option<Self> {
        if error.is_parse_too_large() {
            return Some(Self::TooLarge);
        }
        error.is_parse().then_some(Self::Malformed)
    }

    /// Reads it off a handshake. That a connection ended, or nothing came in time, is none: so do health checks and scans of ports.
    pub(super) fn of_handshake(error: &io::Error) -> Option<Self> {
        (error.kind() == io::ErrorKind::InvalidData).then_some(Self::Handshake)
    }
}

/// Bounds of a listener; the default is that of [`limits`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListenLimits {
    /// A whole PROXY header.
    pub(crate) proxy_header: Duration,
    /// A whole TLS handshake.
    pub(crate) handshake: Duration,
    /// A wait for a request head: for the first from the beginning, for a later one from its first byte.
    pub(crate) head: Duration,
    /// The idle time of a kept connection; a later head may not take longer either.
    pub(crate) idle: Duration,
    /// A wait for the browser to take bytes.
    pub(crate) write: Duration,
    /// After the stop: how long idle connections stay open.
    pub(crate) idle_grace: Duration,
    /// After the stop: how long requests in flight may take.
    pub(crate) drain: Duration,
    /// Connections of all workers together.
    pub(crate) connections: usize,
}

impl Default for ListenLimits {
    fn default() -> Self {
        Self {
            proxy_header: limits::PROXY_HEADER_TIMEOUT,
            handshake: limits::TLS_HANDSHAKE_TIMEOUT,
            head: limits::REQUEST_HEAD_TIMEOUT,
            idle: limits::IDLE_TIMEOUT,
            write: limits::CLIENT_IDLE_TIMEOUT,
            idle_grace: limits::DRAIN_IDLE_GRACE,
            drain: limits::DRAIN_TIMEOUT,
            connections: limits::CONNECTIONS_MAX,
        }
    }
}

/// On which connection is served, by whom, and how long.
pub(super) struct Client<H> {
    pub(super) connection: ClientConnection,
    pub(super) handler: Arc<H>,
    pub(super) bounds: ListenLimits,
    pub(super) stop: CancellationToken,
}

impl<H> Client<H> {
    /// Ends some time after the stop: what has not come to a request by then will not.
    pub(super) async fn is_late(&self) {
        self.stop.cancelled().await;
        sleep(self.bounds.idle_grace).await;
    }
}
