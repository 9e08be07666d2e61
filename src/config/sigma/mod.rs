//! What Sigma shows, and to whom: `[sigma.SLUG]`, `[embed.NAME]`, `[[mapping]]` and `[mapping_defaults]`.

mod embeds;
mod mappings;
mod organizations;

#[cfg(test)]
mod tests;

pub(super) use self::mappings::mappings;
use self::{
    embeds::{EmbedScope, embeds},
    mappings::mapping_names,
    organizations::organizations,
};
use crate::{
    config::{file::Node, reading::Check},
    embed::Catalogue,
};

/// Reads every `[sigma.SLUG]`, and every `[embed.NAME]` of them.
pub(super) fn catalogue(root: &Node, check: &mut Check<'_>) -> Catalogue {
    let organizations = organizations(root, check);
    let (slugs, mappings) = (root.names_of("sigma"), mapping_names(root));
    let embeds = embeds(root, &EmbedScope { slugs: &slugs, organizations: &organizations, mappings: &mappings }, check);
    Catalogue { organizations, embeds }
}
