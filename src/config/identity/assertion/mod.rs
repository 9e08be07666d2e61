//! `[identity.NAME]` of the types that read an assertion: what each of them says (`presets`), and what it cannot say.

mod alike;
mod presets;
mod shapes;

use self::presets::{TypeSettings, read_type};
pub(in crate::config) use self::shapes::PERSONAL_TENANT;
use super::source::{self, AddressRules};
use crate::{
    config::{
        file::{Node, choices::SourceType},
        reading::{Check, certificates::roots},
    },
    identity::{AssertionSettings, ClaimPath, EmailVerification},
    limits::ASSERTION_AGE_LONGEST,
    proxy::OutboundProxy,
};

/// Reads a table of such a type.
pub(super) fn assertion(
    (name, table, of): (&str, &Node, SourceType),
    proxy: Option<&OutboundProxy>,
    check: &mut Check<'_>,
) -> Option<AssertionSettings> {
    let said = read_type(of)?(table, check);
    let source = source::source(name, table, &addresses(table, of), check);
    if source.is_some() {
        refuse_unflagged(table, of, check)?;
    }
    let max_age = table.optional("max_age", |node| check.duration(node, (ASSERTION_AGE_LONGEST, "31d")));
    warn_of_long_life(table, of, check);
    let roots = roots(table, "ca", check);
    let TypeSettings { preset, issuer, audiences, algorithms, keys, header } = said?;
    Some(AssertionSettings {
        source: source?,
        preset,
        issuer,
        audiences,
        algorithms,
        keys,
        header,
        is_forwarded: table.child("forward").and_then(Node::as_boolean).unwrap_or(false),
        max_age: max_age?,
        roots: roots?,
        proxy: proxy.cloned(),
    })
}

/// Where the address is, and whether the vendor has verified it.
fn addresses(table: &Node, of: SourceType) -> AddressRules {
    match of {
        SourceType::GoogleIap if table.child("tenant").is_some() => {
            let flag = ClaimPath::parse("/gcip/email_verified").expect("a pointer to a member");
            AddressRules { email: "/gcip/email", vouching: EmailVerification::Claim(flag) }
        }
        // Google's own accounts, and Cloudflare's word: "verified by the identity provider".
        SourceType::GoogleIap | SourceType::CloudflareAccess => {
            AddressRules { vouching: EmailVerification::TrustedIssuer, ..AddressRules::OIDC }
        }
        SourceType::Oidc
        | SourceType::AwsAlb
        | SourceType::AzureEasyAuth
        | SourceType::Pomerium
        | SourceType::OAuth2Proxy
        | SourceType::Bearer
        | SourceType::Custom => AddressRules::OIDC,
    }
}

/// Pomerium has no flag at all, and Entra lets people edit addresses: whoever knows better says so.
fn refuse_unflagged(table: &Node, of: SourceType, check: &mut Check<'_>) -> Option<()> {
    if table.child("email_verified").is_some_and(|node| node.as_text() != Some("required")) {
        return Some(());
    }
    let (why, fix) = match of {
        SourceType::Pomerium => (
            "Pomerium says of no address whether it is verified",
            r#"write email_verified = "trusted-issuer" if nobody can edit an address at the provider behind it"#,
        ),
        SourceType::AzureEasyAuth => (
            "Entra says of no address by itself whether it is verified",
            r#"write email_verified = { claim = "xms_edov" }, or "trusted-issuer" if nobody can edit an address there"#,
        ),
        SourceType::Oidc
        | SourceType::AwsAlb
        | SourceType::GoogleIap
        | SourceType::CloudflareAccess
        | SourceType::OAuth2Proxy
        | SourceType::Bearer
        | SourceType::Custom => return Some(()),
    };
    match table.child("email_verified") {
        Some(node) => check.refuse(node, why, fix),
        None => check.refuse_missing(table, "email_verified", why, fix.to_owned()),
    }
}

/// Their lives are the operator's to set at the vendor, and nobody takes one back.
fn warn_of_long_life(table: &Node, of: SourceType, check: &mut Check<'_>) {
    let is_long = matches!(of, SourceType::CloudflareAccess | SourceType::Custom);
    if let (true, None, Some(node)) = (is_long, table.child("max_age"), table.child("type")) {
        let message = "an assertion may live for a month, and counts to its end also after a sign-out: write max_age = \"1h\", or how old one may be";
        check.warn(node, message);
    }
}
