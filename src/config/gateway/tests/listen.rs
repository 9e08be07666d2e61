//! `[listen]`, `[log]` and `[paths]`.

use crate::config::AccessLog;
use crate::config::testing::{SMALL, and, config, problems, refused, with};

#[test]
fn the_public_address_is_ip_and_port() {
    assert_eq!(config(SMALL).listen.address.to_string(), "127.0.0.1:8080");
    refused(
        &with("127.0.0.1:8080", "localhost"),
        "gateway.toml:2: listen.address: not an ip:port; write ip:port, such as \"127.0.0.1:8080\"",
    );
}

#[test]
fn the_admin_address_is_never_the_public_one() {
    assert_eq!(config(SMALL).listen.admin, None);
    let admin = |address| with("[session]", &format!("admin = \"{address}\"\n[session]"));
    assert!(config(&admin("127.0.0.1:9090")).listen.admin.is_some());
    refused(
        &admin("127.0.0.1:8080"),
        "gateway.toml:3: listen.admin: the public address; write another address or port",
    );
    refused(&admin("0.0.0.0:8080"), "gateway.toml:3: listen.admin: the public address; write another address or port");
    assert!(config(&admin("127.0.0.2:8080")).listen.admin.is_some());
    assert!(config(&admin("127.0.0.1:0").replace("127.0.0.1:8080", "127.0.0.1:0")).listen.admin.is_some());
}

#[test]
fn access_lines_can_be_switched_off() {
    assert_eq!(config(SMALL).access_log, AccessLog::Stdout);
    assert_eq!(config(&and("[log]\naccess = \"off\"\n")).access_log, AccessLog::Off);
    assert!(!config(SMALL).logs_claims && config(&and("[log]\nclaims = true\n")).logs_claims);
}

#[test]
fn the_two_prefixes_differ() {
    assert_eq!(config(SMALL).paths.sigma(), "/sigma");
    assert_eq!(config(&and("[paths]\nsigma = \"/bi\"\n")).paths.sigma(), "/bi");
    let found = problems(&and("[paths]\nsigma = \"/oauth2\"\n"));
    assert!(found[0].starts_with("gateway.toml:26: paths: the two prefixes must be different"), "{found:?}");
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
