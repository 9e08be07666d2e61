//! A public key in PEM form (RFC 7468 13), as a JWK: so one reader judges keys of either form.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::pki_types::{SubjectPublicKeyInfoDer, pem::PemObject};
use serde_json::{Value, json};

/// The JWK of the one key in a PEM document; `None` where it holds none, several, or one of another kind.
pub(super) fn pem_jwk(pem: &[u8], kid: &str) -> Option<Value> {
    let mut keys = SubjectPublicKeyInfoDer::pem_slice_iter(pem);
    let (Some(Ok(key)), None) = (keys.next(), keys.next()) else { return None };
    let (curve, point) = KINDS.iter().find_map(|(curve, length, head)| {
        // RFC 5480 2, SEC 1 2.3.3: an uncompressed point on a named curve, and nothing behind it.
        let point = key.as_ref().strip_prefix(*head)?;
        (point.len() == 2 * length).then_some((*curve, point))
    })?;
    let (x, y) = point.split_at(point.len() / 2);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    Some(json!({ "kty": "EC", "crv": curve, "x": x, "y": y, "kid": kid }))
}

/// The curve, the length of a coordinate, and what its DER begins with: the sequence, the algorithm, the curve, a bit string, 4.
const KINDS: [(&str, usize, &[u8]); 2] = [
    (
        "P-256",
        32,
        &[
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
        ],
    ),
    (
        "P-384",
        48,
        &[
            0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
            0x00, 0x22, 0x03, 0x62, 0x00, 0x04,
        ],
    ),
];

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        encoding::{AsDer, PublicKeyX509Der},
        rsa::KeySize,
        signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RsaKeyPair,
        },
    };
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::identity::{DocumentError, KeySet};

    fn pem(der: &[u8]) -> String {
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    fn spki<'a>(key: &impl AsDer<PublicKeyX509Der<'a>>) -> Vec<u8> {
        key.as_der().unwrap().as_ref().to_vec()
    }

    fn ec(algorithm: &'static aws_lc_rs::signature::EcdsaSigningAlgorithm) -> Vec<u8> {
        spki(EcdsaKeyPair::generate(algorithm).unwrap().public_key())
    }

    fn set(pem: &str) -> Result<Vec<Option<String>>, DocumentError> {
        let set = KeySet::parse_pem(pem.as_bytes(), "kid-1")?;
        Ok(set.keys().iter().map(|key| key.kid().map(str::to_owned)).collect())
    }

    #[test]
    fn a_key_on_either_curve_is_one_of_the_name_that_was_asked_for() {
        for algorithm in [&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P384_SHA384_FIXED_SIGNING] {
            let pem = pem(&ec(algorithm));
            let once = Ok(vec![Some("kid-1".to_owned())]);
            assert_eq!((set(&pem), set(&format!("\n{pem}\n"))), (once.clone(), once));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let key = ec(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let rsa = spki(RsaKeyPair::generate(KeySize::Rsa2048).unwrap().public_key());
        let changed = |at: usize, byte: u8| {
            let mut key = key.clone();
            key[at] ^= byte;
            pem(&key)
        };
        let longer = [&key[..], &[0]].concat();
        for (what, text) in [
            ("nothing", String::new()),
            ("a page", "<html>".to_owned()),
            ("two keys", format!("{}{}", pem(&key), pem(&key))),
            ("rsa", pem(&rsa)),
            ("off the curve", changed(40, 1)),
            ("another curve", changed(22, 1)),
            ("compressed", changed(26, 6)),
            ("shorter", pem(&key[..90])),
            ("longer", pem(&longer)),
            ("a private key", pem(&key).replace("PUBLIC", "PRIVATE")),
            ("cut", pem(&key).replace("-----END", "")),
        ] {
            assert_eq!(set(&text), Err(DocumentError::Pem), "{what}");
        }
    }
}
