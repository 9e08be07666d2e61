//! What the token endpoint is shown, and the endpoints that the operator names, against a provider on loopback.

use std::collections::HashMap;

use url::Url;

use super::testing::World;
use crate::{
    identity::{
        ClientAuth, ClientCredentials, JwsKey, NamedEndpoints, OidcSettings,
        testing::{NOW, TestKey, client_key_pem, parts_of},
    },
    proxy::OutboundProxy,
};

fn key(seed: u8, kid: &str) -> serde_json::Value {
    TestKey::ed25519(seed).jwk(kid)
}

/// What the token endpoint was sent last: `Authorization` and the form.
fn last_sent(world: &World) -> (String, HashMap<String, String>) {
    let (authorization, body) = world.idp.seen.lock().unwrap().last().cloned().unwrap();
    (authorization, url::form_urlencoded::parse(body.as_bytes()).into_owned().collect())
}

#[tokio::test]
async fn a_key_signs_an_assertion_that_is_fresh_each_time_and_a_public_client_shows_nothing() {
    let world = World::start(&[key(1, "k")]).await;
    let keys = vec![JwsKey::parse(client_key_pem()).unwrap()];
    let credentials = ClientCredentials { keys, ..Default::default() };
    let settings = OidcSettings { credentials, ..world.idp.settings() };
    let mut seen = Vec::new();
    for _ in 0..2 {
        let documents = world.providers.documents(&settings).await.unwrap();
        let (exchange, _) = world.exchange(&documents);
        world.providers.exchange(&exchange, &settings, &documents, NOW).await.map(drop).unwrap_err();
        let (authorization, form) = last_sent(&world);
        assert_eq!((authorization.as_str(), form["client_id"].as_str()), ("", "gateway"));
        assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        assert!(!form.contains_key("client_secret"));
        let (_, claims) = parts_of(&form["client_assertion"]);
        assert_eq!(claims["aud"], world.idp.issuer.as_str());
        seen.push(claims["jti"].clone());
    }
    assert_ne!(seen[0], seen[1]);
    let credentials = ClientCredentials { auth: Some(ClientAuth::None), ..Default::default() };
    let settings = OidcSettings { credentials, ..world.idp.settings() };
    let documents = world.providers.documents(&settings).await.unwrap();
    let (exchange, _) = world.exchange(&documents);
    world.providers.exchange(&exchange, &settings, &documents, NOW).await.map(drop).unwrap_err();
    let (authorization, form) = last_sent(&world);
    assert_eq!((authorization.as_str(), form["client_id"].as_str()), ("", "gateway"));
    assert!(!form.keys().any(|name| name == "client_secret" || name == "client_assertion"), "{form:?}");
}

#[tokio::test]
async fn other_endpoints_of_the_operator_are_in_force_with_the_reload_that_names_them() {
    let world = World::start(&[key(1, "k")]).await;
    assert!(world.documents().await.is_ok());
    let at = |path: &str| Url::parse(&format!("{}{path}", world.idp.issuer)).ok();
    let endpoints = NamedEndpoints { token: at("/elsewhere"), ..Default::default() };
    let settings = OidcSettings { endpoints, ..world.idp.settings() };
    let documents = world.providers.documents(&settings).await.unwrap();
    assert_eq!(documents.metadata.token_endpoint.path(), "/elsewhere");
    world.idp.down();
    let endpoints =
        NamedEndpoints { authorization: at("/a"), token: at("/t"), keys: at("/jwks"), ..Default::default() };
    let settings = OidcSettings { endpoints, ..world.idp.settings() };
    assert!(world.providers.documents(&settings).await.is_ok(), "without a document that can be used");
}

#[tokio::test]
async fn a_provider_behind_a_proxy_is_asked_for_by_name_and_one_on_this_machine_is_not() {
    let world = World::start(&[key(1, "k")]).await;
    // Nothing else is there: a proxy that refuses has been asked.
    let refusing = Some(OutboundProxy::parse(&world.idp.issuer).unwrap());
    let settings = OidcSettings { proxy: refusing.clone(), ..world.idp.settings() };
    assert!(world.providers.documents(&settings).await.is_ok(), "it is on this machine itself");
    let issuer = "https://login.idp.example".to_owned();
    let settings = OidcSettings { proxy: refusing, issuer, ..world.idp.settings() };
    let error = world.providers.documents(&settings).await.unwrap_err().to_string();
    assert!(error.contains("does not connect to login.idp.example: it answers with status 404"), "{error}");
}
