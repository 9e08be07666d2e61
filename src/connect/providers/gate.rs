//! How many codes are exchanged at a time with one provider, and how often: one gate per provider and process.
//!
//! It knows nobody: a login attempt that is sent a hundred times is a hundred requests to pass, and most do not.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{sleep, timeout},
};

use crate::{
    limits::{
        PROVIDER_TOKENS_BURST, PROVIDER_TOKENS_IN_FLIGHT_MAX, PROVIDER_TOKENS_PER_SECOND_MAX, PROVIDER_TOKENS_WAIT_MAX,
    },
    system::Moment,
};

/// The way to one token endpoint.
pub(super) struct Gate {
    in_flight: Semaphore,
    pace: Mutex<Pace>,
}

/// Too many are before this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Busy;

/// When the next request may go (the generic cell rate algorithm): a second's worth at once, then one after the other.
#[derive(Debug, Default)]
struct Pace {
    /// When everything that was let through so far has been earned.
    earned_at: Option<Moment>,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self { in_flight: Semaphore::new(PROVIDER_TOKENS_IN_FLIGHT_MAX), pace: Mutex::default() }
    }

    /// Waits for a place, within the bound; it is held until the answer is there.
    ///
    /// # Cancel safety
    /// Who leaves while waiting gives the place up, and not the turn.
    pub(super) async fn pass(&self, now: Moment) -> Result<SemaphorePermit<'_>, Busy> {
        let turn = self.pace.lock().unwrap_or_else(PoisonError::into_inner).turn(now)?;
        if !turn.is_zero() {
            sleep(turn).await;
        }
        let left = PROVIDER_TOKENS_WAIT_MAX.saturating_sub(turn);
        match timeout(left, self.in_flight.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) | Err(_) => Err(Busy),
        }
    }
}

impl Pace {
    /// How long to wait for one's turn; nobody waits longer than the bound, and who would takes no turn.
    fn turn(&mut self, now: Moment) -> Result<Duration, Busy> {
        let earned_at = self.earned_at.map_or(now, |at| at.max(now));
        let wait = (earned_at - now).saturating_sub(PROVIDER_TOKENS_BURST - INTERVAL);
        if wait > PROVIDER_TOKENS_WAIT_MAX {
            return Err(Busy);
        }
        self.earned_at = Some(earned_at + INTERVAL);
        Ok(wait)
    }
}

const INTERVAL: Duration = Duration::from_millis(1_000 / PROVIDER_TOKENS_PER_SECOND_MAX);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seconds_worth_goes_at_once_a_seconds_worth_waits_and_the_rest_is_refused() {
        let (mut pace, now) = (Pace::default(), Moment::now());
        let waits: Vec<_> = (0..100).map(|_| pace.turn(now)).collect();
        let per_second = usize::try_from(PROVIDER_TOKENS_PER_SECOND_MAX).unwrap();
        assert!(waits[..per_second].iter().all(|wait| *wait == Ok(Duration::ZERO)));
        assert_eq!(waits[per_second], Ok(INTERVAL));
        assert_eq!(waits.iter().filter(|wait| wait.is_ok()).count(), 2 * per_second);
        assert!(waits.iter().flatten().all(|wait| *wait <= PROVIDER_TOKENS_WAIT_MAX));
    }

    #[test]
    fn people_who_come_at_the_allowed_rate_never_wait() {
        let (mut pace, now) = (Pace::default(), Moment::now());
        for at in 0..10_000 {
            assert_eq!(pace.turn(now + INTERVAL * at), Ok(Duration::ZERO));
        }
        let later = now + INTERVAL * 10_000 + PROVIDER_TOKENS_BURST;
        assert_eq!(pace.turn(later), Ok(Duration::ZERO), "what was not used is not saved up beyond a second");
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_does_not_answer_is_asked_by_no_more_than_the_bound() {
        let gate = Gate::new();
        let mut places = Vec::new();
        for _ in 0..PROVIDER_TOKENS_IN_FLIGHT_MAX {
            places.push(gate.pass(Moment::now()).await.unwrap());
        }
        assert_eq!(gate.pass(Moment::now()).await.err(), Some(Busy));
        places.pop();
        assert!(gate.pass(Moment::now()).await.is_ok());
    }
}
