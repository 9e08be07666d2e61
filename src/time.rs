//! Time as the pure stages see it: a number that somebody hands in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixSeconds(pub u64);

impl UnixSeconds {
    /// The moment `by` later; the largest moment at the end of time.
    #[must_use]
    pub(crate) const fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by.as_secs()))
    }

    /// The moment `by` earlier; 1970 at the beginning of time.
    #[must_use]
    pub(crate) const fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(by.as_secs()))
    }

    /// Time from `self` until `later`; zero when `later` has passed.
    #[must_use]
    pub(crate) const fn until(self, later: Self) -> Duration {
        Duration::from_secs(later.0.saturating_sub(self.0))
    }
}
