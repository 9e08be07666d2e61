//! What is said in place of a host application's answer.

use http::{HeaderValue, header};

use super::with_length::NotHeld;
use crate::{
    body::BodyError,
    connect::{UpstreamError, causes},
    decide::{Event, Facts},
    endpoints::Said,
    forward::{BindingRefusal, ForwardSettings},
    reason::Reason,
};

/// What is said in place of the host application's answer.
pub(super) type InPlace = Box<Said>;

/// There is no answer.
pub(super) fn failed(facts: &Facts, way: &ForwardSettings, error: &UpstreamError) -> InPlace {
    let (error, source, reason) = (error.to_string(), causes(error), error.reason());
    let upstream = way.upstream.url.to_string();
    refusal(facts, reason, Event::UpstreamFailed { error, source, upstream })
}

/// The request's body could not be held.
pub(super) fn not_held(facts: &Facts, error: &NotHeld) -> InPlace {
    if let NotHeld::Body(BodyError::Ended(reason)) = error {
        return ended(facts, *reason);
    }
    let mut said = refusal(facts, error.reason(), Event::BodyNotHeld(error.to_string()));
    // What follows on this connection is the rest of the body.
    said.answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    said
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
        BodyError::Broken(_) | BodyError::Reset | BodyError::Untaken(_) | BodyError::Cut(_) => {
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
