//! What is told of a person, by which names, and what is left out.

use serde_json::json;

use super::*;
use crate::{
    identity::{
        JwsKey, ProviderName, Visitor, VisitorSource,
        testing::{NOW, client_key_pem, parts_of},
    },
    reason::Reason,
    request::is_managed,
    time::UnixSeconds,
};

fn ann_with(claims: Value) -> Identity {
    Identity {
        provider: ProviderName::parse("corp").unwrap(),
        subject: "s-1".to_owned(),
        email: Ok(serde_json::from_str("\"ann@example.com\"").unwrap()),
        claims: serde_json::from_value(claims).unwrap(),
    }
}

fn ann() -> Identity {
    ann_with(json!({
        "groups": ["finance", "a,admin", "crm", 7, "x\ny", ""],
        "preferred_username": "ann",
        "name": "Ann Example",
        "samaccountname": "CORP\\ann",
        "level": 3,
        "vip": true,
    }))
}

type Values = Vec<(String, Option<String>)>;
type Faults = Vec<(String, &'static str)>;

/// Every header with its value, and which of them do not say what they should.
fn told(headers: &IdentityHeaders, identity: Option<Identity>) -> (Values, Faults) {
    let visitor = identity.map(|identity| Visitor {
        identity,
        ends_at: UnixSeconds(NOW.0 + 30),
        source: VisitorSource::Assertion,
    });
    let sender = Sender { visitor: visitor.as_ref(), request_id: "id-1", now: NOW };
    let lines: Vec<_> = headers.all(sender).collect();
    let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
    (
        lines.iter().map(|line| (line.name.to_string(), line.value.as_ref().map(text))).collect(),
        lines.iter().filter_map(|line| Some((line.name.to_string(), line.fault?.as_str()))).collect(),
    )
}

fn added(headers: &IdentityHeaders, identity: Identity) -> Vec<(String, String)> {
    told(headers, Some(identity)).0.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn own(headers: &[(&'static str, &str)]) -> IdentityHeaders {
    let header = |(name, says): &(&'static str, &str)| OwnHeader {
        name: HeaderName::from_static(name),
        says: Template::parse(says).unwrap(),
    };
    IdentityHeaders::from(HeaderPreset::None).with_own(headers.iter().map(header).collect())
}

fn path(text: &str) -> ClaimPath {
    ClaimPath::parse(text).unwrap()
}

#[test]
fn each_preset_has_its_names_and_none_has_none() {
    let x_forwarded = [
        ("x-forwarded-user", "s-1"),
        ("x-forwarded-email", "ann@example.com"),
        ("x-forwarded-groups", "finance,crm"),
        ("x-forwarded-preferred-username", "ann"),
    ];
    assert_eq!(added(&HeaderPreset::XForwarded.into(), ann()), pairs(&x_forwarded));
    assert_eq!(
        added(&HeaderPreset::XAuthRequest.into(), ann())[2],
        pairs(&[("x-auth-request-groups", "finance,crm")])[0]
    );
    assert_eq!(added(&HeaderPreset::Remote.into(), ann())[3], pairs(&[("remote-name", "Ann Example")])[0]);
    assert_eq!(added(&HeaderPreset::None.into(), ann()), []);
}

#[test]
fn what_is_unverified_or_unsafe_in_a_header_is_left_out() {
    let odd = Identity { email: Err(Reason::EmailUnverified), subject: "s\r\nx: y".to_owned(), ..ann() };
    let headers = IdentityHeaders::from(HeaderPreset::XForwarded);
    let names: Vec<_> = added(&headers, odd.clone()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["x-forwarded-groups", "x-forwarded-preferred-username"]);
    let faults = [("x-forwarded-user", "characters"), ("x-forwarded-groups", "groups")];
    assert_eq!(told(&headers, Some(odd)).1, faults.map(|(name, why)| (name.to_owned(), why)));
}

#[test]
fn every_name_is_named_whoever_it_is_and_of_nobody_nothing_is_said() {
    let headers = own(&[("x-remote-user", "{preferred_username}"), ("sm_user", "{absent}")]).with_assertion(signer());
    let names = ["x-remote-user", "sm_user", "sigma-gateway-assertion"];
    for identity in [None, Some(ann())] {
        assert_eq!(told(&headers, identity).0.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), names);
    }
    assert!(told(&headers, None).0.iter().all(|(_, value)| value.is_none()));
    assert_eq!(headers.names().map(HeaderName::as_str).collect::<Vec<_>>(), names);
}

#[test]
fn one_text_is_one_group_and_no_other_value_is_one() {
    let of = |value: Value| {
        let said = told(&own(&[("x-groups", "{groups}")]), Some(ann_with(json!({ "groups": value }))));
        said.0[0].1.clone()
    };
    assert_eq!(of("finance".into()).as_deref(), Some("finance"));
    for value in ["a,admin".into(), 7.into(), true.into(), json!({ "admin": true }), "".into()] {
        assert_eq!(of(value), None);
    }
}

#[test]
fn the_header_of_the_user_says_the_claim_that_is_chosen_and_nothing_in_its_place() {
    let of = |claim: &str, claims: Value| {
        let headers = IdentityHeaders::from(HeaderPreset::Remote).naming_users_by(&path(claim));
        let (values, faults) = told(&headers, Some(ann_with(claims)));
        (values[0].1.clone(), faults.first().map(|(_, why)| *why))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(of("samaccountname", json!({ "samaccountname": "ann" })), (some("ann"), None));
    assert_eq!(of("/ids/employee", json!({ "ids": { "employee": 1007 } })), (some("1007"), None));
    assert_eq!(of("email", json!({ "email": "other@example.org" })), (some("ann@example.com"), None));
    for (claims, fault) in [
        (json!({}), None),
        (json!({ "samaccountname": null }), None),
        (json!({ "samaccountname": "" }), None),
        (json!({ "samaccountname": ["ann"] }), Some("claim_type")),
        (json!({ "samaccountname": true }), Some("claim_type")),
        (json!({ "samaccountname": "ann\nbob" }), Some("characters")),
        (json!({ "samaccountname": "a".repeat(5_000) }), Some("too_long")),
    ] {
        assert_eq!(of("samaccountname", claims.clone()), (None, fault), "{claims}");
    }
}

#[test]
fn a_header_of_the_sites_own_says_its_text_with_claims_or_nothing() {
    let of = |says: &str| {
        let (values, faults) = told(&own(&[("x-own", says)]), Some(ann()));
        (values[0].1.clone(), faults.first().map(|(_, why)| *why))
    };
    for (says, value, fault) in [
        ("{samaccountname}", Some("CORP\\ann"), None),
        ("u:{preferred_username};l={level};{vip}", Some("u:ann;l=3;true"), None),
        ("{groups}", Some("finance,crm"), Some("groups")),
        ("all: {groups}", None, Some("claim_type")),
        ("fixed", Some("fixed"), None),
        ("", None, None),
        ("{preferred_username}/{absent}", None, None),
    ] {
        assert_eq!(of(says), (value.map(str::to_owned), fault), "{says}");
    }
}

#[test]
fn groups_that_another_site_has_a_session_keep_are_not_told_here() {
    let mut headers = own(&[("x-groups", "{groups}")]).with_assertion(signer());
    let named = [ValuePattern::Exact(crate::identity::Scalar::Text("crm".to_owned()))];
    headers.tell_only_groups(&ProviderName::parse("partner").unwrap(), &[]);
    headers.tell_only_groups(&ProviderName::parse("corp").unwrap(), &named);
    let (values, faults) = told(&headers, Some(ann()));
    assert_eq!((values[0].1.as_deref(), faults), (Some("crm"), vec![]));
    assert_eq!(parts_of(values[1].1.as_ref().unwrap()).1["groups"], json!(["crm"]));
}

#[test]
fn what_a_session_keeps_and_userinfo_is_asked_for_follows_from_the_headers() {
    let read =
        |headers: &IdentityHeaders| headers.read_claims().map(|path| path.as_str().to_owned()).collect::<Vec<_>>();
    let wanted = |headers: &IdentityHeaders| headers.wanted_claims().map(|one_of| one_of.len()).collect::<Vec<_>>();
    let default = IdentityHeaders::from(HeaderPreset::XForwarded);
    assert_eq!((read(&default), wanted(&default)), (vec!["preferred_username".to_owned()], vec![]));
    let remote = IdentityHeaders::from(HeaderPreset::Remote);
    assert_eq!((read(&remote).len(), wanted(&remote)), (2, vec![2]));
    let by_claim = default.naming_users_by(&path("samaccountname"));
    assert_eq!((read(&by_claim).len(), wanted(&by_claim)), (2, vec![1]));
    let by_address = IdentityHeaders::from(HeaderPreset::Remote).naming_users_by(&path("email"));
    assert_eq!(read(&by_address).len(), 2, "the address has its own place");
    let own = own(&[("x-a", "{a}-{b}"), ("x-groups", "{groups}")]);
    assert_eq!((read(&own), wanted(&own)), (vec!["a".to_owned(), "b".to_owned()], vec![1, 1]));
}

fn signer() -> Option<AssertionSigner> {
    let (header, key) = (HeaderName::from_static("sigma-gateway-assertion"), JwsKey::parse(client_key_pem()).unwrap());
    AssertionSigner::new(header, "https://crm.example.com", None, vec![key])
}

#[test]
fn the_assertion_says_who_for_a_minute_to_one_application_and_never_beyond_the_session() {
    let signer = signer().unwrap();
    let headers = IdentityHeaders::from(HeaderPreset::None).with_assertion(Some(signer.clone()));
    let of = |headers: &IdentityHeaders, identity| parts_of(told(headers, Some(identity)).0[0].1.as_ref().unwrap());
    let (header, claims) = of(&headers, ann());
    assert_eq!(header, json!({ "alg": "ES256", "kid": signer.key_set()["keys"][0]["kid"], "typ": "JWT" }));
    let mut expected = json!({
        "iss": "https://crm.example.com", "aud": "https://crm.example.com", "sub": "s-1", "provider": "corp",
        "iat": NOW.0, "exp": NOW.0 + 30, "jti": "id-1", "email": "ann@example.com", "email_verified": true,
        "groups": ["finance", "a,admin", "crm", "x\ny"],
    });
    assert_eq!(claims, expected);
    let other = headers.to("http://10.0.0.6");
    let nobody_vouches = Identity { email: Err(Reason::EmailUnverified), ..ann_with(json!({ "email": "x" })) };
    for name in ["email", "email_verified", "groups"] {
        expected.as_object_mut().unwrap().remove(name);
    }
    expected["aud"] = "http://10.0.0.6".into();
    assert_eq!(of(&other, nobody_vouches).1, expected);
    let many: Vec<String> = (0..1_000).map(|number| format!("group-{number}")).collect();
    let (values, faults) = told(&headers, Some(ann_with(json!({ "groups": many }))));
    assert!(values[0].1.as_ref().unwrap().len() < 12_000);
    assert_eq!(faults, [("sigma-gateway-assertion".to_owned(), "groups")]);
}

#[test]
fn no_client_can_bring_a_name_of_any_preset() {
    for preset in [HeaderPreset::XForwarded, HeaderPreset::XAuthRequest, HeaderPreset::Remote] {
        let headers = IdentityHeaders::from(preset);
        assert_eq!(headers.names().filter(|name| is_managed(name.as_str())).count(), 4);
    }
}
