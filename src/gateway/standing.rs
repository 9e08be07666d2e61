//! What a request was given, held against the configuration in force and the time for as long as it is open.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

use super::{
    exchange::{Exchange, Outcome},
    stood::Last,
};
use crate::{
    config::Lapse, connect::Standing, identity::Session, limits::STANDING_LOOK_PAUSE, policy::PersonCheck,
    reason::Reason, request::AssertedHeader, time::UnixSeconds,
};

impl Exchange {
    /// It is forwarded for the person of its session: it ends with that session.
    pub(super) fn is_for_person(&self) {
        self.stood.for_person.store(true, Ordering::Relaxed);
    }

    /// Whether the configuration that this request was decided by is still in force: nothing is minted by another.
    pub(super) fn is_current(&self) -> bool {
        Arc::ptr_eq(&self.shared.config.load(), &self.config)
    }

    /// The answer in place of one that came, or failed, when the request did not stand any more.
    pub(super) fn refuse_ended(&self, reason: Reason) -> Outcome {
        if reason == Reason::NotSignedIn {
            return self.refuse_with_sign_in(reason, &self.return_to());
        }
        self.refuse(reason)
    }

    fn person(&self) -> Option<&Session> {
        self.session.as_ref().filter(|_| self.stood.for_person.load(Ordering::Relaxed))
    }

    /// The header of a proxy in front that named the same person. A place that is exempt was not compared.
    fn compared_by(&self) -> Option<&AssertedHeader> {
        self.site.headers.compared().filter(|_| self.person == PersonCheck::Same)
    }

    /// Decides anew; the first that learns of the end writes it down.
    fn judge(&self, last: &mut Last) -> Result<Option<UnixSeconds>, Lapse> {
        let config = self.shared.config.load_full();
        let stands = config.stands(&self.request, self.person(), self.compared_by(), self.shared.clock.now());
        *last = match stands {
            Ok(ends_at) => Last::Under(config, ends_at),
            Err(lapse) => Last::Ended(lapse.reason()),
        };
        stands
    }
}

impl Standing for Exchange {
    fn look(&self) -> Result<Duration, Reason> {
        let mut last = self.stood.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (config, ends_at) = match &*last {
            Last::AsBegun => (&self.config, self.person().map(|session| session.ends_at)),
            Last::Under(config, ends_at) => (config, *ends_at),
            Last::Ended(reason) => return Err(*reason),
        };
        let is_over = ends_at.is_some_and(|end| self.shared.clock.now() >= end);
        let ends_at = if !is_over && Arc::ptr_eq(&self.shared.config.load(), config) {
            ends_at
        } else {
            self.judge(&mut last).map_err(|lapse| {
                self.audit_end(lapse);
                lapse.reason()
            })?
        };
        let left = ends_at.map_or(STANDING_LOOK_PAUSE, |end| self.shared.clock.until(end));
        Ok(left.min(STANDING_LOOK_PAUSE))
    }
}
