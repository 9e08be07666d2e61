//! A discovery document is used whole or not at all; a key set is used as far as its keys are sound.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::*;
use crate::{
    identity::testing::{ISSUER, ROCA, TestKey, document, settings},
    limits::JSON_DEPTH_MAX,
};

fn parse(document: &Value) -> Result<ProviderMetadata, DocumentError> {
    ProviderMetadata::parse(document.to_string().as_bytes(), &settings(ISSUER))
}

fn with(member: &str, value: Value) -> Result<ProviderMetadata, DocumentError> {
    let mut document = document(ISSUER);
    document[member] = value;
    parse(&document)
}

fn rsa(bytes: usize) -> Value {
    json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(vec![0xff; bytes]), "e": "AQAB"})
}

fn keys(keys: &[Value]) -> Result<usize, DocumentError> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).0.map(|set| set.keys().len())
}

fn changed(mut key: Value, member: &str, value: Value) -> Value {
    key[member] = value;
    key
}

#[test]
fn a_plain_document_is_taken_with_its_defaults() {
    let metadata = parse(&document(ISSUER)).unwrap();
    assert_eq!(metadata.token_endpoint.as_str(), "https://login.example.com/token");
    assert_eq!((metadata.end_session_endpoint, metadata.sends_issuer), (None, false));
    assert_eq!(metadata.algorithms.len(), SignatureAlgorithm::ALL.len());
    assert!(matches!(metadata.client_authentication, AuthType::BasicAuth));
}

#[test]
fn a_document_of_another_issuer_is_refused_to_the_last_character() {
    for found in ["https://login.example.com/", "https://LOGIN.example.com", "http://login.example.com", ""] {
        let refused = with("issuer", found.into()).map(|_| ());
        assert_eq!(refused, Err(DocumentError::Issuer { found: found.to_owned() }));
    }
}

#[test]
fn endpoints_are_https_without_user_information() {
    for url in ["http://login.example.com/x", "http://127.0.0.1/x", "https://a@login.example.com/", "file:///etc", "x"]
    {
        for member in ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"] {
            assert_eq!(with(member, url.into()).map(|_| ()), Err(DocumentError::Endpoint { member }), "{url}");
        }
    }
    assert_eq!(with("jwks_uri", Value::Null).map(|_| ()), Err(DocumentError::Endpoint { member: "jwks_uri" }));
}

#[test]
fn a_loopback_issuer_may_use_plain_http_on_loopback_only() {
    let issuer = "http://login.localhost:5556";
    let parse = |document: &Value| ProviderMetadata::parse(document.to_string().as_bytes(), &settings(issuer));
    assert!(parse(&document(issuer)).is_ok());
    let elsewhere = changed(document(issuer), "jwks_uri", "http://192.0.2.1/jwks".into());
    assert_eq!(parse(&elsewhere).map(|_| ()), Err(DocumentError::Endpoint { member: "jwks_uri" }));
}

#[test]
fn a_provider_that_lists_challenge_methods_must_list_s256() {
    assert!(with("code_challenge_methods_supported", json!(["plain", "S256"])).is_ok());
    for methods in [json!(["plain"]), json!([]), json!("S256")] {
        let refused = with("code_challenge_methods_supported", methods).map(|_| ());
        assert_eq!(refused, Err(DocumentError::Pkce));
    }
}

#[test]
fn client_secret_post_is_used_only_where_basic_is_not_taken() {
    let way = |methods| with("token_endpoint_auth_methods_supported", methods).map(|it| it.client_authentication);
    assert!(matches!(way(json!(["client_secret_post", "client_secret_basic"])), Ok(AuthType::BasicAuth)));
    assert!(matches!(way(json!(["client_secret_post"])), Ok(AuthType::RequestBody)));
    assert!(matches!(way(json!(["private_key_jwt"])), Err(DocumentError::ClientAuthentication)));
}

#[test]
fn only_public_key_algorithms_are_accepted() {
    let of = |list| with("id_token_signing_alg_values_supported", list).map(|it| it.algorithms);
    assert_eq!(of(json!(["RS256", "HS256", "none"])), Ok(vec![SignatureAlgorithm::Rs256]));
    assert_eq!(of(json!(["HS256", "none"])), Err(DocumentError::Algorithms));
}

#[test]
fn ambiguous_or_deep_json_is_refused() {
    let settings = settings(ISSUER);
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(JSON_DEPTH_MAX), "]".repeat(JSON_DEPTH_MAX));
    for text in ["", "[]", r#"{"issuer":"a","issuer":"b"}"#, "<html>", &deep] {
        let refused = ProviderMetadata::parse(text.as_bytes(), &settings).map(|_| ());
        assert_eq!(refused, Err(DocumentError::Malformed), "{text}");
    }
}

#[test]
fn the_discovery_url_follows_the_issuer() {
    let url = |issuer| ProviderMetadata::url(issuer).map(|url| url.to_string());
    let expected = Some("https://a.example.com/x/.well-known/openid-configuration".to_owned());
    assert_eq!(url("https://a.example.com/x"), expected);
    assert_eq!(url("https://a.example.com/x/"), expected);
    assert_eq!((url("http://a.example.com"), url("https://a.example.com/?x"), url("a")), (None, None, None));
}

#[test]
fn good_keys_survive_bad_siblings() {
    let ec = TestKey::p256().jwk("k");
    let okp = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([1; 32])});
    assert_eq!(keys(&[rsa(256), rsa(512), ec.clone(), okp.clone()]), Ok(4));
    let bad = [
        rsa(128),
        rsa(2048),
        changed(rsa(256), "e", "AQ".into()),
        changed(rsa(256), "e", "AA".into()),
        changed(rsa(256), "use", "enc".into()),
        changed(rsa(256), "alg", "HS256".into()),
        changed(rsa(256), "alg", "RSA-OAEP".into()),
        changed(rsa(256), "d", "AQ".into()),
        changed(rsa(256), "key_ops", json!(["sign"])),
        changed(rsa(256), "n", 7.into()),
        changed(ec.clone(), "crv", "P-521".into()),
        changed(ec.clone(), "x", "AQ".into()),
        changed(ec.clone(), "x", URL_SAFE_NO_PAD.encode([1; 32]).into()),
        changed(ec.clone(), "y", ec["x"].clone()),
        changed(ec, "crv", "P-384".into()),
        changed(rsa(256), "n", ROCA.into()),
        changed(rsa(256), "n", URL_SAFE_NO_PAD.encode([0xfe; 256]).into()),
        changed(okp.clone(), "x", URL_SAFE_NO_PAD.encode([0; 32]).into()),
        changed(okp, "crv", "X25519".into()),
        json!({"kty": "oct", "k": "AQAB"}),
        json!("key"),
        json!(null),
    ];
    for key in &bad {
        assert_eq!(keys(std::slice::from_ref(key)), Err(DocumentError::NoKeys), "{key}");
    }
    assert_eq!(keys(&[&bad[..], &[rsa(256)]].concat()), Ok(1));
}

/// Ed25519 points with which one signature fits every text, each in both signs.
#[test]
fn a_point_of_small_order_is_no_key() {
    for hex in SMALL_ORDER {
        for sign in [0, 0x80] {
            let mut point: Vec<u8> =
                (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
            point[31] |= sign;
            let key = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(point)});
            assert_eq!(keys(&[key]), Err(DocumentError::NoKeys), "{hex}");
        }
    }
}

const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn what_is_passed_over_is_named_with_its_cause() {
    let ec = TestKey::p256().jwk("twin");
    let set = [changed(ec.clone(), "y", ec["x"].clone()), changed(rsa(256), "n", ROCA.into()), json!(null), rsa(256)];
    let of = |set: &[Value]| KeySet::parse(json!({ "keys": set }).to_string().as_bytes()).1;
    let notes: Vec<String> = of(&set).iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            r#"key "twin": point is not on its curve"#,
            "key without kid: modulus has the form of CVE-2017-15361",
            "key without kid: not a public key for signatures",
        ]
    );
    assert_eq!(of(&set[..3]).len(), 3, "also where no key is left");
    assert_eq!(KeySet::parse(b"no json").1, []);
}

#[test]
fn bad_keys_do_not_count_towards_the_limit() {
    let mut set = vec![json!({"kty": "RSA"}); JWKS_KEYS_MAX + 10];
    set.push(rsa(256));
    assert_eq!(keys(&set), Ok(1));
}

#[test]
fn keys_over_the_limit_are_ignored() {
    let mut set = vec![rsa(256); JWKS_KEYS_MAX + 10];
    assert_eq!(keys(&set), Ok(JWKS_KEYS_MAX));
    set.push(json!(null));
    let (_, passed_over) = KeySet::parse(json!({ "keys": set }).to_string().as_bytes());
    assert_eq!(passed_over, [], "nobody looks at them");
}

#[test]
fn the_prompt_that_asks_for_an_account_is_one_that_the_provider_knows() {
    let prompt = |known: Value| with("prompt_values_supported", known).map(|it| it.account_prompt);
    assert_eq!(prompt(json!(["none", "login", "consent"])), Ok("login"));
    assert_eq!(prompt(json!(["login", "select_account"])), Ok("select_account"));
    for odd in [json!(["none"]), json!("login"), json!([7]), json!(null)] {
        assert_eq!(prompt(odd), Ok("select_account"));
    }
}
