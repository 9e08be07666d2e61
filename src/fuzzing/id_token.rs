//! An ID token and the keys of its provider: what nobody signed is not taken, and what is taken says all that it must.

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    callback_query::{metadata, pending, sent},
    fixture::{NOW, first_line, provider},
};
use crate::{
    identity::{
        CallbackParameters, CodeExchange, IdTokenError, KeySet, Projection, ProviderMetadata, Tokens, VerifiedToken,
    },
    secret::Secret,
    time::UnixSeconds,
};

/// A key that signs: the only one that ever makes a good token here.
static KEY: LazyLock<(Ed25519KeyPair, KeySet)> = LazyLock::new(|| {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed has 32 bytes");
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "ours", "x": x}]});
    let keys = KeySet::parse(keys.to_string().as_bytes()).0.expect("the set has a sound key");
    (pair, keys)
});

static NONCE: LazyLock<String> = LazyLock::new(|| sent("nonce"));

/// Lines: the token's header and claims as JSON, its signature as base64url (or the whole token, and two lines that are not
/// used); then the provider's key set. `NONCE` stands for the nonce of the login that waits.
pub fn id_token(data: &[u8]) {
    let (header, rest) = first_line(data);
    let (claims, rest) = first_line(rest);
    let (signature, document) = first_line(rest);
    let _ = ProviderMetadata::parse(document, provider());

    let claims = String::from_utf8_lossy(claims).replace("NONCE", &NONCE);
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(&claims));
    if let (Ok(keys), _) = KeySet::parse(document) {
        let token = match header.first() {
            Some(b'{') => format!("{signed}.{}", String::from_utf8_lossy(signature)),
            Some(_) | None => String::from_utf8_lossy(header).into_owned(),
        };
        assert!(verified(token, &keys).is_err(), "a token is taken that nobody signed");
    }

    let (pair, keys) = &*KEY;
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(pair.sign(signed.as_bytes())));
    if let Ok(verified) = verified(token, keys) {
        check_claims(&claims);
        let _ = exchange().finish(&verified, None, provider(), &Projection::default());
    }
}

fn exchange() -> CodeExchange {
    let query = format!("state={}&code=c", sent("state"));
    let parameters = CallbackParameters::parse(&query).expect("the query has a state");
    pending().receive(parameters, provider(), metadata(), NOW).expect("the callback is that of the login")
}

fn verified(id_token: String, keys: &KeySet) -> Result<VerifiedToken, IdTokenError> {
    static EXCHANGE: LazyLock<CodeExchange> = LazyLock::new(exchange);
    let access_token = Some(Secret::new("access".to_owned()));
    let tokens = Tokens { id_token, access_token, other_type: None };
    EXCHANGE.verify(&tokens, provider(), (metadata(), keys), NOW)
}

/// What a token must say (OIDC Core 3.1.3.7), read by another parser.
fn check_claims(text: &str) {
    let claims: Value = serde_json::from_str(text).expect("the claims of a good token are JSON");
    assert_eq!(claims["iss"], json!(provider().issuer));
    assert_eq!(claims["nonce"], json!(*NONCE));
    let is_ours = |value: &Value| *value == json!(provider().client_id);
    let audience = claims["aud"].as_array().map_or_else(|| vec![claims["aud"].clone()], Clone::clone);
    assert!(!audience.is_empty() && audience.iter().all(is_ours));
    assert!(claims.get("azp").is_none_or(is_ours));
    #[allow(clippy::cast_precision_loss, reason = "times of this calendar are exact")]
    let seconds = |time: UnixSeconds| time.0 as f64;
    let earliest = seconds(NOW) - 120.0;
    assert!(claims["exp"].as_f64().is_some_and(|exp| exp > earliest));
    assert!(claims["iat"].as_f64().is_some_and(|iat| iat < seconds(NOW) + 121.0 && iat > earliest - 600.0));
}
