//! Proxies in front, of `[listen]`: who is trusted, and how they say where a client is.

use crate::{
    config::{
        file::{Node, choices::PROXY_PROTOCOL},
        reading::{Check, every},
    },
    request::{ClientAddressSource, ProxyProtocol, TrustedNetwork, TrustedProxies},
};

/// What `[listen]` says of proxies in front.
pub(super) struct InFront {
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) client_address: Option<ClientAddressSource>,
    pub(super) proxy_protocol: ProxyProtocol,
}

/// Reads the three keys.
pub(super) fn in_front(table: &Node, check: &mut Check<'_>) -> Option<InFront> {
    let list = table.child("trusted_proxies");
    let trusted_proxies = list.and_then(|list| trusted_proxies(list, check));
    let client_address = table.optional("client_address", |node| client_address(node, check));
    let proxy_protocol = PROXY_PROTOCOL.read(table, "proxy_protocol");
    if trusted_proxies.as_ref().is_some_and(TrustedProxies::is_empty) {
        if let Some(node) = table.child("client_address") {
            check.warn(
                node,
                "says nothing of anybody: trusted_proxies is empty, and from other peers the header changes nothing",
            );
        }
        if let (Some(node), Some(true)) =
            (table.child("proxy_protocol"), proxy_protocol.map(|takes| takes != ProxyProtocol::Off))
        {
            check.warn(
                node,
                "every connection ends at once: a PROXY header is taken from trusted_proxies only, which is empty",
            );
        }
    }
    Some(InFront {
        trusted_proxies: trusted_proxies?,
        client_address: client_address?,
        proxy_protocol: proxy_protocol?,
    })
}

fn trusted_proxies(list: &Node, check: &mut Check<'_>) -> Option<TrustedProxies> {
    every(list.items().iter().map(|item| network(item, check)))
}

fn network(item: &Node, check: &mut Check<'_>) -> Option<TrustedNetwork> {
    let fix = r#"write an address or a network, such as "10.0.0.7", "10.0.0.0/24" or "fd00:1::/64""#;
    let network = check.parsed(item, TrustedNetwork::parse, fix)?;
    if network.is_wide() {
        let message = "trusts whoever connects: anybody there says where requests come from, and asks about them in forward-auth; \
                       write the addresses of your proxies";
        check.warn(item, message);
    }
    Some(network)
}

fn client_address(node: &Node, check: &mut Check<'_>) -> Option<ClientAddressSource> {
    let fix =
        r#"write "x-forwarded-for", "forwarded", or the name of a header with one address, such as "cf-connecting-ip""#;
    check.parsed(node, ClientAddressSource::parse, fix)
}
