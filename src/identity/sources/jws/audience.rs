//! Whom a JWT is for (OIDC Core 3.1.3.7, steps 3 to 5), as far as more than one kind of token asks.

use serde_json::Value;

use crate::identity::Claims;

/// The claim that is of somebody else, if one is. Our client, as a text or in an array of nothing but it and what the operator lets stand
/// beside it; `azp`, where present, is ours too, and it is present where something stands beside us.
pub(in crate::identity::sources) fn foreign_audience(
    claims: &Claims,
    client_id: &str,
    audiences: &[String],
) -> Option<&'static str> {
    let is_ours = |value: &Value| value.as_str() == Some(client_id);
    let is_named = |value: &Value| audiences.iter().any(|audience| value == audience);
    let (is_for_us, is_alone) = match claims.0.get("aud") {
        Some(Value::Array(list)) => {
            let are_known = list.iter().all(|value| is_ours(value) || is_named(value));
            (are_known && list.iter().any(is_ours), list.iter().all(is_ours))
        }
        Some(value) => (is_ours(value), true),
        None => (false, true),
    };
    if !is_for_us {
        return Some("aud");
    }
    let azp = claims.0.get("azp").filter(|azp| !azp.is_null());
    if azp.map_or(is_alone, is_ours) { None } else { Some("azp") }
}
