//! UserInfo as a signed JWT (OIDC Core 5.3.2): `iss`, `aud` and times need not be in it, and what is there must be right.

use serde_json::Value;

use super::{super::settings::OidcSettings, IdTokenError, KeySet, Parts, SignatureAlgorithm, numeric_date};
use crate::{identity::Claims, limits::CLOCK_LEEWAY, time::UnixSeconds};

/// The claims of a UserInfo answer that a key of the provider has signed, with any algorithm that the gateway accepts.
///
/// # Errors
/// See [`IdTokenError`].
pub(in super::super) fn verify_user_info(
    token: &str,
    keys: &KeySet,
    settings: &OidcSettings,
    now: UnixSeconds,
) -> Result<Claims, IdTokenError> {
    let parts = Parts::parse(token)?;
    let algorithm = parts.check_header(&SignatureAlgorithm::ALL)?;
    let said = |name: &str| parts.claims.0.get(name).filter(|value| !value.is_null());
    if said("iss").is_some_and(|issuer| issuer.as_str() != Some(&settings.issuer)) {
        return Err(IdTokenError::Issuer);
    }
    if said("aud").is_some() && !parts.is_for(&settings.client_id) {
        return Err(IdTokenError::Audience);
    }
    let is_past = |moment: UnixSeconds| moment <= now.plus(CLOCK_LEEWAY);
    let is_right = |name: &str, check: &dyn Fn(UnixSeconds) -> bool| {
        said(name).is_none_or(|value: &Value| numeric_date(value).is_some_and(check))
    };
    let is_over = |exp: UnixSeconds| now >= exp.plus(CLOCK_LEEWAY);
    if !is_right("exp", &|exp| !is_over(exp)) || !is_right("iat", &is_past) || !is_right("nbf", &is_past) {
        return Err(IdTokenError::Time);
    }
    parts.check_signature(keys.keys(), algorithm)?;
    Ok(parts.claims)
}
