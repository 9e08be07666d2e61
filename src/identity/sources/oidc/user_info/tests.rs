//! UserInfo is asked where something is missing, and what it says counts only for the person of the token, beside what is signed.

use serde_json::{Value, json};

use super::{super::id_token::TokenFault, *};
use crate::{
    identity::{
        ClaimPath, Keep, OF_THE_SIGN_IN, Projection, WantedClaims,
        testing::{ISSUER, NOW, TestKey, claims, document, key_set, settings},
    },
    limits::CLOCK_LEEWAY,
    secret::Secret,
};

/// An ID token with these claims beside what every one has.
fn token(more: &Value) -> VerifiedToken {
    let mut all = claims("n");
    for name in ["email", "email_verified", "groups"] {
        all.as_object_mut().unwrap().remove(name);
    }
    for (name, value) in more.as_object().unwrap() {
        all[name] = value.clone();
    }
    VerifiedToken::of(Claims::parse_strict(all.to_string().as_bytes()).unwrap())
}

/// Settings whose rules read the groups.
fn reading_groups() -> OidcSettings {
    let mut projection = Projection::default();
    projection.keep(ClaimPath::parse("groups").unwrap(), Keep::Whole);
    OidcSettings { wanted: WantedClaims::of(&projection, &OF_THE_SIGN_IN), ..settings(ISSUER) }
}

fn metadata(userinfo_endpoint: &Value) -> ProviderMetadata {
    let mut document = document(ISSUER);
    document["userinfo_endpoint"] = userinfo_endpoint.clone();
    ProviderMetadata::parse(document.to_string().as_bytes(), &settings(ISSUER)).unwrap()
}

fn tokens(access_token: Option<&str>, other_type: Option<&str>) -> Tokens {
    let access_token = access_token.map(|text| Secret::new(text.to_owned()));
    Tokens { id_token: String::new(), access_token, other_type: other_type.map(str::to_owned) }
}

fn question(more: &Value, settings: &OidcSettings) -> Result<Option<UserInfoQuestion>, UserInfoError> {
    UserInfoQuestion::of(
        &token(more),
        &tokens(Some("at"), None),
        settings,
        &metadata(&json!("https://login.example.com/me")),
    )
}

fn is_asked(more: &Value, settings: &OidcSettings) -> bool {
    question(more, settings).unwrap().is_some()
}

fn answer<'a>(content_type: Option<&'a str>, body: &'a str) -> UserInfoAnswer<'a> {
    UserInfoAnswer {
        status: StatusCode::OK,
        encoding: None,
        content_type,
        challenges: Vec::new(),
        body: body.as_bytes(),
        sent: "",
    }
}

fn read(content_type: Option<&str>, body: &str) -> Result<Value, UserInfoError> {
    let keys = key_set(&[TestKey::ed25519(1).jwk("k")]);
    answer(content_type, body)
        .read(&token(&json!({})), &settings(ISSUER), &keys, NOW)
        .map(|info| Value::Object(info.0.0))
}

fn of_jwt(header: &str, claims: &Value) -> Result<Value, UserInfoError> {
    read(Some("Application/JWT; charset=utf-8"), &TestKey::ed25519(1).sign_texts(header, &claims.to_string()))
}

fn fault_of(error: &UserInfoError) -> TokenFault {
    let UserInfoError::Token(error) = error else { panic!("{error}") };
    error.fault
}

const GOOD: &str = r#"{"alg":"EdDSA","kid":"k"}"#;

#[test]
fn it_is_asked_where_a_claim_that_is_read_is_missing_or_null_and_else_not() {
    let whole = json!({"email": "a@example.com", "email_verified": true, "groups": []});
    let without = |name: &str| {
        let mut claims = whole.clone();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let null = |name: &str| {
        let mut claims = whole.clone();
        claims[name] = Value::Null;
        claims
    };
    assert!(!is_asked(&whole, &reading_groups()));
    for name in ["email", "email_verified", "groups"] {
        assert!(is_asked(&without(name), &reading_groups()), "{name}");
        assert!(is_asked(&null(name), &reading_groups()), "{name}");
    }
    assert!(!is_asked(&without("groups"), &settings(ISSUER)), "no rule reads groups");
    let odd = json!({"email": "", "email_verified": "true", "groups": {}});
    assert!(!is_asked(&odd, &reading_groups()), "what is there is judged as it is");
}

#[test]
fn the_flag_counts_where_it_can_verify_the_address() {
    let with = |email: &str, email_verified| {
        let mut settings = settings(ISSUER);
        settings.source.email = ClaimPath::parse(email).unwrap();
        settings.source.email_verified = email_verified;
        settings
    };
    let claims = json!({"email": "a@example.com", "mail": "a@example.com"});
    assert!(is_asked(&claims, &with("email", EmailVerification::Required)));
    assert!(!is_asked(&claims, &with("email", EmailVerification::TrustedIssuer)));
    assert!(!is_asked(&claims, &with("mail", EmailVerification::Required)), "no flag would prove it");
    let flag = || EmailVerification::Claim(ClaimPath::parse("mail_ok").unwrap());
    assert!(is_asked(&claims, &with("mail", flag())));
    assert!(!is_asked(&json!({"mail": "a@example.com", "mail_ok": false}), &with("mail", flag())));
}

#[test]
fn always_and_never_are_said_by_the_operator() {
    let whole = json!({"email": "a@example.com", "email_verified": true, "groups": []});
    let using = |userinfo| OidcSettings { userinfo, ..reading_groups() };
    assert!(is_asked(&whole, &using(UserInfoUse::Always)));
    assert!(!is_asked(&json!({}), &using(UserInfoUse::Never)));
    for nobody in [json!(null), json!(""), json!(7)] {
        assert!(!is_asked(&json!({"sub": nobody}), &using(UserInfoUse::Always)), "of nobody");
    }
}

#[test]
fn it_is_asked_with_a_bearer_token_at_an_endpoint_or_not_at_all() {
    let asked = |tokens: &Tokens, endpoint: &Value, userinfo| {
        let settings = OidcSettings { userinfo, ..settings(ISSUER) };
        UserInfoQuestion::of(&token(&json!({})), tokens, &settings, &metadata(endpoint)).map(|it| it.is_some())
    };
    let (good, url) = (tokens(Some("at"), None), json!("https://login.example.com/me"));
    assert_eq!(asked(&good, &url, UserInfoUse::WhenNeeded), Ok(true));
    assert_eq!(asked(&good, &Value::Null, UserInfoUse::WhenNeeded), Ok(false));
    assert_eq!(asked(&good, &Value::Null, UserInfoUse::Always), Err(UserInfoError::NoEndpoint));
    let odd = asked(&good, &json!("http://a.test/"), UserInfoUse::WhenNeeded).unwrap_err();
    assert!(odd.to_string().contains("`userinfo_endpoint`"), "{odd}");
    assert_eq!(odd.reason(), Reason::UserinfoAnswer);
    for none in [None, Some("a\nb"), Some("a\u{7f}")] {
        let asked = asked(&tokens(none, None), &url, UserInfoUse::WhenNeeded);
        assert_eq!(asked, Err(UserInfoError::NoAccessToken), "{none:?}");
    }
    let other = Err(UserInfoError::TokenType("DPoP".to_owned()));
    assert_eq!(asked(&tokens(Some("at"), Some("DPoP")), &url, UserInfoUse::WhenNeeded), other);
}

#[test]
fn the_access_token_is_in_a_sensitive_header_and_in_no_debug_text() {
    let question = question(&json!({}), &settings(ISSUER)).unwrap().unwrap();
    assert_eq!(question.authorization, "Bearer at");
    assert!(question.authorization.is_sensitive());
    let info = UserInfo(Claims::parse_strict(br#"{"sub":"marker"}"#).unwrap());
    for shown in [format!("{question:?}"), format!("{:?}", answer(None, "marker")), format!("{info:?}")] {
        assert!(!shown.contains("marker") && !shown.contains("Bearer"), "{shown}");
    }
}

#[test]
fn an_answer_is_of_the_person_of_the_token_or_of_nobody() {
    assert_eq!(read(None, r#"{"sub":"7","x":1}"#), Ok(json!({"sub": "7", "x": 1})));
    for sub in [json!("8"), json!(7), json!(""), json!(null), json!(["7"]), json!("7 ")] {
        assert_eq!(read(None, &json!({ "sub": sub }).to_string()), Err(UserInfoError::Subject), "{sub}");
    }
    assert_eq!(read(None, "{}"), Err(UserInfoError::Subject));
    assert_eq!(UserInfoError::Subject.reason(), Reason::TokenSub);
}

#[test]
fn an_answer_is_read_as_strictly_as_a_token_whatever_it_calls_itself() {
    let deep = format!(r#"{{"sub":"7","a":{}{}}}"#, "[".repeat(40), "]".repeat(40));
    for body in ["", "<html>", "[{\"sub\":\"7\"}]", r#"{"sub":"8","sub":"7"}"#, "\u{feff}{}", "{}{}", &deep] {
        let refused = read(Some("application/json"), body).unwrap_err();
        assert!(matches!(refused, UserInfoError::Malformed(_)), "{body:.40}: {refused}");
        assert_eq!(refused.reason(), Reason::UserinfoAnswer);
    }
    for content_type in [None, Some("text/plain"), Some("application/json;charset=utf-8"), Some("x"), Some("")] {
        assert!(read(content_type, r#"{"sub":"7"}"#).is_ok(), "{content_type:?}");
    }
}

#[test]
fn a_status_that_is_not_200_is_told_with_what_the_provider_says() {
    let told = |status, challenge: Option<&str>, body: &str| {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = UserInfoAnswer { status, challenges: challenge.into_iter().collect(), ..answer(None, body) };
        let refused =
            answer.read(&token(&json!({})), &settings(ISSUER), &key_set(&[TestKey::ed25519(1).jwk("k")]), NOW);
        refused.unwrap_err().to_string()
    };
    let good = r#"{"sub":"7"}"#;
    assert_eq!(told(302, None, good), "userinfo answers with status 302");
    assert_eq!(told(500, None, r#"{"error":"server_error"}"#), "userinfo answers with status 500: server_error");
    let challenge = Some(r#"Bearer realm="x", error="insufficient_scope", error_description="no email scope""#);
    let expected = r#"userinfo answers with status 401: insufficient_scope: "no email scope""#;
    assert_eq!(told(401, challenge, ""), expected);
    assert_eq!(told(401, Some(r#"Bearer error="<b>"#), ""), r#"userinfo answers with status 401: "<b>""#);
    let said = r#"{"error":"invalid_token","error_description":"not active"}"#;
    assert_eq!(told(200, None, said), r#"userinfo answers with status 200: invalid_token: "not active""#);
    assert!(told(200, None, r#"{"sub":"8","error":"x"}"#).starts_with("userinfo is of another person"));
}

#[test]
fn a_compressed_answer_is_not_read() {
    let read = |encoding| {
        let answer = UserInfoAnswer { encoding: Some(encoding), ..answer(None, r#"{"sub":"7"}"#) };
        answer.read(&token(&json!({})), &settings(ISSUER), &key_set(&[TestKey::ed25519(1).jwk("k")]), NOW)
    };
    assert_eq!(read("gzip").unwrap_err(), UserInfoError::Encoding("\"gzip\"".to_owned()));
    assert!(read("Identity").is_ok());
}

#[test]
fn a_signed_answer_is_verified_and_what_it_says_of_itself_must_be_right() {
    let plain = json!({"sub": "7", "email": "a@example.com"});
    assert_eq!(of_jwt(GOOD, &plain), Ok(plain.clone()));
    let with = |name: &str, value: Value| {
        let mut claims = plain.clone();
        claims[name] = value;
        of_jwt(GOOD, &claims).map(|_| ())
    };
    let with = |name: &str, value: Value| with(name, value).map_err(|error| fault_of(&error));
    let refused = |fault: TokenFault| Err(fault);
    assert_eq!(with("iss", ISSUER.into()), Ok(()));
    assert_eq!(with("iss", "https://other.test".into()), refused(TokenFault::Issuer));
    assert_eq!(with("aud", json!(["gateway"])), Ok(()));
    for aud in [json!("other"), json!(["gateway", "other"]), json!([]), json!(7)] {
        assert_eq!(with("aud", aud), refused(TokenFault::Audience));
    }
    let leeway = CLOCK_LEEWAY.as_secs();
    assert_eq!(with("exp", json!(NOW.0 - leeway + 1)), Ok(()));
    assert_eq!(with("iat", json!(NOW.0 + leeway)), Ok(()));
    assert_eq!(with("iat", json!(NOW.0 - 86_400)), Ok(()), "it may be old");
    for (name, value) in [
        ("exp", json!(NOW.0 - leeway)),
        ("exp", json!("1893456000")),
        ("iat", json!(NOW.0 + leeway + 1)),
        ("nbf", json!(NOW.0 + leeway + 1)),
    ] {
        assert_eq!(with(name, value), refused(TokenFault::Time), "{name}");
    }
    for name in ["iss", "aud", "exp", "iat", "nbf"] {
        assert_eq!(with(name, Value::Null), Ok(()), "{name}");
    }
    assert_eq!(of_jwt(GOOD, &json!({"sub": "8"})), Err(UserInfoError::Subject));
}

#[test]
fn a_signed_answer_that_nobody_signed_is_refused_by_the_names_of_a_token() {
    let plain = json!({"sub": "7"});
    let refused = |header: &str| fault_of(&of_jwt(header, &plain).unwrap_err());
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256","kid":"k"}"#, "{}"] {
        assert_eq!(refused(header), TokenFault::Algorithm);
    }
    let unknown = of_jwt(r#"{"alg":"EdDSA","kid":"k9"}"#, &plain).unwrap_err();
    assert_eq!((unknown.reason(), unknown.to_string().contains("k9")), (Reason::TokenKey, true), "{unknown}");
    assert!(unknown.may_be_rotation() && !UserInfoError::Subject.may_be_rotation());
    let stranger = read(Some("application/jwt"), &TestKey::ed25519(2).token("k", &plain)).unwrap_err();
    assert_eq!(stranger.reason(), Reason::TokenSignature);
    let encrypted = read(Some("application/jwt"), "a.b.c.d.e").unwrap_err();
    assert_eq!(encrypted.reason(), Reason::TokenEncrypted);
    for body in ["", "a.b", r#"{"sub":"7"}"#, "a.b.c.d.e"] {
        let refused = read(Some("application/jwt"), body).unwrap_err();
        assert_ne!(refused.reason(), Reason::UserinfoAnswer, "{refused}");
    }
}

fn completing(verified: EmailVerification, token_says: &Value, user_info_says: &Value) -> Value {
    let mut source = settings(ISSUER).source;
    source.email_verified = verified;
    let info = UserInfo(Claims::parse_strict(user_info_says.to_string().as_bytes()).unwrap());
    let token = Claims::parse_strict(token_says.to_string().as_bytes()).unwrap();
    Value::Object(info.completing(&source, &token).0)
}

fn both(token: &Value, user_info: &Value) -> Value {
    completing(EmailVerification::Required, token, user_info)
}

#[test]
fn what_is_signed_counts_and_what_it_does_not_say_is_taken_over() {
    let token = json!({"a": 1, "n": null, "groups": ["x"], "o": {"in": "signed", "null": null}});
    let info =
        json!({"a": 2, "b": 3, "n": "said", "groups": ["x", "admins"], "o": {"in": "other", "more": 4, "null": 5}});
    let expected = json!({"a": 1, "b": 3, "n": "said", "groups": ["x"], "o": {"in": "signed", "more": 4, "null": 5}});
    assert_eq!(both(&token, &info), expected);
}

#[test]
fn of_the_sign_in_itself_only_the_token_speaks() {
    let info: Value = OF_THE_SIGN_IN.iter().map(|name| ((*name).to_owned(), json!("x"))).collect();
    assert_eq!(both(&json!({"sub": "7"}), &info), json!({"sub": "7"}));
}

#[test]
fn an_address_and_its_flag_are_of_one_document_or_both_have_the_same_address() {
    let (ann, ceo) = ("ann@example.com", "ceo@example.com");
    let verified = |token: Value, info: Value| both(&token, &info);
    let of_both = json!({"email": ann, "email_verified": true});
    assert_eq!(verified(json!({"email": ann}), of_both.clone()), of_both);
    assert_eq!(verified(json!({}), of_both.clone()), of_both);
    assert_eq!(verified(json!({"email": ceo}), of_both.clone()), json!({"email": ceo}));
    assert_eq!(verified(json!({"email": ceo}), json!({"email_verified": true})), json!({"email": ceo}));
    let unverified = json!({"email": ceo, "email_verified": false});
    assert_eq!(verified(json!({"email_verified": true}), unverified.clone()), unverified);
    assert_eq!(verified(json!({"email_verified": true}), json!({"email": ceo})), json!({"email": ceo}));
    let refuted = json!({"email": ann, "email_verified": false});
    assert_eq!(verified(refuted.clone(), of_both), refuted, "what is signed counts");
}

#[test]
fn a_flag_at_a_place_of_its_own_is_held_to_the_same() {
    let flag = || EmailVerification::Claim(ClaimPath::parse("/mail/ok").unwrap());
    let (token, info) =
        (json!({"email": "ceo@example.com"}), json!({"email": "ann@example.com", "mail": {"ok": true}}));
    assert_eq!(completing(flag(), &token, &info), json!({"email": "ceo@example.com", "mail": {}}));
    let info = json!({"email": "ceo@example.com", "mail": {"ok": true}});
    assert_eq!(completing(flag(), &token, &info), info);
}

#[test]
fn a_claim_that_one_of_the_two_has_whole_is_no_reference_any_more() {
    let groups = json!({"groups": ["x"]});
    let (named, flagged) = (json!({"_claim_names": {"groups": "s"}}), json!({"hasgroups": true}));
    for reference in [&named, &flagged] {
        assert_eq!(both(reference, &groups), groups);
        assert_eq!(both(&groups, reference), groups);
        let left = json!({"_claim_names": {"groups": ""}});
        assert_eq!(both(reference, &json!({})), left);
        assert_eq!(both(&json!({}), reference), left);
    }
    let part = json!({"groups": ["x"], "_claim_names": {"groups": "s"}});
    assert_eq!(both(&named, &part), json!({"groups": ["x"], "_claim_names": {"groups": ""}}), "not whole in either");
    assert_eq!(both(&json!({"_claim_names": "odd"}), &groups), json!({"groups": ["x"], "_claim_names": "odd"}));
}
