//! The arrows: admit → locate → screen → identify → decide → an own endpoint, or forward → part.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures_util::FutureExt;
use http::{Request, Response, request::Parts};
use hyper::body::Incoming;
use tokio::time::timeout;
use tracing::Instrument;

use super::{
    Scribe, Shared,
    answered::Answered,
    forward::{Wire, forward},
    line::Line,
    sign_in::{callback, sign_in, sign_out, start},
};
use crate::{
    body::{Body, collect, request_body},
    connect::UpstreamPool,
    decide::{Decision, Facts, Part, decide, identify, locate, on_arrival},
    endpoints::{self, ReadBody, Said},
    identity::Cookies,
    limits::{OWN_BODY_BYTES_MAX, OWN_BODY_TIMEOUT},
    listen::{Beside, Handler, Unreadable},
    reason::Reason,
    request::{ClientConnection, Endpoint, admit},
    system,
};

/// One worker's gateway: what is shared, and its own upstream connections.
pub(crate) struct Gateway {
    shared: Arc<Shared>,
    pool: UpstreamPool,
}

impl Gateway {
    /// A worker's gateway.
    #[must_use]
    pub(crate) const fn new(shared: Arc<Shared>, pool: UpstreamPool) -> Self {
        Self { shared, pool }
    }

    /// Finds out all that is known of a request, and decides.
    fn arrive(&self, parts: Parts, from: &ClientConnection, line: &mut Line) -> Result<(Arc<Facts>, Decision), Reason> {
        let config = self.shared.config.load_full();
        let admitted = admit(parts, from).map_err(|error| error.reason())?;
        let Some(place) = locate(&config, admitted.authority(), &admitted.target().path) else {
            line.is_of_no_site(&admitted);
            return Err(Reason::UnknownHost);
        };
        let screened = admitted.screen(&place.site.headers).map_err(|error| error.reason())?;
        let (request, now) = (screened.request, self.shared.clock.now());
        let cookies = Cookies::of(&request.headers);
        let asker = identify(&place, &config.session, &cookies, &screened.asserted, now);
        let request_id = Arc::clone(&line.request_id);
        let facts = Arc::new(Facts { config, place, request, cookies, asker, request_id, now });
        // Before anything is decided: whatever comes of that, its line says of which site it was.
        line.is_of_site(&facts);
        let decision = decide(&facts.place, &facts.asker, &facts.request.visit);
        for event in on_arrival(&facts.asker, &screened.asserted, &screened.dropped) {
            self.shared.scribe.tell(&facts, event);
        }
        Ok((facts, decision))
    }

    /// What its site answers.
    async fn answer(&self, facts: Arc<Facts>, decision: Decision, wire: Wire<'_>) -> Answered {
        let (shared, facts, pins) = (&self.shared, &facts, wire.beside.pins);
        if let Some(pins) = pins {
            // Ends what the client connection keeps for another session, or where there is none.
            pins.keep_only(|| facts.session_mark());
        }
        let own = |said| Answered::said(&shared.scribe, facts, said);
        let mut answered = match decision {
            Decision::Forward { as_whom } => forward(shared, &self.pool, (facts, as_whom), wire).await,
            // Boxed, with what is rare or long: every connection keeps room for the largest future of a request.
            Decision::Endpoint => own(Box::pin(endpoint(shared, facts, wire.body)).await),
            Decision::StableLink(name) => own(Box::pin(stable_link(shared, facts, name.as_str(), "")).await),
            Decision::SignIn(how) => own(Box::pin(sign_in(shared, facts, how)).await),
            Decision::ConfirmSignOut => own(endpoints::confirm_sign_out(facts)),
            Decision::Deny(reason) => own(Said::denial(facts, reason)),
            Decision::Refuse(reason) => own(Said::refusal(facts, reason)),
        };
        if let (Some(pins), true) = (pins, answered.ends_session()) {
            // Nobody waits for the next request.
            pins.keep_only(|| None);
        }
        answered.part(facts);
        answered
    }
}

async fn endpoint(shared: &Shared, facts: &Facts, body: Incoming) -> Said {
    let Part::Endpoint(endpoint) = &facts.place.part else { return Said::refusal(facts, Reason::Internal) };
    let stream = || system::seed().into_stream();
    match endpoint {
        Endpoint::SignInStart => start(shared, facts).await,
        Endpoint::Callback => callback(shared, facts).await,
        Endpoint::SignOut => sign_out(shared, facts),
        Endpoint::UserInfo => endpoints::user_info(facts),
        Endpoint::StableLink { name, rest } => stable_link(shared, facts, name, rest).await,
        Endpoint::EmbedApi { name, rest } => endpoints::embed_api(facts, name, rest, &mut stream()),
        Endpoint::Script => endpoints::script(facts),
        Endpoint::Style => endpoints::style(facts),
        Endpoint::Events => {
            let body = if endpoints::is_read(facts) { read(body).await } else { None };
            endpoints::events(facts, body)
        }
        Endpoint::Unknown => Said::refusal(facts, Reason::NotFound),
    }
}

async fn stable_link(shared: &Shared, facts: &Facts, name: &str, rest: &str) -> Said {
    match endpoints::stable_link(facts, name, rest, &mut system::seed().into_stream()) {
        Ok(said) => said,
        Err(how) => sign_in(shared, facts, how).await,
    }
}

/// The body of a request to one of our own endpoints, as far as it is short, quick and whole.
async fn read(body: Incoming) -> ReadBody {
    let body = collect(request_body(body, OWN_BODY_TIMEOUT, None), OWN_BODY_BYTES_MAX);
    timeout(OWN_BODY_TIMEOUT, body).await.ok().and_then(Result::ok)
}

impl Handler for Gateway {
    async fn handle(
        &self,
        mut request: Request<Incoming>,
        from: &ClientConnection,
        beside: Beside<'_>,
    ) -> Response<Body> {
        let mut line = Line::begin(&self.shared, from.address, request.method().clone());
        let upgrade = hyper::upgrade::on(&mut request);
        let (parts, body) = request.into_parts();
        let wire = Wire { body, upgrade, beside };
        // One bad request never stops the rest: a panic becomes a 500 of this request alone.
        let answered = match catch_unwind(AssertUnwindSafe(|| self.arrive(parts, from, &mut line))) {
            // Boxed, because an idle connection keeps room for this future.
            Ok(Ok((facts, decision))) => {
                let span = Scribe::span_around(&facts);
                let answer = Box::pin(self.answer(facts, decision, wire)).instrument(span);
                AssertUnwindSafe(answer).catch_unwind().await.or(Err(Reason::Internal))
            }
            Ok(Err(reason)) => Err(reason),
            Err(_) => Err(Reason::Internal),
        };
        line.end(answered)
    }

    fn unreadable(&self, why: Unreadable, from: &ClientConnection) {
        self.shared.scribe.unreadable(why, from);
    }
}
