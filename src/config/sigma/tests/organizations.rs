//! `[sigma.SLUG]`.

use crate::config::testing::{SMALL, config, refused, sigma};

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
