//! What is said in place of a host application's answer.

use http::{HeaderValue, header};

use super::upload::NotHeld;
use crate::{
    body::BodyError,
    connect::{UpstreamError, causes},
    decide::{Event, Facts},
    endpoints::Said,
    forward::{BindingRefusal, Waits},
    reason::Reason,
};

/// What is said in place of the host application's answer.
pub(super) type InPlace = Box<Said>;

/// There is no answer.
pub(super) fn failed(facts: &Facts, error: &UpstreamError) -> InPlace {
    let upstream = facts.place.forward().map(|way| way.upstream.url.to_string()).unwrap_or_default();
    let (text, source, reason) = (error.to_string(), causes(error), error.reason());
    if reason == Reason::ClientLeft {
        return left(facts);
    }
    // Where the browser's body is at fault, the host application is not.
    let event = if matches!(error, UpstreamError::Browser(_) | UpstreamError::NotEmpty(_)) {
        Event::BodyNotPassedOn(with_causes(text, &source))
    } else {
        Event::UpstreamFailed { error: text, source, upstream }
    };
    refusal(facts, reason, event)
}

/// The request's body could not be held.
pub(super) fn not_held(facts: &Facts, error: &NotHeld) -> InPlace {
    let reason = match error {
        NotHeld::TooLong => Reason::BodyTooLarge,
        NotHeld::NoRoom => Reason::UpstreamBusy,
        NotHeld::Body(BodyError::Ended(reason)) => return ended(facts, *reason),
        NotHeld::Body(error) => error.of_upload(),
    };
    if reason == Reason::ClientLeft {
        return left(facts);
    }
    let mut said = refusal(facts, reason, Event::BodyNotPassedOn(with_causes(error.to_string(), &causes(error))));
    // What follows on this connection is the rest of the body.
    said.answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    said
}

/// Whoever left in the middle of an upload hears nothing of it; the request's line says so.
fn left(facts: &Facts) -> InPlace {
    Box::new(Said::refusal(facts, Reason::ClientLeft))
}

fn with_causes(text: String, causes: &str) -> String {
    if causes.is_empty() { text } else { format!("{text}: {causes}") }
}

/// An answer that is held to its end was not whole in time.
pub(super) fn not_whole(facts: &Facts) -> InPlace {
    failed(facts, &UpstreamError::Held(waits(facts).held))
}

/// How long the host application is waited for.
fn waits(facts: &Facts) -> Waits {
    facts.place.forward().map(|way| way.waits).unwrap_or_default()
}

/// An answer broke off before its head was sent.
pub(super) fn broke_off(facts: &Facts, error: &BodyError) -> InPlace {
    match error {
        BodyError::Ended(reason) => ended(facts, *reason),
        BodyError::Idle(idle_max) => failed(facts, &UpstreamError::Idle(*idle_max)),
        BodyError::Slow | BodyError::Broken(_) | BodyError::Reset | BodyError::Untaken(_) | BodyError::Cut(_) => {
            refusal(facts, Reason::UpstreamBroken, Event::UpstreamBrokeOff { source: causes(error) })
        }
    }
}

/// In place of an answer that came, or failed, when the request did not stand any more.
pub(super) fn ended(facts: &Facts, reason: Reason) -> InPlace {
    Box::new(Said::lapsed(facts, reason))
}

/// The host application signs connections in, and this one cannot be.
pub(super) fn bound(facts: &Facts, refusal: BindingRefusal) -> InPlace {
    let mut said = Said::refusal(facts, Reason::ConnectionBound);
    said.why = refusal.as_str();
    refusal.mark(&mut said.answer);
    Box::new(said)
}

fn refusal(facts: &Facts, reason: Reason, event: Event) -> InPlace {
    Box::new(Said::refusal(facts, reason).telling(event))
}
