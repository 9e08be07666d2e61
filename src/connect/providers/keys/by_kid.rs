//! Keys that are fetched one by one, each by its name. Pure.
//!
//! Whoever reaches the gateway names the key, and a server of a whole region has everybody's. So what is at hand is bounded,
//! unknown names have one budget, a name without a key is remembered for a pause, and a key that has verified an assertion
//! of the source's own gives way to nothing but newer ones that have.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use super::{
    super::{
        documents::ProviderError,
        fetched::{Fetched, Need, ProviderStatus},
    },
    held_keys::HeldKeys,
};
use crate::{
    identity::KeySet,
    limits::{
        KEY_FETCHES_MAX, KEYS_BY_KID_MAX, KEYS_BY_KID_UNPROVEN_MAX, PROVIDER_REFETCH_PAUSE, PROVIDER_RETRY_PAUSE,
    },
    system::Moment,
};

/// What is known of such keys.
#[derive(Debug, Default)]
pub(super) struct KeysByKid {
    held: Vec<HeldKey>,
    /// Names that the server has no key of; not more than the budget lets be asked for within their pause.
    refused: VecDeque<RefusedKid>,
    /// The server could not be asked, or answered with something else.
    failure: Option<(ProviderError, Moment)>,
    /// When unknown names were asked for, within the pause.
    asked_at: VecDeque<Moment>,
}

#[derive(Debug)]
struct HeldKey {
    kid: String,
    fetched: Fetched<HeldKeys>,
    used_at: Moment,
    /// The server has just said that there is none of this name.
    is_disowned: bool,
}

#[derive(Debug)]
struct RefusedKid {
    kid: String,
    error: ProviderError,
    at: Moment,
}

impl KeysByKid {
    /// The key of that name without a wait, and whether it is time to look whether it is still there.
    pub(super) fn at_hand(&mut self, kid: &str, now: Moment) -> (Option<Arc<HeldKeys>>, bool) {
        let Some(held) = self.held.iter_mut().find(|held| held.kid == kid) else { return (None, false) };
        let Ok(keys) = held.fetched.documents(now) else { return (None, false) };
        held.used_at = now;
        (Some(keys), held.fetched.is_due(Need::Fresh, now))
    }

    /// Whether the key of that name may be asked for.
    ///
    /// # Errors
    /// Why it may not.
    pub(super) fn may_ask(&self, kid: &str, need: Need, now: Moment) -> Result<(), ProviderError> {
        let usable = self.held.iter().find(|held| held.kid == kid && held.fetched.documents(now).is_ok());
        if let Some(held) = usable {
            // A key stays what it is under its name: nobody has changed it for another one.
            let is_due = need != Need::Rotated && held.fetched.is_due(need, now);
            return if is_due { Ok(()) } else { Err(ProviderError::KeysAsked) };
        }
        if let Some(refused) = self.refused.iter().find(|refused| refused.kid == kid && refused.is_remembered(now)) {
            return Err(refused.error.clone());
        }
        if let Some((error, _)) = self.failure.as_ref().filter(|(_, at)| since(*at, now) < PROVIDER_RETRY_PAUSE) {
            return Err(error.clone());
        }
        let spent = self.asked_at.iter().filter(|at| since(**at, now) < PROVIDER_REFETCH_PAUSE).count();
        if spent < KEY_FETCHES_MAX { Ok(()) } else { Err(ProviderError::KeysAsked) }
    }

    /// It is asked for now.
    pub(super) fn asks(&mut self, kid: &str, now: Moment) {
        // What is at hand is looked at again at its own pace, whatever unknown names cost.
        if self.held.iter().any(|held| held.kid == kid && held.fetched.documents(now).is_ok()) {
            return;
        }
        self.asked_at.retain(|at| since(*at, now) < PROVIDER_REFETCH_PAUSE);
        self.asked_at.push_back(now);
    }

    /// What the server said of it.
    pub(super) fn learn(&mut self, kid: &str, answer: Result<KeySet, ProviderError>, need: Need, now: Moment) {
        let at = self.held.iter().position(|held| held.kid == kid);
        match answer {
            Ok(set) => {
                self.failure = None;
                self.refused.retain(|refused| refused.kid != kid);
                self.hold(kid, set, need, now);
            }
            // What everybody comes in with does not go by one odd answer: a second one, a pause later, has to say the same.
            Err(error) if error.is_no_such_key() && self.takes_for_odd(kid, now) => {
                if let Some(held) = at.and_then(|at| self.held.get_mut(at)) {
                    held.is_disowned = true;
                    held.fetched = Fetched::after(Some(&held.fetched), Err(error), need, now);
                }
            }
            Err(error) if error.is_no_such_key() => {
                self.failure = None;
                if let Some(at) = at {
                    self.held.swap_remove(at);
                }
                self.refused.retain(|refused| refused.kid != kid && refused.is_remembered(now));
                self.refused.push_back(RefusedKid { kid: kid.to_owned(), error, at: now });
            }
            Err(error) => {
                if let Some(held) = at.and_then(|at| self.held.get_mut(at)) {
                    held.fetched = Fetched::after(Some(&held.fetched), Err(error.clone()), need, now);
                }
                self.failure = Some((error, now));
            }
        }
    }

    /// The key of that name.
    ///
    /// # Errors
    /// Why it is not at hand.
    pub(super) fn keys(&self, kid: &str, now: Moment) -> Result<Arc<HeldKeys>, ProviderError> {
        match self.held.iter().find(|held| held.kid == kid) {
            Some(held) => held.fetched.documents(now),
            None => Err(self.may_ask(kid, Need::Fresh, now).err().unwrap_or(ProviderError::KeysAsked)),
        }
    }

    /// How the server is; none: no key was found yet, and nothing is wrong.
    pub(super) fn status(&self, now: Moment) -> Option<ProviderStatus> {
        let of_held = self.held.iter().map(|held| held.fetched.status(now));
        let worst = of_held.max_by_key(age);
        match (worst, &self.failure) {
            (Some(ProviderStatus::Ready), Some((error, at))) => {
                Some(ProviderStatus::Stale { age: since(*at, now), cause: error.to_string() })
            }
            (None, Some((error, _))) => Some(ProviderStatus::Down { cause: error.to_string() }),
            (worst, _) => worst,
        }
    }

    /// The names of the keys at hand.
    pub(super) fn kids(&self) -> impl Iterator<Item = &str> {
        self.held.iter().map(|held| held.kid.as_str())
    }

    fn hold(&mut self, kid: &str, set: KeySet, need: Need, now: Moment) {
        if let Some(held) = self.held.iter_mut().find(|held| held.kid == kid) {
            let keys = HeldKeys::new(set, held.fetched.documents(now).is_ok_and(|keys| keys.has_verified()));
            held.fetched = Fetched::after(Some(&held.fetched), Ok(keys), need, now);
            held.is_disowned = false;
            return;
        }
        self.make_room(now, true, KEYS_BY_KID_MAX);
        self.make_room(now, false, KEYS_BY_KID_UNPROVEN_MAX - 1);
        let fetched = Fetched::after(None, Ok(HeldKeys::new(set, false)), need, now);
        self.held.push(HeldKey { kid: kid.to_owned(), fetched, used_at: now, is_disowned: false });
    }

    fn takes_for_odd(&self, kid: &str, now: Moment) -> bool {
        self.held.iter().any(|held| held.kid == kid && held.has_verified(now) && !held.is_disowned)
    }

    /// Lets the least used go, of those that have verified something or of the others, until `most` are left.
    fn make_room(&mut self, now: Moment, has_verified: bool, most: usize) {
        let is_one = |held: &HeldKey| held.has_verified(now) == has_verified;
        while self.held.iter().filter(|held| is_one(held)).count() > most {
            let ones = self.held.iter().enumerate().filter(|(_, held)| is_one(held));
            let Some((least, _)) = ones.min_by_key(|(_, held)| held.used_at) else { return };
            self.held.swap_remove(least);
        }
    }
}

impl HeldKey {
    fn has_verified(&self, now: Moment) -> bool {
        self.fetched.documents(now).is_ok_and(|keys| keys.has_verified())
    }
}

impl RefusedKid {
    fn is_remembered(&self, now: Moment) -> bool {
        since(self.at, now) < PROVIDER_REFETCH_PAUSE
    }
}

fn since(at: Moment, now: Moment) -> Duration {
    now.saturating_duration_since(at)
}

/// How bad a status is.
fn age(status: &ProviderStatus) -> Duration {
    match status {
        ProviderStatus::Ready => Duration::ZERO,
        ProviderStatus::Stale { age, .. } => *age,
        ProviderStatus::Down { .. } => Duration::MAX,
    }
}
