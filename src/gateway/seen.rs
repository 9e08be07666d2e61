//! What is known about a request so far: enough for its log line and its counts at any point, also when the browser leaves
//! before the answer.

use std::{sync::Arc, time::Instant};

use http::Method;

use super::{Shared, exchange::Outcome};
use crate::{
    config::{AccessLog, Config, Site},
    limits::LOG_QUOTE_BYTES_MAX,
    reason::Reason,
    reply::{self, Audience, Failure},
    request::{Admitted, Peer},
    system::{self, AccessLine, RequestLabels},
};

/// Written down once: with its answer, or as it is dropped without one.
pub(super) struct Seen {
    shared: Arc<Shared>,
    started: Instant,
    pub(super) request_id: String,
    pub(super) peer: Peer,
    method: String,
    host: String,
    path: String,
    user: Option<String>,
    site: Option<Arc<Site>>,
    is_recorded: bool,
}

/// The status of a request whose browser left, as nginx made it known.
const CLIENT_LEFT: (u16, &str) = (499, "client_left");

impl Seen {
    pub(super) fn new(shared: Arc<Shared>, peer: Peer, method: &Method) -> Self {
        shared.metrics.in_flight.inc();
        Self {
            shared,
            started: Instant::now(),
            request_id: system::request_id(),
            peer,
            method: cut(method.as_str()),
            host: String::new(),
            path: String::new(),
            user: None,
            site: None,
            is_recorded: false,
        }
    }

    /// It was admitted.
    pub(super) fn admitted(&mut self, request: &Admitted) {
        request.authority.name.as_str().clone_into(&mut self.host);
        self.path = cut(request.target.path.as_str());
    }

    /// It is for this site, from this person.
    pub(super) fn identified(&mut self, site: &Arc<Site>, user: Option<&str>) {
        self.site = Some(Arc::clone(site));
        self.user = user.map(str::to_owned);
    }

    /// The site it is for, once that is known.
    pub(super) fn site(&self) -> Option<&Site> {
        self.site.as_deref()
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
        metrics.head_seconds.observe(elapsed);
        let site = self.site.as_ref().map_or("-", |site| site.forward.site.name.as_str()).to_owned();
        metrics.requests.get_or_create(&RequestLabels { site, status, reason: reason.unwrap_or("forwarded") }).inc();
        if self.shared.config.load().access_log == AccessLog::Off {
            return;
        }
        self.shared.log.access(&AccessLine {
            request_id: &self.request_id,
            peer: self.peer.address.to_string(),
            method: &self.method,
            host: &self.host,
            path: &self.path,
            status,
            reason,
            user: self.user.as_deref(),
            head_ms: (elapsed * 1e5).round() / 100.0,
        });
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        if !self.is_recorded {
            self.record(CLIENT_LEFT.0, Some(CLIENT_LEFT.1));
        }
        self.shared.metrics.in_flight.dec();
    }
}

/// What a client wrote, cut for a log line.
fn cut(text: &str) -> String {
    let end = (0..=LOG_QUOTE_BYTES_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}
