//! Sealing: AES-256-GCM-SIV over a versioned payload, bound to purpose and site. First key seals, all keys open.
//!
//! GCM-SIV keeps its promises when a nonce comes twice (RFC 8452): replicas may draw nonces without asking each other.

use std::sync::Arc;

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use zeroize::Zeroizing;

use crate::{limits::COOKIE_BYTES_MAX, secret::Secret};

/// What a sealed text is for; one kind never opens as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The session cookie.
    Session,
    /// A login attempt.
    LoginAttempt,
    /// The counter of login rounds.
    LoginRounds,
    /// Where a link to sign in leads.
    ReturnTo,
    /// A provider's answer that came by form.
    PostedAnswer,
    /// A silent round about a session.
    Recheck,
    /// A silent round of a sign-out.
    SignOut,
    /// When somebody was seen last.
    LastSeen,
}

/// A sealing key.
#[derive(Clone)]
pub(crate) struct SealKey {
    id: [u8; KEY_ID_BYTES],
    key: Arc<LessSafeKey>,
}

/// The keys in force; at least one.
#[derive(Debug, Clone)]
pub(crate) struct SealKeys {
    sealing: SealKey,
    opening: Vec<SealKey>,
}

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealKeyError {
    /// Not 32 bytes in base64 or hex, as `init` writes them.
    #[error(
        "session key: expected 32 random bytes in base64 (44 characters) or hex (64), as `sigma-gateway init` makes them"
    )]
    Format,
    /// All bytes alike, or another key that cannot be random.
    #[error("session key is not random")]
    Weak,
}

/// A sealed text that does not open; there is one answer for every cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed text does not open")]
pub(crate) struct SealError;

impl SealKey {
    /// Parses a session key as `init` writes it.
    ///
    /// # Errors
    /// See [`SealKeyError`].
    pub(crate) fn parse(text: &Secret) -> Result<Self, SealKeyError> {
        let bytes = decode_key(text.expose()).ok_or(SealKeyError::Format)?;
        if is_weak(&bytes) {
            return Err(SealKeyError::Weak);
        }
        let derived = Salt::new(HKDF_SHA256, b"sigma-gateway cookies").extract(bytes.as_slice());
        Ok(Self { id: derive_id(&derived), key: Arc::new(LessSafeKey::new(derive_key(&derived))) })
    }
}

impl SealKeys {
    /// The keys in configuration order; `None` for an empty list.
    #[must_use]
    pub(crate) fn new(keys: Vec<SealKey>) -> Option<Self> {
        let sealing = keys.first()?.clone();
        Some(Self { sealing, opening: keys })
    }

    /// Seals a text for one purpose on one site (its host name), with the first key.
    #[must_use]
    pub(crate) fn seal(&self, purpose: Purpose, site: &str, plaintext: &[u8], nonce: [u8; NONCE_BYTES]) -> String {
        let mut sealed = Vec::with_capacity(HEAD_BYTES + plaintext.len() + TAG_BYTES);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.sealing.id);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        let body = &mut sealed[HEAD_BYTES..];
        let tag = self
            .sealing
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), bound_to(purpose, site), body)
            .expect("AES-GCM-SIV takes any text below 2^36 bytes");
        sealed.extend_from_slice(tag.as_ref());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Opens what was sealed for the same purpose and site with any of the keys.
    ///
    /// # Errors
    /// [`SealError`] for everything else: the caller learns no cause.
    pub(crate) fn open(&self, purpose: Purpose, site: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        if text.len() > COOKIE_BYTES_MAX {
            return Err(SealError);
        }
        let mut sealed = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError)?);
        if sealed.len() < HEAD_BYTES + TAG_BYTES || sealed[0] != VERSION {
            return Err(SealError);
        }
        let (id, nonce) = sealed[1..HEAD_BYTES].split_at(KEY_ID_BYTES);
        let key = self.opening.iter().find(|key| key.id == id).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        // Opens to the front of the same memory.
        let opened = key.key.open_within(nonce, bound_to(purpose, site), &mut sealed, HEAD_BYTES..);
        let plaintext_bytes = opened.map_err(|_| SealError)?.len();
        sealed.truncate(plaintext_bytes);
        Ok(sealed)
    }
}

impl Purpose {
    const fn byte(self) -> u8 {
        match self {
            Self::Session => 1,
            Self::LoginAttempt => 2,
            Self::LoginRounds => 3,
            Self::ReturnTo => 4,
            Self::PostedAnswer => 5,
            Self::Recheck => 6,
            Self::SignOut => 7,
            Self::LastSeen => 8,
        }
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(redacted)")
    }
}

const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// Version and purpose have a fixed width and the site comes last: no two bindings are the same bytes.
fn bound_to(purpose: Purpose, site: &str) -> Aad<Vec<u8>> {
    Aad::from([&[VERSION, purpose.byte()], site.as_bytes()].concat())
}

fn decode_key(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(match text.len() {
        44 => STANDARD.decode(text).ok()?,
        64 => decode_hex(text)?,
        _ => return None,
    });
    <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Zeroizing::new)
}

fn decode_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    digits?.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

/// Patterns that 32 random bytes show less than once in 10^13: few values, even steps, readable text.
fn is_weak(bytes: &[u8; 32]) -> bool {
    let mut values = bytes.to_vec();
    values.sort_unstable();
    values.dedup();
    let has_even_steps = bytes.windows(3).all(|w| w[1].wrapping_sub(w[0]) == w[2].wrapping_sub(w[1]));
    let is_readable = bytes.iter().all(|byte| (0x20..0x7f).contains(byte));
    let weak = values.len() < 8 || has_even_steps || is_readable;
    zeroize::Zeroize::zeroize(&mut values);
    weak
}

fn derive_key(derived: &Prk) -> UnboundKey {
    let info: [&[u8]; 1] = [b"seal"];
    UnboundKey::from(derived.expand(&info, &AES_256_GCM_SIV).expect("HKDF-SHA256 gives up to 8160 bytes"))
}

/// The id is in every cookie: derived, so that it tells nothing about the key.
fn derive_id(derived: &Prk) -> [u8; KEY_ID_BYTES] {
    struct IdLength;
    impl KeyType for IdLength {
        fn len(&self) -> usize {
            KEY_ID_BYTES
        }
    }
    let mut id = [0; KEY_ID_BYTES];
    let info: [&[u8]; 1] = [b"id"];
    derived
        .expand(&info, IdLength)
        .and_then(|bytes| bytes.fill(&mut id))
        .expect("HKDF-SHA256 gives up to 8160 bytes, and the length is that of the array");
    id
}

#[cfg(test)]
mod tests;
