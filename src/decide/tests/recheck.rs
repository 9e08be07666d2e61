//! A session that its provider is asked about again: when, for which requests, and what counts until then.

use std::{sync::Arc, time::Duration};

use super::{CONFIG, NAVIGATION, config, facts_under};
use crate::{
    config::Config,
    decide::{AsWhom, Asker, Decision, Facts, Own, SignIn, decide, identify},
    identity::{CookieName, LoginRounds, Session, SessionError, SessionRules, testing::NOW},
    limits::RECHECK_GRACE,
    reason::Reason,
    request::Asserted,
};

const RECHECK: Duration = Duration::from_secs(900);

fn rechecking() -> Arc<Config> {
    config(|text| text.replace("[session]", "[session]\nrecheck = \"15m\""))
}

/// A request with a session that was checked so long ago.
fn after(ago: Duration, head: &str) -> Facts {
    let config = rechecking();
    let session =
        Session { checked_at: NOW.minus(ago), ..super::session(serde_json::json!({ "groups": ["finance"] })) };
    let session = Session { signed_in_at: NOW.minus(ago + RECHECK), ..session };
    let sealed = session.seal(&config.session, "crm.example.com", [1; 12]).unwrap();
    let facts = facts_under(&config, &format!("{head}\ncookie: __Host-sg={sealed}"), Asker::of(None));
    let asker = identify(&facts.place, &config.session, &facts.cookies, &Asserted::Unasked, NOW);
    Facts { asker, ..facts }
}

fn decided(ago: Duration, head: &str) -> Decision {
    let facts = after(ago, head);
    decide(&facts.place, &facts.asker, &facts.request.visit)
}

const PAGE: &str = "sec-fetch-dest: document\nsec-fetch-site: none\nsec-fetch-mode: navigate";
const FETCH: &str = "sec-fetch-dest: empty\nsec-fetch-site: same-origin";
const FRAME: &str = "sec-fetch-dest: iframe\nsec-fetch-site: same-origin\nsec-fetch-mode: navigate";

#[test]
fn an_older_session_is_checked_by_the_next_page_and_counts_for_all_else_until_its_grace_is_over() {
    let (fresh, due) = (RECHECK - Duration::from_secs(1), RECHECK);
    let overdue = RECHECK + RECHECK_GRACE;
    let forwarded = Decision::Forward { as_whom: AsWhom::Visitor };
    let round = Decision::SignIn(SignIn::Redirect);
    let get = |path: &str, how: &str| format!("GET {path}\n{how}");
    for ago in [fresh, due, overdue] {
        let of_page = if ago == fresh { forwarded.clone() } else { round.clone() };
        assert_eq!(decided(ago, &get("/finance/x", PAGE)), of_page, "{ago:?}");
        let of_report = if ago == fresh { Decision::Own(Own::EmbedPage) } else { round.clone() };
        assert_eq!(decided(ago, &get("/report", PAGE)), of_report, "{ago:?}");
        assert_eq!(decided(ago, &get("/public/x", PAGE)), Decision::Forward { as_whom: AsWhom::Nobody });
    }
    for (head, path) in [(FETCH, "GET /x"), (FRAME, "GET /x"), ("sec-fetch-dest: document", "POST /x")] {
        let head = format!("{path}\n{head}");
        assert_eq!(decided(overdue - Duration::from_secs(1), &head), forwarded, "{head}");
        let refused = decided(overdue, &head);
        let is_refused = matches!(refused, Decision::SignIn(SignIn::Link { reason: Reason::RecheckDue, .. }));
        assert!(is_refused, "{head}: {refused:?}");
    }
    let optional = get("/optional/x", PAGE);
    assert_eq!(decided(overdue, &optional), round, "who was signed in is not told to be nobody");
}

#[test]
fn where_a_round_has_just_been_there_is_no_second_one() {
    let rounds = LoginRounds::default().finished(NOW).seal(&CONFIG.session.keys, "crm.example.com", [2; 12]);
    let head = format!("GET /x\n{PAGE}");
    assert!(after(RECHECK, &head).recheck().is_some());
    let facts = after(RECHECK, &format!("{head}\ncookie: {}={rounds}", CookieName::LoginRounds));
    assert!(facts.asker.counts_rounds && facts.recheck().is_none());
    let decision = decide(&facts.place, &facts.asker, &facts.request.visit);
    assert_eq!(decision, Decision::Forward { as_whom: AsWhom::Visitor }, "it counts for its grace");
}

#[test]
fn what_was_given_ends_with_the_grace_and_never_after_the_session() {
    let facts = after(RECHECK, &format!("GET /x\n{NAVIGATION}"));
    let visitor = facts.asker.visitor.as_ref().unwrap();
    assert_eq!(visitor.ends_at, NOW.plus(RECHECK_GRACE));
    let facts = after(RECHECK + RECHECK_GRACE, &format!("GET /x\n{FETCH}"));
    assert_eq!((facts.asker.visitor, facts.asker.fault), (None, Some(SessionError::Unchecked)));
}

#[test]
fn without_recheck_a_session_counts_to_its_end() {
    let session = Session { signed_in_at: NOW.minus(RECHECK * 4), ..super::session(serde_json::json!({})) };
    let sealed = session.seal(&CONFIG.session, "crm.example.com", [1; 12]).unwrap();
    let facts = super::facts_by_cookies(&format!("GET /x\n{PAGE}\ncookie: __Host-sg={sealed}"));
    assert!(facts.asker.due.is_none() && facts.asker.visitor.is_some());
}

/// A navigation with a session of so long ago, and a cookie that says when its person was seen last.
fn idle(begun_ago: u64, seen_ago: Option<u64>, of: &str) -> Facts {
    let config = config(|text| text.replace("[session]", "[session]\nidle = \"30m\""));
    let (rules, site) = (&config.session, "crm.example.com");
    let signed_in_at = NOW.minus(Duration::from_secs(begun_ago));
    let session = super::session(serde_json::json!({ "groups": ["finance"] }));
    let session = Session { signed_in_at, checked_at: signed_in_at, ..session };
    let mut whose = session.identity.clone();
    of.clone_into(&mut whose.subject);
    let seen = seen_ago.map(|ago| {
        let at = NOW.minus(Duration::from_secs(ago));
        rules.seen_now(rules.owner(&whose).unwrap(), signed_in_at, site, at, [3; 12]).unwrap().into_header()
    });
    let seen = seen.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned()).unwrap_or_default();
    let sealed = session.seal(rules, site, [1; 12]).unwrap();
    let facts = facts_under(&config, &format!("GET /x\n{PAGE}\ncookie: __Host-sg={sealed}; {seen}"), Asker::of(None));
    let asker = identify(&facts.place, rules, &facts.cookies, &Asserted::Unasked, NOW);
    Facts { asker, ..facts }
}

#[test]
fn a_session_ends_when_its_person_was_away_for_idle_and_the_cookie_signs_nobody_in() {
    let state = |facts: Facts| (facts.asker.fault, facts.asker.renews_last_seen);
    let (over, fresh, renewed) = ((Some(SessionError::Idle), false), (None, false), (None, true));
    for (begun, seen, of, expected) in [
        (60, None, "u-1", fresh),
        (180, None, "u-1", renewed),
        (1_799, None, "u-1", renewed),
        (1_800, None, "u-1", over),
        (7_000, Some(60), "u-1", fresh),
        (7_000, Some(1_000), "u-1", renewed),
        (7_000, Some(1_800), "u-1", over),
        (7_000, Some(60), "u-2", over),
    ] {
        assert_eq!(state(idle(begun, seen, of)), expected, "{begun} {seen:?} {of}");
    }
    let ended = idle(9 * 3_600, Some(60), "u-1");
    assert_eq!(ended.asker.fault, Some(SessionError::Ended), "it never extends max_age");
    let rules = SessionRules { idle: Some(Duration::from_secs(1_800)), ..CONFIG.session.clone() };
    let owner = rules.owner(&super::session(serde_json::json!({})).identity).unwrap();
    let seen = rules.seen_now(owner, NOW, "crm.example.com", NOW, [3; 12]).unwrap().into_header();
    let seen = seen.to_str().unwrap().split(';').next().unwrap();
    let alone = super::facts_by_cookies(&format!("GET /x\n{PAGE}\ncookie: {seen}")).asker;
    assert_eq!((alone.visitor, alone.fault), (None, Some(SessionError::Missing)), "it signs nobody in");
}

#[test]
fn the_time_is_renewed_on_answers_for_one_person_alone() {
    let facts = idle(1_000, None, "u-1");
    for (cache_control, is_told) in
        [("no-store", true), ("private, max-age=60", true), ("public, max-age=60", false), ("max-age=60", false)]
    {
        let mut headers = http::HeaderMap::new();
        headers.insert("cache-control", cache_control.parse().unwrap());
        crate::decide::see_off(&facts, http::StatusCode::OK, false, &mut headers, || [9; 12]);
        let told = headers.get("set-cookie").is_some_and(|line| line.as_bytes().starts_with(b"__Host-sg-i="));
        assert_eq!(told, is_told, "{cache_control}");
    }
}
