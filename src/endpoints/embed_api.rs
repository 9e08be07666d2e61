//! `GET {sigma}/api/embeds/{name}`: the embed API of Sigma's own guide; who asks is known from the session only.

use http::StatusCode;
use serde_json::json;

use super::{
    Said,
    viewing::{minted, refused, view},
};
use crate::{
    decide::{Door, Entry, Event, Facts, WayBack, entry},
    reason::Reason,
    reply,
    seed::SeedStream,
};

/// Answers with a signed URL of the embed `name`; `rest` is what follows the name.
#[must_use]
pub(crate) fn embed_api(facts: &Facts, name: &str, rest: &str, stream: &mut SeedStream) -> Said {
    let Some(embed) = facts.config.catalogue.by_name(name) else {
        return Said::refusal(facts, Reason::EmbedUnknown);
    };
    if let Entry::Refuse(reason) = entry(Door::EmbedApi, &facts.request.visit) {
        return refused(facts, embed, reason);
    }
    let Some(visitor) = &facts.asker.visitor else {
        return Said::nobody(facts, WayBack::Referrer);
    };
    let minted = view(facts, embed, rest).and_then(|view| minted(facts, (embed, &view), visitor, stream));
    match minted {
        Ok(minted) => {
            let body = json!({ "url": minted.url.expose(), "expires_at": minted.record.expires_at.0 });
            let answer = reply::json(facts.context(), StatusCode::OK, "minted", &body);
            Said::new(answer, "minted").telling(Event::Minted(minted.record))
        }
        Err(reason) => refused(facts, embed, reason),
    }
}
