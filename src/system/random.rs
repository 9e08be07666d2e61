//! Randomness: the only place that draws it. Pure stages get a [`Seed`].

use crate::seed::Seed;

/// A fresh seed.
#[must_use]
pub fn seed() -> Seed {
    Seed::new(draw())
}

/// A fresh AEAD nonce.
#[must_use]
pub fn nonce() -> [u8; 12] {
    draw()
}

fn draw<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The library documents that its system randomness fails only when the operating system has none: nothing that
    // needs a secret may go on then.
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}
