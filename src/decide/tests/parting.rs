//! The last touch of every answer.

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{NAVIGATION, ann, facts};
use crate::{
    decide::{Asker, Facts, part},
    identity::SessionError,
    policy::{PersonCheck, Unproven},
};

const NO_STORE: (header::HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// The lines that the last touch adds to an answer with these.
fn parted(facts: &Facts, status: u16, is_own: bool, lines: &[(header::HeaderName, HeaderValue)]) -> Vec<String> {
    let before: HeaderMap = lines.iter().cloned().collect();
    let mut headers = before.clone();
    part(facts, StatusCode::from_u16(status).unwrap(), is_own, &mut headers);
    let added = headers.iter().filter(|(name, value)| before.get_all(*name).iter().all(|line| line != *value));
    added
        .map(|(name, value)| {
            let value = value.to_str().unwrap();
            format!("{name}: {}", value.split_once(';').map_or(value, |(cookie, _)| cookie))
        })
        .collect()
}

const EXPIRED: [&str; 2] = ["set-cookie: __Host-sg=", "set-cookie: __Host-sg="];

#[test]
fn an_ordinary_answer_is_left_alone() {
    for asker in [Asker::of(None), ann(&[])] {
        let facts = facts(&format!("GET /\n{NAVIGATION}"), asker);
        for is_own in [true, false] {
            assert_eq!(parted(&facts, 200, is_own, &[NO_STORE]), Vec::<String>::new());
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
}

#[test]
fn where_somebody_else_is_signed_in_at_the_proxy_in_front_everything_ends_and_nothing_is_stored() {
    let asker = Asker { person: PersonCheck::Differs, ..Asker::of(None) };
    for is_own in [true, false] {
        let mut found = parted(&facts("GET /", asker.clone()), 200, is_own, &[]);
        found.sort();
        let forgotten = ["set-cookie: CRMSESSION="; 2];
        assert_eq!(found, [&["cache-control: no-store"][..], &forgotten, &EXPIRED].concat());
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
        assert_eq!(parted(&facts(head, asker.clone()), 200, false, &[]), expected, "{head} {asker:?}");
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
        // A sign-in has just set the one that counts.
        (&page, true, &[set], &[]),
    ] {
        assert_eq!(parted(&facts(head, asker.clone()), 200, is_own, lines), expected, "{head} {is_own} {lines:?}");
    }
}
