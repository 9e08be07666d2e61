//! Which tokens were used: a bounded memory.

use std::collections::{HashSet, VecDeque};

/// The `jti` values that were seen; the oldest is forgotten beyond the bound.
#[derive(Debug, Clone, Default)]
pub(crate) struct UsedTokens {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl UsedTokens {
    /// Whether this `jti` was seen.
    #[must_use]
    pub(crate) fn contains(&self, jti: &str) -> bool {
        self.known.contains(jti)
    }

    /// Remembers a `jti`.
    pub(crate) fn insert(&mut self, jti: &str) {
        if !self.known.insert(jti.to_owned()) {
            return;
        }
        self.order.push_back(jti.to_owned());
        if self.order.len() > USED_TOKENS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// Most tokens remembered.
const USED_TOKENS_MAX: usize = 100_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_token_is_forgotten_beyond_the_bound() {
        let mut used = UsedTokens::default();
        (0..=USED_TOKENS_MAX).for_each(|number| used.insert(&number.to_string()));
        assert!(!used.contains("0"));
        assert!(used.contains("1") && used.contains(&USED_TOKENS_MAX.to_string()));
    }
}
