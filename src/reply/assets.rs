//! The script and the style: the only answers of our own that a browser may keep.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

use super::answer::{Answer, Context, bare};

const SCRIPT: &str = include_str!("assets/embed.js");
const STYLE: &str = include_str!("assets/style.css");

/// `{sigma}/embed.js`: gives every frame a fresh mint after Back, Forward or expiry.
#[must_use]
pub(crate) fn script(context: Context<'_>) -> Answer {
    asset(context, SCRIPT, "text/javascript; charset=utf-8")
}

/// `{sigma}/style.css`: how our own pages look.
#[must_use]
pub(crate) fn style(context: Context<'_>) -> Answer {
    asset(context, STYLE, "text/css; charset=utf-8")
}

fn asset(context: Context<'_>, text: &'static str, content_type: &'static str) -> Answer {
    let mut answer = bare(context, StatusCode::OK, "asset", Bytes::from_static(text.as_bytes()));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Short, for the name does not change with the release.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer
}
