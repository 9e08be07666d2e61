use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use jwt_compact::{Algorithm, AlgorithmExt as _, UntrustedToken, alg::Es256, jwk::JsonWebKey};
use serde_json::{Map, Value, json};

use super::{code_for, post_fields, provider, provider_at, token_request, with};
use crate::{
    demo::{
        StandInClock,
        provider::ProviderStandIn,
        testing::{Answer, NOW, get},
    },
    time::UnixSeconds,
};

async fn ask(provider: &ProviderStandIn, fields: &super::Fields) -> Answer {
    post_fields(provider.port(), "/token", fields, &[]).await
}

fn error(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_id_token_verifies_with_the_published_key_and_names_the_person() {
    let provider = provider().await;
    let answer = ask(&provider, &token_request(&code_for(&provider, "cara").await)).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    let token = answer.json()["id_token"].as_str().unwrap().to_owned();
    let token = UntrustedToken::new(&token).unwrap();
    let keys = get(provider.port(), "/jwks").await.json();
    assert_eq!(token.header().key_id.as_deref(), keys["keys"][0]["kid"].as_str());
    assert_eq!(keys["keys"][0].get("d"), None);
    let key: JsonWebKey<'_> = serde_json::from_value(keys["keys"][0].clone()).unwrap();
    let key = <Es256 as Algorithm>::VerifyingKey::try_from(&key).unwrap();
    let token = Es256.validator::<Map<String, Value>>(&key).validate(&token).unwrap();
    let claims = &token.claims().custom;
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(provider.issuer()), &json!("sigma-gateway")));
    assert_eq!((&claims["nonce"], &claims["email"]), (&json!("the-nonce"), &json!("cara@example.com")));
    assert_eq!(claims["groups"], json!(["crm-users", "finance", "sales"]));
    assert_eq!(claims["email_verified"], json!(true));
    provider.stop().await;
}

#[tokio::test]
async fn the_secret_may_come_form_encoded_in_a_basic_header() {
    let provider = provider().await;
    let fields = with(token_request(&code_for(&provider, "ana").await), "client_secret", "");
    let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let plain = header("sigma-gateway:demo:secret+%x");
    let refused = post_fields(provider.port(), "/token", &fields, &[("authorization", &plain)]).await;
    assert_eq!(error(&refused), (401, "invalid_client".to_owned()));
    assert!(refused.header("www-authenticate").starts_with("Basic"));
    let encoded = header("sigma-gateway:demo%3Asecret%2B%25x");
    let answer = post_fields(provider.port(), "/token", &fields, &[("authorization", &encoded)]).await;
    assert_eq!(answer.status, 200);
    provider.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_prove_itself_is_refused() {
    let provider = provider().await;
    let fields = token_request(&code_for(&provider, "ana").await);
    for (name, value) in [("client_secret", "wrong"), ("client_secret", ""), ("client_id", "another")] {
        let answer = ask(&provider, &with(fields.clone(), name, value)).await;
        assert_eq!(error(&answer), (401, "invalid_client".to_owned()), "{name}");
    }
    let both = post_fields(provider.port(), "/token", &fields, &[("authorization", "Basic eDp5")]).await;
    assert_eq!(error(&both), (400, "invalid_request".to_owned()));
    assert_eq!(ask(&provider, &fields).await.status, 200);
    provider.stop().await;
}

#[tokio::test]
async fn a_code_works_once() {
    let provider = provider().await;
    let fields = token_request(&code_for(&provider, "ana").await);
    assert_eq!(ask(&provider, &fields).await.status, 200);
    assert_eq!(error(&ask(&provider, &fields).await), (400, "invalid_grant".to_owned()));
    provider.stop().await;
}

#[tokio::test]
async fn a_code_is_for_its_redirect_uri_and_its_verifier() {
    let provider = provider().await;
    for (name, value, expected) in [
        ("redirect_uri", "http://crm.localhost:8080/", "invalid_grant"),
        ("redirect_uri", "", "invalid_grant"),
        ("code_verifier", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXx", "invalid_grant"),
        ("code_verifier", "short", "invalid_grant"),
        ("code_verifier", "", "invalid_grant"),
        ("code", "made-up", "invalid_grant"),
        ("code", "", "invalid_request"),
        ("grant_type", "refresh_token", "unsupported_grant_type"),
        ("grant_type", "", "invalid_request"),
    ] {
        let fields = with(token_request(&code_for(&provider, "ana").await), name, value);
        assert_eq!(error(&ask(&provider, &fields).await), (400, expected.to_owned()), "{name}={value}");
    }
    provider.stop().await;
}

#[tokio::test]
async fn a_code_waits_for_less_than_a_minute() {
    for (seconds, status) in [(59, 200), (60, 400)] {
        let now = Arc::new(AtomicU64::new(NOW.0));
        let reading = Arc::clone(&now);
        let provider = provider_at(StandInClock::new(move || UnixSeconds(reading.load(Ordering::Relaxed)))).await;
        let fields = token_request(&code_for(&provider, "ana").await);
        now.fetch_add(seconds, Ordering::Relaxed);
        assert_eq!(ask(&provider, &fields).await.status, status, "after {seconds} s");
        provider.stop().await;
    }
}

#[tokio::test]
async fn a_repeated_token_parameter_is_refused() {
    let provider = provider().await;
    let mut fields = token_request(&code_for(&provider, "ana").await);
    fields.push(("code", "again".to_owned()));
    assert_eq!(error(&ask(&provider, &fields).await), (400, "invalid_request".to_owned()));
    provider.stop().await;
}
