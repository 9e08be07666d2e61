//! What is read of a provider's people: what a session keeps, and what UserInfo is asked for.

use serde_json::json;

use crate::{
    config::testing::{DOMAINS, GIFTS, SMALL, and, config, of_two, sigma, with},
    identity::{
        Claims, Identity, ProviderName, Session, SessionError, UserInfoUse,
        testing::{NOW, SITE},
    },
    reason::Reason,
};

/// Whether an ID token with these claims lacks something that is read of a provider's people.
fn lacks(text: &str, provider: &str, claims: serde_json::Value) -> bool {
    let config = config(text);
    let source = config.providers.get(&ProviderName::parse(provider).unwrap()).expect("the provider");
    source.oidc().expect("it is one").wanted.is_missing_in(&serde_json::from_value(claims).expect("an object"))
}

#[test]
fn userinfo_is_asked_when_needed_unless_the_operator_says_otherwise() {
    let of = |line: &str| {
        let text = with(DOMAINS, &format!("{DOMAINS}\n{line}"));
        config(&text).providers.values().next().and_then(|source| Some(source.oidc()?.userinfo))
    };
    assert_eq!(of(""), Some(UserInfoUse::WhenNeeded));
    assert_eq!(of("userinfo = \"when-needed\""), Some(UserInfoUse::WhenNeeded));
    assert_eq!(of("userinfo = \"always\""), Some(UserInfoUse::Always));
    assert_eq!(of("userinfo = \"never\""), Some(UserInfoUse::Never));
}

#[test]
fn what_rules_templates_routes_and_chosen_headers_read_is_wanted() {
    let groups = json!({ "groups": [] });
    assert!(lacks(SMALL, "corp", json!({})) && !lacks(SMALL, "corp", groups.clone()));
    let template = with("teams = [\"Finance\"]", "teams = [\"Finance\"]\nuser_attributes = { a = \"{region}\" }");
    assert!(lacks(&template, "corp", groups.clone()));
    let route = and("[[site.route]]\npath = \"/crm/\"\naccess = { when = { hd = \"example.com\" } }\n");
    assert!(lacks(&route, "corp", groups.clone()));
    let names = sigma("names = true");
    assert!(lacks(&names, "corp", groups.clone()));
    for (headers, is_wanted) in [("x-forwarded", false), ("none", false), ("x-auth-request", true), ("remote", true)] {
        let text = and(&format!("identity_headers = \"{headers}\"\n"));
        assert_eq!(lacks(&text, "corp", groups.clone()), is_wanted, "{headers}");
        assert!(!lacks(&text, "corp", json!({ "groups": [], "preferred_username": "ann" })), "{headers}");
    }
    let sign_in = with("groups = [\"finance\"]", "groups = [\"finance\"], acr = \"mfa\", email = \"ann@example.com\"");
    assert!(
        !lacks(&sign_in, "corp", groups),
        "of the sign-in itself UserInfo has no say, and the address has its own place"
    );
}

#[test]
fn what_another_providers_rules_read_is_neither_wanted_nor_kept() {
    let route = "[[site.route]]\npath = \"/crm/\"\naccess = { when = { department = \"bi\" } }\n";
    let text = of_two("when = { provider = \"partner\", groups = { glob = \"*\" } }", route);
    let claims = json!({ "groups": ["a", "b"], "department": "bi" });
    assert!(!lacks(&text, "corp", json!({ "department": "bi" })) && lacks(&text, "partner", json!({})));
    let rules = config(&text).session;
    let kept = |provider: &str| {
        let claims = serde_json::from_value(claims.clone()).expect("an object");
        let projection = rules.projection_of(&ProviderName::parse(provider).unwrap());
        serde_json::to_value(projection.project(&claims)).expect("claims are JSON")
    };
    assert_eq!(kept("corp"), json!({ "department": "bi" }));
    assert_eq!(kept("partner"), json!({ "groups": ["a", "b"] }));
}

#[test]
fn a_session_ends_with_new_rules_for_its_own_providers_people_alone() {
    let text = |corp: &str, partner: &str| {
        let both = format!("any = [{{ provider = \"corp\", {corp} }}, {{ provider = \"partner\", {partner} }}]");
        of_two(&format!("when = {{ {both} }}"), "")
    };
    let (a, b) = ("groups = \"a\"", "department = \"b\"");
    let before = config(&text(a, a)).session;
    let corp = ProviderName::parse("corp").unwrap();
    let (subject, email) =
        ("7".to_owned(), serde_json::from_value(json!("ann@example.com")).map_err(|_| Reason::EmailMissing));
    let identity = Identity { provider: corp, subject, email, claims: Claims::default() };
    let sealed = Session::begin(identity, &before, NOW).seal(&before, SITE, [7; 12]).expect("it fits");
    let open = |text: &str| Session::open(&sealed, &config(text).session, SITE, NOW).map(drop);
    assert_eq!(open(&text(a, a)), Ok(()));
    assert_eq!(open(&text(a, b)), Ok(()), "what partners are asked is nothing to it");
    assert_eq!(open(&text(b, a)), Err(SessionError::Outdated));
}

/// What a session keeps of claims.
fn projected(text: &str, claims: serde_json::Value) -> Claims {
    let rules = config(text).session;
    let projection = rules.projection_of(&ProviderName::parse("corp").unwrap());
    projection.project(&serde_json::from_value(claims).expect("claims are an object"))
}

#[test]
fn a_session_keeps_what_conditions_access_rules_and_templates_look_at() {
    let text = with(GIFTS, &format!("{GIFTS}user_attributes = {{ region = \"{{region}}\" }}\n"));
    let text = format!("{text}[[site.route]]\npath = \"/crm/\"\naccess = {{ when = {{ crm = true }} }}\n");
    let claims = json!({
        "groups": ["finance", "other"], "crm": true, "region": "EMEA", "preferred_username": "ann", "given_name": "Ann",
        "phone_number": "1",
    });
    let kept = serde_json::to_value(projected(&text, claims)).expect("claims are JSON");
    let expected = json!({ "groups": ["finance"], "crm": true, "region": "EMEA", "preferred_username": "ann" });
    assert_eq!(kept, expected);
}

#[test]
fn names_are_kept_only_where_an_organization_is_sent_names() {
    let text = with("client_id = \"id\"", "client_id = \"id\"\nnames = true");
    let claims = || json!({ "given_name": "Ann", "family_name": "Ng" });
    assert_eq!(projected(&text, claims()).0.len(), 2);
    assert_eq!(projected(SMALL, claims()).0.len(), 0);
}

#[test]
fn the_name_is_kept_that_a_site_sends_in_its_identity_headers() {
    for (preset, kept) in [
        ("x-forwarded", json!({ "preferred_username": "ann" })),
        ("x-auth-request", json!({ "preferred_username": "ann" })),
        ("remote", json!({ "preferred_username": "ann", "name": "Ann Ng" })),
        ("none", json!({})),
    ] {
        let text = format!("{SMALL}identity_headers = \"{preset}\"\n");
        let claims = json!({ "preferred_username": "ann", "name": "Ann Ng", "nickname": "a" });
        assert_eq!(serde_json::to_value(projected(&text, claims)).expect("claims are JSON"), kept, "{preset}");
    }
}
