//! A secret text: never printed, wiped when dropped.

use secrecy::{ExposeSecret, SecretString};

/// A secret as its source gave it, without the one trailing line end of a file.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret text.
    #[must_use]
    pub(crate) fn new(text: String) -> Self {
        Self(SecretString::from(text))
    }

    /// The secret itself: for signing, sealing and sending to whom it belongs, never for printing.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_in_its_debug_text() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".to_owned())), "Secret(redacted)");
    }
}
