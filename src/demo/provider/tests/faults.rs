use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{Fault, NOW, code_for, post_fields, provider, request, returned, token_request, with};
use crate::demo::{provider::ProviderStandIn, testing::get};

async fn id_token(provider: &ProviderStandIn, fault: Option<Fault>) -> (Value, Value, String) {
    let fields = token_request(&code_for(provider, "ana").await);
    provider.set_fault(fault);
    let token =
        post_fields(provider.port(), "/token", &fields, &[]).await.json()["id_token"].as_str().unwrap().to_owned();
    provider.set_fault(None);
    let parts: Vec<&str> = token.split('.').collect();
    let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (decode(parts[0]), decode(parts[1]), parts[2].to_owned())
}

#[tokio::test]
async fn a_claim_fault_changes_that_claim_and_no_other() {
    let provider = provider().await;
    let (_, right, _) = id_token(&provider, None).await;
    for (fault, changed) in [
        (Fault::WrongIssuer, vec!["iss"]),
        (Fault::WrongAudience, vec!["aud"]),
        (Fault::WrongNonce, vec!["nonce"]),
        (Fault::MissingNonce, vec!["nonce"]),
        (Fault::MissingIssuedAt, vec!["iat"]),
        (Fault::Expired, vec!["exp", "iat"]),
        (Fault::IssuedInFuture, vec!["exp", "iat"]),
        (Fault::EmailUnverified, vec!["email_verified"]),
        (Fault::GroupOverage, vec!["groups"]),
        (Fault::Claim("region", "[1]"), vec!["region"]),
        (Fault::NoClaim("name"), vec!["name"]),
    ] {
        let (_, wrong, _) = id_token(&provider, Some(fault)).await;
        let names = right.as_object().unwrap().keys().filter(|name| *name != "at_hash");
        let different: Vec<&String> = names.filter(|name| right.get(*name) != wrong.get(*name)).collect();
        assert_eq!(different, changed, "{fault:?}");
    }
    let (_, expired, _) = id_token(&provider, Some(Fault::Expired)).await;
    assert!(expired["exp"].as_u64().unwrap() < NOW.0);
    provider.stop().await;
}

#[tokio::test]
async fn a_signature_fault_shows_in_header_or_signature() {
    let provider = provider().await;
    let header = |alg: &str, kid: &str| json!({"alg": alg, "typ": "JWT", "kid": kid});
    assert_eq!(id_token(&provider, None).await.0, header("ES256", "demo-1"));
    assert_eq!(id_token(&provider, Some(Fault::OtherKeySameKid)).await.0, header("ES256", "demo-1"));
    assert_eq!(id_token(&provider, Some(Fault::UnknownKid)).await.0, header("ES256", "nobody-knows"));
    assert_eq!(id_token(&provider, Some(Fault::Hs256WithPublicKey)).await.0, header("HS256", "demo-1"));
    let (unsigned, _, signature) = id_token(&provider, Some(Fault::Unsigned)).await;
    assert_eq!((unsigned, signature), (json!({"alg": "none", "typ": "JWT"}), String::new()));
    provider.stop().await;
}

#[tokio::test]
async fn the_access_token_hash_can_be_wrong() {
    let provider = provider().await;
    let (_, first, _) = id_token(&provider, Some(Fault::WrongAccessTokenHash)).await;
    let (_, second, _) = id_token(&provider, Some(Fault::WrongAccessTokenHash)).await;
    assert_eq!(first["at_hash"], second["at_hash"], "two access tokens, one hash");
    provider.stop().await;
}

#[tokio::test]
async fn the_callback_issuer_can_be_wrong_or_missing() {
    let provider = provider().await;
    let wrong = format!("{}/other", provider.issuer());
    for (fault, issuer) in [(Fault::WrongCallbackIssuer, Some(wrong)), (Fault::MissingCallbackIssuer, None)] {
        provider.set_fault(Some(fault));
        let answer = post_fields(provider.port(), "/authorize", &with(request(), "person", "ana"), &[]).await;
        assert_eq!(returned(&answer, "iss"), issuer);
    }
    provider.stop().await;
}

#[tokio::test]
async fn discovery_can_name_another_issuer() {
    let provider = provider().await;
    provider.set_fault(Some(Fault::WrongDiscoveryIssuer));
    let metadata = get(provider.port(), "/.well-known/openid-configuration").await.json();
    assert_ne!(metadata["issuer"], provider.issuer());
    provider.stop().await;
}

#[tokio::test]
async fn a_provider_that_is_down_answers_503_and_counts() {
    let provider = provider().await;
    provider.set_fault(Some(Fault::Down));
    for path in ["/jwks", "/.well-known/openid-configuration", "/authorize"] {
        assert_eq!(get(provider.port(), path).await.status, 503);
    }
    assert_eq!(provider.fetch_counts().jwks, 1);
    provider.set_fault(Some(Fault::Slow(Duration::from_millis(1))));
    assert_eq!(get(provider.port(), "/jwks").await.status, 200);
    provider.stop().await;
}
