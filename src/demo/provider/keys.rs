//! The provider's signing keys: ES256, new at every start.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jwt_compact::{
    Algorithm, AlgorithmSignature,
    alg::{Es256, Hs256, Hs256Key, SigningKey as _},
    jwk::JsonWebKey,
};
use serde_json::{Value, json};

use crate::seed::SeedStream;

/// The `kid` of the key in use.
const KID: &str = "demo-1";

type Es256Key = <Es256 as Algorithm>::SigningKey;

/// The key in use, and one that the JWKS never shows.
pub(super) struct SigningKeys {
    current: Es256Key,
    hidden: Es256Key,
}

impl SigningKeys {
    /// Two new keys.
    pub(super) fn draw(random: &mut SeedStream) -> Self {
        Self { current: draw_key(random), hidden: draw_key(random) }
    }

    /// The JSON Web Key Set.
    pub(super) fn key_set(&self) -> Value {
        let public = self.current.to_verifying_key();
        let mut key = serde_json::to_value(JsonWebKey::from(&public)).unwrap_or_default();
        if let Some(members) = key.as_object_mut() {
            members.insert("kid".to_owned(), Value::from(KID));
            members.insert("use".to_owned(), Value::from("sig"));
            members.insert("alg".to_owned(), Value::from("ES256"));
        }
        json!({ "keys": [key] })
    }

    /// A compact JWS by the key in use.
    pub(super) fn sign(&self, claims: &Value) -> String {
        sign_es256(&self.current, KID, claims)
    }

    /// A compact JWS by the key in use, under a `kid` that is nowhere.
    pub(super) fn sign_under_unknown_kid(&self, claims: &Value) -> String {
        sign_es256(&self.current, "nobody-knows", claims)
    }

    /// A compact JWS by the hidden key, under the `kid` of the key in use.
    pub(super) fn sign_by_other_key(&self, claims: &Value) -> String {
        sign_es256(&self.hidden, KID, claims)
    }

    /// A compact JWS whose MAC key is the public key's PEM.
    pub(super) fn sign_by_public_key(&self, claims: &Value) -> String {
        let key = Hs256Key::new(self.public_pem());
        let signed = signed_part(&json!({ "alg": "HS256", "typ": "JWT", "kid": KID }), claims);
        let mac = Hs256.sign(&key, signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.as_bytes()))
    }

    /// A token without a signature.
    pub(super) fn leave_unsigned(claims: &Value) -> String {
        signed_part(&json!({ "alg": "none", "typ": "JWT" }), claims) + "."
    }

    /// SubjectPublicKeyInfo (RFC 5480) as PEM.
    fn public_pem(&self) -> String {
        let public = self.current.to_verifying_key();
        let point = public.to_encoded_point(false);
        let der = [&P256_KEY_INFO_PREFIX, point.as_bytes()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }
}

fn draw_key(random: &mut SeedStream) -> Es256Key {
    // About one value in 2^32 is no P-256 scalar; then the next one is taken.
    loop {
        if let Ok(key) = <Es256Key as jwt_compact::alg::SigningKey<Es256>>::from_slice(&random.bytes::<32>()) {
            return key;
        }
    }
}

fn sign_es256(key: &Es256Key, kid: &str, claims: &Value) -> String {
    let signed = signed_part(&json!({ "alg": "ES256", "typ": "JWT", "kid": kid }), claims);
    let signature = Es256.sign(key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(AlgorithmSignature::as_bytes(&signature)))
}

fn signed_part(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Everything of a P-256 SubjectPublicKeyInfo before the uncompressed point.
const P256_KEY_INFO_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;
    use crate::seed::Seed;

    fn keys() -> SigningKeys {
        SigningKeys::draw(&mut Seed::new([1; 32]).into_stream())
    }

    /// Whether a token verifies with the published PEM, by a third implementation.
    fn verifies(keys: &SigningKeys, token: &str) -> bool {
        let pem = keys.public_pem();
        let der = STANDARD.decode(pem.lines().nth(1).unwrap()).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, der).verify(signed.as_bytes(), &signature).is_ok()
    }

    #[test]
    fn only_the_key_in_use_makes_tokens_that_verify() {
        let keys = keys();
        assert!(verifies(&keys, &keys.sign(&json!({}))));
        assert!(verifies(&keys, &keys.sign_under_unknown_kid(&json!({}))));
        assert!(!verifies(&keys, &keys.sign_by_other_key(&json!({}))));
    }

    #[test]
    fn the_confused_token_is_a_mac_with_the_public_pem() {
        let keys = keys();
        let token = keys.sign_by_public_key(&json!({}));
        let (signed, mac) = token.rsplit_once('.').unwrap();
        let expected = Hs256.sign(&Hs256Key::new(keys.public_pem()), signed.as_bytes());
        assert_eq!(mac, URL_SAFE_NO_PAD.encode(expected.as_bytes()));
    }
}
