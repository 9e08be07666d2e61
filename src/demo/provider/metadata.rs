//! The discovery document (OIDC Discovery 3; RFC 8414, RFC 9207, RP-Initiated Logout 2.1).

use serde_json::{Value, json};

use super::Fault;

/// The provider's metadata.
pub(super) fn metadata(issuer: &str, fault: Option<Fault>) -> Value {
    let named = match fault {
        Some(Fault::WrongDiscoveryIssuer) => format!("{issuer}/other"),
        Some(_) | None => issuer.to_owned(),
    };
    json!({
        "issuer": named,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/logout"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "email", "profile", "groups"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "email", "email_verified", "name",
            "given_name", "family_name", "preferred_username", "groups", "region",
        ],
        "authorization_response_iss_parameter_supported": true,
    })
}
