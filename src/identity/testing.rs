//! For tests: a provider's settings, its keys, and tokens signed without the library that verifies them.

use std::{sync::LazyLock, time::Duration};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
        RsaEncoding, RsaKeyPair,
    },
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{
    AnswerMode, AssertionSettings, ClaimPath, ClientCredentials, EmailDomain, EmailVerification, KeySet,
    NamedEndpoints, OidcSettings, Outsiders, Preset, Projection, ProviderMetadata, ProviderName, SealKey, SealKeys,
    SessionRules, SignOutForm, SourceSettings, UserInfoUse, WantedClaims,
};
use crate::{secret::Secret, time::UnixSeconds};

pub(crate) const NOW: UnixSeconds = UnixSeconds(1_700_000_000);
pub(crate) const ISSUER: &str = "https://login.example.com";
pub(crate) const SITE: &str = "crm.example.com";

/// The modulus of an RSA key whose two primes have the form of CVE-2017-15361.
pub(crate) const ROCA: &str = "wNcXZEhv4UjeO9denkyhdM8qKh_jeHz7de3Z7QxRyvFcAxD9z4ZNE5leNv1NiNgw2-pCD5hS55HBJI9fHyI1NaSV5BxjfbY9todc\
    S_jIoGT3pRHrqR1bOsZrJjSleMNlb7SIb1iMX3bGplhKqVwPzdqzGlXkk1tapP-W9NszpVpd-AibzY-c_QLwhVouDLy07uKV8-Ur\
    nDgwELTyIWKLCLQebEjsFxz_QWd10MKrh5GOuIoCvEi_i_8ATPXwKGmbEBXsAnOiGgQLGAEtybTqrrSeI68VjuGIpcwhF9jSKpTa\
    J_0FsIDh-m2pmA5KmOT94QICt6rOBn7GuWUFLg7m8w";

/// A signing key of a provider.
pub(crate) enum TestKey {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

pub(crate) fn settings(issuer: &str) -> OidcSettings {
    OidcSettings {
        source: SourceSettings {
            name: ProviderName::parse("corp").unwrap(),
            label: "corp".to_owned(),
            email_domains: vec![EmailDomain::parse("example.com").unwrap()],
            email: ClaimPath::parse("/email").unwrap(),
            email_verified: EmailVerification::Required,
            outsiders: Outsiders::NoEmbed,
        },
        issuer: issuer.to_owned(),
        client_id: "gateway".to_owned(),
        audiences: Vec::new(),
        credentials: ClientCredentials { secret: Some(Secret::new("a secret: 1+1".to_owned())), ..Default::default() },
        scopes: ["openid", "email"].map(str::to_owned).to_vec(),
        sign_out: SignOutForm::RpInitiated { url: None, method: None },
        authorization: Vec::new(),
        response_mode: AnswerMode::Query,
        endpoints: NamedEndpoints::default(),
        userinfo: UserInfoUse::WhenNeeded,
        wanted: WantedClaims::default(),
        roots: None,
        proxy: None,
    }
}

/// The rules of sessions of that provider's people, who signed in with [`ISSUER`].
pub(crate) fn session_rules(projection: Projection) -> SessionRules {
    let oidc = settings(ISSUER);
    SessionRules {
        keys: seal_keys(),
        max_age: Duration::from_secs(3600),
        recheck: None,
        idle: None,
        not_before: None,
        revocations: Vec::new(),
        providers: vec![oidc.known()],
        projections: [(oidc.source.name, projection)].into(),
    }
}

pub(crate) use super::sources::AssertionDraft;

/// A source that reads assertions.
pub(crate) fn of_assertions() -> AssertionSettings {
    super::sources::assertion_settings_of(Preset::Custom)
}

/// The text of a PKCS #8 key on P-256, made once.
pub(crate) fn client_key_pem() -> &'static str {
    static PEM: LazyLock<String> = LazyLock::new(|| {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        pem_of(key.to_pkcs8v1().unwrap().as_ref())
    });
    &PEM
}

/// The same of an RSA key.
pub(crate) fn rsa_key_pem() -> &'static str {
    static PEM: LazyLock<String> = LazyLock::new(|| {
        let der: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
        pem_of(der.as_ref())
    });
    &PEM
}

pub(crate) fn pem_of(pkcs8: &[u8]) -> String {
    let base64 = STANDARD.encode(pkcs8);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

/// Header and claims of a JWT.
pub(crate) fn parts_of(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut part = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (part(), part())
}

pub(crate) fn document(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
    })
}

pub(crate) fn metadata() -> ProviderMetadata {
    ProviderMetadata::parse(document(ISSUER).to_string().as_bytes(), &settings(ISSUER)).unwrap()
}

pub(crate) fn seal_keys() -> SealKeys {
    let hex: String = (0..32u8).map(|i| format!("{:02x}", i.wrapping_mul(i) ^ 0x5a)).collect();
    SealKeys::new(vec![SealKey::parse(&Secret::new(hex)).unwrap()]).unwrap()
}

/// The claims of a good token, issued now.
pub(crate) fn claims(nonce: &str) -> Value {
    json!({
        "iss": ISSUER, "aud": "gateway", "sub": "7", "nonce": nonce, "iat": NOW.0, "exp": NOW.0 + 300,
        "email": "ann@example.com", "email_verified": true, "groups": ["finance"],
    })
}

impl TestKey {
    /// An Ed25519 key; the same seed gives the same key.
    pub(crate) fn ed25519(seed: u8) -> Self {
        Self::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    pub(crate) fn p256() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn p384() -> Self {
        Self::P384(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap())
    }

    pub(crate) fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "EdDSA",
            Self::P256(_) => "ES256",
            Self::P384(_) => "ES384",
            Self::Rsa(_) => "RS256",
        }
    }

    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Ed25519(key) => {
                json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": text(key.public_key().as_ref())})
            }
            Self::P256(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": text(x), "y": text(y)})
            }
            Self::P384(key) => {
                let (x, y) = key.public_key().as_ref()[1..].split_at(48);
                json!({"kty": "EC", "crv": "P-384", "kid": kid, "x": text(x), "y": text(y)})
            }
            Self::Rsa(key) => {
                let n = key.public_key().modulus().big_endian_without_leading_zero().to_vec();
                json!({"kty": "RSA", "use": "sig", "kid": kid, "n": text(&n), "e": "AQAB"})
            }
        }
    }

    /// A token with exactly this header and these claims.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_texts(&header.to_string(), &claims.to_string())
    }

    pub(crate) fn sign_texts(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.signature(signed.as_bytes(), header);
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A good token of key `kid`.
    pub(crate) fn token(&self, kid: &str, claims: &Value) -> String {
        self.sign(&json!({"alg": self.algorithm(), "kid": kid, "typ": "JWT"}), claims)
    }

    pub(crate) fn signature(&self, message: &[u8], header: &str) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Self::P256(key) | Self::P384(key) => key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Rsa(key) => {
                let encodings: [(&str, &'static dyn RsaEncoding); 6] = [
                    ("RS256", &RSA_PKCS1_SHA256),
                    ("RS384", &RSA_PKCS1_SHA384),
                    ("RS512", &RSA_PKCS1_SHA512),
                    ("PS256", &RSA_PSS_SHA256),
                    ("PS384", &RSA_PSS_SHA384),
                    ("PS512", &RSA_PSS_SHA512),
                ];
                let named = encodings.into_iter().find(|(name, _)| header.contains(name));
                let (_, encoding) = named.unwrap_or(encodings[0]);
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(encoding, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
        }
    }
}

pub(crate) fn jwks(keys: &[Value]) -> Value {
    json!({ "keys": keys })
}

pub(crate) fn key_set(keys: &[Value]) -> KeySet {
    KeySet::parse(jwks(keys).to_string().as_bytes()).0.unwrap()
}
