//! The checks of an ID token: OIDC Core 3.1.3.7, RFC 8725.
//!
//! The shape is checked here, strictly, before the token goes to `openidconnect`: what two parsers could read in two
//! ways is refused. The verdict on issuer, audience, nonce, key and signature is `openidconnect`'s.

use std::{
    str::FromStr,
    time::{Duration, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, JsonWebKey, JsonWebKeySet, Nonce,
    SignatureVerificationError,
    core::{CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde_json::Value;

use super::{Claims, KeySet, algorithms::ALGORITHMS, strict_json::parse_object};
use crate::{
    limits::{CLOCK_LEEWAY, ID_TOKEN_BYTES_MAX, KEYS_TRIED_MAX, LOGIN_ATTEMPT_AGE_MAX},
    reason::Reason,
    time::UnixSeconds,
};

/// What a token must say to be for this sign-in.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedToken<'a> {
    /// The configured issuer.
    pub issuer: &'a str,
    /// Our client id.
    pub client_id: &'a str,
    /// The nonce of the login attempt.
    pub nonce: &'a str,
    /// What this provider signs with.
    pub algorithms: &'a [CoreJwsSigningAlgorithm],
    /// The access token that came with it: `at_hash` is held against it.
    pub access_token: Option<&'a str>,
}

/// A token that passed every check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    claims: Claims,
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Not a signed JWT of ours to read: shape, encoding, JSON, token class.
    #[error("id token is not a well-formed signed jwt")]
    Malformed,
    /// OIDC Core 3.1.3.7 step 2.
    #[error("id token is of another issuer")]
    Issuer,
    /// Steps 3 to 5.
    #[error("id token is for another client")]
    Audience,
    /// Step 7.
    #[error("id token is signed with an algorithm that is not accepted")]
    Algorithm,
    /// Step 6: the keys at hand have none that fits.
    #[error("id token is signed with an unknown key {kid:?}")]
    UnknownKey {
        /// What the token calls the key, cut.
        kid: String,
    },
    /// Step 6.
    #[error("signature of the id token does not verify")]
    Signature,
    /// Steps 9 and 10.
    #[error("id token is expired, not valid yet, or has no proper times")]
    Time,
    /// Step 11.
    #[error("nonce of the id token is not that of the login attempt")]
    Nonce,
    /// OIDC Core 3.1.3.8.
    #[error("id token is not for the access token that came with it")]
    AccessToken,
}

/// Verifies an ID token.
///
/// # Errors
/// See [`IdTokenError`].
pub fn verify_id_token(
    token: &str,
    keys: &KeySet,
    expected: &ExpectedToken<'_>,
    now: UnixSeconds,
) -> Result<VerifiedToken, IdTokenError> {
    let parts = Parts::parse(token)?;
    parts.check_header(expected)?;
    parts.check_claims(expected, now)?;
    let core = CoreIdToken::from_str(token).map_err(|_| IdTokenError::Malformed)?;
    parts.check_signature(&core, keys, expected, now)?;
    Ok(VerifiedToken { claims: parts.claims })
}

impl VerifiedToken {
    /// The claims.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }
}

impl IdTokenError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Malformed => Reason::TokenMalformed,
            Self::Issuer => Reason::TokenIss,
            Self::Audience => Reason::TokenAud,
            Self::Algorithm => Reason::TokenAlg,
            Self::UnknownKey { .. } | Self::Signature | Self::AccessToken => Reason::TokenSignature,
            Self::Time => Reason::TokenTime,
            Self::Nonce => Reason::TokenNonce,
        }
    }

    /// Whether keys that the provider has changed since could be the cause: then they are fetched once more.
    #[must_use]
    pub const fn may_be_rotation(&self) -> bool {
        match self {
            Self::UnknownKey { .. } | Self::Signature => true,
            Self::Malformed
            | Self::Issuer
            | Self::Audience
            | Self::Algorithm
            | Self::Time
            | Self::Nonce
            | Self::AccessToken => false,
        }
    }

    fn unknown_key(kid: &str) -> Self {
        Self::UnknownKey { kid: kid.chars().take(100).collect() }
    }

    fn from_verifier(error: &ClaimsVerificationError) -> Self {
        // Foreign and non-exhaustive: what is new there is refused as malformed.
        #[allow(clippy::wildcard_enum_match_arm)]
        match error {
            ClaimsVerificationError::InvalidIssuer(_) => Self::Issuer,
            ClaimsVerificationError::InvalidAudience(_) => Self::Audience,
            ClaimsVerificationError::InvalidNonce(_) => Self::Nonce,
            ClaimsVerificationError::Expired(_) => Self::Time,
            ClaimsVerificationError::SignatureVerification(error) => match error {
                SignatureVerificationError::DisallowedAlg(_)
                | SignatureVerificationError::UnsupportedAlg(_)
                | SignatureVerificationError::NoSignature => Self::Algorithm,
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::InvalidKey(_) => {
                    Self::unknown_key("")
                }
                _ => Self::Signature,
            },
            _ => Self::Malformed,
        }
    }
}

/// The header and claims of a token that nobody has verified yet.
struct Parts {
    header: Claims,
    claims: Claims,
}

impl Parts {
    /// RFC 7515 3.1: three segments, each in the one canonical spelling of base64url.
    fn parse(token: &str) -> Result<Self, IdTokenError> {
        let segments: Vec<&str> = token.splitn(4, '.').collect();
        let [header, payload, signature] = segments[..] else { return Err(IdTokenError::Malformed) };
        if token.len() > ID_TOKEN_BYTES_MAX {
            return Err(IdTokenError::Malformed);
        }
        decode(signature)?;
        let object = |segment| parse_object(&decode(segment)?).map(Claims).map_err(|_| IdTokenError::Malformed);
        Ok(Self { header: object(header)?, claims: object(payload)? })
    }

    /// RFC 8725 3.1, 3.11: our algorithms, our class of token. A key or its address in the header is not looked at.
    fn check_header(&self, expected: &ExpectedToken<'_>) -> Result<(), IdTokenError> {
        let named = |name: &str| ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| algorithm);
        let algorithm = self.header.text("alg").and_then(named).ok_or(IdTokenError::Algorithm)?;
        if !expected.algorithms.contains(algorithm) {
            return Err(IdTokenError::Algorithm);
        }
        let is_jwt = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("JWT"));
        // RFC 7515 4.1.11: no extension is understood here; RFC 7797 `b64`, compression and nesting are such.
        let has_extension = ["crit", "b64", "zip", "enc", "cty"].iter().any(|name| self.header.0.contains_key(*name));
        let has_odd_kid = self.header.0.get("kid").is_some_and(|kid| !kid.is_string() && !kid.is_null());
        if !self.header.0.get("typ").is_none_or(is_jwt) || has_extension || has_odd_kid {
            return Err(IdTokenError::Malformed);
        }
        Ok(())
    }

    /// One key after the other: a provider may give several one name, and a bad one never ends the sign-ins of a good one.
    fn check_signature(
        &self,
        token: &CoreIdToken,
        keys: &KeySet,
        expected: &ExpectedToken<'_>,
        now: UnixSeconds,
    ) -> Result<(), IdTokenError> {
        let Some(kid) = self.header.text("kid") else { return check_with(keys.keys(), token, expected, now) };
        let mut refusal = IdTokenError::unknown_key(kid);
        let mut tried = 0;
        for key in keys.keys().iter().filter(|key| key.key_id().is_some_and(|id| id.as_str() == kid)) {
            match check_with(std::slice::from_ref(key), token, expected, now) {
                // Of another kind, or for another algorithm.
                Err(IdTokenError::UnknownKey { .. }) => {}
                Err(IdTokenError::Signature) if tried < KEYS_TRIED_MAX - 1 => {
                    tried += 1;
                    refusal = IdTokenError::Signature;
                }
                verdict => return verdict,
            }
        }
        Err(refusal)
    }

    /// Types first, so that a claim of the wrong type never passes as an absent one.
    fn check_claims(&self, expected: &ExpectedToken<'_>, now: UnixSeconds) -> Result<(), IdTokenError> {
        if self.claims.text("iss") != Some(expected.issuer) {
            return Err(IdTokenError::Issuer);
        }
        if !self.is_for(expected.client_id) {
            return Err(IdTokenError::Audience);
        }
        if !self.is_in_time(now) {
            return Err(IdTokenError::Time);
        }
        if self.claims.text("nonce") != Some(expected.nonce) {
            return Err(IdTokenError::Nonce);
        }
        Ok(())
    }

    /// Exactly our client, as a text or as an array of nothing else; `azp`, where present, is ours too.
    fn is_for(&self, client_id: &str) -> bool {
        let is_ours = |value: &Value| value.as_str() == Some(client_id);
        let audience = match self.claims.0.get("aud") {
            Some(Value::Array(list)) => !list.is_empty() && list.iter().all(is_ours),
            Some(value) => is_ours(value),
            None => false,
        };
        audience && self.claims.0.get("azp").is_none_or(is_ours)
    }

    fn is_in_time(&self, now: UnixSeconds) -> bool {
        let date = |name: &str| self.claims.0.get(name).map(numeric_date);
        let is_past = |moment: UnixSeconds| moment <= now.plus(CLOCK_LEEWAY);
        let expires = date("exp").flatten().is_some_and(|exp| now < exp.plus(CLOCK_LEEWAY));
        let oldest = now.minus(LOGIN_ATTEMPT_AGE_MAX + CLOCK_LEEWAY);
        let is_fresh = date("iat").flatten().is_some_and(|iat| is_past(iat) && iat >= oldest);
        expires && is_fresh && date("nbf").is_none_or(|nbf| nbf.is_some_and(is_past))
    }
}

fn decode(segment: &str) -> Result<Vec<u8>, IdTokenError> {
    URL_SAFE_NO_PAD.decode(segment).map_err(|_| IdTokenError::Malformed)
}

/// RFC 7519 2 `NumericDate`: a JSON number, of this calendar (milliseconds are none).
fn numeric_date(value: &Value) -> Option<UnixSeconds> {
    const YEAR_10_000: u64 = 253_402_300_800;
    let number = value.as_number()?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, and a fraction is cut")]
    let fraction = || number.as_f64().filter(|seconds| (0.0..1e12).contains(seconds)).map(|seconds| seconds as u64);
    number.as_u64().or_else(fraction).filter(|seconds| *seconds < YEAR_10_000).map(UnixSeconds)
}

/// The verdict of `openidconnect` with these keys.
fn check_with(
    keys: &[CoreJsonWebKey],
    token: &CoreIdToken,
    expected: &ExpectedToken<'_>,
    now: UnixSeconds,
) -> Result<(), IdTokenError> {
    let verifier = verifier(keys, expected, now)?;
    let nonce = Nonce::new(expected.nonce.to_owned());
    let verified = token.claims(&verifier, &nonce).map_err(|error| IdTokenError::from_verifier(&error))?;
    check_access_token(token, verified, &verifier, expected)
}

fn verifier<'a>(
    keys: &[CoreJsonWebKey],
    expected: &ExpectedToken<'_>,
    now: UnixSeconds,
) -> Result<CoreIdTokenVerifier<'a>, IdTokenError> {
    let issuer = IssuerUrl::new(expected.issuer.to_owned()).map_err(|_| IdTokenError::Issuer)?;
    let client_id = ClientId::new(expected.client_id.to_owned());
    let moment = UNIX_EPOCH + Duration::from_secs(now.minus(CLOCK_LEEWAY).0);
    Ok(CoreIdTokenVerifier::new_public_client(client_id, issuer, JsonWebKeySet::new(keys.to_vec()))
        .set_allowed_algs(expected.algorithms.iter().cloned())
        .set_time_fn(move || moment.into()))
}

/// OIDC Core 3.1.3.8: `at_hash` is optional, but never wrong.
fn check_access_token(
    token: &CoreIdToken,
    claims: &CoreIdTokenClaims,
    verifier: &CoreIdTokenVerifier<'_>,
    expected: &ExpectedToken<'_>,
) -> Result<(), IdTokenError> {
    let (Some(hash), Some(access_token)) = (claims.access_token_hash(), expected.access_token) else { return Ok(()) };
    let algorithm = token.signing_alg().map_err(|_| IdTokenError::Algorithm)?;
    let key = token.signing_key(verifier).map_err(|_| IdTokenError::Signature)?;
    let actual = AccessTokenHash::from_token(&AccessToken::new(access_token.to_owned()), algorithm, key)
        .map_err(|_| IdTokenError::AccessToken)?;
    if actual == *hash { Ok(()) } else { Err(IdTokenError::AccessToken) }
}

#[cfg(test)]
mod tests;
