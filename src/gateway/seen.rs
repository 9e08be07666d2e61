//! What is known about a request so far: enough for its log line and its counts at any point, also when the browser leaves
//! before the answer.

use std::{sync::Arc, time::Instant};

use http::Method;

use super::{
    Shared,
    exchange::{Exchange, Outcome},
};
use crate::{
    config::{AccessLog, Config},
    limits::LOG_QUOTE_BYTES_MAX,
    reason::Reason,
    reply::{self, Audience, Failure},
    request::{Peer, Unscreened},
    system::{self, AccessLine, RequestLabels},
};

/// Written down once: with its answer, or as it is dropped without one.
pub(super) struct Seen {
    shared: Arc<Shared>,
    started: Instant,
    pub(super) request_id: Arc<str>,
    pub(super) peer: Peer,
    method: Method,
    known: Known,
    is_recorded: bool,
}

/// How far the request has come.
enum Known {
    /// Not admitted yet.
    Nothing,
    /// Admitted, but of no site: host and path.
    Admitted(String, String),
    /// Of a site.
    Exchange(Arc<Exchange>),
}

impl Seen {
    pub(super) fn new(shared: Arc<Shared>, peer: Peer, method: Method) -> Self {
        shared.metrics.in_flight.inc();
        Self {
            shared,
            started: Instant::now(),
            request_id: system::request_id(),
            peer,
            method,
            known: Known::Nothing,
            is_recorded: false,
        }
    }

    /// It was admitted, and is for no site.
    pub(super) fn of_no_site(&mut self, request: &Unscreened) {
        self.known =
            Known::Admitted(request.authority().name.to_string(), cut(request.target().path.as_str()).to_owned());
    }

    /// It is for a site.
    pub(super) fn of_site(&mut self, exchange: &Arc<Exchange>) {
        self.known = Known::Exchange(Arc::clone(exchange));
    }

    /// The exchange, once its site is known.
    pub(super) fn exchange(&self) -> Option<&Exchange> {
        match &self.known {
            Known::Exchange(exchange) => Some(exchange),
            Known::Nothing | Known::Admitted(..) => None,
        }
    }

    /// A refusal before there is an exchange: no site, so no sign-in and no audience but a person in a tab.
    pub(super) fn refuse(&self, config: &Config, reason: Reason) -> Outcome {
        let context =
            reply::Context { request_id: &self.request_id, sigma_prefix: config.paths.sigma(), frame_origins: &[] };
        let mut answer = reply::failure(context, Failure::new(reason, Audience::Tab));
        // What follows on this connection may belong to what was not understood.
        answer.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        Outcome::own(answer, reason.as_str())
    }

    /// It is answered.
    pub(super) fn answered(mut self, outcome: &Outcome) {
        self.record(outcome.status(), outcome.reason());
    }

    fn record(&mut self, status: u16, reason: Option<&'static str>) {
        self.is_recorded = true;
        let elapsed = self.started.elapsed().as_secs_f64();
        let metrics = &self.shared.metrics;
        // Before the line: whoever has read it finds the place free.
        metrics.in_flight.dec();
        metrics.head_seconds.observe(elapsed);
        let site = self.exchange().map_or("-", Exchange::site_name).to_owned();
        metrics.requests.get_or_create(&RequestLabels { site, status, reason: reason.unwrap_or("forwarded") }).inc();
        if self.shared.config.load().access_log == AccessLog::Off {
            return;
        }
        let (host, path, session) = match &self.known {
            Known::Nothing => ("", "", None),
            Known::Admitted(host, path) => (host.as_str(), path.as_str(), None),
            Known::Exchange(exchange) => {
                let request = &exchange.request;
                (request.authority.name.as_str(), cut(request.target.path.as_str()), exchange.session.as_ref())
            }
        };
        self.shared.log.access(&AccessLine {
            request_id: &self.request_id,
            peer: self.peer.address.to_string(),
            method: cut(self.method.as_str()),
            host,
            path,
            status,
            reason,
            user: session.map(|session| session.identity.subject.as_str()),
            head_ms: (elapsed * 1e5).round() / 100.0,
        });
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if !self.is_recorded {
            self.record(Reason::ClientLeft.status().as_u16(), Some(Reason::ClientLeft.as_str()));
        }
    }
}

/// What a client wrote, cut for a log line.
fn cut(text: &str) -> &str {
    let end = (0..=LOG_QUOTE_BYTES_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}
