//! A provider's public key, prepared once when its key set arrives.

use jsonwebtoken::{DecodingKey, crypto};

use super::algorithms::SignatureAlgorithm;

/// A sound public key for signatures. jsonwebtoken holds the key as the bytes that aws-lc-rs takes.
#[derive(Debug, Clone)]
pub(in crate::identity::sources) struct PublicKey {
    kid: Option<String>,
    kind: KeyKind,
    /// The only algorithm that the set lets it be used with, where it says one.
    algorithm: Option<SignatureAlgorithm>,
    key: DecodingKey,
}

/// What a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity::sources) enum KeyKind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

impl PublicKey {
    pub(in crate::identity::sources) const fn new(
        kid: Option<String>,
        kind: KeyKind,
        algorithm: Option<SignatureAlgorithm>,
        key: DecodingKey,
    ) -> Self {
        Self { kid, kind, algorithm, key }
    }

    pub(in crate::identity::sources) fn is_called(&self, kid: &str) -> bool {
        self.kid.as_deref() == Some(kid)
    }

    /// What the set calls it.
    pub(in crate::identity::sources) fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What it is for: the one algorithm that the set keeps it for, or the kind of key that it is.
    pub(in crate::identity::sources) const fn purpose(&self) -> &'static str {
        match (self.algorithm, self.kind) {
            (Some(algorithm), _) => algorithm.name(),
            (None, KeyKind::Rsa) => "RSA",
            (None, KeyKind::P256) => "ES256",
            (None, KeyKind::P384) => "ES384",
            (None, KeyKind::Ed25519) => "EdDSA",
        }
    }

    /// Whether the key is of the kind that an algorithm takes, and not kept for another algorithm.
    pub(in crate::identity::sources) fn fits(&self, algorithm: SignatureAlgorithm) -> bool {
        self.algorithm.is_none_or(|only| only == algorithm) && self.kind == kind_for(algorithm)
    }

    /// Whether `signature` (base64url) is that of `message`: the one place where a token's signature is judged.
    pub(in crate::identity::sources) fn verifies(
        &self,
        algorithm: SignatureAlgorithm,
        message: &str,
        signature: &str,
    ) -> bool {
        self.fits(algorithm)
            && crypto::verify(signature, message.as_bytes(), &self.key, algorithm.for_verifier()).unwrap_or(false)
    }
}

/// The kind of key that an algorithm takes.
const fn kind_for(algorithm: SignatureAlgorithm) -> KeyKind {
    match algorithm {
        SignatureAlgorithm::Rs256
        | SignatureAlgorithm::Rs384
        | SignatureAlgorithm::Rs512
        | SignatureAlgorithm::Ps256
        | SignatureAlgorithm::Ps384
        | SignatureAlgorithm::Ps512 => KeyKind::Rsa,
        SignatureAlgorithm::Es256 => KeyKind::P256,
        SignatureAlgorithm::Es384 => KeyKind::P384,
        SignatureAlgorithm::EdDsa => KeyKind::Ed25519,
    }
}
