//! Against a provider on loopback that can be down, slow, wrong, and that counts what it is asked.

use std::{collections::HashMap, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{testing::World, *};
use crate::{
    identity::{
        TokenFault,
        testing::{NOW, TestKey, document, jwks, settings},
    },
    limits::{
        PROVIDER_BODY_BYTES_MAX, PROVIDER_DOCUMENTS_AGE_MAX, PROVIDER_DOCUMENTS_STALE_MAX, PROVIDER_REFETCH_PAUSE,
        PROVIDER_RETRY_PAUSE,
    },
    reason::Reason,
};

fn key(seed: u8, kid: &str) -> Value {
    TestKey::ed25519(seed).jwk(kid)
}

#[tokio::test]
async fn many_visitors_at_once_cost_one_fetch() {
    let world = World::start(&[key(1, "k")]).await;
    let visits = (0..200).map(|_| world.documents());
    let answers = futures_util::future::join_all(visits).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(world.idp.asked(), 2, "one discovery document, one key set");
    assert!(world.providers.current(&world.idp.settings()).is_some());
    assert_eq!(world.status(), ProviderStatus::Ready);
}

#[tokio::test]
async fn a_visitor_who_hangs_up_does_not_end_the_fetch() {
    let world = World::start(&[key(1, "k")]).await;
    let settings = world.idp.settings();
    let visit = world.providers.documents(&settings);
    assert!(futures_util::future::FutureExt::now_or_never(visit).is_none());
    assert!(world.documents().await.is_ok());
    assert_eq!(world.idp.asked(), 2);
}

#[tokio::test]
async fn a_provider_that_is_down_at_start_is_asked_again_at_a_bounded_rate() {
    let world = World::start(&[key(1, "k")]).await;
    world.idp.down();
    world.providers.warm_up([&world.source()]);
    for _ in 0..20 {
        assert!(matches!(world.documents().await, Err(ProviderError::Status { status, .. }) if status == 503));
    }
    assert_eq!(world.idp.asked(), 1);
    assert!(matches!(world.status(), ProviderStatus::Down { .. }));
    world.idp.up();
    assert!(world.documents().await.is_err(), "the pause is not over");
    world.later(PROVIDER_RETRY_PAUSE);
    assert!(world.documents().await.is_ok());
    assert_eq!(world.status(), ProviderStatus::Ready);
}

#[tokio::test]
async fn old_documents_are_fetched_anew_and_stay_in_use_while_the_provider_is_down() {
    let world = World::start(&[key(1, "k")]).await;
    world.documents().await.unwrap();
    assert_eq!(world.idp.asked(), 2);
    world.later(PROVIDER_DOCUMENTS_AGE_MAX - Duration::from_secs(1));
    world.documents().await.unwrap();
    assert_eq!(world.idp.asked(), 0);
    world.later(Duration::from_secs(1));
    world.documents().await.unwrap();
    assert_eq!(world.idp.asked(), 2);
    world.idp.down();
    world.later(PROVIDER_DOCUMENTS_AGE_MAX);
    for _ in 0..20 {
        assert!(world.documents().await.is_ok());
    }
    assert_eq!(world.idp.asked(), 1);
    assert!(matches!(world.status(), ProviderStatus::Stale { age, .. } if age == PROVIDER_DOCUMENTS_AGE_MAX));
    world.later(PROVIDER_REFETCH_PAUSE);
    world.documents().await.unwrap();
    assert_eq!(world.idp.asked(), 1);
    world.later(PROVIDER_DOCUMENTS_STALE_MAX);
    assert!(world.documents().await.is_err(), "too old to trust");
    assert!(world.providers.current(&world.idp.settings()).is_none());
}

#[tokio::test]
async fn unknown_keys_cost_one_fetch_per_pause() {
    let world = World::start(&[key(1, "k")]).await;
    world.documents().await.unwrap();
    world.idp.asked();
    let settings = world.idp.settings();
    let visits = async || {
        let visits = (0..100).map(|_| world.providers.refetch_keys(&settings));
        assert!(futures_util::future::join_all(visits).await.iter().all(Result::is_ok));
        world.idp.asked()
    };
    assert_eq!((visits().await, visits().await), (2, 0), "the first at once, whenever the documents were fetched");
    world.later(PROVIDER_REFETCH_PAUSE - Duration::from_secs(1));
    assert_eq!(visits().await, 0);
    world.later(Duration::from_secs(1));
    assert_eq!((visits().await, visits().await), (2, 0));
}

#[tokio::test]
async fn the_pause_for_unknown_keys_counts_failures_but_no_fetch_for_age() {
    let world = World::start(&[key(1, "k")]).await;
    let settings = world.idp.settings();
    let refetch = async || {
        world.providers.refetch_keys(&settings).await.unwrap();
        world.idp.asked()
    };
    world.documents().await.unwrap();
    assert_eq!((world.idp.asked(), refetch().await), (2, 2));
    world.later(PROVIDER_DOCUMENTS_AGE_MAX);
    world.idp.down();
    world.documents().await.unwrap();
    assert_eq!((world.idp.asked(), refetch().await, refetch().await), (1, 1, 0), "a failure counts as well");
    world.idp.up();
    world.later(PROVIDER_REFETCH_PAUSE - Duration::from_secs(1));
    assert_eq!(refetch().await, 0);
}

#[tokio::test]
async fn documents_that_are_not_those_of_the_provider_are_refused() {
    let world = World::start(&[key(1, "k")]).await;
    let discovery = "/.well-known/openid-configuration";
    let cases = [
        (discovery, document("https://evil.test").to_string(), Some("document is of another issuer")),
        (discovery, "<html>".to_owned(), Some("expected json")),
        (discovery, " ".repeat(PROVIDER_BODY_BYTES_MAX + 1), Some("answer is larger")),
        ("/jwks", r#"{"keys":[]}"#.to_owned(), Some("no usable signature key")),
        ("/jwks", jwks(&[key(1, "k")]).to_string(), None),
    ];
    for (path, body, refusal) in cases {
        world.idp.up();
        world.idp.set(path, StatusCode::OK, body);
        let found = world.documents().await.err().map(|error| error.to_string());
        match refusal {
            Some(text) => assert!(found.as_ref().is_some_and(|found| found.contains(text)), "{found:?}"),
            None => assert_eq!(found, None),
        }
        world.later(PROVIDER_RETRY_PAUSE);
    }
}

#[tokio::test]
async fn a_good_document_stays_when_a_bad_one_follows() {
    let world = World::start(&[key(1, "k")]).await;
    world.documents().await.unwrap();
    let evil = document("https://evil.test").to_string();
    world.idp.set("/.well-known/openid-configuration", StatusCode::OK, evil);
    world.later(PROVIDER_DOCUMENTS_AGE_MAX);
    let kept = world.documents().await.unwrap();
    assert!(kept.metadata.token_endpoint.as_str().starts_with(&world.idp.issuer));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = World::start(&[key(1, "k")]).await;
    world.idp.set("/.well-known/openid-configuration", StatusCode::FOUND, String::new());
    assert!(matches!(world.documents().await, Err(ProviderError::Status { status, .. }) if status == 302));
    assert_eq!(world.idp.asked(), 1);
}

#[tokio::test]
async fn nobody_listening_is_unreachable_and_an_odd_issuer_is_not_asked() {
    let world = World::start(&[key(1, "k")]).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = settings(&format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    assert!(matches!(world.providers.documents(&dead).await, Err(ProviderError::Unreachable { .. })));
    let odd = settings("http://login.example.com");
    assert!(matches!(world.providers.documents(&odd).await, Err(ProviderError::Issuer)));
}

#[tokio::test]
async fn a_reload_forgets_providers_that_are_gone() {
    let world = World::start(&[key(1, "k")]).await;
    world.documents().await.unwrap();
    world.providers.warm_up([]);
    assert!(world.providers.status().is_empty());
    world.documents().await.unwrap();
    assert_eq!(world.status(), ProviderStatus::Ready);
}

#[tokio::test]
async fn of_more_providers_than_are_kept_the_newest_are() {
    let world = World::start(&[key(1, "k")]).await;
    let named = |number: u64| {
        let mut settings = world.idp.settings();
        settings.source.name = ProviderName::parse(&format!("p{number}")).unwrap();
        settings
    };
    for number in 0..PROVIDERS_MAX + 10 {
        world.providers.documents(&named(number)).await.unwrap();
        assert!(world.providers.current(&named(number)).is_some());
    }
    world.providers.shared.fetched.run_pending_tasks().await;
    let kept = u64::try_from(world.providers.status().len()).unwrap();
    assert_eq!(kept, PROVIDERS_MAX);
    assert!(world.providers.current(&named(0)).is_none());
    assert!(world.providers.current(&named(PROVIDERS_MAX + 9)).is_some());
}

#[tokio::test]
async fn a_code_becomes_a_person() {
    let world = World::start(&[key(1, "k")]).await;
    let documents = world.documents().await.unwrap();
    let (exchange, nonce) = world.exchange(&documents);
    let verifier = exchange.verifier().to_owned();
    world.grant(&TestKey::ed25519(1), "k", &nonce);
    let signed_in = world.redeem(exchange).await.unwrap();
    assert_eq!(signed_in.identity.email.unwrap().as_str(), "ann@example.com");
    let (authorization, body) = world.idp.seen.lock().unwrap().last().cloned().unwrap();
    // RFC 6749 2.3.1: both are form-encoded before they are joined: `gateway:a+secret%3A+1%2B1`.
    assert_eq!(authorization, "Basic Z2F0ZXdheTphK3NlY3JldCUzQSsxJTJCMQ==");
    let form: HashMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!((form["code"].as_str(), &form["code_verifier"]), ("a code", &verifier));
    assert_eq!(form["redirect_uri"], "https://crm.example.com/oauth2/callback");
    assert!(!form.contains_key("client_secret"), "one way of authentication per request");
}

#[tokio::test]
async fn a_callback_ends_with_the_person_or_with_what_the_provider_lacks() {
    let world = World::start(&[key(1, "k")]).await;
    let documents = world.documents().await.unwrap();
    let finish = async |settings: &OidcSettings| {
        let (pending, callback, nonce) = world.login(&documents);
        world.grant(&TestKey::ed25519(1), "k", &nonce);
        let ended = world.providers.finish((pending, callback), settings, &Projection::default(), NOW).await;
        ended.map(drop).map_err(|failed| failed.error)
    };
    assert_eq!(finish(&world.idp.settings()).await, Ok(()));
    let other = OidcSettings { client_id: "other".to_owned(), ..world.idp.settings() };
    assert_eq!(finish(&other).await, Err(LoginError::OtherProvider));
    world.providers.warm_up([]);
    world.idp.down();
    assert!(matches!(finish(&world.idp.settings()).await, Err(LoginError::ProviderUnreachable { .. })));
}

#[tokio::test]
async fn a_key_that_was_rotated_in_just_before_the_sign_in_is_found() {
    let world = World::start(&[key(1, "k")]).await;
    let documents = world.documents().await.unwrap();
    world.idp.set_keys(&[key(1, "k"), key(2, "k2")]);
    let (exchange, nonce) = world.exchange(&documents);
    world.grant(&TestKey::ed25519(2), "k2", &nonce);
    assert!(world.redeem(exchange).await.is_ok());
    let (exchange, nonce) = world.exchange(&documents);
    world.grant(&TestKey::ed25519(3), "k3", &nonce);
    let refused = world.redeem(exchange).await;
    let Err(LoginError::Token(error)) = refused else { panic!("{refused:?}") };
    assert_eq!(error.fault, TokenFault::UnknownKey);
    let expected = r#"no key is called "k3"; the provider publishes "k", "k2" (do its replicas differ?)"#;
    assert_eq!(error.detail, expected);
}

#[tokio::test]
async fn an_algorithm_that_was_announced_just_before_the_sign_in_is_taken() {
    let world = World::start(&[key(1, "k")]).await;
    world.idp.announce(&["RS256"]);
    let documents = world.documents().await.unwrap();
    world.idp.announce(&["RS256", "EdDSA"]);
    let (exchange, nonce) = world.exchange(&documents);
    world.grant(&TestKey::ed25519(1), "k", &nonce);
    assert!(world.redeem(exchange).await.is_ok());
}

#[tokio::test]
async fn what_the_token_endpoint_answers_is_read_strictly_and_never_shown() {
    let world = World::start(&[key(1, "k")]).await;
    let documents = world.documents().await.unwrap();
    let (secret, none) = ("a secret: 1+1", "answers without an id token");
    let refused = json!({"error": "invalid_grant", "error_description": format!("[a code] {secret}")}).to_string();
    let cases = [
        (StatusCode::BAD_REQUEST, refused, r#"refuses the code with status 400: invalid_grant: "[[…]] […]""#),
        (StatusCode::BAD_REQUEST, r#"{"error":"<script>"}"#.to_owned(), r#"with status 400: "<script>""#),
        (StatusCode::OK, "[\"SECRET\"]".to_owned(), "expected a json object, found an array"),
        (StatusCode::OK, "SECRET".to_owned(), "expected json"),
        (StatusCode::OK, r#"{"access_token":"SECRET","token_type":"bearer"}"#.to_owned(), none),
        (StatusCode::FOUND, String::new(), "answers with status 302"),
        (StatusCode::OK, " ".repeat(PROVIDER_BODY_BYTES_MAX + 1), "answer is larger than"),
    ];
    for (status, body, text) in cases {
        world.idp.set("/token", status, body);
        let (exchange, _) = world.exchange(&documents);
        let error = world.providers.exchange(&exchange, &world.idp.settings(), &documents, NOW).await.unwrap_err();
        assert!(error.to_string().contains(text), "{error}");
        assert!(!format!("{error:?}").contains("SECRET"));
        assert!(matches!(world.redeem(exchange).await, Err(LoginError::Exchange { .. })), "{error}");
    }
    world.idp.set("/token", StatusCode::BAD_REQUEST, r#"{"error":"invalid_grant"}"#.to_owned());
    let cause = "token endpoint refuses the code with status 400: invalid_grant".to_owned();
    assert_eq!(world.redeem(world.exchange(&documents).0).await, Err(LoginError::Exchange { cause }));
}

#[tokio::test]
async fn only_an_answer_that_waiting_may_change_is_called_unreachable() {
    let world = World::start(&[key(1, "k")]).await;
    let discovery = "/.well-known/openid-configuration";
    let unreachable = [503, 500, 429].map(|status| (discovery, status, String::new(), Reason::ProviderUnreachable));
    let wrong = [404, 403, 301].map(|status| (discovery, status, String::new(), Reason::ProviderDocuments));
    let keys = [
        ("/jwks", 500, String::new(), Reason::ProviderUnreachable),
        ("/jwks", 200, r#"{"keys":[{"kty":"RSA","kid":"k1"}]}"#.to_owned(), Reason::ProviderDocuments),
        (discovery, 200, " ".repeat(PROVIDER_BODY_BYTES_MAX + 1), Reason::ProviderDocuments),
    ];
    for (path, status, body, reason) in unreachable.into_iter().chain(wrong).chain(keys) {
        world.idp.up();
        world.idp.set(path, StatusCode::from_u16(status).unwrap(), body);
        let error = world.documents().await.unwrap_err();
        assert_eq!(error.as_login_error().reason(), reason, "{error}");
        if path == "/jwks" && status == 200 {
            let expected = r#"/jwks: key set has no usable signature key; key "k1": `n` is missing"#;
            assert!(error.to_string().ends_with(expected), "{error}");
        }
        world.later(PROVIDER_RETRY_PAUSE);
    }
}

#[tokio::test]
async fn documents_are_fetched_anew_when_somebody_says_that_they_have_changed() {
    let world = World::start(&[key(1, "k")]).await;
    world.documents().await.unwrap();
    assert_eq!(world.idp.asked(), 2);
    let asked_after = async |count: usize| {
        for _ in 0..100 {
            if world.idp.asked.load(std::sync::atomic::Ordering::SeqCst) >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        world.documents().await.unwrap();
        world.idp.asked()
    };
    world.providers.warm_up([&world.source()]);
    assert_eq!(asked_after(0).await, 0, "they are fresh");
    world.providers.fetch_anew([&world.source()]);
    assert_eq!(asked_after(2).await, 2);
}

#[tokio::test]
async fn a_provider_that_takes_only_client_secret_post_gets_the_secret_in_the_form() {
    let world = World::start(&[key(1, "k")]).await;
    let mut document = document(&world.idp.issuer);
    document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
    world.idp.set("/.well-known/openid-configuration", StatusCode::OK, document.to_string());
    let documents = world.documents().await.unwrap();
    let (exchange, nonce) = world.exchange(&documents);
    world.grant(&TestKey::ed25519(1), "k", &nonce);
    assert!(world.redeem(exchange).await.is_ok());
    let (authorization, body) = world.idp.seen.lock().unwrap().last().cloned().unwrap();
    let form: HashMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!((authorization.as_str(), form["client_secret"].as_str()), ("", "a secret: 1+1"));
}
