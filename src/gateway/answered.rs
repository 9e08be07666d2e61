//! What goes back to the browser, ours or the host application's.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};

use super::Scribe;
use crate::{
    body::{Body, full},
    decide::{Facts, see_off},
    endpoints::Said,
    forward,
    reason::{Done, Reason},
    reply::{self, Audience, Context, Failure},
    system,
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
    pub(super) fn to_nobody(context: Context<'_>, reason: Reason) -> Self {
        let mut response = reply::failure(context, Failure::new(reason, Audience::Tab)).map(full);
        // What follows on this connection may belong to what was not understood.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        Self { response, why: Some(reason.as_str()), ends_session: false }
    }

    /// The same to a proxy that asks about a request.
    pub(super) fn to_proxy(context: Context<'_>, reason: Reason) -> Self {
        let response = reply::to_proxy(context, reason.status(), reason).map(full);
        Self { response, why: Some(reason.as_str()), ends_session: false }
    }

    /// A redirect to a site, from another name of it or from plain http.
    pub(super) fn to_site(context: Context<'_>, (location, done): (&str, Done)) -> Self {
        match HeaderValue::from_str(location) {
            Ok(location) => {
                let response = reply::redirect_to_site(context, &location, done).map(full);
                Self { response, why: Some(done.as_str()), ends_session: false }
            }
            Err(_) => Self::to_nobody(context, Reason::Internal),
        }
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
    pub(super) fn see_off(&mut self, facts: &Facts) {
        let nonce = || system::seed().into_stream().bytes();
        see_off(facts, self.response.status(), self.why.is_some(), self.response.headers_mut(), nonce);
    }

    /// The answer to `method`. One of the host application is framed already; ours has a body for a HEAD too.
    pub(super) fn into_response(self, method: &Method) -> Response<Body> {
        let is_own = self.why.is_some();
        if is_own && *method == Method::HEAD { forward::without_body(self.response) } else { self.response }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::json;

    use super::*;
    use crate::{
        decide::{
            Asker, Event,
            tests::{ann, facts},
        },
        gateway::testing::Books,
        identity::{CookieName, SetCookie},
    };

    async fn body(response: Response<Body>) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn what_is_said_goes_out_with_its_cookies_in_order_and_is_on_the_record() {
        let (books, facts) = (Books::new(), facts("GET /finance/x", ann(&[])));
        let reason = Reason::AccessDenied;
        let cookies = [CookieName::LoginRounds, CookieName::Session].map(|name| SetCookie::expire(&name));
        let event = Event::Refused { reason, embed: None, detail: None };
        let said =
            Said { cookies: cookies.to_vec(), ends_session: true, ..Said::refusal(&facts, reason).telling(event) };
        let answered = Answered::said(&books.scribe, &facts, said);
        assert_eq!((answered.why(), answered.ends_session()), (Some("access_denied"), true));
        assert_eq!(books.line("audit")["reason"], json!("access_denied"));
        let response = answered.into_response(&Method::GET);
        let lines: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        assert_eq!(lines, cookies.map(SetCookie::into_header));
        assert!(body(response).await.contains("access_denied"));
    }

    #[tokio::test]
    async fn what_the_host_application_says_goes_out_as_it_is_and_tells_nothing() {
        let books = Books::new();
        for method in [Method::GET, Method::HEAD] {
            let answered = Answered::host(Response::new(full("theirs")));
            assert_eq!((answered.why(), answered.ends_session(), answered.status()), (None, false, StatusCode::OK));
            let response = answered.into_response(&method);
            assert!(response.headers().is_empty());
            assert_eq!(body(response).await, "theirs", "framed already, for a HEAD too");
        }
        assert!(books.lines("audit").is_empty() && books.lines("event").is_empty());
    }

    #[tokio::test]
    async fn of_our_own_answer_a_head_gets_the_length_and_no_body() {
        let facts = facts("GET /x", Asker::of(None));
        let own = || Answered::said(&Books::new().scribe, &facts, Said::refusal(&facts, Reason::NotFound));
        let (whole, head) = (own().into_response(&Method::GET), own().into_response(&Method::HEAD));
        let length = body(whole).await.len();
        assert_eq!(head.headers()[header::CONTENT_LENGTH], HeaderValue::from(length));
        assert_eq!(body(head).await, "");
    }

    #[tokio::test]
    async fn whoever_is_not_understood_gets_a_page_and_no_more_of_the_connection() {
        let answered = Answered::to_nobody(Context { request_id: "id-1", ..Context::of_tests() }, Reason::BadHost);
        assert_eq!((answered.why(), answered.status()), (Some("bad_host"), StatusCode::BAD_REQUEST));
        let response = answered.into_response(&Method::GET);
        assert_eq!(
            (&response.headers()[header::CONNECTION], &response.headers()["x-request-id"]),
            (&HeaderValue::from_static("close"), &HeaderValue::from_static("id-1"),)
        );
    }

    #[test]
    fn the_last_touch_knows_whose_answer_it_is() {
        let facts = facts("GET /x\nconnection: upgrade\nupgrade: websocket\nsec-websocket-key: k", Asker::of(None));
        let closes = |status| {
            let mut response = Response::new(full("theirs"));
            *response.status_mut() = status;
            let mut answered = Answered::host(response);
            answered.see_off(&facts);
            answered.headers_mut().contains_key(header::CONNECTION)
        };
        assert_eq!((closes(StatusCode::SWITCHING_PROTOCOLS), closes(StatusCode::FORBIDDEN)), (false, true));
    }
}
