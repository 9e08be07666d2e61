//! A `[[site]]` without an upstream: a proxy in front has the application, and asks the gateway (forward-auth).

use super::{
    Route, Site,
    check::Check,
    choices::{DELIVER, FRAME_SRC},
    raw::Node,
};
use crate::{embed::Delivery, request::TrustedProxies, rewrite::FrameSrc};

/// No answer passes such a site that could be rewritten, unless a route of it has an application of its own.
pub(super) fn refuse_rewriting(table: &Node, routes: &[Route], check: &mut Check<'_>) -> Option<()> {
    if routes.iter().any(|route| route.forward.is_some()) {
        return Some(());
    }
    let is_said = |name: &&&str| match **name {
        "deliver" => DELIVER.read(table, name) == Some(Delivery::Signed),
        "frame_src" => FRAME_SRC.read(table, name) == Some(FrameSrc::Extend),
        "script" => table.child(name).and_then(Node::as_boolean) == Some(true),
        _ => table.child(name).is_some_and(|node| !node.items().is_empty()),
    };
    match OF_REWRITING.iter().filter(is_said).find_map(|name| table.child(name)) {
        Some(node) => check.refuse(
            node,
            "the site has no upstream: no answer passes here that could be rewritten",
            "remove it, or write upstream = \"…\"",
        ),
        None => Some(()),
    }
}

/// Whom nobody may ask about.
pub(super) fn warn_where_nobody_asks(root: &Node, trusted: &TrustedProxies, sites: &[Site], check: &mut Check<'_>) {
    let tables = root.child("site").map(Node::items).unwrap_or_default();
    let is_of = |table: &&Node, site: &Site| {
        table.child("url").and_then(Node::as_text).is_some_and(|url| url.trim_end_matches('/') == site.origin)
    };
    for site in sites.iter().filter(|site| site.forward.is_none() && trusted.is_empty()) {
        if let Some(table) = tables.iter().find(|table| is_of(table, site)) {
            let message = "has no upstream, and no proxy in front may ask about it: write trusted_proxies in [listen]";
            check.warn(table, message);
        }
    }
}

/// What does not come to browsers by way of the proxies.
pub(super) fn warn_of_lost_cookies(root: &Node, sites: &[Site], check: &mut Check<'_>) {
    let idle = root.child("session").and_then(|session| session.child("idle"));
    let (Some(node), Some(site)) = (idle, sites.iter().find(|site| site.forward.is_none())) else { return };
    let message = format!(
        "{} is only asked: its people are seen there only where the proxy in front passes Set-Cookie of an answer on; else a session ends so long after its sign-in",
        site.origin
    );
    check.warn(node, message);
}

const OF_REWRITING: &[&str] = &["insert", "json", "script", "deliver", "frame_src"];
