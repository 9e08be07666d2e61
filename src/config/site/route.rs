//! `[[site.route]]`.

use std::collections::BTreeMap;

use super::{
    scope::{SiteScope, single_embed},
    upstream::{self, RouteOf},
};
use crate::{
    config::{
        Route, RouteAnswer,
        file::{Node, choices::ACCESS},
        reading::{Check, condition::condition, every, is_within},
    },
    identity::{ProviderName, SignInWith},
    policy::Access,
    request::{OwnPaths, WELL_KNOWN},
};

/// Reads the routes of a site; nothing where one is wrong, for a route left out would open what it closes.
pub(super) fn routes(site: &RouteOf<'_>, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<Vec<Route>> {
    let tables = site.table.items_of("route");
    refuse_doubles(tables, check);
    warn_of_letter_case(tables, check);
    every(tables.iter().map(|table| route(table, site, known, check)))
}

fn route(table: &Node, site: &RouteOf<'_>, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<Route> {
    let path = table.child("path").and_then(|node| check.prefix(node));
    if let Some(node) = table.child("path") {
        refuse_own(node, known.own_paths, check);
        refuse_well_known(node, site, check);
    }
    let embed = table.child("embed").map(|node| single_embed(node, known, check));
    let access = table.child("access").map(|node| access(node, known, check));
    let forward = upstream::of_route(table, site, check);
    if let (Some(node), Some(_)) = (table.child("upstream"), &embed) {
        return check.refuse(node, "the gateway itself answers with the embed", "remove upstream, or remove embed");
    }
    let (access, answer) = match (access, embed) {
        (None, None) => (Some(Access::SignedIn), Some(RouteAnswer::Forward)),
        (Some(access), None) => (access, Some(RouteAnswer::Forward)),
        (None, Some(embed)) => (Some(Access::SignedIn), embed.map(RouteAnswer::Embed)),
        (Some(_), Some(_)) => {
            let node = table.child("access")?;
            return check.refuse(node, "an embed has its own rule: allow", "remove access, or remove embed");
        }
    };
    Some(Route { path: path?, access: access?, answer: answer?, forward: forward? })
}

fn access(node: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<Access> {
    if let Some(when) = node.child("when") {
        return condition(when, known.providers, check).map(Box::new).map(Access::When);
    }
    ACCESS.of(node.as_text()?)
}

fn refuse_doubles(tables: &[Node], check: &mut Check<'_>) {
    let mut seen = BTreeMap::new();
    for node in tables.iter().filter_map(|table| table.child("path")) {
        // `/public/` and `/public` match the same paths.
        let path = node.as_text().unwrap_or_default().trim_end_matches('/');
        if let Some(other) = seen.insert(path, &node.key) {
            check.refuse::<()>(node, format!("the path of {other}"), "keep one");
        }
    }
}

/// Of several providers each could let its people in where another one's claims are meant.
pub(super) fn warn_of_anybodys_claims(
    table: &Node,
    routes: &[Route],
    (sign_in, accepts): (&SignInWith, &[ProviderName]),
    check: &mut Check<'_>,
) {
    let names: Vec<&str> = sign_in.iter().chain(accepts).map(ProviderName::as_str).collect();
    if names.len() < 2 {
        return;
    }
    let names = names.join(", ");
    let tables = table.items_of("route");
    for (table, route) in tables.iter().zip(routes) {
        let Access::When(condition) = &route.access else { continue };
        if condition.believes_any_provider() {
            let message = format!(
                "believes each provider of the site ({names}) about its claims; write provider = \"…\" into its when"
            );
            check.warn_at(table.child("access"), message);
        }
    }
}

/// Host applications on some file systems ignore letter case, so a path that could be meant for either route is served by neither.
fn warn_of_letter_case(tables: &[Node], check: &mut Check<'_>) {
    let paths: Vec<&Node> = tables.iter().filter_map(|table| table.child("path")).collect();
    for (index, node) in paths.iter().enumerate() {
        for (at, other) in paths.iter().enumerate() {
            // Of two that differ in letter case only, the later one is named.
            let is_first = base(node).len() == base(other).len() && index < at;
            if differs_in_case(base(node), base(other)) && !is_first {
                let message = format!(
                    "begins as {}, but in another letter case: a path that only one of the two spellings takes is refused with 400",
                    other.key
                );
                check.warn(node, message);
            }
        }
    }
}

/// Whether `path` is `outer` or below it, but for letter case.
fn differs_in_case(path: &str, outer: &str) -> bool {
    let Some((start, rest)) = path.split_at_checked(outer.len()) else { return false };
    start != outer && start.eq_ignore_ascii_case(outer) && (rest.is_empty() || rest.starts_with('/'))
}

fn base(path: &Node) -> &str {
    path.as_text().unwrap_or_default().trim_end_matches('/')
}

/// On a site that signs assertions, one more prefix is ours.
fn refuse_well_known(node: &Node, site: &RouteOf<'_>, check: &mut Check<'_>) {
    let signs = site.headers.is_some_and(|headers| headers.assertion().is_some());
    if signs && node.as_text().is_some_and(|path| is_within(path, WELL_KNOWN)) {
        let fix = "choose another path, or leave assertion out";
        check.refuse::<()>(node, format!("inside {WELL_KNOWN}, which the gateway answers itself"), fix);
    }
}

/// A route inside our own prefixes would never be asked.
fn refuse_own(node: &Node, own_paths: Option<&OwnPaths>, check: &mut Check<'_>) {
    let (Some(path), Some(own)) = (node.as_text(), own_paths) else { return };
    for prefix in [own.sign_in(), own.sigma()] {
        if is_within(path, prefix) {
            let fix = "choose another path, or move the gateway's own with [paths]";
            check.refuse::<()>(node, format!("inside {prefix}, which the gateway answers itself"), fix);
        }
    }
}
