//! One key of a JWKS (RFC 7517, 7518 6): only what is surely a public key for signatures, of a sound size.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::core::CoreJsonWebKey;
use serde_json::{Map, Value};

use super::algorithms::ALGORITHMS;
use crate::limits::{RSA_BITS_MAX, RSA_BITS_MIN};

/// The public key, or `None` for a key to pass over.
pub(super) fn public_key(value: &Value) -> Option<CoreJsonWebKey> {
    let key = value.as_object()?;
    let is_sound = match text(key, "kty")? {
        "RSA" => is_sound_rsa(key),
        "EC" => is_sound_ec(key),
        "OKP" => text(key, "crv")? == "Ed25519" && bytes(key, "x")?.len() == 32,
        _ => false,
    };
    if !is_sound || !is_for_signatures(key) || PRIVATE.iter().any(|member| key.contains_key(*member)) {
        return None;
    }
    let public = key.iter().filter(|(name, _)| PUBLIC.contains(&name.as_str()));
    serde_json::from_value(Value::Object(public.map(|(name, value)| (name.clone(), value.clone())).collect())).ok()
}

const PUBLIC: [&str; 9] = ["kty", "use", "kid", "alg", "n", "e", "crv", "x", "y"];
const PRIVATE: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

/// `use`, `key_ops` and `alg` may be absent, but must not say something else.
fn is_for_signatures(key: &Map<String, Value>) -> bool {
    let verifies = |operations: &Value| operations.as_array().is_some_and(|list| list.iter().any(|op| op == "verify"));
    let is_known = |algorithm: &Value| ALGORITHMS.iter().any(|(name, _)| algorithm == name);
    key.get("use").is_none_or(|purpose| purpose == "sig")
        && key.get("key_ops").is_none_or(verifies)
        && key.get("alg").is_none_or(is_known)
}

fn is_sound_rsa(key: &Map<String, Value>) -> bool {
    let (Some(modulus), Some(exponent)) = (bytes(key, "n"), bytes(key, "e")) else { return false };
    // RFC 8725 3.5; an exponent of 1 would make every text its own signature.
    let is_odd_exponent = exponent.last().is_some_and(|byte| byte % 2 == 1) && bits(&exponent) > 1;
    (RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits(&modulus)) && is_odd_exponent && bits(&exponent) <= 33
}

/// RFC 7518 6.2.1: coordinates have the full length of the curve.
fn is_sound_ec(key: &Map<String, Value>) -> bool {
    let length = match text(key, "crv") {
        Some("P-256") => 32,
        Some("P-384") => 48,
        Some(_) | None => return false,
    };
    ["x", "y"].iter().all(|member| bytes(key, member).is_some_and(|bytes| bytes.len() == length))
}

fn text<'a>(key: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    key.get(member)?.as_str()
}

fn bytes(key: &Map<String, Value>, member: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(key, member)?).ok()
}

fn bits(number: &[u8]) -> usize {
    let number = &number[number.iter().position(|byte| *byte != 0).unwrap_or(number.len())..];
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}
