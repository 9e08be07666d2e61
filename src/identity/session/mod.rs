//! What the gateway gives a browser to keep: our cookies, sealed, and the session in one of them.

mod cookies;
mod fitted;
mod form;
mod held;
mod last_seen;
mod mark;
mod rounds;
mod rules;
mod seal;
#[allow(clippy::module_inception, reason = "the session among what is kept for it")]
mod session;

pub(crate) use cookies::{AttemptId, CookieName, Cookies, HostCookie, SetCookie, sets_ours};
pub(crate) use held::{DueCheck, HeldSession};
pub(crate) use last_seen::Idleness;
pub(crate) use mark::SessionMark;
pub(crate) use rounds::{LoginLoop, LoginRounds};
pub(crate) use rules::{KnownProvider, Owner, Revocation, Revoked, SessionRules};
pub(crate) use seal::{Purpose, SealKey, SealKeys};
pub(crate) use session::{LastOwner, Session, SessionError, SessionReading};
