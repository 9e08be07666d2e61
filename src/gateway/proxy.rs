//! Forwarding: the request to the host application, and its answer back, rewritten where it holds embeds.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::{
    Arrived, Gateway,
    exchange::{Exchange, Outcome},
    page::PageRewrite,
};
use crate::{
    connect::{
        Body, BodyError, PinOwner, Rest, Standing, Tunnel, TunnelLimits, UpstreamError, Whose, followed_by, full,
        keeping, request_body, rewritten,
    },
    forward::{self, AnswerHead, Sender},
    identity::{Cookies, Identity},
    limits::{CLIENT_IDLE_TIMEOUT, HELD_TIMEOUT, JSON_BYTES_MAX, TUNNEL_IDLE_TIMEOUT},
    reason::Reason,
    request::VisitKind,
    rewrite::{
        Answer, Change, FillContext, Filler, HeldBody, HeldStep, HtmlPlan, Note, Overflow, PageBody, RequestPlan,
        ResponsePlan, Untouched, change_head, plan_request, plan_response, rewrite_location,
    },
    system,
};

impl Gateway {
    /// Forwards a request that may have the host application.
    pub(super) async fn forward(
        &self,
        exchange: &Arc<Exchange>,
        identity: Option<&Identity>,
        arrived: Arrived<'_>,
    ) -> Outcome {
        let (request, pins) = (&exchange.request, arrived.beside.pins);
        if let Some(refused) = exchange.refuse_bound_request(pins) {
            return refused;
        }
        let plan = plan_request(&exchange.site.rewrite, &request.target, &request.visit, &request.headers);
        let settings = &exchange.site.forward;
        let sender = Sender { peer: &exchange.peer, identity, request_id: &exchange.request_id };
        let head = || {
            let mut head =
                forward::request_head(request, settings, sender, Cookies::of(&request.headers).for_host().cloned());
            plan.apply(&mut head.headers);
            head
        };
        if identity.is_some() {
            exchange.is_for_person();
        }
        let standing: Arc<dyn Standing> = Arc::<Exchange>::clone(exchange);
        arrived.beside.resting.set(&standing);
        let rest = || -> Rest { Some(Arc::clone(&standing)) };
        let body = request_body(arrived.body, CLIENT_IDLE_TIMEOUT, rest());
        let mark = exchange.session.as_ref().map(|session| || exchange.mark(session));
        let address = exchange.peer.address.ip();
        let owner = pins.zip(mark.as_ref()).map(|(slot, session)| PinOwner { slot, address, session });
        let whose = Whose { owner, rest: rest() };
        let sent = self.pool.send_for(whose, &settings.upstream, head, body, exchange.site.upstream_timeout).await;
        // The host application may have taken its time.
        if let Err(reason) = exchange.look() {
            return exchange.refuse_ended(reason);
        }
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(error) => return exchange.upstream_failed(&error),
        };
        if let Some(refused) = exchange.refuse_bound_answer(&mut answer, pins) {
            return refused;
        }
        if answer.status() == http::StatusCode::SWITCHING_PROTOCOLS {
            return exchange.tunnel(answer, arrived.upgrade);
        }
        let (parts, body) = answer.into_parts();
        match forward::response_head(parts, &request.visit.method, settings) {
            Ok(head) => exchange.rewrite(&plan, head, body, identity.is_some()).await,
            Err(error) => exchange.upstream_failed(&error.into()),
        }
    }
}

impl Exchange {
    fn upstream_failed(&self, error: &UpstreamError) -> Outcome {
        let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        tracing::warn!(request_id = &*self.request_id, site = self.site_name(), %error, source, "host application failed");
        self.refuse(error.reason())
    }

    /// A WebSocket: both sides become one, until the session ends.
    fn tunnel(self: &Arc<Self>, mut answer: Response<Body>, client: hyper::upgrade::OnUpgrade) -> Outcome {
        if self.request.visit.kind != VisitKind::WebSocket {
            return self.upstream_failed(&UpstreamError::Unasked);
        }
        let tunnel = match Tunnel::new(client, &mut answer) {
            Ok(tunnel) => tunnel,
            Err(error) => return self.upstream_failed(&error),
        };
        let (parts, body) = answer.into_parts();
        let head = match forward::response_head(parts, &self.request.visit.method, &self.site.forward) {
            Ok(head) => head,
            Err(error) => return self.upstream_failed(&error.into()),
        };
        let bounds = TunnelLimits { idle: TUNNEL_IDLE_TIMEOUT, rest: Some(Arc::clone(self) as Arc<dyn Standing>) };
        tokio::spawn(tunnel.run(bounds, self.shared.stop.clone()));
        Outcome::forwarded(head.into_response(body))
    }

    /// The answer as the plan wants it: passed on, or with embeds in it.
    async fn rewrite(
        self: &Arc<Self>,
        plan: &RequestPlan,
        mut head: AnswerHead,
        body: Body,
        is_identified: bool,
    ) -> Outcome {
        let (rewrite, target) = (&self.site.rewrite, &self.request.target);
        let answer = (head.status(), head.headers(), body.size_hint().exact());
        match plan_response(plan, rewrite, target, answer) {
            ResponsePlan::Pass(why) => {
                self.note(why.map(Note::NotRewritten));
                Outcome::forwarded(head.into_response(body))
            }
            ResponsePlan::HeadOnly => {
                change_head(head.headers_mut(), Change::Embeds);
                head.forget_length();
                Outcome::forwarded(head.into_response(body))
            }
            ResponsePlan::Location => self.location(head, body, is_identified),
            ResponsePlan::Html(html) if html.is_held => {
                let filler = self.filler(&head, is_identified);
                Box::pin(self.held(HeldBody::page(html, filler), head, body)).await
            }
            ResponsePlan::Html(html) => self.streamed(&html, head, body, is_identified),
            ResponsePlan::Json(json) => {
                let filler = self.filler(&head, is_identified);
                Box::pin(self.held(HeldBody::json(json, filler), head, body)).await
            }
        }
    }

    fn location(&self, mut head: AnswerHead, body: Body, is_identified: bool) -> Outcome {
        let mut filler = self.filler(&head, is_identified);
        let value = head.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let rewritten = rewrite_location(value, &mut filler);
        self.hear(&mut filler);
        if let Some((location, change)) = rewritten
            && let Ok(mut location) = HeaderValue::from_str(&location)
        {
            location.set_sensitive(true);
            change_head(head.headers_mut(), change);
            head.headers_mut().insert(header::LOCATION, location);
        }
        Outcome::forwarded(head.into_response(body))
    }

    /// A short page or JSON: looked through before its head is sent, as long as there is room to hold it.
    async fn held(&self, mut held: HeldBody, head: AnswerHead, mut body: Body) -> Outcome {
        let Ok(room) = Arc::clone(&self.shared.held).try_acquire_many_owned(room_for(&body)) else {
            self.note([Note::NotRewritten(Untouched::NoRoom)]);
            return Outcome::forwarded(head.into_response(body));
        };
        let Ok(read) = timeout(HELD_TIMEOUT, read_into(&mut held, &mut body)).await else {
            return self.upstream_failed(&UpstreamError::Timeout(HELD_TIMEOUT));
        };
        match read {
            Held::BrokeOff => self.upstream_broke_off(),
            Held::Ended(reason) => self.refuse_ended(reason),
            Held::Overflow => {
                held.with_filler(|filler| self.hear(filler));
                let body = followed_by(held.into_original(), body);
                Outcome::forwarded(head.into_response(keeping(body, room)))
            }
            Held::Whole => {
                let (head, body) = self.looked_through(held, head).await;
                Outcome::forwarded(head.into_response(keeping(full(body), room)))
            }
        }
    }

    async fn looked_through(&self, mut held: HeldBody, mut head: AnswerHead) -> (AnswerHead, Bytes) {
        let answer = loop {
            match held.step() {
                HeldStep::Again => tokio::task::yield_now().await,
                HeldStep::Done(answer) => break answer,
            }
        };
        held.with_filler(|filler| self.hear(filler));
        match answer {
            Answer::Original(body) => (head, body),
            Answer::Changed { body, change } => {
                change_head(head.headers_mut(), change);
                (head, body)
            }
        }
    }

    /// A long page: its head goes out at once, its slots are filled as they come.
    fn streamed(self: &Arc<Self>, plan: &HtmlPlan, mut head: AnswerHead, body: Body, is_identified: bool) -> Outcome {
        let filler = self.filler(&head, is_identified);
        // Nobody knows yet what the page holds.
        let change = if filler.may_sign_frames() { Change::Signed } else { Change::Embeds };
        change_head(head.headers_mut(), change);
        let page = PageRewrite::new(Arc::clone(self), PageBody::new(plan.coding, &plan.settings, filler));
        Outcome::forwarded(head.into_response(rewritten(body, page)))
    }

    /// What fills the slots of this answer; on a route without identity nothing is minted.
    fn filler(&self, head: &AnswerHead, is_identified: bool) -> Filler {
        // By yesterday's rules nothing is minted: the slots get their links.
        let session = self.session.as_ref().filter(|_| is_identified && self.is_current());
        let context = FillContext {
            catalogue: Arc::clone(&self.config.catalogue),
            rewrite: Arc::clone(&self.site.rewrite),
            viewer: session.map(|session| self.viewer(session)),
            visit: self.request.visit.clone(),
            status: head.status(),
            sigma_prefix: self.config.paths.sigma().to_owned(),
            site_origin: self.site.forward.site_origin.clone(),
            now: self.now,
        };
        Filler::new(context, system::seed().into_stream())
    }

    /// Writes down what a filler noted and minted.
    pub(super) fn hear(&self, filler: &mut Filler) {
        for record in filler.take_records() {
            self.audit_mint(&record);
        }
        self.note(filler.take_notes());
    }

    fn upstream_broke_off(&self) -> Outcome {
        tracing::warn!(request_id = &*self.request_id, site = self.site_name(), "host application's answer broke off");
        self.refuse(Reason::UpstreamBroken)
    }
}

/// How reading a body that is held ended.
enum Held {
    Whole,
    Overflow,
    BrokeOff,
    /// What the answer rests on is gone.
    Ended(Reason),
}

async fn read_into(held: &mut HeldBody, body: &mut Body) -> Held {
    while let Some(frame) = body.frame().await {
        let frame = match frame {
            Ok(frame) => frame,
            Err(BodyError::Ended(reason)) => return Held::Ended(reason),
            Err(BodyError::Idle(_) | BodyError::Broken(_) | BodyError::Reset | BodyError::Cut(_)) => {
                return Held::BrokeOff;
            }
        };
        if let Err(Overflow) = held.push(&frame.into_data().unwrap_or_default()) {
            return Held::Overflow;
        }
    }
    Held::Whole
}

/// What holding a body takes, in KiB: the body, and what becomes of it.
fn room_for(body: &Body) -> u32 {
    let bytes = body.size_hint().upper().map_or(JSON_BYTES_MAX, |upper| usize::try_from(upper).unwrap_or(usize::MAX));
    u32::try_from(bytes.min(JSON_BYTES_MAX) / 512 + 1).unwrap_or(u32::MAX)
}
