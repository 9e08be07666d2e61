//! `GET {sigma}/embed/{name}`, or a route that answers as an embed.

use super::{
    Asked, Said,
    viewing::{minted, view},
};
use crate::{decide::Event, embed::StableLink, reply};

/// Answers with our page that holds the frame.
#[must_use]
pub(crate) fn embed_page(asked: Asked<'_>) -> Said {
    let facts = asked.facts;
    match view(facts) {
        Ok((embed, view)) => {
            let link = StableLink::of(embed, &view).path(facts.config.paths.sigma());
            Said::new(reply::embed_page(facts.context(), embed.name.as_str(), &link), "embed_page")
        }
        Err(reason) => Said::refused(facts, reason),
    }
}

/// Leads to Sigma.
#[must_use]
pub(crate) fn embed_redirect(asked: Asked<'_>) -> Said {
    let Asked { facts, stream, .. } = asked;
    match minted(facts, stream) {
        Ok(minted) => {
            let said = Said::redirect(facts, minted.url.expose(), true, "minted");
            said.telling(Event::Minted(minted.record))
        }
        Err(reason) => Said::refused(facts, reason),
    }
}
