//! `[session]` and `[[revoke]]`.

use std::{collections::HashSet, time::Duration};

use super::{check::Check, raw::Node};
use crate::identity::{Projection, Revocation, SealKey, SealKeys, SessionRules};

/// Reads `[session]` and `[[revoke]]`; what the rules look at and who vouches is the assembly's to fill in.
pub(super) fn session(root: &Node, check: &mut Check<'_>) -> Option<SessionRules> {
    let revocations = revocations(root, check);
    let table = root.child("session")?;
    let keys = keys(table, check);
    let max_age = check.duration(table, "max_age", MAX_AGE_LONGEST);
    let not_before = match table.child("not_before") {
        Some(_) => Some(check.moment(table, "not_before")?),
        None => None,
    };
    Some(SessionRules {
        keys: keys?,
        max_age: max_age?,
        not_before,
        revocations,
        projection: Projection::default(),
        providers: Vec::new(),
    })
}

fn keys(table: &Node, check: &mut Check<'_>) -> Option<SealKeys> {
    let list = table.child("keys")?;
    let mut seen = HashSet::new();
    let keys: Vec<Option<SealKey>> = list.items().iter().map(|node| key(node, &mut seen, check)).collect();
    let keys: Vec<SealKey> = keys.into_iter().collect::<Option<_>>()?;
    // Empty only where every key was faulty, which has been said.
    SealKeys::new(keys)
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
    let list = root.child("revoke").map(Node::items).unwrap_or_default();
    list.iter().filter_map(|table| revocation(table, check)).collect()
}

fn revocation(table: &Node, check: &mut Check<'_>) -> Option<Revocation> {
    let signed_in_before = check.moment(table, "signed_in_before");
    let node = table.child("email")?;
    let email = node.as_text()?;
    let is_address = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !email.contains(char::is_whitespace)
    });
    if !is_address {
        return check.refuse(node, "not an e-mail address", r#"write email = "person@example.com""#);
    }
    Some(Revocation { email: email.to_owned(), signed_in_before: signed_in_before? })
}

/// Browsers keep a cookie for 400 days at most (RFC 6265bis 5.5).
const MAX_AGE_LONGEST: (Duration, &str) = (Duration::from_secs(400 * 86_400), "400d");
