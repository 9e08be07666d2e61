//! The style of our own pages, the script of pages that write Sigma URLs themselves, and the public keys of assertions: the only
//! answers of our own that may be kept.

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

use super::answer::{Answer, Context, bare};
use crate::{limits::ASSET_AGE, reason::Done};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/links.js");
static AGE: LazyLock<HeaderValue> = LazyLock::new(|| {
    let age = format!("public, max-age={}", ASSET_AGE.as_secs());
    HeaderValue::try_from(age).expect("words and digits are visible")
});

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

/// The keys of a site's assertions, as a JSON Web Key Set. Whoever keeps it longer than this misses a key that is new.
#[must_use]
pub(crate) fn key_set(context: Context<'_>, keys: &serde_json::Value) -> Answer {
    kept_bytes(context, Bytes::from(keys.to_string()), "application/json")
}

fn kept(context: Context<'_>, text: &'static str, content_type: &'static str) -> Answer {
    kept_bytes(context, Bytes::from_static(text.as_bytes()), content_type)
}

fn kept_bytes(context: Context<'_>, bytes: Bytes, content_type: &'static str) -> Answer {
    let mut answer = bare(context, StatusCode::OK, Done::Asset, bytes);
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, AGE.clone());
    answer
}
