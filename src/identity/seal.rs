//! Sealing: AES-256-GCM-SIV over a versioned payload, bound to purpose and site. First key seals, all keys open.

use crate::secret::Secret;

/// What a sealed text is for; one kind never opens as another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The session cookie.
    Session,
    /// A login attempt.
    LoginAttempt,
    /// The counter of login rounds.
    LoginRounds,
}

/// A sealing key.
#[derive(Clone)]
pub struct SealKey {
    id: [u8; 4],
    bytes: zeroize::Zeroizing<[u8; 32]>,
}

/// The keys in force; at least one.
#[derive(Debug, Clone)]
pub struct SealKeys(Vec<SealKey>);

/// What is wrong with a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealKeyError {
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
pub struct SealError;

impl SealKey {
    /// Parses a session key as `init` writes it.
    ///
    /// # Errors
    /// See [`SealKeyError`].
    pub fn parse(_text: &Secret) -> Result<Self, SealKeyError> {
        todo!()
    }
}

impl SealKeys {
    /// The keys in configuration order; `None` for an empty list.
    #[must_use]
    pub fn new(_keys: Vec<SealKey>) -> Option<Self> {
        todo!()
    }
}

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(redacted)")
    }
}
