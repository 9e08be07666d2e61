//! `[listen]`.

use std::{net::SocketAddr, time::Duration};

use super::in_front::{InFront, in_front};
use crate::{
    config::{
        ListenSettings,
        file::Node,
        reading::{Check, certificates, every},
    },
    limits::{IDLE_TIMEOUT_LONGEST, IDLE_TIMEOUT_SHORTEST},
    tls::{CertificateChain, TlsIdentity},
};

/// Reads `[listen]`.
pub(in crate::config) fn listen(root: &Node, check: &mut Check<'_>) -> Option<ListenSettings> {
    let table = root.child("listen")?;
    let address = table.child("address").and_then(|node| check.address(node));
    let tls = identities(table, check);
    let idle_timeout = table.child("idle_timeout").and_then(|node| check.duration_between(node, IDLE_TIMEOUTS));
    let in_front = in_front(table, check);
    let mut optional = |name| table.optional(name, |node| check.address(node));
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

/// Reads `listen.tls`: each certificate with its key, in the order of the file; none where TLS ends elsewhere.
fn identities(listen: &Node, check: &mut Check<'_>) -> Option<Vec<TlsIdentity>> {
    let names = ("certificate", "private_key");
    every(
        listen.items_of("tls").iter().map(|table| certificates::identity(table, names, CertificateChain::parse, check)),
    )
}

/// Whether a connection to one could reach the other; port 0 is a port of its own each time.
fn shares_socket(left: SocketAddr, right: SocketAddr) -> bool {
    let any = left.ip().is_unspecified() || right.ip().is_unspecified();
    left.port() != 0 && left.port() == right.port() && (any || left.ip() == right.ip())
}

const IDLE_TIMEOUTS: [(Duration, &str); 2] = [(IDLE_TIMEOUT_SHORTEST, "30s"), (IDLE_TIMEOUT_LONGEST, "1h")];
