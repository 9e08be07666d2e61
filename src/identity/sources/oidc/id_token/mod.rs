//! The checks of an ID token: OIDC Core 3.1.3.7, RFC 8725. The token is read once, strictly (what two parsers could read in two
//! ways is refused), and this is the only verdict on it; its signature is jsonwebtoken's to verify (decision 0021).

mod error;
mod user_info;

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest::digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

pub(crate) use self::error::{IdTokenError, TokenFault};
pub(super) use self::user_info::verify_user_info;
use super::{
    super::jws::{
        Jws, Padding, SignatureAlgorithm, ago, check_not_ahead, check_not_past, date, foreign_audience, is_jwt_or, says,
    },
    provider::KeySet,
};
use crate::{
    identity::{Claims, cause::kind},
    limits::{CLOCK_LEEWAY, ID_TOKEN_BYTES_MAX, LOGIN_ATTEMPT_AGE_MAX},
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
    text: String,
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
    #[cfg(test)]
    crate::identity::reads::CountedRead::IdToken.count();
    let parts = parse(token)?;
    let algorithm = check_header(&parts, expected.algorithms)?;
    check_claims(&parts.claims, expected, now)?;
    parts.check_signature(keys.keys(), algorithm)?;
    check_access_token(&parts.claims, algorithm, expected.access_token)?;
    Ok(VerifiedToken { text: token.to_owned(), claims: parts.claims })
}

impl VerifiedToken {
    /// For tests: as if these claims had been signed.
    #[cfg(test)]
    pub(super) const fn of(claims: Claims) -> Self {
        Self { text: String::new(), claims }
    }

    /// The token as it came.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The claims.
    #[must_use]
    pub(crate) const fn claims(&self) -> &Claims {
        &self.claims
    }
}

/// RFC 7515 3.1: read once, as what nobody has verified yet.
fn parse(token: &str) -> Result<Jws<'_>, IdTokenError> {
    Ok(Jws::parse(token, ID_TOKEN_BYTES_MAX, Padding::None)?)
}

/// RFC 8725 3.1, 3.11: our algorithms, our class of token. A key or its address in the header is not looked at.
fn check_header(token: &Jws<'_>, algorithms: &[SignatureAlgorithm]) -> Result<SignatureAlgorithm, IdTokenError> {
    let algorithm = token.algorithm(algorithms, "the provider announces")?;
    token.check_class(|typ| is_jwt_or("id_token+jwt", typ), &[])?;
    Ok(algorithm)
}

/// OIDC Core 3.1.3.8: `at_hash` is optional, but never wrong. Without an access token there is nothing that it could be of.
fn check_access_token(
    claims: &Claims,
    algorithm: SignatureAlgorithm,
    access_token: Option<&str>,
) -> Result<(), IdTokenError> {
    let Some(access_token) = access_token else { return Ok(()) };
    let hash = match claims.0.get("at_hash") {
        None | Some(Value::Null) => return Ok(()),
        Some(hash) => hash.as_str().ok_or_else(|| found(claims, TokenFault::Malformed, "at_hash"))?,
    };
    let whole = digest(algorithm.hash(), access_token.as_bytes());
    let (half, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
    let is_its = verify_slices_are_equal(URL_SAFE_NO_PAD.encode(half).as_bytes(), hash.as_bytes()).is_ok();
    if is_its { Ok(()) } else { Err(TokenFault::AccessToken.with("`at_hash` is of another one")) }
}

/// Types first, so that a claim of the wrong type never passes as an absent one.
fn check_claims(claims: &Claims, expected: &ExpectedToken<'_>, now: UnixSeconds) -> Result<(), IdTokenError> {
    if claims.text("iss") != Some(expected.issuer) {
        return Err(found(claims, TokenFault::Issuer, "iss"));
    }
    check_audience(claims, expected.client_id, expected.audiences)?;
    check_times(claims, now)?;
    match claims.text("nonce") {
        Some(nonce) if nonce == expected.nonce => Ok(()),
        Some(_) => Err(TokenFault::Nonce.with("`nonce` is not that of the attempt")),
        // A nonce is never told.
        None => {
            let kind = kind(claims.0.get("nonce"));
            Err(TokenFault::Nonce.with(format!("`nonce` is {kind}, and not that of the attempt")))
        }
    }
}

fn check_audience(claims: &Claims, client_id: &str, audiences: &[String]) -> Result<(), IdTokenError> {
    foreign_audience(claims, client_id, audiences)
        .map_or(Ok(()), |claim| Err(found(claims, TokenFault::Audience, claim)))
}

fn check_times(claims: &Claims, now: UnixSeconds) -> Result<(), IdTokenError> {
    let clock = (now, CLOCK_LEEWAY);
    let (exp, iat) = (date(claims, "exp")?, date(claims, "iat")?);
    check_not_past("exp", exp, clock)?;
    check_not_ahead("iat", iat, clock)?;
    if iat < now.minus(LOGIN_ATTEMPT_AGE_MAX + CLOCK_LEEWAY) {
        let ago = ago(iat, now);
        let detail = format!("`iat` is {ago}, and a sign-in takes {LOGIN_ATTEMPT_AGE_MAX:?} at most");
        return Err(TokenFault::Time.with(detail));
    }
    if says(claims, "nbf") {
        check_not_ahead("nbf", date(claims, "nbf")?, clock)?;
    }
    Ok(())
}

/// The error of a claim, with what is there.
fn found(claims: &Claims, fault: TokenFault, claim: &str) -> IdTokenError {
    fault.with(format!("`{claim}` is {}", claims.told(claim)))
}

#[cfg(test)]
mod tests;
