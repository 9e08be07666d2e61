//! Bodies that are more than a page: downloads with ranges, long streams, uploads, gzip.

use std::{convert::Infallible, io::Write as _, time::Duration};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures_util::stream;
use http::{HeaderMap, Response, StatusCode, header};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use tokio::time::sleep;

use crate::demo::{
    page::{answer, full, text, with_header},
    serve::StandInBody,
};

/// `length` bytes that nobody needs, without a `Content-Length`.
pub(super) fn big(length: u64) -> Response<StandInBody> {
    let piece = Bytes::from(vec![b'.'; BIG_PIECE_BYTES]);
    let pieces = stream::unfold(length.min(BIG_BYTES_MAX), move |left| {
        let piece = piece.clone();
        async move {
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            let next = left.saturating_sub(u64::try_from(size).unwrap_or(u64::MAX));
            (size > 0).then(|| (Ok::<_, Infallible>(Frame::data(piece.slice(..size))), next))
        }
    });
    streamed("application/octet-stream", StreamBody::new(pieces).boxed_unsync())
}

/// Pieces of a page with pauses between them.
pub(super) fn slow(pieces: Vec<String>, pause: Duration) -> Response<StandInBody> {
    let pieces = stream::unfold(pieces.into_iter(), move |mut pieces| async move {
        let piece = pieces.next()?;
        sleep(pause).await;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(piece))), pieces))
    });
    streamed("text/html; charset=utf-8", StreamBody::new(pieces).boxed_unsync())
}

fn streamed(media_type: &'static str, body: StandInBody) -> Response<StandInBody> {
    let response = answer(StatusCode::OK, media_type, "");
    response.map(|_| body)
}

/// A file of 256 KiB with a validator and ranges (RFC 9110 13, 14).
pub(super) fn file(headers: &HeaderMap) -> Response<StandInBody> {
    let content: Vec<u8> = (0..FILE_BYTES).map(|at| (at % 251).to_le_bytes()[0]).collect();
    let whole = |status, bytes: Vec<u8>| {
        let response = answer(status, "application/octet-stream", bytes);
        let response = with_header(response, header::ETAG, FILE_ETAG);
        let response = with_header(response, header::LAST_MODIFIED, "Mon, 02 Nov 2026 08:00:00 GMT");
        with_header(response, header::ACCEPT_RANGES, "bytes")
    };
    if headers.get(header::IF_NONE_MATCH).is_some_and(|etag| etag == FILE_ETAG) {
        let mut response = whole(StatusCode::NOT_MODIFIED, Vec::new());
        response.headers_mut().remove(header::CONTENT_TYPE);
        return response;
    }
    let Some(range) = headers.get(header::RANGE).and_then(|range| range.to_str().ok()) else {
        return whole(StatusCode::OK, content);
    };
    match range_of(range, content.len()) {
        Some((first, last)) => {
            let place = format!("bytes {first}-{last}/{FILE_BYTES}");
            let part = content.get(first..=last).unwrap_or_default().to_vec();
            with_header(whole(StatusCode::PARTIAL_CONTENT, part), header::CONTENT_RANGE, &place)
        }
        None => {
            let refused = whole(StatusCode::RANGE_NOT_SATISFIABLE, Vec::new());
            with_header(refused, header::CONTENT_RANGE, &format!("bytes */{FILE_BYTES}"))
        }
    }
}

/// First and last byte of a single range; several ranges are not served.
fn range_of(range: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = match (first.parse::<usize>().ok(), last.parse::<usize>().ok()) {
        (Some(first), Some(last)) => (first, last.min(length - 1)),
        (Some(first), None) if last.is_empty() => (first, length - 1),
        (None, Some(suffix)) if first.is_empty() && suffix > 0 => (length.saturating_sub(suffix), length - 1),
        _ => return None,
    };
    (first <= last).then_some((first, last))
}

/// Counts an upload without keeping it.
pub(super) async fn count_upload(mut body: Incoming) -> Response<StandInBody> {
    let (mut bytes, mut sum) = (0_u64, FNV_OFFSET);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return text(StatusCode::BAD_REQUEST, "the upload broke off\n") };
        if let Some(data) = frame.data_ref() {
            bytes += u64::try_from(data.len()).unwrap_or(u64::MAX);
            sum = data.iter().fold(sum, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(FNV_PRIME));
        }
    }
    text(StatusCode::OK, format!("{bytes} bytes, FNV-1a {sum:016x}\n"))
}

/// The answer, gzip-coded when the request allows it.
pub(super) fn gzip_if_asked(page: &str, headers: &HeaderMap, response: Response<StandInBody>) -> Response<StandInBody> {
    let response = with_header(response, header::VARY, "accept-encoding");
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepted.split(',').any(|coding| coding.trim() == "gzip") {
        return response;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    match encoder.write_all(page.as_bytes()).and_then(|()| encoder.finish()) {
        Ok(coded) => with_header(response, header::CONTENT_ENCODING, "gzip").map(|_| full(coded)),
        // Writing to a Vec does not fail; if it did, the plain page is right, too.
        Err(_) => response,
    }
}

const BIG_PIECE_BYTES: usize = 64 * 1024;
/// Longest stream that anybody may ask for.
const BIG_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
const FILE_BYTES: usize = 256 * 1024;
const FILE_ETAG: &str = "\"file-1\"";
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
