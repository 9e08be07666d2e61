//! The clock: the only place that asks for date and time. Tests move it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::time::UnixSeconds;

/// The system's clock, plus an offset that tests move.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_seconds: Arc<AtomicI64>,
}

impl Clock {
    /// Now.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        let seconds = since_epoch().as_secs();
        UnixSeconds(seconds.saturating_add_signed(self.offset_seconds.load(Ordering::Relaxed)))
    }

    /// How long until a moment: to the millisecond, so that nothing ends up to a second late. Zero where it has passed.
    #[must_use]
    pub fn until(&self, moment: UnixSeconds) -> Duration {
        let offset = self.offset_seconds.load(Ordering::Relaxed);
        let end = Duration::from_secs(moment.0.saturating_add_signed(offset.saturating_neg()));
        end.saturating_sub(since_epoch())
    }

    /// Moves this clock and its clones; for tests.
    pub fn advance(&self, seconds: i64) {
        self.offset_seconds.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// Time since 1970, for log lines.
pub(super) fn since_epoch() -> Duration {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_clock_moves_for_all_its_clones() {
        let clock = Clock::default();
        let (before, clone) = (clock.now(), clock.clone());
        clock.advance(3_600);
        assert!(clone.now().0 >= before.0 + 3_600);
    }
}
