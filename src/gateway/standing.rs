//! What a request was given, held against the configuration in force and the time for as long as it is open.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::Shared;
use crate::{
    body::Standing,
    config::Config,
    decide::{AsWhom, Event, Facts, Given, Lapse, stands},
    limits::STANDING_LOOK_PAUSE,
    reason::Reason,
    time::UnixSeconds,
};

/// A forwarded request, and how it stood when somebody looked last.
pub(super) struct Stands {
    shared: Arc<Shared>,
    facts: Arc<Facts>,
    as_whom: AsWhom,
    last: Mutex<Last>,
}

/// Between two looks.
enum Last {
    /// By the configuration that it was decided by.
    AsBegun,
    /// By this one; until when at the latest.
    Under(Arc<Config>, Option<UnixSeconds>),
    /// Not any more.
    Ended(Reason),
}

impl Stands {
    /// A request that is forwarded now.
    pub(super) fn new(shared: &Arc<Shared>, facts: &Arc<Facts>, as_whom: AsWhom) -> Arc<Self> {
        let (shared, facts, last) = (Arc::clone(shared), Arc::clone(facts), Mutex::new(Last::AsBegun));
        Arc::new(Self { shared, facts, as_whom, last })
    }

    fn given(&self) -> Given<'_> {
        self.facts.given(self.as_whom)
    }

    /// Decides anew; the first that learns of the end writes it down.
    fn judge(&self, last: &mut Last) -> Result<Option<UnixSeconds>, Lapse> {
        let config = self.shared.config.load_full();
        let stands = stands(&config, self.given(), self.shared.clock.now());
        *last = match stands {
            Ok(ends_at) => Last::Under(config, ends_at),
            Err(lapse) => Last::Ended(lapse.reason()),
        };
        stands
    }
}

impl Standing for Stands {
    fn look(&self) -> Result<Duration, Reason> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (config, ends_at) = match &*last {
            Last::AsBegun => (&self.facts.config, self.given().visitor.map(|visitor| visitor.ends_at)),
            Last::Under(config, ends_at) => (config, *ends_at),
            Last::Ended(reason) => return Err(*reason),
        };
        let is_over = ends_at.is_some_and(|end| self.shared.clock.now() >= end);
        let ends_at = if !is_over && Arc::ptr_eq(&self.shared.config.load(), config) {
            ends_at
        } else {
            self.judge(&mut last).map_err(|lapse| {
                self.shared.scribe.tell(&self.facts, Event::Ended(lapse));
                lapse.reason()
            })?
        };
        let left = ends_at.map_or(STANDING_LOOK_PAUSE, |end| self.shared.clock.until(end));
        Ok(left.min(STANDING_LOOK_PAUSE))
    }
}
