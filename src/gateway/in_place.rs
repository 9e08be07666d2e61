//! What is said in place of a host application's answer.

use http::{HeaderValue, header};

use super::with_length::NotHeld;
use crate::{
    body::BodyError,
    connect::{UpstreamError, causes, with_causes},
    decide::{Event, Facts},
    endpoints::Said,
    forward::{BindingRefusal, ForwardSettings},
    reason::Reason,
};

/// What is said in place of the host application's answer.
pub(super) type InPlace = Box<Said>;

/// There is no answer.
pub(super) fn failed(facts: &Facts, way: &ForwardSettings, error: &UpstreamError) -> InPlace {
    let reason = error.reason();
    if reason == Reason::ClientLeft {
        return left(facts);
    }
    // Where the browser's body is at fault, the host application is not.
    let event = if matches!(error, UpstreamError::Browser(_) | UpstreamError::NotEmpty(_)) {
        Event::BodyNotPassedOn(with_causes(error))
    } else {
        let (error, source, upstream) = (error.to_string(), causes(error), way.upstream.url.to_string());
        Event::UpstreamFailed { error, source, upstream }
    };
    refusal(facts, reason, event)
}

/// The request's body could not be held.
pub(super) fn not_held(facts: &Facts, error: &NotHeld) -> InPlace {
    if let NotHeld::Body(BodyError::Ended(reason)) = error {
        return ended(facts, *reason);
    }
    let reason = error.reason();
    if reason == Reason::ClientLeft {
        return left(facts);
    }
    let mut said = refusal(facts, reason, Event::BodyNotPassedOn(with_causes(error)));
    // What follows on this connection is the rest of the body.
    said.answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    said
}

/// Whoever left in the middle of an upload hears nothing of it; the request's line says so.
fn left(facts: &Facts) -> InPlace {
    Box::new(Said::refusal(facts, Reason::ClientLeft))
}

/// An answer that is held to its end was not whole in time.
pub(super) fn not_whole(facts: &Facts, way: &ForwardSettings) -> InPlace {
    failed(facts, way, &UpstreamError::Held(way.waits.held))
}

/// An answer broke off before its head was sent.
pub(super) fn broke_off(facts: &Facts, way: &ForwardSettings, error: &BodyError) -> InPlace {
    match error {
        BodyError::Ended(reason) => ended(facts, *reason),
        BodyError::Idle(idle_max) => failed(facts, way, &UpstreamError::Idle(*idle_max)),
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
