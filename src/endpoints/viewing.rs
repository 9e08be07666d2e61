//! Who looks at an embed, by today's rules, and what they get.

use crate::{
    decide::Facts,
    embed::{Embed, Minted, Organization, View, Viewer, mint},
    identity::Visitor,
    reason::Reason,
    seed::SeedStream,
};

/// Who is looking, by today's rules.
#[must_use]
pub(crate) fn viewer(facts: &Facts, visitor: &Visitor) -> Viewer {
    Viewer::of(&visitor.identity, &facts.config.mappings, visitor.embeds_end_by())
}

/// The embed of the place, and what its link wants to see of it.
pub(super) fn view(facts: &Facts) -> Result<(&Embed, View), Reason> {
    facts.place.view(facts.request.target.query.as_deref())
}

/// The organization of an embed.
pub(super) fn organization<'f>(facts: &'f Facts, embed: &Embed) -> Result<&'f Organization, Reason> {
    facts.config.catalogue.organization_of(embed).ok_or(Reason::EmbedUnknown)
}

/// A signed URL of it for the visitor.
pub(super) fn minted(facts: &Facts, stream: &mut SeedStream) -> Result<Minted, Reason> {
    let (embed, view) = view(facts)?;
    let visitor = facts.asker.visitor.as_ref().ok_or(Reason::NotSignedIn)?;
    mint(organization(facts, embed)?, embed, &view, &viewer(facts, visitor), stream, facts.now)
        .map_err(|error| error.reason())
}
