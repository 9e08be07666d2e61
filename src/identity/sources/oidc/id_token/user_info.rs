//! UserInfo as a signed JWT (OIDC Core 5.3.2): `iss`, `aud` and times need not be in it, and what is there must be right.

use super::{
    super::settings::OidcSettings, IdTokenError, KeySet, SignatureAlgorithm, TokenFault, check_audience, check_header,
    date, found, parse, says,
};
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
    let parts = parse(token)?;
    let claims = &parts.claims;
    let algorithm = check_header(&parts, &SignatureAlgorithm::ALL)?;
    if says(claims, "iss") && claims.text("iss") != Some(&settings.issuer) {
        return Err(found(claims, TokenFault::Issuer, "iss"));
    }
    if says(claims, "aud") {
        check_audience(claims, &settings.client_id, &settings.audiences)?;
    }
    let date = |name: &str| says(claims, name).then(|| date(claims, name)).transpose();
    if date("exp")?.is_some_and(|exp| now >= exp.plus(CLOCK_LEEWAY)) {
        return Err(TokenFault::Time.with("`exp` is past"));
    }
    for name in ["iat", "nbf"] {
        if date(name)?.is_some_and(|moment| moment > now.plus(CLOCK_LEEWAY)) {
            return Err(TokenFault::Time.with(format!("`{name}` is ahead of the clock here")));
        }
    }
    parts.check_signature(keys.keys(), algorithm)?;
    Ok(parts.claims)
}
