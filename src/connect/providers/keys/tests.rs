//! Against a server of keys on loopback that can be down, slow, wrong, and that counts what it is asked.

use std::{sync::atomic::Ordering, time::Duration};

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use http::StatusCode;
use url::Url;

use super::{
    super::{
        super::Dialer,
        Providers,
        testing::{Idp, World},
    },
    *,
};
use crate::{
    identity::{
        KeyPlace, Source,
        testing::{TestKey, document, jwks, of_assertions},
    },
    limits::{
        KEY_FETCHES_MAX, KEYS_BY_KID_MAX, KEYS_BY_KID_UNPROVEN_MAX, PROVIDER_DOCUMENTS_AGE_MAX,
        PROVIDER_DOCUMENTS_STALE_MAX, PROVIDER_REFETCH_PAUSE, PROVIDER_RETRY_PAUSE,
    },
};

fn key(seed: u8, kid: &str) -> serde_json::Value {
    TestKey::ed25519(seed).jwk(kid)
}

fn pem() -> String {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der.as_ref()))
}

/// A source whose keys are at a place of the server.
fn at(idp: &Idp, place: impl FnOnce(Url) -> KeyPlace, path: &str) -> AssertionSettings {
    AssertionSettings { keys: place(Url::parse(&format!("{}{path}", idp.issuer)).unwrap()), ..of_assertions() }
}

fn by_kid(idp: &Idp) -> AssertionSettings {
    at(idp, |prefix| KeyPlace::Pem { prefix }, "/pem/")
}

fn publish(idp: &Idp, kid: &str) {
    idp.set(&format!("/pem/{kid}"), StatusCode::OK, pem());
}

/// Waits until what goes on in the background has asked so often.
async fn until_asked(idp: &Idp, count: usize) {
    for _ in 0..500 {
        if idp.asked.load(Ordering::SeqCst) >= count {
            tokio::time::sleep(Duration::from_millis(20)).await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the server was not asked {count} times");
}

fn status(providers: &Providers) -> String {
    providers.status().pop().map_or(String::new(), |(_, status)| status.to_string())
}

#[tokio::test]
async fn a_set_is_fetched_once_for_many_and_is_at_hand_from_then_on() {
    let world = World::start(&[key(1, "k")]).await;
    let of_discovery =
        AssertionSettings { keys: KeyPlace::Discovery { issuer: world.idp.issuer.clone() }, ..of_assertions() };
    for (settings, asked) in [(at(&world.idp, KeyPlace::Jwks, "/jwks"), 1), (of_discovery, 2)] {
        assert!(world.providers.keys_at_hand(&settings, Some("k")).is_none());
        let keys = join_all((0..100).map(|_| world.providers.keys(&settings, Some("k")))).await;
        assert!(keys.iter().all(Result::is_ok));
        assert_eq!(world.idp.asked(), asked);
        assert!(world.providers.keys_at_hand(&settings, Some("k")).is_some());
        assert_eq!((world.idp.asked(), status(&world.providers)), (0, "ready".to_owned()));
    }
}

#[tokio::test]
async fn a_set_is_warmed_up_and_forgotten_by_a_reload_that_has_another_place_for_it() {
    let world = World::start(&[key(1, "k")]).await;
    let settings = at(&world.idp, KeyPlace::Jwks, "/jwks");
    let source = |settings: &AssertionSettings| Source::Assertion(Arc::new(settings.clone()));
    world.providers.warm_up([&source(&settings)]);
    until_asked(&world.idp, 1).await;
    assert!(world.providers.keys_at_hand(&settings, None).is_some());
    world.providers.fetch_anew([&source(&settings)]);
    until_asked(&world.idp, 2).await;
    let elsewhere = at(&world.idp, KeyPlace::Jwks, "/elsewhere");
    assert!(world.providers.keys_at_hand(&elsewhere, None).is_none(), "the name is the same, the place is not");
    world.providers.warm_up([&source(&elsewhere)]);
    until_asked(&world.idp, 3).await;
    assert!(world.providers.keys_at_hand(&settings, None).is_none());
    assert_eq!(world.providers.status().len(), 1);
    assert!(status(&world.providers).contains("/elsewhere answers with status 404"), "{}", status(&world.providers));
    world.providers.warm_up([]);
    assert!(world.providers.status().is_empty());
}

#[tokio::test]
async fn of_a_flood_of_unknown_keys_one_is_asked_for_in_each_pause_and_a_good_one_never_waits() {
    let world = World::start(&[key(1, "k")]).await;
    let settings = at(&world.idp, KeyPlace::Jwks, "/jwks");
    let tried = world.providers.keys(&settings, Some("k")).await.unwrap();
    world.idp.asked();
    let flood = async || {
        let newer = (0..200).map(|_| world.providers.newer_keys(&settings, &tried));
        drop(join_all(newer).await);
        world.idp.asked()
    };
    assert!(world.providers.may_have_newer_keys(&settings));
    assert_eq!((flood().await, flood().await), (1, 0), "the first at once");
    assert!(!world.providers.may_have_newer_keys(&settings), "so nobody waits");
    // Whatever comes of the next one, what is at hand is read without a wait: it is no future.
    world.later(PROVIDER_REFETCH_PAUSE);
    world.idp.set("/jwks", StatusCode::OK, "{}".to_owned());
    assert_eq!(flood().await, 1);
    assert!(world.providers.keys_at_hand(&settings, Some("k")).is_some());
    assert!(status(&world.providers).starts_with("stale for 30 s"), "{}", status(&world.providers));
    world.later(PROVIDER_REFETCH_PAUSE);
    world.idp.set("/jwks", StatusCode::OK, jwks(&[key(1, "k"), key(2, "x")]).to_string());
    assert!(world.providers.newer_keys(&settings, &tried).await.is_some(), "rotated");
    assert_eq!(status(&world.providers), "ready");
}

#[tokio::test]
async fn old_keys_are_used_while_newer_ones_are_fetched_until_they_are_too_old() {
    let world = World::start(&[key(1, "k")]).await;
    let settings = at(&world.idp, KeyPlace::Jwks, "/jwks");
    world.providers.keys(&settings, None).await.unwrap();
    world.idp.asked();
    world.later(PROVIDER_DOCUMENTS_AGE_MAX);
    assert!(world.providers.keys_at_hand(&settings, None).is_some());
    until_asked(&world.idp, 1).await;
    assert_eq!(world.idp.asked(), 1);
    world.idp.set("/jwks", StatusCode::SERVICE_UNAVAILABLE, String::new());
    world.later(PROVIDER_DOCUMENTS_AGE_MAX);
    for _ in 0..100 {
        assert!(world.providers.keys_at_hand(&settings, None).is_some());
    }
    until_asked(&world.idp, 1).await;
    assert_eq!((world.idp.asked(), status(&world.providers).starts_with("stale for 3600 s")), (1, true));
    world.later(PROVIDER_DOCUMENTS_STALE_MAX);
    assert!(world.providers.keys_at_hand(&settings, None).is_none(), "too old to trust");
    let error = world.providers.keys(&settings, None).await.unwrap_err();
    assert!(!error.is_no_such_key() && error.to_string().contains("503"), "{error}");
}

#[tokio::test]
async fn a_source_that_is_down_is_asked_again_at_a_bounded_rate_and_a_wrong_issuer_gives_no_keys() {
    let world = World::start(&[key(1, "k")]).await;
    let settings = at(&world.idp, KeyPlace::Jwks, "/jwks");
    world.idp.set("/jwks", StatusCode::BAD_GATEWAY, String::new());
    for _ in 0..20 {
        assert!(world.providers.keys(&settings, Some("k")).await.is_err());
    }
    assert_eq!((world.idp.asked(), status(&world.providers).starts_with("down: ")), (1, true));
    world.later(PROVIDER_RETRY_PAUSE);
    world.idp.set_keys(&[key(1, "k")]);
    assert!(world.providers.keys(&settings, Some("k")).await.is_ok());
    world.idp.set("/.well-known/openid-configuration", StatusCode::OK, document("https://evil.test").to_string());
    let place = KeyPlace::Discovery { issuer: world.idp.issuer.clone() };
    let error = world.providers.keys(&AssertionSettings { keys: place, ..of_assertions() }, None).await.unwrap_err();
    assert!(error.to_string().contains("document is of another issuer"), "{error}");
}

#[tokio::test]
async fn a_key_by_name_is_fetched_once_and_a_name_without_one_is_remembered_for_a_pause() {
    let world = World::start(&[]).await;
    let settings = by_kid(&world.idp);
    publish(&world.idp, "good");
    let keys = join_all((0..50).map(|_| world.providers.keys(&settings, Some("good")))).await;
    assert!(keys.iter().all(Result::is_ok) && world.idp.asked() == 1);
    for _ in 0..20 {
        assert!(world.providers.keys(&settings, Some("bad")).await.unwrap_err().is_no_such_key());
        assert!(world.providers.keys_at_hand(&settings, Some("bad")).is_none());
        assert!(world.providers.keys_at_hand(&settings, Some("good")).is_some());
    }
    assert_eq!((world.idp.asked(), status(&world.providers)), (1, "ready".to_owned()), "a bad name says nothing of it");
    world.later(PROVIDER_REFETCH_PAUSE);
    publish(&world.idp, "bad");
    assert!(world.providers.keys(&settings, Some("bad")).await.is_ok(), "it has come since");
    assert!(world.providers.keys(&settings, None).await.unwrap_err().is_no_such_key());
}

#[tokio::test]
async fn unknown_names_have_one_budget_and_never_delay_a_key_at_hand() {
    let world = World::start(&[]).await;
    let settings = by_kid(&world.idp);
    publish(&world.idp, "good");
    publish(&world.idp, "new");
    world.providers.keys(&settings, Some("good")).await.unwrap();
    world.idp.asked();
    let names: Vec<String> = (0..500).map(|number| format!("bad-{number}")).collect();
    let flood = join_all(names.iter().map(|name| world.providers.keys(&settings, Some(name)))).await;
    assert!(flood.iter().all(|answer| answer.as_ref().is_err_and(ProviderError::is_no_such_key)));
    assert_eq!(world.idp.asked(), KEY_FETCHES_MAX - 1, "the first was the good one");
    assert!(world.providers.keys_at_hand(&settings, Some("good")).is_some());
    assert!(world.providers.keys(&settings, Some("new")).await.is_err(), "one that nobody knows yet has to wait");
    world.later(PROVIDER_REFETCH_PAUSE);
    assert!(world.providers.keys(&settings, Some("new")).await.is_ok());
    // A key at hand is looked at again, whatever is left of the budget.
    world.idp.asked();
    drop(join_all(names.iter().map(|name| world.providers.keys(&settings, Some(name)))).await);
    world.later(PROVIDER_DOCUMENTS_AGE_MAX - PROVIDER_REFETCH_PAUSE);
    drop(join_all(names.iter().map(|name| world.providers.keys(&settings, Some(name)))).await);
    world.idp.asked();
    assert!(world.providers.keys_at_hand(&settings, Some("good")).is_some());
    until_asked(&world.idp, 1).await;
}

#[tokio::test]
async fn what_has_verified_something_never_gives_way_to_what_has_not() {
    let world = World::start(&[]).await;
    let settings = by_kid(&world.idp);
    let fetch = async |kid: String| {
        publish(&world.idp, &kid);
        world.later(PROVIDER_REFETCH_PAUSE);
        world.providers.keys(&settings, Some(&kid)).await.unwrap()
    };
    let is_held = |kid: &str| world.providers.keys_at_hand(&settings, Some(kid)).is_some();
    fetch("ours".to_owned()).await.verified_one();
    for number in 0..4 * KEYS_BY_KID_UNPROVEN_MAX {
        fetch(format!("foreign-{number}")).await;
        assert!(is_held("ours"));
    }
    let foreign = (0..4 * KEYS_BY_KID_UNPROVEN_MAX).filter(|number| is_held(&format!("foreign-{number}"))).count();
    assert_eq!(foreign, KEYS_BY_KID_UNPROVEN_MAX);
    for number in 0..=KEYS_BY_KID_MAX {
        fetch(format!("later-{number}")).await.verified_one();
    }
    fetch("last".to_owned()).await;
    assert!(
        !is_held("ours") && is_held(&format!("later-{KEYS_BY_KID_MAX}")) && is_held("last"),
        "the newest ones stay"
    );
}

#[tokio::test]
async fn a_server_of_named_keys_that_is_down_leaves_those_at_hand_and_one_that_takes_a_key_back_does_not() {
    let world = World::start(&[]).await;
    let settings = by_kid(&world.idp);
    let down = |kid: &str| world.idp.set(&format!("/pem/{kid}"), StatusCode::SERVICE_UNAVAILABLE, String::new());
    down("good");
    for _ in 0..20 {
        let error = world.providers.keys(&settings, Some("good")).await.unwrap_err();
        assert!(!error.is_no_such_key(), "{error}");
    }
    assert_eq!((world.idp.asked(), status(&world.providers).starts_with("down: ")), (1, true));
    world.later(PROVIDER_RETRY_PAUSE);
    publish(&world.idp, "good");
    world.providers.keys(&settings, Some("good")).await.unwrap().verified_one();
    assert_eq!(status(&world.providers), "ready");
    down("good");
    world.idp.asked();
    world.later(PROVIDER_DOCUMENTS_AGE_MAX);
    assert!(world.providers.keys_at_hand(&settings, Some("good")).is_some());
    until_asked(&world.idp, 1).await;
    assert!(status(&world.providers).starts_with("stale for 3600 s"), "{}", status(&world.providers));
    world.idp.set("/pem/good", StatusCode::NOT_FOUND, String::new());
    world.later(PROVIDER_REFETCH_PAUSE);
    assert!(world.providers.keys_at_hand(&settings, Some("good")).is_some(), "nobody waits for the answer");
    until_asked(&world.idp, 2).await;
    assert!(world.providers.keys_at_hand(&settings, Some("good")).is_some(), "one odd answer takes nothing away");
    assert!(status(&world.providers).contains("404"), "{}", status(&world.providers));
    world.later(PROVIDER_REFETCH_PAUSE);
    assert!(world.providers.keys_at_hand(&settings, Some("good")).is_some());
    until_asked(&world.idp, 3).await;
    assert!(world.providers.keys_at_hand(&settings, Some("good")).is_none(), "the server has taken it back");
}

#[tokio::test]
async fn the_keys_are_asked_for_through_the_proxy_and_believed_by_the_cas_of_their_source() {
    let idp = Idp::start(&[]).await;
    let providers = Providers::new(Dialer::with_system_roots().unwrap(), Handle::current());
    let proxy = Some(crate::proxy::OutboundProxy::parse(&idp.issuer).unwrap());
    let prefix = Url::parse("https://public-keys.auth.elb.eu-west-1.amazonaws.com/").unwrap();
    let settings = AssertionSettings { keys: KeyPlace::Pem { prefix }, proxy, ..of_assertions() };
    let error = providers.keys(&settings, Some("k")).await.unwrap_err().to_string();
    assert!(error.contains("does not connect to public-keys.auth.elb.eu-west-1.amazonaws.com"), "{error}");
}
