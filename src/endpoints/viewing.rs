//! Who looks at an embed, by today's rules, and what they get.

use super::Said;
use crate::{
    decide::{Event, Facts},
    embed::{Embed, Minted, View, Viewer, mint, view_of_link},
    identity::Visitor,
    policy::mapping_doubts,
    reason::Reason,
    seed::SeedStream,
};

/// Who is looking, by today's rules.
#[must_use]
pub(crate) fn viewer(facts: &Facts, visitor: &Visitor) -> Viewer {
    Viewer::of(&visitor.identity, &facts.config.mappings, visitor.ends_at)
}

/// What the link's visitor wants to see; only embeds that the site may show.
pub(super) fn view(facts: &Facts, embed: &Embed, rest: &str) -> Result<View, Reason> {
    if !facts.site().shows(&embed.name) {
        return Err(Reason::EmbedNotAllowed);
    }
    view_of_link(embed, rest, facts.request.target.query.as_deref()).map_err(|error| error.reason())
}

/// A signed URL for the visitor.
pub(super) fn minted(
    facts: &Facts,
    (embed, view): (&Embed, &View),
    visitor: &Visitor,
    stream: &mut SeedStream,
) -> Result<Minted, Reason> {
    let organization = facts.config.catalogue.organization_of(embed).ok_or(Reason::EmbedUnknown)?;
    mint(organization, embed, view, &viewer(facts, visitor), stream, facts.now).map_err(|error| error.reason())
}

/// An embed is refused, on the record.
pub(super) fn refused(facts: &Facts, embed: &Embed, reason: Reason) -> Said {
    let identity = facts.asker.identity().filter(|_| reason == Reason::NotMapped);
    let detail = identity.and_then(|identity| mapping_doubts(identity, &facts.config.mappings));
    Said::refusal(facts, reason).telling(Event::Refused { reason, embed: Some(embed.name.clone()), detail })
}
