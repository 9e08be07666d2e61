//! Who looks at an embed, by today's rules, and what they get.

use crate::{
    decide::{AsWhom, Facts},
    embed::{Delivery, Embed, Minted, Organization, View, Viewer, mint},
    identity::Visitor,
    reason::Reason,
    seed::SeedStream,
};

/// Who may get signed URLs in the host application's answer; nobody where it gets links alone, so that nobody is asked what they
/// may see.
#[must_use]
pub(crate) fn viewer_of_answer(facts: &Facts, as_whom: AsWhom) -> Option<Viewer> {
    let visitor = facts.visitor_as(as_whom).filter(|_| facts.site().rewrite.delivery() == Delivery::Signed)?;
    Some(viewer(facts, visitor))
}

/// Who is looking, by today's rules.
#[must_use]
pub(super) fn viewer(facts: &Facts, visitor: &Visitor) -> Viewer {
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

/// A signed URL of a view for the visitor.
pub(super) fn minted(facts: &Facts, (embed, view): &(&Embed, View), stream: &mut SeedStream) -> Result<Minted, Reason> {
    let visitor = facts.asker.visitor.as_ref().ok_or(Reason::NotSignedIn)?;
    mint(organization(facts, embed)?, embed, view, &viewer(facts, visitor), stream, facts.now)
        .map_err(|error| error.reason())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::{ann, config, facts, facts_under};

    #[test]
    fn nobody_is_asked_what_they_may_see_where_an_answer_gets_links_alone() {
        let head = "GET /page";
        assert!(viewer_of_answer(&facts(head, ann(&["finance"])), AsWhom::Visitor).is_none());
        let signing = config(|text| text.replace("embeds = [", "deliver = \"signed\"\nembeds = ["));
        let facts = facts_under(&signing, head, ann(&["finance"]));
        assert!(viewer_of_answer(&facts, AsWhom::Visitor).is_some());
        assert!(viewer_of_answer(&facts, AsWhom::Nobody).is_none());
    }
}
