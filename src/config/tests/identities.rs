//! `[sigma.SLUG]` and `[identity.NAME]`.

use super::{SMALL, config, refused, warnings, with};
use crate::identity::{EmailVerification, ProviderName};

const DOMAINS: &str = "email_domains = [\"example.com\"]";
const ISSUER: &str = "https://login.example.com/realms/corp";
const SIGMA_SECRET: &str = "secret = { file = \"sigma.secret\" }";

/// The small file with a second source before `[embed.revenue]`, for the same domain.
fn second(more: &str) -> String {
    let table = format!(
        "[identity.partner]\ntype = \"oidc\"\nissuer = \"https://idp.example.com\"\nclient_id = \"a\"\nclient_secret = {{ env = \"OIDC_CLIENT_SECRET\" }}\n{more}\n[embed.revenue]"
    );
    with("[embed.revenue]", &table).replace("embeds = [\"revenue\"]", "embeds = [\"revenue\"]\nsign_in = \"corp\"")
}

fn sigma(line: &str) -> String {
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

#[test]
fn an_issuer_is_https_unless_loopback_and_kept_byte_for_byte() {
    let issuer = |url| with(ISSUER, url);
    let kept = |url| config(&issuer(url)).providers[&ProviderName("corp".to_owned())].issuer.clone();
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
        &format!("gateway.toml:13: identity.corp.email_domains: an empty list, nobody could get an embed; {fix}"),
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
    let corp = crate::identity::KnownProvider::of(&config(SMALL).providers[&ProviderName("corp".to_owned())]);
    assert_eq!(rules.providers, [corp]);
}

#[test]
fn openid_is_among_the_scopes() {
    let scopes = |list| with(DOMAINS, &format!("{DOMAINS}\nscopes = {list}"));
    assert_eq!(
        config(&scopes("[\"openid\", \"groups\"]")).providers.into_values().next().expect("one").scopes,
        ["openid", "groups"]
    );
    assert_eq!(config(SMALL).providers.into_values().next().expect("one").scopes, ["openid", "email", "profile"]);
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
        .expect("one");
    assert_eq!((corp.email.as_str(), corp.email_verified), ("/upn", EmailVerification::TrustedIssuer));
    let corp = config(SMALL).providers.into_values().next().expect("one");
    assert_eq!((corp.email.as_str(), corp.email_verified), ("/email", EmailVerification::Required));
    refused(
        &line("email = \"/a~9\""),
        "gateway.toml:14: identity.corp.email: claim path \"/a~9\" is empty or holds a `~` that is not `~0` or `~1`; write a claim name or a JSON Pointer that starts with /",
    );
    refused(
        &line("email_verified = false"),
        "gateway.toml:14: identity.corp.email_verified: found a boolean; write \"required\" or \"trusted-issuer\"",
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
