//! Which headers of a `[[site]]` tell its application who is signed in: `identity_headers`, `user`, `headers`, `encoding`,
//! `forward_groups`, `assertion`.

use url::Url;

use crate::{
    config::{
        file::{
            Node,
            choices::{ENCODING, FORWARD_GROUPS, IDENTITY_HEADERS},
        },
        reading::{Check, MAKE_A_KEY},
    },
    forward::{AssertionSigner, GROUPS, HeaderPreset, IdentityHeaders, OwnHeader},
    identity::{ClaimPath, JwsKey, SigningAlgorithm},
    limits::{ASSERTION_KEYS_MAX, OWN_HEADERS_MAX},
    policy::Template,
    request::{HostName, SentHeader},
};

/// The headers, and those of them that clients could bring but for this site.
pub(super) struct SiteHeaders {
    /// What they say.
    pub(super) headers: IdentityHeaders,
    /// What no client may bring besides the names of the presets.
    pub(super) sent: Vec<SentHeader>,
}

/// Reads the keys of a site.
pub(super) fn read(table: &Node, address: Option<&(Url, HostName)>, check: &mut Check<'_>) -> Option<SiteHeaders> {
    let preset = IDENTITY_HEADERS.read(table, "identity_headers");
    let user = user(table, preset, check);
    let own = own(table, preset, check);
    let assertion = assertion(table, address, check);
    let (mut own, assertion) = (own?, assertion?);
    if let (Some((header, _)), Some(node)) = (&assertion, table.child("headers"))
        && own.iter().any(|(sent, _)| sent.is_alias_of(header))
    {
        return check.refuse(node, "the header of the assertion is among them", "write another name for one of them");
    }
    let sent = own.iter().map(|(sent, _)| sent).chain(assertion.iter().map(|(sent, _)| sent)).cloned().collect();
    let own = own.drain(..).map(|(sent, says)| OwnHeader { name: sent.name().clone(), says }).collect();
    let headers = IdentityHeaders::from(preset?);
    let headers = match user? {
        Some(claim) => headers.naming_users_by(&claim),
        None => headers,
    };
    let headers = headers.with_own(own).encoded(ENCODING.read(table, "encoding")?);
    let headers = headers.forwarding(FORWARD_GROUPS.read(table, "forward_groups")?);
    Some(SiteHeaders { headers: headers.with_assertion(assertion.map(|(_, signer)| signer)), sent })
}

/// What the preset's header of the user says; the outer `None`: that is wrong.
fn user(table: &Node, preset: Option<HeaderPreset>, check: &mut Check<'_>) -> Option<Option<ClaimPath>> {
    table.optional("user", |node| {
        let claim = check.claim_path(node)?;
        if preset == Some(HeaderPreset::None) {
            check.warn(node, "does nothing: identity_headers = \"none\" has no header of the user");
        }
        warn_of_chosen(node, &claim, table, check);
        Some(claim)
    })
}

fn own(table: &Node, preset: Option<HeaderPreset>, check: &mut Check<'_>) -> Option<Vec<(SentHeader, Template)>> {
    let node = table.child("headers")?;
    if node.entries().len() > OWN_HEADERS_MAX {
        return check.refuse(
            node,
            format!("more than {OWN_HEADERS_MAX} headers"),
            "leave out what the application does not read",
        );
    }
    let of_preset = preset.map(IdentityHeaders::from);
    let mut read: Vec<(SentHeader, Template)> = Vec::new();
    let mut is_right = true;
    for (name, says) in node.entries() {
        match own_header(name, says, (table, of_preset.as_ref()), check) {
            Some((sent, _)) if read.iter().any(|(other, _)| other.is_alias_of(&sent)) => {
                is_right = false;
                check.refuse::<()>(says, "an application may take it for another one of these", "write each name once");
            }
            Some(header) => read.push(header),
            None => is_right = false,
        }
    }
    is_right.then_some(read)
}

fn own_header(
    name: &str,
    says: &Node,
    (table, preset): (&Node, Option<&IdentityHeaders>),
    check: &mut Check<'_>,
) -> Option<(SentHeader, Template)> {
    let sent = match SentHeader::parse(name) {
        Ok(sent) => Some(sent),
        Err(error) => {
            check.refuse(says, error.to_string(), "write the name of a header that the application reads people from")
        }
    };
    if says.as_text().is_some_and(|text| text.contains(char::is_control)) {
        return check.refuse(says, "a line break or another control character, which no header says", "leave it out");
    }
    let template = check.template(says);
    let (sent, template) = (sent?, template?);
    let is_of_preset =
        |ours: &http::HeaderName| SentHeader::parse(ours.as_str()).is_ok_and(|ours| ours.is_alias_of(&sent));
    if preset.is_some_and(|preset| preset.names().any(is_of_preset)) {
        let fix = "leave it out and write user = \"…\", or write identity_headers = \"none\"";
        return check.refuse(says, "a header of identity_headers", fix);
    }
    if let Some((first, second)) = template.ambiguous_join() {
        let message = format!(
            "joins {{{first}}} and {{{second}}}: two people with other claims may get the same value; write a header for each claim"
        );
        check.warn(says, message);
    }
    template.paths().for_each(|claim| warn_of_chosen(says, claim, table, check));
    Some((sent, template))
}

/// A name that people may choose for themselves is, in the application, whoever else has it.
fn warn_of_chosen(node: &Node, claim: &ClaimPath, table: &Node, check: &mut Check<'_>) {
    let is_trusted = |text: &str| ClaimPath::parse(text).is_ok_and(|trusted| trusted.is_same_place(claim));
    let mut trusted = table.child("trusted_claims").into_iter().flat_map(Node::texts);
    if claim.is_member("sub")
        || claim.is_email()
        || claim.is_member(GROUPS)
        || trusted.any(|(_, text)| is_trusted(text))
    {
        return;
    }
    let claim = claim.as_str();
    let message = format!(
        "the claim {claim} is neither sub nor the verified address: whoever can change it at the provider becomes somebody else in the application; write trusted_claims = [{claim:?}] where nobody can"
    );
    check.warn(node, message);
}

/// The header, and what signs what it says; the outer `None`: that is wrong.
fn assertion(
    table: &Node,
    address: Option<&(Url, HostName)>,
    check: &mut Check<'_>,
) -> Option<Option<(SentHeader, AssertionSigner)>> {
    let table = table.child("assertion")?;
    let audience = table.child("audience").and_then(Node::as_text);
    let Some(node) = table.child("keys") else {
        if check.has_told_of(table, &["keys"]) {
            return None;
        }
        return match table.child("audience") {
            Some(_) => {
                let fix = r#"write keys = [{ file = "assertion.key" }]"#.to_owned();
                check.refuse_missing(table, "keys", "nothing signs the assertion", fix)
            }
            None => Some(None),
        };
    };
    let fix = "write the name of a header that the application reads";
    let header = table.child("header").and_then(|node| check.parsed(node, SentHeader::parse, fix));
    let keys = keys(node, check);
    if let Some(node) = table.child("audience").filter(|_| audience == Some("")) {
        return check.refuse(node, "empty", "write what the application expects as `aud`");
    }
    let origin = address?.0.origin().ascii_serialization();
    let (header, keys) = (header?, keys?);
    let signer = AssertionSigner::new(header.name().clone(), &origin, audience.map(str::to_owned), keys)?;
    Some(Some((header, signer)))
}

/// The one that signs, then those that are published besides.
fn keys(node: &Node, check: &mut Check<'_>) -> Option<Vec<JwsKey>> {
    let items = node.one_or_more();
    if items.is_empty() || items.len() > ASSERTION_KEYS_MAX {
        let found = format!("not 1 to {ASSERTION_KEYS_MAX} keys");
        return check.refuse(
            node,
            found,
            "write the one that signs first, then those that applications still see or will see",
        );
    }
    let mut keys: Vec<JwsKey> = Vec::new();
    let mut is_right = true;
    for item in items {
        match check.signing_key(item) {
            Some(key) if key.algorithm() != SigningAlgorithm::Es256 => {
                check.refuse::<()>(item, "an RSA key, and assertions are signed with ES256", MAKE_A_KEY);
                is_right = false;
            }
            Some(key) if keys.iter().any(|other| other.kid() == key.kid()) => {
                check.refuse::<()>(item, "the same key as an earlier one", "remove it");
                is_right = false;
            }
            Some(key) => keys.push(key),
            None => is_right = false,
        }
    }
    is_right.then_some(keys)
}
