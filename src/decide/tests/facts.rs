//! Who reads a refusal, and where a sign-in leads.

use super::{NAVIGATION, ann, config, facts, facts_under};
use crate::{
    decide::{AsWhom, Asker, WayBack},
    policy::PersonCheck,
    reason::Reason,
    reply::Audience,
};

#[test]
fn a_refusal_is_for_a_tab_a_frame_or_a_program() {
    for (head, audience) in [
        ("GET /\nsec-fetch-dest: document", Audience::Tab),
        ("POST /\nsec-fetch-dest: document", Audience::Tab),
        ("GET /\nsec-fetch-dest: iframe", Audience::Frame),
        ("POST /\nsec-fetch-dest: iframe", Audience::Frame),
        ("GET /\nsec-fetch-dest: empty", Audience::Program),
        ("GET /\nsec-fetch-dest: image", Audience::Program),
        ("GET /\nsec-fetch-dest: document\nsec-purpose: prefetch", Audience::Program),
        ("GET /", Audience::Program),
    ] {
        assert_eq!(facts(head, Asker::of(None)).audience(), audience, "{head}");
    }
}

#[test]
fn a_sign_in_leads_here_to_the_page_or_to_what_was_asked_for_but_never_to_another_site() {
    let to = |head: &str, back| facts(head, Asker::of(None)).return_to(back).as_str().to_owned();
    assert_eq!(to("GET /a?b=c", WayBack::Here), "/a?b=c");
    assert_eq!(to("GET /a\nreferer: https://crm.example.com/page?x=1#y", WayBack::Referrer), "/page?x=1");
    let foreign = "/page?u=https://other.example/";
    assert_eq!(to(&format!("GET /a\nreferer: https://crm.example.com{foreign}"), WayBack::Referrer), foreign);
    let callback = "GET /a\nreferer: https://crm.example.com/oauth2/callback?code=hidden";
    assert_eq!(to(callback, WayBack::Referrer), "/");
    assert_eq!(to("GET /a\nreferer: https://evil.example/page", WayBack::Referrer), "/");
    assert_eq!(to("GET /a", WayBack::Referrer), "/");
    assert_eq!(to("GET /oauth2/start?rd=%2Fpage", WayBack::Parameter), "/page");
    assert_eq!(to("GET /oauth2/start?rd=https:%2F%2Fevil.example", WayBack::Parameter), "/");
    assert_eq!(to("GET /oauth2/start", WayBack::Parameter), "/");
    assert_eq!(to("GET /a?b=c", WayBack::Root), "/");
}

/// An `rd` is written by anybody, so some places cannot be named by one; they are no dead end.
#[test]
fn a_link_to_sign_in_names_its_place_or_is_that_place_itself() {
    let link = |target: &str| {
        let facts = facts(&format!("GET {target}"), Asker::of(None));
        facts.sign_in_url(&facts.return_to(WayBack::Here))
    };
    assert_eq!(link("/a?b=c"), "/oauth2/start?rd=%2Fa%3Fb%3Dc");
    assert_eq!(link("/a?u=https://other.example/"), "/a?u=https://other.example/");
    assert_eq!(link("/%5Cserver"), "/%5Cserver");
    assert_eq!(link("//other.example/x"), "https://crm.example.com//other.example/x");
}

#[test]
fn what_is_forwarded_for_nobody_was_given_to_nobody() {
    let facts = facts(&format!("GET /\n{NAVIGATION}"), Asker { person: PersonCheck::Same, ..ann(&[]) });
    assert!(facts.given(AsWhom::Visitor).visitor.is_some());
    assert!(facts.given(AsWhom::Nobody).visitor.is_none());
    assert!(facts.session_mark().is_some(), "a session is one, whomever the application is told of");
}

#[test]
fn what_a_rule_looked_at_is_told_with_its_values_only_where_that_is_switched_on() {
    let told = |is_on: bool, head: &str, asker: Asker, reason| {
        let config = config(|text| if is_on { format!("[log]\nclaims = true\n{text}") } else { text });
        facts_under(&config, head, asker).claims_looked_at(reason)
    };
    let (part, embed) = ("GET /finance/x", "GET /sigma/embed/revenue");
    for (head, reason, expected) in [
        (part, Reason::AccessDenied, r#"groups: asked for "finance", found ["sales"]"#),
        (embed, Reason::NotMapped, r#"mapping finance: groups: asked for "finance", found ["sales"]"#),
    ] {
        assert_eq!(told(true, head, ann(&["sales"]), reason), Some(vec![expected.to_owned()]), "{head}");
        assert_eq!(told(false, head, ann(&["sales"]), reason), None, "{head}");
        assert_eq!(told(true, head, Asker::of(None), reason), None, "of nobody");
    }
    assert_eq!(told(true, part, ann(&["sales"]), Reason::CrossSite), None, "no rule is behind it");
    assert_eq!(told(true, "GET /", ann(&["sales"]), Reason::AccessDenied), None, "nor is one of this place");
}

#[test]
fn a_link_to_another_account_leads_where_a_sign_in_leads_and_only_our_own_endpoint_hears_it() {
    let link = |target: &str| {
        let facts = facts(&format!("GET {target}"), Asker::of(None));
        facts.other_account_url(&facts.return_to(WayBack::Here))
    };
    assert_eq!(link("/a?b=c"), "/oauth2/start?account=other&rd=%2Fa%3Fb%3Dc");
    assert_eq!(link("//other.example/x"), "/oauth2/start?account=other", "no `rd` names that place");
    let asks = |target: &str| facts(&format!("GET {target}"), Asker::of(None)).asks_for_other_account();
    assert!(asks("/oauth2/start?account=other&rd=%2F") && asks("/oauth2/start?account=other"));
    for other in ["/oauth2/start", "/oauth2/start?account=others", "/a?account=other", "/oauth2/start?rd=account=other"]
    {
        assert!(!asks(other), "{other}");
    }
}

#[test]
fn the_way_back_is_the_page_before_or_the_first_one_and_never_another_site_or_this_page_itself() {
    let back = |head: &str| facts(head, ann(&[])).way_back();
    assert_eq!(back("GET /admin/\nreferer: https://crm.example.com/list?x=1").as_deref(), Some("/list?x=1"));
    assert_eq!(back("GET /admin/\nreferer: https://evil.example/list").as_deref(), Some("/"));
    assert_eq!(back("GET /\nreferer: https://crm.example.com/"), None);
    assert_eq!(back("GET /"), None);
    let slashes = "GET /a\nreferer: https://crm.example.com//evil.example/x";
    assert_eq!(back(slashes).as_deref(), Some("https://crm.example.com//evil.example/x"));
}
