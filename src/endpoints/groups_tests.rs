//! What a sign-in tells of groups that a session has no room for.

use http::StatusCode;
use serde_json::json;

use super::{
    Said,
    tests::{ann_signed_in, finish, nobody},
};
use crate::{
    decide::{
        Event,
        tests::{config, facts_under},
    },
    forward::ValueFault,
    identity::SignedIn,
};

/// What the callback says to somebody in so many groups, on a site that is told all of them, or those that a rule names.
fn signed_in_to_groups(forwarded: &str, groups: usize) -> Said {
    let lines = format!("url = \"https://crm.example.com\"\nforward_groups = \"{forwarded}\"");
    let config = config(|text| text.replacen("url = \"https://crm.example.com\"", &lines, 1));
    let facts = facts_under(&config, "GET /oauth2/callback", nobody());
    let groups: Vec<String> = (0..groups).map(|number| format!("{number:036}")).collect();
    let SignedIn { mut identity, .. } = ann_signed_in();
    let claims = serde_json::from_value(json!({ "groups": groups })).unwrap();
    identity.claims = facts.config.session.projection_of(&identity.provider).project(&claims);
    finish(&facts, Ok(SignedIn { identity, ..ann_signed_in() }))
}

#[test]
fn groups_that_do_not_fit_are_told_in_the_audit_line_and_counted_and_nobody_is_kept_out() {
    let said = signed_in_to_groups("all", 200);
    assert_eq!(said.answer.status(), StatusCode::SEE_OTHER);
    let [Event::SignIn { result: "signed_in", detail: Some(detail), .. }, Event::Untold { header, fault }] =
        &said.events[..]
    else {
        panic!("{:?}", said.events)
    };
    assert!(detail.ends_with(" groups do not fit into the session: the application is not told of them"), "{detail}");
    assert_eq!((header.as_str(), *fault), ("x-forwarded-groups", ValueFault::NoRoom));
    for (forwarded, groups) in [("all", 20), ("named", 200)] {
        let said = signed_in_to_groups(forwarded, groups);
        assert!(matches!(&said.events[..], [Event::SignIn { detail: None, .. }]), "{forwarded}: {:?}", said.events);
    }
}
