//! An ID token's claims, completed by those of UserInfo: what is signed counts, and what it does not say is taken over.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::identity::{ClaimPath, Claims, EmailVerification, SourceSettings};

/// The claims of an ID token, and of UserInfo what the token does not say. An address and the flag that verifies it are of one
/// document, or the two documents have the same address.
#[must_use]
pub(super) fn completed(settings: &SourceSettings, token: &Claims, user_info: &Claims) -> Claims {
    let (mut claims, mut more) = (token.clone(), user_info.clone());
    for name in OF_THE_SIGN_IN {
        more.0.remove(name);
    }
    if let Some(flag) = flag_of(settings) {
        let address = |claims: &Claims| claims.at_in_arrays(&settings.email).filter(|value| !value.is_null()).cloned();
        match (address(token), address(&more)) {
            (Some(ours), Some(theirs)) if ours == theirs => {}
            (Some(_), _) => more.remove(&flag),
            (None, Some(_)) => claims.remove(&flag),
            (None, None) => {}
        }
    }
    keep_references(&mut claims, &mut more);
    fill(&mut claims.0, more.0);
    claims
}

/// What a token says of itself and of the sign-in that it ends: UserInfo has no say in it.
pub(crate) const OF_THE_SIGN_IN: [&str; 16] = [
    "acr",
    "amr",
    "at_hash",
    "aud",
    "auth_time",
    "azp",
    "c_hash",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "s_hash",
    "sid",
    "sub",
];

fn flag_of(settings: &SourceSettings) -> Option<ClaimPath> {
    match &settings.email_verified {
        EmailVerification::TrustedIssuer => None,
        EmailVerification::Required => ClaimPath::parse("email_verified").ok(),
        EmailVerification::Claim(path) => Some(path.clone()),
    }
}

/// Members that are missing or null are taken over; objects are looked into; all else stays as it is signed.
fn fill(claims: &mut Map<String, Value>, more: Map<String, Value>) {
    for (name, value) in more {
        match (claims.get_mut(&name), value) {
            (None | Some(Value::Null), value) => drop(claims.insert(name, value)),
            (Some(Value::Object(inner)), Value::Object(value)) => fill(inner, value),
            (
                Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            ) => {}
        }
    }
}

/// OIDC Core 5.6.2, and Entra's `hasgroups`: a claim that one of the two documents has whole is no reference any more, whatever
/// the other one says. Names in a form of their own stay: nobody knows what they are of.
fn keep_references(claims: &mut Claims, more: &mut Claims) {
    let (Some(ours), Some(theirs)) = (References::of(claims), References::of(more)) else { return };
    let open = |names: &References, elsewhere: &Claims, of_elsewhere: &References| {
        let is_whole = |name: &str| elsewhere.0.get(name).is_some_and(|value| !value.is_null());
        let is_open = |name: &&String| !is_whole(name) || of_elsewhere.0.contains(*name);
        names.0.iter().filter(is_open).cloned().collect::<BTreeSet<_>>()
    };
    let left = &open(&ours, more, &theirs) | &open(&theirs, claims, &ours);
    for claims in [&mut *claims, more] {
        claims.0.remove("_claim_names");
        claims.0.remove("hasgroups");
    }
    if !left.is_empty() {
        let names = left.into_iter().map(|name| (name, Value::from("")));
        claims.0.insert("_claim_names".to_owned(), Value::Object(names.collect()));
    }
}

/// The claims that a document has a reference for.
struct References(BTreeSet<String>);

impl References {
    /// None where they are said in a way that nobody can read.
    fn of(claims: &Claims) -> Option<Self> {
        let mut names: BTreeSet<String> = match claims.0.get("_claim_names") {
            None | Some(Value::Null) => BTreeSet::new(),
            Some(Value::Object(names)) => names.keys().cloned().collect(),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => return None,
        };
        if !matches!(claims.0.get("hasgroups"), None | Some(Value::Null | Value::Bool(false))) {
            names.insert("groups".to_owned());
        }
        Some(Self(names))
    }
}
