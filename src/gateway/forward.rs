//! The host application's side: the request to it, and its answer back, rewritten where it holds embeds.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::{body::Incoming, upgrade::OnUpgrade};
use tokio::time::timeout;
use tracing::{Instrument, debug_span};

use super::{Shared, answered::Answered, page::PageRewrite, standing::Stands};
use crate::{
    body::{Body, BodyError, Rest, Standing, followed_by, full, keeping, request_body, rewritten},
    connect::{PinOwner, SignsConnectionIn, Tunnel, TunnelLimits, UpstreamError, UpstreamPool, Whose},
    decide::{AsWhom, Event, Facts},
    endpoints::{Said, viewer},
    forward::{self, AnswerHead, Binding, BindingRefusal, Keeper, Sender, keep_private},
    limits::{CLIENT_IDLE_TIMEOUT, HELD_TIMEOUT, TUNNEL_IDLE_TIMEOUT},
    listen::Beside,
    reason::Reason,
    rewrite::{
        Change, FillContext, Filler, Heard, HeldAnswer, HeldBody, HeldStep, HtmlPlan, Note, Overflow, PageBody,
        RequestPlan, ResponsePlan, Untouched, change_head, plan_request, plan_response, rewrite_location, room_for,
    },
    system,
};

/// What of a request is no value: its body, its connection, and what the connection has beside it.
pub(super) struct Wire<'c> {
    pub(super) body: Incoming,
    pub(super) upgrade: OnUpgrade,
    pub(super) beside: Beside<'c>,
}

/// Forwards a request that may have the host application.
pub(super) async fn forward(
    shared: &Arc<Shared>,
    pool: &UpstreamPool,
    (facts, as_whom): (&Arc<Facts>, AsWhom),
    wire: Wire<'_>,
) -> Answered {
    let stands = Stands::new(shared, facts, as_whom);
    let forwarded = Forwarded { shared, pool, facts, as_whom, stands };
    let mut answered = match forwarded.answer(wire).await {
        Ok(response) => Answered::host(response),
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
    as_whom: AsWhom,
    stands: Arc<Stands>,
}

/// What is said in place of the host application's answer.
type InPlace = Box<Said>;

impl Forwarded<'_> {
    async fn answer(&self, wire: Wire<'_>) -> Result<Response<Body>, InPlace> {
        let (facts, pins) = (self.facts, wire.beside.pins);
        let (request, site) = (&facts.request, facts.site());
        let keeper = Keeper::of(facts.asker.visitor.is_some(), pins.is_some());
        if forward::signs_connection_in(&request.headers) {
            keeper.request().map_err(|refusal| self.bound(refusal))?;
        }
        let plan = plan_request(&site.rewrite, &request.target, &request.visit, &request.headers);
        let sender = Sender {
            identity: facts.visitor_as(self.as_whom).map(|visitor| &visitor.identity),
            request_id: &facts.request_id,
        };
        let head = || {
            let mut head = forward::request_head(request, &site.forward, sender, facts.cookies.for_host().cloned());
            plan.apply(&mut head.headers);
            head
        };
        let standing: Arc<dyn Standing> = Arc::<Stands>::clone(&self.stands);
        wire.beside.resting.set(&standing);
        let body = request_body(wire.body, CLIENT_IDLE_TIMEOUT, self.rest());
        let address = request.peer.address.ip();
        let mark = facts.asker.visitor.as_ref().map(|visitor| || facts.mark_of(visitor));
        let owner = pins.zip(mark.as_ref()).map(|(slot, session)| PinOwner { slot, address, session });
        let whose = Whose { owner, rest: self.rest() };
        let upstream = &site.forward.upstream;
        let sent = self.pool.send_for(whose, upstream, head, body, site.upstream_timeout);
        let span = debug_span!("upstream", upstream = %upstream.url);
        // Only for whoever looks closely: to carry it into a span costs more than the span.
        let sent = if span.is_disabled() { sent.await } else { Box::pin(sent).instrument(span).await };
        // The host application may have taken its time.
        self.stands.look().map_err(|reason| self.ended(reason))?;
        let mut answer = sent.map_err(|error| self.failed(&error))?;
        self.check_binding(keeper, &mut answer)?;
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            return self.tunnel(answer, wire.upgrade);
        }
        let (parts, body) = answer.into_parts();
        let head = forward::response_head(parts, &request.visit.method, &site.forward);
        let head = head.map_err(|error| self.failed(&error.into()))?;
        self.rewrite(&plan, head, body).await
    }

    /// What is said in place of an answer that signs its connection in, where none is kept. Other answers say nothing of that
    /// any more.
    fn check_binding(&self, keeper: Keeper, answer: &mut Response<Body>) -> Result<(), InPlace> {
        let Some(SignsConnectionIn(binding)) = answer.extensions_mut().remove() else { return Ok(()) };
        if binding == Binding::Challenged {
            self.tell(Event::SignsConnectionsIn);
        }
        let is_repeatable = forward::is_repeatable(&self.facts.request.method, answer.status());
        keeper.answer(binding, is_repeatable, answer.headers_mut()).map_err(|refusal| self.bound(refusal))
    }

    /// A WebSocket: both sides become one, until the session ends.
    fn tunnel(&self, mut answer: Response<Body>, client: OnUpgrade) -> Result<Response<Body>, InPlace> {
        let visit = &self.facts.request.visit;
        let tunnel = Tunnel::new(client, visit.kind, &mut answer).map_err(|error| self.failed(&error))?;
        let (parts, body) = answer.into_parts();
        let head = forward::response_head(parts, &visit.method, &self.facts.site().forward);
        let head = head.map_err(|error| self.failed(&error.into()))?;
        let bounds = TunnelLimits { idle: TUNNEL_IDLE_TIMEOUT, rest: self.rest() };
        tokio::spawn(tunnel.run(bounds, self.shared.stop.clone()));
        Ok(head.into_response(body))
    }

    /// The answer as the plan wants it: passed on, or with embeds in it.
    async fn rewrite(&self, plan: &RequestPlan, mut head: AnswerHead, body: Body) -> Result<Response<Body>, InPlace> {
        let (rewrite, target) = (&self.facts.site().rewrite, &self.facts.request.target);
        let answer = (head.status(), head.headers(), body.size_hint().exact());
        match plan_response(plan, rewrite, target, answer) {
            ResponsePlan::Pass(why) => {
                if let Some(why) = why {
                    self.tell(Event::Noted(Note::NotRewritten(why)));
                }
                Ok(head.into_response(body))
            }
            ResponsePlan::HeadOnly => {
                change_head(head.headers_mut(), Change::Embeds);
                head.forget_length();
                Ok(head.into_response(body))
            }
            ResponsePlan::Location => Ok(self.location(head, body)),
            ResponsePlan::Html(html) if html.is_held => {
                let filler = self.filler(&head);
                Box::pin(self.held(HeldBody::page(html, filler), head, body)).await
            }
            ResponsePlan::Html(html) => Ok(self.streamed(&html, head, body)),
            ResponsePlan::Json(json) => {
                let filler = self.filler(&head);
                Box::pin(self.held(HeldBody::json(json, filler), head, body)).await
            }
        }
    }

    fn location(&self, mut head: AnswerHead, body: Body) -> Response<Body> {
        let filler = self.filler(&head);
        let value = head.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (rewritten, heard) = rewrite_location(value, filler);
        self.note(heard);
        if let Some((location, change)) = rewritten
            && let Ok(mut location) = HeaderValue::from_str(&location)
        {
            location.set_sensitive(true);
            change_head(head.headers_mut(), change);
            head.headers_mut().insert(header::LOCATION, location);
        }
        head.into_response(body)
    }

    /// A short page or JSON: looked through before its head is sent, as long as there is room to hold it.
    async fn held(&self, mut held: HeldBody, head: AnswerHead, mut body: Body) -> Result<Response<Body>, InPlace> {
        let room = Arc::clone(&self.shared.held).try_acquire_many_owned(room_for(body.size_hint().upper()));
        let Ok(room) = room else {
            self.tell(Event::Noted(Note::NotRewritten(Untouched::NoRoom)));
            return Ok(head.into_response(body));
        };
        let read = timeout(HELD_TIMEOUT, read_into(&mut held, &mut body)).await;
        match read.map_err(|_| self.failed(&UpstreamError::Timeout(HELD_TIMEOUT)))? {
            Read::BrokeOff => Err(self.refusal(Reason::UpstreamBroken, Event::UpstreamBrokeOff)),
            Read::Ended(reason) => Err(self.ended(reason)),
            Read::Overflow(heard) => {
                self.note(heard);
                let body = followed_by(held.into_original(), body);
                Ok(head.into_response(keeping(body, room)))
            }
            Read::Whole => {
                let (head, body) = self.looked_through(held, head).await;
                Ok(head.into_response(keeping(full(body), room)))
            }
        }
    }

    async fn looked_through(&self, mut held: HeldBody, mut head: AnswerHead) -> (AnswerHead, Bytes) {
        let answer = loop {
            let stepped = held.step(self.shared.minting(self.facts));
            self.note(stepped.heard);
            match stepped.step {
                HeldStep::Again => tokio::task::yield_now().await,
                HeldStep::Done(answer) => break answer,
            }
        };
        match answer {
            HeldAnswer::Original(body) => (head, body),
            HeldAnswer::Changed { body, change } => {
                change_head(head.headers_mut(), change);
                (head, body)
            }
        }
    }

    /// A long page: its head goes out at once, its slots are filled as they come.
    fn streamed(&self, plan: &HtmlPlan, mut head: AnswerHead, body: Body) -> Response<Body> {
        let filler = self.filler(&head);
        // Nobody knows yet what the page holds.
        let change = if filler.may_sign_frames() { Change::Signed } else { Change::Embeds };
        change_head(head.headers_mut(), change);
        let page = PageBody::new(plan.coding, &plan.settings, filler);
        let page = PageRewrite::new(Arc::clone(self.shared), Arc::clone(self.facts), page);
        head.into_response(rewritten(body, page))
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

    fn failed(&self, error: &UpstreamError) -> InPlace {
        let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        self.refusal(error.reason(), Event::UpstreamFailed { error: error.to_string(), source })
    }

    fn refusal(&self, reason: Reason, event: Event) -> InPlace {
        Box::new(Said::refusal(self.facts, reason).telling(event))
    }

    /// In place of an answer that came, or failed, when the request did not stand any more.
    fn ended(&self, reason: Reason) -> InPlace {
        Box::new(Said::lapsed(self.facts, reason))
    }

    fn bound(&self, refusal: BindingRefusal) -> InPlace {
        let mut said = Said::refusal(self.facts, Reason::ConnectionBound);
        said.why = refusal.as_str();
        refusal.mark(&mut said.answer);
        Box::new(said)
    }
}

/// How reading a body that is held ended.
enum Read {
    Whole,
    Overflow(Heard),
    BrokeOff,
    /// What the answer rests on is gone.
    Ended(Reason),
}

async fn read_into(held: &mut HeldBody, body: &mut Body) -> Read {
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(BodyError::Ended(reason)) => return Read::Ended(reason),
            Err(BodyError::Idle(_) | BodyError::Broken(_) | BodyError::Reset | BodyError::Cut(_)) => {
                return Read::BrokeOff;
            }
        };
        if let Err(Overflow { heard }) = held.push(&frame.into_data().unwrap_or_default()) {
            return Read::Overflow(heard);
        }
    }
    Read::Whole
}
