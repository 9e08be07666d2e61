//! HTTP/1.1 and HTTP/1.0 on one connection.

use std::{convert::Infallible, error::Error as _, pin::pin, sync::Arc};

use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use http_body_util::BodyExt;
use hyper::{
    body::{Body as _, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use super::{
    client::{Beside, Client, Handler, ListenLimits, Unreadable},
    targets::ReadableTargets,
    timed_stream::OnWire,
};
use crate::{
    body::{Body, BodyError, Upload},
    connect::PinSlot,
    limits,
};

/// Serves requests one after the other; `wire` is that of `stream`.
pub(super) async fn serve<H: Handler>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    wire: Arc<OnWire>,
    client: Client<H>,
) {
    let Client { connection: from, handler, bounds, stop } = client;
    let pins = PinSlot::default();
    let (stream, targets) = ReadableTargets::on(stream);
    let service = service_fn(|request: Request<Incoming>| {
        let (handler, from, pins, stop, wire) = (Arc::clone(&handler), &from, &pins, &stop, &wire);
        let request = request.map(Upload::new);
        let has_unreadable_target = targets.next_is_unreadable();
        // At once: hyper reads on before it asks for the answer, and no head is waited for there.
        wire.end_head(!request.body().is_end_stream());
        async move {
            let version = request.version();
            wire.resting.clear();
            let beside = Beside { pins: Some(pins), resting: &wire.resting, has_unreadable_target };
            let mut answer = handler.handle(request, from, beside).await;
            if stop.is_cancelled() {
                say_close(&mut answer);
            }
            if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
                wire.end_heads();
            }
            Ok::<_, Infallible>(if version == Version::HTTP_10 { cut_by_reset(answer, wire) } else { answer })
        }
    });
    wire.begin_head();
    let mut connection = pin!(builder(bounds).serve_connection(TokioIo::new(stream), service).with_upgrades());
    // What a browser does wrong on the wire is answered by hyper; here it is only told.
    let tell = |ended: hyper::Result<()>| {
        let Err(error) = ended else { return };
        if is_of_fallen_answer(&error) {
            wire.cut();
        }
        if let Some(why) = Unreadable::of(&error) {
            handler.unreadable(why, &from);
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
    wire.last_call();
    connection.as_mut().graceful_shutdown();
    if let Ok(ended) = timeout(bounds.drain.saturating_sub(bounds.idle_grace), connection).await {
        tell(ended);
    }
}

fn builder(bounds: ListenLimits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Without a timer hyper's deadlines never strike.
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.idle)
        .preserve_header_case(true)
        .max_header_size(limits::REQUEST_HEAD_BYTES_MAX)
        .max_buf_size(limits::REQUEST_HEAD_BYTES_MAX);
    builder
}

/// The end of the connection is the end of an HTTP/1.0 answer: a body that broke off must not end in good order.
fn cut_by_reset(answer: Response<Body>, wire: &Arc<OnWire>) -> Response<Body> {
    let wire = Arc::clone(wire);
    answer.map(|body| {
        body.map_err(move |error| {
            wire.cut();
            error
        })
        .boxed_unsync()
    })
}

/// An answer ended with what it rests on: a slow reader does not get what the system still holds of it.
fn is_of_fallen_answer(error: &hyper::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<BodyError>());
    matches!(cause, Some(BodyError::Ended(_)))
}

fn say_close(answer: &mut Response<Body>) {
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
}

/// hyper's own limit is this one; set by name, it would cost an allocation for each request.
const _: () = assert!(limits::REQUEST_HEADERS_MAX == 100);
