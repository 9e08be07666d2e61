//! The host application's side: the request to it, and its answer back, rewritten where it holds embeds.

use std::sync::Arc;

use http::{Extensions, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;
use tracing::{Instrument, debug_span};

use super::{
    Shared,
    answered::Answered,
    held::{Read, Room, Wait, behind, read_into, shrunk},
    in_place::{self, InPlace},
    page::PageRewrite,
    standing::Stands,
    upload::{has_length, with_length},
};
use crate::{
    body::{Body, Rest, Standing, Upload, full, in_chunks, keeping, request_body, rewritten},
    connect::{PinOwner, SignsConnectionIn, Tunnel, TunnelEnd, TunnelLimits, UpstreamPool, Whose, WithLength},
    decide::{AsWhom, Event, Facts},
    embed::Delivery,
    endpoints::{Said, viewer},
    forward::{self, AnswerHead, Binding, ForwardSettings, Keeper, RequestBodies, Sender, keep_private},
    limits::{CLIENT_IDLE_TIMEOUT, HELD_PAUSE_MAX, HELD_UNSIZED_TIMEOUT, TUNNEL_IDLE_TIMEOUT},
    listen::Beside,
    reason::Reason,
    rewrite::{
        Change, FillContext, Filler, Heard, HeldAnswer, HeldBody, HeldStep, Hold, HtmlPlan, JsonPlan, Note, Onward,
        RequestPlan, ResponsePlan, Untouched, change_head, embed_redirect, location_text, plan_request, plan_response,
        rewrite_location, rewrite_refreshes, room_for, sends_on,
    },
    system,
};

/// What of a request is no value: its body, its connection, and what the connection has beside it.
pub(super) struct Wire<'c> {
    pub(super) body: Upload,
    pub(super) upgrade: OnUpgrade,
    /// How the browser spells the names of its headers: hyper keeps that here.
    pub(super) spelling: Extensions,
    pub(super) beside: Beside<'c>,
}

/// Forwards a request that may have the host application.
pub(super) async fn forward(
    shared: &Arc<Shared>,
    pool: &UpstreamPool,
    (facts, as_whom): (&Arc<Facts>, AsWhom),
    wire: Wire<'_>,
) -> Answered {
    let Some(way) = facts.place.forward() else {
        return Answered::said(&shared.scribe, facts, Said::refusal(facts, Reason::NoUpstream));
    };
    let stands = Stands::new(shared, facts, as_whom);
    let forwarded = Forwarded { shared, pool, facts, way, as_whom, stands };
    let mut answered = match forwarded.answer(wire).await {
        Ok(response) => {
            forwarded.stands.answer_begins();
            Answered::host(response)
        }
        Err(said) => Answered::said(&shared.scribe, facts, *said),
    };
    let status = answered.status();
    keep_private(status, answered.headers_mut(), facts.place.privacy(), &facts.request.headers);
    answered
}

/// One request that is forwarded.
struct Forwarded<'f> {
    shared: &'f Arc<Shared>,
    pool: &'f UpstreamPool,
    facts: &'f Arc<Facts>,
    way: &'f ForwardSettings,
    as_whom: AsWhom,
    stands: Arc<Stands>,
}

impl Forwarded<'_> {
    async fn answer(&self, wire: Wire<'_>) -> Result<Response<Body>, InPlace> {
        let (facts, pins) = (self.facts, wire.beside.pins);
        let (request, site, way) = (&facts.request, facts.site(), self.way);
        let keeper = Keeper::of(facts.asker.visitor.is_some(), pins.is_some());
        if forward::signs_connection_in(&request.headers) {
            keeper.request().map_err(|refusal| in_place::bound(self.facts, refusal))?;
        }
        let plan = plan_request(&site.rewrite, &request.target, &request.visit, &request.headers);
        let visitor = facts.visitor_as(self.as_whom);
        let standing: Arc<dyn Standing> = Arc::<Stands>::clone(&self.stands);
        wire.beside.resting.set(&standing);
        let body = request_body(wire.body, CLIENT_IDLE_TIMEOUT, self.rest());
        let (body, length) = self.with_length(body).await?;
        let head = || {
            // Of now: what was held of its body may have taken a while.
            let sender = Sender { visitor, request_id: &facts.request_id, now: self.shared.clock.now() };
            let untold = |header: &HeaderName, fault| self.tell(Event::Untold { header: header.clone(), fault });
            let mut head = forward::request_head(request, way, sender, facts.cookies.for_host().cloned(), untold);
            plan.apply(&mut head.headers);
            head.extensions = wire.spelling.clone();
            if let Some(length) = length {
                head.extensions.insert(WithLength(length));
            }
            head
        };
        let address = request.peer.counted_as();
        let mark = facts.asker.visitor.as_ref().map(|visitor| || facts.mark_of(visitor));
        let owner = pins.zip(mark.as_ref()).map(|(slot, session)| PinOwner { slot, address, session });
        let whose = Whose { owner, rest: self.rest() };
        let sent = self.pool.send_for(whose, &way.upstream, head, body, way.waits);
        let span = debug_span!("upstream", upstream = %way.upstream.url);
        // Only for whoever looks closely: to carry it into a span costs more than the span.
        let sent = if span.is_disabled() { sent.await } else { Box::pin(sent).instrument(span).await };
        // The host application may have taken its time.
        self.stands.look().map_err(|reason| in_place::ended(self.facts, reason))?;
        let mut answer = sent.map_err(|error| in_place::failed(self.facts, &error))?;
        if let Some(notes) = answer.extensions_mut().remove() {
            Note::of_head(notes).for_each(|note| self.tell(Event::Noted(note)));
        }
        self.check_binding(keeper, &mut answer)?;
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            return self.tunnel(answer, wire.upgrade);
        }
        let (parts, body) = answer.into_parts();
        let head = forward::response_head(parts, &request.visit.method, way);
        let head = head.map_err(|error| in_place::failed(self.facts, &error.into()))?;
        self.rewrite(&plan, head, body).await
    }

    /// The body with a length, where the host application needs one; then, its length.
    async fn with_length(&self, body: Body) -> Result<(Body, Option<u64>), InPlace> {
        if self.way.request_bodies == RequestBodies::Stream || has_length(&body) {
            return Ok((body, None));
        }
        // Boxed, because few requests come here.
        let body = Box::pin(with_length(body, &self.shared.uploads))
            .await
            .map_err(|error| in_place::not_held(self.facts, &error))?;
        let length = body.size_hint().exact();
        Ok((body, length))
    }

    /// What is said in place of an answer that signs its connection in, where none is kept. Other answers say nothing of that
    /// any more.
    fn check_binding(&self, keeper: Keeper, answer: &mut Response<Body>) -> Result<(), InPlace> {
        let Some(SignsConnectionIn(binding)) = answer.extensions_mut().remove() else { return Ok(()) };
        if binding == Binding::Challenged {
            self.tell(Event::SignsConnectionsIn);
        }
        let is_repeatable = forward::is_repeatable(&self.facts.request.method, answer.status());
        keeper
            .answer(binding, is_repeatable, answer.headers_mut())
            .map_err(|refusal| in_place::bound(self.facts, refusal))
    }

    /// A WebSocket: both sides become one, until the session ends.
    fn tunnel(&self, mut answer: Response<Body>, client: OnUpgrade) -> Result<Response<Body>, InPlace> {
        let visit = &self.facts.request.visit;
        let tunnel =
            Tunnel::new(client, visit.kind, &mut answer).map_err(|error| in_place::failed(self.facts, &error))?;
        let (parts, body) = answer.into_parts();
        let head = forward::response_head(parts, &visit.method, self.way);
        let head = head.map_err(|error| in_place::failed(self.facts, &error.into()))?;
        let bounds = TunnelLimits { idle: TUNNEL_IDLE_TIMEOUT, rest: self.rest() };
        let (stands, stop) = (Arc::clone(&self.stands), self.shared.stop.clone());
        tokio::spawn(async move {
            if tunnel.run(bounds, stop).await == TunnelEnd::Idle {
                stands.silent(TUNNEL_IDLE_TIMEOUT);
            }
        });
        Ok(head.into_response(body))
    }

    /// The answer as the plan wants it: passed on, or with embeds in it.
    async fn rewrite(&self, plan: &RequestPlan, mut head: AnswerHead, body: Body) -> Result<Response<Body>, InPlace> {
        if plan.may_redirect() && sends_on(head.headers()) {
            let filler = self.filler(&head);
            self.note(rewrite_refreshes(head.headers_mut(), filler));
        }
        let (rewrite, target) = (&self.facts.site().rewrite, &self.facts.request.target);
        let answer = (head.status(), head.headers(), body.size_hint().exact());
        match plan_response(plan, rewrite, target, answer) {
            ResponsePlan::Pass(why) => {
                if let Some(why) = why {
                    self.tell(Event::Noted(Note::NotRewritten(why)));
                }
                Ok(head.into_response(body))
            }
            ResponsePlan::HeadOnly(change) => {
                change_head(head.headers_mut(), change);
                head.forget_length();
                Ok(head.into_response(body))
            }
            ResponsePlan::Location => Ok(self.location(head, body)),
            ResponsePlan::Html(html) => {
                let (hold, extended) = (html.hold, html.extended.clone());
                let held = HeldBody::page(html, self.filler(&head));
                Box::pin(self.page((held, hold, extended), head, body)).await
            }
            ResponsePlan::Doubtful(plan) => {
                let extended = plan.page.as_ref().and_then(|(page, _)| page.extended.clone());
                let held = HeldBody::doubtful(plan, self.filler(&head));
                Box::pin(self.page((held, Hold::WhileItComes, extended), head, body)).await
            }
            ResponsePlan::Json(json) => Box::pin(self.json(json, head, body)).await,
        }
    }

    fn location(&self, mut head: AnswerHead, body: Body) -> Response<Body> {
        let filler = self.filler(&head);
        let (rewritten, heard) = match head.headers().get(header::LOCATION) {
            Some(value) => rewrite_location(&location_text(value), filler),
            None => (None, Heard::default()),
        };
        self.note(heard);
        if let Some((location, change)) = rewritten
            && let Ok(mut location) = HeaderValue::from_str(&location)
        {
            location.set_sensitive(true);
            let visit = &self.facts.request.visit;
            // Its GET may have a signed URL.
            let is_strictest = visit.method == Method::HEAD && self.facts.site().rewrite.delivery() == Delivery::Signed;
            change_head(head.headers_mut(), if is_strictest { Change::Signed } else { change });
            head.headers_mut().insert(header::LOCATION, location);
            head.set_status(embed_redirect(head.status(), &self.facts.request.visit.method));
        }
        head.into_response(body)
    }

    /// A page: a short one is looked through before its head is sent, as long as there is room to hold it. What is not held,
    /// or not any more, streams.
    async fn page(
        &self,
        (mut held, hold, extended): (HeldBody, Hold, Extended),
        head: AnswerHead,
        mut body: Body,
    ) -> Result<Response<Body>, InPlace> {
        let wait = match hold {
            Hold::ToItsEnd => Some(self.held_wait()),
            Hold::WhileItComes => Some(Wait { piece: HELD_PAUSE_MAX, whole: HELD_UNSIZED_TIMEOUT }),
            Hold::Not => None,
        };
        let is_sized = body.size_hint().exact().is_some();
        let bytes_max = body.size_hint().upper().unwrap_or(held.bytes_max() as u64);
        let room = wait.and_then(|_| self.room(Some(bytes_max)));
        if let (Some(wait), true) = (wait, room.is_some()) {
            let mut read = read_into(&mut held, &mut body, wait).await;
            if matches!(read, Read::Paused) && held.is_wanted_whole() {
                read = read_into(&mut held, &mut body, self.held_wait()).await;
            }
            match read {
                Read::Whole => {
                    return Ok(self.looked_through((held, room), head, (is_sized, extended)).await);
                }
                Read::Paused if hold == Hold::ToItsEnd => {
                    return Err(in_place::not_whole(self.facts));
                }
                Read::Paused | Read::Overflow => {}
                Read::BrokeOff(error) => return Err(in_place::broke_off(self.facts, &error)),
                Read::Ended(reason) => return Err(in_place::ended(self.facts, reason)),
            }
        }
        Ok(self.onward((held, room), head, (body, extended)))
    }

    /// JSON: looked through before its head is sent.
    async fn json(&self, plan: JsonPlan, head: AnswerHead, mut body: Body) -> Result<Response<Body>, InPlace> {
        let Some(room) = self.room(body.size_hint().upper()) else {
            self.tell(Event::Noted(Note::NotRewritten(Untouched::NoRoom)));
            return Ok(head.into_response(body));
        };
        let mut held = HeldBody::json(plan, self.filler(&head));
        match read_into(&mut held, &mut body, self.held_wait()).await {
            Read::Whole => Ok(self.looked_through((held, Some(room)), head, (true, None)).await),
            Read::Overflow => Ok(self.onward((held, Some(room)), head, (body, None))),
            Read::Paused => Err(in_place::not_whole(self.facts)),
            Read::BrokeOff(error) => Err(in_place::broke_off(self.facts, &error)),
            Read::Ended(reason) => Err(in_place::ended(self.facts, reason)),
        }
    }

    /// Room to hold a body of so many bytes, and what becomes of it; none where all is in use.
    fn room(&self, bytes_max: Option<u64>) -> Room {
        Arc::clone(&self.shared.held).try_acquire_many_owned(room_for(bytes_max)).ok()
    }

    /// The answer for a body that is there, and says how long it is if the host application did.
    async fn looked_through(
        &self,
        (mut held, room): (HeldBody, Room),
        mut head: AnswerHead,
        (is_sized, extended): (bool, Extended),
    ) -> Response<Body> {
        let room = shrunk(room, &held);
        let answer = loop {
            let stepped = held.step(self.shared.minting(self.facts));
            self.note(stepped.heard);
            match stepped.step {
                HeldStep::Again => tokio::task::yield_now().await,
                HeldStep::Done(answer) => break answer,
            }
        };
        let body = match answer {
            HeldAnswer::Original(body) => body,
            HeldAnswer::Changed { body, change } => {
                change_head(head.headers_mut(), change);
                HtmlPlan::extend(extended, change, head.headers_mut());
                body
            }
        };
        let body = if is_sized { full(body) } else { in_chunks(body) };
        head.into_response(keeping(body, room))
    }

    /// A body that is not held: what came of it, then the rest. The head of a page goes out at once, its slots are filled as
    /// they come.
    fn onward(
        &self,
        (held, room): (HeldBody, Room),
        mut head: AnswerHead,
        (body, extended): (Body, Extended),
    ) -> Response<Body> {
        let room = shrunk(room, &held);
        match held.into_onward() {
            Onward::Page(page, first) => {
                // Nobody knows yet what the page holds.
                let change = page.change_ahead();
                change_head(head.headers_mut(), change);
                HtmlPlan::extend(extended, change, head.headers_mut());
                let page = PageRewrite::new(Arc::clone(self.shared), Arc::clone(self.facts), page);
                head.into_response(rewritten(behind((first, room), body), page))
            }
            Onward::Original(first, heard) => {
                self.note(heard);
                head.into_response(behind((first, room), body))
            }
        }
    }

    /// What fills the slots of this answer; on a route without identity nothing is minted.
    fn filler(&self, head: &AnswerHead) -> Filler {
        let facts = self.facts;
        // By yesterday's rules nothing is minted: the slots get their links.
        let visitor = facts.visitor_as(self.as_whom).filter(|_| self.shared.is_current(facts));
        let context = FillContext {
            rewrite: Arc::clone(&facts.site().rewrite),
            viewer: visitor.map(|visitor| viewer(facts, visitor)),
            visit: facts.request.visit.clone(),
            status: head.status(),
            now: facts.now,
        };
        Filler::new(context, system::seed().into_stream())
    }

    fn rest(&self) -> Rest {
        Some(Arc::<Stands>::clone(&self.stands))
    }

    fn tell(&self, event: Event) {
        self.shared.scribe.tell(self.facts, event);
    }

    fn note(&self, heard: Heard) {
        self.shared.scribe.note(self.facts, heard);
    }

    /// How long an answer is waited for that is held to its end.
    fn held_wait(&self) -> Wait {
        let held = self.way.waits.held;
        Wait { piece: held, whole: held }
    }
}

/// The policies of a page that gets a frame; none: as they are.
type Extended = Option<Vec<HeaderValue>>;
