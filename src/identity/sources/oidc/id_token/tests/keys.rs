//! Which keys and algorithms verify a token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{super::TokenFault, check};
use crate::{
    identity::{
        SignatureAlgorithm,
        testing::{ROCA, TestKey, claims, key_set},
    },
    limits::KEYS_TRIED_MAX,
};

#[test]
fn each_algorithm_is_verified_with_its_own_kind_of_key_and_no_other() {
    let keys = [TestKey::rsa(), TestKey::p256(), TestKey::p384(), TestKey::ed25519(1)];
    for algorithm in SignatureAlgorithm::ALL.iter().flat_map(|algorithm| algorithm.names().iter().copied()) {
        for signs_kid in [true, false] {
            let mut header = json!({ "alg": algorithm, "kid": "k" });
            if !signs_kid {
                header.as_object_mut().unwrap().remove("kid");
            }
            let verdict = |key: &TestKey| check(&key.sign(&header, &claims("n")), &key_set(&[key.jwk("k")])).is_ok();
            let fitting: Vec<_> = keys.iter().filter(|key| verdict(key)).map(TestKey::algorithm).collect();
            let family = |key: &TestKey| match key {
                TestKey::Rsa(_) => algorithm.starts_with("RS") || algorithm.starts_with("PS"),
                TestKey::Ed25519(_) => ["EdDSA", "Ed25519"].contains(&algorithm),
                TestKey::P256(_) | TestKey::P384(_) => algorithm == key.algorithm(),
            };
            let wanted: Vec<_> = keys.iter().filter(|key| family(key)).map(TestKey::algorithm).collect();
            assert_eq!(fitting, wanted, "{algorithm} {signs_kid}");
        }
    }
}

#[test]
fn a_signature_of_another_algorithm_of_the_same_key_is_none() {
    let key = TestKey::rsa();
    for (says, is) in [("RS256", "PS256"), ("PS256", "RS256"), ("RS512", "RS256")] {
        let token = key.sign(&json!({ "alg": is, "kid": "k" }), &claims("n"));
        let (_, rest) = token.split_once('.').unwrap();
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": says, "kid": "k" }).to_string());
        assert_eq!(check(&format!("{header}.{rest}"), &key_set(&[key.jwk("k")])), Err(TokenFault::Signature));
    }
}

#[test]
fn a_key_that_the_set_keeps_for_one_algorithm_verifies_no_other() {
    let key = TestKey::rsa();
    let mut jwk = key.jwk("k");
    jwk["alg"] = "RS512".into();
    let token = |algorithm: &str| key.sign(&json!({ "alg": algorithm, "kid": "k" }), &claims("n"));
    let keys = key_set(&[jwk]);
    assert!(check(&token("RS512"), &keys).is_ok());
    for algorithm in ["RS256", "PS512"] {
        assert_eq!(check(&token(algorithm), &keys), Err(TokenFault::UnknownKey));
    }
}

#[test]
fn a_key_whose_numbers_have_a_leading_zero_verifies() {
    let key = TestKey::rsa();
    let mut jwk = key.jwk("k");
    let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    jwk["n"] = URL_SAFE_NO_PAD.encode([&[0], &modulus[..]].concat()).into();
    jwk["e"] = "AAEAAQ".into();
    assert!(check(&key.token("k", &claims("n")), &key_set(&[jwk])).is_ok());
}

#[test]
fn without_a_kid_a_key_on_another_curve_is_an_unknown_one_and_beside_the_right_one_nothing() {
    let (p256, p384) = (TestKey::p256(), TestKey::p384());
    let token = p256.sign(&json!({ "alg": "ES256" }), &claims("n"));
    assert_eq!(check(&token, &key_set(&[p384.jwk("k")])), Err(TokenFault::UnknownKey));
    assert!(check(&token, &key_set(&[p384.jwk("k"), p256.jwk("k")])).is_ok());
}

#[test]
fn an_unknown_key_and_new_material_under_an_old_name_may_be_rotation() {
    let (old, new) = (TestKey::ed25519(1), TestKey::ed25519(2));
    let keys = key_set(&[old.jwk("k")]);
    let unknown = check(&new.token("k2", &claims("n")), &keys).unwrap_err();
    assert_eq!(unknown, TokenFault::UnknownKey);
    let other = check(&new.token("k", &claims("n")), &keys).unwrap_err();
    assert_eq!(other, TokenFault::Signature);
    assert!(unknown.may_be_rotation() && other.may_be_rotation() && !TokenFault::Nonce.may_be_rotation());
}

#[test]
fn a_bad_key_of_the_same_name_never_ends_the_sign_ins_of_a_good_one() {
    for good in [TestKey::rsa(), TestKey::p256(), TestKey::ed25519(1)] {
        let jwk = good.jwk("k");
        let changed = |member: &str, value: Value| {
            let mut twin = jwk.clone();
            twin[member] = value;
            twin
        };
        let mut bad = vec![json!(null), json!(7), json!("k"), json!({"kid": "k"}), json!({"kty": "AKP", "kid": "k"})];
        bad.extend([changed("use", "enc".into()), changed("key_ops", json!([])), changed("alg", "ES512".into())]);
        bad.extend(match good {
            TestKey::Rsa(_) => vec![changed("n", ROCA.into()), changed("n", "AQAB".into()), TestKey::rsa().jwk("k")],
            TestKey::P256(_) | TestKey::P384(_) => vec![changed("y", jwk["x"].clone()), TestKey::p256().jwk("k")],
            TestKey::Ed25519(_) => vec![
                changed("x", URL_SAFE_NO_PAD.encode([0; 32]).into()),
                changed("x", URL_SAFE_NO_PAD.encode([2; 32]).into()),
                TestKey::ed25519(2).jwk("k"),
            ],
        });
        let token = good.token("k", &claims("n"));
        for twin in &bad {
            for keys in [[twin.clone(), jwk.clone()], [jwk.clone(), twin.clone()]] {
                assert!(check(&token, &key_set(&keys)).is_ok(), "{twin}");
            }
        }
        assert!(check(&token, &key_set(&[&bad[..], std::slice::from_ref(&jwk)].concat())).is_ok());
    }
}

#[test]
fn of_sound_keys_of_one_name_only_the_first_few_are_tried() {
    let key = TestKey::ed25519(1);
    let others = |count: u8| (0..count).map(|seed| TestKey::ed25519(10 + seed).jwk("k")).collect::<Vec<_>>();
    let token = key.token("k", &claims("n"));
    let with_others = |count: usize| {
        let mut keys = others(u8::try_from(count).unwrap());
        keys.push(key.jwk("k"));
        check(&token, &key_set(&keys)).map(|_| ())
    };
    assert_eq!(with_others(KEYS_TRIED_MAX - 1), Ok(()));
    assert_eq!(with_others(KEYS_TRIED_MAX), Err(TokenFault::Signature));
}

#[test]
fn members_of_a_key_that_are_null_count_as_absent() {
    for key in [TestKey::rsa(), TestKey::p256(), TestKey::ed25519(1)] {
        let mut jwk = key.jwk("k");
        for member in ["use", "alg", "key_ops", "x5c", "x5t", "x5u", "d", "p", "oth"] {
            jwk[member] = Value::Null;
        }
        assert!(check(&key.token("k", &claims("n")), &key_set(&[jwk.clone()])).is_ok(), "{}", key.algorithm());
        jwk["kid"] = Value::Null;
        let token = key.sign(&json!({"alg": key.algorithm(), "kid": null}), &claims("n"));
        assert!(check(&token, &key_set(&[jwk])).is_ok(), "{}", key.algorithm());
    }
}

#[test]
fn without_a_kid_each_of_the_first_few_fitting_keys_is_tried() {
    let (one, rsa) = (TestKey::ed25519(1), TestKey::rsa());
    let token = one.sign(&json!({"alg": "EdDSA"}), &claims("n"));
    let others = |count: u8| (0..count).map(|seed| TestKey::ed25519(10 + seed).jwk("other"));
    let after = |count: usize| {
        let mut keys: Vec<_> = others(u8::try_from(count).unwrap()).collect();
        keys.extend([rsa.jwk("r"), one.jwk("k")]);
        check(&token, &key_set(&keys)).map(|_| ())
    };
    for count in 0..KEYS_TRIED_MAX {
        assert_eq!(after(count), Ok(()), "{count}");
    }
    assert_eq!(after(KEYS_TRIED_MAX), Err(TokenFault::AmbiguousKey));
}

#[test]
fn a_name_leads_to_keys_without_one_and_never_to_a_key_of_another() {
    let (one, two) = (TestKey::ed25519(1), TestKey::ed25519(2));
    let unnamed = |key: &TestKey| {
        let mut jwk = key.jwk("k");
        jwk.as_object_mut().unwrap().remove("kid");
        jwk
    };
    let token = one.token("k", &claims("n"));
    assert!(check(&token, &key_set(&[unnamed(&one)])).is_ok());
    assert!(check(&token, &key_set(&[unnamed(&two), unnamed(&one)])).is_ok());
    assert!(check(&token, &key_set(&[two.jwk("k"), unnamed(&one)])).is_ok());
    let unknown = Err(TokenFault::UnknownKey);
    assert_eq!(check(&token, &key_set(&[one.jwk("k2")])), unknown);
    assert_eq!(check(&token, &key_set(&[one.jwk("k2"), unnamed(&two)])), Err(TokenFault::Signature));
}

#[test]
fn ed25519_has_two_names_in_a_key_as_well() {
    let key = TestKey::ed25519(1);
    for (of_key, of_token) in [("EdDSA", "Ed25519"), ("Ed25519", "EdDSA"), ("Ed25519", "Ed25519")] {
        let mut jwk = key.jwk("k");
        jwk["alg"] = of_key.into();
        let token = key.sign(&json!({ "alg": of_token, "kid": "k" }), &claims("n"));
        assert!(check(&token, &key_set(&[jwk])).is_ok(), "{of_key} {of_token}");
    }
}
