//! The provider over HTTP: each check with a request that passes it and one that fails it, and each fault.

mod authorization;
mod faults;
mod tokens;

use url::Url;

use super::{Fault, ProviderOptions, ProviderStandIn, token::challenge_of};
use crate::{
    demo::{
        StandInClock,
        serve::bind,
        testing::{Answer, NOW, post},
    },
    secret::Secret,
    seed::Seed,
};

const CALLBACK: &str = "http://crm.localhost:8080/oauth2/callback";
const SECRET: &str = "demo:secret+%x";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn provider() -> ProviderStandIn {
    provider_at(StandInClock::new(|| NOW)).await
}

async fn provider_at(clock: StandInClock) -> ProviderStandIn {
    let options = ProviderOptions {
        client_id: "sigma-gateway".to_owned(),
        client_secret: Secret::new(SECRET.to_owned()),
        sites: vec!["http://crm.localhost:8080".to_owned()],
        clock,
        random: Seed::new([3; 32]).into_stream(),
    };
    ProviderStandIn::serve(bind(0, "a test").await.unwrap(), options)
}

impl ProviderStandIn {
    fn port(&self) -> u16 {
        Url::parse(self.issuer()).unwrap().port().unwrap()
    }
}

type Fields = Vec<(&'static str, String)>;

/// An authorization request in order, as fields.
fn request() -> Fields {
    [
        ("client_id", "sigma-gateway"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid email profile groups"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge_method", "S256"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into_iter()
    .chain([("code_challenge", challenge_of(VERIFIER))])
    .collect()
}

/// Fields with one replaced; an empty value counts as absent.
fn with(mut fields: Fields, name: &'static str, value: &str) -> Fields {
    fields.retain(|(known, _)| *known != name);
    fields.push((name, value.to_owned()));
    fields
}

fn query(fields: &Fields) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn post_fields(port: u16, path: &str, fields: &Fields, headers: &[(&str, &str)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    post(port, path, &fields, headers).await
}

/// A parameter of the redirect's query.
fn returned(answer: &Answer, name: &str) -> Option<String> {
    let location = Url::parse(answer.header("location")).unwrap();
    location.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// Signs somebody in and gives the code.
async fn code_for(provider: &ProviderStandIn, person: &str) -> String {
    let answer = post_fields(provider.port(), "/authorize", &with(request(), "person", person), &[]).await;
    returned(&answer, "code").unwrap()
}

/// A token request in order, with `client_secret_post`.
fn token_request(code: &str) -> Fields {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("client_id", "sigma-gateway"),
        ("client_secret", SECRET),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}
