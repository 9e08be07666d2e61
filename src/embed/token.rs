//! Sigma's token: a compact JWS, HS256, with the embed client id as `kid` and the embed secret, as text, for a key.
//!
//! The HMAC is aws-lc-rs's, with a key that is prepared once; the header is written here, because that of JWT libraries has
//! `typ` before `alg` and the worked examples are compared byte for byte.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{limits::ID_TOKEN_BYTES_MAX, secret::Secret};

/// Of HMAC-SHA256.
const SIGNATURE_BYTES: usize = 32;

/// The header in the order in which common libraries write it, so that tokens compare byte for byte.
#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    typ: &'static str,
    kid: &'a str,
}

/// A token that somebody brought: taken apart, nothing of it checked. Its `Debug` shows nothing: it may still be good.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UnverifiedToken {
    /// The protected header.
    pub(crate) header: Map<String, Value>,
    /// The payload.
    pub(crate) claims: Map<String, Value>,
    signing_input: String,
    signature: Vec<u8>,
}

/// Why a text is not a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    /// Longer than any token.
    #[error("token is longer than {ID_TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// Not `header.payload.signature`.
    #[error("token: expected three parts joined by dots")]
    Parts,
    /// A part is not base64url without padding.
    #[error("token: its {0} is not base64url")]
    Base64(&'static str),
    /// A part is not a JSON object.
    #[error("token: its {0} is not a JSON object")]
    Json(&'static str),
}

/// The embed credential of an organization, prepared once to sign with. Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub(crate) struct SigningKey {
    /// The token's first part, with its dot: it says nothing but the client id.
    head: String,
    /// The HMAC's state behind the secret, not the secret; aws-lc-rs wipes it when it is dropped, and the copy that each signature
    /// takes.
    key: hmac::Key,
}

impl SigningKey {
    /// Prepares the credential. The secret's text is the key; it is never decoded (Sigma's samples).
    #[must_use]
    pub(crate) fn new(client_id: &str, secret: &Secret) -> Self {
        let header = Header { alg: "HS256", typ: "JWT", kid: client_id };
        let header = serde_json::to_string(&header).expect("three texts always become JSON");
        let mut head = URL_SAFE_NO_PAD.encode(header);
        head.push('.');
        Self { head, key: hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes()) }
    }

    /// Signs a JSON payload byte for byte as it is.
    pub(crate) fn sign_payload(&self, payload: &str) -> String {
        let mut token = String::with_capacity(self.head.len() + (payload.len() + SIGNATURE_BYTES) * 4 / 3 + 8);
        token.push_str(&self.head);
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signature = hmac::sign(&self.key, token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }
}

/// Takes a token apart, without looking at its signature.
///
/// # Errors
/// See [`TokenError`].
pub(crate) fn inspect(token: &str) -> Result<UnverifiedToken, TokenError> {
    if token.len() > ID_TOKEN_BYTES_MAX {
        return Err(TokenError::TooLong);
    }
    let (signing_input, signature) = token.rsplit_once('.').ok_or(TokenError::Parts)?;
    let (header, payload) = signing_input.split_once('.').ok_or(TokenError::Parts)?;
    if payload.contains('.') {
        return Err(TokenError::Parts);
    }
    Ok(UnverifiedToken {
        header: object(header, "header")?,
        claims: object(payload, "payload")?,
        signing_input: signing_input.to_owned(),
        signature: bytes(signature, "signature")?,
    })
}

impl UnverifiedToken {
    /// Whether the signature is HMAC-SHA256 under the secret of this credential, whatever the header says.
    #[must_use]
    pub(crate) fn is_signed_with(&self, key: &SigningKey) -> bool {
        hmac::verify(&key.key, self.signing_input.as_bytes(), &self.signature).is_ok()
    }
}

impl std::fmt::Debug for UnverifiedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnverifiedToken(redacted)")
    }
}

fn object(part: &str, name: &'static str) -> Result<Map<String, Value>, TokenError> {
    serde_json::from_slice(&bytes(part, name)?).map_err(|_| TokenError::Json(name))
}

fn bytes(part: &str, name: &'static str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Base64(name))
}
