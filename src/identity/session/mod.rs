//! What the gateway gives a browser to keep: our cookies, sealed, and the session in one of them.

mod cookies;
mod form;
mod mark;
mod rounds;
mod rules;
mod seal;
#[allow(clippy::module_inception, reason = "the session among what is kept for it")]
mod session;

pub use cookies::{AttemptId, CookieName, Cookies, HostCookie, HostCookieError, SetCookie, sets_ours};
pub use mark::SessionMark;
pub use rounds::{LoginLoop, LoginRounds};
pub use rules::{KnownProvider, Owner, Revocation, Revoked, SessionRules};
pub use seal::{Purpose, SealError, SealKey, SealKeyError, SealKeys};
pub use session::{LastOwner, Session, SessionError, SessionReading};
