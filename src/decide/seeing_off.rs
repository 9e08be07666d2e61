//! The last touch of an answer, ours or the host application's: what the cookies and the connection need besides.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::Facts;
use crate::{
    identity::{CookieName, SetCookie, VisitorSource},
    request::VisitKind,
};

/// Says in an answer's head what the cookies and the connection of its request need. `is_own`: the gateway itself answers.
///
/// `nonce` is for what is sealed.
pub(crate) fn see_off(
    facts: &Facts,
    status: StatusCode,
    is_own: bool,
    headers: &mut HeaderMap,
    nonce: impl FnOnce() -> [u8; 12],
) {
    let (visit, asker) = (&facts.request.visit, &facts.asker);
    // RFC 9931: what was sent ahead of the answer may be frames of a page's choosing, and is no request.
    if visit.kind == VisitKind::WebSocket && status != StatusCode::SWITCHING_PROTOCOLS {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if is_own && status == StatusCode::UNAUTHORIZED {
        challenge(facts, headers);
    }
    if asker.is_somebody_else() {
        append(headers, SetCookie::expire_sessions());
        append(headers, facts.site().forget_cookies.iter().cloned());
        // Also where it is the host application's: stored, it would sign others out.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // Only with a page: an image or a style sheet may be stored for everybody. And not with the callback that counts: the session
    // that it came with may be one that the next replica does not take.
    let is_page = visit.kind == VisitKind::Navigation;
    if is_page && asker.counts_rounds && asker.is_proven() && !names(headers, SetCookie::is_rounds) {
        append(headers, [SetCookie::expire(&CookieName::LoginRounds)]);
    }
    if asker.renews_last_seen && status != StatusCode::SWITCHING_PROTOCOLS && is_for_one_person(headers) {
        append(headers, seen_now(facts, nonce()));
    }
    // Not with what may be stored for everybody.
    if asker.has_two_sessions() && (is_page || is_own && is_unstored(headers)) && !names(headers, SetCookie::is_session)
    {
        append(headers, SetCookie::expire_sessions());
    }
}

/// RFC 6750 3: a program is told that it may bring a token here, and what was wrong with the one that it brought.
fn challenge(facts: &Facts, headers: &mut HeaderMap) {
    let value = match facts.asker.front.bearer_error() {
        Some((error, reason)) => format!(r#"Bearer error="{error}", error_description="{reason}""#),
        None if facts.takes_bearer() => "Bearer".to_owned(),
        None => return,
    };
    let value = HeaderValue::from_str(&value).expect("names of errors and reasons are letters and underscores");
    headers.insert(header::WWW_AUTHENTICATE, value);
}

/// That the person of the session was seen now.
fn seen_now(facts: &Facts, nonce: [u8; 12]) -> Option<SetCookie> {
    let (rules, visitor) = (&facts.config.session, facts.asker.visitor.as_ref()?);
    let VisitorSource::Session { signed_in_at, .. } = visitor.source else { return None };
    rules.seen_now(rules.owner(&visitor.identity)?, signed_in_at, facts.place.site_name(), facts.now, nonce)
}

/// Whether no cache keeps it for anybody else.
fn is_for_one_person(headers: &HeaderMap) -> bool {
    let directives = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = directives.flat_map(|line| line.split(',')).map(str::trim);
    directives.any(|directive| directive.eq_ignore_ascii_case("no-store") || directive.eq_ignore_ascii_case("private"))
}

fn append(headers: &mut HeaderMap, cookies: impl IntoIterator<Item = SetCookie>) {
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie.into_header());
    }
}

fn is_unstored(headers: &HeaderMap) -> bool {
    headers.get(header::CACHE_CONTROL).is_some_and(|value| value.as_bytes() == b"no-store")
}

fn names(headers: &HeaderMap, is_it: fn(&HeaderValue) -> bool) -> bool {
    headers.get_all(header::SET_COOKIE).iter().any(is_it)
}
