//! Where a host application is and how it is asked: the keys that a `[[site]]` and a `[[site.route]]` have alike.

use url::Url;

use super::{
    check::Check,
    choices::{REQUEST_BODIES, UPSTREAM_HOST},
    outbound,
    raw::Node,
    tls,
};
use crate::{
    forward::{ForwardSettings, IdentityHeaders, Upstream, Waits},
    limits::{HELD_TIMEOUT_LONGEST, UPSTREAM_IDLE_TIMEOUT_LONGEST, UPSTREAM_TIMEOUT_LONGEST},
    request::HostName,
};

/// Reads how the requests of a site are forwarded.
pub(super) fn of_site(
    table: &Node,
    address: Option<&(Url, HostName)>,
    headers: Option<&IdentityHeaders>,
    check: &mut Check<'_>,
) -> Option<ForwardSettings> {
    let upstream = table.child("upstream").and_then(|node| upstream(table, node, check));
    let waits = waits(table, Waits::default(), check);
    let (url, name) = address?;
    let settings = ForwardSettings::new(url, name, upstream?, headers?, UPSTREAM_HOST.read(table, "upstream_host")?);
    Some(settings.asking(waits?, REQUEST_BODIES.read(table, "request_bodies")?))
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
    let says = |name: &&str| table.child(name).is_some();
    if !OF_WAY.iter().any(says) {
        return Some(None);
    }
    // Where the site's own is wrong, that is said already.
    let waits = waits(table, site.forward.map(|forward| forward.waits).unwrap_or_default(), check);
    let bodies = or(table, "request_bodies", site.forward.map(|forward| forward.request_bodies), |table, name| {
        REQUEST_BODIES.read(table, name)
    });
    let (forward, (url, name)) = (site.forward?, site.address?);
    let settings = match own {
        None => forward.clone(),
        Some(own) => {
            let host = or(table, "upstream_host", UPSTREAM_HOST.read(site.table, "upstream_host"), |table, name| {
                UPSTREAM_HOST.read(table, name)
            });
            ForwardSettings::new(url, name, own?, &forward.identity_headers, host?)
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
    /// How its requests are forwarded, where that is right.
    pub(super) forward: Option<&'a ForwardSettings>,
}

/// What a key says, or what stands for it where it is not there.
fn or<T>(table: &Node, name: &str, else_: Option<T>, read: impl Fn(&Node, &str) -> Option<T>) -> Option<T> {
    if table.child(name).is_some() { read(table, name) } else { else_ }
}

fn waits(table: &Node, or_else: Waits, check: &mut Check<'_>) -> Option<Waits> {
    let mut read = |name, longest, or_else| match table.child(name) {
        Some(_) => check.duration(table, name, longest),
        None => Some(or_else),
    };
    let answer = read("upstream_timeout", (UPSTREAM_TIMEOUT_LONGEST, "1h"), or_else.answer);
    let idle = read("upstream_idle_timeout", (UPSTREAM_IDLE_TIMEOUT_LONGEST, "24h"), or_else.idle);
    let held = read("held_timeout", (HELD_TIMEOUT_LONGEST, "1h"), or_else.held);
    Some(Waits { answer: answer?, idle: idle?, held: held? })
}

fn upstream(table: &Node, node: &Node, check: &mut Check<'_>) -> Option<Upstream> {
    let (url, tls) = (check.origin(node), tls::upstream(table, check));
    let proxy = outbound::proxy(table, "upstream_proxy", check);
    let upstream = Upstream { tls: tls?, proxy: proxy?, ..url?.into() };
    let special = tls::UPSTREAM_KEYS.iter().find_map(|name| table.child(name));
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
