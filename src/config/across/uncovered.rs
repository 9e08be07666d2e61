//! Sites for whose names there is no certificate.

use crate::{
    config::{
        file::Node,
        reading::{Check, host_in},
    },
    request::HostName,
    tls::TlsIdentity,
};

/// A browser that asks for such a site gets another name's certificate.
pub(in crate::config) fn warn_of_uncovered_sites(root: &Node, identities: &[TlsIdentity], check: &mut Check<'_>) {
    let sites = root.items_of("site");
    for node in sites.iter().filter_map(|site| site.child("url")) {
        let Some(host) = host_in(node) else { continue };
        warn_of_uncovered(node, &host, identities, check);
    }
    for (item, text) in sites.iter().filter_map(|site| site.child("aliases")).flat_map(Node::texts) {
        let Ok(host) = HostName::parse(text) else { continue };
        warn_of_uncovered(item, &host, identities, check);
    }
}

fn warn_of_uncovered(node: &Node, host: &HostName, identities: &[TlsIdentity], check: &mut Check<'_>) {
    let bare = host.as_str().trim_matches(['[', ']']);
    if !identities.is_empty() && !identities.iter().any(|identity| identity.covers(bare)) {
        check.warn(node, format!("no certificate of listen.tls is for {bare:?}: browsers will refuse it"));
    }
}
