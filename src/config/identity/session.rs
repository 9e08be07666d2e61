//! `[session]` and `[[revoke]]`.

use std::collections::{BTreeMap, HashSet};

use crate::{
    config::{
        file::Node,
        reading::{Check, every},
    },
    identity::{ProviderName, Revocation, Revoked, SealKey, SealKeys, SessionRules},
    limits::{IDLE_SHORTEST, RECHECK_SHORTEST, SESSION_AGE_LONGEST, SUBJECT_BYTES_MAX},
};

/// Reads `[session]` and `[[revoke]]`; what the rules look at and who vouches is the assembly's to fill in.
pub(in crate::config) fn session(root: &Node, check: &mut Check<'_>) -> Option<SessionRules> {
    let revocations = revocations(root, check);
    let table = root.child("session")?;
    let keys = keys(table, check);
    let max_age = table.child("max_age").and_then(|node| check.duration(node, (SESSION_AGE_LONGEST, "400d")));
    let not_before = table.optional("not_before", |node| check.moment(node))?;
    let longest = (SESSION_AGE_LONGEST, "400d");
    let recheck =
        table.optional("recheck", |node| check.duration_between(node, [(RECHECK_SHORTEST, "1s"), longest]))?;
    let idle = table.optional("idle", |node| check.duration_between(node, [(IDLE_SHORTEST, "1m"), longest]))?;
    Some(SessionRules {
        keys: keys?,
        max_age: max_age?,
        idle,
        recheck,
        not_before,
        revocations,
        projections: BTreeMap::new(),
        providers: Vec::new(),
    })
}

fn keys(table: &Node, check: &mut Check<'_>) -> Option<SealKeys> {
    let list = table.child("keys")?;
    let mut seen = HashSet::new();
    let keys: Option<Vec<SealKey>> = every(list.items().iter().map(|node| key(node, &mut seen, check)));
    // Empty only where every key was faulty, which has been said.
    SealKeys::new(keys?)
}

fn key(node: &Node, seen: &mut HashSet<String>, check: &mut Check<'_>) -> Option<SealKey> {
    let secret = check.secret(node)?;
    if !seen.insert(secret.expose().trim().to_owned()) {
        return check.refuse(node, "the same key as an earlier one", "remove it");
    }
    match SealKey::parse(&secret) {
        Ok(key) => Some(key),
        Err(error) => check.refuse(node, error.to_string(), "make one with `openssl rand -base64 32`"),
    }
}

fn revocations(root: &Node, check: &mut Check<'_>) -> Vec<Revocation> {
    let list = root.items_of("revoke");
    list.iter().filter_map(|table| revocation(table, root, check)).collect()
}

fn revocation(table: &Node, root: &Node, check: &mut Check<'_>) -> Option<Revocation> {
    let signed_in_before = table.child("signed_in_before").and_then(|node| check.moment(node));
    let whose = match (table.child("email"), table.child("subject")) {
        (Some(email), None) => {
            if let Some(provider) = table.child("provider") {
                let found = "an e-mail address is revoked with every provider";
                return check.refuse(provider, found, "remove it, or write subject in place of email");
            }
            revoked_email(email, check)
        }
        (None, Some(subject)) => revoked_subject(table, subject, root, check),
        (Some(_), Some(subject)) => {
            check.refuse(subject, "email and subject together", "write one [[revoke]] for each")
        }
        (None, None) => {
            let fix = r#"write email = "person@example.com", or subject = "…" as audit lines have it in `user`"#;
            check.refuse_missing(table, "email", "nobody is named", fix.to_owned())
        }
    };
    Some(Revocation { whose: whose?, signed_in_before: signed_in_before? })
}

/// OIDC Core 2: at most 255 characters, compared exactly.
fn revoked_subject(table: &Node, node: &Node, root: &Node, check: &mut Check<'_>) -> Option<Revoked> {
    let subject = node.as_text()?;
    if subject.is_empty() || subject.len() > SUBJECT_BYTES_MAX || subject.chars().any(char::is_control) {
        return check.refuse(node, "not a text of 1 to 255 bytes", "write it as audit lines have it in `user`");
    }
    let provider = table.optional("provider", |node| {
        let name = node.as_text()?;
        if root.names_of("identity").contains(name) {
            return ProviderName::parse(name).ok();
        }
        check.refuse(node, format!("there is no [identity.{name}]"), "write the name of an [identity]")
    })?;
    Some(Revoked::Subject { subject: subject.to_owned(), provider })
}

fn revoked_email(node: &Node, check: &mut Check<'_>) -> Option<Revoked> {
    let email = node.as_text()?;
    let is_address = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !email.contains(char::is_whitespace)
    });
    if !is_address {
        return check.refuse(node, "not an e-mail address", r#"write email = "person@example.com""#);
    }
    Some(Revoked::Email(email.to_owned()))
}
