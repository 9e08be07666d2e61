//! Who looks at an embed, by today's rules, and what they get.

use crate::{
    decide::Facts,
    embed::{Embed, Minted, View, Viewer, mint, view_of_link},
    identity::Visitor,
    reason::Reason,
    seed::SeedStream,
};

/// Who is looking, by today's rules.
#[must_use]
pub(crate) fn viewer(facts: &Facts, visitor: &Visitor) -> Viewer {
    Viewer::of(&visitor.identity, &facts.config.mappings, visitor.ends_at)
}

/// The embed of the place, and what its link wants to see of it.
pub(super) fn view(facts: &Facts) -> Result<(&Embed, View), Reason> {
    let embed = facts.place.embed.as_ref().ok_or(Reason::EmbedUnknown)?;
    let view = view_of_link(embed, facts.place.rest(), facts.request.target.query.as_deref());
    Ok((embed, view.map_err(|error| error.reason())?))
}

/// A signed URL of it for the visitor.
pub(super) fn minted(facts: &Facts, stream: &mut SeedStream) -> Result<Minted, Reason> {
    let (embed, view) = view(facts)?;
    let visitor = facts.asker.visitor.as_ref().ok_or(Reason::NotSignedIn)?;
    let organization = facts.config.catalogue.organization_of(embed).ok_or(Reason::EmbedUnknown)?;
    mint(organization, embed, &view, &viewer(facts, visitor), stream, facts.now).map_err(|error| error.reason())
}
