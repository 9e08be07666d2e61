//! Worked examples that two other implementations agree on, byte for byte.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{NOW, acme, address, embed};
use crate::{
    embed::{
        EmbedTarget, InterfaceParameters, Organization, SigmaClaims, SigningKey, claims::Stamp, inspect, mint::url,
    },
    policy::{EmbedGrant, Grant},
    secret::Secret,
    time::UnixSeconds,
};

#[derive(Deserialize)]
struct Vector {
    client_id: String,
    secret: String,
    payload: Box<RawValue>,
    token: String,
    url: String,
}

fn vectors() -> [Vector; 2] {
    serde_json::from_str(include_str!("../../../tests/fixtures/sigma/jwt-vectors.json")).expect("two vectors")
}

fn key(vector: &Vector) -> SigningKey {
    SigningKey::new(&vector.client_id, &Secret::new(vector.secret.clone()))
}

fn organization(vector: &Vector) -> Organization {
    Organization { client_id: vector.client_id.clone(), key: key(vector), names: true, ..acme() }
}

fn stamp(jti: &str) -> Stamp {
    Stamp { jti: jti.to_owned(), issued_at: NOW, expires_at: UnixSeconds(NOW.0 + 3600) }
}

#[test]
fn given_payloads_are_signed_to_the_same_bytes() {
    for vector in vectors() {
        let token = key(&vector).sign_payload(vector.payload.get());
        assert_eq!(token, vector.token);
    }
}

#[test]
fn the_claims_of_an_internal_user_are_the_vector_byte_for_byte() {
    let [vector, _] = vectors();
    let organization = organization(&vector);
    let names = ("Ana".to_owned(), "B".to_owned());
    let stamp = stamp("3f0e7c52-6d0b-4c6e-9a7e-2f1f6f2f6b11");
    let claims = SigmaClaims::new(&organization, "ana@example.com", &Grant::Internal, Some(&names), stamp);
    assert_eq!(serde_json::to_string(&claims).expect("JSON"), vector.payload.get());
    assert_eq!(claims.sign(&organization.key), vector.token);
}

#[test]
fn the_claims_of_an_embed_user_are_the_vector_but_for_the_oauth_token() {
    let [_, vector] = vectors();
    let grant = Grant::Embed(EmbedGrant {
        teams: vec!["tenant 7 viewers".to_owned()],
        account_type: "View".to_owned(),
        user_attributes: [("tenant_id".to_owned(), "7".to_owned()), ("region".to_owned(), "EMEA".to_owned())].into(),
    });
    let names = ("Bob".to_owned(), "Ng".to_owned());
    let stamp = stamp("b6b3c0de-17b7-4b4a-8d53-2d5d1b6a90c4");
    let claims = SigmaClaims::new(&organization(&vector), "bob+tenant7@example.com", &grant, Some(&names), stamp);
    let mut expected: serde_json::Value = serde_json::from_str(vector.payload.get()).expect("JSON");
    expected.as_object_mut().expect("an object").remove("oauth_token");
    assert_eq!(serde_json::to_value(&claims).expect("JSON"), expected);
    // User attributes come sorted by name; everything before them has the vector's order.
    let text = serde_json::to_string(&claims).expect("JSON");
    let (ours, _) = text.split_once("\"user_attributes\"").expect("attributes");
    assert!(vector.payload.get().starts_with(ours), "{text}");
}

#[test]
fn urls_are_built_to_the_same_bytes() {
    let pairs =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect::<Vec<_>>();
    let [internal, full] = vectors();
    let plain = embed("sales", &internal.url);
    let mut styled = embed("element", &full.url);
    let parameters = [("menu_position", "top"), ("hide_menu", "true"), ("theme", "Dark"), ("lng", "en-gb")];
    styled.parameters = InterfaceParameters::of(&pairs(&parameters));
    styled.controls = pairs(&[("Region", "EMEA,APAC"), ("Date-Range", "min:2026-01-01,max:2026-03-31")]);
    for (vector, embed) in [(internal, plain), (full, styled)] {
        let EmbedTarget::One(target) = &embed.target else { panic!("expected one document") };
        assert_eq!(url(&organization(&vector), &embed, &target.document, &vector.token, &[]), vector.url);
    }
}

#[test]
fn another_implementation_verifies_our_tokens_and_only_with_the_secret_as_text() {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.set_audience(&["sigmacomputing"]);
    for vector in vectors() {
        let token = key(&vector).sign_payload(vector.payload.get());
        let verified = |key: &[u8]| decode::<serde_json::Value>(&token, &DecodingKey::from_secret(key), &validation);
        let decoded = verified(vector.secret.as_bytes()).expect("a good signature");
        assert_eq!(decoded.header.kid.as_deref(), Some(vector.client_id.as_str()));
        assert!(verified(vector.secret.to_uppercase().as_bytes()).is_err());
    }
}

#[test]
fn a_token_is_taken_apart_and_its_signature_checked() {
    let [vector, _] = vectors();
    let token = inspect(&vector.token).expect("a token");
    assert_eq!(token.header["kid"], vector.client_id);
    assert_eq!(token.claims["sub"], "ana@example.com");
    assert!(token.is_signed_with(&key(&vector)));
    assert!(!token.is_signed_with(&SigningKey::new(&vector.client_id, &Secret::new(vector.secret.to_uppercase()))));
    assert_eq!(format!("{token:?}"), "UnverifiedToken(redacted)");
}

#[test]
fn a_prepared_key_shows_no_secret() {
    for vector in vectors() {
        assert!(!format!("{:?}", organization(&vector)).contains(&vector.secret));
    }
}

#[test]
fn a_text_that_is_no_token_is_refused_by_its_fault() {
    use crate::embed::TokenError::{Base64, Json, Parts, TooLong};
    let long = "a".repeat(crate::limits::ID_TOKEN_BYTES_MAX + 1);
    for (text, expected) in [
        ("", Parts),
        ("a", Parts),
        ("e30.e30", Parts),
        ("e30.e30.e30.e30", Parts),
        ("e30.e30.*", Base64("signature")),
        ("e30=.e30.", Base64("header")),
        ("W10.e30.", Json("header")),
        ("e30.bm8.", Json("payload")),
        (long.as_str(), TooLong),
    ] {
        assert_eq!(inspect(text), Err(expected), "{text:.20}");
    }
}

#[test]
fn addresses_are_signed_byte_for_byte() {
    for text in ["o'brien+x@example.com", "Ann@example.com", "j\u{fc}rgen@example.com"] {
        let claims = SigmaClaims::new(&acme(), address(text).as_str(), &Grant::Internal, None, stamp("j"));
        assert_eq!(inspect(&claims.sign(&acme().key)).expect("a token").claims["sub"], text);
    }
}
