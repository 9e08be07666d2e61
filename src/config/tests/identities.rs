//! `[sigma.SLUG]` and `[identity.NAME]`.

use super::{SMALL, check, config, refused, warnings, with};
use crate::identity::{EmailVerification, ProviderMetadata, ProviderName};

pub(super) const DOMAINS: &str = "email_domains = [\"example.com\"]";
const ISSUER: &str = "https://login.example.com/realms/corp";
const SIGMA_SECRET: &str = "secret = { file = \"sigma.secret\" }";

/// The small file with a second source before `[embed.revenue]`, for the same domain.
fn second(more: &str) -> String {
    let table = format!(
        "[identity.partner]\ntype = \"oidc\"\nissuer = \"https://idp.example.com\"\nclient_id = \"a\"\nclient_secret = {{ env = \"OIDC_CLIENT_SECRET\" }}\n{more}\n[embed.revenue]"
    );
    with("[embed.revenue]", &table).replace("embeds = [\"revenue\"]", "embeds = [\"revenue\"]\nsign_in = \"corp\"")
        + "[mapping_defaults]\nprovider = [\"corp\", \"partner\"]\n"
}

pub(super) fn sigma(line: &str) -> String {
    with(SIGMA_SECRET, &format!("{SIGMA_SECRET}\n{line}"))
}

#[test]
fn an_organization_has_defaults() {
    let organization = config(SMALL).catalogue.organizations.values().next().expect("one").clone();
    assert_eq!(organization.base_url.as_str(), "https://app.sigmacomputing.com/");
    assert_eq!((organization.session_length.as_secs(), organization.names), (3_600, false));
}

#[test]
fn a_sigma_token_lives_thirty_days_at_most() {
    let length = |text| sigma(&format!("session_length = \"{text}\""));
    assert_eq!(
        config(&length("30d")).catalogue.organizations.values().next().expect("one").session_length.as_secs(),
        2_592_000
    );
    refused(
        &length("30d1s"),
        "gateway.toml:8: sigma.acme.session_length: out of range; write more than 0s and at most 30d",
    );
}

#[test]
fn sigma_is_https_unless_loopback() {
    let base_url = |url| {
        sigma(&format!("base_url = \"{url}\"")).replace("https://app.sigmacomputing.com/acme", &format!("{url}/acme"))
    };
    assert_eq!(config(&base_url("http://sigma.localhost:7000")).catalogue.embeds.len(), 1);
    refused(
        &base_url("http://sigma.example.com"),
        "gateway.toml:8: sigma.acme.base_url: plain http to a host that is not loopback; write https://",
    );
    refused(
        &sigma("base_url = \"https://a.example/b\""),
        "gateway.toml:8: sigma.acme.base_url: has a path; write scheme, host and port only",
    );
}

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

#[test]
fn two_sources_of_one_domain_that_ask_for_different_scopes_are_a_warning() {
    let message = "gateway.toml:20: identity.partner.scopes: other scopes than [identity.corp], which vouches for example.com too: one person may get two mapping results";
    assert_eq!(warnings(&second(&format!("{DOMAINS}\nscopes = [\"openid\", \"groups\"]"))), [message]);
    assert_eq!(
        warnings(&second(&format!("{DOMAINS}\nscopes = [\"profile\", \"openid\", \"email\"]"))),
        Vec::<String>::new()
    );
    assert_eq!(
        warnings(&second("email_domains = [\"example.org\"]\nscopes = [\"openid\", \"groups\"]")),
        Vec::<String>::new()
    );
}

#[test]
fn a_mapping_that_tells_two_sources_of_one_domain_apart_is_a_warning() {
    let by_provider = |text: String| text.replace("when = { groups", "when = { provider = \"corp\", groups");
    let found = warnings(&by_provider(second(DOMAINS)));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("mapping[0].when: tells [identity.corp] from [identity.partner]"), "{found:?}");
    assert_eq!(warnings(&by_provider(second("email_domains = [\"example.org\"]"))), Vec::<String>::new());
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

/// Two sources, and the small file's mapping with this condition.
pub(super) fn of_two(when: &str, more: &str) -> String {
    let text = second("email_domains = [\"example.org\"]").replace("when = { groups = [\"finance\"] }", when);
    text.replace("[mapping_defaults]\nprovider = [\"corp\", \"partner\"]\n", more)
}

#[test]
fn a_mapping_that_believes_every_source_is_a_warning_that_names_it() {
    let message = "gateway.toml:25: mapping[0].when: mapping \"finance\" believes each [identity] (corp, partner) about its claims; write provider = \"…\" into it, or once for all: [mapping_defaults] provider = \"…\"";
    for when in [
        "when = { groups = \"finance\" }",
        "when = { any = [{ provider = \"corp\" }, { groups = \"finance\" }] }",
        "when = { not = { provider = \"corp\", groups = \"finance\" } }",
    ] {
        let found = warnings(&of_two(when, ""));
        assert_eq!(found.len(), 1, "{when}: {found:?}");
        assert!(found[0].contains("mapping \"finance\" believes each [identity] (corp, partner)"), "{found:?}");
    }
    assert_eq!(warnings(&of_two("when = { groups = \"finance\" }", "")), [message]);
    for when in [
        "when = { provider = \"corp\", groups = \"finance\" }",
        "when = { all = [{ groups = \"finance\" }, { not = { provider = \"corp\" } }] }",
        "when = { email = \"ann@example.com\" }",
    ] {
        assert_eq!(warnings(&of_two(when, "")), Vec::<String>::new(), "{when}");
    }
    assert_eq!(warnings(SMALL), Vec::<String>::new(), "with one source there is nobody else");
}

#[test]
fn the_provider_of_all_mappings_is_set_once_and_each_may_name_another() {
    let defaults = "[mapping_defaults]\nprovider = \"corp\"\n";
    let first = |when: &str| config(&of_two(when, defaults)).mappings.remove(0).when;
    let person = |provider: &str| crate::identity::Identity {
        provider: ProviderName::parse(provider).unwrap(),
        ..crate::policy::tests::identity(serde_json::json!({ "groups": ["finance"] }))
    };
    let finance = first("when = { groups = \"finance\" }");
    assert!(finance.holds(&person("corp")) && !finance.holds(&person("partner")));
    let other = first("when = { provider = \"partner\", groups = \"finance\" }");
    assert!(other.holds(&person("partner")) && !other.holds(&person("corp")));
    assert_eq!(warnings(&of_two("when = { groups = \"finance\" }", defaults)), Vec::<String>::new());
    let unknown = super::problems(&of_two("when = {}", "[mapping_defaults]\nprovider = \"crop\"\n"));
    assert!(unknown[0].contains("mapping_defaults.provider: there is no [identity.crop]"), "{unknown:?}");
}

#[test]
fn a_site_believes_its_own_source_only_so_its_rules_are_no_warning() {
    let route = "[[site.route]]\npath = \"/crm/\"\naccess = { when = { groups = \"crm\" } }\n";
    let text = of_two("when = { provider = \"corp\", groups = \"finance\" }", route);
    assert_eq!(warnings(&text), Vec::<String>::new());
}
