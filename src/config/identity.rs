//! `[identity.NAME]`.

use std::collections::BTreeMap;

use super::{
    check::Check,
    choices::{EMAIL_VERIFIED, OUTSIDERS, RESPONSE_MODE, SIGN_OUT, SIGN_OUT_METHOD, SignOutWord, USERINFO},
    client,
    raw::Node,
    tls,
};
use crate::{
    identity::{
        ClaimPath, EmailDomain, EmailVerification, OidcSettings, ProviderName, SignOutForm, Source, SourceSettings,
        WantedClaims,
    },
    proxy::OutboundProxy,
};

/// Reads every `[identity.NAME]`.
pub(super) fn providers(
    root: &Node,
    proxy: Option<&OutboundProxy>,
    check: &mut Check<'_>,
) -> BTreeMap<ProviderName, Source> {
    let tables = root.child("identity").map(Node::entries).unwrap_or_default();
    // The types of an attached identity are not built yet: the shapes of `keys` refuse them.
    let read =
        tables.iter().filter_map(|(name, table)| oidc(name, table, proxy, check).map(Box::new).map(Source::Oidc));
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
        outsiders: OUTSIDERS.read(table, "outsiders")?,
    })
}

fn oidc(name: &str, table: &Node, proxy: Option<&OutboundProxy>, check: &mut Check<'_>) -> Option<OidcSettings> {
    let issuer = table.child("issuer").and_then(|node| issuer(node, check));
    let client_id = table.child("client_id").and_then(Node::as_text).map(str::to_owned);
    let audiences = table.child("audiences").map(|node| node.texts().map(|(_, text)| text.to_owned()).collect());
    let credentials = client::credentials(table, check);
    let scopes = table.child("scopes").and_then(|node| scopes(node, check));
    let authorization = client::authorization(table, check);
    let endpoints = client::endpoints(table, check);
    let source = source(name, table, check);
    let userinfo = USERINFO.read(table, "userinfo");
    let roots = tls::roots(table, "ca", check);
    let sign_out = sign_out(table, check);
    table.child("type")?;
    Some(OidcSettings {
        source: source?,
        issuer: issuer?,
        client_id: client_id?,
        audiences: audiences?,
        credentials: credentials?,
        scopes: scopes?,
        sign_out: sign_out?,
        authorization: authorization?,
        response_mode: RESPONSE_MODE.read(table, "response_mode")?,
        endpoints: endpoints?,
        userinfo: userinfo?,
        wanted: WantedClaims::default(),
        roots: roots?,
        proxy: proxy.cloned(),
    })
}

fn sign_out(table: &Node, check: &mut Check<'_>) -> Option<SignOutForm> {
    let Some(node) = table.child("sign_out") else {
        return Some(SignOutForm::RpInitiated { url: None, method: None });
    };
    let method = match node.child("method") {
        Some(_) => Some(SIGN_OUT_METHOD.read(node, "method")?),
        None => None,
    };
    let url = match node.child("url") {
        Some(url) => Some(check.server_url(url).and_then(|parsed| check.protected(url, parsed))?),
        None => None,
    };
    match (SIGN_OUT.read(node, "form")?, url) {
        (SignOutWord::RpInitiated, url) => Some(SignOutForm::RpInitiated { url, method }),
        (SignOutWord::Cognito, Some(url)) => Some(SignOutForm::Cognito { url }),
        (SignOutWord::Cognito, None) => {
            let fix = r#"write url = "https://YOUR-DOMAIN.auth.REGION.amazoncognito.com/logout""#;
            check.refuse_missing(node, "url", "its documents do not name it", fix.to_owned())
        }
        (SignOutWord::Local, None) => Some(SignOutForm::Local),
        (SignOutWord::Local, Some(_)) => {
            check.refuse(node.child("url")?, "nobody is sent there with form = \"local\"", "remove url, or form")
        }
    }
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
        return check.refuse(node, "an empty list, nobody could sign in", fix);
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
