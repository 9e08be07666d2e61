//! The checks of an ID token: OIDC Core 3.1.3.7, RFC 8725. The token is read once, strictly (what two parsers could read in two
//! ways is refused), and this is the only verdict on it; its signature is jsonwebtoken's to verify (decision 0021).

mod error;
mod user_info;

use std::time::Duration;

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest::digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

pub(crate) use self::error::{IdTokenError, TokenFault};
pub(super) use self::user_info::verify_user_info;
use super::{algorithms::SignatureAlgorithm, provider::KeySet, public_key::PublicKey};
use crate::{
    identity::{
        Claims,
        cause::{kind, list, quoted},
        strict_json::parse_object,
    },
    limits::{CLOCK_LEEWAY, ID_TOKEN_BYTES_MAX, KEYS_TRIED_MAX, LOGIN_ATTEMPT_AGE_MAX},
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
    let parts = Parts::parse(token)?;
    let algorithm = parts.check_header(expected.algorithms)?;
    parts.check_claims(expected, now)?;
    parts.check_signature(keys.keys(), algorithm)?;
    parts.check_access_token(algorithm, expected.access_token)?;
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
            let detail = format!("{} bytes, and at most {ID_TOKEN_BYTES_MAX} are read", token.len());
            return Err(TokenFault::Malformed.with(detail));
        }
        let count = token.split('.').count();
        if count == ENCRYPTED_SEGMENTS {
            let detail =
                "five segments: have the provider send this client id tokens that are signed and not encrypted";
            return Err(TokenFault::Encrypted.with(detail));
        }
        let segments = || TokenFault::Malformed.with(format!("{count} segments, and a signed jwt has three"));
        let (signed, signature) = token.rsplit_once('.').ok_or_else(segments)?;
        let (header, payload) = signed.split_once('.').filter(|_| count == 3).ok_or_else(segments)?;
        // jsonwebtoken decodes it again, by its own rules: of two spellings one would do for the other.
        decode(signature, "signature")?;
        Ok(Self { header: object(header, "header")?, claims: object(payload, "payload")?, signed, signature })
    }

    /// RFC 8725 3.1, 3.11: our algorithms, our class of token. A key or its address in the header is not looked at.
    fn check_header(&self, algorithms: &[SignatureAlgorithm]) -> Result<SignatureAlgorithm, IdTokenError> {
        let refused = |more: &str| TokenFault::Algorithm.with(format!("`alg` is {}{more}", self.header.told("alg")));
        let algorithm = self.header.text("alg").and_then(SignatureAlgorithm::named).ok_or_else(|| refused(""))?;
        if !algorithms.contains(&algorithm) {
            let announced = list(algorithms.iter().map(|algorithm| algorithm.name().to_owned()));
            return Err(refused(&format!(", and the provider announces {announced}")));
        }
        let malformed =
            |name: &str| TokenFault::Malformed.with(format!("`{name}` of the header is {}", self.header.told(name)));
        if !self.header.0.get("typ").is_none_or(is_of_id_token) {
            return Err(malformed("typ"));
        }
        // RFC 7515 4.1.11: no extension is understood here; RFC 7797 `b64`, compression and nesting are such.
        // A null says nothing, but in `crit`, which is a list.
        let says = |name: &str| self.header.0.get(name).is_some_and(|value| !value.is_null() || name == "crit");
        if let Some(name) = ["crit", "b64", "zip", "enc", "cty"].into_iter().find(|name| says(name)) {
            return Err(malformed(name));
        }
        match self.header.0.get("kid") {
            None | Some(Value::Null | Value::String(_)) => Ok(algorithm),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(malformed("kid")),
        }
    }

    /// One key after the other: a provider may give several one name, or none, and a bad one never ends the sign-ins of a good
    /// one. A name leads to the keys of that name and to those without one, never to a key of another name.
    fn check_signature(&self, keys: &[PublicKey], algorithm: SignatureAlgorithm) -> Result<(), IdTokenError> {
        let kid = self.header.text("kid");
        let fitting = || keys.iter().filter(|key| key.fits(algorithm));
        let named = fitting().filter(|key| kid.is_none_or(|kid| key.is_called(kid)));
        let unnamed = fitting().filter(|key| kid.is_some() && key.kid().is_none());
        let candidates: Vec<&PublicKey> = named.chain(unnamed).collect();
        let tried = candidates.len().min(KEYS_TRIED_MAX);
        if candidates.iter().take(tried).any(|key| key.verifies(algorithm, self.signed, self.signature)) {
            return Ok(());
        }
        Err(match kid {
            Some(kid) if candidates.is_empty() => unknown_key(kid, keys, algorithm),
            Some(kid) => wrong_signature(kid, tried),
            None => without_kid(candidates.len(), algorithm),
        })
    }

    /// OIDC Core 3.1.3.8: `at_hash` is optional, but never wrong. Without an access token there is nothing that it could be of.
    fn check_access_token(
        &self,
        algorithm: SignatureAlgorithm,
        access_token: Option<&str>,
    ) -> Result<(), IdTokenError> {
        let Some(access_token) = access_token else { return Ok(()) };
        let hash = match self.claims.0.get("at_hash") {
            None | Some(Value::Null) => return Ok(()),
            Some(hash) => hash.as_str().ok_or_else(|| self.found(TokenFault::Malformed, "at_hash"))?,
        };
        let whole = digest(algorithm.hash(), access_token.as_bytes());
        let (half, _) = whole.as_ref().split_at(whole.as_ref().len() / 2);
        let is_its = verify_slices_are_equal(URL_SAFE_NO_PAD.encode(half).as_bytes(), hash.as_bytes()).is_ok();
        if is_its { Ok(()) } else { Err(TokenFault::AccessToken.with("`at_hash` is of another one")) }
    }

    /// Types first, so that a claim of the wrong type never passes as an absent one.
    fn check_claims(&self, expected: &ExpectedToken<'_>, now: UnixSeconds) -> Result<(), IdTokenError> {
        if self.claims.text("iss") != Some(expected.issuer) {
            return Err(self.found(TokenFault::Issuer, "iss"));
        }
        self.check_audience(expected.client_id, expected.audiences)?;
        self.check_times(now)?;
        match self.claims.text("nonce") {
            Some(nonce) if nonce == expected.nonce => Ok(()),
            Some(_) => Err(TokenFault::Nonce.with("`nonce` is not that of the attempt")),
            // A nonce is never told.
            None => {
                let kind = kind(self.claims.0.get("nonce"));
                Err(TokenFault::Nonce.with(format!("`nonce` is {kind}, and not that of the attempt")))
            }
        }
    }

    /// Our client, as a text or in an array of nothing but it and what the operator lets stand beside it; `azp`, where present,
    /// is ours too, and it is present where something stands beside us.
    fn check_audience(&self, client_id: &str, audiences: &[String]) -> Result<(), IdTokenError> {
        let is_ours = |value: &Value| value.as_str() == Some(client_id);
        let is_named = |value: &Value| audiences.iter().any(|audience| value == audience);
        let (is_for_us, is_alone) = match self.claims.0.get("aud") {
            Some(Value::Array(list)) => {
                let are_known = list.iter().all(|value| is_ours(value) || is_named(value));
                (are_known && list.iter().any(is_ours), list.iter().all(is_ours))
            }
            Some(value) => (is_ours(value), true),
            None => (false, true),
        };
        if !is_for_us {
            return Err(self.found(TokenFault::Audience, "aud"));
        }
        let azp = self.claims.0.get("azp").filter(|azp| !azp.is_null());
        if azp.map_or(is_alone, is_ours) { Ok(()) } else { Err(self.found(TokenFault::Audience, "azp")) }
    }

    fn check_times(&self, now: UnixSeconds) -> Result<(), IdTokenError> {
        let wrong = |name: &str, off: String| TokenFault::Time.with(format!("`{name}` is {off}"));
        let between = |from: UnixSeconds, to: UnixSeconds| Duration::from_secs(to.0.saturating_sub(from.0));
        let ago = |moment: UnixSeconds| format!("{:?} ago", between(moment, now));
        let ahead = |moment: UnixSeconds| format!("{:?} ahead of the clock here", between(now, moment));
        let is_past = |moment: UnixSeconds| moment <= now.plus(CLOCK_LEEWAY);
        let (exp, iat) = (self.date("exp")?, self.date("iat")?);
        if now >= exp.plus(CLOCK_LEEWAY) {
            return Err(wrong("exp", ago(exp)));
        }
        if !is_past(iat) {
            return Err(wrong("iat", ahead(iat)));
        }
        if iat < now.minus(LOGIN_ATTEMPT_AGE_MAX + CLOCK_LEEWAY) {
            return Err(wrong("iat", format!("{}, and a sign-in takes {LOGIN_ATTEMPT_AGE_MAX:?} at most", ago(iat))));
        }
        let nbf = self.says("nbf").then(|| self.date("nbf")).transpose()?;
        match nbf.filter(|nbf| !is_past(*nbf)) {
            Some(nbf) => Err(wrong("nbf", ahead(nbf))),
            None => Ok(()),
        }
    }

    /// Whether a claim is there: null says nothing.
    fn says(&self, name: &str) -> bool {
        self.claims.0.get(name).is_some_and(|value| !value.is_null())
    }

    fn date(&self, name: &str) -> Result<UnixSeconds, IdTokenError> {
        let value = self.claims.0.get(name);
        value.and_then(numeric_date).ok_or_else(|| {
            let of_range = if value.is_some_and(Value::is_number) { " that is no date in seconds" } else { "" };
            TokenFault::Time.with(format!("`{name}` is {}{of_range}", kind(value)))
        })
    }

    /// The error of a claim, with what is there.
    fn found(&self, fault: TokenFault, claim: &str) -> IdTokenError {
        fault.with(format!("`{claim}` is {}", self.claims.told(claim)))
    }
}

/// RFC 7516 7.1.
const ENCRYPTED_SEGMENTS: usize = 5;

/// Which keys there are: an operator sees whether the provider's replicas differ, or keys of another address are meant.
fn unknown_key(kid: &str, keys: &[PublicKey], algorithm: SignatureAlgorithm) -> IdTokenError {
    let named = keys.iter().filter(|key| key.is_called(kid));
    let meant: Vec<String> = named.map(|key| key.purpose().to_owned()).collect();
    let kid = quoted(kid);
    let detail = if meant.is_empty() {
        let published = list(keys.iter().map(|key| key.kid().map_or_else(|| "one without kid".to_owned(), quoted)));
        format!("no key is called {kid}; the provider publishes {published} (do its replicas differ?)")
    } else {
        format!("key {kid} is for {}, and not for {}", list(meant.into_iter()), algorithm.name())
    };
    TokenFault::UnknownKey.with(detail)
}

fn wrong_signature(kid: &str, tried: usize) -> IdTokenError {
    let keys = if tried == 1 { "the key".to_owned() } else { format!("none of {tried} keys") };
    TokenFault::Signature.with(format!("by {keys} called {}", quoted(kid)))
}

/// OIDC Core 10.1 asks for a `kid` where there are several keys; some providers have none all the same.
fn without_kid(fitting: usize, algorithm: SignatureAlgorithm) -> IdTokenError {
    let of = if fitting == 0 { "none of the keys".to_owned() } else { format!("{fitting} keys") };
    let detail = format!("it names no `kid`, and {of} of the provider fit {}", algorithm.name());
    match fitting {
        0 => TokenFault::UnknownKey.with(detail),
        1 => TokenFault::Signature.with("it names no `kid`, and the one key that fits does not verify it"),
        2..=KEYS_TRIED_MAX => TokenFault::Signature.with(format!("{detail}, of which none verifies it")),
        _ => TokenFault::AmbiguousKey.with(detail),
    }
}

/// RFC 7515 4.1.9: a `typ` that is missing or null says nothing. Of those that say something, a JWT and an ID token.
fn is_of_id_token(typ: &Value) -> bool {
    let is_its = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["jwt", "id_token+jwt"].contains(&text.strip_prefix("application/").unwrap_or(&text))
    };
    typ.is_null() || typ.as_str().is_some_and(is_its)
}

fn object(segment: &str, what: &str) -> Result<Claims, IdTokenError> {
    let members = parse_object(&decode(segment, what)?);
    members.map(Claims::from).map_err(|error| TokenFault::Malformed.with(format!("{what}: {error}")))
}

fn decode(segment: &str, what: &str) -> Result<Vec<u8>, IdTokenError> {
    let decoded = URL_SAFE_NO_PAD.decode(segment);
    decoded.map_err(|_| TokenFault::Malformed.with(format!("{what} is not base64url without padding")))
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
