//! The style of our own pages: the only answer of our own that a browser may keep.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

use super::answer::{Answer, Context, bare};

const STYLE: &str = include_str!("assets/style.css");

/// `{sigma}/style.css`: how our own pages look.
#[must_use]
pub(crate) fn style(context: Context<'_>) -> Answer {
    let mut answer = bare(context, StatusCode::OK, "asset", Bytes::from_static(STYLE.as_bytes()));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    // Short, for the name does not change with the release.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer
}
