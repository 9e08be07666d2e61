//! The last touch of every answer.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{NAVIGATION, ann, facts};
use crate::{
    decide::{Asker, Facts, see_off},
    identity::SessionError,
    policy::{PersonCheck, Unproven},
};

const NO_STORE: (header::HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// What the last touch does to an answer with these lines: what it takes away (`- …`), and what it adds. All else is as it was,
/// and comes before what is added.
fn parted(facts: &Facts, status: u16, is_own: bool, lines: &[(header::HeaderName, HeaderValue)]) -> Vec<String> {
    let before: HeaderMap = lines.iter().cloned().collect();
    let mut after = before.clone();
    see_off(facts, StatusCode::from_u16(status).unwrap(), is_own, &mut after, || [9; 12]);
    let mut touched = Vec::new();
    for name in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
        let [was, is]: [Vec<_>; 2] = [&before, &after].map(|headers| headers.get_all(name).iter().collect());
        let (left, gone): (Vec<_>, Vec<_>) = was.into_iter().partition(|line| is.contains(line));
        assert!(is.starts_with(&left), "{name}: {is:?}");
        touched.extend(gone.iter().map(|line| format!("- {}", shown(name, line))));
        touched.extend(is[left.len()..].iter().map(|line| shown(name, line)));
    }
    touched
}

/// A line; of a cookie what comes before its attributes.
fn shown(name: &header::HeaderName, value: &HeaderValue) -> String {
    let value = value.to_str().unwrap();
    format!("{name}: {}", value.split_once(';').map_or(value, |(cookie, _)| cookie))
}

const EXPIRED: [&str; 2] = ["set-cookie: __Host-sg=", "set-cookie: __Host-sg="];

/// Lines of a host application's answer: some that the last touch writes over where it has to, and some that it never touches.
const OF_HOST: [(header::HeaderName, HeaderValue); 6] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")),
    (header::CONNECTION, HeaderValue::from_static("keep-alive")),
    (header::SET_COOKIE, HeaderValue::from_static("CRMSESSION=ana; Path=/")),
    (header::SET_COOKIE, HeaderValue::from_static("theme=dark; Path=/")),
    (header::ETAG, HeaderValue::from_static("\"1\"")),
    (header::CONTENT_TYPE, HeaderValue::from_static("text/html")),
];

#[test]
fn an_ordinary_answer_is_left_alone() {
    for asker in [Asker::of(None), ann(&[])] {
        let facts = facts(&format!("GET /\n{NAVIGATION}"), asker);
        for is_own in [true, false] {
            assert_eq!(parted(&facts, 200, is_own, &[NO_STORE]), Vec::<String>::new());
            assert_eq!(parted(&facts, 200, is_own, &OF_HOST), Vec::<String>::new());
        }
    }
}

#[test]
fn a_handshake_that_is_refused_closes_its_connection_and_one_that_is_not_does_not() {
    let handshake = "GET /\nconnection: upgrade\nupgrade: websocket\nsec-websocket-key: x";
    let facts = facts(handshake, ann(&[]));
    assert_eq!(parted(&facts, 403, true, &[]), ["connection: close"]);
    assert_eq!(parted(&facts, 200, false, &[]), ["connection: close"]);
    assert_eq!(parted(&facts, 101, false, &[]), Vec::<String>::new());
    // It is told once, whatever the host application said of its own connection.
    assert_eq!(parted(&facts, 403, false, &OF_HOST), ["- connection: keep-alive", "connection: close"]);
    assert_eq!(parted(&facts, 101, false, &OF_HOST), Vec::<String>::new());
}

#[test]
fn where_somebody_else_is_signed_in_at_the_proxy_in_front_everything_ends_and_nothing_is_stored() {
    let asker = Asker { person: PersonCheck::Differs, ..Asker::of(None) };
    for is_own in [true, false] {
        let mut found = parted(&facts("GET /", asker.clone()), 200, is_own, &[]);
        found.sort();
        let forgotten = ["set-cookie: CRMSESSION="; 2];
        assert_eq!(found, [&["cache-control: no-store"][..], &forgotten, &EXPIRED].concat());
        // What the host application sets is left, and comes before what ends it: its own session does not outlive this answer.
        let mut found = parted(&facts("GET /", asker.clone()), 200, is_own, &OF_HOST);
        found.sort();
        let stored = "- cache-control: public, max-age=60";
        assert_eq!(found, [&[stored, "cache-control: no-store"][..], &forgotten, &EXPIRED].concat());
    }
}

/// A page with a session that is of use ends the count of sign-in rounds; an image, or a session that proves nothing, does not.
#[test]
fn the_count_of_rounds_ends_with_the_first_page_of_a_session_that_is_of_use() {
    let counting = |asker| Asker { counts_rounds: true, ..asker };
    let page = format!("GET /\n{NAVIGATION}");
    let image = "GET /a.png\nsec-fetch-dest: image";
    let ended = &["set-cookie: __Host-sg-n="][..];
    let (same, exempt) = (PersonCheck::Same, PersonCheck::Exempt);
    let unproven = PersonCheck::Nobody(Unproven::NoAddress);
    for (head, asker, expected) in [
        (page.as_str(), counting(ann(&[])), ended),
        (&page, counting(Asker { person: same, ..ann(&[]) }), ended),
        (&page, counting(Asker { person: exempt, ..ann(&[]) }), &[]),
        (&page, counting(Asker { person: unproven, ..Asker::of(None) }), &[]),
        (&page, counting(Asker::of(None)), &[]),
        (&page, ann(&[]), &[]),
        (image, counting(ann(&[])), &[]),
    ] {
        for lines in [&[][..], &OF_HOST] {
            assert_eq!(parted(&facts(head, asker.clone()), 200, false, lines), expected, "{head} {asker:?} {lines:?}");
        }
    }
    // A callback that counts one more: the next replica may not take the session that came with it.
    let counted = (header::SET_COOKIE, HeaderValue::from_static("__Host-sg-n=sealed; Path=/"));
    assert_eq!(parted(&facts(&page, counting(ann(&[]))), 303, true, &[counted]), Vec::<String>::new());
}

#[test]
fn of_two_sessions_both_end_but_not_with_what_others_may_be_given() {
    let asker = Asker { fault: Some(SessionError::Several), ..Asker::of(None) };
    let (page, image) = (format!("GET /\n{NAVIGATION}"), "GET /a.png\nsec-fetch-dest: image");
    let set = (header::SET_COOKIE, HeaderValue::from_static("__Host-sg=new; Path=/"));
    let none = &[][..];
    for (head, is_own, lines, expected) in [
        (page.as_str(), false, none, &EXPIRED[..]),
        (&page, true, none, &EXPIRED),
        (image, false, none, &[]),
        (image, true, none, &[]),
        (image, true, &[NO_STORE], &EXPIRED),
        (image, false, &[NO_STORE], &[]),
        (&page, false, &OF_HOST, &EXPIRED),
        (image, true, &OF_HOST, &[]),
        // A sign-in has just set the one that counts.
        (&page, true, &[set], &[]),
    ] {
        assert_eq!(parted(&facts(head, asker.clone()), 200, is_own, lines), expected, "{head} {is_own} {lines:?}");
    }
}
