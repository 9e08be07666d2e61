//! `GET {sigma}/api/embeds/{name}`: the embed API of Sigma's own guide; who asks is never known from what the
//! request says: from the session, or from a verified assertion.

use http::StatusCode;
use serde_json::json;

use super::{
    Asked, Said,
    viewing::{minted, view},
};
use crate::{decide::Event, reason::Done, reply};

/// Answers with a signed URL of the embed of the place.
#[must_use]
pub(crate) fn embed_api(asked: Asked<'_>) -> Said {
    let Asked { facts, stream, .. } = asked;
    match view(facts).and_then(|seen| minted(facts, &seen, stream)) {
        Ok(minted) => {
            let body = json!({ "url": minted.url.expose(), "expires_at": minted.record.expires_at.0 });
            let answer = reply::json(facts.context(), StatusCode::OK, Done::Minted, &body);
            Said::new(answer).telling(Event::Minted(minted.record))
        }
        Err(reason) => Said::refused(facts, reason),
    }
}
