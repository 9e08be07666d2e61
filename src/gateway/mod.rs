//! IO: one request through all stages, in the order of the design: admit → route → identify → decide → own endpoint or
//! forward → rewrite → reply. No protocol condition of its own: each is a function of a stage.

mod admin;
mod audit;
mod bound;
mod embeds;
mod exchange;
mod page;
mod person;
mod proxy;
mod run;
mod seen;
mod sign_in;
mod standing;
mod stood;

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
};

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use admin::Admin;
pub use run::{Running, Start, StartError};

use self::{
    exchange::{Exchange, Outcome},
    seen::Seen,
};
use crate::{
    config::{Config, RouteAnswer},
    connect::{Body, Providers, UpstreamPool, full},
    forward::Privacy,
    listen::{Beside, Handler, ServerTls, Unreadable},
    policy::{Access, AccessDecision, access},
    reason::Reason,
    reply,
    request::{Peer, admit},
    system::{Clock, Log, Metrics, UnreadableLabel},
};

/// What all workers share.
pub struct Shared {
    /// The configuration in force.
    pub config: Arc<ArcSwap<Config>>,
    /// Documents and keys of the identity providers.
    pub providers: Providers,
    /// The clock.
    pub clock: Clock,
    /// The certificates of the public address; none: TLS does not end here.
    pub tls: Option<ServerTls>,
    /// The log.
    pub log: Log,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// Room for answers that are held in memory, in KiB: one budget for the whole process.
    pub held: Arc<Semaphore>,
    /// Sites whose host application was seen to sign connections in: told once.
    pub signing_sites: Mutex<HashSet<String>>,
    /// Cancelled when the drain begins.
    pub stop: CancellationToken,
}

/// One worker's gateway: what is shared, and its own upstream connections.
pub struct Gateway {
    shared: Arc<Shared>,
    pool: UpstreamPool,
}

/// A request on its way to an answer: what later stages need besides [`Exchange`].
struct Arrived<'c> {
    body: Incoming,
    upgrade: hyper::upgrade::OnUpgrade,
    beside: Beside<'c>,
}

impl Gateway {
    /// A worker's gateway.
    #[must_use]
    pub const fn new(shared: Arc<Shared>, pool: UpstreamPool) -> Self {
        Self { shared, pool }
    }

    /// Admits the request and finds its site.
    fn begin<'c>(
        &self,
        mut request: Request<Incoming>,
        beside: Beside<'c>,
        seen: &mut Seen,
    ) -> Result<(Arc<Exchange>, Arrived<'c>), Reason> {
        let config = self.shared.config.load_full();
        let upgrade = hyper::upgrade::on(&mut request);
        let (parts, body) = request.into_parts();
        let admitted = admit(parts).map_err(|error| error.reason())?;
        let Some(site) = config.hosts.find(&admitted.authority().name).and_then(|index| config.site(index)).cloned()
        else {
            seen.of_no_site(&admitted);
            return Err(Reason::UnknownHost);
        };
        let screened = admitted.screen(&site.headers).map_err(|error| error.reason())?;
        let shared = Arc::clone(&self.shared);
        let (request_id, peer) = (Arc::clone(&seen.request_id), seen.peer.clone());
        let exchange = Arc::new(Exchange::begin(shared, config, site, screened, request_id, peer));
        seen.of_site(&exchange);
        exchange.keep_own_connection(beside.pins);
        Ok((exchange, Arrived { body, upgrade, beside }))
    }

    /// What its site answers.
    async fn answer(&self, exchange: Arc<Exchange>, arrived: Arrived<'_>) -> Outcome {
        let outcome = self.route(&exchange, arrived).await;
        exchange.finish(outcome)
    }

    /// An own endpoint, or a route of the site.
    async fn route(&self, exchange: &Arc<Exchange>, arrived: Arrived<'_>) -> Outcome {
        if let Some(endpoint) = exchange.config.paths.endpoint(&exchange.request.target.path) {
            let outcome = exchange.own_endpoint(endpoint, arrived.body).await;
            outcome.end_own_connection(arrived.beside.pins);
            return outcome;
        }
        if exchange.is_foreign_websocket() {
            return exchange.refuse(Reason::CrossSite);
        }
        let Ok(found) = exchange.site.paths.find(&exchange.request.target.path) else {
            return exchange.refuse(Reason::BadPath);
        };
        let route = found.and_then(|index| exchange.site.route(index));
        let rule = route.map_or(&Access::SignedIn, |route| &route.access);
        let identity = exchange.session.as_ref().map(|session| &session.identity);
        let identity = match access(rule, identity) {
            AccessDecision::SignIn => return exchange.not_signed_in().await,
            AccessDecision::Deny => return exchange.deny(Reason::AccessDenied, rule),
            AccessDecision::Unknown => return exchange.deny(Reason::ClaimUnknown, rule),
            AccessDecision::AllowAnonymous => None,
            AccessDecision::Allow => identity,
        };
        match route.map(|route| &route.answer) {
            Some(RouteAnswer::Embed(name)) => exchange.stable_link(name.as_str(), "").await,
            Some(RouteAnswer::Forward) | None => {
                let mut outcome = self.forward(exchange, identity, arrived).await;
                let privacy = Privacy::of(rule, exchange.site.shared_assets);
                outcome.keep_private(privacy, &exchange.request.headers);
                outcome
            }
        }
    }
}

impl Handler for Gateway {
    async fn handle(&self, request: Request<Incoming>, peer: Peer, beside: Beside<'_>) -> Response<Body> {
        let method = request.method().clone();
        let mut seen = Seen::new(Arc::clone(&self.shared), peer, method.clone());
        // One bad request never stops the rest: a panic becomes a 500 of this request alone.
        let answered = match catch_unwind(AssertUnwindSafe(|| self.begin(request, beside, &mut seen))) {
            // Boxed, because an idle connection keeps room for this future.
            Ok(Ok((exchange, arrived))) => AssertUnwindSafe(Box::pin(self.answer(exchange, arrived)))
                .catch_unwind()
                .await
                .or(Err(Reason::Internal)),
            Ok(Err(reason)) => Err(reason),
            Err(_) => Err(Reason::Internal),
        };
        let mut outcome = answered.unwrap_or_else(|reason| {
            if reason == Reason::Internal {
                tracing::error!(request_id = &*seen.request_id, "a request made the gateway panic");
            }
            seen.refuse(&self.shared.config.load(), reason)
        });
        if let Some(exchange) = seen.exchange() {
            outcome.secure_transport(&exchange.site.transport_security);
        }
        seen.answered(&outcome);
        outcome.into_response(&method)
    }

    fn unreadable(&self, why: Unreadable, peer: &Peer) {
        let reason = why.as_str();
        self.shared.metrics.unreadable.get_or_create(&UnreadableLabel { reason }).inc();
        // Anybody can send these: no line unless somebody looks for them.
        tracing::debug!(peer = %peer.address, reason, "a request could not be read");
    }
}

/// The bytes of an own answer as a body.
fn body_of(answer: reply::Answer) -> Response<Body> {
    answer.map(full)
}
