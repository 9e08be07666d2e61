//! A WebSocket that says everything back (RFC 6455), by hand and just large enough for that.

use std::io;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::{body::Incoming, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::demo::{
    page::{full, text},
    serve::{StandInBody, Stopping},
};

/// Answers the handshake and leaves the echo running.
pub(super) fn accept(mut request: Request<Incoming>, stopping: &Stopping) -> Response<StandInBody> {
    let headers = request.headers();
    let asks = headers.get(header::UPGRADE).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let Some(key) = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| asks).cloned() else {
        return text(StatusCode::UPGRADE_REQUIRED, "this is a WebSocket\n");
    };
    stopping.spawn_until_stop(echo_upgraded(hyper::upgrade::on(&mut request)));
    let mut response = Response::new(full(""));
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    if let Ok(accept) = HeaderValue::from_str(&accept_of(key.as_bytes())) {
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// RFC 6455 4.2.2: SHA-1 of the key and a fixed text.
fn accept_of(key: &[u8]) -> String {
    let text = [key, b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"].concat();
    STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, &text))
}

async fn echo_upgraded(upgrade: OnUpgrade) {
    if let Ok(upgraded) = upgrade.await {
        // A peer that leaves ends the echo; nothing is to be told.
        let _ended = echo(&mut TokioIo::new(upgraded)).await;
    }
}

async fn echo(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<()> {
    loop {
        let (first, payload) = read_frame(stream).await?;
        let reply = match first & OPCODE {
            PING => (first & !OPCODE) | PONG,
            PONG => continue,
            _ => first,
        };
        write_frame(stream, reply, &payload).await?;
        if first & OPCODE == CLOSE {
            return stream.shutdown().await;
        }
    }
}

/// A masked frame of a client: its first byte and the unmasked payload (RFC 6455 5.2).
async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<(u8, Vec<u8>)> {
    let first = stream.read_u8().await?;
    let second = stream.read_u8().await?;
    let length = match second & 0x7f {
        126 => u64::from(stream.read_u16().await?),
        127 => stream.read_u64().await?,
        short => u64::from(short),
    };
    let length = usize::try_from(length).ok().filter(|length| *length <= FRAME_BYTES_MAX && second & MASKED != 0);
    let length = length.ok_or_else(|| io::Error::other("frame is unmasked or too long"))?;
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).await?;
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await?;
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    Ok((first, payload))
}

async fn write_frame(stream: &mut (impl AsyncWrite + Unpin), first: u8, payload: &[u8]) -> io::Result<()> {
    stream.write_u8(first).await?;
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..126), _) => stream.write_u8(length).await?,
        (_, Ok(length)) => {
            stream.write_u8(126).await?;
            stream.write_u16(length).await?;
        }
        _ => {
            stream.write_u8(127).await?;
            stream.write_u64(u64::try_from(payload.len()).unwrap_or(u64::MAX)).await?;
        }
    }
    stream.write_all(payload).await?;
    stream.flush().await
}

const OPCODE: u8 = 0x0f;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;
const MASKED: u8 = 0x80;
/// Longest frame that is said back; a longer one ends the connection.
const FRAME_BYTES_MAX: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_value_is_that_of_the_rfc() {
        assert_eq!(accept_of(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
