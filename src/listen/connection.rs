//! One browser connection from its first byte to its last.

use std::sync::Arc;

use tokio::net::TcpStream;

use super::{
    Proxied, ServerTls,
    client::{Client, Handler, Unreadable},
    http1, http2,
    timed_stream::{OnWire, TimedStream},
    tls::Protocol,
};

/// What a connection begins with, before its first request.
#[derive(Debug, Clone, Default)]
pub(super) struct Preamble {
    /// A PROXY header.
    pub(super) proxied: Option<Proxied>,
    /// A TLS handshake.
    pub(super) tls: Option<ServerTls>,
}

/// Serves a connection until it ends, or until it has been drained after the stop.
pub(super) async fn serve_connection<H: Handler>(mut tcp: TcpStream, preamble: Preamble, mut client: Client<H>) {
    // Streamed answers go out piece by piece.
    if tcp.set_nodelay(true).is_err() {
        return;
    }
    let Preamble { proxied, tls } = preamble;
    if let Some(proxied) = proxied {
        // Boxed, as below.
        let Some(heard) = Box::pin(proxied.hear(&mut tcp, client)).await else { return };
        client = heard;
    }
    let wire = Arc::new(OnWire::default());
    let stream = TimedStream::new(tcp, client.bounds, Arc::clone(&wire));
    match tls {
        None => http1::serve(stream, wire, client).await,
        // Boxed: a plain connection need not keep room for it.
        Some(tls) => Box::pin(serve_tls(&tls, stream, wire, client)).await,
    }
}

async fn serve_tls<H: Handler>(tls: &ServerTls, stream: TimedStream, wire: Arc<OnWire>, client: Client<H>) {
    let accepted = tokio::select! {
        accepted = tls.accept(stream, client.bounds.handshake) => accepted,
        () = client.is_late() => return,
    };
    match accepted {
        Ok((stream, Protocol::Http1)) => Box::pin(http1::serve(stream, wire, client)).await,
        Ok((stream, Protocol::Http2)) => Box::pin(http2::serve(stream, client)).await,
        // rustls has sent the alert.
        Err(error) => {
            if let Some(why) = Unreadable::of_handshake(&error) {
                tracing::debug!(peer = %client.connection.client(), %error, "a TLS handshake failed");
                client.handler.unreadable(why, &client.connection);
            }
        }
    }
}
