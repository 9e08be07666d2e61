//! `[[mapping]]`.

use std::collections::{BTreeMap, BTreeSet};

use strsim::osa_distance;

use crate::{
    config::{
        file::{Node, choices::USER},
        reading::{
            Check,
            condition::{condition, provider_names},
            every,
        },
    },
    identity::ProviderName,
    policy::{Condition, Mapping, MappingName, Template, UserKind},
};

/// Reads every `[[mapping]]`; `providers` are the names of the `[identity]` tables.
pub(in crate::config) fn mappings(root: &Node, providers: &BTreeSet<&str>, check: &mut Check<'_>) -> Vec<Mapping> {
    let tables = root.items_of("mapping");
    refuse_doubles(tables, check);
    warn_of_gaps(tables, check);
    let whose = root.child("mapping_defaults").and_then(|defaults| defaults.child("provider"));
    let whose = whose.and_then(|node| provider_names(node, providers, check));
    tables.iter().filter_map(|table| mapping(table, providers, whose.as_deref(), check)).collect()
}

/// The names of the mappings, also of faulty ones: so that who names them is not blamed too.
pub(super) fn mapping_names(root: &Node) -> BTreeSet<&str> {
    let tables = root.items_of("mapping");
    tables.iter().filter_map(|table| table.child("name")?.as_text()).collect()
}

fn mapping(
    table: &Node,
    providers: &BTreeSet<&str>,
    whose: Option<&[ProviderName]>,
    check: &mut Check<'_>,
) -> Option<Mapping> {
    let name = table.child("name").and_then(|node| name(node, check));
    let when = table.child("when").and_then(|node| when(node, providers, check));
    let user = USER.read(table, "user");
    let user_attributes = user_attributes(table.child("user_attributes"), check);
    table.child("account_type").iter().for_each(|node| warn_of_account_type(node, check));
    refuse_claims_of_internal_user(table, check)?;
    Some(Mapping {
        name: name?,
        when: of_provider(when?, whose),
        user: user?,
        teams: table.child("teams")?.texts().map(|(_, team)| team.to_owned()).collect(),
        account_type: account_type(table).map(str::to_owned),
        user_attributes: user_attributes?,
    })
}

fn name(node: &Node, check: &mut Check<'_>) -> Option<MappingName> {
    check.parsed(node, MappingName::parse, "choose another name")
}

fn when(node: &Node, providers: &BTreeSet<&str>, check: &mut Check<'_>) -> Option<Condition> {
    if node.entries().is_empty() {
        check.warn(node, "an empty condition: the mapping matches everybody who signs in");
    }
    condition(node, providers, check)
}

/// `[mapping_defaults] provider`, for a condition that does not name one itself.
fn of_provider(when: Condition, whose: Option<&[ProviderName]>) -> Condition {
    match whose {
        Some(names) if !when.names_provider() => Condition::All(vec![Condition::Provider(names.to_vec()), when]),
        Some(_) | None => when,
    }
}

fn user_attributes(node: Option<&Node>, check: &mut Check<'_>) -> Option<BTreeMap<String, Template>> {
    let attribute = |(name, node): &(String, Node)| {
        let template = check.template(node)?;
        warn_of_join(node, &template, check);
        Some((name.clone(), template))
    };
    every(node?.entries().iter().map(attribute))
}

/// `a-b` and `c` joined by `-` are what `a` and `b-c` are: of two people with other claims, one gets the other's value.
fn warn_of_join(node: &Node, template: &Template, check: &mut Check<'_>) {
    if let Some((first, second)) = template.ambiguous_join() {
        let message = format!(
            "joins {{{first}}} and {{{second}}} without a separator that neither can hold: two people with other claims may get the same value; write an attribute for each claim, or a control character between them, such as \\u001F (a claim that holds one is then refused)"
        );
        check.warn(node, message);
    }
}

/// An internal user's token carries none of these (Sigma, JSON web token claims reference).
fn refuse_claims_of_internal_user(table: &Node, check: &mut Check<'_>) -> Option<()> {
    if USER.read(table, "user") != Some(UserKind::Internal) {
        return Some(());
    }
    let claims = ["teams", "account_type", "user_attributes"].into_iter().filter_map(|name| table.child(name));
    let mut carried = claims.filter(|node| is_set(node)).peekable();
    let verdict = if carried.peek().is_none() { Some(()) } else { None };
    for node in carried {
        check.refuse::<()>(node, "an internal user carries none", "remove it, or write user = \"embed\"");
    }
    verdict
}

fn is_set(node: &Node) -> bool {
    node.as_text().is_some() || !node.items().is_empty() || !node.entries().is_empty()
}

fn refuse_doubles(tables: &[Node], check: &mut Check<'_>) {
    let mut seen = BTreeSet::new();
    for node in tables.iter().filter_map(|table| table.child("name")) {
        if !node.as_text().is_none_or(|name| seen.insert(name)) {
            check.refuse::<()>(node, "the name of an earlier mapping", "choose another name");
        }
    }
}

/// Somebody who matches just this mapping would be refused, and no other mapping can help.
fn warn_of_gaps(tables: &[Node], check: &mut Check<'_>) {
    let embed: Vec<_> = tables.iter().filter(|table| USER.read(table, "user") == Some(UserKind::Embed)).collect();
    let no_type = embed.iter().all(|table| account_type(table).is_none());
    let no_team = embed.iter().all(|table| table.child("teams").is_none_or(|teams| teams.items().is_empty()));
    for table in embed {
        if no_type {
            check.warn(table, "no mapping sets account_type: who matches is refused (no_account_type)");
        }
        if no_team {
            check.warn(table, "no mapping gives a team: who matches is refused (no_teams)");
        }
    }
}

fn account_type(table: &Node) -> Option<&str> {
    table.child("account_type")?.as_text()
}

/// One letter off a type that every organization has: Sigma knows types by their very names.
fn warn_of_account_type(node: &Node, check: &mut Check<'_>) {
    let Some(text) = node.as_text().filter(|text| !OWN_ACCOUNT_TYPES.contains(text)) else { return };
    let slip = |own: &&&str| osa_distance(&text.trim().to_lowercase(), &own.to_lowercase()) <= 1;
    if let Some(own) = OWN_ACCOUNT_TYPES.iter().find(slip) {
        let message = format!("one letter off {own:?}, a type of Sigma's own: Sigma knows a type by its very name");
        check.warn_toothless(node, message);
    }
}

/// The types of Sigma's own that its help pages name where they speak of embeds and of their credentials.
const OWN_ACCOUNT_TYPES: [&str; 3] = ["View", "Build", "Admin"];
