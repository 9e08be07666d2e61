//! Other names of a site, the address that redirects, waits, bodies, and routes that lead to other applications.

use std::sync::Arc;

use super::{SMALL, and, config, refused, warnings, with};
use crate::{
    config::Site,
    forward::{RequestBodies, Waits},
    request::{HostName, RouteIndex, SiteIndex},
    tls::Trust,
};

fn site(text: &str) -> Site {
    Arc::unwrap_or_clone(config(text).sites.remove(0))
}

fn seconds(waits: Waits) -> [u64; 3] {
    [waits.answer, waits.idle, waits.held].map(|wait| wait.as_secs())
}

#[test]
fn waits_are_told_apart_and_have_defaults() {
    let site = |lines: &str| site(&and(lines)).forward.unwrap();
    assert_eq!((seconds(site("").waits), site("").waits), ([60, 300, 60], Waits::default()));
    let lines = "upstream_timeout = \"10m\"\nupstream_idle_timeout = \"24h\"\nheld_timeout = \"1h\"\n";
    assert_eq!(seconds(site(lines).waits), [600, 86_400, 3_600]);
    for (key, value, longest) in [("upstream_idle_timeout", "25h", "24h"), ("held_timeout", "2h", "1h")] {
        refused(
            &and(&format!("{key} = \"{value}\"\n")),
            &format!("gateway.toml:26: site[0].{key}: out of range; write more than 0s and at most {longest}"),
        );
    }
}

#[test]
fn bodies_without_a_length_stream_unless_the_application_needs_one() {
    let of = |line: &str| site(&and(line)).forward.unwrap().request_bodies;
    assert_eq!(of(""), RequestBodies::Stream);
    assert_eq!(of("request_bodies = \"length\"\n"), RequestBodies::Length);
    refused(
        &and("request_bodies = \"buffer\"\n"),
        "gateway.toml:26: site[0].request_bodies: found \"buffer\"; write \"stream\" or \"length\"",
    );
}

#[test]
fn a_kept_connection_is_idle_for_longer_than_any_load_balancer_keeps_it() {
    let of = |line: &str| config(&with("[session]", &format!("{line}[session]"))).listen;
    assert_eq!(of("").idle_timeout.as_secs(), 620);
    assert_eq!(of("idle_timeout = \"30s\"\n").idle_timeout.as_secs(), 30);
    assert!(of("").needs_restart_for(&of("idle_timeout = \"1h\"\n")));
    for value in ["29s", "2h"] {
        refused(
            &with("[session]", &format!("idle_timeout = \"{value}\"\n[session]")),
            "gateway.toml:3: listen.idle_timeout: out of range; write 30s to 1h",
        );
    }
}

#[test]
fn the_address_that_redirects_is_one_of_its_own() {
    let text = |line: &str| with("[session]", &format!("{line}[session]"));
    assert_eq!(config(&text("redirect = \"0.0.0.0:80\"\n")).listen.redirect, Some("0.0.0.0:80".parse().unwrap()));
    refused(
        &text("redirect = \"0.0.0.0:8080\"\n"),
        "gateway.toml:3: listen.redirect: the public address; write another address or port",
    );
    refused(
        &text("admin = \"127.0.0.1:9090\"\nredirect = \"127.0.0.1:9090\"\n"),
        "gateway.toml:4: listen.redirect: the admin address; write another address or port",
    );
    refused(
        &text("redirect = \"127.0.0.1:80\"\n").replace("https://crm.example.com", "http://crm.localhost"),
        "gateway.toml:3: listen.redirect: http://crm.localhost is plain http on this port: it would redirect to itself; write another port, or remove it",
    );
}

#[test]
fn an_alias_is_a_host_name_of_its_own() {
    let lines = |text: &str| format!("aliases = [{text}]\n");
    let config = config(&and(&lines("\"CRM.example.net\", \"old.example.com.\"")));
    for name in ["crm.example.net", "old.example.com"] {
        let name = HostName::parse(name).unwrap();
        assert_eq!((config.hosts.find(&name), config.hosts.find_alias(&name)), (None, Some(SiteIndex(0))));
    }
    assert_eq!(config.hosts.find_alias(&HostName::parse("crm.example.com").unwrap()), None);
    refused(
        &and(&lines("\"https://crm.example.net\"")),
        "gateway.toml:26: site[0].aliases[0]: host \"https://crm.example.net\" is not a host name; write a host name, without scheme and port",
    );
    refused(
        &and(&lines("\"a.example\", \"crm.example.com\"")),
        "gateway.toml:26: site[0].aliases[1]: the host name of site[0].url; name it once",
    );
    refused(
        &and(&lines("\"a.example\", \"A.example\"")),
        "gateway.toml:26: site[0].aliases[1]: the host name of site[0].aliases[0]; name it once",
    );
    let many: Vec<_> = (0..101).map(|n| format!("\"a{n}.example\"")).collect();
    refused(
        &and(&lines(&many.join(", "))),
        "gateway.toml:26: site[0].aliases: more than 100 names; give the others a gateway of their own",
    );
}

#[test]
fn an_alias_that_no_certificate_names_is_a_warning() {
    let tls = r#"tls = { certificate = "tls.pem", private_key = { file = "tls.key" } }"#;
    let text = and("aliases = [\"crm.example.net\"]\n").replace("[session]", &format!("{tls}\n[session]"));
    assert_eq!(
        warnings(&text),
        [
            "gateway.toml:27: site[0].aliases[0]: no certificate of listen.tls is for \"crm.example.net\": browsers will refuse it"
        ]
    );
}

const ARCHIVE: &str = "[[site.route]]\npath = \"/archive/\"\n";

#[test]
fn a_route_leads_to_an_application_of_its_own() {
    let lines = "upstream_timeout = \"5s\"\nrequest_bodies = \"length\"\nupstream_host = \"upstream\"\n";
    let own = "upstream = \"https://10.0.0.6:9443\"\nupstream_ca = \"ca.pem\"\nheld_timeout = \"2m\"\n";
    let config = config(&and(&format!("{lines}{ARCHIVE}{own}")));
    let site = &config.sites[0];
    let forward = site.route(RouteIndex(0)).unwrap().forward.as_ref().unwrap();
    assert_eq!((forward.upstream.url.as_str(), &*forward.upstream.site), ("https://10.0.0.6:9443/", "crm.example.com"));
    assert!(matches!(forward.upstream.tls.trust, Trust::Roots(_)));
    assert_eq!((seconds(forward.waits), forward.request_bodies), ([5, 300, 120], RequestBodies::Length));
    assert_eq!(forward.fixed.host, "10.0.0.6:9443", "as the site says");
    assert!(config.leads_to(&forward.upstream) && config.leads_to(&site.forward.as_ref().unwrap().upstream));
}

#[test]
fn a_part_of_a_site_may_be_slow_without_an_application_of_its_own() {
    let site = site(&and(&format!("{ARCHIVE}upstream_timeout = \"10m\"\n[[site.route]]\npath = \"/x\"\n")));
    let forward = site.route(RouteIndex(0)).unwrap().forward.as_ref().unwrap();
    assert_eq!((seconds(forward.waits), &forward.upstream), ([600, 300, 60], &site.forward.as_ref().unwrap().upstream));
    assert!(site.route(RouteIndex(1)).unwrap().forward.is_none());
    assert_eq!(seconds(self::site(SMALL).forward.unwrap().waits), [60, 300, 60]);
}

#[test]
fn what_is_of_an_upstream_stands_beside_one() {
    for key in ["upstream_ca = \"ca.pem\"", "upstream_host = \"upstream\""] {
        let name = key.split(' ').next().unwrap();
        refused(
            &and(&format!("{ARCHIVE}{key}\n")),
            &format!(
                "gateway.toml:28: site[0].route[0].{name}: the route has no upstream of its own; write upstream = \"…\" beside it"
            ),
        );
    }
    refused(
        &and(&format!("{ARCHIVE}embed = \"revenue\"\nupstream = \"http://10.0.0.6\"\n")),
        "gateway.toml:29: site[0].route[0].upstream: the gateway itself answers with the embed; remove upstream, or remove embed",
    );
    refused(
        &and(&format!("{ARCHIVE}upstream = \"http://10.0.0.6/archive\"\n")),
        "gateway.toml:28: site[0].route[0].upstream: has a path; write scheme, host and port only",
    );
}
