//! `[identity.NAME]`.

use std::collections::BTreeMap;

use super::{check::Check, choices::EMAIL_VERIFIED, raw::Node, tls};
use crate::identity::{ClaimPath, EmailDomain, EmailVerification, OidcSettings, ProviderName, Source, SourceSettings};

/// Reads every `[identity.NAME]`.
pub(super) fn providers(root: &Node, check: &mut Check<'_>) -> BTreeMap<ProviderName, Source> {
    let tables = root.child("identity").map(Node::entries).unwrap_or_default();
    // The types of an attached identity are not built yet: the shapes of `keys` refuse them.
    let read = tables.iter().filter_map(|(name, table)| oidc(name, table, check).map(Source::Oidc));
    read.map(|source| (source.settings().name.clone(), source)).collect()
}

/// What every source has, whatever its type.
fn source(name: &str, table: &Node, check: &mut Check<'_>) -> Option<SourceSettings> {
    let email_domains = table.child("email_domains").and_then(|node| email_domains(node, check));
    let email = table.child("email").and_then(|node| check.claim_path(node));
    let email_verified = table.child("email_verified").and_then(|node| email_verified(node, email.as_ref(), check));
    if let (Some(email), Some(EmailVerification::Required)) = (&email, &email_verified) {
        warn_of_unverifiable(table, email, check);
    }
    Some(SourceSettings {
        name: ProviderName::parse(name).ok()?,
        label: table.child("label").and_then(Node::as_text).unwrap_or(name).to_owned(),
        email_domains: email_domains?,
        email: email?,
        email_verified: email_verified?,
    })
}

fn oidc(name: &str, table: &Node, check: &mut Check<'_>) -> Option<OidcSettings> {
    let issuer = table.child("issuer").and_then(|node| issuer(node, check));
    let client_id = table.child("client_id").and_then(Node::as_text).map(str::to_owned);
    let client_secret = table.child("client_secret").and_then(|node| check.secret(node));
    let scopes = table.child("scopes").and_then(|node| scopes(node, check));
    let source = source(name, table, check);
    let roots = tls::roots(table, "ca", check);
    table.child("type")?;
    Some(OidcSettings {
        source: source?,
        issuer: issuer?,
        client_id: client_id?,
        client_secret: client_secret?,
        scopes: scopes?,
        roots: roots?,
    })
}

/// The issuer stays as it is written: tokens and documents are compared with it byte for byte (OIDC Discovery 4.3).
fn issuer(node: &Node, check: &mut Check<'_>) -> Option<String> {
    let url = check.server_url(node)?;
    let url = check.protected(node, url)?;
    if url.path().ends_with(DISCOVERY_PATH) {
        return check.refuse(node, "the address of the discovery document", format!("leave {DISCOVERY_PATH} out"));
    }
    node.as_text().map(str::to_owned)
}

fn scopes(node: &Node, check: &mut Check<'_>) -> Option<Vec<String>> {
    for (item, scope) in node.texts() {
        // RFC 6749 3.3: the characters of a scope.
        if !scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E)) {
            return check.refuse(item, "not one scope", "write each scope as a text of its own, without spaces");
        }
    }
    let scopes: Vec<String> = node.texts().map(|(_, scope)| scope.to_owned()).collect();
    if !scopes.iter().any(|scope| scope == "openid") {
        return check.refuse(
            node,
            "the scope \"openid\" is missing",
            r#"write scopes = ["openid", "email", "profile"]"#,
        );
    }
    Some(scopes)
}

fn email_domains(node: &Node, check: &mut Check<'_>) -> Option<Vec<EmailDomain>> {
    let fix = r#"write whole domains: email_domains = ["example.com"]"#;
    if node.items().is_empty() {
        return check.refuse(node, "an empty list, nobody could get an embed", fix);
    }
    let domains: Vec<_> = node.items().iter().map(|item| check.parsed(item, EmailDomain::parse, fix)).collect();
    domains.into_iter().collect()
}

fn email_verified(node: &Node, email: Option<&ClaimPath>, check: &mut Check<'_>) -> Option<EmailVerification> {
    if let Some(flag) = node.child("claim") {
        return verified_claim(flag, email, check).map(EmailVerification::Claim);
    }
    EMAIL_VERIFIED.of(node.as_text()?)
}

/// The flag of the address at another place than `email`: any claim but the address itself and `email`'s own flag.
fn verified_claim(node: &Node, email: Option<&ClaimPath>, check: &mut Check<'_>) -> Option<ClaimPath> {
    let flag = check.claim_path(node)?;
    let Some(email) = email else { return Some(flag) };
    if flag.is_same_place(email) {
        return check.refuse(
            node,
            "the address itself, which is no flag",
            "write the claim that is true for a verified address",
        );
    }
    if flag.is_email_verified() && !email.is_email() {
        let found = format!("the flag of the claim email, which proves nothing of {}", email.as_str());
        return check.refuse(node, found, "write the flag of that claim, or email_verified = \"trusted-issuer\"");
    }
    Some(flag)
}

/// OIDC Core 5.1: `email_verified` speaks of `email`. Some providers let people edit every other address.
fn warn_of_unverifiable(table: &Node, email: &ClaimPath, check: &mut Check<'_>) {
    if !email.is_email() {
        let message = format!(
            "email_verified speaks of the claim email, not of {}: nobody of this source has a verified address, so nobody gets an embed (email_unverified); write email_verified = {{ claim = \"…\" }} with the flag of that claim, or \"trusted-issuer\" if nobody can edit it",
            email.as_str()
        );
        table.child("email").iter().for_each(|node| check.warn(node, message.clone()));
    }
}

/// OIDC Discovery 4.
const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";
