//! IO: one request through all stages, in the order of the design: admit → route → identify → decide → own endpoint or
//! forward → rewrite → reply. No protocol condition of its own: each is a function of a stage.

mod admin;
mod audit;
mod embeds;
mod exchange;
mod page;
mod proxy;
mod run;
mod sign_in;

use std::{net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Instant};

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio_util::sync::CancellationToken;

pub use admin::Admin;
pub use run::{Running, Start, StartError};

use self::exchange::{Exchange, Outcome};
use crate::{
    config::{AccessLog, Config, RouteAnswer, Site},
    connect::{Body, Providers, UpstreamPool, full},
    listen::Handler,
    policy::{Access, AccessDecision, access},
    reason::Reason,
    reply::{self, Audience, Failure},
    request::{Admitted, admit},
    system::{self, AccessLine, Clock, Log, Metrics, RequestLabels},
};

/// What all workers share.
pub struct Shared {
    /// The configuration in force.
    pub config: Arc<ArcSwap<Config>>,
    /// Documents and keys of the identity providers.
    pub providers: Providers,
    /// The clock.
    pub clock: Clock,
    /// The log.
    pub log: Log,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// Cancelled when the drain begins.
    pub stop: CancellationToken,
}

/// One worker's gateway: what is shared, and its own upstream connections.
pub struct Gateway {
    shared: Arc<Shared>,
    pool: UpstreamPool,
}

/// A request on its way to an answer: what later stages need besides [`Exchange`].
struct Arrived {
    body: Incoming,
    upgrade: hyper::upgrade::OnUpgrade,
}

impl Gateway {
    /// A worker's gateway.
    #[must_use]
    pub const fn new(shared: Arc<Shared>, pool: UpstreamPool) -> Self {
        Self { shared, pool }
    }

    async fn answer(&self, mut request: Request<Incoming>, seen: &mut Seen) -> Outcome {
        let config = self.shared.config.load_full();
        let upgrade = hyper::upgrade::on(&mut request);
        let (parts, body) = request.into_parts();
        let admitted = match admit(parts) {
            Ok(admitted) => admitted,
            Err(error) => return seen.refuse(&config, error.reason()),
        };
        seen.note(&admitted);
        let Some(site) = config.hosts.find(&admitted.authority.name).and_then(|index| config.site(index)).cloned()
        else {
            return seen.refuse(&config, Reason::UnknownHost);
        };
        seen.site = Some(Arc::clone(&site));
        let shared = Arc::clone(&self.shared);
        let exchange = Exchange::begin(shared, config, site, admitted, seen.request_id.clone(), seen.peer);
        let exchange = Arc::new(exchange);
        seen.user = exchange.session.as_ref().map(|session| session.identity.subject.clone());
        let outcome = self.route(&exchange, Arrived { body, upgrade }).await;
        exchange.finish(outcome)
    }

    /// An own endpoint, or a route of the site.
    async fn route(&self, exchange: &Arc<Exchange>, arrived: Arrived) -> Outcome {
        if let Some(endpoint) = exchange.config.paths.endpoint(&exchange.request.target.path) {
            return exchange.own_endpoint(endpoint, arrived.body).await;
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
            AccessDecision::Deny => return exchange.deny(),
            AccessDecision::AllowAnonymous => None,
            AccessDecision::Allow => identity,
        };
        match route.map(|route| &route.answer) {
            Some(RouteAnswer::Embed(name)) => exchange.stable_link(&name.0, "").await,
            Some(RouteAnswer::Forward) | None => self.forward(exchange, identity, arrived).await,
        }
    }
}

impl Handler for Gateway {
    async fn handle(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let started = Instant::now();
        let metrics = &self.shared.metrics;
        metrics.in_flight.inc();
        let mut seen = Seen::new(peer, request.method().as_str());
        // One bad request never stops the rest: a panic becomes a 500 of this request alone.
        let outcome = AssertUnwindSafe(self.answer(request, &mut seen)).catch_unwind().await;
        let outcome = outcome.unwrap_or_else(|_| {
            tracing::error!(request_id = seen.request_id, "a request made the gateway panic");
            seen.refuse(&self.shared.config.load_full(), Reason::Internal)
        });
        metrics.in_flight.dec();
        self.record(&seen, &outcome, started);
        outcome.into_response()
    }
}

impl Gateway {
    fn record(&self, seen: &Seen, outcome: &Outcome, started: Instant) {
        let elapsed = started.elapsed().as_secs_f64();
        let metrics = &self.shared.metrics;
        metrics.head_seconds.observe(elapsed);
        let host = seen.site.as_ref().map_or("-", |site| site.forward.site.name.as_str());
        let (status, reason) = (outcome.status(), outcome.reason());
        let labels = RequestLabels { site: host.to_owned(), status, reason: reason.unwrap_or("forwarded") };
        metrics.requests.get_or_create(&labels).inc();
        if self.shared.config.load().access_log == AccessLog::Off {
            return;
        }
        self.shared.log.access(&AccessLine {
            request_id: &seen.request_id,
            peer: seen.peer.to_string(),
            method: &seen.method,
            host: &seen.host,
            path: &seen.path,
            status,
            reason,
            user: seen.user.as_deref(),
            head_ms: (elapsed * 1e5).round() / 100.0,
        });
    }
}

/// What is known about a request so far: enough for its log line at any point.
struct Seen {
    request_id: String,
    peer: SocketAddr,
    method: String,
    host: String,
    path: String,
    user: Option<String>,
    site: Option<Arc<Site>>,
}

impl Seen {
    fn new(peer: SocketAddr, method: &str) -> Self {
        let request_id = system::seed().into_stream().uuid();
        let (host, path) = (String::new(), String::new());
        Self { request_id, peer, method: method.to_owned(), host, path, user: None, site: None }
    }

    fn note(&mut self, admitted: &Admitted) {
        admitted.authority.name.as_str().clone_into(&mut self.host);
        admitted.target.path.as_str().clone_into(&mut self.path);
    }

    /// A refusal before there is an exchange: no site, so no sign-in and no audience but a person in a tab.
    fn refuse(&self, config: &Config, reason: Reason) -> Outcome {
        let context =
            reply::Context { request_id: &self.request_id, sigma_prefix: config.paths.sigma(), frame_origins: &[] };
        let mut answer = reply::failure(context, Failure::new(reason, Audience::Tab));
        // What follows on this connection may belong to what was not understood.
        answer.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        Outcome::own(answer, reason.as_str())
    }
}

/// The bytes of an own answer as a body.
fn body_of(answer: reply::Answer) -> Response<Body> {
    answer.map(full)
}
