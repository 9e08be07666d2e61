//! What `[identity.NAME]` tables of several types say alike.

use crate::{
    config::{
        file::{
            Node,
            choices::{EMAIL_VERIFIED, OUTSIDERS},
        },
        reading::{Check, every},
    },
    identity::{ClaimPath, EmailDomain, EmailVerification, ProviderName, SourceSettings},
};

/// Where the address is, and what must say that it is verified, where the operator does not say it.
pub(super) struct AddressRules {
    /// A claim path.
    pub(super) email: &'static str,
    pub(super) vouching: EmailVerification,
}

impl AddressRules {
    /// OpenID Connect's own.
    pub(super) const OIDC: Self = Self { email: "/email", vouching: EmailVerification::Required };
}

/// A key that tables of this type must have.
pub(super) fn required<'t>(table: &'t Node, name: &str, fix: &str, check: &mut Check<'_>) -> Option<&'t Node> {
    match table.child(name) {
        Some(node) => Some(node),
        None if check.has_told_of(table, &[name]) => None,
        None => check.refuse_absent(table, name, fix),
    }
}

/// The id of the client that signs people in: the gateway, or what is in front of it.
pub(super) fn client_id(table: &Node, whose: &str, check: &mut Check<'_>) -> Option<String> {
    let fix = format!("write the client id that the provider gave {whose}");
    required(table, "client_id", &fix, check)?.as_text().map(str::to_owned)
}

/// What every source has, whatever its type.
pub(super) fn source(name: &str, table: &Node, usual: &AddressRules, check: &mut Check<'_>) -> Option<SourceSettings> {
    let email_domains = table.child("email_domains").and_then(|node| email_domains(node, check));
    let email = match table.child("email") {
        Some(node) => check.claim_path(node),
        None => ClaimPath::parse(usual.email).ok(),
    };
    let email_verified = match table.child("email_verified") {
        Some(node) => email_verified(node, email.as_ref(), check),
        None => Some(usual.vouching.clone()),
    };
    if let (Some(email), Some(EmailVerification::Required)) = (&email, &email_verified) {
        warn_of_unverifiable(table, email, check);
    }
    Some(SourceSettings {
        name: ProviderName::parse(name).ok()?,
        label: table.child("label").and_then(Node::as_text).unwrap_or(name).to_owned(),
        email_domains: email_domains?,
        email: email?,
        email_verified: email_verified?,
        outsiders: OUTSIDERS.read(table, "outsiders")?,
    })
}

/// The issuer stays as it is written: tokens and documents are compared with it byte for byte (OIDC Discovery 4.3).
pub(super) fn issuer(table: &Node, check: &mut Check<'_>) -> Option<String> {
    let node = required(table, "issuer", "write the provider's issuer URL", check)?;
    let url = check.protected_url(node)?;
    if url.path().ends_with(DISCOVERY_PATH) {
        return check.refuse(node, "the address of the discovery document", format!("leave {DISCOVERY_PATH} out"));
    }
    node.as_text().map(str::to_owned)
}

fn email_domains(node: &Node, check: &mut Check<'_>) -> Option<Vec<EmailDomain>> {
    let fix = r#"write whole domains: email_domains = ["example.com"]"#;
    if node.items().is_empty() {
        return check.refuse(node, "an empty list, nobody could sign in", fix);
    }
    every(node.items().iter().map(|item| check.parsed(item, EmailDomain::parse, fix)))
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
        check.warn_at(table.child("email"), message);
    }
}

/// OIDC Discovery 4.
const DISCOVERY_PATH: &str = "/.well-known/openid-configuration";
