//! Connections that are not taken: told once in a while, for whoever waits in the kernel's queue has no line in any log.

use std::{fmt::Display, net::SocketAddr};

use crate::{limits::UNTAKEN_TOLD_PAUSE, system::Moment};

/// When it was told last.
#[derive(Debug, Default)]
pub(super) struct Untaken {
    told_at: Option<Moment>,
}

impl Untaken {
    /// A connection waits, for this reason.
    pub(super) fn tell(&mut self, address: Option<SocketAddr>, cause: &dyn Display) {
        if self.is_due(Moment::now()) {
            let address = address.map(|address| address.to_string());
            tracing::warn!(address, error = %cause, "connections are not taken, they wait");
        }
    }

    fn is_due(&mut self, now: Moment) -> bool {
        let is_due = self.told_at.is_none_or(|told_at| now.duration_since(told_at) >= UNTAKEN_TOLD_PAUSE);
        if is_due {
            self.told_at = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_at_once_and_then_once_in_a_while() {
        let (mut untaken, first) = (Untaken::default(), Moment::now());
        assert!(untaken.is_due(first));
        assert!(!untaken.is_due(first));
        assert!(!untaken.is_due(first + UNTAKEN_TOLD_PAUSE / 2));
        assert!(untaken.is_due(first + UNTAKEN_TOLD_PAUSE));
        assert!(!untaken.is_due(first + UNTAKEN_TOLD_PAUSE));
    }
}
