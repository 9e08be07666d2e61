//! Forwarding: the request to the host application, and its answer back, rewritten where it holds embeds.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, header, response::Parts};
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
        Body, BodyError, Rest, Standing, Tunnel, TunnelLimits, UpstreamError, followed_by, full, keeping, request_body,
        rewritten,
    },
    forward::{self, Sender},
    identity::{Identity, strip_ours},
    limits::{CLIENT_IDLE_TIMEOUT, HELD_TIMEOUT, JSON_BYTES_MAX, TUNNEL_IDLE_TIMEOUT},
    reason::Reason,
    request::VisitKind,
    rewrite::{
        Answer, Change, FillContext, Filler, HeldBody, HeldStep, HtmlPlan, Length, Note, Overflow, PageBody,
        RequestPlan, ResponsePlan, Untouched, change_head, plan_request, plan_response, rewrite_location,
    },
    system,
};

impl Gateway {
    /// Forwards a request that may have the host application.
    pub(super) async fn forward(
        &self,
        exchange: &Arc<Exchange>,
        identity: Option<&Identity>,
        arrived: Arrived,
    ) -> Outcome {
        let request = &exchange.request;
        let plan = plan_request(&exchange.site.rewrite, &request.target, &request.visit, &request.headers);
        let settings = &exchange.site.forward;
        let sender = Sender { peer: &exchange.peer, identity, request_id: &exchange.request_id };
        let head = || {
            let mut head = forward::request_head(request, settings, sender, strip_ours(&request.headers));
            plan.apply(&mut head.headers);
            head
        };
        if identity.is_some() {
            exchange.is_for_person();
        }
        let rest = || -> Rest { Some(Arc::clone(exchange) as Arc<dyn Standing>) };
        let body = request_body(arrived.body, CLIENT_IDLE_TIMEOUT, rest());
        let sent = self.pool.send_resting(&settings.upstream, head, body, exchange.site.upstream_timeout, rest());
        let sent = sent.await;
        // The host application may have taken its time.
        if let Err(reason) = exchange.look() {
            return exchange.refuse_ended(reason);
        }
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => return exchange.upstream_failed(&error),
        };
        if answer.status() == http::StatusCode::SWITCHING_PROTOCOLS {
            return exchange.tunnel(answer, arrived.upgrade);
        }
        let (mut parts, body) = answer.into_parts();
        forward::response_head(&mut parts, settings);
        exchange.rewrite(&plan, parts, body, identity.is_some()).await
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
        let bounds = TunnelLimits { idle: TUNNEL_IDLE_TIMEOUT, rest: Some(Arc::clone(self) as Arc<dyn Standing>) };
        tokio::spawn(tunnel.run(bounds, self.shared.stop.clone()));
        let (mut parts, body) = answer.into_parts();
        forward::response_head(&mut parts, &self.site.forward);
        parts.headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        parts.headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        Outcome::forwarded(Response::from_parts(parts, body))
    }

    /// The answer as the plan wants it: passed on, or with embeds in it.
    async fn rewrite(self: &Arc<Self>, plan: &RequestPlan, parts: Parts, body: Body, is_identified: bool) -> Outcome {
        let (rewrite, target) = (&self.site.rewrite, &self.request.target);
        match plan_response(plan, rewrite, target, parts.status, &parts.headers) {
            ResponsePlan::Pass(why) => {
                self.note(why.map(Note::NotRewritten));
                Outcome::forwarded(Response::from_parts(parts, body))
            }
            ResponsePlan::Location => self.location(parts, body, is_identified),
            ResponsePlan::Html(html) if html.is_held => {
                let filler = self.filler(&parts, is_identified);
                Box::pin(self.held(HeldBody::page(html, filler), parts, body)).await
            }
            ResponsePlan::Html(html) => self.streamed(&html, parts, body, is_identified),
            ResponsePlan::Json(json) => {
                let filler = self.filler(&parts, is_identified);
                Box::pin(self.held(HeldBody::json(json, filler), parts, body)).await
            }
        }
    }

    fn location(&self, mut parts: Parts, body: Body, is_identified: bool) -> Outcome {
        let mut filler = self.filler(&parts, is_identified);
        let value = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let rewritten = rewrite_location(value, &mut filler);
        self.hear(&mut filler);
        if let Some((location, change)) = rewritten
            && let Ok(mut location) = HeaderValue::from_str(&location)
        {
            location.set_sensitive(true);
            change_head(&mut parts.headers, change, Length::Same);
            parts.headers.insert(header::LOCATION, location);
        }
        Outcome::forwarded(Response::from_parts(parts, body))
    }

    /// A short page or JSON: looked through before its head is sent, as long as there is room to hold it.
    async fn held(&self, mut held: HeldBody, parts: Parts, mut body: Body) -> Outcome {
        let Ok(room) = Arc::clone(&self.shared.held).try_acquire_many_owned(room_for(&body)) else {
            self.note([Note::NotRewritten(Untouched::NoRoom)]);
            return Outcome::forwarded(Response::from_parts(parts, body));
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
                Outcome::forwarded(Response::from_parts(parts, keeping(body, room)))
            }
            Held::Whole => {
                let (parts, body) = self.looked_through(held, parts).await;
                Outcome::forwarded(Response::from_parts(parts, keeping(full(body), room)))
            }
        }
    }

    async fn looked_through(&self, mut held: HeldBody, mut parts: Parts) -> (Parts, Bytes) {
        let answer = loop {
            match held.step() {
                HeldStep::Again => tokio::task::yield_now().await,
                HeldStep::Done(answer) => break answer,
            }
        };
        held.with_filler(|filler| self.hear(filler));
        match answer {
            Answer::Original(body) => (parts, body),
            Answer::Changed { body, change } => {
                change_head(&mut parts.headers, change, Length::Known(body.len()));
                (parts, body)
            }
        }
    }

    /// A long page: its head goes out at once, its slots are filled as they come.
    fn streamed(self: &Arc<Self>, plan: &HtmlPlan, mut parts: Parts, body: Body, is_identified: bool) -> Outcome {
        let filler = self.filler(&parts, is_identified);
        // Nobody knows yet what the page holds.
        change_head(&mut parts.headers, Change::Embeds, Length::Unknown);
        let page = PageRewrite::new(Arc::clone(self), PageBody::new(plan.coding, &plan.settings, filler));
        Outcome::forwarded(Response::from_parts(parts, rewritten(body, page)))
    }

    /// What fills the slots of this answer; on a route without identity nothing is minted.
    fn filler(&self, parts: &Parts, is_identified: bool) -> Filler {
        // By yesterday's rules nothing is minted: the slots get their links.
        let session = self.session.as_ref().filter(|_| is_identified && self.is_current());
        let context = FillContext {
            catalogue: Arc::clone(&self.config.catalogue),
            rewrite: Arc::clone(&self.site.rewrite),
            viewer: session.map(|session| self.viewer(session)),
            visit: self.request.visit.clone(),
            status: parts.status,
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
            Err(BodyError::Idle(_) | BodyError::Broken(_) | BodyError::Cut(_)) => return Held::BrokeOff,
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
