//! A small HTTP/1.1 server on loopback: bind plainly, serve with deadlines, stop gracefully.

use std::{convert::Infallible, future::Future, io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{limits, time::UnixSeconds};

/// Why a stand-in does not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The port is in use, or may not be bound.
    #[error("port {port} on 127.0.0.1, wanted for {wanted_for}, cannot be bound; choose another base port")]
    Bind {
        /// The port.
        port: u16,
        /// What wanted it.
        wanted_for: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A key or a certificate for `--tls`.
    #[error("the certificates cannot be made")]
    Certificates(#[from] rcgen::Error),
    /// What was made is of no use.
    #[error("the certificates cannot be used")]
    Tls(#[from] rustls::Error),
    /// Six ports do not fit.
    #[error("base port {base} leaves no room for six ports; choose one from 1 to 65530")]
    Base {
        /// The base port.
        base: u16,
    },
}

/// Where the stand-ins take the time from.
#[derive(Clone)]
pub struct StandInClock(Arc<dyn Fn() -> UnixSeconds + Send + Sync>);

impl StandInClock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> UnixSeconds + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    #[must_use]
    pub(crate) fn now(&self) -> UnixSeconds {
        (self.0)()
    }
}

impl std::fmt::Debug for StandInClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StandInClock({})", self.now().0)
    }
}

/// The body of every answer.
pub(super) type StandInBody = UnsyncBoxBody<Bytes, Infallible>;

/// What answers the requests of one server.
pub(super) trait App: Send + Sync + 'static {
    /// The answer to one request.
    fn answer(&self, request: Request<Incoming>) -> impl Future<Output = Response<StandInBody>> + Send;
}

/// A bound port, and whether it speaks TLS.
pub(super) struct BoundPort {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl BoundPort {
    /// Speaks TLS there, if anything is given to do it with.
    pub(super) const fn with_tls(listener: TcpListener, tls: Option<TlsAcceptor>) -> Self {
        Self { listener, tls }
    }

    /// The origin of a name there.
    pub(super) fn origin(&self, host: &str) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{host}:{}", port_of(&self.listener))
    }
}

impl From<TcpListener> for BoundPort {
    fn from(listener: TcpListener) -> Self {
        Self { listener, tls: None }
    }
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    stopping: Stopping,
}

/// The wish to stop, and the tasks that still run.
#[derive(Debug, Clone, Default)]
pub(super) struct Stopping {
    token: CancellationToken,
    tasks: TaskTracker,
}

/// Binds a port of 127.0.0.1, and no other address.
pub(super) async fn bind(port: u16, wanted_for: &'static str) -> Result<TcpListener, DemoError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|source| DemoError::Bind { port, wanted_for, source })
}

/// The port a listener got.
pub(super) fn port_of(listener: &TcpListener) -> u16 {
    listener.local_addr().map_or(0, |address| address.port())
}

impl Server {
    /// Serves until [`Server::stop`].
    pub(super) fn start(bound: BoundPort, app: Arc<impl App>, stopping: Stopping) -> Self {
        stopping.tasks.spawn(accept(bound, app, stopping.clone()));
        Self { stopping }
    }

    /// Takes no new connection, lets requests in flight end, and returns when all is quiet.
    pub(super) async fn stop(self) {
        self.stopping.token.cancel();
        self.stopping.tasks.close();
        self.stopping.tasks.wait().await;
    }
}

impl Stopping {
    /// Runs a task beside the connections; it is dropped when the server stops.
    pub(super) fn spawn_until_stop(&self, task: impl Future<Output = ()> + Send + 'static) {
        let token = self.token.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = task => {}
                () = token.cancelled() => {}
            }
        });
    }
}

async fn accept(bound: BoundPort, app: Arc<impl App>, stopping: Stopping) {
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = bound.listener.accept() => accepted,
            () = stopping.token.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = open(stream, bound.tls.clone(), Arc::clone(&app), stopping.token.clone());
                stopping.tasks.spawn(async move {
                    connection.await;
                    drop(permit);
                });
            }
            // Out of file descriptors, mostly: others must close first.
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Shakes hands where that is asked for, and serves.
async fn open(stream: TcpStream, tls: Option<TlsAcceptor>, app: Arc<impl App>, stop: CancellationToken) {
    let Some(tls) = tls else { return serve(stream, app, stop).await };
    let shaken = tokio::select! {
        shaken = timeout(limits::TLS_HANDSHAKE_TIMEOUT, tls.accept(stream)) => shaken,
        () = stop.cancelled() => return,
    };
    // A browser that does not trust the certificate says so here, and comes again when it does.
    if let Ok(Ok(stream)) = shaken {
        serve(stream, app, stop).await;
    }
}

async fn serve<S>(stream: S, app: Arc<impl App>, stop: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(app.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::REQUEST_HEAD_TIMEOUT)
        .max_buf_size(limits::REQUEST_HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        // A connection that breaks is the browser's affair.
        _ended = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ended = timeout(DRAIN_TIMEOUT, connection).await;
        }
    }
}

/// Connections of one stand-in; further ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 1_024;
/// How long requests in flight may take after the stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
/// The pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_an_error_that_names_port_and_purpose() {
        let taken = bind(0, "the test").await.unwrap();
        let port = port_of(&taken);
        let error = bind(port, "the start page").await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("port {port} on 127.0.0.1, wanted for the start page,")));
    }

    #[tokio::test]
    async fn listeners_are_on_loopback_only() {
        assert!(bind(0, "the test").await.unwrap().local_addr().unwrap().ip().is_loopback());
    }
}
