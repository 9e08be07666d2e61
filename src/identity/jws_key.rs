//! A key of the gateway's own, for `private_key_jwt` and for assertions to host applications: what it signs, and what others are told
//! of it.

use std::sync::Arc;

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RsaKeyPair, RsaPublicKeyComponents},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::{Value, json};

use crate::secret::Secret;

/// A private key, ready to sign. Its `Debug` shows the name alone.
#[derive(Clone)]
pub(crate) struct JwsKey {
    /// RFC 7638.
    thumbprint: String,
    algorithm: SigningAlgorithm,
    /// The header of what it signs, encoded (RFC 7515 7.1).
    header: String,
    /// What anybody may know of it: the members that the thumbprint is of.
    public: Value,
    key: Arc<EncodingKey>,
}

/// What a key signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl SigningAlgorithm {
    const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    const fn for_signer(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Rs256 => Algorithm::RS256,
        }
    }
}

/// What is wrong with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JwsKeyError {
    /// Not PEM, encrypted, a certificate.
    #[error("no unencrypted PKCS #8 private key in PEM form")]
    NoKey,
    /// Another kind, or too small.
    #[error("neither an EC key on P-256 nor an RSA key of 2048 bits or more")]
    Unsupported,
}

impl JwsKey {
    /// Takes a PKCS #8 key in PEM form: EC on P-256 signs ES256, RSA signs RS256.
    ///
    /// # Errors
    /// See [`JwsKeyError`].
    pub(crate) fn parse(pem: &str) -> Result<Self, JwsKeyError> {
        match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
            Ok(PrivateKeyDer::Pkcs8(der)) => {
                let der = der.secret_pkcs8_der();
                Self::ec(der).or_else(|| Self::rsa(pkcs1_of(der)?)).ok_or(JwsKeyError::Unsupported)
            }
            Ok(PrivateKeyDer::Pkcs1(der)) => Self::rsa(der.secret_pkcs1_der()).ok_or(JwsKeyError::Unsupported),
            Ok(_) | Err(_) => Err(JwsKeyError::NoKey),
        }
    }

    fn ec(pkcs8: &[u8]) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?;
        // SEC 1 2.3.3: 0x04, then both coordinates.
        let (x, y) = pair.public_key().as_ref().get(1..)?.split_at_checked(32)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        Self::new(SigningAlgorithm::Es256, &canonical, EncodingKey::from_ec_der(pkcs8))
    }

    fn rsa(pkcs1: &[u8]) -> Option<Self> {
        let pair = RsaKeyPair::from_der(pkcs1).ok()?;
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        let (e, n) = (URL_SAFE_NO_PAD.encode(public.e), URL_SAFE_NO_PAD.encode(public.n));
        let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
        Self::new(SigningAlgorithm::Rs256, &canonical, EncodingKey::from_rsa_der(pkcs1))
    }

    /// `canonical`: the JWK as RFC 7638 3 writes it.
    fn new(algorithm: SigningAlgorithm, canonical: &str, key: EncodingKey) -> Option<Self> {
        // A key that does not sign is found out here, not at somebody's sign-in.
        crypto::sign(b"", &key, algorithm.for_signer()).ok()?;
        let thumbprint = thumbprint(canonical);
        let header = json!({ "alg": algorithm.name(), "kid": thumbprint, "typ": "JWT" });
        Some(Self {
            header: URL_SAFE_NO_PAD.encode(header.to_string()),
            thumbprint,
            algorithm,
            public: serde_json::from_str(canonical).ok()?,
            key: Arc::new(key),
        })
    }

    /// A JWT with these claims, in the compact form. A token that a provider or an application reads is of `typ` JWT: of libraries that
    /// hold it against something at all, all take that.
    #[must_use]
    pub(crate) fn sign(&self, claims: &Value) -> Secret {
        let signed = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = crypto::sign(signed.as_bytes(), &self.key, self.algorithm.for_signer())
            .expect("the key has signed before, when it was parsed");
        Secret::new(format!("{signed}.{signature}"))
    }

    /// What it signs with.
    #[must_use]
    pub(crate) const fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// Its name, which follows from the key (RFC 7638).
    #[must_use]
    pub(crate) fn kid(&self) -> &str {
        &self.thumbprint
    }

    /// What others are told of it.
    #[must_use]
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = self.public.clone();
        jwk["kid"] = self.thumbprint.as_str().into();
        jwk["use"] = "sig".into();
        jwk["alg"] = self.algorithm.name().into();
        jwk
    }
}

impl std::fmt::Debug for JwsKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JwsKey").field("kid", &self.thumbprint).finish_non_exhaustive()
    }
}

fn thumbprint(canonical: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

/// The RSA key within a PKCS #8 key (RFC 5208 5): version, algorithm, then the key in an octet string.
fn pkcs1_of(pkcs8: &[u8]) -> Option<&[u8]> {
    let (info, _) = element(pkcs8, 0x30)?;
    let (_, rest) = element(info, 0x02)?;
    let (_, rest) = element(rest, 0x30)?;
    element(rest, 0x04).map(|(key, _)| key)
}

/// A DER element of this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let rest = der.strip_prefix(&[tag])?;
    let (&first, rest) = rest.split_first()?;
    let count = usize::from(first.saturating_sub(0x80));
    if count > 2 {
        return None;
    }
    let (more, rest) = rest.split_at_checked(count)?;
    let length = more.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    rest.split_at_checked(if count == 0 { usize::from(first & 0x7f) } else { length })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING;

    use super::*;
    use crate::identity::testing::{client_key_pem, parts_of, pem_of, rsa_key_pem};

    #[test]
    fn what_is_signed_names_its_key_and_is_read_by_what_others_are_told() {
        for (pem, alg) in [(client_key_pem(), "ES256"), (rsa_key_pem(), "RS256")] {
            let key = JwsKey::parse(pem).unwrap();
            let token = key.sign(&json!({ "sub": "7" }));
            let (header, claims) = parts_of(token.expose());
            assert_eq!(header, json!({ "alg": alg, "kid": key.kid(), "typ": "JWT" }));
            assert_eq!(claims, json!({ "sub": "7" }));
            let (signed, signature) = token.expose().rsplit_once('.').unwrap();
            let jwk = serde_json::from_value(key.jwk()).unwrap();
            let public = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
            assert!(crypto::verify(signature, signed.as_bytes(), &public, key.algorithm.for_signer()).unwrap());
        }
    }

    #[test]
    fn what_is_told_of_a_key_is_its_public_half_under_its_thumbprint() {
        let (ec, rsa) = (JwsKey::parse(client_key_pem()).unwrap(), JwsKey::parse(rsa_key_pem()).unwrap());
        let names = |key: &JwsKey| key.jwk().as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&ec), ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        assert_eq!(names(&rsa), ["alg", "e", "kid", "kty", "n", "use"]);
        assert_eq!((ec.jwk()["kid"].as_str(), rsa.jwk()["alg"].as_str()), (Some(&*ec.thumbprint), Some("RS256")));
    }

    #[test]
    fn a_thumbprint_is_that_of_rfc_7638() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi\
            FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d\
            0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-cs\
            FCur-kEgU8awapJzKnqDKgw";
        let canonical = format!(r#"{{"e":"AQAB","kty":"RSA","n":"{n}"}}"#);
        assert_eq!(thumbprint(&canonical), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn only_keys_that_sign_what_providers_take_are_keys() {
        let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        let p384 = pem_of(p384.to_pkcs8v1().unwrap().as_ref());
        for (text, error) in [
            ("", JwsKeyError::NoKey),
            ("hunter2", JwsKeyError::NoKey),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", JwsKeyError::Unsupported),
            (p384.as_str(), JwsKeyError::Unsupported),
        ] {
            assert_eq!(JwsKey::parse(text).map(drop), Err(error), "{text}");
        }
    }

    #[test]
    fn an_element_that_is_cut_is_none() {
        assert_eq!(element(&[0x30, 2, 1, 2, 3], 0x30), Some((&[1, 2][..], &[3][..])));
        assert_eq!(element(&[0x30, 0x81, 1, 9], 0x30), Some((&[9][..], &[][..])));
        for cut in [&[][..], &[0x30], &[0x30, 2, 1], &[0x30, 0x82, 1], &[0x30, 0x83, 0, 0, 1, 1], &[2, 0]] {
            assert_eq!(element(cut, 0x30), None, "{cut:?}");
        }
    }
}
