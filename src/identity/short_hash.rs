//! A short hash over texts, for noticing that rules have changed.

use aws_lc_rs::digest::{Context, SHA256};

/// 32 bits: a collision lets a session live through a rule change that it should not survive, once in 2^32.
pub(super) fn short_hash(parts: &[&str]) -> u32 {
    let mut context = Context::new(&SHA256);
    for part in parts {
        // The length first: `ab`, `c` is not `a`, `bc`.
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref().iter().take(4).fold(0, |hash, byte| hash << 8 | u32::from(*byte))
}
