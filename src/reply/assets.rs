//! The style of our own pages, and the script of pages that write Sigma URLs themselves: the only answers of our own that a
//! browser may keep.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

use super::answer::{Answer, Context, bare};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/links.js");

/// `{sigma}/style.css`: how our own pages look.
#[must_use]
pub(crate) fn style(context: Context<'_>) -> Answer {
    kept(context, STYLE, "text/css; charset=utf-8")
}

/// `{sigma}/links.js`: turns the Sigma URLs that a page's own code writes into stable links.
#[must_use]
pub(crate) fn script(context: Context<'_>) -> Answer {
    kept(context, SCRIPT, "text/javascript; charset=utf-8")
}

fn kept(context: Context<'_>, text: &'static str, content_type: &'static str) -> Answer {
    let mut answer = bare(context, StatusCode::OK, "asset", Bytes::from_static(text.as_bytes()));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    // Short, for the name does not change with the release.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    answer
}
