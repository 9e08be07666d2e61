//! Bounds of cookies, sessions and the way through a sign-in, in the browser.

use std::time::Duration;

/// Largest sealed cookie, name and value; browsers drop a cookie beyond 4 096 bytes. Refused as `session_too_large`.
pub(crate) const COOKIE_BYTES_MAX: usize = 3_800;
/// Most cookies of ours that are looked at in one request; beyond it the oldest login attempts are passed over.
pub(crate) const OWN_COOKIES_MAX: usize = 32;
/// Most login attempts of one browser at a time; the oldest is expired.
pub(crate) const LOGIN_ATTEMPTS_MAX: usize = 5;
/// Shortest `session.idle`.
pub(crate) const IDLE_SHORTEST: Duration = Duration::from_secs(60);
/// How often within `session.idle` the time when somebody was seen last is written anew, at most.
pub(crate) const IDLE_RENEWALS: u32 = 10;
/// Shortest `session.recheck`: with less, every page of a session would be a round through the provider.
pub(crate) const RECHECK_SHORTEST: Duration = Duration::from_secs(1);
/// How long what no navigation can mend (a frame, a fetch, an open stream) still counts after `recheck`.
pub(crate) const RECHECK_GRACE: Duration = Duration::from_secs(60);
/// How long a login attempt may take.
pub(crate) const LOGIN_ATTEMPT_AGE_MAX: Duration = Duration::from_secs(600);
/// Sign-in rounds without a session before a page names the cause instead of a fourth redirect.
pub(crate) const LOGIN_ROUNDS_MAX: u32 = 3;
/// Rounds longer ago than this are forgotten.
pub(crate) const LOGIN_ROUNDS_AGE_MAX: Duration = Duration::from_secs(120);
/// How long a browser remembers with which provider somebody signed in last: the longest that browsers keep a cookie.
pub(crate) const LAST_PROVIDER_AGE_MAX: Duration = Duration::from_secs(400 * 24 * 60 * 60);
/// Longest fragment of an address that a page of ours hands on to a sign-in; a longer one is left out.
pub(crate) const FRAGMENT_BYTES_MAX: usize = 512;
/// Longest return target of a sign-in that is carried as it is, and longest packed one; an `rd` beyond it is `/`.
pub(crate) const RETURN_TO_BYTES_MAX: usize = 2_048;
/// Longest request target that is packed to be carried through a sign-in; beyond it the path alone, and a page says so.
pub(crate) const RETURN_TO_REQUEST_BYTES_MAX: usize = 8 * 1024;
/// Rounds in which a return target is decoded and looked at again, while that still changes it; more are not looked at.
pub(crate) const RETURN_TO_DECODINGS_MAX: usize = 4;
/// How long an answer that came by form waits for our own page to go on; there is no such attempt beyond it.
pub(crate) const POSTED_ANSWER_AGE: Duration = Duration::from_secs(60);
/// Most such answers of one browser at a time: of more, one takes the place of another.
pub(crate) const POSTED_ANSWERS_MAX: usize = 4;
/// The provider's words in such an answer are kept up to this.
pub(crate) const POSTED_WORDS_CHARS_MAX: usize = 512;
