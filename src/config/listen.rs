//! `[listen]`, `[log]` and `[paths]`.

use std::{net::SocketAddr, time::Duration};

use super::{
    ListenSettings, Site,
    check::Check,
    in_front::{InFront, in_front},
    raw::Node,
    tls,
};
use crate::{
    limits::{IDLE_TIMEOUT_LONGEST, IDLE_TIMEOUT_SHORTEST},
    request::OwnPaths,
};

/// Reads `[listen]`.
pub(super) fn listen(root: &Node, check: &mut Check<'_>) -> Option<ListenSettings> {
    let table = root.child("listen")?;
    let address = check.address(table, "address");
    let tls = tls::identities(table, check);
    let idle_timeout = check.duration_between(table, "idle_timeout", IDLE_TIMEOUTS);
    let in_front = in_front(table, check);
    let mut optional = |name| match table.child(name) {
        Some(_) => check.address(table, name).map(Some),
        None => Some(None),
    };
    let (admin, redirect) = (optional("admin")?, optional("redirect")?);
    for (name, taken) in [("admin", &[address][..]), ("redirect", &[address, admin])] {
        let own = if name == "admin" { admin } else { redirect };
        let other = taken.iter().flatten().position(|taken| own.is_some_and(|own| shares_socket(*taken, own)));
        if let (Some(node), Some(other)) = (table.child(name), other) {
            let found = if other == 0 { "the public address" } else { "the admin address" };
            return check.refuse(node, found, "write another address or port");
        }
    }
    let InFront { trusted_proxies, client_address, proxy_protocol } = in_front?;
    Some(ListenSettings {
        address: address?,
        admin,
        redirect,
        trusted_proxies,
        client_address,
        proxy_protocol,
        idle_timeout: idle_timeout?,
        tls: tls?,
    })
}

/// A redirect to a site that is plain http at the very address that redirects would never end.
pub(super) fn refuse_circles(root: &Node, redirect: Option<SocketAddr>, sites: &[Site], check: &mut Check<'_>) {
    let node = root.child("listen").and_then(|listen| listen.child("redirect"));
    let (Some(redirect), Some(node)) = (redirect, node) else { return };
    let leads_back =
        |site: &&Site| site.url.scheme() == "http" && site.url.port_or_known_default() == Some(redirect.port());
    if let Some(site) = sites.iter().find(leads_back) {
        let found = format!("{} is plain http on this port: it would redirect to itself", site.origin);
        check.refuse::<()>(node, found, "write another port, or remove it");
    }
}

const IDLE_TIMEOUTS: [(Duration, &str); 2] = [(IDLE_TIMEOUT_SHORTEST, "30s"), (IDLE_TIMEOUT_LONGEST, "1h")];

/// Whether a connection to one could reach the other; port 0 is a port of its own each time.
fn shares_socket(left: SocketAddr, right: SocketAddr) -> bool {
    let any = left.ip().is_unspecified() || right.ip().is_unspecified();
    left.port() != 0 && left.port() == right.port() && (any || left.ip() == right.ip())
}

/// Reads `[paths]`.
pub(super) fn paths(root: &Node, check: &mut Check<'_>) -> Option<OwnPaths> {
    let table = root.child("paths")?;
    let (sign_in, sigma) = (table.child("sign_in")?, table.child("sigma")?);
    match OwnPaths::new(sign_in.as_text()?, sigma.as_text()?) {
        Ok(paths) => Some(paths),
        Err(error) => check.refuse(table, error.to_string(), r#"write prefixes such as "/oauth2" and "/sigma""#),
    }
}
