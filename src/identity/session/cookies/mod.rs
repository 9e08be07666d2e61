//! Our cookies: reading them, setting and expiring them, and keeping them away from the host application.

mod left;

use std::{ops::Range, time::Duration};

use aws_lc_rs::digest::{SHA256, digest};
use cookie::{Cookie, SameSite};
use http::{HeaderMap, HeaderValue, header::COOKIE};

use self::left::{KeptLine, Left, pairs, without};
use crate::limits::{COOKIE_BYTES_MAX, OWN_COOKIES_MAX, POSTED_ANSWERS_MAX};

/// A cookie of ours. `__Host-` makes the browser insist on `Secure`, `Path=/` and no `Domain` (rfc6265bis 4.1.3.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum CookieName {
    /// `__Host-sg`: the session.
    Session,
    /// `__Host-sg-l-ID`: one login attempt, so that several tabs can sign in.
    LoginAttempt(AttemptId),
    /// `__Host-sg-n`: finished sign-ins that brought no session.
    LoginRounds,
    /// `__Host-sg-f-N`: an answer that came by form; a few places, so that several tabs can sign in, and nobody fills the jar.
    PostedAnswer(u8),
    /// `__Host-sg-p`: with which of several providers somebody signed in last; no secret, and proof of nothing.
    LastProvider,
    /// `__Host-sg-o`: the browser comes back from the provider's sign-out, and nobody is to be signed in unasked.
    SignedOut,
    /// `__Host-sg-i`: when the person of the session was seen last.
    LastSeen,
}

/// Which login attempt: a hash of its `state`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AttemptId(String);

/// Our cookies in one request, and what is left for the host application: the `Cookie` lines, read once. Names are compared
/// exactly (a server does; browsers fold the prefix, rfc6265bis 5.4). Its `Debug` shows nothing.
///
/// It shares the lines with the request's head, and borrows nothing.
#[derive(Clone, Default)]
pub(crate) struct Cookies {
    /// Most often there is one, which needs no list.
    first: Option<Found>,
    others: Vec<Found>,
    for_host: Option<HeaderValue>,
}

/// A well-formed cookie of ours.
#[derive(Clone)]
struct Found {
    name: CookieName,
    line: HeaderValue,
    value: Range<usize>,
}

/// A `Set-Cookie` line.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SetCookie(HeaderValue);

impl CookieName {
    fn parse(name: &str) -> Option<Self> {
        match name {
            SESSION => Some(Self::Session),
            ROUNDS => Some(Self::LoginRounds),
            LAST_PROVIDER => Some(Self::LastProvider),
            SIGNED_OUT => Some(Self::SignedOut),
            LAST_SEEN => Some(Self::LastSeen),
            _ => match name.strip_prefix(POSTED_PREFIX) {
                Some(place) => (0..POSTED_PLACES).find(|known| known.to_string() == place).map(Self::PostedAnswer),
                None => AttemptId::parse(name.strip_prefix(ATTEMPT_PREFIX)?).map(Self::LoginAttempt),
            },
        }
    }
}

impl std::fmt::Display for CookieName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Session => f.write_str(SESSION),
            Self::LoginAttempt(AttemptId(id)) => write!(f, "{ATTEMPT_PREFIX}{id}"),
            Self::LoginRounds => f.write_str(ROUNDS),
            Self::PostedAnswer(place) => write!(f, "{POSTED_PREFIX}{place}"),
            Self::LastProvider => f.write_str(LAST_PROVIDER),
            Self::SignedOut => f.write_str(SIGNED_OUT),
            Self::LastSeen => f.write_str(LAST_SEEN),
        }
    }
}

impl AttemptId {
    /// The id of the attempt with this `state`.
    #[must_use]
    pub(crate) fn of_state(state: &str) -> Self {
        let hash = digest(&SHA256, state.as_bytes());
        Self(hash.as_ref().iter().take(ATTEMPT_ID_HEX / 2).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The cookie in which an answer to it waits.
    #[must_use]
    pub(crate) fn posted(&self) -> CookieName {
        let first = self.0.bytes().next().unwrap_or_default();
        CookieName::PostedAnswer(first % POSTED_PLACES)
    }

    /// Reads an id.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_id = text.len() == ATTEMPT_ID_HEX && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_id.then(|| Self(text.to_owned()))
    }
}

impl std::fmt::Display for AttemptId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A cookie of the host application that ends with the person: a name, and the path it was set for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostCookie {
    name: String,
    path: String,
}

/// Not `NAME` or `NAME; Path=/PATH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cookie name, or not a path behind it")]
pub(crate) struct HostCookieError;

impl Cookies {
    /// Reads all `Cookie` lines: HTTP/2 may split them (RFC 9113 8.2.3).
    ///
    /// At the bound ([`OWN_COOKIES_MAX`] cookies) the oldest login attempt makes room: browsers name older cookies first (RFC 6265
    /// 5.4), and a session is never behind what many restored tabs began. Where there is none, further ones of ours are not
    /// looked at. None of them is for the host.
    #[must_use]
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        #[cfg(test)]
        crate::identity::reads::CountedRead::CookieLine.count();
        let (mut cookies, mut left, mut looked_at) = (Self::default(), Left::Nothing, 0);
        for line in headers.get_all(COOKIE) {
            let mut kept = KeptLine::Whole;
            for (at, pair) in pairs(line.as_bytes()) {
                if !is_ours_pair(pair) {
                    kept.keep(pair);
                    continue;
                }
                kept.cut(line, at);
                if let Some((name, value)) = ours(pair)
                    && (looked_at < OWN_COOKIES_MAX || cookies.forget_an_attempt())
                {
                    looked_at += 1;
                    let value = at + value.start..at + value.end;
                    cookies.put(Found { name, line: line.clone(), value });
                }
            }
            left = left.and(line, kept);
        }
        cookies.for_host = left.into_line();
        cookies
    }

    /// The `Cookie` line for the host application: ours taken out, every other byte as it came, several lines as one.
    ///
    /// `None` where nothing is left.
    #[must_use]
    pub(crate) const fn for_host(&self) -> Option<&HeaderValue> {
        self.for_host.as_ref()
    }

    /// Keeps from the host application what holds this: some proxies in front have the assertion in a cookie too, as it is
    /// (`CF_Authorization` of Cloudflare Access, `BearerToken` of Envoy).
    pub(crate) fn withhold(&mut self, assertion: &str) {
        self.for_host = self.for_host.take().and_then(|line| without(&line, assertion));
    }

    /// The values of session cookies; more than one where somebody else set a second.
    pub(crate) fn session_values(&self) -> impl Iterator<Item = &str> {
        self.values_of(&CookieName::Session)
    }

    /// The login attempts.
    pub(crate) fn attempts(&self) -> impl Iterator<Item = (&AttemptId, &str)> {
        self.found().filter_map(|found| match &found.name {
            CookieName::LoginAttempt(id) => Some((id, found.value())),
            CookieName::Session
            | CookieName::LoginRounds
            | CookieName::PostedAnswer(_)
            | CookieName::LastProvider
            | CookieName::SignedOut
            | CookieName::LastSeen => None,
        })
    }

    /// The values of the cookies of that name.
    pub(crate) fn values_of<'c>(&'c self, name: &'c CookieName) -> impl Iterator<Item = &'c str> {
        self.found().filter(move |found| found.name == *name).map(Found::value)
    }

    /// The values of the counter of rounds.
    pub(crate) fn rounds_values(&self) -> impl Iterator<Item = &str> {
        self.values_of(&CookieName::LoginRounds)
    }

    /// With whom somebody signed in last, as the browser remembers it.
    #[must_use]
    pub(crate) fn last_provider(&self) -> Option<&str> {
        self.values_of(&CookieName::LastProvider).next()
    }

    /// Whether there is a cookie of that name.
    #[must_use]
    pub(crate) fn has(&self, name: &CookieName) -> bool {
        self.found().any(|found| found.name == *name)
    }

    fn found(&self) -> impl Iterator<Item = &Found> {
        self.first.iter().chain(&self.others)
    }

    /// Drops the oldest login attempt; whether there was one.
    fn forget_an_attempt(&mut self) -> bool {
        let is_attempt = |found: &Found| matches!(found.name, CookieName::LoginAttempt(_));
        if self.first.as_ref().is_some_and(is_attempt) {
            self.first = (!self.others.is_empty()).then(|| self.others.remove(0));
            return true;
        }
        let oldest = self.others.iter().position(is_attempt);
        oldest.map(|at| self.others.remove(at)).is_some()
    }

    fn put(&mut self, found: Found) {
        // The same value twice is one cookie.
        if found.name == CookieName::Session && self.session_values().any(|value| value == found.value()) {
            return;
        }
        match self.first {
            None => self.first = Some(found),
            Some(_) => self.others.push(found),
        }
    }
}

impl Found {
    fn value(&self) -> &str {
        self.line
            .as_bytes()
            .get(self.value.clone())
            .and_then(|value| std::str::from_utf8(value).ok())
            .unwrap_or_default()
    }
}

impl std::fmt::Debug for Cookies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cookies(redacted)")
    }
}

impl HostCookie {
    /// Parses `NAME` or `NAME; Path=/PATH`: browsers keep cookies of one name apart by their paths.
    ///
    /// # Errors
    /// For anything else.
    pub(crate) fn parse(text: &str) -> Result<Self, HostCookieError> {
        let (name, path) = text.split_once("; Path=").unwrap_or((text, "/"));
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let is_path = path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic() && b != b';');
        if name.is_empty() || !name.bytes().all(is_token) || !is_path {
            return Err(HostCookieError);
        }
        Ok(Self { name: name.to_owned(), path: path.to_owned() })
    }

    /// The cookie's name.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl SetCookie {
    /// Sets one of our cookies for so long.
    #[must_use]
    pub(crate) fn keep(name: &CookieName, value: &str, age: Duration) -> Self {
        let cookie = Self::ours(name, value).max_age(cookie::time::Duration::seconds(seconds(age)));
        Self::of(&cookie.build()).expect("our names and base64url values are header characters")
    }

    /// Expires one of our cookies, with the attributes it was set with: browsers ignore others.
    #[must_use]
    pub(crate) fn expire(name: &CookieName) -> Self {
        let cookie = Self::ours(name, "").max_age(cookie::time::Duration::ZERO);
        Self::of(&cookie.build()).expect("our names are header characters")
    }

    /// Expires the session cookie as we set it, and in a partition (CHIPS), where a script of the site may have put another.
    #[must_use]
    pub(crate) fn expire_sessions() -> [Self; 2] {
        let cookie = Self::ours(&CookieName::Session, "").same_site(SameSite::None).partitioned(true);
        let cookie = cookie.max_age(cookie::time::Duration::ZERO).build();
        [Self::expire(&CookieName::Session), Self::of(&cookie).expect("our names are header characters")]
    }

    /// Whether a `Set-Cookie` line of ours sets or expires the session.
    pub(crate) fn is_session(line: &HeaderValue) -> bool {
        line.as_bytes().starts_with(b"__Host-sg=")
    }

    /// Whether a `Set-Cookie` line of ours sets or expires the counter of sign-in rounds.
    pub(crate) fn is_rounds(line: &HeaderValue) -> bool {
        line.as_bytes().starts_with(b"__Host-sg-n=")
    }

    /// Expires a cookie of the host application, set with or without the site's host as `Domain`.
    #[must_use]
    pub(crate) fn forget(cookie: &HostCookie, site: &str) -> Vec<Self> {
        let HostCookie { name, path } = cookie;
        let cookie = || Cookie::build((name, "")).secure(true).path(path.clone()).max_age(cookie::time::Duration::ZERO);
        [cookie().build(), cookie().domain(site.to_owned()).build()].iter().filter_map(Self::of).collect()
    }

    /// The header value.
    #[must_use]
    pub(crate) fn into_header(self) -> HeaderValue {
        self.0
    }

    fn ours<'c>(name: &CookieName, value: &'c str) -> cookie::CookieBuilder<'c> {
        Cookie::build((name.to_string(), value)).http_only(true).secure(true).same_site(SameSite::Lax).path("/")
    }

    fn of(cookie: &Cookie<'_>) -> Option<Self> {
        let mut value = HeaderValue::from_str(&cookie.to_string()).ok()?;
        value.set_sensitive(true);
        Some(Self(value))
    }
}

impl std::fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetCookie(redacted)")
    }
}

/// Whether a `Set-Cookie` line of the host application has a name of ours, or one that begins like ours, in any spelling that a
/// browser might take for the same: `=__Host-sg=x` is a cookie without a name, and comes back as `__Host-sg=x` (rfc6265bis
/// 5.7 warns of it).
#[must_use]
pub(crate) fn sets_ours(set_cookie: &HeaderValue) -> bool {
    let start = set_cookie.as_bytes().trim_ascii_start();
    let start = start.strip_prefix(b"=").unwrap_or(start).trim_ascii_start();
    start.get(..SESSION.len()).is_some_and(|name| name.eq_ignore_ascii_case(SESSION.as_bytes()))
}

const SESSION: &str = "__Host-sg";
const ROUNDS: &str = "__Host-sg-n";
const LAST_SEEN: &str = "__Host-sg-i";
const SIGNED_OUT: &str = "__Host-sg-o";
const LAST_PROVIDER: &str = "__Host-sg-p";
const ATTEMPT_PREFIX: &str = "__Host-sg-l-";
const POSTED_PREFIX: &str = "__Host-sg-f-";
#[expect(clippy::cast_possible_truncation, reason = "there are a few")]
const POSTED_PLACES: u8 = POSTED_ANSWERS_MAX as u8;
const ATTEMPT_ID_HEX: usize = 16;

/// Name and place of the value of a well-formed cookie of ours.
fn ours(pair: &[u8]) -> Option<(CookieName, Range<usize>)> {
    if pair.len() > COOKIE_BYTES_MAX {
        return None;
    }
    let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
    let start = name.len() + 1 + (value.len() - value.trim_ascii_start().len());
    Some((CookieName::parse(name.trim_ascii())?, start..start + value.trim_ascii().len()))
}

/// Every name of our family, well-formed or not, is kept from the host application: `__Host-sg` itself, or `__Host-sg-` and
/// anything.
fn is_ours_pair(pair: &[u8]) -> bool {
    let rest = name_of(pair).strip_prefix(SESSION.as_bytes());
    rest.is_some_and(|rest| matches!(rest, [] | [b'-', ..]))
}

fn name_of(pair: &[u8]) -> &[u8] {
    pair.split(|byte| matches!(byte, b'=' | b';')).next().unwrap_or_default().trim_ascii()
}

fn seconds(age: Duration) -> i64 {
    i64::try_from(age.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
