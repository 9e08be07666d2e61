//! What sites and their routes refer to.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    config::{
        file::{Node, did_you_mean},
        reading::Check,
    },
    embed::{Catalogue, EmbedName, EmbedTarget},
    identity::{ProviderName, Source},
    request::OwnPaths,
};

/// The other sections, as far as sites name them.
pub(in crate::config) struct SiteScope<'a> {
    /// The names of the `[identity]` tables.
    pub(in crate::config) providers: &'a BTreeSet<&'a str>,
    /// Those of them whose people a proxy in front signs in.
    pub(in crate::config) attached: &'a BTreeSet<&'a str>,
    /// The checked sources.
    pub(in crate::config) sources: &'a BTreeMap<ProviderName, Source>,
    /// Whether anybody in front is trusted.
    pub(in crate::config) has_trusted_proxies: bool,
    /// The names of the `[embed]` tables, also of faulty ones: so that who names them is not blamed too.
    pub(in crate::config) embed_names: &'a BTreeSet<&'a str>,
    /// The checked organizations and embeds.
    pub(in crate::config) catalogue: &'a Arc<Catalogue>,
    /// The prefixes of the gateway's own endpoints, where they are right.
    pub(in crate::config) own_paths: Option<&'a OwnPaths>,
    /// The header by which proxies in front say where a client is, as servers fold its name.
    pub(in crate::config) client_address: Option<&'a str>,
}

/// The name of an embed that there is.
pub(super) fn embed_name(node: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<EmbedName> {
    let name = node.as_text()?;
    if known.embed_names.contains(name) {
        return EmbedName::parse(name).ok();
    }
    let fix = did_you_mean(name, known.embed_names.iter().copied(), "write the name of an [embed] table");
    check.refuse(node, format!("there is no [embed.{name}]"), fix)
}

/// The name of an embed that is one document, not any workbook.
pub(super) fn single_embed(node: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<EmbedName> {
    let name = embed_name(node, known, check)?;
    match known.catalogue.embeds.get(&name).map(|embed| &embed.target) {
        Some(EmbedTarget::AnyWorkbook(_)) => {
            let found = format!("[embed.{name}] takes any workbook, and which one is not said");
            check.refuse(node, found, "name an embed of one document")
        }
        Some(EmbedTarget::One(_)) | None => Some(name),
    }
}
