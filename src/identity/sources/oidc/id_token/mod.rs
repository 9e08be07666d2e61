//! The checks of an ID token: OIDC Core 3.1.3.7, RFC 8725. The token is read once, strictly (what two parsers could read in two
//! ways is refused), and this is the only verdict on it; its signature is jsonwebtoken's to verify (decision 0021).

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest::digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{
    algorithms::SignatureAlgorithm,
    provider::KeySet,
    public_key::{Fit, PublicKey},
};
use crate::{
    identity::{Claims, strict_json::parse_object},
    limits::{CLOCK_LEEWAY, ID_TOKEN_BYTES_MAX, KEYS_TRIED_MAX, LOGIN_ATTEMPT_AGE_MAX, PROVIDER_QUOTE_CHARS_MAX},
    reason::Reason,
    time::UnixSeconds,
};

/// What a token must say to be for this sign-in. Its `Debug` shows neither nonce nor access token.
#[derive(Clone, Copy)]
pub(super) struct ExpectedToken<'a> {
    /// The configured issuer.
    pub(crate) issuer: &'a str,
    /// Our client id.
    pub(crate) client_id: &'a str,
    /// What may stand in `aud` beside it.
    pub(crate) audiences: &'a [String],
    /// The nonce of the login attempt.
    pub(crate) nonce: &'a str,
    /// What this provider signs with.
    pub(crate) algorithms: &'a [SignatureAlgorithm],
    /// The access token that came with it: `at_hash` is held against it.
    pub(crate) access_token: Option<&'a str>,
}

/// A token that passed every check. Its `Debug` shows nothing: among its claims is the nonce.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct VerifiedToken {
    claims: Claims,
}

impl std::fmt::Debug for ExpectedToken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut expected = f.debug_struct("ExpectedToken");
        expected.field("issuer", &self.issuer).field("client_id", &self.client_id);
        expected.field("algorithms", &self.algorithms).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifiedToken(redacted)")
    }
}

/// Why a token is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum IdTokenError {
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
pub(super) fn verify_id_token(
    token: &str,
    keys: &KeySet,
    expected: &ExpectedToken<'_>,
    now: UnixSeconds,
) -> Result<VerifiedToken, IdTokenError> {
    let parts = Parts::parse(token)?;
    let algorithm = parts.check_header(expected)?;
    parts.check_claims(expected, now)?;
    parts.check_signature(keys.keys(), algorithm)?;
    parts.check_access_token(algorithm, expected.access_token)?;
    Ok(VerifiedToken { claims: parts.claims })
}

impl VerifiedToken {
    /// The claims.
    #[must_use]
    pub(crate) const fn claims(&self) -> &Claims {
        &self.claims
    }
}

impl IdTokenError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
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
    pub(crate) const fn may_be_rotation(&self) -> bool {
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
        Self::UnknownKey { kid: kid.chars().take(PROVIDER_QUOTE_CHARS_MAX).collect() }
    }
}

/// A token that nobody has verified yet.
struct Parts<'a> {
    header: Claims,
    claims: Claims,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    /// RFC 7515 3.1: three segments, each in the one canonical spelling of base64url.
    fn parse(token: &'a str) -> Result<Self, IdTokenError> {
        if token.len() > ID_TOKEN_BYTES_MAX {
            return Err(IdTokenError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(IdTokenError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(IdTokenError::Malformed)?;
        // jsonwebtoken decodes it again, by its own rules: of two spellings one would do for the other.
        decode(signature)?;
        let object = |segment| parse_object(&decode(segment)?).map(Claims::from).map_err(|_| IdTokenError::Malformed);
        Ok(Self { header: object(header)?, claims: object(payload)?, signed, signature })
    }

    /// RFC 8725 3.1, 3.11: our algorithms, our class of token. A key or its address in the header is not looked at.
    fn check_header(&self, expected: &ExpectedToken<'_>) -> Result<SignatureAlgorithm, IdTokenError> {
        let algorithm = self.header.text("alg").and_then(SignatureAlgorithm::named).ok_or(IdTokenError::Algorithm)?;
        if !expected.algorithms.contains(&algorithm) {
            return Err(IdTokenError::Algorithm);
        }
        let is_jwt = |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("JWT"));
        // RFC 7515 4.1.11: no extension is understood here; RFC 7797 `b64`, compression and nesting are such.
        let has_extension = ["crit", "b64", "zip", "enc", "cty"].iter().any(|name| self.header.0.contains_key(*name));
        let has_odd_kid = self.header.0.get("kid").is_some_and(|kid| !kid.is_string() && !kid.is_null());
        if !self.header.0.get("typ").is_none_or(is_jwt) || has_extension || has_odd_kid {
            return Err(IdTokenError::Malformed);
        }
        Ok(algorithm)
    }

    /// One key after the other: a provider may give several one name, and a bad one never ends the sign-ins of a good one.
    fn check_signature(&self, keys: &[PublicKey], algorithm: SignatureAlgorithm) -> Result<(), IdTokenError> {
        let Some(kid) = self.header.text("kid") else { return self.check_without_kid(keys, algorithm) };
        let named = keys.iter().filter(|key| key.is_called(kid) && key.fits(algorithm) == Fit::Good);
        let mut refusal = IdTokenError::unknown_key(kid);
        for key in named.take(KEYS_TRIED_MAX) {
            if key.verifies(algorithm, self.signed, self.signature) {
                return Ok(());
            }
            refusal = IdTokenError::Signature;
        }
        Err(refusal)
    }

    /// OIDC Core 10.1: without a `kid` the set has one key of the type, and with several nobody guesses.
    fn check_without_kid(&self, keys: &[PublicKey], algorithm: SignatureAlgorithm) -> Result<(), IdTokenError> {
        let mut of_type = keys.iter().filter(|key| key.fits(algorithm) != Fit::None);
        match (of_type.next(), of_type.next()) {
            (Some(key), None) if key.fits(algorithm) == Fit::OtherCurve => Err(IdTokenError::unknown_key("")),
            (Some(key), None) if key.verifies(algorithm, self.signed, self.signature) => Ok(()),
            (None, _) => Err(IdTokenError::unknown_key("")),
            (Some(_), _) => Err(IdTokenError::Signature),
        }
    }

    /// OIDC Core 3.1.3.8: `at_hash` is optional, but never wrong.
    fn check_access_token(
        &self,
        algorithm: SignatureAlgorithm,
        access_token: Option<&str>,
    ) -> Result<(), IdTokenError> {
        let hash = match self.claims.0.get("at_hash") {
            None | Some(Value::Null) => return Ok(()),
            Some(hash) => hash.as_str().ok_or(IdTokenError::Malformed)?,
        };
        let Some(access_token) = access_token else { return Ok(()) };
        let whole = digest(algorithm.hash(), access_token.as_bytes());
        let (half, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
        let is_its = verify_slices_are_equal(URL_SAFE_NO_PAD.encode(half).as_bytes(), hash.as_bytes()).is_ok();
        if is_its { Ok(()) } else { Err(IdTokenError::AccessToken) }
    }

    /// Types first, so that a claim of the wrong type never passes as an absent one.
    fn check_claims(&self, expected: &ExpectedToken<'_>, now: UnixSeconds) -> Result<(), IdTokenError> {
        if self.claims.text("iss") != Some(expected.issuer) {
            return Err(IdTokenError::Issuer);
        }
        if !self.is_for(expected) {
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

    /// Our client, as a text or in an array of nothing but it and what the operator lets stand beside it; `azp`, where present,
    /// is ours too, and it is present where something stands beside us.
    fn is_for(&self, expected: &ExpectedToken<'_>) -> bool {
        let is_ours = |value: &Value| value.as_str() == Some(expected.client_id);
        let is_named = |value: &Value| expected.audiences.iter().any(|audience| value == audience);
        let (is_audience, is_alone) = match self.claims.0.get("aud") {
            Some(Value::Array(list)) => {
                let all = list.iter().all(|value| is_ours(value) || is_named(value));
                (all && list.iter().any(is_ours), list.iter().all(is_ours))
            }
            Some(value) => (is_ours(value), true),
            None => (false, true),
        };
        is_audience && self.claims.0.get("azp").map_or(is_alone, is_ours)
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

#[cfg(test)]
mod tests;
