//! The ID token (OIDC Core 2), right or wrong in one way.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Fault, keys::SigningKeys};
use crate::{demo::Person, time::UnixSeconds};

/// What an ID token is about.
pub(super) struct IdTokenFacts<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: &'a str,
    pub(super) person: &'static Person,
    pub(super) now: UnixSeconds,
}

/// The signed ID token.
pub(super) fn id_token(facts: &IdTokenFacts<'_>, keys: &SigningKeys, fault: Option<Fault>) -> String {
    let mut claims = claims(facts);
    if let Some(fault) = fault {
        spoil(&mut claims, facts.now, fault);
    }
    match fault {
        Some(Fault::Hs256WithPublicKey) => keys.sign_by_public_key(&claims),
        Some(Fault::Unsigned) => SigningKeys::leave_unsigned(&claims),
        Some(Fault::OtherKeySameKid) => keys.sign_by_other_key(&claims),
        Some(Fault::UnknownKid) => keys.sign_under_unknown_kid(&claims),
        Some(_) | None => keys.sign(&claims),
    }
}

fn claims(facts: &IdTokenFacts<'_>) -> Value {
    let mut claims = facts.person.claims();
    let protocol = json!({
        "iss": facts.issuer,
        "aud": facts.client_id,
        "nonce": facts.nonce,
        "iat": facts.now.0,
        "auth_time": facts.now.0,
        "exp": facts.now.0 + ID_TOKEN_AGE_SECONDS,
        "at_hash": half_hash(facts.access_token),
    });
    claims.extend(protocol.as_object().cloned().unwrap_or_default());
    Value::Object(claims)
}

fn spoil(claims: &mut Value, now: UnixSeconds, fault: Fault) {
    let mut remove = |name: &str| drop(claims.as_object_mut().and_then(|members| members.remove(name)));
    match fault {
        Fault::MissingNonce => remove("nonce"),
        Fault::NoClaim(name) => remove(name),
        Fault::Claim(name, json) => claims[name] = serde_json::from_str(json).unwrap_or_default(),
        Fault::MissingIssuedAt => remove("iat"),
        Fault::GroupOverage => {
            remove("groups");
            claims["_claim_names"] = json!({ "groups": "src1" });
            claims["_claim_sources"] = json!({ "src1": { "endpoint": "https://directory.example.com/groups" } });
        }
        Fault::WrongIssuer => claims["iss"] = json!(format!("{}/", claims["iss"].as_str().unwrap_or_default())),
        Fault::WrongAudience => claims["aud"] = json!("another-client"),
        Fault::WrongNonce => claims["nonce"] = json!("another-nonce"),
        Fault::WrongAccessTokenHash => claims["at_hash"] = json!(half_hash("another-access-token")),
        Fault::EmailUnverified => claims["email_verified"] = json!(false),
        Fault::Expired => {
            claims["iat"] = json!(now.0.saturating_sub(2 * HOUR_SECONDS));
            claims["exp"] = json!(now.0.saturating_sub(HOUR_SECONDS));
        }
        Fault::IssuedInFuture => {
            claims["iat"] = json!(now.0 + HOUR_SECONDS);
            claims["exp"] = json!(now.0 + 2 * HOUR_SECONDS);
        }
        Fault::Hs256WithPublicKey
        | Fault::Unsigned
        | Fault::OtherKeySameKid
        | Fault::UnknownKid
        | Fault::WrongCallbackIssuer
        | Fault::MissingCallbackIssuer
        | Fault::WrongDiscoveryIssuer
        | Fault::Down
        | Fault::Slow(_) => {}
    }
}

/// `at_hash`: the left half of the SHA-256 (OIDC Core 3.1.3.6).
fn half_hash(token: &str) -> String {
    let hash = digest(&SHA256, token.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
}

const ID_TOKEN_AGE_SECONDS: u64 = 300;
const HOUR_SECONDS: u64 = 3600;
