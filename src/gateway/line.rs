//! A request's line in the log, and its place in the counts: with its answer, or without one where the browser leaves before.

use std::sync::Arc;

use http::{Method, Response};

use super::{
    Shared,
    answered::Answered,
    scribe::{Ended, Known},
};
use crate::{
    body::Body,
    config::AccessLog,
    decide::Facts,
    reason::{Done, Reason},
    request::{ClientAddress, ClientConnection, ForwardAuthProxy, Peer, Unscreened},
    system::{self, Moment},
};

/// Written down once: with its answer, or as it is dropped without one.
pub(super) struct Line {
    shared: Arc<Shared>,
    started: Moment,
    /// The request's id.
    pub(super) request_id: Arc<str>,
    /// Where the client is, as far as that is known by now.
    client: ClientAddress,
    method: Method,
    /// The proxy in front that asks about a request, where it is a question.
    pub(super) asked_by: Option<ForwardAuthProxy>,
    known: Known,
    is_recorded: bool,
}

impl Line {
    /// A request has come.
    pub(super) fn begin(shared: &Arc<Shared>, from: &ClientConnection, method: Method) -> Self {
        shared.scribe.arrived();
        let request_id = system::request_id();
        Self {
            shared: Arc::clone(shared),
            started: Moment::now(),
            request_id,
            client: from.client(),
            method,
            asked_by: None,
            known: Known::Nothing,
            is_recorded: false,
        }
    }

    /// It is this peer's.
    pub(super) const fn is_from(&mut self, peer: &Peer) {
        self.client = peer.client;
    }

    /// It was admitted, and is for no site.
    pub(super) fn is_of_no_site(&mut self, request: &Unscreened) {
        self.known = Known::of_no_site(request.authority().name.as_str(), request.target().path.as_str());
    }

    /// It is for a site.
    pub(super) fn is_of_site(&mut self, facts: &Arc<Facts>) {
        self.known = Known::Facts(Arc::clone(facts));
    }

    /// It is answered with a redirect to the site that it is of.
    pub(super) fn end_at_site(self, location: &str, done: Done) -> Response<Body> {
        let config = self.shared.config.load_full();
        let context = config.context(&self.request_id, None, self.shared.clock.now());
        let answered = Answered::to_site(context, (location, done));
        self.end(Ok(answered))
    }

    /// It is answered.
    pub(super) fn end(mut self, answered: Result<Answered, Reason>) -> Response<Body> {
        let mut answered = answered.unwrap_or_else(|reason| {
            if reason == Reason::Internal {
                self.shared.scribe.panicked(&self.request_id);
            }
            let config = self.shared.config.load_full();
            let context = config.context(&self.request_id, None, self.shared.clock.now());
            if self.asked_by.is_some() {
                Answered::to_proxy(context, reason)
            } else {
                Answered::to_nobody(context, reason)
            }
        });
        if let Known::Facts(facts) = &self.known {
            facts.site().transport_security.apply(answered.headers_mut());
        }
        self.record(answered.status().as_u16(), answered.why());
        answered.into_response(&self.method)
    }

    fn record(&mut self, status: u16, reason: Option<&'static str>) {
        self.is_recorded = true;
        let seconds = self.started.elapsed().as_secs_f64();
        let ended = Ended {
            request_id: &self.request_id,
            client: self.client,
            method: &self.method,
            asked_by: self.asked_by,
            status,
            reason,
            seconds,
        };
        let is_written = self.shared.config.load().access_log == AccessLog::Stdout;
        self.shared.scribe.answered(&ended, &self.known, is_written);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.is_recorded {
            self.record(Reason::ClientLeft.status().as_u16(), Some(Reason::ClientLeft.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        config::Config,
        decide::tests::{CONFIG, ann, config, facts},
        endpoints::Said,
        gateway::testing::{Books, shared},
        request::admit,
    };

    fn begin(config: &Arc<Config>, books: &Books) -> Line {
        Line::begin(&shared(config, books), &connection(), Method::GET)
    }

    fn connection() -> ClientConnection {
        ClientConnection::from(SocketAddr::from(([192, 0, 2, 7], 50_000)))
    }

    fn written(books: &Books) -> [Value; 5] {
        let line = books.line("access");
        assert!(!line.to_string().contains("hidden"), "{line}");
        ["status", "reason", "host", "path", "user"].map(|field| line[field].clone())
    }

    #[tokio::test]
    async fn an_answered_request_has_one_line_with_its_answer_and_leaves_the_counts() {
        let (books, facts) = (Books::new(), Arc::new(facts("GET /finance/x?code=hidden", ann(&[]))));
        let mut line = begin(&CONFIG, &books);
        assert!(books.counts("requests_in_flight 1"));
        line.is_of_site(&facts);
        let id = line.request_id.to_string();
        let said = Answered::said(&books.scribe, &facts, Said::refusal(&facts, Reason::AccessDenied));
        assert_eq!(line.end(Ok(said)).status(), StatusCode::FORBIDDEN);
        assert_eq!(
            written(&books).map(|value| value.to_string()),
            ["403", "\"access_denied\"", "\"crm.example.com\"", "\"/finance/x\"", "\"u-1\"",]
        );
        let line = books.line("access");
        assert_eq!((&line["request_id"], &line["peer"]), (&json!(id), &json!("192.0.2.7:50000")));
        assert!(books.counts("requests_in_flight 0"));
        assert!(books.counts(r#"requests_total{site="crm.example.com",status="403",reason="access_denied"} 1"#));
    }

    #[tokio::test]
    async fn a_request_whose_browser_leaves_has_one_line_too_without_an_answer() {
        let (books, facts) = (Books::new(), Arc::new(facts("GET /finance/x", ann(&[]))));
        let mut line = begin(&CONFIG, &books);
        line.is_of_site(&facts);
        drop(line);
        assert_eq!(written(&books)[..2], [json!(499), json!("client_left")]);
        assert!(books.counts("requests_in_flight 0"));
        assert!(books.counts(r#"requests_total{site="crm.example.com",status="499",reason="client_left"} 1"#));
    }

    #[tokio::test]
    async fn a_request_of_no_site_has_its_host_and_path_and_one_that_is_none_has_neither() {
        let books = Books::new();
        let mut line = begin(&CONFIG, &books);
        let request = http::Request::get("/x?code=hidden").header("host", "other.example").body(()).unwrap();
        line.is_of_no_site(&admit(request.into_parts().0, &connection()).unwrap());
        assert_eq!(line.end(Err(Reason::UnknownHost)).status(), Reason::UnknownHost.status());
        assert_eq!(written(&books)[1..4], [json!("unknown_host"), json!("other.example"), json!("/x")]);
        let books = Books::new();
        begin(&CONFIG, &books).end(Err(Reason::BadPath));
        assert_eq!(written(&books)[1..], [json!("bad_path"), json!(""), json!(""), json!(null)]);
    }

    #[tokio::test]
    async fn a_proxy_that_asks_gets_no_words_and_no_5xx_whatever_went_wrong_and_its_line_names_it() {
        for reason in [Reason::Internal, Reason::BadMethod, Reason::UnknownHost, Reason::ForwardAuthPeer] {
            let books = Books::new();
            let _events = books.with_events();
            let mut line = begin(&CONFIG, &books);
            line.asked_by = Some(ForwardAuthProxy::Envoy);
            let response = line.end(Err(reason));
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{reason}");
            assert!(http_body::Body::is_end_stream(response.body()), "{reason}");
            assert_eq!(written(&books)[..2], [json!(403), json!(reason.as_str())]);
            assert_eq!(books.line("access")["forward_auth"], json!("envoy"));
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_line_like_any_other_and_an_event_beside_it() {
        let books = Books::new();
        let _events = books.with_events();
        let line = begin(&CONFIG, &books);
        let id = json!(&*line.request_id);
        assert_eq!(line.end(Err(Reason::Internal)).status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(written(&books)[..2], [json!(500), json!("internal")]);
        assert_eq!((&books.line("event")["request_id"], &books.line("access")["request_id"]), (&id, &id));
    }

    #[tokio::test]
    async fn where_access_lines_are_off_a_request_counts_and_writes_none() {
        let books = Books::new();
        let off = config(|text| format!("[log]\naccess = \"off\"\n{text}"));
        begin(&off, &books).end(Err(Reason::BadHost));
        assert_eq!(books.lines("access"), Vec::<Value>::new());
        assert!(books.counts(r#"requests_total{site="-",status="400",reason="bad_host"} 1"#));
    }
}
