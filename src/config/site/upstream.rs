//! Where a host application is and how it is asked: the keys that a `[[site]]` and a `[[site.route]]` have alike.

use url::Url;

use super::upstream_tls;
use crate::{
    config::{
        file::{
            Node,
            choices::{REQUEST_BODIES, UPSTREAM_HOST},
        },
        reading::{Check, proxy},
    },
    forward::{ForwardSettings, IdentityHeaders, SendHost, Upstream, Waits},
    limits::{HELD_TIMEOUT_LONGEST, UPSTREAM_IDLE_TIMEOUT_LONGEST, UPSTREAM_TIMEOUT_LONGEST},
    request::HostName,
};

/// Reads how the requests of a site are forwarded, where it has an upstream; the outer `None` says that it is wrong.
pub(super) fn of_site(
    table: &Node,
    address: Option<&(Url, HostName)>,
    (headers, waits): (Option<&IdentityHeaders>, Option<Waits>),
    check: &mut Check<'_>,
) -> Option<Option<ForwardSettings>> {
    let Some(node) = table.child("upstream") else {
        // A key that says nothing usable is not in the table either.
        if check.has_told_of(table, &["upstream"]) {
            return None;
        }
        return refuse_keys_of_upstream(table, "the site", check).map(|()| None);
    };
    let upstream = upstream(table, node, check);
    let (url, name) = address?;
    let settings = ForwardSettings::new(url, name, upstream?, headers?, UPSTREAM_HOST.read(table, "upstream_host")?);
    Some(Some(settings.asking(waits?, REQUEST_BODIES.read(table, "request_bodies")?)))
}

/// Reads how long the host applications of a site are waited for.
pub(super) fn waits_of_site(table: &Node, check: &mut Check<'_>) -> Option<Waits> {
    waits(table, Waits::default(), check)
}

/// What belongs to an upstream that is not there. A key with a default says nothing where it says that.
fn refuse_keys_of_upstream(table: &Node, whose: &str, check: &mut Check<'_>) -> Option<()> {
    let is_said =
        |name: &&&str| **name != "upstream_host" || UPSTREAM_HOST.read(table, name) != Some(SendHost::Browser);
    match OF_OWN_UPSTREAM.iter().filter(is_said).find_map(|name| table.child(name)) {
        Some(node) => {
            check.refuse(node, format!("{whose} has no upstream of its own"), "write upstream = \"…\" beside it")
        }
        None => Some(()),
    }
}

/// Reads how the requests of a route are forwarded, where it says anything of it; the outer `None` says that it is wrong.
pub(super) fn of_route(table: &Node, site: &RouteOf<'_>, check: &mut Check<'_>) -> Option<Option<ForwardSettings>> {
    let own = table.child("upstream").map(|node| upstream(table, node, check));
    if own.is_none() {
        let node = OF_OWN_UPSTREAM.iter().find_map(|name| table.child(name));
        if let Some(node) = node {
            return check.refuse(node, "the route has no upstream of its own", "write upstream = \"…\" beside it");
        }
    }
    let Some(said) = OF_WAY.iter().find_map(|name| table.child(name)) else {
        return Some(None);
    };
    // Where the site's own is wrong, that is said already.
    let waits = waits(table, site.waits.unwrap_or_default(), check);
    let own_or_sites = |name| table.child(name).or_else(|| site.table.child(name))?.as_text();
    let bodies = own_or_sites("request_bodies").and_then(|text| REQUEST_BODIES.of(text));
    let (forward, (url, name)) = (site.forward?, site.address?);
    let settings = match (own, forward) {
        (None, Some(forward)) => forward.clone(),
        (None, None) => {
            return check.refuse(
                said,
                "neither the route nor the site has an upstream",
                "write upstream = \"…\" beside it",
            );
        }
        (Some(own), _) => {
            let host = own_or_sites("upstream_host").and_then(|text| UPSTREAM_HOST.of(text));
            ForwardSettings::new(url, name, own?, site.headers?, host?)
        }
    };
    Some(Some(settings.asking(waits?, bodies?)))
}

/// The site of a route.
pub(super) struct RouteOf<'a> {
    /// Its table.
    pub(super) table: &'a Node,
    /// Its URL and host name, where they are right.
    pub(super) address: Option<&'a (Url, HostName)>,
    /// Which headers tell its applications who is signed in, where they are right.
    pub(super) headers: Option<&'a IdentityHeaders>,
    /// How long its applications are waited for, where that is right.
    pub(super) waits: Option<Waits>,
    /// How its requests are forwarded, where that is right; the inner none: it has no upstream.
    pub(super) forward: Option<&'a Option<ForwardSettings>>,
}

fn waits(table: &Node, or_else: Waits, check: &mut Check<'_>) -> Option<Waits> {
    let mut read =
        |name, longest, or_else| table.child(name).map_or(Some(or_else), |node| check.duration(node, longest));
    let answer = read("upstream_timeout", (UPSTREAM_TIMEOUT_LONGEST, "1h"), or_else.answer);
    let idle = read("upstream_idle_timeout", (UPSTREAM_IDLE_TIMEOUT_LONGEST, "24h"), or_else.idle);
    let held = read("held_timeout", (HELD_TIMEOUT_LONGEST, "1h"), or_else.held);
    Some(Waits { answer: answer?, idle: idle?, held: held? })
}

fn upstream(table: &Node, node: &Node, check: &mut Check<'_>) -> Option<Upstream> {
    let (url, tls) = (check.origin(node), upstream_tls::upstream(table, check));
    let proxy = proxy::named(table, "upstream_proxy", check);
    let upstream = Upstream { tls: tls?, proxy: proxy?, ..url?.into() };
    let special = upstream_tls::UPSTREAM_KEYS.iter().find_map(|name| table.child(name));
    match special {
        Some(node) if upstream.url.scheme() != "https" => {
            check.refuse(node, "the upstream is plain http", "write upstream = \"https://…\"")
        }
        Some(_) | None => Some(upstream),
    }
}

/// What belongs to an upstream, and says nothing of another.
const OF_OWN_UPSTREAM: &[&str] = &[
    "upstream_ca",
    "upstream_certificate",
    "upstream_client_certificate",
    "upstream_client_key",
    "upstream_host",
    "upstream_proxy",
];
/// What makes a route's way another than the site's.
const OF_WAY: &[&str] = &["upstream", "upstream_timeout", "upstream_idle_timeout", "held_timeout", "request_bodies"];
