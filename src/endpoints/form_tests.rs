//! An answer that comes by form: kept by the POST, read by the GET that its page goes on to.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};

use super::{Asked, Said, keep_answer, returned};
use crate::{
    decide::{
        Event, Facts,
        tests::{NAVIGATION, ann, facts},
    },
    identity::SetCookie,
    seed::Seed,
};

const POST: &str = "POST /oauth2/callback\nsec-fetch-dest: document\nsec-fetch-site: cross-site";
const FORM: &str = "content-type: application/x-www-form-urlencoded; charset=utf-8";

fn kept(content_type: &str, body: Option<&str>) -> Said {
    let facts = facts(&format!("{POST}\n{content_type}"), crate::decide::Asker::of(None));
    let body = body.map(|body| Bytes::copy_from_slice(body.as_bytes()));
    keep_answer(Asked::new(&facts, &mut Seed::new([7; 32]).into_stream()).hearing(body))
}

/// The page's way on, and the cookie that it takes along.
fn way_on(said: &Said) -> (String, String) {
    let refresh = said.answer.headers()[header::REFRESH].to_str().unwrap();
    let line = said.cookies[0].clone().into_header();
    let cookie = line.to_str().unwrap().split(';').next().unwrap().to_owned();
    (refresh.strip_prefix("0; url=").unwrap().to_owned(), cookie)
}

/// What is said where no attempt came back.
fn said_by_callback(facts: &Facts) -> Said {
    returned(facts).err().map(|said| *said).expect("there is no attempt")
}

#[test]
fn a_posted_answer_waits_sealed_and_its_page_goes_on() {
    let said = kept(FORM, Some("code=marker&state=s"));
    assert_eq!((said.answer.status(), said.why), (StatusCode::OK, "form_answer"));
    let (location, cookie) = way_on(&said);
    assert!(location.starts_with("/oauth2/callback?posted=") && !location.contains("marker"), "{location}");
    assert!(cookie.starts_with("__Host-sg-f-") && !cookie.contains("marker"), "{cookie}");
    assert_eq!(said.cookies.len(), 1, "no session begins or ends by what another site posts");
    let line: HeaderValue = said.cookies[0].clone().into_header();
    for part in ["Max-Age=60", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(line.to_str().unwrap().contains(part), "{part}");
    }
    let page = std::str::from_utf8(said.answer.body()).unwrap();
    assert!(page.contains(&format!("href=\"{location}\"")) && !page.contains("marker"), "{page}");
    assert_eq!(said.answer.headers()[header::CACHE_CONTROL], "no-store");
}

#[test]
fn a_posted_answer_is_read_where_its_page_goes_on_to_and_its_cookie_ends() {
    let (location, cookie) = way_on(&kept(FORM, Some("code=c&state=s&state=s")));
    let nobody = || crate::decide::Asker::of(None);
    let said = said_by_callback(&facts(&format!("GET {location}\n{NAVIGATION}\ncookie: {cookie}"), nobody()));
    assert_eq!(said.why, "state_mismatch", "what comes twice in a form is refused as in a query");
    let ends = |said: &Said| said.cookies.iter().cloned().map(SetCookie::into_header).collect::<Vec<_>>();
    assert!(ends(&said)[0].to_str().unwrap().contains("Max-Age=0"), "{said:?}");
    let said = said_by_callback(&facts(&format!("GET {location}\n{NAVIGATION}"), nobody()));
    assert_eq!(said.why, "attempt_missing");
    let said = said_by_callback(&facts(&format!("GET {location}\n{NAVIGATION}"), ann(&[])));
    assert_eq!(said.why, "signed_in", "the answer was used already");
}

/// A replica with other keys has begun the attempt, and would lead here again: that has to end.
#[test]
fn an_attempt_that_no_key_here_opens_is_refused_with_its_cause_also_where_somebody_is_signed_in() {
    let of_state = crate::identity::AttemptId::of_state("s");
    let sealed = |name: String| format!("cookie: {name}=AS8eXUdvbmx5LWFub3RoZXItcmVwbGljYQ");
    for (target, cookie) in [
        ("/oauth2/callback?state=s&code=c", format!("__Host-sg-l-{of_state}")),
        (&format!("/oauth2/callback?posted={of_state}"), of_state.posted().to_string()),
    ] {
        let head = format!("GET {target}\n{NAVIGATION}\n{}", sealed(cookie));
        for asker in [ann(&[]), crate::decide::Asker::of(None)] {
            let said = said_by_callback(&facts(&head, asker));
            assert_eq!((said.why, said.answer.status()), ("attempt_missing", StatusCode::BAD_REQUEST), "{target}");
            let [Event::SignIn { detail: Some(detail), .. }] = &said.events[..] else { panic!("{:?}", said.events) };
            assert!(detail.contains("no key here opens") && detail.contains("session.keys"), "{detail}");
        }
    }
}

#[test]
fn what_is_no_form_or_too_large_is_not_kept() {
    let large = format!("state=s&code={}", "c".repeat(6_000));
    for (content_type, body, why) in [
        ("content-type: application/json", Some("{}"), "state_mismatch"),
        ("content-type: text/plain", Some("code=c&state=s"), "state_mismatch"),
        ("accept: */*", Some("code=c&state=s"), "state_mismatch"),
        (FORM, None, "body_too_large"),
        (FORM, Some(large.as_str()), "body_too_large"),
    ] {
        let said = kept(content_type, body);
        assert_eq!((said.why, said.cookies.len()), (why, 0), "{content_type}");
    }
}
