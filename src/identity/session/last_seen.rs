//! When the person of a session was seen last (`session.idle`): in a sealed cookie of its own, bound to its session. It signs nobody in,
//! and moves no session's end.

use serde::{Deserialize, Serialize};

use super::{
    cookies::{CookieName, Cookies, SetCookie},
    rules::{Owner, SessionRules},
    seal::Purpose,
    session::Session,
};
use crate::{
    limits::{CLOCK_LEEWAY, IDLE_RENEWALS},
    time::UnixSeconds,
};

/// How long ago the person of a session was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Idleness {
    /// Nobody asks, or it was a moment ago.
    Fresh,
    /// Long enough for the next answer to say so.
    ToBeRenewed,
    /// Too long: the session has ended.
    Over,
}

/// What the cookie holds.
#[derive(Serialize, Deserialize)]
struct LastSeen {
    #[serde(rename = "o")]
    owner: Owner,
    #[serde(rename = "b")]
    signed_in_at: UnixSeconds,
    #[serde(rename = "t")]
    at: UnixSeconds,
}

impl SessionRules {
    /// How long ago the person of a session was seen: by this cookie, or when the provider vouched last.
    #[must_use]
    pub(crate) fn idleness(&self, session: &Session, cookies: &Cookies, site: &str, now: UnixSeconds) -> Idleness {
        let Some(idle) = self.idle else { return Idleness::Fresh };
        let owner = self.owner(&session.identity);
        let opened = cookies.values_of(&CookieName::LastSeen).filter_map(|value| self.last_seen(value, site));
        let of_session =
            opened.filter(|seen| Some(&seen.owner) == owner.as_ref() && seen.signed_in_at == session.signed_in_at);
        let seen = of_session.map(|seen| seen.at).filter(|at| *at <= now.plus(CLOCK_LEEWAY)).max();
        let last = seen.map_or(session.checked_at, |seen| seen.max(session.checked_at));
        if now >= last.plus(idle) {
            Idleness::Over
        } else if now >= last.plus(idle / IDLE_RENEWALS) {
            Idleness::ToBeRenewed
        } else {
            Idleness::Fresh
        }
    }

    /// The cookie that says that somebody was seen now; `None` without `idle`, or where the provider is not one of today's.
    #[must_use]
    pub(crate) fn seen_now(
        &self,
        owner: Owner,
        signed_in_at: UnixSeconds,
        site: &str,
        now: UnixSeconds,
        nonce: [u8; 12],
    ) -> Option<SetCookie> {
        let seen = LastSeen { owner, signed_in_at, at: now };
        let plain = serde_json::to_vec(&seen).expect("texts and numbers are JSON");
        Some(SetCookie::keep(
            &CookieName::LastSeen,
            &self.keys.seal(Purpose::LastSeen, site, &plain, nonce),
            self.idle?,
        ))
    }

    fn last_seen(&self, value: &str, site: &str) -> Option<LastSeen> {
        serde_json::from_slice(&self.keys.open(Purpose::LastSeen, site, value).ok()?).ok()
    }
}
