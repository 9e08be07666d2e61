//! A request's line in the log, and its place in the counts: with its answer, or without one where the browser leaves before.

use std::{net::SocketAddr, sync::Arc};

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
    reason::Reason,
    request::Unscreened,
    system::{self, Moment},
};

/// Written down once: with its answer, or as it is dropped without one.
pub(super) struct Line {
    shared: Arc<Shared>,
    started: Moment,
    /// The request's id.
    pub(super) request_id: Arc<str>,
    address: SocketAddr,
    method: Method,
    known: Known,
    is_recorded: bool,
}

impl Line {
    /// A request has come.
    pub(super) fn begin(shared: &Arc<Shared>, address: SocketAddr, method: Method) -> Self {
        shared.scribe.arrived();
        let request_id = system::request_id();
        Self {
            shared: Arc::clone(shared),
            started: Moment::now(),
            request_id,
            address,
            method,
            known: Known::Nothing,
            is_recorded: false,
        }
    }

    /// It was admitted, and is for no site.
    pub(super) fn is_of_no_site(&mut self, request: &Unscreened) {
        self.known = Known::of_no_site(request.authority().name.as_str(), request.target().path.as_str());
    }

    /// It is for a site.
    pub(super) fn is_of_site(&mut self, facts: &Arc<Facts>) {
        self.known = Known::Facts(Arc::clone(facts));
    }

    /// It is answered.
    pub(super) fn end(mut self, answered: Result<Answered, Reason>) -> Response<Body> {
        let mut answered = answered.unwrap_or_else(|reason| {
            if reason == Reason::Internal {
                self.shared.scribe.panicked(&self.request_id);
            }
            Answered::to_nobody(&self.request_id, self.shared.config.load().paths.sigma(), reason)
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
        let ended =
            Ended { request_id: &self.request_id, peer: self.address, method: &self.method, status, reason, seconds };
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
