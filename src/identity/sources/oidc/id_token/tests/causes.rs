//! What is told of a token that is refused: enough to know what to change, and nothing of the person or the attempt.

use serde_json::json;

use super::*;
use crate::limits::PROVIDER_QUOTE_CHARS_MAX;

fn detail(token: &str, keys: &KeySet) -> String {
    let error = verdict(token, keys, None).unwrap_err();
    assert!(error.to_string().ends_with(&error.detail), "{error}");
    error.detail
}

/// Of a good token of the only key, but for these claims.
fn of(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> String {
    let (key, mut claims) = (TestKey::ed25519(1), claims("n"));
    change(claims.as_object_mut().unwrap());
    detail(&key.token("k", &claims), &key_set(&[key.jwk("k")]))
}

fn with_claim(name: &str, value: Value) -> String {
    of(|claims| drop(claims.insert(name.to_owned(), value)))
}

fn without_claim(name: &str) -> String {
    of(|claims| drop(claims.remove(name)))
}

fn with_header(header: &Value) -> String {
    let key = TestKey::ed25519(1);
    detail(&key.sign(header, &claims("n")), &key_set(&[key.jwk("k")]))
}

#[test]
fn issuer_audience_and_party_are_told_as_they_were_found() {
    assert_eq!(with_claim("iss", json!("https://a.test/")), r#"`iss` is "https://a.test/""#);
    assert_eq!(with_claim("iss", json!([ISSUER])), r#"`iss` is an array ["https://login.example.com"]"#);
    assert_eq!(without_claim("iss"), "`iss` is missing");
    assert_eq!(with_claim("aud", json!(["gateway", "2577"])), r#"`aud` is an array ["gateway", "2577"]"#);
    assert_eq!(with_claim("aud", json!(7)), "`aud` is a number");
    assert_eq!(with_claim("azp", json!("android")), r#"`azp` is "android""#);
    assert_eq!(with_claim("aud", json!("a\nb\u{202e}")), r#"`aud` is "a b""#);
    let long = with_claim("aud", json!("a".repeat(1_000)));
    assert_eq!(
        long.chars().filter(|c| *c == 'a').count(),
        PROVIDER_QUOTE_CHARS_MAX + 1,
        "cut, and the name of the claim"
    );
}

#[test]
fn times_are_told_by_how_far_they_are_off_or_by_what_they_are() {
    assert_eq!(with_claim("exp", json!(NOW.0 - 600)), "`exp` is 600s ago");
    assert_eq!(with_claim("iat", json!(NOW.0 + 300)), "`iat` is 300s ahead of the clock here");
    assert_eq!(with_claim("iat", json!(NOW.0 - 1_200)), "`iat` is 1200s ago, and a sign-in takes 600s at most");
    assert_eq!(with_claim("nbf", json!(NOW.0 + 61)), "`nbf` is 61s ahead of the clock here");
    assert_eq!(with_claim("exp", json!("1700000300")), "`exp` is a text");
    assert_eq!(with_claim("exp", json!(NOW.0 * 1_000)), "`exp` is a number that is no date in seconds");
    assert_eq!(without_claim("iat"), "`iat` is missing");
    assert_eq!(with_claim("nbf", json!([])), "`nbf` is an array");
}

#[test]
fn a_nonce_is_absent_of_another_kind_or_different_and_never_told() {
    assert_eq!(without_claim("nonce"), "`nonce` is missing, and not that of the attempt");
    assert_eq!(with_claim("nonce", json!(null)), "`nonce` is null, and not that of the attempt");
    assert_eq!(with_claim("nonce", json!(["marker"])), "`nonce` is an array, and not that of the attempt");
    assert_eq!(with_claim("nonce", json!("marker")), "`nonce` is not that of the attempt");
}

#[test]
fn what_is_wrong_with_the_header_is_told_by_its_name() {
    assert_eq!(with_header(&json!({"alg": "HS256"})), r#"`alg` is "HS256""#);
    assert_eq!(with_header(&json!({"kid": "k"})), "`alg` is missing");
    for (member, value, expected) in [
        ("typ", json!("at+jwt"), r#""at+jwt""#),
        ("cty", json!("JWT"), r#""JWT""#),
        ("crit", json!(["exp"]), r#"an array ["exp"]"#),
        ("kid", json!(7), "a number"),
    ] {
        let mut header = json!({"alg": "EdDSA", "kid": "k"});
        header[member] = value;
        assert_eq!(with_header(&header), format!("`{member}` of the header is {expected}"));
    }
}

#[test]
fn a_token_that_is_not_read_is_told_by_its_shape_or_by_what_its_json_has() {
    let (key, keys) = (TestKey::ed25519(1), key_set(&[TestKey::ed25519(1).jwk("k")]));
    let of_payload = |payload: &str| detail(&key.sign_texts(r#"{"alg":"EdDSA","kid":"k"}"#, payload), &keys);
    assert!(detail("a.b.c.d.e", &keys).starts_with("five segments"));
    assert_eq!(detail("a.b", &keys), "2 segments, and a signed jwt has three");
    assert_eq!(detail("a.b.c=", &keys), "signature is not base64url without padding");
    let large = "a".repeat(ID_TOKEN_BYTES_MAX + 1);
    assert_eq!(detail(&large, &keys), format!("{} bytes, and at most {ID_TOKEN_BYTES_MAX} are read", large.len()));
    let twice = of_payload(r#"{"groups":["a"],"groups":["b"]}"#);
    assert_eq!(twice, r#"payload: expected json with unique member names, found "groups" twice"#);
    assert_eq!(of_payload("[]"), "payload: expected a json object, found an array");
    assert!(of_payload(r#"{"name":"\ud83d"}"#).starts_with("payload: expected json: "));
}

#[test]
fn keys_are_told_by_their_names() {
    let (one, two) = (TestKey::ed25519(1), TestKey::ed25519(2));
    let token = |header: Value| two.sign(&header, &claims("n"));
    let named = token(json!({"alg": "EdDSA", "kid": "replica-2"}));
    let unknown = detail(&named, &key_set(&[one.jwk("replica-1"), two.jwk("replica-3")]));
    let expected =
        r#"no key is called "replica-2"; the provider publishes "replica-1", "replica-3" (do its replicas differ?)"#;
    assert_eq!(unknown, expected);
    let of_other_kind = detail(&named, &key_set(&[TestKey::p256().jwk("replica-2")]));
    assert_eq!(of_other_kind, r#"key "replica-2" is for ES256, and not for EdDSA"#);
    assert_eq!(detail(&named, &key_set(&[one.jwk("replica-2")])), r#"by the key called "replica-2""#);
    let nameless = token(json!({"alg": "EdDSA"}));
    let many: Vec<Value> = (10..15).map(|seed| TestKey::ed25519(seed).jwk("k")).collect();
    let error = verdict(&nameless, &key_set(&many), None).unwrap_err();
    assert_eq!(error.fault, TokenFault::AmbiguousKey);
    assert_eq!(error.detail, "it names no `kid`, and 5 keys of the provider fit EdDSA");
    let long = token(json!({"alg": "EdDSA", "kid": "k".repeat(2_000)}));
    assert!(detail(&long, &key_set(&many)).len() < 300);
}

#[test]
fn every_fault_has_a_reason_of_the_id_token() {
    for (fault, reason) in [
        (TokenFault::Malformed, "token_malformed"),
        (TokenFault::Encrypted, "token_encrypted"),
        (TokenFault::Issuer, "token_iss"),
        (TokenFault::Audience, "token_aud"),
        (TokenFault::Algorithm, "token_alg"),
        (TokenFault::UnknownKey, "token_key"),
        (TokenFault::AmbiguousKey, "token_key"),
        (TokenFault::Signature, "token_signature"),
        (TokenFault::AccessToken, "token_signature"),
        (TokenFault::Time, "token_time"),
        (TokenFault::Nonce, "token_nonce"),
    ] {
        assert_eq!(fault.with("x").reason().as_str(), reason);
    }
}
