//! Two identity sources that vouch for one e-mail domain: the same person may come through either, and must get the
//! same from both, because Sigma keeps one set of claims per person.

use std::collections::{BTreeMap, BTreeSet};

use super::tables::when_of;
use crate::{
    config::{file::Node, reading::Check},
    identity::{OidcSettings, ProviderName, Source},
    policy::{Condition, Mapping},
};

/// Warns of mappings that believe every source about a claim, where there are several.
pub(in crate::config) fn warn_of_claims_of_anybody(
    root: &Node,
    providers: &BTreeMap<ProviderName, Source>,
    mappings: &[Mapping],
    check: &mut Check<'_>,
) {
    if providers.len() < 2 {
        return;
    }
    let names = some_of(&providers.keys().map(|name| name.as_str()).collect::<Vec<_>>());
    for mapping in mappings.iter().filter(|mapping| mapping.when.believes_any_provider()) {
        let message = format!(
            "mapping {:?} believes each [identity] ({names}) about its claims; write provider = \"…\" into it, or once for all: [mapping_defaults] provider = \"…\"",
            mapping.name.as_str()
        );
        check.warn_at(when_of(root, mapping), message);
    }
}

/// The first names, and how many more there are: each mapping has such a line.
fn some_of(names: &[&str]) -> String {
    match names.split_at_checked(3) {
        Some((first, [_, _, ..])) => format!("{} and {} more", first.join(", "), names.len() - first.len()),
        Some(_) | None => names.join(", "),
    }
}

/// Warns where two sources of one domain cannot supply the same claims, or where a mapping tells them apart.
pub(in crate::config) fn warn_of_overlaps(
    root: &Node,
    providers: &BTreeMap<ProviderName, Source>,
    mappings: &[Mapping],
    check: &mut Check<'_>,
) {
    let all: Vec<&OidcSettings> = providers.values().filter_map(Source::oidc).collect();
    for (index, second) in all.iter().enumerate() {
        for first in &all[..index] {
            let Some(domain) = shared_domain(first, second) else { continue };
            warn_of_scopes(root, first, second, domain, check);
            warn_of_mappings(root, first, second, mappings, check);
        }
    }
}

fn shared_domain<'a>(first: &'a OidcSettings, second: &OidcSettings) -> Option<&'a str> {
    let theirs = &second.source.email_domains;
    first.source.email_domains.iter().find(|domain| theirs.contains(domain)).map(|domain| domain.as_str())
}

fn warn_of_scopes(root: &Node, first: &OidcSettings, second: &OidcSettings, domain: &str, check: &mut Check<'_>) {
    let scopes = |provider: &OidcSettings| provider.scopes.iter().cloned().collect::<BTreeSet<_>>();
    if scopes(first) == scopes(second) {
        return;
    }
    let table = root.child("identity").and_then(|tables| tables.child(second.source.name.as_str()));
    let node = table.and_then(|table| table.child("scopes"));
    let message = format!(
        "other scopes than [identity.{}], which vouches for {domain} too: one person may get two mapping results",
        first.source.name
    );
    check.warn_at(node, message);
}

fn warn_of_mappings(
    root: &Node,
    first: &OidcSettings,
    second: &OidcSettings,
    mappings: &[Mapping],
    check: &mut Check<'_>,
) {
    for mapping in mappings {
        let named = providers_named(&mapping.when);
        let (first, second) = (&first.source.name, &second.source.name);
        if named.contains(&first) != named.contains(&second) {
            let (first, second) = (first.as_str(), second.as_str());
            let message = format!(
                "tells [identity.{first}] from [identity.{second}], which vouch for the same people: one person may get two mapping results"
            );
            check.warn_at(when_of(root, mapping), message);
        }
    }
}

fn providers_named(condition: &Condition) -> Vec<&ProviderName> {
    match condition {
        Condition::Provider(names) => names.iter().collect(),
        Condition::Claim(..) => Vec::new(),
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(providers_named).collect(),
        Condition::Not(inner) => providers_named(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::some_of;

    #[test]
    fn of_many_names_three_are_told_and_a_count() {
        assert_eq!(some_of(&["a", "b"]), "a, b");
        assert_eq!(some_of(&["a", "b", "c", "d"]), "a, b, c, d", "one more name is as short as its count");
        assert_eq!(some_of(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
