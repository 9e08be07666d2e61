//! Host applications that sign connections in (NTLM, Negotiate): for whom such a connection is kept, and what everybody else
//! gets. The rules are [`forward::Keeper`]'s.

use http::{Response, StatusCode};
use serde_json::json;

use super::exchange::{Exchange, Outcome};
use crate::{
    connect::{Body, PinSlot, SignsConnectionIn},
    forward::{self, Binding, BindingRefusal, Keeper},
    identity::{Session, SessionMark},
    listen::Http11Required,
    reason::Reason,
    reply::{self, Failure},
};

impl Outcome {
    /// With a sign-out here ends what the client connection keeps: nobody waits for the next request.
    pub(super) fn end_own_connection(&self, pins: Option<&PinSlot>) {
        if let Some(pins) = pins.filter(|_| self.reason() == Some("signed_out")) {
            pins.keep_only(|| None);
        }
    }
}

impl Exchange {
    /// Ends what the client connection keeps for another session, or where there is none.
    pub(super) fn keep_own_connection(&self, pins: Option<&PinSlot>) {
        if let Some(pins) = pins {
            pins.keep_only(|| self.session.as_ref().map(|session| self.mark(session)));
        }
    }

    /// Which session it is.
    pub(super) fn mark(&self, session: &Session) -> SessionMark {
        SessionMark::of(&session.identity, session.signed_in_at, self.site_name(), &self.jar())
    }

    /// What a request gets that signs its connection in, where none can be kept for it: nobody is asked.
    pub(super) fn refuse_bound_request(&self, pins: Option<&PinSlot>) -> Option<Outcome> {
        if !forward::signs_connection_in(&self.request.headers) {
            return None;
        }
        self.keeper(pins).request().err().map(|refusal| self.refuse_bound(refusal))
    }

    /// What is said in place of an answer that signs its connection in, where none is kept. Other answers say nothing of that
    /// any more.
    pub(super) fn refuse_bound_answer(&self, answer: &mut Response<Body>, pins: Option<&PinSlot>) -> Option<Outcome> {
        let SignsConnectionIn(binding) = answer.extensions_mut().remove()?;
        if binding == Binding::Challenged {
            self.tell_signs_in();
        }
        // What has had no effect may be asked for again.
        let is_repeatable = self.request.method.is_safe() || answer.status() == StatusCode::UNAUTHORIZED;
        let answered = self.keeper(pins).answer(binding, is_repeatable, answer.headers_mut());
        answered.err().map(|refusal| self.refuse_bound(refusal))
    }

    const fn keeper(&self, pins: Option<&PinSlot>) -> Keeper {
        match (&self.session, pins) {
            (Some(_), Some(_)) => Keeper::Session,
            (Some(_), None) => Keeper::SessionSideBySide,
            (None, _) => Keeper::Nobody,
        }
    }

    fn refuse_bound(&self, refusal: BindingRefusal) -> Outcome {
        match refusal {
            BindingRefusal::Refused => self.refuse(Reason::ConnectionBound),
            BindingRefusal::Http11Required => {
                let failure = Failure::new(Reason::ConnectionBound, self.audience());
                let mut answer = reply::failure(self.context(), failure);
                answer.extensions_mut().insert(Http11Required);
                Outcome::own(answer, "http_1_1_required")
            }
        }
    }

    /// Once for each site and process: what it means is for whoever runs the gateway.
    fn tell_signs_in(&self) {
        let mut told = self.shared.signing_sites.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if told.contains(self.site_name()) {
            return;
        }
        told.insert(self.site_name().to_owned());
        drop(told);
        let fields = json!({ "site": self.site_name(), "request_id": &*self.request_id, "path": self.request.target.path.as_str() });
        self.shared.log.event("warn", TOLD, &fields);
    }
}

const TOLD: &str = "host application signs connections in (NTLM, Negotiate): that works for people who are signed in here, over \
    HTTP/1.1, each on a connection of their own; anybody else gets 403 connection_bound. See OPERATING.md";
