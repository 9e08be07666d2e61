//! A sign-in ends well only where every step is that of the same browser, attempt and provider.

use std::{collections::HashMap, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header::COOKIE};

use url::Url;

use super::super::{
    client::ClientCredentials,
    id_token::TokenFault,
    settings::{AnswerMode, OidcSettings},
    tokens::Tokens,
};
use super::*;
use crate::{
    identity::{
        AttemptId, ClaimPath, Claims, CookieName, Cookies, Identity, Keep, LoginLoop, LoginRounds, Projection,
        ProviderName, ReturnTo,
        testing::{ISSUER, NOW, SITE, TestKey, claims, key_set, metadata, seal_keys, settings},
    },
    limits::{CLOCK_LEEWAY, LOGIN_ATTEMPT_AGE_MAX},
    reason::Reason,
    secret::Secret,
    seed::Seed,
    time::UnixSeconds,
};

fn begin(seed: u8, at: UnixSeconds) -> (PendingLogin, HashMap<String, String>) {
    let site = Url::parse("https://crm.example.com").unwrap();
    let start = LoginStart {
        settings: &settings(ISSUER),
        metadata: &metadata(),
        redirect_uri: &site.join("/oauth2/callback").unwrap(),
        return_to: ReturnTo::parse("/reports?x=1", &site, "/oauth2"),
        purpose: LoginPurpose::SignIn,
        hint: None,
    };
    let (pending, redirect) = PendingLogin::begin(start, &mut Seed::new([seed; 32]).into_stream(), at);
    (pending, redirect.url.query_pairs().into_owned().collect())
}

fn callback(query: &str) -> CallbackParameters {
    CallbackParameters::parse(query).unwrap()
}

fn receive(query: &str, at: UnixSeconds) -> Result<CodeExchange, LoginError> {
    begin(1, NOW).0.receive(callback(query), &settings(ISSUER), &metadata(), at)
}

fn jar_of(cookies: &[(CookieName, String)]) -> HeaderMap {
    let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&line).unwrap())])
}

#[test]
fn the_authorization_request_has_pkce_s256_state_and_nonce() {
    let (pending, query) = begin(1, NOW);
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["client_id"], "gateway");
    assert_eq!(query["redirect_uri"], "https://crm.example.com/oauth2/callback");
    assert_eq!(query["scope"], "openid email");
    assert_eq!(query["tenant"], "1", "the endpoint's own query stays");
    assert_eq!((&query["state"], &query["nonce"]), (&pending.state, &pending.nonce));
    let challenge = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, pending.verifier.as_bytes());
    assert_eq!(query["code_challenge"], URL_SAFE_NO_PAD.encode(challenge));
    assert_eq!(query["code_challenge_method"], "S256");
    assert!(!query.values().any(|value| value.contains(&pending.verifier)));
    assert_eq!((pending.verifier.len(), pending.state.len(), pending.nonce.len()), (43, 43, 43));
}

#[test]
fn parameters_of_the_operator_are_added_encoded_and_replace_none() {
    let site = Url::parse("https://crm.example.com").unwrap();
    let pairs =
        [("prompt", "select_account"), ("claims", r#"{"id_token":{"groups":null}}"#), ("acr_values", "a&b=c d")];
    let authorization = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let settings = OidcSettings { authorization, response_mode: AnswerMode::FormPost, ..settings(ISSUER) };
    let (metadata, return_to) = (&metadata(), ReturnTo::default());
    let start = LoginStart {
        settings: &settings,
        metadata,
        redirect_uri: &site,
        return_to,
        purpose: LoginPurpose::SignIn,
        hint: None,
    };
    let (_, redirect) = PendingLogin::begin(start, &mut Seed::new([1; 32]).into_stream(), NOW);
    let (_, without) = begin(1, NOW);
    let asked: HashMap<String, String> = redirect.url.query_pairs().into_owned().collect();
    assert_eq!(asked.len(), redirect.url.query_pairs().count(), "no parameter comes twice");
    for (name, value) in pairs {
        assert_eq!(asked[name], value);
    }
    assert_eq!((asked["response_mode"].as_str(), without.get("response_mode")), ("form_post", None));
    assert_eq!((&asked["state"], &asked["nonce"]), (&without["state"], &without["nonce"]));
}

/// Some providers refuse a parameter that comes twice, and a refused round ends the session.
#[test]
fn a_silent_round_has_a_prompt_and_a_hint_of_its_own() {
    let site = Url::parse("https://crm.example.com").unwrap();
    let pairs = [("prompt", "select_account"), ("login_hint", "@example.com"), ("acr_values", "a")];
    let authorization = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let settings = OidcSettings { authorization, ..settings(ISSUER) };
    let owner = || serde_json::from_str(r#"{"i":1,"s":"u"}"#).unwrap();
    for (hint, expected) in [(Some("ann@example.com"), "ann@example.com"), (None, "@example.com")] {
        let start = LoginStart {
            settings: &settings,
            metadata: &metadata(),
            redirect_uri: &site,
            return_to: ReturnTo::default(),
            purpose: LoginPurpose::SignOut(owner()),
            hint,
        };
        let (_, redirect) = PendingLogin::begin(start, &mut Seed::new([1; 32]).into_stream(), NOW);
        let asked: HashMap<String, String> = redirect.url.query_pairs().into_owned().collect();
        assert_eq!(asked.len(), redirect.url.query_pairs().count(), "no parameter comes twice");
        let found = ["prompt", "login_hint", "acr_values"].map(|name| asked[name].as_str());
        assert_eq!(found, ["none", expected, "a"]);
    }
}

#[test]
fn no_two_logins_share_state_nonce_or_verifier() {
    let (one, _) = begin(1, NOW);
    let (two, _) = begin(2, NOW);
    assert_ne!((&one.state, &one.nonce, &one.verifier), (&two.state, &two.nonce, &two.verifier));
    assert!(one.state != one.nonce && one.nonce != one.verifier);
}

#[test]
fn each_of_several_tabs_finds_its_own_attempt() {
    let keys = seal_keys();
    let logins = [begin(1, NOW).0, begin(2, NOW).0, begin(3, NOW).0];
    let headers = jar_of(&logins.each_ref().map(|login| login.seal(&keys, SITE, [1; 12])));
    let jar = Cookies::of(&headers);
    for login in &logins {
        let parameters = callback(&format!("code=c&state={}", login.state));
        let found = PendingLogin::open(&jar, &parameters, &keys, SITE).unwrap();
        assert_eq!((found.id(), &found.verifier), (login.id(), &login.verifier));
    }
}

#[test]
fn a_callback_without_its_own_cookie_is_named_so() {
    let keys = seal_keys();
    let (mine, theirs) = (begin(1, NOW).0, begin(2, NOW).0);
    let headers = jar_of(&[mine.seal(&keys, SITE, [1; 12])]);
    let open = |headers: &HeaderMap, state: &str, site: &str| {
        let parameters = callback(&format!("code=c&state={state}"));
        PendingLogin::open(&Cookies::of(headers), &parameters, &keys, site).map(|_| ())
    };
    assert_eq!(open(&headers, &mine.state, SITE), Ok(()));
    assert_eq!(open(&headers, &theirs.state, SITE), Err(LoginError::AttemptMissing));
    assert_eq!(open(&HeaderMap::new(), &mine.state, SITE), Err(LoginError::AttemptMissing));
    assert_eq!(open(&headers, &mine.state, "erp.example.com"), Err(LoginError::AttemptSealed));
    let swapped = jar_of(&[(CookieName::LoginAttempt(mine.id()), theirs.seal(&keys, SITE, [1; 12]).1)]);
    let parameters = callback(&format!("code=c&state={}", mine.state));
    let found = PendingLogin::open(&Cookies::of(&swapped), &parameters, &keys, SITE).unwrap();
    let refused = found.receive(parameters, &settings(ISSUER), &metadata(), NOW).map(|_| ());
    assert_eq!(refused, Err(LoginError::StateMismatch));
}

#[test]
fn the_code_is_released_only_for_the_right_state_time_provider_and_issuer() {
    let state = begin(1, NOW).0.state;
    let query = format!("code=c&state={state}");
    assert_eq!(receive(&query, NOW).unwrap().code(), "c");
    assert_eq!(receive("code=c&state=x", NOW).map(|_| ()), Err(LoginError::StateMismatch));
    assert!(receive(&query, NOW.plus(LOGIN_ATTEMPT_AGE_MAX)).is_ok());
    let late = NOW.plus(LOGIN_ATTEMPT_AGE_MAX + Duration::from_secs(1));
    assert_eq!(receive(&query, late).map(|_| ()), Err(LoginError::AttemptExpired));
    let early = NOW.minus(CLOCK_LEEWAY + Duration::from_secs(1));
    assert_eq!(receive(&query, early).map(|_| ()), Err(LoginError::AttemptExpired));
    let foreign = format!("{query}&iss=https://other.example.com");
    let found = Some("\"https://other.example.com\"".to_owned());
    assert_eq!(receive(&foreign, NOW).map(|_| ()), Err(LoginError::Issuer { found }));
    let mut other = settings(ISSUER);
    other.source.name = ProviderName::parse("other").unwrap();
    let refused = begin(1, NOW).0.receive(callback(&query), &other, &metadata(), NOW).map(|_| ());
    assert_eq!(refused, Err(LoginError::OtherProvider));
}

#[test]
fn an_attempt_is_bound_to_issuer_and_client_and_not_to_the_name_alone() {
    let query = format!("code=c&state={}", begin(1, NOW).0.state);
    let receive = |change: &dyn Fn(&mut OidcSettings)| {
        let mut settings = settings(ISSUER);
        change(&mut settings);
        let (pending, _) = begin(1, NOW);
        let is_with = pending.is_with(&settings);
        let received = pending.receive(callback(&query), &settings, &metadata(), NOW).map(|_| ());
        assert_eq!(is_with, received != Err(LoginError::OtherProvider));
        received
    };
    assert_eq!(receive(&|_| {}), Ok(()));
    assert_eq!(receive(&|settings| settings.source.email_domains.clear()), Ok(()), "what it is asked for may change");
    let refused = Err(LoginError::OtherProvider);
    assert_eq!(receive(&|settings| settings.issuer = "https://evil.example.com".to_owned()), refused);
    assert_eq!(receive(&|settings| settings.issuer += "/"), refused);
    assert_eq!(receive(&|settings| settings.client_id = "other".to_owned()), refused);
    assert_eq!(LoginError::OtherProvider.reason(), Reason::ProviderChanged);
    let (mut unbound, _) = begin(1, NOW);
    unbound.bound_to = None;
    let received = unbound.receive(callback(&query), &settings(ISSUER), &metadata(), NOW).map(|_| ());
    assert_eq!(received, refused, "of a version that did not bind");
}

fn tokens(id_token: String) -> Tokens {
    Tokens { id_token, access_token: Some(Secret::new("a".to_owned())), other_type: None }
}

#[test]
fn a_token_of_another_issuer_or_client_ends_no_sign_in() {
    let (pending, query) = begin(1, NOW);
    let callback = callback(&format!("code=c&state={}", query["state"]));
    let exchange = pending.receive(callback, &settings(ISSUER), &metadata(), NOW).unwrap();
    let key = TestKey::ed25519(1);
    let tokens = tokens(key.token("k", &claims(&query["nonce"])));
    let documents = (&metadata(), &key_set(&[key.jwk("k")]));
    let token = exchange.verify(&tokens, &settings(ISSUER), documents, NOW).unwrap();
    let other = OidcSettings { client_id: "other".to_owned(), ..settings(ISSUER) };
    let ended = exchange.finish(&token, None, &other, &Projection::default());
    assert_eq!(ended, Err(LoginError::OtherProvider.into()));
}

#[test]
fn a_verified_token_ends_the_sign_in_with_the_person_and_the_place() {
    let (pending, query) = begin(1, NOW);
    let key = TestKey::ed25519(1);
    let tokens = |nonce: &str| tokens(key.token("k", &claims(nonce)));
    let exchange = pending
        .receive(callback(&format!("code=c&state={}", query["state"])), &settings(ISSUER), &metadata(), NOW)
        .unwrap();
    let documents = (&metadata(), &key_set(&[key.jwk("k")]));
    let replayed = exchange.verify(&tokens("of another attempt"), &settings(ISSUER), documents, NOW);
    assert_eq!(replayed.map_err(|error| error.fault), Err(TokenFault::Nonce));
    let token = exchange.verify(&tokens(&query["nonce"]), &settings(ISSUER), documents, NOW).unwrap();
    let mut projection = Projection::default();
    projection.keep(ClaimPath::parse("sub").unwrap(), Keep::Whole);
    let signed_in = exchange.finish(&token, None, &settings(ISSUER), &projection).unwrap();
    assert_eq!(signed_in.identity.email.unwrap().as_str(), "ann@example.com");
    assert_eq!(signed_in.identity.claims, Claims::parse_strict(br#"{"sub":"7"}"#).unwrap());
}

/// Groups that are elsewhere, an address that is none, a UserInfo that is down: they may have signed in before that.
#[test]
fn whoever_signs_out_is_known_by_their_subject_alone() {
    let site = Url::parse("https://crm.example.com").unwrap();
    let start = LoginStart {
        settings: &settings(ISSUER),
        metadata: &metadata(),
        redirect_uri: &site,
        return_to: ReturnTo::default(),
        purpose: LoginPurpose::SignOut(serde_json::from_str(r#"{"i":1,"s":"u"}"#).unwrap()),
        hint: None,
    };
    let (pending, redirect) = PendingLogin::begin(start, &mut Seed::new([1; 32]).into_stream(), NOW);
    let query: HashMap<String, String> = redirect.url.query_pairs().into_owned().collect();
    let callback = callback(&format!("code=c&state={}", query["state"]));
    let exchange = pending.receive(callback, &settings(ISSUER), &metadata(), NOW).unwrap();
    let key = TestKey::ed25519(1);
    let mut claims = claims(&query["nonce"]);
    claims.as_object_mut().unwrap().remove("email");
    claims["hasgroups"] = true.into();
    let tokens = tokens(key.token("k", &claims));
    let documents = (&metadata(), &key_set(&[key.jwk("k")]));
    let token = exchange.verify(&tokens, &settings(ISSUER), documents, NOW).unwrap();
    assert!(exchange.user_info_question(&token, &tokens, &settings(ISSUER), &metadata()).unwrap().is_none());
    let mut projection = Projection::default();
    projection.keep(ClaimPath::parse("groups").unwrap(), Keep::Whole);
    let signed_in = exchange.finish(&token, None, &settings(ISSUER), &projection).unwrap();
    assert_eq!((signed_in.identity.subject.as_str(), signed_in.identity.email), ("7", Err(Reason::EmailMissing)));
    assert_eq!(signed_in.identity.claims, Claims::default());
    assert_eq!(signed_in.id_token_hint.unwrap().expose(), tokens.id_token);
}

#[test]
fn one_more_attempt_crowds_out_the_dead_and_then_the_oldest() {
    let keys = seal_keys();
    let at = |seconds| NOW.minus(Duration::from_secs(seconds));
    let logins: Vec<PendingLogin> =
        [(1, 50), (2, 700), (3, 40), (4, 30), (5, 20), (6, 10)].map(|(seed, age)| begin(seed, at(age)).0).into();
    let mut cookies: Vec<_> = logins.iter().map(|login| login.seal(&keys, SITE, [1; 12])).collect();
    cookies.push((CookieName::LoginAttempt(AttemptId::of_state("forged")), "forged".to_owned()));
    let headers = jar_of(&cookies);
    let crowded = PendingLogin::crowded_out(&Cookies::of(&headers), &keys, SITE, NOW);
    assert_eq!(crowded.len(), 3);
    for id in [logins[0].id(), logins[1].id(), AttemptId::of_state("forged")] {
        assert!(crowded.contains(&CookieName::LoginAttempt(id)));
    }
    let few = jar_of(&cookies[2..5]);
    assert!(PendingLogin::crowded_out(&Cookies::of(&few), &keys, SITE, NOW).is_empty());
}

#[test]
fn the_longest_place_still_fits_into_one_cookie() {
    let (mut pending, _) = begin(1, NOW);
    let site = Url::parse("https://crm.example.com").unwrap();
    let place = format!("/{}", "a".repeat(crate::limits::RETURN_TO_BYTES_MAX - 1));
    pending.return_to = ReturnTo::parse(&place, &site, "/oauth2");
    let (name, value) = pending.seal(&seal_keys(), SITE, [1; 12]);
    assert!(name.to_string().len() + value.len() < crate::limits::COOKIE_BYTES_MAX);
}

#[test]
fn three_rounds_without_a_session_stop_the_fourth_and_are_forgotten_later() {
    let keys = seal_keys();
    let read = |value: &str, at| {
        let headers = jar_of(&[(CookieName::LoginRounds, value.to_owned())]);
        LoginRounds::of(&Cookies::of(&headers), &keys, SITE, at)
    };
    let mut rounds = LoginRounds::default();
    for _ in 0..3 {
        assert_eq!(rounds.check(), Ok(()));
        rounds = read(&rounds.finished(NOW).seal(&keys, SITE, [1; 12]), NOW);
    }
    assert_eq!(rounds.check(), Err(LoginLoop));
    let later = NOW.plus(crate::limits::LOGIN_ROUNDS_AGE_MAX + Duration::from_secs(1));
    assert_eq!(read(&rounds.seal(&keys, SITE, [1; 12]), later).check(), Ok(()));
    assert_eq!(read("forged", NOW), LoginRounds::default());
    let ahead = |seconds| NOW.minus(CLOCK_LEEWAY).minus(Duration::from_secs(seconds));
    assert_eq!(read(&rounds.seal(&keys, SITE, [1; 12]), ahead(0)).check(), Err(LoginLoop));
    assert_eq!(read(&rounds.seal(&keys, SITE, [1; 12]), ahead(1)).check(), Ok(()), "of a clock that was wrong");
}

#[test]
fn nothing_secret_is_in_a_debug_text() {
    let (pending, query) = begin(1, NOW);
    let parameters = callback(&format!("code=THECODE&state={}", query["state"]));
    let shown = format!("{pending:?} {parameters:?}");
    let exchange = pending.receive(parameters, &settings(ISSUER), &metadata(), NOW).unwrap();
    let shown = format!("{shown} {exchange:?}");
    for secret in [&query["state"], &query["nonce"], "THECODE", exchange.verifier()] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn neither_the_beginning_nor_the_end_of_a_sign_in_shows_a_query_or_a_secret() {
    let site = Url::parse("https://crm.example.com").unwrap();
    let return_to = ReturnTo::of_request("/a?code=marker", &site);
    let credentials = ClientCredentials { secret: Some(Secret::new("marker".to_owned())), ..Default::default() };
    let settings = OidcSettings { credentials, ..settings(ISSUER) };
    let (metadata, redirect_uri) = (&metadata(), &site);
    let start = LoginStart {
        settings: &settings,
        metadata,
        redirect_uri,
        return_to,
        purpose: LoginPurpose::SignIn,
        hint: None,
    };
    let shown = format!("{start:?}");
    assert!(shown.contains("\"/a\"") && !shown.contains("marker"), "{shown}");
    let (provider, email) = (ProviderName::parse("corp").unwrap(), Err(Reason::EmailMissing));
    let identity = Identity { provider, subject: "7".to_owned(), email, claims: Claims::default() };
    let id_token_hint = Some(IdTokenHint::of_test("marker"));
    let shown = format!("{:?}", SignedIn { identity, id_token_hint, read: vec![], address: None });
    assert!(!shown.contains("marker"), "{shown}");
}
