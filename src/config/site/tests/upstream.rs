//! Waits, bodies, certificates, and routes that lead to other applications.

use std::sync::Arc;

use crate::{
    config::{
        Site,
        testing::{SMALL, and, config, refused},
    },
    forward::{RequestBodies, Waits},
    request::RouteIndex,
    tls::{Trust, UpstreamTls},
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

#[test]
fn an_upstream_may_be_pinned_and_may_be_shown_a_certificate() {
    let https = |text: &str| text.replace("http://10.0.0.5:8000", "https://10.0.0.5:8000");
    let tls = |lines: &str| config(&https(&and(lines))).sites[0].forward.as_ref().unwrap().upstream.tls.clone();
    assert_eq!(tls(""), UpstreamTls::default());
    assert!(matches!(tls("upstream_certificate = \"appliance.pem\"\n").trust, Trust::Pinned(_)));
    let client = "upstream_client_certificate = \"client.pem\"\nupstream_client_key = { file = \"client.key\" }\n";
    assert!(tls(client).client.is_some());
    for (lines, problem) in [
        (
            "upstream_ca = \"ca.pem\"\nupstream_certificate = \"appliance.pem\"\n",
            "gateway.toml:27: site[0].upstream_certificate: upstream_ca is beside it, and only one of them decides; remove one of the two",
        ),
        (
            "upstream_certificate = \"empty.pem\"\n",
            "gateway.toml:26: site[0].upstream_certificate: file \"empty.pem\": no certificate in it; put the upstream's own certificate in PEM form there",
        ),
        (
            "upstream_client_certificate = \"client.pem\"\n",
            "gateway.toml:22: site[0].upstream_client_key: missing; the certificate has a key; write upstream_client_key = { file = \"client.key\" }",
        ),
        (
            "upstream_client_key = { file = \"client.key\" }\n",
            "gateway.toml:22: site[0].upstream_client_certificate: missing; the key has a certificate; write upstream_client_certificate = \"client.pem\"",
        ),
        (
            "upstream_client_certificate = \"client.pem\"\nupstream_client_key = { file = \"other-tls.key\" }\n",
            "gateway.toml:27: site[0].upstream_client_key: not the key of the certificate; write the key that belongs to the certificate beside it",
        ),
    ] {
        refused(&https(&and(lines)), problem);
    }
    for line in ["upstream_certificate = \"appliance.pem\"\n", client] {
        let key = line.split(' ').next().unwrap();
        refused(
            &and(line),
            &format!("gateway.toml:26: site[0].{key}: the upstream is plain http; write upstream = \"https://…\""),
        );
    }
}
