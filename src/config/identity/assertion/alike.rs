//! What assertions of several types say alike: whom they are for, how they are signed, and where the keys are.

use url::Url;

use super::super::source;
use crate::{
    config::{
        file::{Node, quoted},
        reading::{Check, every},
    },
    identity::{ClaimPath, SignatureAlgorithm, TokenMark},
};

/// Whom it may be for, each of the shape that this type has.
pub(super) fn audiences(
    table: &Node,
    is_of_shape: fn(&str) -> Result<(), &'static str>,
    check: &mut Check<'_>,
) -> Option<Vec<String>> {
    let node = source::required(table, "audience", "write whom the assertion is for, as its aud says it", check)?;
    let items = node.one_or_more();
    if items.is_empty() {
        return check.refuse(node, "an empty list, nobody could sign in", "write whom the assertion is for");
    }
    every(items.iter().map(|item| {
        let text = item.as_text()?;
        match is_of_shape(text) {
            Ok(()) => Some(text.to_owned()),
            Err(fix) => check.refuse(item, format!("found {text:?}"), fix),
        }
    }))
}

/// RFC 8725 3.1: named by the operator or by the preset, and never a secret that both sides share.
pub(super) fn algorithms(
    table: &Node,
    usual: SignatureAlgorithm,
    possible: &[SignatureAlgorithm],
    check: &mut Check<'_>,
) -> Option<Vec<SignatureAlgorithm>> {
    let Some(node) = table.child("algorithms") else { return Some(vec![usual]) };
    let names: Vec<&str> = possible.iter().map(|algorithm| algorithm.name()).collect();
    let fix = format!("write some of {}", quoted(&names, ", "));
    if node.items().is_empty() {
        return check.refuse(node, "an empty list, nobody could sign in", fix);
    }
    every(node.texts().map(|(item, text)| {
        let known = SignatureAlgorithm::named(text).filter(|algorithm| possible.contains(algorithm));
        known.or_else(|| check.refuse(item, format!("found {text:?}"), fix.clone()))
    }))
}

/// Where the keys are, where that is said; the outer `None`: it is wrong.
pub(super) fn jwks(table: &Node, check: &mut Check<'_>) -> Option<Option<Url>> {
    table.optional("jwks", |node| check.whole_url(node, "write the whole address of the JWKS: https://…"))
}

/// What tells an access token from an ID token.
pub(super) fn token_mark(table: &Node, check: &mut Check<'_>) -> Option<TokenMark> {
    let mark = table.child("token_mark")?;
    let (claim, value) = (mark.child("claim"), mark.child("value"));
    let (claim, value) = match (claim, value) {
        (None, None) => return Some(TokenMark::Typ),
        (Some(claim), Some(value)) => (claim, value),
        (Some(_), None) | (None, Some(_)) => {
            return check.refuse(mark, "half of a mark", r#"write token_mark = { claim = "typ", value = "Bearer" }"#);
        }
    };
    let path = check.claim_path(claim)?;
    if OF_ID_TOKENS.iter().any(|name| ClaimPath::parse(name).is_ok_and(|known| known.is_same_place(&path))) {
        let fix = "write a claim that no ID token of the issuer has: typ of Keycloak's tokens, scp of Entra's";
        return check.refuse(claim, "a claim that ID tokens have too", fix);
    }
    Some(TokenMark::Claim { path, value: value.as_text()?.to_owned() })
}

/// OIDC Core 2 and 5.1, and what providers put into both kinds of token.
const OF_ID_TOKENS: [&str; 20] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "sid",
    "jti",
    "email",
    "email_verified",
    "name",
    "preferred_username",
    "tid",
];
