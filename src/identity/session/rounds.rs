//! Sign-ins that brought no session: a counter in a cookie that stops a redirect loop.

use serde::{Deserialize, Serialize};

use super::{
    cookies::Cookies,
    seal::{Purpose, SealKeys},
};
use crate::{
    limits::{CLOCK_LEEWAY, LOGIN_ROUNDS_AGE_MAX, LOGIN_ROUNDS_MAX},
    time::UnixSeconds,
};

/// How many sign-ins have finished lately without a session afterwards.
///
/// Counted at the callback, so that several tabs that start at once are no loop; forgotten with the first page that
/// goes to somebody whose session is of use, with the page that tells of a loop, and after [`LOGIN_ROUNDS_AGE_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct LoginRounds {
    #[serde(rename = "n")]
    finished: u32,
    #[serde(rename = "i")]
    last_at: Option<UnixSeconds>,
}

/// As many sign-ins in a row as there may be brought no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sign-ins in a row brought no session")]
pub(crate) struct LoginLoop;

impl LoginRounds {
    /// The rounds of this browser; none where there is no cookie that opens.
    #[must_use]
    pub(crate) fn of(cookies: &Cookies, keys: &SealKeys, site: &str, now: UnixSeconds) -> Self {
        let opened = cookies.rounds_values().filter_map(|value| keys.open(Purpose::LoginRounds, site, value).ok());
        let rounds = opened.filter_map(|plain| serde_json::from_slice::<Self>(&plain).ok());
        let is_recent = |rounds: &Self| {
            let is_between = |at: UnixSeconds| at <= now.plus(CLOCK_LEEWAY) && now <= at.plus(LOGIN_ROUNDS_AGE_MAX);
            rounds.last_at.is_some_and(is_between)
        };
        rounds.filter(is_recent).max_by_key(|rounds| rounds.finished).unwrap_or_default()
    }

    /// Whether one more sign-in may start.
    ///
    /// # Errors
    /// [`LoginLoop`] after [`LOGIN_ROUNDS_MAX`] rounds: a page names the cause in place of a redirect.
    pub(crate) const fn check(self) -> Result<(), LoginLoop> {
        if self.finished >= LOGIN_ROUNDS_MAX { Err(LoginLoop) } else { Ok(()) }
    }

    /// One more sign-in has finished.
    #[must_use]
    pub(crate) const fn finished(self, now: UnixSeconds) -> Self {
        Self { finished: self.finished.saturating_add(1), last_at: Some(now) }
    }

    /// The sealed value of its cookie, to be kept for [`LOGIN_ROUNDS_AGE_MAX`].
    #[must_use]
    pub(crate) fn seal(self, keys: &SealKeys, site: &str, nonce: [u8; 12]) -> String {
        let plain = serde_json::to_vec(&self).expect("two numbers are JSON");
        keys.seal(Purpose::LoginRounds, site, &plain, nonce)
    }
}
