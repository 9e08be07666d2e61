//! The walk: syntax, unknown keys, types, missing keys, placeholders, inline secrets.

use proptest::prelude::*;

use crate::config::{
    Draft,
    testing::{SMALL, and, check, config, problems, refused, with},
};

#[test]
fn the_smallest_file_is_right() {
    assert_eq!(config(SMALL).sites.len(), 1);
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    assert_eq!(config(&format!("\u{feff}{SMALL}")).sites.len(), 1);
}

#[test]
fn line_ends_of_windows_are_no_fault_and_do_not_move_lines() {
    let text = SMALL.replace('\n', "\r\n");
    assert_eq!(config(&text).sites.len(), 1);
}

#[test]
fn a_syntax_error_names_its_line_and_quotes_nothing() {
    let found = problems(&with("client_id = \"id\"", "client_id = hunter2"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("gateway.toml:6: ") && found[0].ends_with("; write valid TOML"), "{found:?}");
    assert!(!found[0].contains("hunter2"), "{found:?}");
}

#[test]
fn every_syntax_error_is_told() {
    let found = problems(&with("client_id = \"id\"", "client_id = x").replace("type = \"oidc\"", "type = y"));
    assert_eq!(found.iter().filter(|line| line.contains(":6:") || line.contains(":9:")).count(), 2, "{found:?}");
}

#[test]
fn a_key_written_twice_is_refused() {
    refused(
        &with("client_id = \"id\"", "client_id = \"id\"\nclient_id = \"other\""),
        "gateway.toml:7: client_id: duplicate key; keep one",
    );
    refused(&and("[listen]\n"), "gateway.toml:26: listen: duplicate key; keep one");
}

#[test]
fn a_key_written_twice_hides_no_other_problem() {
    let found = problems(&with("client_id = \"id\"", "client_id = \"id\"\nclient_id = \"id\"\nname = true"));
    assert_eq!(
        found,
        [
            "gateway.toml:7: client_id: duplicate key; keep one",
            "gateway.toml:8: sigma.acme.name: unknown key; did you mean \"names\"?"
        ]
    );
}

#[test]
fn a_key_that_ends_lines_is_told_in_one() {
    let found = problems(&and("\"a\\nb\\u001b[2J\" = 1\n"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("gateway.toml:26: site[0].a\\nb\\u{1b}[2J: unknown key; "), "{found:?}");
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    refused(
        &with("[session]", "[session]\nmax-age = \"8h\""),
        "gateway.toml:4: session.max-age: unknown key; did you mean \"max_age\"?",
    );
    refused(
        &and("[[site.rout]]\npath = \"/\"\n"),
        "gateway.toml:26: site[0].rout: unknown key; did you mean \"route\"?",
    );
    refused(
        &with("[session]", "port = 80\n[session]"),
        "gateway.toml:3: listen.port: unknown key; remove it; known here: address, admin, redirect, idle_timeout, trusted_proxies, client_address, proxy_protocol, tls",
    );
    refused(&and("[logs]\n"), "gateway.toml:26: logs: unknown key; did you mean \"log\"?");
}

#[test]
fn a_missing_key_is_refused_with_what_to_write() {
    refused(
        &with("allow = \"mapped\"\n", ""),
        "gateway.toml:14: embed.revenue.allow: missing; write allow = \"mapped\" or a list of mapping names",
    );
    refused(
        &with("address = \"127.0.0.1:8080\"\n", ""),
        "gateway.toml:1: listen.address: missing; write address = \"127.0.0.1:8080\"",
    );
}

#[test]
fn an_empty_file_lacks_each_required_section() {
    let found = problems("");
    let keys: Vec<_> = found.iter().map(|line| line.split(": ").nth(1).expect("a key")).collect();
    assert_eq!(keys, ["listen", "session", "identity", "site"]);
    assert_eq!(found[0], "gateway.toml: listen: missing; write a [listen] table");
}

#[test]
fn a_value_of_another_type_is_refused() {
    refused(
        &with("client_id = \"id\"", "client_id = 7"),
        "gateway.toml:6: sigma.acme.client_id: found an integer; write a text in quotes",
    );
    refused(
        &with("embeds = [\"revenue\"]", "embeds = \"revenue\""),
        "gateway.toml:25: site[0].embeds: found a text; write an array of texts",
    );
    refused(
        &with("embeds = [\"revenue\"]", "embeds = [7]"),
        "gateway.toml:25: site[0].embeds[0]: found an integer; write a text in quotes",
    );
    refused(
        &and("[log]\naccess = \"file\"\n"),
        "gateway.toml:27: log.access: found \"file\"; write \"stdout\" or \"off\"",
    );
    refused(
        &with("allow = \"mapped\"", "allow = \"mapped\"\nenabled = \"no\""),
        "gateway.toml:17: embed.revenue.enabled: found a text; write true or false",
    );
    refused(
        &format!(
            "mapping = 7\n{}",
            SMALL.split("[[mapping]]").next().expect("a first part").to_owned()
                + "[[site]]\nurl = \"https://crm.example.com\"\nupstream = \"http://10.0.0.5:8000\"\n"
        ),
        "gateway.toml:1: mapping: found an integer; write [[mapping]] tables",
    );
    refused(
        &with("[sigma.acme]", "[sigma]\nother = 7\n[sigma.acme]"),
        "gateway.toml:6: sigma.other: found an integer; write [sigma.NAME] tables",
    );
}

#[test]
fn a_name_that_no_url_can_hold_is_refused() {
    refused(&and("[embed.\"a b\"]\n"), "gateway.toml:26: embed.a b: malformed name; write 1 to 64 of A-Z a-z 0-9 _ -");
}

#[test]
fn a_placeholder_left_in_place_is_refused_by_key() {
    refused(
        &with("client_id = \"id\"", "client_id = \"…\""),
        "gateway.toml:6: sigma.acme.client_id: still the placeholder `…`; write your own value",
    );
    refused(
        &with("issuer = \"https://login.example.com/realms/corp\"", "issuer = \"https://…\""),
        "gateway.toml:10: identity.corp.issuer: still holds the placeholder `…`; write your own value",
    );
    refused(
        &with("when = { groups = [\"finance\"] }", "when = { groups = [\"…\"] }"),
        "gateway.toml:19: mapping[0].when.groups[0]: still the placeholder `…`; write your own value",
    );
    refused(
        &with("secret = { file = \"sigma.secret\" }", "secret = { file = \"…\" }"),
        "gateway.toml:7: sigma.acme.secret.file: still the placeholder `…`; write your own value",
    );
}

#[test]
fn a_secret_inside_the_file_is_refused_and_not_quoted() {
    let fix = "a secret inside the file; write { file = \"…\" } or { env = \"…\" }";
    refused(
        &with("secret = { file = \"sigma.secret\" }", "secret = \"hunter2\""),
        &format!("gateway.toml:7: sigma.acme.secret: {fix}"),
    );
    refused(
        &with("keys = [{ file = \"session.key\" }]", "keys = [\"hunter2\"]"),
        &format!("gateway.toml:4: session.keys[0]: {fix}"),
    );
}

#[test]
fn a_secret_has_exactly_one_source() {
    let fix = "write { file = \"…\" } or { env = \"…\" }";
    refused(
        &with("secret = { file = \"sigma.secret\" }", "secret = { file = \"a\", env = \"B\" }"),
        &format!("gateway.toml:7: sigma.acme.secret: expected exactly one of `file` and `env`; {fix}"),
    );
    refused(
        &with("secret = { file = \"sigma.secret\" }", "secret = { vault = \"a\" }"),
        &format!("gateway.toml:7: sigma.acme.secret.vault: unknown key; {fix}"),
    );
}

#[test]
fn what_is_not_built_yet_is_refused_and_never_ignored() {
    refused(
        &with("type = \"oidc\"", "type = \"saml\""),
        "gateway.toml:9: identity.corp.type: found \"saml\"; write \"oidc\" or \"aws-alb\" or \"google-iap\" or \"cloudflare-access\" or \"azure-easy-auth\" or \"pomerium\" or \"oauth2-proxy\" or \"bearer\" or \"custom\"",
    );
    refused(
        &with("[identity.corp]", "tenants = { acme-eu = \"x\" }\n[identity.corp]"),
        "gateway.toml:8: sigma.acme.tenants: not built yet; embed the tenant's documents with an organization of its own",
    );
}

#[test]
fn every_problem_is_told_at_once_in_the_order_of_the_file() {
    let text = with("client_id = \"id\"", "client_idd = \"id\"")
        .replace("allow = \"mapped\"", "allow = [\"nobody\"]")
        .replace("http://10.0.0.5:8000", "ftp://10.0.0.5");
    assert_eq!(
        problems(&text),
        [
            "gateway.toml:5: sigma.acme.client_id: missing; write the client id of Sigma's embed credentials",
            "gateway.toml:6: sigma.acme.client_idd: unknown key; did you mean \"client_id\"?",
            "gateway.toml:16: embed.revenue.allow[0]: there is no mapping \"nobody\"; write the name of a [[mapping]]",
            "gateway.toml:24: site[0].upstream: neither https nor http; write https://host, with a port where it needs one",
        ]
    );
}

#[test]
fn a_debug_text_of_a_draft_shows_no_secret() {
    let draft = Draft::parse(&with("secret = { file = \"sigma.secret\" }", "secret = \"hunter2\""));
    assert!(!format!("{draft:?}").contains("hunter2"));
}

proptest! {
    #[test]
    fn no_text_in_place_of_a_line_is_a_panic(index in 0_usize..25, by in ".{0,40}") {
        let replaced = |(at, line): (usize, &str)| if at == index { by.clone() } else { line.to_owned() };
        let lines: Vec<String> = SMALL.lines().enumerate().map(replaced).collect();
        let _ = check(&lines.join("\n"));
    }

    #[test]
    fn no_value_of_a_key_is_a_panic_or_goes_unexplained(index in 0_usize..25, value in TOML_VALUE) {
        let replaced = |(at, line): (usize, &str)| match line.split_once(" = ") {
            Some((name, _)) if at == index => format!("{name} = {value}"),
            Some(_) | None => line.to_owned(),
        };
        let lines: Vec<String> = SMALL.lines().enumerate().map(replaced).collect();
        if let Err(problems) = check(&lines.join("\n")) {
            prop_assert!(!problems.to_string().contains("not understood"), "{problems}");
        }
    }
}

/// Short TOML values of every kind.
const TOML_VALUE: &str = r#"(7|-1|1\.5|true|\[\]|\{\}|2026-11-01|""|" "|"[a-z…/:@*]{1,8}"|\["[a-z]{1,3}"\]|\[7\]|\[\[\]\]|\{ (file|env|glob|when|a) = (7|"[a-z]"|\{\}|\[\]) \})"#;
