//! What was given, under another configuration and later.

use std::{sync::Arc, time::Duration};

use super::{CONFIG, admitted, config, session};
use crate::{
    config::{Config, Site},
    decide::{Given, Lapse, stands},
    identity::{
        AssertionSettings, Cookies, Session, SessionError, Source, Visitor, VisitorSource,
        testing::{NOW, of_assertions},
    },
    request::Admitted,
    time::UnixSeconds,
};

type Edit = fn(String) -> String;

/// A request of Ann's for a path, with her session in its cookie.
fn asked(path: &str, ann: &Session) -> Admitted {
    let sealed = ann.seal(&CONFIG.session, "crm.example.com", [7; 12]).expect("it fits");
    admitted(&format!("GET {path}\ncookie: __Host-sg={sealed}"))
}

fn ann() -> Session {
    session(serde_json::json!({ "groups": ["finance"] }))
}

fn visitor(session: Session) -> Visitor {
    Visitor::of(session, &CONFIG.session)
}

fn look(config: &Arc<Config>, path: &str, now: UnixSeconds) -> Result<Option<UnixSeconds>, Lapse> {
    let (request, ann) = (asked(path, &ann()), visitor(ann()));
    let cookies = Cookies::of(&request.headers);
    stands(
        config,
        Given { request: &request, cookies: &cookies, visitor: Some(&ann), compared_by: None, attested_by: None },
        now,
    )
}

#[test]
fn what_was_given_stands_while_nothing_changes_until_the_session_ends() {
    let ends_at = ann().ends_at;
    assert_eq!(look(&CONFIG, "/finance/x", NOW), Ok(Some(ends_at)));
    assert_eq!(look(&CONFIG, "/finance/x", ends_at), Err(Lapse::Session(SessionError::Ended)));
}

#[test]
fn what_is_moved_stands_while_both_ends_do() {
    let request = admitted("MOVE /public/x\ndestination: http://crm.example.com/public/y");
    let cookies = Cookies::of(&request.headers);
    let given = Given { request: &request, cookies: &cookies, visitor: None, compared_by: None, attested_by: None };
    assert_eq!(stands(&CONFIG, given, NOW), Ok(None));
    let closed = config(|text| {
        let route = "[[site.route]]\npath = \"/public/y\"\naccess = \"signed-in\"\n";
        text + route
    });
    assert_eq!(stands(&closed, given, NOW), Err(Lapse::SignIn));
}

#[test]
fn what_was_given_to_nobody_stands_for_as_long_as_nobody_may_have_it() {
    let request = admitted("GET /public/x");
    let cookies = Cookies::of(&request.headers);
    let given = Given { request: &request, cookies: &cookies, visitor: None, compared_by: None, attested_by: None };
    assert_eq!(stands(&CONFIG, given, NOW), Ok(None));
    let closed = config(|text| text.replacen("access = \"public\"", "access = \"signed-in\"", 1));
    assert_eq!(stands(&closed, given, NOW), Err(Lapse::SignIn));
}

#[test]
fn each_change_of_the_configuration_that_takes_something_back_is_a_lapse() {
    let edits: [(Edit, Lapse); 6] = [
        (|text| text.replace("https://crm.", "https://other."), Lapse::Site),
        (|text| text.replacen("path = \"/report\"", "path = \"/finance/x\"", 1), Lapse::Path),
        (
            |text| text.replacen("[session]", "[session]\nnot_before = \"2030-01-01T00:00:00Z\"", 1),
            Lapse::Session(SessionError::Revoked),
        ),
        (
            |text| text.replacen("email_domains = [\"example.com\"]", "email_domains = [\"example.org\"]", 1),
            Lapse::Session(SessionError::Outdated),
        ),
        (|text| text.replacen("{ groups = \"finance\" }", "{ not = { groups = \"finance\" } }", 1), Lapse::Rule),
        (|text| text.replacen("upstream =", "same_person = \"X-Front-Email\"\nupstream =", 1), Lapse::Compared),
    ];
    for (edit, lapse) in edits {
        let edited = config(edit);
        assert_eq!(look(&edited, "/finance/x", NOW), Err(lapse));
    }
    let ours = config(|text| text.replacen("[sigma.acme]", "[paths]\nsigma = \"/elsewhere\"\n[sigma.acme]", 1));
    assert_eq!(look(&ours, "/elsewhere/x", NOW), Err(Lapse::Path));
}

#[test]
fn a_websocket_stands_with_the_origin_that_opened_it() {
    let request = admitted(
        "GET /public/x\nconnection: upgrade\nupgrade: websocket\nsec-websocket-key: x\norigin: https://crm.example.com",
    );
    let cookies = Cookies::of(&request.headers);
    let given = Given { request: &request, cookies: &cookies, visitor: None, compared_by: None, attested_by: None };
    assert_eq!(stands(&CONFIG, given, NOW), Ok(None));
    let moved = config(|text| text.replace("https://crm.example.com", "https://crm.example.com:8443"));
    assert_eq!(stands(&moved, given, NOW), Err(Lapse::Origin));
}

#[test]
fn another_persons_session_in_the_same_cookies_is_a_lapse() {
    let (ann, mut bo) = (ann(), ann());
    bo.signed_in_at = bo.signed_in_at.plus(Duration::from_secs(1));
    let request = asked("/finance/x", &ann);
    let (cookies, bo) = (Cookies::of(&request.headers), visitor(bo));
    let given =
        Given { request: &request, cookies: &cookies, visitor: Some(&bo), compared_by: None, attested_by: None };
    assert_eq!(stands(&CONFIG, given, NOW), Err(Lapse::Person));
}

/// The same, at a site that takes a source of attached identities.
fn accepting(edit: impl FnOnce(&mut AssertionSettings)) -> Arc<Config> {
    let (mut config, mut settings) = (Config::clone(&CONFIG), of_assertions());
    edit(&mut settings);
    let (name, settings) = (settings.source.name.clone(), Arc::new(settings));
    config.sites[0] = Arc::new(Site { accepts: vec![Arc::clone(&settings)], ..Site::clone(&config.sites[0]) });
    config.providers.insert(name, Source::Assertion(settings));
    Arc::new(config)
}

/// Nothing is kept of an identity that came with its request: it vouches to its end, at a site that takes its source.
#[test]
fn a_visitor_without_a_cookie_stands_to_the_end_of_what_vouched_for_them() {
    let (request, ends_at) = (admitted("GET /finance/x"), NOW.plus(Duration::from_secs(60)));
    let cookies = Cookies::of(&request.headers);
    let mut visitor = Visitor { ends_at, source: VisitorSource::Assertion, ..visitor(ann()) };
    let settings = of_assertions();
    visitor.identity.provider = settings.source.name.clone();
    let given =
        Given { request: &request, cookies: &cookies, visitor: Some(&visitor), compared_by: None, attested_by: None };
    let given = Given { attested_by: Some(&settings), ..given };
    let same = accepting(|_| {});
    assert_eq!(stands(&same, given, NOW), Ok(Some(ends_at)));
    assert_eq!(stands(&same, given, ends_at), Err(Lapse::Session(SessionError::Ended)));
    let outdated = Err(Lapse::Session(SessionError::Outdated));
    assert_eq!(stands(&CONFIG, given, NOW), outdated, "the site takes it no more");
    let edits: [fn(&mut AssertionSettings); 3] = [
        |settings| settings.issuer = "https://other.example.com".to_owned(),
        |settings| settings.audiences = vec!["other".to_owned()],
        |settings| settings.source.email_domains.clear(),
    ];
    for edit in edits {
        assert_eq!(stands(&accepting(edit), given, NOW), outdated, "it was held against something else");
    }
}
