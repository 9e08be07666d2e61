//! HTTP/2 on one connection. WebSockets stay with HTTP/1.1: extended CONNECT (RFC 8441) is not offered.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::Poll,
};

use http::{Request, header};
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};

use super::{
    activity::{Activity, Over},
    client::{Beside, Client, Handler, ListenLimits},
    cork::{Cork, cork},
    fields::ReadableFields,
    held_end::ending_with,
};
use crate::{
    body::{Resting, Upload},
    forward::Http11Required,
    limits,
};

/// Serves requests side by side until the connection ends, is idle for too long, or has been drained.
pub(super) async fn serve<H: Handler>(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, client: Client<H>) {
    let Client { connection: from, handler, bounds, stop } = client;
    let from = Arc::new(from);
    let activity = Arc::new(Activity::new());
    let service = service_fn(|request: Request<Incoming>| {
        let (handler, from, open) = (Arc::clone(&handler), Arc::clone(&from), activity.begin());
        let (head, body) = request.into_parts();
        let (body, upload) = Upload::heard_out(body);
        let request = Request::from_parts(head, body);
        async move {
            let resting = Resting::default();
            let mut answer = handler
                .handle(request, &from, Beside { pins: None, resting: &resting, has_unreadable_target: false })
                .await;
            // hyper resets the stream with the reason of such an error.
            if answer.extensions_mut().remove::<Http11Required>().is_some() {
                return Err(h2::Error::from(h2::Reason::HTTP_1_1_REQUIRED));
            }
            // RFC 9113 8.2.2: what ends a connection is GOAWAY, not a header.
            answer.headers_mut().remove(header::CONNECTION);
            Ok(ending_with(answer, upload).map(|body| open.follow(body, resting)))
        }
    });
    let (stream, cork) = cork(ReadableFields::on(stream));
    let mut connection = pin!(builder(bounds).serve_connection(TokioIo::new(stream), service));
    let mut has_said_goodbye = false;
    loop {
        tokio::select! {
            // What a browser does wrong on the wire is answered by hyper; there is nothing to add here.
            () = driven(connection.as_mut(), &cork) => return,
            () = stop.cancelled() => break,
            over = activity.over(bounds.idle, bounds.write) => match over {
                Over::Idle if !has_said_goodbye => {
                    // A request that is on its way is still answered.
                    connection.as_mut().graceful_shutdown();
                    has_said_goodbye = true;
                }
                Over::Idle | Over::Stalled => return,
            },
        }
    }
    connection.as_mut().graceful_shutdown();
    drop(timeout(bounds.drain, driven(connection, &cork)).await);
}

/// Polls the connection, and lets what it wrote go together, until it ends or breaks.
async fn driven(mut connection: Pin<&mut impl Future>, cork: &Cork<impl AsyncWrite + Unpin>) {
    poll_fn(|cx| {
        let has_ended = connection.as_mut().poll(cx).is_ready();
        let is_broken = matches!(cork.poll_let_go(cx), Poll::Ready(Err(_)));
        if has_ended || is_broken { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn builder(bounds: ListenLimits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_header_list_size(HEADER_LIST_BYTES)
        .max_frame_size(FRAME_BYTES)
        .max_concurrent_streams(limits::HTTP2_STREAMS_MAX)
        .max_pending_accept_reset_streams(limits::HTTP2_RESETS_PENDING_MAX)
        .max_local_error_reset_streams(limits::HTTP2_ERROR_RESETS_MAX)
        .initial_stream_window_size(limits::HTTP2_STREAM_WINDOW_BYTES)
        .initial_connection_window_size(limits::HTTP2_CONNECTION_WINDOW_BYTES)
        .max_send_buf_size(limits::HTTP2_SEND_BYTES_MAX)
        .keep_alive_interval(limits::HTTP2_PING_PAUSE.min(bounds.head))
        .keep_alive_timeout(limits::HTTP2_PING_PAUSE);
    builder
}

/// As large as over HTTP/1.1.
#[expect(clippy::cast_possible_truncation, reason = "the assertion below")]
const HEADER_LIST_BYTES: u32 = limits::REQUEST_HEAD_BYTES_MAX as u32;
/// As long as heads are looked through.
#[expect(clippy::cast_possible_truncation, reason = "the assertion below")]
const FRAME_BYTES: u32 = limits::HTTP2_FRAME_BYTES_MAX as u32;
const _: () = assert!(FRAME_BYTES as usize == limits::HTTP2_FRAME_BYTES_MAX);
const _: () = assert!(HEADER_LIST_BYTES as usize == limits::REQUEST_HEAD_BYTES_MAX);
