//! `[identity.NAME]`.

use crate::{
    config::testing::{DOMAINS, SMALL, check, config, refused, warnings, with},
    identity::{EmailVerification, ProviderMetadata, ProviderName},
};

const ISSUER: &str = "https://login.example.com/realms/corp";

/// Spellings of plain http issuers, and whether the host is this machine by definition.
const PLAIN_ISSUERS: [(&str, bool); 27] = [
    ("http://localhost:9000/x", true),
    ("HTTP://localhost:9000/x", true),
    ("hTtP://LocalHost:9000/x", true),
    ("http://localhost.:9000/x", true),
    ("HTTP://LOGIN.LOCALHOST.:9000/x", true),
    ("http://login.localhost", true),
    ("http://a.b.localhost/", true),
    ("http://127.0.0.1:9000", true),
    ("http://127.0.0.1.:9000", true),
    ("http://127.0.0.2:9000/x", true),
    ("http://127.255.255.255/x", true),
    ("http://127.1:9000", true),
    ("http://0x7f.1:9000", true),
    ("http://2130706433/x", true),
    ("http://[::1]:9000/x", true),
    ("http://[0:0:0:0:0:0:0:1]/x", true),
    ("http://[::ffff:127.0.0.1]/x", false),
    ("http://[::2]/x", false),
    ("http://0.0.0.0/x", false),
    ("http://128.0.0.1/x", false),
    ("http://localhost6/x", false),
    ("http://localhost.evil/x", false),
    ("http://evillocalhost/x", false),
    ("http://127.0.0.1.evil.example/x", false),
    ("http://.localhost/x", false),
    ("http://a..localhost/x", false),
    ("http://localhost../x", false),
];

#[test]
fn check_and_the_running_gateway_agree_on_what_is_loopback() {
    for (text, is_loopback) in PLAIN_ISSUERS {
        let is_ok = check(&with(ISSUER, text)).is_ok();
        let is_asked = ProviderMetadata::url(text).is_some();
        assert_eq!((is_ok, is_asked), (is_loopback, is_loopback), "{text}: by `check`, by the running gateway");
    }
}

#[test]
fn an_issuer_is_https_unless_loopback_and_kept_byte_for_byte() {
    let issuer = |url| with(ISSUER, url);
    let kept = |url| {
        config(&issuer(url)).providers[&ProviderName::parse("corp").unwrap()].oidc().expect("oidc").issuer.clone()
    };
    assert_eq!(kept("https://Login.example.com:443/a/"), "https://Login.example.com:443/a/");
    assert_eq!(kept("http://127.0.0.1:9000"), "http://127.0.0.1:9000");
    refused(
        &issuer("http://login.example.com"),
        "gateway.toml:10: identity.corp.issuer: plain http to a host that is not loopback; write https://",
    );
    let fix = "write https://host, with a port where it needs one";
    refused(
        &issuer("https://login.example.com?a=b"),
        &format!("gateway.toml:10: identity.corp.issuer: has a query or a fragment; {fix}"),
    );
    refused(
        &issuer("https://me:you@login.example.com"),
        &format!("gateway.toml:10: identity.corp.issuer: has a user or a password; {fix}"),
    );
    refused(
        &issuer("https://login.example.com/.well-known/openid-configuration"),
        "gateway.toml:10: identity.corp.issuer: the address of the discovery document; leave /.well-known/openid-configuration out",
    );
}

#[test]
fn the_domains_of_a_source_are_named_and_whole() {
    let fix = "write whole domains: email_domains = [\"example.com\"]";
    refused(
        &with(DOMAINS, "email_domains = []"),
        &format!("gateway.toml:13: identity.corp.email_domains: an empty list, nobody could sign in; {fix}"),
    );
    refused(
        &with(DOMAINS, "email_domains = [\"example.com\", \"*.example.com\"]"),
        &format!("gateway.toml:13: identity.corp.email_domains[1]: e-mail address is malformed; {fix}"),
    );
    refused(
        &with(&format!("{DOMAINS}\n"), ""),
        "gateway.toml:8: identity.corp.email_domains: missing; write email_domains = [\"example.com\"]",
    );
}

#[test]
fn a_session_is_good_only_from_a_source_that_is_there_today() {
    let rules = config(SMALL).session;
    let corp = config(SMALL).providers[&ProviderName::parse("corp").unwrap()].known().expect("it makes sessions");
    assert_eq!(rules.providers, [corp]);
}

#[test]
fn openid_is_among_the_scopes() {
    let scopes = |list| with(DOMAINS, &format!("{DOMAINS}\nscopes = {list}"));
    assert_eq!(
        config(&scopes("[\"openid\", \"groups\"]"))
            .providers
            .into_values()
            .next()
            .expect("one")
            .oidc()
            .expect("oidc")
            .scopes,
        ["openid", "groups"]
    );
    assert_eq!(
        config(SMALL).providers.into_values().next().expect("one").oidc().expect("oidc").scopes,
        ["openid", "email", "profile"]
    );
    refused(
        &scopes("[\"email\"]"),
        "gateway.toml:14: identity.corp.scopes: the scope \"openid\" is missing; write scopes = [\"openid\", \"email\", \"profile\"]",
    );
    refused(
        &scopes("[\"openid email\"]"),
        "gateway.toml:14: identity.corp.scopes[0]: not one scope; write each scope as a text of its own, without spaces",
    );
}

#[test]
fn the_address_is_at_a_claim_path_and_verified() {
    let line = |line: &str| with(DOMAINS, &format!("{DOMAINS}\n{line}"));
    let corp = config(&line("email = \"/upn\"\nemail_verified = \"trusted-issuer\""))
        .providers
        .into_values()
        .next()
        .expect("one")
        .settings()
        .clone();
    assert_eq!((corp.email.as_str(), corp.email_verified), ("/upn", EmailVerification::TrustedIssuer));
    let corp = config(SMALL).providers.into_values().next().expect("one").settings().clone();
    assert_eq!((corp.email.as_str(), corp.email_verified), ("/email", EmailVerification::Required));
    refused(
        &line("email = \"/a~9\""),
        "gateway.toml:14: identity.corp.email: claim path \"/a~9\" is empty or holds a `~` that is not `~0` or `~1`; write a claim name or a JSON Pointer that starts with /",
    );
    refused(
        &line("email_verified = false"),
        "gateway.toml:14: identity.corp.email_verified: found a boolean; write \"required\" or \"trusted-issuer\" or { claim = \"…\" }",
    );
}

/// The small file with lines about the address.
fn address(lines: &str) -> String {
    with(DOMAINS, &format!("{DOMAINS}\n{lines}"))
}

#[test]
fn an_address_that_email_verified_does_not_speak_of_is_a_warning() {
    let message = "gateway.toml:14: identity.corp.email: email_verified speaks of the claim email, not of /mail: nobody of this source has a verified address, so nobody gets an embed (email_unverified); write email_verified = { claim = \"…\" } with the flag of that claim, or \"trusted-issuer\" if nobody can edit it";
    assert_eq!(warnings(&address("email = \"/mail\"")), [message]);
    for lines in [
        "email = \"/mail\"\nemail_verified = \"trusted-issuer\"",
        "email = \"/mail\"\nemail_verified = { claim = \"/mail_verified\" }",
        "email = \"email\"",
        "email = \"/email\"\nemail_verified = \"required\"",
    ] {
        assert_eq!(warnings(&address(lines)), Vec::<String>::new(), "{lines}");
    }
    for path in ["/user/email", "mail", "sub", "/Email", "//email"] {
        assert_eq!(warnings(&address(&format!("email = {path:?}"))).len(), 1, "{path}");
    }
}

#[test]
fn the_flag_of_an_address_is_a_claim_of_its_own() {
    let flag = |flag: &str| address(&format!("email = \"/mail\"\nemail_verified = {flag}"));
    let corp =
        config(&flag("{ claim = \"/mail_ok\" }")).providers.into_values().next().expect("one").settings().clone();
    assert!(matches!(&corp.email_verified, EmailVerification::Claim(path) if path.as_str() == "/mail_ok"));
    refused(
        &flag("{ claim = \"mail\" }"),
        "gateway.toml:15: identity.corp.email_verified.claim: the address itself, which is no flag; write the claim that is true for a verified address",
    );
    refused(
        &flag("{ claim = \"email_verified\" }"),
        "gateway.toml:15: identity.corp.email_verified.claim: the flag of the claim email, which proves nothing of /mail; write the flag of that claim, or email_verified = \"trusted-issuer\"",
    );
    refused(
        &flag("{ clam = \"a\" }"),
        "gateway.toml:15: identity.corp.email_verified.clam: unknown key; write { claim = \"…\" }",
    );
    refused(
        &flag("\"true\""),
        "gateway.toml:15: identity.corp.email_verified: found \"true\"; write \"required\" or \"trusted-issuer\" or { claim = \"…\" }",
    );
}

#[test]
fn another_rule_about_the_address_asks_its_people_to_sign_in_again() {
    let known = |lines: &str| config(&address(lines)).session.providers;
    let rules = [
        "",
        "email = \"/mail\"",
        "email = \"/mail\"\nemail_verified = \"trusted-issuer\"",
        "email = \"/mail\"\nemail_verified = { claim = \"a\" }",
        "email = \"/mail\"\nemail_verified = { claim = \"b\" }",
    ];
    for (index, one) in rules.iter().enumerate() {
        assert!(rules[..index].iter().all(|other| known(other) != known(one)), "{one}");
    }
}
