//! Randomness as the pure stages see it: one seed that somebody drew, expanded by a CSPRNG (ChaCha12).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand_chacha::ChaCha12Rng;
use rand_core::{Rng, SeedableRng};

/// 32 bytes from the operating system's randomness, for one use: the stream that grows from it.
pub struct Seed([u8; 32]);

impl Seed {
    /// Wraps bytes that nobody can guess (in tests: bytes that are printed).
    #[must_use]
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The stream of random values; a seed gives one stream only.
    #[must_use]
    pub(crate) fn into_stream(self) -> SeedStream {
        SeedStream(ChaCha12Rng::from_seed(self.0))
    }
}

/// Random values, as many as a request needs.
pub(crate) struct SeedStream(ChaCha12Rng);

impl SeedStream {
    /// The next `N` bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// 256 random bits as 43 characters of base64url: for `state`, `nonce` and the PKCE verifier.
    pub(crate) fn token(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A random UUID (version 4): for `jti` and request ids.
    pub(crate) fn uuid(&mut self) -> String {
        let uuid = uuid::Builder::from_random_bytes(self.bytes()).into_uuid();
        uuid.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()).to_owned()
    }
}

impl std::fmt::Debug for SeedStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeedStream(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_stream_and_another_seed_another() {
        let first = |byte| Seed::new([byte; 32]).into_stream().uuid();
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
    }

    #[test]
    fn a_uuid_is_of_version_4() {
        assert_eq!(Seed::new([7; 32]).into_stream().uuid().as_bytes()[14], b'4');
    }
}
