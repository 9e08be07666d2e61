//! UserInfo as a signed JWT (OIDC Core 5.3.2): `iss`, `aud` and times need not be in it, and what is there must be right.

use super::{
    super::settings::OidcSettings, IdTokenError, KeySet, SignatureAlgorithm, TokenFault, check_audience, check_header,
    check_not_ahead, check_not_past, date, found, parse, says,
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
    let clock = (now, CLOCK_LEEWAY);
    let date = |name: &str| says(claims, name).then(|| date(claims, name)).transpose();
    date("exp")?.map_or(Ok(()), |exp| check_not_past("exp", exp, clock))?;
    for name in ["iat", "nbf"] {
        date(name)?.map_or(Ok(()), |moment| check_not_ahead(name, moment, clock))?;
    }
    parts.check_signature(keys.keys(), algorithm)?;
    Ok(parts.claims)
}
