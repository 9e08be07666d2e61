//! Sites without an upstream, of which a proxy in front asks: whether one may, and what does not reach their people.

use super::tables::of_site;
use crate::{
    config::{Site, file::Node, reading::Check},
    request::TrustedProxies,
};

/// Whom nobody may ask about.
pub(in crate::config) fn warn_where_nobody_asks(
    root: &Node,
    trusted: &TrustedProxies,
    sites: &[Site],
    check: &mut Check<'_>,
) {
    for site in sites.iter().filter(|site| site.forward.is_none() && trusted.is_empty()) {
        if let Some(table) = of_site(root, site) {
            let message = "has no upstream, and no proxy in front may ask about it: write trusted_proxies in [listen]";
            check.warn(table, message);
        }
    }
}

/// What does not come to browsers by way of the proxies.
pub(in crate::config) fn warn_of_lost_cookies(root: &Node, sites: &[Site], check: &mut Check<'_>) {
    let idle = root.child("session").and_then(|session| session.child("idle"));
    let (Some(node), Some(site)) = (idle, sites.iter().find(|site| site.forward.is_none())) else { return };
    let message = format!(
        "{} is only asked: its people are seen there only where the proxy in front passes Set-Cookie of an answer on; else a session ends so long after its sign-in",
        site.origin
    );
    check.warn(node, message);
}
