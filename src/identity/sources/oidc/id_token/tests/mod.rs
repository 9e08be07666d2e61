//! A provider that lies is refused, with the name of the lie.

mod audiences;
mod causes;
mod keys;

use aws_lc_rs::hmac;
use serde_json::json;

use super::*;
use crate::identity::testing::{ISSUER, NOW, TestKey, claims, key_set, metadata};

fn check(token: &str, keys: &KeySet) -> Result<VerifiedToken, TokenFault> {
    check_with(token, keys, None)
}

fn check_with(token: &str, keys: &KeySet, access_token: Option<&str>) -> Result<VerifiedToken, TokenFault> {
    verdict(token, keys, access_token).map_err(|error| error.fault)
}

fn verdict(token: &str, keys: &KeySet, access_token: Option<&str>) -> Result<VerifiedToken, IdTokenError> {
    let algorithms = metadata().algorithms;
    verify_id_token(token, keys, &ExpectedToken { access_token, ..expecting(&algorithms) }, NOW)
}

/// What a token must say to be for a sign-in of nonce `n`.
fn expecting(algorithms: &[SignatureAlgorithm]) -> ExpectedToken<'_> {
    ExpectedToken { issuer: ISSUER, client_id: "gateway", audiences: &[], nonce: "n", algorithms, access_token: None }
}

/// A good token of the only key, but for one claim.
fn with(name: &str, value: Value) -> Result<(), TokenFault> {
    let mut claims = claims("n");
    claims[name] = value;
    of_claims(&claims.to_string())
}

fn without(name: &str) -> Result<(), TokenFault> {
    let mut claims = claims("n");
    claims.as_object_mut().unwrap().remove(name);
    of_claims(&claims.to_string())
}

fn of_claims(claims: &str) -> Result<(), TokenFault> {
    let key = TestKey::ed25519(1);
    check(&key.sign_texts(r#"{"alg":"EdDSA","kid":"k"}"#, claims), &key_set(&[key.jwk("k")])).map(|_| ())
}

/// A good token of the only key, but for its header.
fn of_header(header: &str) -> Result<(), TokenFault> {
    let key = TestKey::ed25519(1);
    check(&key.sign_texts(header, &claims("n").to_string()), &key_set(&[key.jwk("k")])).map(|_| ())
}

#[test]
fn a_good_token_of_each_kind_of_key_gives_its_claims() {
    for key in [TestKey::ed25519(1), TestKey::p256(), TestKey::rsa()] {
        let keys = key_set(&[key.jwk("k")]);
        let verified = check(&key.token("k", &claims("n")), &keys).unwrap();
        assert_eq!(Value::Object(verified.claims().0.clone()), claims("n"), "{}", key.algorithm());
    }
    let rsa = TestKey::rsa();
    let token = rsa.sign(&json!({"alg": "PS256"}), &claims("n"));
    assert!(check(&token, &key_set(&[rsa.jwk("k")])).is_ok());
}

#[test]
fn the_issuer_is_compared_to_the_last_character() {
    for issuer in [
        json!("https://login.example.com/"),
        json!("https://LOGIN.example.com"),
        json!("http://login.example.com"),
        json!("https://login.example.com:443"),
        json!("https://login.example.com.evil.test"),
        json!([ISSUER]),
        json!(""),
        json!(null),
    ] {
        assert_eq!(with("iss", issuer.clone()), Err(TokenFault::Issuer), "{issuer}");
    }
    assert_eq!(without("iss"), Err(TokenFault::Issuer));
}

#[test]
fn the_audience_is_our_client_and_nobody_else() {
    assert_eq!(with("aud", json!(["gateway"])), Ok(()));
    assert_eq!(with("azp", json!("gateway")), Ok(()));
    for audience in [
        json!("other"),
        json!("Gateway"),
        json!("gate"),
        json!(""),
        json!(7),
        json!([]),
        json!(["other"]),
        json!(["gateway", "other"]),
        json!(["gateway", 7]),
        json!(null),
    ] {
        assert_eq!(with("aud", audience.clone()), Err(TokenFault::Audience), "{audience}");
    }
    assert_eq!(without("aud"), Err(TokenFault::Audience));
    assert_eq!(with("azp", json!("other")), Err(TokenFault::Audience));
}

#[test]
fn the_nonce_is_that_of_the_attempt() {
    for nonce in [json!("m"), json!("N"), json!(""), json!(null), json!(["n"])] {
        assert_eq!(with("nonce", nonce), Err(TokenFault::Nonce));
    }
    assert_eq!(without("nonce"), Err(TokenFault::Nonce));
}

#[test]
fn the_end_of_a_token_flips_exactly_at_the_leeway() {
    let leeway = CLOCK_LEEWAY.as_secs();
    assert_eq!(with("exp", json!(NOW.0 - leeway + 1)), Ok(()));
    assert_eq!(with("exp", json!(NOW.0 - leeway)), Err(TokenFault::Time));
    assert_eq!(with("nbf", json!(NOW.0 + leeway)), Ok(()));
    assert_eq!(with("nbf", json!(NOW.0 + leeway + 1)), Err(TokenFault::Time));
    assert_eq!(with("iat", json!(NOW.0 + leeway)), Ok(()));
    assert_eq!(with("iat", json!(NOW.0 + leeway + 1)), Err(TokenFault::Time));
    assert_eq!(with("iat", json!(NOW.0 - 600 - leeway)), Ok(()));
    assert_eq!(with("iat", json!(NOW.0 - 601 - leeway)), Err(TokenFault::Time));
}

#[test]
fn times_are_numbers_of_this_calendar() {
    assert_eq!(with("exp", json!(1_700_000_300.5)), Ok(()));
    for exp in [
        json!("1893456000"),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!(NOW.0 * 1000 * 1000),
        json!(null),
        json!(true),
        json!("2030-01-01T00:00:00Z"),
    ] {
        assert_eq!(with("exp", exp.clone()), Err(TokenFault::Time), "{exp}");
    }
    for name in ["exp", "iat"] {
        assert_eq!(without(name), Err(TokenFault::Time));
    }
    assert_eq!(with("nbf", json!("1")), Err(TokenFault::Time));
    assert_eq!(of_claims(&claims("n").to_string().replace("1700000300", "1e400")), Err(TokenFault::Malformed));
}

#[test]
fn only_public_key_algorithms_are_read() {
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"None"}"#,
        r#"{"alg":""}"#,
        r#"{"alg":null}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"HS256","kid":"k"}"#,
        r#"{"alg":"eddsa","kid":"k"}"#,
        r#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#,
    ] {
        assert_eq!(of_header(header), Err(TokenFault::Algorithm), "{header}");
    }
}

#[test]
fn an_algorithm_that_the_provider_does_not_announce_is_refused() {
    let key = TestKey::ed25519(1);
    let expected = expecting(&[SignatureAlgorithm::Rs256]);
    let refused = verify_id_token(&key.token("k", &claims("n")), &key_set(&[key.jwk("k")]), &expected, NOW);
    assert_eq!(refused.map_err(|error| error.to_string()), Err(NOT_ANNOUNCED.to_owned()));
}

const NOT_ANNOUNCED: &str = "id token is signed with an algorithm that is not accepted: `alg` is \"EdDSA\", and the provider announces \
    RS256";

#[test]
fn a_public_key_is_never_a_shared_secret() {
    let key = TestKey::rsa();
    let jwk = key.jwk("k");
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"k"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims("n").to_string()));
    for secret in [jwk.to_string(), jwk["n"].as_str().unwrap().to_owned(), "a secret: 1+1".to_owned()] {
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac));
        assert_eq!(check(&token, &key_set(std::slice::from_ref(&jwk))), Err(TokenFault::Algorithm));
    }
}

#[test]
fn extensions_and_other_classes_of_token_are_refused() {
    for header in [
        r#"{"alg":"EdDSA","kid":"k","crit":["exp"],"exp":1}"#,
        r#"{"alg":"EdDSA","kid":"k","crit":[]}"#,
        r#"{"alg":"EdDSA","kid":"k","b64":false}"#,
        r#"{"alg":"EdDSA","kid":"k","zip":"DEF"}"#,
        r#"{"alg":"EdDSA","kid":"k","cty":"JWT"}"#,
        r#"{"alg":"EdDSA","kid":"k","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","kid":"k","typ":"logout+jwt"}"#,
        r#"{"alg":"EdDSA","kid":"k","typ":1}"#,
        r#"{"alg":"EdDSA","kid":7}"#,
        r#"{"alg":"EdDSA","alg":"EdDSA","kid":"k"}"#,
    ] {
        assert_eq!(of_header(header), Err(TokenFault::Malformed), "{header}");
    }
    for typ in
        [r#""jwt""#, r#""JWT""#, r#""id_token+jwt""#, r#""application/id_token+JWT""#, r#""application/jwt""#, "null"]
    {
        assert_eq!(of_header(&format!(r#"{{"alg":"EdDSA","typ":{typ}}}"#)), Ok(()), "{typ}");
    }
}

#[test]
fn members_of_a_header_that_are_null_say_nothing() {
    assert_eq!(
        of_header(r#"{"alg":"EdDSA","kid":null,"typ":null,"cty":null,"zip":null,"enc":null,"b64":null}"#),
        Ok(())
    );
    assert_eq!(of_header(r#"{"alg":"EdDSA","crit":null}"#), Err(TokenFault::Malformed), "RFC 7515: it is a list");
}

/// Each JSON type.
fn every_type() -> [Value; 8] {
    [json!(null), json!(true), json!(5), json!(1.5), json!("x"), json!(""), json!(["x"]), json!({ "a": [[]] })]
}

#[test]
fn what_nobody_reads_may_be_of_any_type() {
    let unread = "name given_name profile picture email email_verified gender birthdate zoneinfo locale phone_number \
        phone_number_verified address updated_at auth_time acr amr c_hash s_hash jti sid roles events cnf act scope \
        client_id groups _claim_names _claim_sources vot";
    for (name, value) in unread.split_whitespace().flat_map(|name| every_type().map(|value| (name, value))) {
        assert_eq!(with(name, value.clone()), Ok(()), "{name} {value}");
    }
    for value in every_type() {
        assert_eq!(with("at_hash", value.clone()), Ok(()), "there is no access token: {value}");
        let verdict = if value.is_null() { Ok(()) } else { Err(TokenFault::Audience) };
        assert_eq!(with("azp", value), verdict);
    }
    assert_eq!(with("nbf", json!(null)), Ok(()));
}

#[test]
fn a_key_in_the_header_is_not_looked_at() {
    let (ours, theirs) = (TestKey::ed25519(1), TestKey::ed25519(2));
    let keys = key_set(&[ours.jwk("k")]);
    let header = json!({"alg": "EdDSA", "kid": "k", "jwk": theirs.jwk("k"), "jku": "https://evil.test/jwks"});
    assert_eq!(check(&theirs.sign(&header, &claims("n")), &keys), Err(TokenFault::Signature));
    assert!(check(&ours.sign(&header, &claims("n")), &keys).is_ok());
}

#[test]
fn at_hash_is_held_against_the_access_token_with_the_key_that_fits() {
    let (twin, key) = (TestKey::p256(), TestKey::p256());
    let mut claims = claims("n");
    claims["at_hash"] = "77QmUPtjPfzWtF2AnpK9RQ".into();
    let (token, keys) = (key.token("k", &claims), key_set(&[twin.jwk("k"), key.jwk("k")]));
    assert!(check_with(&token, &keys, Some("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y")).is_ok());
    assert_eq!(check_with(&token, &keys, Some("other")), Err(TokenFault::AccessToken));
}

#[test]
fn only_the_canonical_spelling_of_a_token_is_read() {
    let key = TestKey::ed25519(1);
    let keys = key_set(&[key.jwk("k")]);
    let good = key.token("k", &claims("n"));
    assert!(check(&good, &keys).is_ok());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    for token in [
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{good}.x"),
        format!("Bearer {good}"),
        signed.to_owned(),
        format!("{signed}.{}B", &signature[..signature.len() - 1]),
        format!("{signed}.{}", signature.replace(['-', '_'], "+") + "+"),
        ".".repeat(1000),
        String::new(),
        "a".repeat(ID_TOKEN_BYTES_MAX + 1),
    ] {
        assert_eq!(check(&token, &keys), Err(TokenFault::Malformed), "{token:.40}");
    }
    assert_eq!(check(&format!("{signed}."), &keys), Err(TokenFault::Signature));
}

#[test]
fn an_ecdsa_signature_has_one_form() {
    let key = TestKey::p256();
    let keys = key_set(&[key.jwk("k")]);
    let good = key.token("k", &claims("n"));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let long = [&raw[..], &[0]].concat();
    for bad in [&raw[..63], &long[..], &[0; 64][..], &[0xff; 64][..]] {
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(bad));
        assert_eq!(check(&token, &keys), Err(TokenFault::Signature));
    }
}

#[test]
fn claims_that_can_be_read_in_two_ways_are_malformed() {
    let twice = claims("n").to_string().replace(r#""sub":"7""#, r#""sub":"7","sub":"8""#);
    for claims in [twice.as_str(), "[]", "\"x\"", "null", "{", "{}{}"] {
        assert_eq!(of_claims(claims), Err(TokenFault::Malformed), "{claims}");
    }
    let key = TestKey::ed25519(1);
    let invalid =
        format!("{}.{}.AA", URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA"}"#), URL_SAFE_NO_PAD.encode(b"{\"a\":\"\xff\"}"));
    assert_eq!(check(&invalid, &key_set(&[key.jwk("k")])), Err(TokenFault::Malformed));
}

#[test]
fn spellings_of_large_providers_do_not_stop_a_sign_in() {
    assert_eq!(with("email_verified", json!("true")), Ok(()));
    assert_eq!(with("updated_at", json!("2023-11-14T22:13:20.000Z")), Ok(()));
}

#[test]
fn at_hash_is_held_against_the_access_token() {
    let key = TestKey::p256();
    let keys = key_set(&[key.jwk("k")]);
    let hash = digest(&aws_lc_rs::digest::SHA256, b"access");
    let mut claims = claims("n");
    claims["at_hash"] = json!(URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]));
    let token = key.token("k", &claims);
    assert!(check_with(&token, &keys, Some("access")).is_ok());
    assert!(check_with(&token, &keys, None).is_ok());
    assert_eq!(check_with(&token, &keys, Some("other")), Err(TokenFault::AccessToken));
}

proptest::proptest! {
    #[test]
    fn no_changed_character_of_a_token_passes(at: usize, with in 0..128u8) {
        let key = TestKey::ed25519(1);
        let good = key.token("k", &claims("n"));
        let mut changed = good.clone().into_bytes();
        let at = at % changed.len();
        changed[at] = with;
        let changed = String::from_utf8(changed).unwrap();
        proptest::prop_assume!(changed != good);
        proptest::prop_assert!(check(&changed, &key_set(&[key.jwk("k")])).is_err());
    }
}

#[test]
fn neither_what_is_expected_nor_what_was_found_shows_a_nonce_or_a_token() {
    let (key, algorithms) = (TestKey::ed25519(1), metadata().algorithms);
    let (nonce, access_token) = ("marker-nonce", Some("marker-token"));
    let expected = ExpectedToken { nonce, access_token, ..expecting(&algorithms) };
    let token = key.token("k", &claims(nonce));
    let verified = verify_id_token(&token, &key_set(&[key.jwk("k")]), &expected, NOW).unwrap();
    assert_eq!(verified.claims().text("nonce"), Some(nonce));
    for shown in [format!("{expected:?}"), format!("{verified:?}")] {
        assert!(!shown.contains("marker"), "{shown}");
    }
}
