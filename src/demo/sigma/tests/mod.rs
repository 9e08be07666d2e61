//! Every rule of the stand-in, with a URL that keeps it and one that breaks it.

mod http;
mod verdicts;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_compact::{
    Algorithm, AlgorithmSignature,
    alg::{Hs256, Hs256Key},
};
use serde_json::{Value, json};

use super::SigmaOrganization;
use crate::{demo::testing::NOW, secret::Secret};

const CLIENT_ID: &str = "43deaaae5c1d9c189444a3a9aa113558e0e0676be71babb7391165e07945fadc";
const SECRET: &str = "6c3d2d9e9ffdcc2a66823750e6ce1b96cc04d7fda21264c20d327e6e59a2f12233fa139caa2483981b3a6740c0ce2952eb17df9334d73bdd38df32be98ea4f32";
const WORKBOOK: &str = "/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe";

fn organization() -> SigmaOrganization {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    SigmaOrganization {
        slug: "acme".to_owned(),
        client_id: CLIENT_ID.to_owned(),
        secret: Secret::new(SECRET.to_owned()),
        teams: names(&["Finance", "Sales", "tenant 7 viewers"]),
        user_attributes: names(&["region", "tenant_id"]),
        internal_users: names(&["eve@example.com"]),
    }
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "JWT", "kid": CLIENT_ID})
}

/// Ana, as an embed user, in order.
fn claims() -> Value {
    json!({
        "ver": "1.1", "aud": "sigmacomputing", "sub": "ana@example.com", "iss": CLIENT_ID, "jti": "id-1",
        "iat": NOW.0, "exp": NOW.0 + 3600, "teams": ["Finance"], "account_type": "View",
        "user_attributes": {"region": "EMEA"},
    })
}

/// Ana's claims with one changed, or taken away by `null`.
fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    let members = claims.as_object_mut().unwrap();
    members.remove(name);
    if value != Value::Null {
        members.insert(name.to_owned(), value);
    }
    claims
}

fn token(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let signature = Hs256.sign(&Hs256Key::new(secret), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_bytes()))
}

fn url_of(claims: &Value) -> String {
    format!("{WORKBOOK}?:jwt={}&:embed=true", token(&header(), claims, SECRET.as_bytes()))
}
