//! What goes back to the browser, ours or the host application's.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

use super::Scribe;
use crate::{
    body::{Body, full},
    decide::{Facts, part},
    endpoints::Said,
    forward,
    reason::Reason,
    reply::{self, Audience, Context, Failure},
};

/// An answer on its way out.
pub(super) struct Answered {
    response: Response<Body>,
    /// Why the gateway itself answers; none for an answer of the host application.
    why: Option<&'static str>,
    ends_session: bool,
}

impl Answered {
    /// An answer of our own, on the record.
    pub(super) fn said(scribe: &Scribe, facts: &Facts, said: Said) -> Self {
        for event in said.events {
            scribe.tell(facts, event);
        }
        let mut response = said.answer.map(full);
        for cookie in said.cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie.into_header());
        }
        Self { response, why: Some(said.why), ends_session: said.ends_session }
    }

    /// An answer of the host application.
    pub(super) const fn host(response: Response<Body>) -> Self {
        Self { response, why: None, ends_session: false }
    }

    /// A refusal before anything is known of a request: no site, so no sign-in and no audience but a person in a tab.
    pub(super) fn to_nobody(request_id: &str, sigma_prefix: &str, reason: Reason) -> Self {
        let context = Context { request_id, sigma_prefix };
        let mut response = reply::failure(context, Failure::new(reason, Audience::Tab)).map(full);
        // What follows on this connection may belong to what was not understood.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        Self { response, why: Some(reason.as_str()), ends_session: false }
    }

    /// The reason, or what was done; none where the host application answers.
    pub(super) const fn why(&self) -> Option<&'static str> {
        self.why
    }

    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn headers_mut(&mut self) -> &mut HeaderMap {
        self.response.headers_mut()
    }

    /// Whether the session ends with it.
    pub(super) const fn ends_session(&self) -> bool {
        self.ends_session
    }

    /// The last touch.
    pub(super) fn part(&mut self, facts: &Facts) {
        part(facts, self.response.status(), self.why.is_some(), self.response.headers_mut());
    }

    /// The answer to `method`. One of the host application is framed already; ours has a body for a HEAD too.
    pub(super) fn into_response(self, method: &Method) -> Response<Body> {
        let is_own = self.why.is_some();
        if is_own && *method == Method::HEAD { forward::without_body(self.response) } else { self.response }
    }
}
