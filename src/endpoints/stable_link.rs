//! `GET {sigma}/embed/{name}`, or a route that answers as an embed.

use super::{
    Said,
    viewing::{minted, refused, view},
};
use crate::{
    decide::{Door, Entry, Event, Facts, SignIn, entry, sign_in},
    embed::StableLink,
    reason::Reason,
    reply,
    seed::SeedStream,
};

/// Answers the stable link of the embed `name`; `rest` is what follows the name.
///
/// # Errors
/// How somebody is told to sign in who has to do that first.
pub(crate) fn stable_link(facts: &Facts, name: &str, rest: &str, stream: &mut SeedStream) -> Result<Said, SignIn> {
    let Some(embed) = facts.config.catalogue.by_name(name) else {
        return Ok(Said::refusal(facts, Reason::EmbedUnknown));
    };
    let entry = entry(Door::StableLink(embed.open), &facts.request.visit);
    if let Entry::Refuse(reason) = entry {
        return Ok(refused(facts, embed, reason));
    }
    let visitor = facts.asker.visitor.as_ref().ok_or_else(|| sign_in(&facts.asker, &facts.request.visit))?;
    let said = view(facts, embed, rest).and_then(|view| {
        if entry == Entry::Page {
            let link = StableLink::of(embed, &view).path(facts.config.paths.sigma());
            return Ok(Said::new(reply::embed_page(facts.context(), embed.name.as_str(), &link), "embed_page"));
        }
        let minted = minted(facts, (embed, &view), visitor, stream)?;
        Ok(Said::redirect(facts, minted.url.expose(), true, "minted").telling(Event::Minted(minted.record)))
    });
    Ok(said.unwrap_or_else(|reason| refused(facts, embed, reason)))
}
