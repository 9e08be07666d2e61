//! `Cookie` lines: what is left for the host application has none of ours, and all of its own.

use http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::identity::Cookies;

/// Lines: one `Cookie` header each.
pub fn cookie_line(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n').map(HeaderValue::from_bytes);
    let headers: HeaderMap = lines.filter_map(Result::ok).take(20).map(|value| (COOKIE, value)).collect();
    let cookies = Cookies::of(&headers);
    let values = cookies.session_values().chain(cookies.rounds_values()).chain(cookies.attempts().map(|(_, v)| v));
    for value in values {
        let is_there = headers.values().any(|line| memchr::memmem::find(line.as_bytes(), value.as_bytes()).is_some());
        assert!(is_there, "a value was made up");
    }

    let all: Vec<&[u8]> = headers.values().flat_map(pairs).collect();
    let others: Vec<&[u8]> = all.into_iter().filter(|pair| !is_ours(pair)).collect();
    let left: Vec<&[u8]> = cookies.for_host().into_iter().flat_map(pairs).collect();
    assert_eq!(left, others, "every other pair, and nothing else");

    let again: HeaderMap = cookies.for_host().map(|line| (COOKIE, line.clone())).into_iter().collect();
    let second = Cookies::of(&again);
    assert_eq!(second.for_host(), cookies.for_host());
    assert_eq!(second.session_values().count() + second.rounds_values().count() + second.attempts().count(), 0);
}

/// The pairs of a line, without those that are nothing.
fn pairs(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty())
}

fn is_ours(pair: &[u8]) -> bool {
    let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
    name == b"__Host-sg" || name.starts_with(b"__Host-sg-")
}
