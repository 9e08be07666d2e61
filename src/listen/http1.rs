//! HTTP/1.1 and HTTP/1.0 on one connection.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use super::client::{Client, Handler, ListenLimits, Unreadable};
use crate::{
    connect::{Body, PinSlot},
    limits,
};

/// Serves requests one after the other; `is_cut` turns the end of `stream` into a reset.
pub(super) async fn serve<H: Handler>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    is_cut: Arc<AtomicBool>,
    client: Client<H>,
) {
    let Client { peer, handler, bounds, stop } = client;
    let pins = PinSlot::default();
    let service = service_fn(|request: Request<Incoming>| {
        let (handler, peer, pins, stop, is_cut) = (Arc::clone(&handler), peer.clone(), &pins, &stop, &is_cut);
        async move {
            let version = request.version();
            let mut answer = handler.handle(request, peer, Some(pins)).await;
            if stop.is_cancelled() {
                say_close(&mut answer);
            }
            Ok::<_, Infallible>(if version == Version::HTTP_10 { cut_by_reset(answer, is_cut) } else { answer })
        }
    });
    let mut connection = pin!(builder(bounds).serve_connection(TokioIo::new(stream), service).with_upgrades());
    // What a browser does wrong on the wire is answered by hyper; here it is only told.
    let tell = |ended: hyper::Result<()>| {
        if let Some(why) = ended.err().as_ref().and_then(Unreadable::of) {
            handler.unreadable(why, &peer);
        }
    };
    tokio::select! {
        ended = connection.as_mut() => return tell(ended),
        () = stop.cancelled() => {}
    }
    // A request may be on its way on an idle connection: it is answered with `Connection: close`.
    if let Ok(ended) = timeout(bounds.idle_grace, connection.as_mut()).await {
        return tell(ended);
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
