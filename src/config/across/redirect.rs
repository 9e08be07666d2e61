//! `[listen] redirect`, and where it leads.

use std::net::SocketAddr;

use crate::config::{Site, file::Node, reading::Check};

/// A redirect to a site that is plain http at the very address that redirects would never end.
pub(in crate::config) fn refuse_circles(
    root: &Node,
    redirect: Option<SocketAddr>,
    sites: &[Site],
    check: &mut Check<'_>,
) {
    let node = root.child("listen").and_then(|listen| listen.child("redirect"));
    let (Some(redirect), Some(node)) = (redirect, node) else { return };
    let leads_back =
        |site: &&Site| site.url.scheme() == "http" && site.url.port_or_known_default() == Some(redirect.port());
    if let Some(site) = sites.iter().find(leads_back) {
        let found = format!("{} is plain http on this port: it would redirect to itself", site.origin);
        check.refuse::<()>(node, found, "write another port, or remove it");
    }
}
