//! One key of a JWKS (RFC 7517, 7518 6): only what is surely a public key for signatures, of a sound size and form.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, EcdsaVerificationAlgorithm, ParsedPublicKey,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use openidconnect::{
    JsonWebKey, SignatureVerificationError,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde_json::{Map, Value};

use super::{
    super::jws::{KeyKind, PublicKey, SignatureAlgorithm},
    roca::is_roca,
};
use crate::{
    identity::{
        cause,
        strict_json::{StrictJsonError, parse_object},
    },
    limits::{PROVIDER_QUOTE_CHARS_MAX, RSA_BITS_MAX, RSA_BITS_MIN},
};

/// A key that is passed over: it hides no other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("key {}: {fault}", .kid.as_ref().map_or_else(|| "without kid".to_owned(), |kid| format!("{kid:?}")))]
pub(crate) struct PassedOver {
    /// What the set calls it, cleaned and cut.
    pub(crate) kid: Option<String>,
    /// Why.
    pub(crate) fault: KeyFault,
}

/// Why a key is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyFault {
    /// Another kind, another use, a secret, or nothing of the kind at all; which member says so.
    #[error("not a public key for signatures, by its `{0}`")]
    Other(&'static str),
    /// RFC 7517 4: member names are unique.
    #[error("a member is named twice")]
    Twice,
    /// Nested too deeply, or nothing that is read as JSON.
    #[error("not json that is read")]
    Unreadable,
    /// No object.
    #[error("not an object")]
    NoObject,
    /// A member of the key has another type, or is missing.
    #[error("`{0}` is {1}")]
    Member(&'static str, &'static str),
    /// RFC 7518 2.
    #[error("`{0}` is not base64url without padding")]
    Encoding(&'static str),
    /// RFC 7518 6.2.1.2, RFC 8037 2.
    #[error("`{0}` is not of the length of its curve")]
    Length(&'static str),
    /// A modulus that is even, too small or too large.
    #[error("modulus is even, or not of {RSA_BITS_MIN} to {RSA_BITS_MAX} bits")]
    Modulus,
    /// A modulus of the form that CVE-2017-15361 makes: its private key can be computed.
    #[error("modulus has the form of CVE-2017-15361")]
    Roca,
    /// RFC 8725 3.5; an exponent of 1 would make every text its own signature.
    #[error("exponent is even, 1, or larger than 33 bits")]
    Exponent,
    /// RFC 8725 3.4.
    #[error("point is not on its curve")]
    OffCurve,
    /// A point with which one signature fits every text.
    #[error("point is of small order")]
    SmallOrder,
}

/// The key at a place of a set, or why it is passed over.
pub(super) fn key_of_set(text: &str) -> Result<PublicKey, PassedOver> {
    let value = parse_object(text.as_bytes()).map_err(|error| {
        let fault = match error {
            StrictJsonError::Twice { .. } => KeyFault::Twice,
            StrictJsonError::NotAnObject(_) => KeyFault::NoObject,
            StrictJsonError::Malformed(_) | StrictJsonError::TooDeep => KeyFault::Unreadable,
        };
        PassedOver { kid: named_in(text), fault }
    })?;
    public_key(&Value::Object(value))
}

/// What a key that is not read calls itself, for whoever looks for it.
fn named_in(text: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct KidAlone {
        kid: String,
    }
    let named = serde_json::from_str::<KidAlone>(text).ok()?;
    Some(cause::cleaned(&named.kid, PROVIDER_QUOTE_CHARS_MAX))
}

/// The public key, or why it is passed over.
pub(super) fn public_key(value: &Value) -> Result<PublicKey, PassedOver> {
    let kid = value.get("kid").and_then(Value::as_str).map(|kid| cause::cleaned(kid, PROVIDER_QUOTE_CHARS_MAX));
    sound_key(value).map_err(|fault| PassedOver { kid, fault })
}

fn sound_key(value: &Value) -> Result<PublicKey, KeyFault> {
    // Some libraries write every member that they know; null says nothing.
    let members = value.as_object().ok_or(KeyFault::NoObject)?.iter().filter(|(_, value)| !value.is_null());
    let key: Map<String, Value> = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(member) = PRIVATE.into_iter().find(|member| key.contains_key(*member)).or_else(|| other_use(&key)) {
        return Err(KeyFault::Other(member));
    }
    let (kind, verifying) = match text(&key, "kty") {
        Some("RSA") => rsa_key(&key)?,
        Some("EC") => ec_key(&key)?,
        Some("OKP") => okp_key(&key)?,
        Some(_) | None => return Err(KeyFault::Other("kty")),
    };
    let kid = match key.get("kid") {
        None => None,
        Some(kid) => Some(kid.as_str().ok_or(KeyFault::Member("kid", cause::kind(Some(kid))))?.to_owned()),
    };
    Ok(PublicKey::new(kid, kind, text(&key, "alg").and_then(SignatureAlgorithm::named), verifying))
}

const PRIVATE: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

/// `use`, `key_ops` and `alg` may be absent, but must not say something else: the one that does.
fn other_use(key: &Map<String, Value>) -> Option<&'static str> {
    let verifies = |operations: &Value| operations.as_array().is_some_and(|list| list.iter().any(|op| op == "verify"));
    let is_known = |name: &Value| name.as_str().and_then(SignatureAlgorithm::named).is_some();
    let is_not = |name: &str, is_meant: &dyn Fn(&Value) -> bool| !key.get(name).is_none_or(is_meant);
    let others = [
        ("use", is_not("use", &|purpose| purpose == "sig")),
        ("key_ops", is_not("key_ops", &verifies)),
        ("alg", is_not("alg", &is_known)),
    ];
    others.into_iter().find(|(_, is_other)| *is_other).map(|(name, _)| name)
}

fn rsa_key(key: &Map<String, Value>) -> Result<(KeyKind, DecodingKey), KeyFault> {
    let (modulus, exponent) = (bytes(key, "n")?, bytes(key, "e")?);
    if !is_odd(&modulus) || !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits(&modulus)) {
        return Err(KeyFault::Modulus);
    }
    if !is_odd(&exponent) || !(2..=33).contains(&bits(&exponent)) {
        return Err(KeyFault::Exponent);
    }
    if is_roca(&modulus) {
        return Err(KeyFault::Roca);
    }
    // RFC 7518 2: no leading zeros. Some have one, of the sign.
    Ok((KeyKind::Rsa, DecodingKey::from_rsa_raw_components(significant(&modulus), significant(&exponent))))
}

/// RFC 7518 6.2.1: coordinates have the full length of the curve.
fn ec_key(key: &Map<String, Value>) -> Result<(KeyKind, DecodingKey), KeyFault> {
    let (kind, curve, length): (_, &'static EcdsaVerificationAlgorithm, _) = match text(key, "crv") {
        Some("P-256") => (KeyKind::P256, &ECDSA_P256_SHA256_FIXED, 32),
        Some("P-384") => (KeyKind::P384, &ECDSA_P384_SHA384_FIXED, 48),
        Some(_) | None => return Err(KeyFault::Other("crv")),
    };
    let (x, y) = (bytes(key, "x")?, bytes(key, "y")?);
    for (name, coordinate) in [("x", &x), ("y", &y)] {
        if coordinate.len() != length {
            return Err(KeyFault::Length(name));
        }
    }
    // SEC 1, 2.3.4: an uncompressed point.
    let point = [&[4][..], &x, &y].concat();
    let is_on_curve = ParsedPublicKey::new(curve, &point).is_ok();
    // "DER" is what jsonwebtoken calls the bytes that aws-lc-rs takes: for this curve the point itself.
    if is_on_curve { Ok((kind, DecodingKey::from_ec_der(&point))) } else { Err(KeyFault::OffCurve) }
}

fn okp_key(key: &Map<String, Value>) -> Result<(KeyKind, DecodingKey), KeyFault> {
    if text(key, "crv") != Some("Ed25519") {
        return Err(KeyFault::Other("crv"));
    }
    let point: [u8; 32] = bytes(key, "x")?.try_into().map_err(|_| KeyFault::Length("x"))?;
    let mut y = point;
    y[31] &= 0x7f;
    if SMALL_ORDER.contains(&y) {
        return Err(KeyFault::SmallOrder);
    }
    if is_off_curve(key) { Err(KeyFault::OffCurve) } else { Ok((KeyKind::Ed25519, DecodingKey::from_ed_der(&point))) }
}

/// Whether an Ed25519 key is no point. aws-lc-rs decodes it only to verify, and does not say which of the two was wrong; the
/// implementation behind `openidconnect` does.
fn is_off_curve(key: &Map<String, Value>) -> bool {
    let members = key.iter().filter(|(name, _)| ["kty", "crv", "x"].contains(&name.as_str()));
    let members = members.map(|(name, value)| (name.clone(), value.clone())).collect();
    let Ok(key) = serde_json::from_value::<CoreJsonWebKey>(Value::Object(members)) else { return true };
    matches!(
        key.verify_signature(&CoreJwsSigningAlgorithm::EdDsa, b"", &[0; 64]),
        Err(SignatureVerificationError::InvalidKey(_))
    )
}

/// Every spelling of the points of order 1, 2, 4 and 8, without the sign.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    small(1, 0, 0),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    small(0xec, 0xff, 0x7f),
    small(0xed, 0xff, 0x7f),
    small(0xee, 0xff, 0x7f),
];

const fn small(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut bytes = [between; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

fn text<'a>(key: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    key.get(member)?.as_str()
}

fn bytes(key: &Map<String, Value>, member: &'static str) -> Result<Vec<u8>, KeyFault> {
    let text = text(key, member).ok_or_else(|| KeyFault::Member(member, cause::kind(key.get(member))))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyFault::Encoding(member))
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte % 2 == 1)
}

fn bits(number: &[u8]) -> usize {
    let number = significant(number);
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn significant(number: &[u8]) -> &[u8] {
    &number[number.iter().position(|byte| *byte != 0).unwrap_or(number.len())..]
}
