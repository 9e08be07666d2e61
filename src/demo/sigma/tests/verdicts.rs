use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{CLIENT_ID, SECRET, WORKBOOK, claims, claims_with, header, organization, token, url_of};
use crate::{
    demo::{
        sigma::{Opening, Refusal, UsedTokens, ViewerKind, judge},
        testing::NOW,
    },
    time::UnixSeconds,
};

fn verdict(target: &str) -> Result<Opening, Refusal> {
    judge(target, &organization(), &UsedTokens::default(), NOW)
}

fn verdict_of(claims: &Value) -> Result<Opening, Refusal> {
    verdict(&url_of(claims))
}

fn verdict_with(name: &str, value: Value) -> Result<Opening, Refusal> {
    verdict_of(&claims_with(name, value))
}

#[test]
fn an_embed_user_comes_in_with_teams_type_and_attributes() {
    let opening = verdict_of(&claims()).unwrap();
    assert_eq!((opening.sub.as_str(), opening.kind), ("ana@example.com", ViewerKind::Embed));
    assert_eq!((opening.teams, opening.account_type), (vec!["Finance".to_owned()], Some("View".to_owned())));
    assert_eq!(opening.user_attributes, BTreeMap::from([("region".to_owned(), "EMEA".to_owned())]));
    assert_eq!((opening.jti.as_str(), opening.expires_at), ("id-1", UnixSeconds(NOW.0 + 3600)));
    assert_eq!(opening.document, "workbook/Sales-28xgywpg21TkRWtz3jVRCe");
}

#[test]
fn an_internal_user_comes_in_with_the_address_only() {
    let claims = json!({"sub": "eve@example.com", "jti": "1", "iat": NOW.0, "exp": NOW.0 + 60});
    let opening = verdict_of(&claims).unwrap();
    assert_eq!((opening.kind, opening.account_type, opening.teams), (ViewerKind::Internal, None, vec![]));
}

/// The second URL of the worked example: made and checked by three other JOSE implementations.
#[test]
fn the_published_example_opens_with_its_controls_and_parameters() {
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjQzZGVhYWFlNWMxZDljMTg5NDQ0YTNhOWFhMTEzNTU4ZTBlMDY3NmJlNzFiYWJiNzM5MTE2NWUwNzk0NWZhZGMifQ.eyJ2ZXIiOiIxLjEiLCJhdWQiOiJzaWdtYWNvbXB1dGluZyIsInN1YiI6ImJvYit0ZW5hbnQ3QGV4YW1wbGUuY29tIiwiaXNzIjoiNDNkZWFhYWU1YzFkOWMxODk0NDRhM2E5YWExMTM1NThlMGUwNjc2YmU3MWJhYmI3MzkxMTY1ZTA3OTQ1ZmFkYyIsImp0aSI6ImI2YjNjMGRlLTE3YjctNGI0YS04ZDUzLTJkNWQxYjZhOTBjNCIsImlhdCI6MTc5MDAwMDAwMCwiZXhwIjoxNzkwMDAzNjAwLCJmaXJzdF9uYW1lIjoiQm9iIiwibGFzdF9uYW1lIjoiTmciLCJhY2NvdW50X3R5cGUiOiJWaWV3IiwidGVhbXMiOlsidGVuYW50IDcgdmlld2VycyJdLCJ1c2VyX2F0dHJpYnV0ZXMiOnsidGVuYW50X2lkIjoiNyIsInJlZ2lvbiI6IkVNRUEifSwib2F1dGhfdG9rZW4iOiIvKzdkekx1cW1ZaDNabFZFTXlJUkFBPT0uRHc0TkRBc0tDUWdIQmdVRS5NTTJneHAvN1hkdGYyMlNOOTMyQW9nPT0uc3QvMUZIbjZ4dDZjL1FnZGRFdnNYN1g1QjN2THFVWXRPbm1xUThTNkFUSjRIWmhUQm1qbEd5Yz0ifQ.pBR9a71Gqa234EKw6et0lbULDKOX_VsdQQl6Rr5N2bY";
    let target = format!(
        "{WORKBOOK}/element/GHs4vJQxig?:jwt={token}&:embed=true&:menu_position=top&:hide_menu=true&:theme=Dark&:lng=en-gb&\
         Region=EMEA,APAC&Date-Range=min:2026-01-01,max:2026-03-31"
    );
    let opening = verdict(&target).unwrap();
    assert_eq!((opening.sub.as_str(), opening.names.join(" ")), ("bob+tenant7@example.com", "Bob Ng".to_owned()));
    assert_eq!(opening.controls[0], ("Region".to_owned(), "EMEA,APAC".to_owned()));
    assert_eq!(opening.parameters.len(), 5);
}

#[test]
fn a_used_token_is_a_replay_and_another_is_not() {
    let mut used = UsedTokens::default();
    used.insert("id-1");
    let judge = |claims: &Value| judge(&url_of(claims), &organization(), &used, NOW);
    assert_eq!(judge(&claims()), Err(Refusal::Replayed));
    assert!(judge(&claims_with("jti", json!("id-2"))).is_ok());
}

#[test]
fn documented_paths_open() {
    for path in [
        "/acme/ask",
        "/acme/workbook/28xgywpg21TkRWtz3jVRCe",
        "/acme/workbook/My-Sales-28xgywpg21TkRWtz3jVRCe/edit",
        "/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe/tag/staging%20copy",
        "/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe/page/bAGJb_-0AS",
        "/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe/tag/prod/element/GHs4vJQxig",
    ] {
        let target = url_of(&claims()).replace(WORKBOOK, path);
        assert!(verdict(&target).is_ok(), "{path}");
    }
}

#[test]
fn other_paths_are_not_found() {
    for path in [
        "/other/workbook/Sales-28xgywpg21TkRWtz3jVRCe",
        "/acme/workbook/",
        "/acme/workbook/Sales-",
        "/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe/tag/",
        "/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe/page/a/element/b",
        "/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe/",
        "/acme/home",
        "/acme",
        "/",
    ] {
        let target = url_of(&claims()).replace(WORKBOOK, path);
        assert_eq!(verdict(&target), Err(Refusal::NotFound), "{path}");
    }
}

#[test]
fn exactly_one_literal_jwt_parameter_is_taken() {
    let url = url_of(&claims());
    assert_eq!(verdict(WORKBOOK), Err(Refusal::JwtMissing));
    assert_eq!(verdict(&format!("{WORKBOOK}?:embed=true")), Err(Refusal::JwtMissing));
    assert_eq!(verdict(&format!("{url}&:jwt=x")), Err(Refusal::JwtRepeated(2)));
    let encoded = url.replace("?:jwt", "?%3Ajwt");
    assert_eq!(verdict(&encoded), Err(Refusal::KeyEncoded("%3Ajwt".to_owned())));
}

#[test]
fn other_parameters_are_documented_ones_or_controls() {
    let url = url_of(&claims());
    assert!(verdict(&format!("{url}&:theme=Dark&Region=EMEA")).is_ok());
    let unknown = Err(Refusal::ParameterUnknown(":Theme".to_owned()));
    assert_eq!(verdict(&format!("{url}&:Theme=Dark")), unknown);
    let encoded = Err(Refusal::KeyEncoded("%3Atheme".to_owned()));
    assert_eq!(verdict(&format!("{url}&%3Atheme=Dark")), encoded);
}

#[test]
fn a_token_that_is_no_compact_jws_is_malformed() {
    let good = token(&header(), &claims(), SECRET.as_bytes());
    for bad in ["", "x", "a.b.c", &good[1..], &format!("{good}="), &format!("{good}.x"), &good.replace('.', "..")] {
        assert_eq!(verdict(&format!("{WORKBOOK}?:jwt={bad}")), Err(Refusal::TokenMalformed), "{bad}");
    }
    let array = token(&header(), &json!([1]), SECRET.as_bytes());
    assert_eq!(verdict(&format!("{WORKBOOK}?:jwt={array}")), Err(Refusal::TokenMalformed));
}

fn verdict_of_header(header: &Value) -> Result<Opening, Refusal> {
    verdict(&format!("{WORKBOOK}?:jwt={}", token(header, &claims(), SECRET.as_bytes())))
}

#[test]
fn only_hs256_is_taken() {
    for alg in ["none", "None", "HS512", "ES256", "hs256"] {
        let verdict = verdict_of_header(&json!({"alg": alg, "kid": CLIENT_ID}));
        assert_eq!(verdict, Err(Refusal::Algorithm(alg.to_owned())));
    }
    assert_eq!(verdict_of_header(&json!({"kid": CLIENT_ID})), Err(Refusal::TokenMalformed));
    assert!(verdict_of_header(&json!({"alg": "HS256", "kid": CLIENT_ID})).is_ok());
}

#[test]
fn the_kid_is_the_client_id() {
    assert_eq!(verdict_of_header(&json!({"alg": "HS256"})), Err(Refusal::KidMissing));
    assert_eq!(verdict_of_header(&json!({"alg": "HS256", "kid": "other"})), Err(Refusal::KidUnknown));
    let upper = json!({"alg": "HS256", "kid": CLIENT_ID.to_uppercase()});
    assert_eq!(verdict_of_header(&upper), Err(Refusal::KidUnknown));
}

#[test]
fn the_secret_signs_as_text_not_as_hex() {
    let decoded: Vec<u8> =
        (0..SECRET.len()).step_by(2).map(|at| u8::from_str_radix(&SECRET[at..at + 2], 16).unwrap()).collect();
    for key in [decoded.as_slice(), SECRET.to_uppercase().as_bytes(), b"another secret"] {
        let token = token(&header(), &claims(), key);
        assert_eq!(verdict(&format!("{WORKBOOK}?:jwt={token}")), Err(Refusal::Signature));
    }
}

#[test]
fn required_claims_are_required() {
    for name in ["sub", "jti", "iat", "exp"] {
        assert_eq!(verdict_with(name, Value::Null), Err(Refusal::ClaimMissing(name)));
    }
}

#[test]
fn claims_have_their_documented_types() {
    for (name, value) in [
        ("sub", json!(7)),
        ("sub", json!("")),
        ("jti", json!(1)),
        ("jti", json!("")),
        ("iat", json!("1790000000")),
        ("iat", json!(1_790_000_000.5)),
        ("exp", json!("1790003600")),
        ("exp", json!(-1)),
        ("iss", json!(["a"])),
        ("ver", json!(1.1)),
        ("aud", json!(["sigmacomputing"])),
        ("teams", json!("Finance")),
        ("teams", json!([""])),
        ("teams", json!(["Finance", 7])),
        ("account_type", json!("")),
        ("account_type", json!(["View"])),
        ("user_attributes", json!(["EMEA"])),
        ("user_attributes", json!({"region": ["EMEA"]})),
        ("first_name", json!(true)),
        ("eval_connection_id", json!({})),
        ("tenant", json!(1)),
        ("oauth_token", json!({})),
        ("connection_oauth_tokens", json!("x")),
    ] {
        assert_eq!(verdict_with(name, value.clone()), Err(Refusal::ClaimType(name.to_owned())), "{name}: {value}");
    }
}

#[test]
fn an_unknown_claim_is_refused() {
    for name in ["email", "nbf", "version", "session_length", "users"] {
        assert_eq!(verdict_with(name, json!("x")), Err(Refusal::ClaimUnknown(name.to_owned())));
    }
}

#[test]
fn the_subject_is_an_address_without_blanks_and_with_a_plain_domain() {
    for sub in ["ana", "ana@", "@example.com", "a b@example.com", "ana@ex_ample.com", "ana@-x.com", "a@b@c.com", "a@b"]
    {
        assert_eq!(verdict_with("sub", json!(sub)), Err(Refusal::Subject), "{sub}");
    }
    for sub in ["ana@example.com", "bob+tenant7@example.com", "sales_person@example.com", "a@sub.example.com"] {
        assert!(verdict_with("sub", json!(sub)).is_ok(), "{sub}");
    }
}

#[test]
fn the_issuer_is_absent_or_the_client_id() {
    assert!(verdict_with("iss", Value::Null).is_ok());
    assert_eq!(verdict_with("iss", json!("somebody")), Err(Refusal::Issuer));
}

#[test]
fn the_version_is_a_known_one() {
    assert!(verdict_with("ver", Value::Null).is_ok());
    assert!(verdict_with("ver", json!("1.0")).is_ok());
    assert_eq!(verdict_with("ver", json!("2.0")), Err(Refusal::Version));
}

#[test]
fn version_1_1_needs_its_audience_and_1_0_ignores_it() {
    assert_eq!(verdict_with("aud", Value::Null), Err(Refusal::Audience));
    assert_eq!(verdict_with("aud", json!("sigma")), Err(Refusal::Audience));
    let mut old = claims_with("aud", json!("anything"));
    old["ver"] = json!("1.0");
    assert!(verdict_of(&old).is_ok());
}

#[test]
fn oauth_tokens_are_only_supported_in_version_1_1() {
    for (name, value) in [("oauth_token", json!("x")), ("connection_oauth_tokens", json!({"c": "x"}))] {
        let mut claims = claims_with(name, value);
        assert!(verdict_of(&claims).is_ok());
        claims["ver"] = json!("1.0");
        assert_eq!(verdict_of(&claims), Err(Refusal::OauthVersion(name)));
    }
}

#[test]
fn a_token_ends_at_its_second() {
    assert_eq!(verdict_with("exp", json!(NOW.0)), Err(Refusal::Expired));
    assert!(verdict_with("exp", json!(NOW.0 + 1)).is_ok());
}

#[test]
fn a_token_lives_for_thirty_days_at_most() {
    assert!(verdict_with("exp", json!(NOW.0 + 2_592_000)).is_ok());
    assert_eq!(verdict_with("exp", json!(NOW.0 + 2_592_001)), Err(Refusal::Lifetime));
    let mut backwards = claims_with("iat", json!(NOW.0 + 9));
    backwards["exp"] = json!(NOW.0 + 5);
    assert_eq!(verdict_of(&backwards), Err(Refusal::Lifetime));
}

#[test]
fn a_token_from_the_future_is_refused_beyond_ten_seconds() {
    assert!(verdict_with("iat", json!(NOW.0 + 10)).is_ok());
    assert_eq!(verdict_with("iat", json!(NOW.0 + 11)), Err(Refusal::IssuedInFuture));
}

#[test]
fn an_embed_user_has_teams_that_exist() {
    assert_eq!(verdict_with("teams", Value::Null), Err(Refusal::NoTeams));
    assert_eq!(verdict_with("teams", json!([])), Err(Refusal::NoTeams));
    let unknown = Err(Refusal::TeamUnknown("finance".to_owned()));
    assert_eq!(verdict_with("teams", json!(["Finance", "finance"])), unknown);
}

#[test]
fn a_user_attribute_exists() {
    let unknown = Err(Refusal::AttributeUnknown("Region".to_owned()));
    assert_eq!(verdict_with("user_attributes", json!({"Region": "EMEA"})), unknown);
}

#[test]
fn an_embed_user_without_an_account_type_gets_the_highest() {
    assert!(verdict_with("account_type", Value::Null).unwrap().is_highest_by_omission());
    assert!(!verdict_of(&claims()).unwrap().is_highest_by_omission());
}

#[test]
fn an_internal_user_carries_none_of_the_five() {
    let plain = json!({"sub": "eve@example.com", "jti": "1", "iat": NOW.0, "exp": NOW.0 + 60});
    assert!(!verdict_of(&plain).unwrap().is_highest_by_omission());
    for (name, value) in [
        ("first_name", json!("Eve")),
        ("last_name", json!("Sato")),
        ("user_attributes", json!({})),
        ("teams", json!([])),
        ("account_type", json!("View")),
    ] {
        let mut claims = plain.clone();
        claims[name] = value;
        assert_eq!(verdict_of(&claims), Err(Refusal::InternalUserClaims), "{name}");
    }
}

#[test]
fn documented_error_texts_are_used() {
    for (refusal, text) in [
        (Refusal::Expired, "exp cannot be in the past"),
        (Refusal::KidMissing, "Invalid input: expected string, received undefined → at kid"),
        (
            Refusal::InternalUserClaims,
            "You don't have permission to access this page. Cannot update account type for internal users.",
        ),
        (Refusal::Subject, "You don't have permission to access this page. Invalid sub field in payload."),
        (Refusal::OauthVersion("connection_oauth_tokens"), "connection_oauth_tokens is only supported in ver 1.1"),
    ] {
        assert_eq!(refusal.to_string(), text);
    }
}
