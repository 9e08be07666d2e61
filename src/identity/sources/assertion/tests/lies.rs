//! What no preset takes.

use base64::{
    Engine,
    engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{AssertionDraft, AssertionFault, Lie, Preset, presets, refuses, remove, set, set_header};
use crate::{
    identity::testing::{NOW, TestKey},
    limits::ASSERTION_BYTES_MAX,
    request::{Presented, Unclear},
};

const TIMES: &[Lie] = &[
    ("expired by more than the leeway", |it| end(it, json!(NOW.0 - 30)), AssertionFault::Time),
    ("no end", |it| end(it, Value::Null), AssertionFault::Time),
    ("an end in a text", |it| end(it, json!((NOW.0 + 60).to_string())), AssertionFault::Time),
    ("an end beyond every clock", |it| end(it, json!(1e300)), AssertionFault::Time),
    ("an end in a year", |it| end(it, json!(NOW.0 + 365 * 86_400)), AssertionFault::Time),
    ("made ahead of the clock", |it| set(it, "iat", json!(NOW.0 + 31)), AssertionFault::Time),
    ("made at a text", |it| set(it, "iat", json!(NOW.0.to_string())), AssertionFault::Time),
    ("not valid yet", |it| set(it, "nbf", json!(NOW.0 + 31)), AssertionFault::Time),
    ("not before a text", |it| set(it, "nbf", json!("0")), AssertionFault::Time),
];

/// A load balancer says it in the JOSE header too.
fn end(draft: &mut AssertionDraft, exp: Value) {
    if draft.header.get("exp").is_some() {
        draft.header["exp"] = exp.clone();
    }
    draft.claims["exp"] = exp;
}

const HEADERS: &[Lie] = &[
    ("alg none", |it| set_header(it, "alg", json!("none")), AssertionFault::Algorithm),
    ("alg HS256", |it| set_header(it, "alg", json!("HS256")), AssertionFault::Algorithm),
    ("alg in lower case", |it| set_header(it, "alg", json!("es256")), AssertionFault::Algorithm),
    ("alg ES384", |it| set_header(it, "alg", json!("ES384")), AssertionFault::Algorithm),
    ("alg missing", |it| remove(&mut it.header, "alg"), AssertionFault::Malformed),
    ("crit", |it| set_header(it, "crit", json!(["exp"])), AssertionFault::Malformed),
    ("a crit of null", |it| set_header(it, "crit", Value::Null), AssertionFault::Malformed),
    ("b64", |it| set_header(it, "b64", json!(false)), AssertionFault::Malformed),
    ("zip", |it| set_header(it, "zip", json!("DEF")), AssertionFault::Malformed),
    ("its own key", |it| set_header(it, "jwk", TestKey::p256().jwk("x")), AssertionFault::Malformed),
    ("where its keys are", |it| set_header(it, "jku", json!("https://evil.example/k")), AssertionFault::Malformed),
    (
        "where its certificate is",
        |it| set_header(it, "x5u", json!("https://evil.example/c")),
        AssertionFault::Malformed,
    ),
    ("its own certificate", |it| set_header(it, "x5c", json!(["MIIB"])), AssertionFault::Malformed),
    ("a typ that is no text", |it| set_header(it, "typ", json!(["JWT"])), AssertionFault::Malformed),
    ("a typ of another kind", |it| set_header(it, "typ", json!("logout+jwt")), AssertionFault::Kind),
    ("a kid that is no text", |it| set_header(it, "kid", json!(7)), AssertionFault::Malformed),
    ("a kid that climbs", |it| set_header(it, "kid", json!("../../x")), AssertionFault::UnknownKey),
    ("a kid that is an address", |it| set_header(it, "kid", json!("http://127.0.0.1/k")), AssertionFault::UnknownKey),
    ("a kid that nobody publishes", |it| set_header(it, "kid", json!(STRANGER)), AssertionFault::UnknownKey),
    ("another key under a good name", |it| it.key = stranger(it.key), AssertionFault::Signature),
];

const STRANGER: &str = "0d9c8b7a-6f5e-4d3c-8b2a-190817263544";

/// A key of the same kind.
fn stranger(key: &TestKey) -> &'static TestKey {
    let is_rsa = matches!(key, TestKey::Rsa(_));
    Box::leak(Box::new(if is_rsa { TestKey::rsa() } else { TestKey::p256() }))
}

const PERSONS: &[Lie] = &[
    ("nobody", |it| remove(&mut it.claims, "sub"), AssertionFault::Subject),
    ("an empty name", |it| set(it, "sub", json!("")), AssertionFault::Subject),
    ("a number", |it| set(it, "sub", json!(7)), AssertionFault::Subject),
    ("a name of 300 letters", |it| set(it, "sub", json!("x".repeat(300))), AssertionFault::Subject),
    ("a name with a line break", |it| set(it, "sub", json!("u\n7")), AssertionFault::Subject),
];

#[test]
fn every_preset_refuses_wrong_times_and_headers() {
    for preset in presets() {
        refuses(&preset, TIMES);
        refuses(&preset, HEADERS);
    }
}

/// Of the Identity-Aware Proxy a name without its prefix is none either.
#[test]
fn every_preset_refuses_what_names_nobody() {
    for preset in presets() {
        refuses(&preset, PERSONS);
    }
}

#[test]
fn the_leeway_ends_to_the_second() {
    for preset in presets() {
        let name = preset.name();
        let mut draft = AssertionDraft::of(preset);
        end(&mut draft, json!(NOW.0 - 29));
        let verified = draft.verdict().unwrap().unwrap();
        assert_eq!(verified.ends_at().0, NOW.0 + 1, "{name}: what counts now has not ended");
    }
}

/// Issuer and audience, but those of a load balancer, which has them elsewhere.
#[test]
fn every_preset_compares_issuer_and_audience_to_the_last_character() {
    const NAMES: &[Lie] = &[
        ("another issuer", |it| set(it, "iss", json!("https://evil.example")), AssertionFault::Issuer),
        ("the issuer with a slash more", |it| edit(it, "iss", |iss| format!("{iss}/")), AssertionFault::Issuer),
        ("the issuer in capitals", |it| edit(it, "iss", str::to_uppercase), AssertionFault::Issuer),
        ("issuers", |it| it.claims["iss"] = json!([it.claims["iss"]]), AssertionFault::Issuer),
        ("no issuer", |it| remove(&mut it.claims, "iss"), AssertionFault::Issuer),
        ("for somebody else", |it| set(it, "aud", json!("else")), AssertionFault::Audience),
        ("for some others", |it| set(it, "aud", json!(["else", "another"])), AssertionFault::Audience),
        ("for nobody", |it| remove(&mut it.claims, "aud"), AssertionFault::Audience),
        ("for null", |it| set(it, "aud", Value::Null), AssertionFault::Audience),
        ("for an empty list", |it| set(it, "aud", json!([])), AssertionFault::Audience),
        ("for an object", |it| it.claims["aud"] = json!({ "gateway": true }), AssertionFault::Audience),
    ];
    for preset in presets().iter().filter(|preset| !matches!(preset, Preset::AwsAlb { .. })) {
        refuses(preset, NAMES);
    }
}

fn edit(draft: &mut AssertionDraft, name: &str, change: impl Fn(&str) -> String) {
    let text = draft.claims[name].as_str().unwrap().to_owned();
    draft.claims[name] = json!(change(&text));
}

#[test]
fn what_is_no_jwt_of_three_parts_in_one_spelling_is_malformed() {
    for preset in presets() {
        let draft = AssertionDraft::of(preset);
        let good = draft.text();
        let parts: Vec<&str> = good.split('.').collect();
        let (name, header, claims) = (draft.settings.preset.name(), draft.header.to_string(), draft.claims.to_string());
        let doubled = claims.replacen('{', r#"{"sub":"mallory","#, 1);
        let doubled_header = header.replacen('{', r#"{"alg":"none","#, 1);
        for text in [
            "mallory".to_owned(),
            format!("{}.{}", parts[0], parts[1]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{good}.AAAA"),
            format!("{good}.AAAA.AAAA"),
            format!("\"{good}\""),
            format!("{good},{good}"),
            format!("{good} mallory"),
            good.replacen('.', ". ", 1),
            format!("{}+/", &good[..good.len() - 2]),
            draft.text_of(&header, &doubled),
            draft.text_of(&doubled_header, &claims),
            draft.text_of(&header, "[]"),
            draft.text_of("[\"ES256\"]", &claims),
            draft.text_of(&header, r#"{"sub":"u-7""#),
            draft.text_of(&header, &format!("{{\"x\":\"{}\"}}", "x".repeat(ASSERTION_BYTES_MAX))),
        ] {
            let found = draft.verdict_of(&text).map(|_| ()).map_err(|error| error.fault);
            assert_eq!(found, Err(AssertionFault::Malformed), "{name}: {}", &text[..text.len().min(60)]);
        }
    }
}

/// Wycheproof `invalidBase64Padding*`: padding is AWS's alone, and there it is part of what is signed.
#[test]
fn padding_is_what_a_load_balancer_has_and_nobody_else() {
    for preset in presets() {
        let name = preset.name();
        let mut draft = AssertionDraft::of(preset);
        draft.is_padded = !draft.is_padded;
        // Of texts whose length divides by three neither has any, so the signature alone decides: 64 and 256 bytes do not.
        let found = draft.verdict().map(|_| ()).map_err(|error| error.fault);
        assert_eq!(found, Err(AssertionFault::Malformed), "{name}");
    }
}

/// RFC 7518 3.4: R and S, and not the DER of X.509; nor half of it, nor zeros (CVE-2022-21449); nor a good one under other claims.
#[test]
fn a_signature_in_another_form_is_none() {
    for preset in presets() {
        let draft = AssertionDraft::of(preset);
        let good = draft.text();
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(signature.trim_end_matches('=')).unwrap();
        let (r, s) = bytes.split_at(bytes.len() / 2);
        let integer = |part: &[u8]| [&[2, 33, 0][..], &part[..32]].concat();
        let der = [&[0x30, 70][..], &integer(r), &integer(s)].concat();
        let refused = |text: &str| {
            let found = draft.verdict_of(text).map(|_| ()).map_err(|error| error.fault);
            assert_eq!(found, Err(AssertionFault::Signature), "{}", draft.settings.preset.name());
        };
        for other in [der, r.to_vec(), vec![0; bytes.len()]] {
            let padded = URL_SAFE.encode(&other);
            refused(&format!("{signed}.{}", if draft.is_padded { &padded } else { padded.trim_end_matches('=') }));
        }
        let mut claims = draft.claims.clone();
        claims["email"] = json!("mallory@example.com");
        let other = draft.text_of(&draft.header.to_string(), &claims.to_string());
        refused(&format!("{}.{signature}", other.rsplit_once('.').unwrap().0));
    }
}

#[test]
fn nothing_is_nothing_and_more_than_one_value_is_malformed() {
    let host = crate::request::HostName::parse(crate::identity::testing::SITE).unwrap();
    for preset in presets() {
        let draft = AssertionDraft::of(preset);
        let verdict = |presented: &Presented| {
            let verified = draft.settings.verify(presented, &host, &draft.keys(), NOW);
            verified.map(|verified| verified.is_some()).map_err(|error| error.fault)
        };
        assert_eq!(verdict(&Presented::Missing), Ok(false));
        for unclear in [Unclear::Doubled, Unclear::Alias, Unclear::Several, Unclear::Empty] {
            assert_eq!(verdict(&Presented::Unclear(unclear)), Err(AssertionFault::Malformed), "{unclear}");
        }
    }
}
