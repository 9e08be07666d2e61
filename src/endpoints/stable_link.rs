//! `GET {sigma}/embed/{name}`, or a route that answers as an embed.

use super::{
    Asked, Said,
    viewing::{minted, organization, view},
};
use crate::{
    decide::{Event, Facts},
    embed::{Embed, StableLink, View},
    reason::{Done, Reason},
    reply::{self, EmbedPage, First},
    seed::SeedStream,
};

/// Answers with the embed page, and a signed URL in it.
#[must_use]
pub(crate) fn embed_page(asked: Asked<'_>) -> Said {
    let Asked { facts, stream, .. } = asked;
    let said = view(facts).and_then(|seen| {
        let minted = minted(facts, &seen, stream)?;
        let said = page(facts, &seen, First::Url(minted.url.expose(), minted.record.expires_at), stream)?;
        Ok(said.telling(Event::Minted(minted.record)))
    });
    said.unwrap_or_else(|reason| Said::refused(facts, reason))
}

/// Answers with the embed page alone: its script asks the embed API once somebody looks at it.
#[must_use]
pub(crate) fn embed_page_without_url(asked: Asked<'_>) -> Said {
    let Asked { facts, stream, .. } = asked;
    let said = view(facts).and_then(|seen| page(facts, &seen, First::Nothing, stream));
    said.unwrap_or_else(|reason| Said::refused(facts, reason))
}

/// Leads to Sigma.
#[must_use]
pub(crate) fn embed_redirect(asked: Asked<'_>) -> Said {
    let Asked { facts, stream, .. } = asked;
    match view(facts).and_then(|seen| minted(facts, &seen, stream)) {
        Ok(minted) => {
            let said = Said::redirect(facts, minted.url.expose(), true, Done::Minted);
            said.telling(Event::Minted(minted.record))
        }
        Err(reason) => Said::refused(facts, reason),
    }
}

/// Tells somebody in a frame to sign in.
pub(super) fn link_in_frame(facts: &Facts, reason: Reason, login_url: &str, stream: &mut SeedStream) -> Said {
    let said = view(facts).and_then(|seen| page(facts, &seen, First::SignIn { reason, login_url }, stream));
    said.unwrap_or_else(|reason| Said::refused(facts, reason))
}

fn page(
    facts: &Facts,
    (embed, view): &(&Embed, View),
    first: First<'_>,
    stream: &mut SeedStream,
) -> Result<Said, Reason> {
    let page = EmbedPage {
        embed: embed.name.as_str(),
        title: &embed.title,
        sigma: &organization(facts, embed)?.origin,
        api: &StableLink::of(embed, view).api_path(facts.config.paths.sigma()),
        person: &facts.config.paths.user_info(),
        renew: embed.renew,
        fit: embed.fit,
        first,
        now: facts.now,
        nonce: &stream.uuid(),
    };
    Ok(Said::new(reply::embed_page(facts.context(), page)))
}
