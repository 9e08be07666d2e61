//! Requests, as the access log and the counts have them.

use std::sync::Arc;

use http::Method;

use super::Scribe;
use crate::{
    decide::Facts,
    identity::{SessionError, Visitor},
    limits::LOG_QUOTE_BYTES_MAX,
    request::{ClientAddress, ForwardAuthProxy},
    system::{AccessLine, RequestLabels, SessionLabels},
};

/// How far a request has come.
pub(in crate::gateway) enum Known {
    /// Not admitted yet.
    Nothing,
    /// Admitted, but of no site.
    OfNoSite {
        /// The host.
        host: String,
        /// The path, cut.
        path: String,
    },
    /// Of a site.
    Facts(Arc<Facts>),
}

/// How a request ended.
pub(in crate::gateway) struct Ended<'a> {
    pub(in crate::gateway) request_id: &'a str,
    pub(in crate::gateway) client: ClientAddress,
    pub(in crate::gateway) method: &'a Method,
    /// The proxy in front that asked about it; none: it came by itself.
    pub(in crate::gateway) asked_by: Option<ForwardAuthProxy>,
    pub(in crate::gateway) status: u16,
    /// Why the gateway itself answered; none for an answer of the host application.
    pub(in crate::gateway) reason: Option<&'static str>,
    /// Until the head of the answer.
    pub(in crate::gateway) seconds: f64,
}

impl Known {
    /// Admitted, but of no site.
    pub(in crate::gateway) fn of_no_site(host: &str, path: &str) -> Self {
        Self::OfNoSite { host: host.to_owned(), path: cut(path).to_owned() }
    }

    /// Why a session cookie that came with it is none.
    fn session_fault(&self) -> Option<&'static str> {
        match self {
            Self::Facts(facts) => facts.asker.fault.and_then(SessionError::word),
            Self::Nothing | Self::OfNoSite { .. } => None,
        }
    }
}

impl Scribe {
    /// A request has come.
    pub(in crate::gateway) fn arrived(&self) {
        self.metrics.in_flight.inc();
    }

    /// It ended; `is_written`: with a line in the access log.
    pub(in crate::gateway) fn answered(&self, ended: &Ended<'_>, known: &Known, is_written: bool) {
        // Before the line: whoever has read it finds the place free.
        self.metrics.in_flight.dec();
        self.metrics.head_seconds.observe(ended.seconds);
        let site = match known {
            Known::Facts(facts) => facts.place.site_name(),
            Known::Nothing | Known::OfNoSite { .. } => "-",
        };
        let Ended { status, reason, .. } = *ended;
        let labels = RequestLabels { site: site.to_owned(), status, reason: reason.unwrap_or("forwarded") };
        self.metrics.requests.get_or_create(&labels).inc();
        if let Some(why) = known.session_fault() {
            let labels = SessionLabels { site: site.to_owned(), why };
            self.metrics.unusable_sessions.get_or_create(&labels).inc();
        }
        if is_written {
            self.write_line(ended, known);
        }
    }

    /// It made the gateway panic: a fault of ours, whatever was sent.
    pub(in crate::gateway) fn panicked(&self, request_id: &str) {
        tracing::error!(request_id, "a request made the gateway panic");
    }

    fn write_line(&self, ended: &Ended<'_>, known: &Known) {
        let (method, host, path, visitor) = match known {
            Known::Nothing => (ended.method, "", "", None),
            Known::OfNoSite { host, path } => (ended.method, host.as_str(), path.as_str(), None),
            Known::Facts(facts) => {
                let request = &facts.request;
                let path = cut(request.target.path.as_str());
                (&request.method, request.authority.name.as_str(), path, facts.asker.visitor.as_ref())
            }
        };
        self.log.access(&AccessLine {
            request_id: ended.request_id,
            peer: ended.client.to_string(),
            method: cut(method.as_str()),
            host,
            path,
            status: ended.status,
            reason: ended.reason,
            user: visitor.map(|visitor| visitor.identity.subject.as_str()),
            provider: visitor.map(|visitor| visitor.identity.provider.as_str()),
            by: visitor.map(Visitor::by),
            session: known.session_fault(),
            forward_auth: ended.asked_by.map(ForwardAuthProxy::as_str),
            head_ms: (ended.seconds * 1e5).round() / 100.0,
        });
    }
}

/// What a client wrote, cut for a log line.
fn cut(text: &str) -> &str {
    let end = (0..=LOG_QUOTE_BYTES_MAX.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    &text[..end]
}
