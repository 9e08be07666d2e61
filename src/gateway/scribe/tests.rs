//! What the books say: one line or count for each thing that happened, with who and where, and never a secret.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::{Ended, Known};
use crate::{
    decide::{
        Asker, Event, Facts, Lapse,
        tests::{CONFIG, ann, config, facts, facts_under},
    },
    embed::{EmbedName, MintRecord},
    gateway::testing::Books,
    identity::{ProviderName, SessionError},
    policy::PersonCheck,
    reason::Reason,
    rewrite::Note,
    time::UnixSeconds,
};

const QUERY: &str = "GET /finance/x?code=hidden\ncookie: __Host-sg=hidden; a=hidden\nauthorization: hidden";

/// The audit line of an event of Ann's, without what every line has.
fn audited(facts: &Facts, event: Event) -> Value {
    let books = Books::new();
    books.scribe.tell(facts, event);
    let mut line = books.line("audit");
    assert!(!line.to_string().contains("hidden"), "{line}");
    assert_eq!((&line["request_id"], &line["site"]), (&json!("id-1"), &json!("crm.example.com")), "{line}");
    assert_eq!(line["peer"], "192.0.2.7:50000", "{line}");
    for common in ["time", "kind", "request_id", "peer", "site"] {
        line.as_object_mut().unwrap().remove(common);
    }
    line
}

fn revenue() -> EmbedName {
    EmbedName::parse("revenue").unwrap()
}

#[test]
fn a_mint_is_one_audit_line_without_the_token() {
    let record = MintRecord {
        email: "ann@example.com".to_owned(),
        embed: revenue(),
        document: "28xgywpg21TkRWtz3jVRCe".to_owned(),
        mappings: vec![],
        teams: vec!["Finance".to_owned()],
        account_type: Some("View".to_owned()),
        jti: "j-1".to_owned(),
        expires_at: UnixSeconds(7),
    };
    let expected = json!({
        "event": "mint", "email": "ann@example.com", "embed": "revenue", "document": "28xgywpg21TkRWtz3jVRCe",
        "mappings": [], "teams": ["Finance"], "account_type": "View", "jti": "j-1", "expires_at": 7,
        "provider": "corp", "by": "session",
    });
    assert_eq!(audited(&facts(QUERY, ann(&[])), Event::Minted(record)), expected);
}

#[test]
fn a_refusal_says_whom_what_and_why() {
    let refused = Event::Refused { reason: Reason::NotMapped, embed: Some(revenue()), detail: Some("why".to_owned()) };
    let expected = json!({
        "event": "refusal", "reason": "not_mapped", "embed": "revenue", "path": "/finance/x", "detail": "why",
        "user": "u-1", "email": "ann@example.com", "provider": "corp", "by": "session",
    });
    assert_eq!(audited(&facts(QUERY, ann(&[])), refused), expected);
}

#[test]
fn a_refusal_says_what_the_claims_are_where_that_is_switched_on() {
    let config = config(|text| format!("[log]\nclaims = true\n{text}"));
    let denied = Event::Refused { reason: Reason::AccessDenied, embed: None, detail: None };
    let line = audited(&facts_under(&config, QUERY, ann(&["sales"])), denied);
    assert_eq!(line["claims"], json!([r#"groups: asked for "finance", found ["sales"]"#]));
    let read = Event::ClaimsRead { user: "u-1".to_owned(), read: vec!["groups: missing".to_owned()] };
    let expected = json!({ "event": "claims", "user": "u-1", "claims": ["groups: missing"] });
    assert_eq!(audited(&facts_under(&config, QUERY, Asker::of(None)), read), expected);
}

#[test]
fn a_sign_in_says_with_whom_and_how_it_ended() {
    let provider = ProviderName::parse("corp").unwrap();
    let event = Event::SignIn {
        provider: Some(provider),
        result: "token_aud",
        user: None,
        email: None,
        detail: Some("why".to_owned()),
    };
    let expected = json!({
        "event": "sign_in", "provider": "corp", "result": "token_aud", "user": null, "email": null, "detail": "why",
    });
    assert_eq!(audited(&facts(QUERY, Asker::of(None)), event), expected);
}

#[test]
fn an_end_says_what_does_not_stand_any_more() {
    let event = Event::Ended(Lapse::Session(SessionError::Revoked));
    let expected = json!({
        "event": "ended", "path": "/finance/x", "reason": "not_signed_in", "detail": "session is revoked",
        "user": "u-1", "email": "ann@example.com", "provider": "corp", "by": "session",
    });
    assert_eq!(audited(&facts(QUERY, ann(&[])), event), expected);
}

#[test]
fn a_session_of_somebody_else_is_audited_and_one_that_cannot_be_compared_is_told_once() {
    let set_aside = ann(&[]).visitor.map(|visitor| visitor.identity);
    let asker = |person| Asker { person, set_aside: set_aside.clone(), ..Asker::of(None) };
    let event = |said: Option<&str>| Event::SetAside { trouble: "differs", said: said.map(str::to_owned) };
    let line = audited(&facts(QUERY, asker(PersonCheck::Differs)), event(Some("bo@example.com")));
    let expected = |said: Value| {
        json!({
            "event": "refusal", "reason": "identity_conflict", "embed": null, "path": "/finance/x", "detail": null,
            "user": "u-1", "email": "ann@example.com", "provider": "corp", "by": "session", "same_person": said,
        })
    };
    assert_eq!(line, expected(json!("bo@example.com")));
    assert_eq!(audited(&facts(QUERY, asker(PersonCheck::Differs)), event(None)), expected(Value::Null));
    let (books, facts) = (Books::new(), facts(QUERY, asker(PersonCheck::Unasked)));
    for _ in 0..3 {
        books.scribe.tell(&facts, Event::SetAside { trouble: "missing", said: None });
    }
    assert_eq!((books.lines("audit").len(), books.lines("event").len()), (0, 1));
    assert!(books.counts(r#"person_checks_total{site="crm.example.com",result="missing"} 3"#));
}

#[test]
fn what_is_attached_and_refused_is_audited_with_its_source_and_names_nobody() {
    let event = |reason| Event::AttachedRefused {
        source: ProviderName::parse("front").unwrap(),
        reason,
        detail: "why".to_owned(),
    };
    let set_aside = ann(&[]).visitor.map(|visitor| visitor.identity);
    let facts = facts(QUERY, Asker { set_aside, ..Asker::of(None) });
    let expected = |reason: &str, user: Option<&str>, email: Option<&str>| {
        json!({
            "event": "refusal", "reason": reason, "embed": null, "path": "/finance/x", "detail": "why", "user": user,
            "email": email, "provider": "front", "by": "assertion",
        })
    };
    assert_eq!(audited(&facts, event(Reason::TokenSignature)), expected("token_signature", None, None));
    let conflict = expected("identity_conflict", Some("u-1"), Some("ann@example.com"));
    assert_eq!(audited(&facts, event(Reason::IdentityConflict)), conflict, "whose session has ended");
    let books = Books::new();
    books.scribe.tell(&facts, event(Reason::TokenSignature));
    let count = r#"refused_assertions_total{site="crm.example.com",provider="front",reason="token_signature"} 1"#;
    assert!(books.counts(count));
}

#[test]
fn what_an_operator_should_know_once_is_told_once_for_each_site() {
    let (books, facts) = (Books::new(), facts(QUERY, ann(&[])));
    for _ in 0..3 {
        books.scribe.tell(&facts, Event::HeaderDropped("x-user"));
        books.scribe.tell(&facts, Event::SignsConnectionsIn);
    }
    let lines = books.lines("event");
    let levels: Vec<_> = lines.iter().map(|line| line["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["info", "warn"], "{lines:?}");
    assert!(books.counts(r#"dropped_headers_total{site="crm.example.com",header="x-user"} 3"#));
}

#[test]
fn errors_of_sigma_and_notes_are_counted() {
    let (books, facts) = (Books::new(), facts(QUERY, ann(&[])));
    books.scribe.tell(&facts, Event::EmbedError { embed: revenue(), code: "EINVAL" });
    books.scribe.tell(&facts, Event::Noted(Note::TooManySlots));
    assert!(books.counts(r#"embed_errors_total{embed="revenue",code="EINVAL"} 1"#));
    assert!(books.counts(r#"rewrite_notes_total{site="crm.example.com",note="too_many_slots"} 1"#));
}

#[test]
fn a_panic_is_an_event_of_its_request() {
    let books = Books::new();
    let _events = books.with_events();
    books.scribe.panicked("id-1");
    let line = books.line("event");
    assert_eq!((&line["level"], &line["request_id"]), (&json!("error"), &json!("id-1")), "{line}");
}

#[test]
fn a_host_application_that_fails_is_told_with_the_path_and_without_the_query() {
    let facts = facts(QUERY, ann(&[]));
    let failed = || Event::UpstreamFailed { error: "e".into(), source: "s".into(), upstream: "u".into() };
    for event in [failed(), Event::UpstreamBrokeOff { source: "s".into() }] {
        let books = Books::new();
        let _events = books.with_events();
        books.scribe.tell(&facts, event);
        let line = books.line("event");
        assert_eq!(
            (&line["path"], &line["source"]),
            (&json!(facts.request.target.path.as_str()), &json!("s")),
            "{line}"
        );
        assert!(line["request_id"].is_string() && !line.to_string().contains("hidden"), "{line}");
    }
}

/// A request that ended well.
fn answered_request() -> Ended<'static> {
    static METHOD: Method = Method::GET;
    Ended {
        request_id: "id-1",
        client: std::net::SocketAddr::from(([192, 0, 2, 7], 50_000)).into(),
        method: &METHOD,
        asked_by: None,
        status: 200,
        reason: None,
        seconds: 0.001_234,
    }
}

#[test]
fn a_session_that_does_not_count_is_a_word_in_the_access_line_and_a_count() {
    let books = Books::new();
    let ended = Ended { status: 303, reason: Some("sign_in"), ..answered_request() };
    for fault in [Some(SessionError::Sealed), Some(SessionError::Missing), None] {
        let asker = Asker { fault, ..Asker::of(None) };
        books.scribe.arrived();
        books.scribe.answered(&ended, &Known::Facts(Arc::new(facts(QUERY, asker))), true);
    }
    let words: Vec<_> = books.lines("access").iter().map(|line| line["session"].clone()).collect();
    assert_eq!(words, [json!("unreadable"), Value::Null, Value::Null]);
    assert!(books.counts(r#"unusable_sessions_total{site="crm.example.com",why="unreadable"} 1"#));
}

#[test]
fn a_request_is_one_access_line_of_what_is_known_of_it_and_none_where_they_are_off() {
    let books = Books::new();
    let ended = answered_request();
    let long = "/x".repeat(10_000);
    let known = Known::Facts(Arc::new(facts(QUERY, ann(&[]))));
    for known in [&Known::Nothing, &Known::of_no_site("other.example", &long), &known] {
        books.scribe.arrived();
        books.scribe.answered(&ended, known, true);
    }
    books.scribe.arrived();
    books.scribe.answered(&ended, &known, false);
    let lines = books.lines("access");
    let of = |line: &Value| ["host", "user", "path"].map(|field| line[field].as_str().unwrap_or_default().to_owned());
    assert_eq!(lines.len(), 3);
    assert_eq!(of(&lines[0]), ["", "", ""]);
    assert_eq!(of(&lines[1])[0], "other.example");
    assert!(of(&lines[1])[2].len() <= crate::limits::LOG_QUOTE_BYTES_MAX);
    assert_eq!(of(&lines[2]), ["crm.example.com", "u-1", "/finance/x"]);
    assert_eq!((&lines[2]["provider"], &lines[2]["by"]), (&json!("corp"), &json!("session")));
    assert!(lines.iter().all(|line| line["head_ms"] == 1.23 && !line.to_string().contains("hidden")));
    assert!(books.counts("requests_in_flight 0"));
    assert!(books.counts(r#"requests_total{site="-",status="200",reason="forwarded"} 2"#));
    assert!(
        CONFIG.sites.len() == 1
            && books.counts(r#"requests_total{site="crm.example.com",status="200",reason="forwarded"} 2"#)
    );
}
