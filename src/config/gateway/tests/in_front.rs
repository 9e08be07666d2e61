//! Proxies in front: `[listen] trusted_proxies`, `client_address` and `proxy_protocol`.

use crate::{
    config::testing::{SMALL, config, refused, warnings, with},
    request::{ClientAddressSource, ProxyProtocol},
};

/// The small file with these lines in `[listen]`.
fn listening(lines: &str) -> String {
    with("[session]", &format!("{lines}\n[session]"))
}

const NETWORK: &str = r#"write an address or a network, such as "10.0.0.7", "10.0.0.0/24" or "fd00:1::/64""#;
const NAME: &str =
    r#"write "x-forwarded-for", "forwarded", or the name of a header with one address, such as "cf-connecting-ip""#;

#[test]
fn nobody_is_trusted_where_nobody_is_written_down() {
    for text in [SMALL.to_owned(), listening("trusted_proxies = []")] {
        let listen = config(&text).listen;
        assert!(listen.trusted_proxies.is_empty() && listen.client_address.is_none());
        assert_eq!(listen.proxy_protocol, ProxyProtocol::Off);
        assert_eq!(warnings(&text), Vec::<String>::new());
    }
}

#[test]
fn addresses_and_networks_are_trusted_and_others_are_not() {
    let text = listening(
        "trusted_proxies = [\"10.0.0.0/24\", \"fd00:1::/64\", \"192.0.2.7\"]\nclient_address = \"X-Forwarded-For\"",
    );
    let listen = config(&text).listen;
    let is_trusted = |address: &str| listen.trusted_proxies.contains(address.parse().expect("an address"));
    assert!(is_trusted("10.0.0.9") && is_trusted("fd00:1::9") && is_trusted("192.0.2.7"));
    assert!(!is_trusted("10.0.1.9") && !is_trusted("fd00:2::9") && !is_trusted("127.0.0.1"));
    assert_eq!(listen.client_address, Some(ClientAddressSource::ForwardedFor));
    assert_eq!(warnings(&text), Vec::<String>::new());
}

#[test]
fn what_is_no_network_is_refused_each_with_its_line() {
    for (item, found) in [
        ("proxy.example", "not an address or a network"),
        ("10.0.0.0/33", "not an address or a network"),
        ("10.0.0.1/8", "has bits behind its prefix: the network is 10.0.0.0/8"),
    ] {
        let text = listening(&format!("trusted_proxies = [\"10.0.0.7\", \"{item}\"]"));
        refused(&text, &format!("gateway.toml:3: listen.trusted_proxies[1]: {found}; {NETWORK}"));
    }
    refused(
        &listening("trusted_proxies = \"10.0.0.0/8\""),
        "gateway.toml:3: listen.trusted_proxies: found a text; write an array of texts",
    );
}

#[test]
fn a_network_of_everybody_is_warned_of() {
    for item in ["0.0.0.0/0", "::/0", "0.0.0.0/1", "2000::/3", "::ffff:0.0.0.0/96"] {
        let found = warnings(&listening(&format!("trusted_proxies = [\"10.0.0.7\", \"{item}\"]")));
        assert_eq!(found.len(), 1, "{item}: {found:?}");
        assert!(found[0].contains("listen.trusted_proxies[1]: trusts whoever connects"), "{found:?}");
    }
}

#[test]
fn a_header_says_where_a_client_is_where_it_can_be_a_proxys_own() {
    for (name, source) in [
        ("x-forwarded-for", ClientAddressSource::ForwardedFor),
        ("Forwarded", ClientAddressSource::Forwarded),
        ("CF-Connecting-IP", ClientAddressSource::parse("cf-connecting-ip").expect("a name")),
        ("X-Our-Edge-Client", ClientAddressSource::parse("x-our-edge-client").expect("a name")),
    ] {
        let text = listening(&format!("trusted_proxies = [\"10.0.0.7\"]\nclient_address = \"{name}\""));
        assert_eq!(config(&text).listen.client_address, Some(source), "{name}");
    }
    for (name, found) in [
        ("a b", "not a header name"),
        ("x-*", "not one name: a star stands for many"),
        ("Connection", "a field of the connection, which ends at the gateway"),
        ("Cookie", "a header that browsers send for the application"),
        ("User-Agent", "a header that browsers send for the application"),
        ("Location", "a header of answers, not of requests"),
    ] {
        let text = listening(&format!("trusted_proxies = [\"10.0.0.7\"]\nclient_address = \"{name}\""));
        refused(&text, &format!("gateway.toml:4: listen.client_address: {found}; {NAME}"));
    }
}

#[test]
fn the_header_of_a_clients_address_is_kept_by_no_site() {
    let text = listening("trusted_proxies = [\"10.0.0.7\"]\nclient_address = \"x-azure-socketip\"");
    let text = format!("{text}keep_headers = [\"X_Azure_SocketIP\"]\n");
    refused(
        &text,
        "gateway.toml:28: site[0].keep_headers[0]: the header of client_address, which never reaches the application; remove it",
    );
}

#[test]
fn what_only_proxies_may_say_is_warned_of_where_nobody_is_trusted() {
    let found = warnings(&listening("client_address = \"x-forwarded-for\""));
    assert!(found.len() == 1 && found[0].contains("listen.client_address: says nothing of anybody"), "{found:?}");
    for (word, takes) in [("any", ProxyProtocol::Any), ("v1", ProxyProtocol::V1), ("v2", ProxyProtocol::V2)] {
        let text = listening(&format!("proxy_protocol = \"{word}\""));
        let found = warnings(&text);
        assert!(
            found.len() == 1 && found[0].contains("listen.proxy_protocol: every connection ends at once"),
            "{found:?}"
        );
        assert_eq!(config(&text).listen.proxy_protocol, takes);
        let text = listening(&format!("trusted_proxies = [\"10.0.0.7\"]\nproxy_protocol = \"{word}\""));
        assert_eq!(warnings(&text), Vec::<String>::new());
    }
    refused(
        &listening("proxy_protocol = \"v3\""),
        "gateway.toml:3: listen.proxy_protocol: found \"v3\"; write \"off\" or \"any\" or \"v1\" or \"v2\"",
    );
}

#[test]
fn who_is_trusted_takes_effect_at_once_and_how_connections_begin_at_a_restart() {
    let listen = |lines: &str| config(&listening(lines)).listen;
    let one = listen("trusted_proxies = [\"10.0.0.7\"]");
    assert!(!one.needs_restart_for(&listen("trusted_proxies = [\"10.0.0.8\"]\nclient_address = \"forwarded\"")));
    assert!(one.needs_restart_for(&listen("trusted_proxies = [\"10.0.0.7\"]\nproxy_protocol = \"v2\"")));
}
