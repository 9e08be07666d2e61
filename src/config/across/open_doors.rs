//! Issuers that vouch for anybody: at such a provider everybody in the world can have an account.

use std::collections::BTreeMap;

use url::Url;

use super::tables::of_site;
use crate::{
    config::{Site, file::Node, identity::PERSONAL_TENANT, reading::Check},
    identity::{Outsiders, ProviderName, Source},
    policy::Access,
};

/// Where anybody signs up: a host, or what a host ends with.
const HOSTS: [&str; 17] = [
    "accounts.google.com",
    "securetoken.google.com",
    "gitlab.com",
    "appleid.apple.com",
    "account.apple.com",
    "login.live.com",
    "www.facebook.com",
    "www.linkedin.com",
    "login.yahoo.com",
    "api.login.yahoo.com",
    "login.salesforce.com",
    "id.twitch.tv",
    "slack.com",
    ".auth0.com",
    ".b2clogin.com",
    ".ciamlogin.com",
    ".amazonaws.com",
];

/// The tenants of Microsoft that are everybody's; the last one is that of personal accounts.
const MICROSOFT_TENANTS: [&str; 5] = ["common", "organizations", "consumers", "{tenantid}", PERSONAL_TENANT];

/// Warns of sites whose provider is public and which ask nothing of anybody.
pub(in crate::config) fn warn_of_open_doors(
    root: &Node,
    providers: &BTreeMap<ProviderName, Source>,
    sites: &[Site],
    check: &mut Check<'_>,
) {
    for site in sites {
        let asks = site.routes.iter().any(|route| matches!(route.access, Access::When(_)));
        let mut sources = site
            .sign_in
            .iter()
            .chain(site.accepts.iter().map(|accepted| &accepted.source.name))
            .filter_map(|name| providers.get(name));
        let Some(source) = sources.find(|source| !asks && is_public(source.issuer())) else { continue };
        let (issuer, source) = (source.issuer(), source.settings());
        let name = source.name.as_str();
        let kept_out = match source.outsiders {
            Outsiders::Refuse => "only email_domains keeps the others out",
            Outsiders::NoEmbed => "with outsiders = \"no-embed\" everybody of them has this application",
        };
        let message = format!(
            "no condition, and anybody can have an account at {issuer} ([identity.{name}]): {kept_out}; write a [[site.route]] with access = {{ when = {{ … }} }}"
        );
        check.warn_at(of_site(root, site).and_then(|table| table.child("url")), message);
    }
}

/// Whether anybody can have an account there.
fn is_public(issuer: &str) -> bool {
    let Ok(url) = Url::parse(issuer) else { return false };
    let Some(host) = url.host_str().map(|host| host.trim_end_matches('.')) else { return false };
    let is_host = |known: &&str| if known.starts_with('.') { host.ends_with(*known) } else { host == *known };
    // A tenant as `{tenantid}` is percent-encoded when it is read as a URL.
    let tenant = url.path().split('/').nth(1).unwrap_or_default().replace("%7B", "{").replace("%7D", "}");
    let is_microsoft = matches!(host, "login.microsoftonline.com" | "sts.windows.net" | "login.windows.net");
    let is_everybodys = MICROSOFT_TENANTS.iter().any(|known| tenant.eq_ignore_ascii_case(known));
    is_microsoft && is_everybodys || HOSTS.iter().any(is_host)
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn an_issuer_is_public_where_anybody_can_have_an_account() {
        for issuer in [
            "https://accounts.google.com",
            "https://login.microsoftonline.com/common/v2.0",
            "https://login.microsoftonline.com/Organizations/v2.0",
            "https://login.microsoftonline.com/{tenantid}/v2.0",
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "https://gitlab.com",
            "https://acme.eu.auth0.com/",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc",
            "https://appleid.apple.com",
        ] {
            assert!(is_public(issuer), "{issuer}");
        }
        for issuer in [
            "https://login.microsoftonline.com/2f1b7c0e-3a3b-4c55-9f53-0d3a8f7f2a11/v2.0",
            "https://gitlab.example.com",
            "https://accounts.google.com.example.com",
            "https://notauth0.com",
            "https://login.example.com/realms/corp",
            "https://acme.okta.com",
        ] {
            assert!(!is_public(issuer), "{issuer}");
        }
    }
}
