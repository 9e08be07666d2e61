//! What a silent round about a session ends with, where it ends badly or too late.

use std::{sync::Arc, time::Duration};

use super::{
    Described, Redeemed, Said, begin, callback, came_of_nothing, may_begin, returned,
    tests::{ann_signed_in, cookies, hearing, location, redeemed, stream},
};
use crate::{
    config::Config,
    decide::{
        Asker, Event, Facts,
        tests::{NAVIGATION, config, facts_under, session},
    },
    identity::{
        CallbackParameters, DueCheck, IdentityError, LoginError, LoginPurpose, ReturnTo, Session, testing::NOW,
    },
    request::Asserted,
};

const RECHECK: Duration = Duration::from_secs(900);

fn rechecking() -> Arc<Config> {
    config(|text| text.replace("[session]", "[session]\nrecheck = \"15m\""))
}

/// Ann's session, checked so long ago.
fn checked(ago: Duration) -> Session {
    Session { checked_at: NOW.minus(ago), signed_in_at: NOW.minus(RECHECK * 2), ..session(serde_json::json!({})) }
}

/// A request of a browser with that session in its cookie.
fn facts_with(cookie: Option<&Session>, head: &str) -> Facts {
    let config = rechecking();
    let sealed = cookie.map(|session| session.seal(&config.session, "crm.example.com", [1; 12]).unwrap());
    let cookie = sealed.map(|sealed| format!("__Host-sg={sealed}; ")).unwrap_or_default();
    let facts = facts_under(&config, &format!("{head}\n{NAVIGATION}\ncookie: {cookie}a=b"), Asker::of(None));
    let asker = crate::decide::identify(&facts.place, &config.session, &facts.cookies, &Asserted::Unasked, NOW);
    Facts { asker, ..facts }
}

/// What a round about `held` ends with, in a browser with that cookie.
fn ended(held: &Session, cookie: Option<&Session>, signed_in: Result<(), LoginError>) -> Said {
    let facts = facts_with(cookie, "GET /oauth2/callback");
    let held = DueCheck::about(held, &facts.config.session).unwrap().held;
    let return_to = ReturnTo::of_request("/later?x=1", &facts.site().url);
    let redeemed = redeemed(return_to, signed_in.map(|()| ann_signed_in()));
    hearing(&facts, Redeemed { purpose: LoginPurpose::Recheck(held), ..redeemed }, callback)
}

fn has(said: &Said, cookie: &str) -> bool {
    cookies(said).iter().any(|name| name == cookie)
}

#[test]
fn a_round_renews_the_session_that_it_is_about() {
    let due = checked(RECHECK);
    for cookie in [&due, &checked(RECHECK * 2)] {
        let said = ended(&due, Some(cookie), Ok(()));
        assert_eq!((location(&said), has(&said, "__Host-sg"), has(&said, "-CRMSESSION")), ("/later?x=1", true, false));
        assert!(matches!(&said.events[..], [Event::SignIn { result: "rechecked", .. }]));
    }
}

/// Signed out, ended or signed in anew in another tab, while the round was on its way.
#[test]
fn a_round_about_a_session_that_the_browser_has_no_more_brings_none() {
    let due = checked(RECHECK);
    let newer = Session { signed_in_at: NOW, checked_at: NOW, ..checked(RECHECK) };
    let ended_since = Session { ends_at: NOW, ..checked(RECHECK) };
    for cookie in [None, Some(&newer), Some(&ended_since)] {
        let said = ended(&due, cookie, Ok(()));
        let expected = if cookie.is_none() { ("", "signed_out") } else { ("/later?x=1", "recheck_ended") };
        assert_eq!((location(&said), said.why), expected, "{cookie:?}");
        assert!(!has(&said, "__Host-sg") && !has(&said, "-__Host-sg") && has(&said, "__Host-sg-n"), "{cookie:?}");
        assert!(!has(&said, "-__Host-sg-o"), "whoever has signed out stays so: {cookie:?}");
        assert!(matches!(&said.events[..], [Event::SignIn { result: "not_signed_in", user: None, .. }]));
    }
}

#[test]
fn whoever_has_left_leaves_the_hosts_cookies_too() {
    let due = checked(RECHECK);
    let words = CallbackParameters::parse("state=s&error=login_required").unwrap().words().unwrap();
    let said = ended(&due, Some(&due), Err(LoginError::ProviderRefused { words }));
    assert_eq!((location(&said), said.ends_session), ("/later?x=1", true));
    assert!(has(&said, "-__Host-sg") && has(&said, "-CRMSESSION"), "{:?}", cookies(&said));
}

/// Their address is not verified any more, or of another domain, or their groups are elsewhere.
#[test]
fn whoever_would_not_be_signed_in_today_does_not_stay_so() {
    let due = checked(RECHECK);
    let newer = Session { signed_in_at: NOW, checked_at: NOW, ..checked(RECHECK) };
    let refused = || Err(LoginError::Identity(IdentityError::GroupsOverage));
    let said = ended(&due, Some(&due), refused());
    assert_eq!((said.why, said.ends_session), ("groups_overage", true));
    for cookie in ["-__Host-sg", "-CRMSESSION", "__Host-sg-n"] {
        assert!(has(&said, cookie), "{cookie} {:?}", cookies(&said));
    }
    let said = ended(&due, Some(&newer), refused());
    assert!(!has(&said, "-__Host-sg") && !said.ends_session, "the session is another one");
}

/// Some providers answer every silent round with an error of the moment, and some are down: the next page asks the person.
#[test]
fn a_round_that_fails_is_not_begun_again_at_once() {
    let due = checked(RECHECK);
    let failed = ended(&due, Some(&due), Err(LoginError::Exchange { cause: "503".to_owned() }));
    let facts = facts_with(Some(&due), "GET /later");
    let mut seeds = stream();
    let mut asked = super::Asked::new(&facts, &mut seeds);
    let return_to = ReturnTo::default();
    let round = may_begin(&mut asked, &return_to).unwrap();
    assert!(matches!(round.purpose, LoginPurpose::Recheck(_)));
    let metadata = Err(LoginError::ProviderUnreachable { cause: "down".to_owned() });
    let unbegun = begin(asked.hearing(Described { round, return_to, metadata }));
    for said in [failed, unbegun] {
        assert!(has(&said, "__Host-sg-n") && !has(&said, "-__Host-sg"), "{}: {:?}", said.why, cookies(&said));
    }
}

/// A browser that keeps no attempt, or a provider that loses `state`, would go round and round.
#[test]
fn an_answer_to_no_attempt_leads_nowhere_where_a_round_would_begin_anew() {
    let lost = "GET /oauth2/callback?state=s&code=c";
    let said = returned(&facts_with(Some(&checked(RECHECK)), lost)).unwrap_err();
    assert_eq!((said.why, location(&said)), ("attempt_missing", ""));
    let said = returned(&facts_with(Some(&checked(Duration::from_secs(1))), lost)).unwrap_err();
    assert_eq!((said.why, location(&said)), ("signed_in", "/"));
    for (session, is_counted) in [(RECHECK, true), (Duration::from_secs(1), false)] {
        let facts = facts_with(Some(&checked(session)), lost);
        let (said, mut seeds) = (*returned(&facts).unwrap_err(), stream());
        let said = came_of_nothing(super::Asked::new(&facts, &mut seeds), said);
        assert_eq!(has(&said, "__Host-sg-n"), is_counted, "the next page would be the same again");
    }
    let posted = "GET /oauth2/callback?posted=0123456789abcdef";
    let said = returned(&facts_with(Some(&checked(RECHECK)), posted)).unwrap_err();
    assert_eq!((said.why, location(&said)), ("attempt_missing", ""));
}

/// It is theirs still: the host application's cookies stay with them, however long they were away.
#[test]
fn whose_the_session_was_is_known_when_nobody_asked_for_too_long() {
    for keys in ["recheck = \"1m\"", "idle = \"5m\""] {
        let config = config(|text| text.replace("[session]", &format!("[session]\n{keys}")));
        let session = checked(RECHECK);
        let sealed = session.seal(&config.session, "crm.example.com", [1; 12]).unwrap();
        let facts = facts_under(&config, &format!("GET /\ncookie: __Host-sg={sealed}"), Asker::of(None));
        let asker = crate::decide::identify(&facts.place, &config.session, &facts.cookies, &Asserted::Unasked, NOW);
        assert!(asker.visitor.is_none(), "{keys}");
        assert_eq!(asker.owner(), config.session.owner(&session.identity), "{keys}");
        let said = hearing(&Facts { asker, ..facts }, redeemed(ReturnTo::default(), Ok(ann_signed_in())), callback);
        assert!(has(&said, "__Host-sg") && !has(&said, "-CRMSESSION"), "{keys}: {:?}", cookies(&said));
    }
}
