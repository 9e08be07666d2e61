//! `ANY {sign_in}/auth/{nginx,traefik,caddy,envoy}`: what a proxy in front is told of a request that it asks about.
//!
//! Four statuses and no body: proxies hand bodies and odd statuses on in ways of their own, and some take a 5xx for leave.

use http::{HeaderValue, StatusCode, header};

use super::{Asked, Said, choose::place_parameter};
use crate::{
    decide::{Event, Facts, Ruling, WayBack},
    forward::{IdentityLine, Sender},
    identity::Visitor,
    reason::{Done, Reason, Why},
    reply,
    request::ForwardAuthProxy,
    seed::SeedStream,
};

/// Says what was decided.
#[must_use]
pub(crate) fn forward_auth(asked: Asked<'_, (ForwardAuthProxy, Ruling)>) -> Said {
    let Asked { facts, heard: (proxy, ruling), stream } = asked;
    match ruling {
        Ruling::Allow { as_whom } => allowed(facts, facts.visitor_as(as_whom)),
        Ruling::SignIn => sent_on(facts, proxy, &start(facts, stream), facts.asker.why_nobody()),
        Ruling::SignedOut => sent_on(facts, proxy, &facts.config.paths.signed_out(), Done::SignedOut),
        Ruling::Deny(reason) => in_short(facts, Said::denial(facts, reason)),
        Ruling::Refuse(reason) => in_short(facts, Said::refusal(facts, reason)),
    }
}

/// Every header that tells of people, also where it says nothing: an empty one takes the place of what a client has sent.
fn allowed(facts: &Facts, visitor: Option<&Visitor>) -> Said {
    let mut said = Said::new(reply::without_words(facts.context(), StatusCode::OK, Done::Allowed));
    let sender = Sender { visitor, request_id: &facts.request_id, now: facts.now };
    for IdentityLine { name, value, fault } in facts.site().identity_headers.all(sender) {
        said.answer.headers_mut().insert(name.clone(), value.unwrap_or(HeaderValue::from_static("")));
        said.events.extend(fault.map(|fault| Event::Untold { header: name.clone(), fault }));
    }
    said
}

/// The path that begins a sign-in which leads back to what was asked about, whatever that is: no proxy keeps a cookie of this answer.
fn start(facts: &Facts, stream: &mut SeedStream) -> String {
    let (name, value) = place_parameter(facts, &facts.return_to(WayBack::Here), stream.bytes());
    let value = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC);
    format!("{}?{name}={value}", facts.config.paths.start())
}

/// A browser is sent to a path of the site. nginx hands on no redirect of an answer, but can take its address from it.
fn sent_on(facts: &Facts, proxy: ForwardAuthProxy, path: &str, why: impl Into<Why>) -> Said {
    let status = match proxy {
        ForwardAuthProxy::Nginx => StatusCode::UNAUTHORIZED,
        ForwardAuthProxy::Traefik | ForwardAuthProxy::Caddy | ForwardAuthProxy::Envoy => StatusCode::FOUND,
    };
    // Whole: of a path alone some proxies make one of the gateway's own address.
    let Ok(location) = HeaderValue::from_str(&format!("{}{path}", facts.site().origin)) else {
        return in_short(facts, Said::refusal(facts, Reason::Internal));
    };
    let mut answer = reply::without_words(facts.context(), status, why);
    answer.headers_mut().insert(header::LOCATION, location);
    Said::new(answer)
}

/// The same refusal for a proxy, with its events and cookies.
fn in_short(facts: &Facts, said: Said) -> Said {
    Said { answer: reply::to_proxy(facts.context(), said.answer.status(), said.answer.why()), ..said }
}
