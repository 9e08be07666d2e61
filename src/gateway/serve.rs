//! The arrows: admit → locate → screen → identify → decide → an own endpoint, or forward → see off.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures_util::FutureExt;
use http::{Request, Response, request::Parts};
use tokio::time::timeout;
use tracing::Instrument;

use super::{
    Scribe, Shared,
    answered::Answered,
    forward::{Wire, forward},
    line::Line,
    sign_in::{begin_sign_in, callback, sign_in, sign_out},
    vouch,
};
use crate::{
    body::{Body, Upload, collect, request_body},
    connect::UpstreamPool,
    decide::{
        Arriving, Attested, Decision, Facts, FrontCheck, Own, WayBack, attest, decide, identify, locate, of_alias,
        on_arrival, ruling,
    },
    endpoints::{self, Asked, ReadBody, Said},
    identity::Cookies,
    limits::{OWN_BODY_BYTES_MAX, OWN_BODY_TIMEOUT},
    listen::{Beside, Handler, Unreadable},
    reason::{Done, Reason},
    request::{ClientConnection, ForwardAuthProxy, Peer, admit},
    system,
};

/// One worker's gateway: what is shared, and its own upstream connections.
pub(crate) struct Gateway {
    shared: Arc<Shared>,
    pool: UpstreamPool,
}

/// What a request is, once all is known of it.
enum Arrived {
    /// Of a site, and decided.
    Decided(Arc<Facts>, Decision),
    /// Of another name of a site, which it is sent to.
    OfAlias(String),
    /// A question of a proxy in front, answered.
    Told(Answered),
    /// Of a site, with an identity attached that needs keys which are not at hand.
    Unvouched(Box<Arriving>),
}

impl Gateway {
    /// A worker's gateway.
    #[must_use]
    pub(crate) const fn new(shared: Arc<Shared>, pool: UpstreamPool) -> Self {
        Self { shared, pool }
    }

    /// Finds out all that is known of a request, and decides.
    fn arrive(&self, parts: Parts, from: &ClientConnection, line: &mut Line) -> Result<Arrived, Reason> {
        let config = self.shared.config.load_full();
        line.asked_by = config.paths.forward_auth(parts.uri.path());
        let listen = &config.listen;
        let peer = Peer::of(from, &parts.headers, &listen.trusted_proxies, listen.client_address.as_ref());
        line.is_from(&peer);
        let mut admitted = admit(parts, peer).map_err(|error| error.reason())?;
        if let Some(proxy) = line.asked_by {
            line.is_of_no_site(&admitted);
            admitted = proxy.named_by(admitted, config.paths.sign_in()).map_err(|error| error.reason())?;
        }
        let Some(place) = locate(&config, admitted.authority(), admitted.target()) else {
            line.is_of_no_site(&admitted);
            if line.asked_by.is_some() {
                return Err(Reason::UnknownHost);
            }
            return of_alias(&config, admitted.authority(), admitted.target())
                .map(Arrived::OfAlias)
                .ok_or(Reason::UnknownHost);
        };
        let place = place.writing_to(&config, admitted.writes_to());
        let screened = admitted.screen(&place.site.headers).map_err(|error| error.reason())?;
        let arriving = Arriving { config, place, screened, now: self.shared.clock.now() };
        Ok(match vouch::at_hand(&self.shared, &arriving) {
            Some(attested) => self.decided(arriving, attested, line),
            None => Arrived::Unvouched(Box::new(arriving)),
        })
    }

    /// Decides about a request of which everything is known, with what is attached to it.
    fn decided(&self, mut arriving: Arriving, attested: Attested, line: &mut Line) -> Arrived {
        let Arriving { config, place, screened, now } = &arriving;
        let mut cookies = Cookies::of(&screened.request.headers);
        arriving.withhold(&mut cookies);
        let asker = identify(place, &config.session, &cookies, &screened.asserted, *now);
        let asker = attest(asker, attested, (place, config), &screened.asserted);
        if asker.front == FrontCheck::Vouches {
            arriving.put_back();
        }
        let Arriving { config, place, screened, now } = arriving;
        let (request, request_id) = (screened.request, Arc::clone(&line.request_id));
        let facts = Arc::new(Facts { config, place, request, cookies, asker, request_id, now });
        // Before anything is decided: whatever comes of that, its line says of which site it was.
        line.is_of_site(&facts);
        // Nothing of a question is passed on that could be missed.
        let dropped = if line.asked_by.is_some() { &[] } else { screened.dropped.as_slice() };
        for event in on_arrival(&facts.asker, &screened.asserted, dropped) {
            self.shared.scribe.tell(&facts, event);
        }
        if let Some(proxy) = line.asked_by {
            return Arrived::Told(self.tell_proxy(&facts, proxy));
        }
        let decision = decide(&facts.place, &facts.asker, &facts.request.visit);
        Arrived::Decided(facts, decision)
    }

    /// What a proxy in front is told of a request that it asks about: at once, for nothing is fetched.
    fn tell_proxy(&self, facts: &Facts, proxy: ForwardAuthProxy) -> Answered {
        let ruling = ruling(&facts.place, &facts.asker, &facts.request.visit);
        let mut stream = system::seed().into_stream();
        let said = endpoints::forward_auth(Asked::new(facts, &mut stream).hearing((proxy, ruling)));
        let mut answered = Answered::said(&self.shared.scribe, facts, said);
        answered.see_off(facts);
        answered
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
            Decision::Deny(reason) => own(Said::denial(facts, reason)),
            Decision::Refuse(reason) => own(Said::refused(facts, reason)),
            // Boxed, with what is rare or long: every connection keeps room for the largest future of a request.
            Decision::Own(endpoint) => own(Box::pin(answer_ourselves(shared, facts, endpoint, wire.body)).await),
            Decision::SignIn(how) => {
                let mut stream = system::seed().into_stream();
                own(Box::pin(sign_in(shared, Asked::new(facts, &mut stream), how)).await)
            }
        };
        if let (Some(pins), true) = (pins, answered.ends_session()) {
            // Nobody waits for the next request.
            pins.keep_only(|| None);
        }
        answered.see_off(facts);
        answered
    }
}

/// What an endpoint of our own says.
async fn answer_ourselves(shared: &Shared, facts: &Facts, endpoint: Own, body: Upload) -> Said {
    let mut stream = system::seed().into_stream();
    let asked = Asked::new(facts, &mut stream);
    match endpoint {
        Own::BeginSignIn => begin_sign_in(shared, asked, WayBack::Parameter).await,
        Own::EndSignIn => callback(shared, asked).await,
        Own::KeepAnswer => endpoints::keep_answer(asked.hearing(read(body).await)),
        Own::SignOut => sign_out(shared, asked).await,
        Own::ConfirmSignOut => endpoints::confirm_sign_out(asked),
        Own::SignedOut => endpoints::signed_out(asked),
        Own::UserInfo => endpoints::user_info(asked),
        Own::EmbedPage => endpoints::embed_page(asked),
        Own::EmbedPageWithoutUrl => endpoints::embed_page_without_url(asked),
        Own::EmbedRedirect => endpoints::embed_redirect(asked),
        Own::EmbedApi => endpoints::embed_api(asked),
        Own::Style => endpoints::style(asked),
        Own::Script => endpoints::script(asked),
        Own::AssertionKeys => endpoints::assertion_keys(asked),
        Own::TakeReport => endpoints::events(asked.hearing(read(body).await)),
    }
}

/// The body of a request to one of our own endpoints, as far as it is short, quick and whole.
async fn read(body: Upload) -> ReadBody {
    let body = collect(request_body(body, OWN_BODY_TIMEOUT, None), OWN_BODY_BYTES_MAX);
    timeout(OWN_BODY_TIMEOUT, body).await.ok().and_then(Result::ok)
}

impl Handler for Gateway {
    async fn handle(
        &self,
        mut request: Request<Upload>,
        from: &ClientConnection,
        beside: Beside<'_>,
    ) -> Response<Body> {
        let mut line = Line::begin(&self.shared, from, request.method().clone());
        let upgrade = hyper::upgrade::on(&mut request);
        let (mut parts, body) = request.into_parts();
        let spelling = std::mem::take(&mut parts.extensions);
        let is_unreadable = beside.has_unreadable_target;
        let wire = Wire { body, upgrade, spelling, beside };
        // One bad request never stops the rest: a panic becomes a 500 of this request alone.
        let arrive = || if is_unreadable { Err(Reason::BadPath) } else { self.arrive(parts, from, &mut line) };
        let arrived = match catch_unwind(AssertUnwindSafe(arrive)) {
            // Boxed, because an idle connection keeps room for this future.
            Ok(Ok(Arrived::Unvouched(arriving))) => {
                let decided = Box::pin(async {
                    let attested = vouch::with_keys(&self.shared, &arriving).await;
                    self.decided(*arriving, attested, &mut line)
                });
                AssertUnwindSafe(decided).catch_unwind().await.map(Ok)
            }
            arrived => arrived,
        };
        let answered = match arrived {
            Ok(Ok(Arrived::Told(answered))) => Ok(answered),
            Ok(Ok(Arrived::OfAlias(location))) => return line.end_at_site(&location, Done::Alias),
            Ok(Ok(Arrived::Decided(facts, decision))) => {
                let span = Scribe::span_around(&facts);
                let answer = Box::pin(self.answer(facts, decision, wire)).instrument(span);
                AssertUnwindSafe(answer).catch_unwind().await.or(Err(Reason::Internal))
            }
            Ok(Err(reason)) => Err(reason),
            // Unvouched: whoever waits for keys is decided about then.
            Ok(Ok(Arrived::Unvouched(_))) | Err(_) => Err(Reason::Internal),
        };
        line.end(answered)
    }

    fn unreadable(&self, why: Unreadable, from: &ClientConnection) {
        self.shared.scribe.unreadable(why, from);
    }
}
