//! The token's signature, header and payload, by `jwt-compact`: a JOSE implementation that the gateway does not use.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_compact::{
    Algorithm, AlgorithmSignature, UntrustedToken,
    alg::{Hs256, Hs256Key, Hs256Signature},
};
use serde_json::{Map, Value};

use super::{Refusal, SigmaOrganization};

/// The payload of a token that this organization's secret has signed.
pub(super) fn verified_payload(token: &str, organization: &SigmaOrganization) -> Result<Map<String, Value>, Refusal> {
    let parsed = UntrustedToken::new(token).map_err(|_| Refusal::TokenMalformed)?;
    if parsed.algorithm() != "HS256" {
        return Err(Refusal::Algorithm(parsed.algorithm().to_owned()));
    }
    match parsed.header().key_id.as_deref() {
        None => return Err(Refusal::KidMissing),
        Some(kid) if kid != organization.client_id => return Err(Refusal::KidUnknown),
        Some(_) => {}
    }
    // The secret is a text, not hex: its UTF-8 bytes are the key.
    let key = Hs256Key::new(organization.secret.expose().as_bytes());
    let (signed, _) = token.rsplit_once('.').ok_or(Refusal::TokenMalformed)?;
    let is_signed = Hs256Signature::try_from_slice(parsed.signature_bytes())
        .is_ok_and(|signature| Hs256.verify_signature(&signature, &key, signed.as_bytes()));
    if !is_signed {
        return Err(Refusal::Signature);
    }
    payload(signed)
}

fn payload(signed: &str) -> Result<Map<String, Value>, Refusal> {
    let (_, payload) = signed.split_once('.').ok_or(Refusal::TokenMalformed)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| Refusal::TokenMalformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::TokenMalformed)
}
