//! The shape of every answer of our own, and the headers all of them carry.

use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::{
    page_settings::PageSettings,
    words::{Language, PageWord, ReasonPart, WordKey, WordTable},
};
use crate::{
    reason::{Done, Reason, Why},
    request::OwnPaths,
    time::UnixSeconds,
};

/// An answer of our own: a whole response in memory, and what it says of itself. Its `Debug` shows no body and no header: both may hold
/// a signed URL.
pub(crate) struct Answer {
    response: Response<Bytes>,
    why: Why,
}

/// Who reads an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// A person, in a whole tab.
    Tab,
    /// A person, in a frame of a page.
    Frame,
    /// A program.
    Program,
}

/// What every answer says about itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The request's id.
    pub(crate) request_id: &'a str,
    /// Where our own endpoints are.
    pub(crate) own_paths: &'a OwnPaths,
    /// What the operator says about pages.
    pub(crate) pages: &'a PageSettings,
    /// The language, and its texts.
    pub(crate) speaking: (Language, &'a WordTable),
    /// When it is made.
    pub(crate) now: UnixSeconds,
}

impl<'a> Context<'a> {
    /// A text of a page.
    pub(super) fn word(self, word: PageWord) -> &'a str {
        self.speaking.1.text(WordKey::Page(word))
    }

    /// A text about a reason.
    pub(super) fn about(self, reason: Reason, part: ReasonPart) -> &'a str {
        self.speaking.1.text(WordKey::Reason(reason, part))
    }

    /// The tag of the language.
    pub(super) const fn language(self) -> &'static str {
        self.speaking.0.tag()
    }

    /// What is said where nobody has set anything.
    #[cfg(test)]
    pub(crate) fn of_tests() -> Self {
        static PAGES: std::sync::LazyLock<PageSettings> = std::sync::LazyLock::new(PageSettings::default);
        static OWN_PATHS: std::sync::LazyLock<OwnPaths> =
            std::sync::LazyLock::new(|| OwnPaths::new("/oauth2", "/sigma").expect("two prefixes"));
        let now = UnixSeconds(1_800_000_000);
        Self { request_id: "id", own_paths: &OWN_PATHS, pages: &PAGES, speaking: PAGES.speaking(None), now }
    }
}

impl Answer {
    /// What it says of itself, as its head has it.
    #[must_use]
    pub(crate) const fn why(&self) -> Why {
        self.why
    }

    /// The response, with a body made of its own.
    pub(crate) fn map<B>(self, body: impl FnOnce(Bytes) -> B) -> Response<B> {
        self.response.map(body)
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("status", &self.status()).field("why", &self.why).finish_non_exhaustive()
    }
}

impl Deref for Answer {
    type Target = Response<Bytes>;

    fn deref(&self) -> &Response<Bytes> {
        &self.response
    }
}

impl DerefMut for Answer {
    fn deref_mut(&mut self) -> &mut Response<Bytes> {
        &mut self.response
    }
}

/// `Sigma-Gateway`: the gateway answered, and why.
const ANSWERED: HeaderName = HeaderName::from_static("sigma-gateway");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// No other site loads what the gateway says (Fetch, 3.6).
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// HTML, 7.1.3.
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// No script, no external asset; `frame-ancestors` rather than `X-Frame-Options`, which cannot say "our own pages".
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

const POLICY_IN_ANY_FRAME: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'";
const POLICY_WITH_FORM: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'self'";

/// A redirect (303: the next request is a GET, never the same one again).
#[must_use]
pub(crate) fn redirect(context: Context<'_>, location: &HeaderValue, done: Done) -> Answer {
    let mut answer = bare(context, StatusCode::SEE_OTHER, done, Bytes::new());
    answer.headers_mut().insert(header::LOCATION, location.clone());
    answer
}

/// A redirect to the site's own name (308: the same request again, there).
#[must_use]
pub(crate) fn redirect_to_site(context: Context<'_>, location: &HeaderValue, done: Done) -> Answer {
    let mut answer = bare(context, StatusCode::PERMANENT_REDIRECT, done, Bytes::new());
    answer.headers_mut().insert(header::LOCATION, location.clone());
    answer
}

/// A JSON answer.
#[must_use]
pub(crate) fn json(context: Context<'_>, status: StatusCode, why: impl Into<Why>, body: &serde_json::Value) -> Answer {
    let mut answer = bare(context, status, why, Bytes::from(body.to_string()));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// A page of our own that is the end of its tab's way: what opened the tab, and what it opens, can no longer reach it.
///
/// Never a redirect, a stable link or anything that an application's popup passes through: it would lose its opener.
pub(super) fn isolated(mut page: Answer) -> Answer {
    page.headers_mut().insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    page
}

/// An HTML page that nobody but our own origin may frame.
pub(super) fn page(context: Context<'_>, status: StatusCode, why: impl Into<Why>, markup: maud::Markup) -> Answer {
    let mut answer = bare(context, status, why, Bytes::from(markup.into_string()));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    showing_logo(context, answer)
}

/// The policy of a page with the operator's picture, which is in the page itself.
pub(super) fn showing_logo(context: Context<'_>, mut answer: Answer) -> Answer {
    let policy = answer.headers().get(header::CONTENT_SECURITY_POLICY).filter(|_| context.pages.logo.is_some());
    let policy = policy.and_then(|policy| policy.to_str().ok()).map(|policy| format!("{policy}; img-src data:"));
    if let Some(policy) = policy.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// The same for whatever page has it in a frame: it says why there is nothing, to the reader of a page whose own policy makes a
/// stranger of it (`sandbox`).
pub(crate) fn frameable(context: Context<'_>, mut page: Answer) -> Answer {
    page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_IN_ANY_FRAME));
    showing_logo(context, page)
}

/// The same with a form: it may lead to the provider in the end, and `form-action` would hold for that redirect too.
pub(super) fn page_with_form(context: Context<'_>, done: Done, markup: maud::Markup) -> Answer {
    let mut answer = page(context, StatusCode::OK, done, markup);
    answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY_WITH_FORM));
    showing_logo(context, answer)
}

/// An answer to a proxy that asks about a request, without a word that it could hand on as the application's.
#[must_use]
pub(crate) fn without_words(context: Context<'_>, status: StatusCode, why: impl Into<Why>) -> Answer {
    bare(context, status, why, Bytes::new())
}

/// A refusal to a proxy: 401, and 403 for all else. Some let a request pass where they are answered with a 5xx, and of others a browser
/// would get a fault of the proxy's.
#[must_use]
pub(crate) fn to_proxy(context: Context<'_>, status: StatusCode, why: impl Into<Why>) -> Answer {
    let is_unauthorized = status == StatusCode::UNAUTHORIZED;
    without_words(context, if is_unauthorized { status } else { StatusCode::FORBIDDEN }, why)
}

/// Status, body and the headers all answers share.
pub(super) fn bare(context: Context<'_>, status: StatusCode, why: impl Into<Why>, body: Bytes) -> Answer {
    let why = why.into();
    let mut answer = Answer { response: Response::new(body), why };
    *answer.status_mut() = status;
    let headers: &mut HeaderMap = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(ANSWERED, HeaderValue::from_static(why.as_str()));
    if let Ok(id) = HeaderValue::from_str(context.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    answer
}
