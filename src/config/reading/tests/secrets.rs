//! Secrets, as every section reads them.

use crate::{
    config::testing::{config, refused, warnings, with},
    embed::{SigningKey, inspect},
    secret::Secret,
};

#[test]
fn a_secret_that_cannot_be_read_is_refused_with_the_reason() {
    let secret = |file| with("{ file = \"sigma.secret\" }", &format!("{{ file = \"{file}\" }}"));
    refused(
        &secret("gone.secret"),
        "gateway.toml:7: sigma.acme.secret: file \"gone.secret\" does not exist; put the secret there, readable by the gateway only",
    );
    refused(
        &secret("empty.secret"),
        "gateway.toml:7: sigma.acme.secret: file \"empty.secret\" is empty; put the secret there",
    );
}

#[test]
fn white_space_around_a_secret_is_kept_with_a_warning() {
    let text = with("{ file = \"sigma.secret\" }", "{ file = \"spaced.secret\" }");
    assert_eq!(
        warnings(&text),
        ["gateway.toml:7: sigma.acme.secret: begins or ends with white space, which is part of the secret"]
    );
    let organizations = config(&text).catalogue.organizations.clone();
    let organization = organizations.values().next().expect("one");
    let token = inspect(&organization.key.sign_payload("{}")).expect("a token");
    let is_signed_with = |secret: &str| token.is_signed_with(&SigningKey::new("id", &Secret::new(secret.to_owned())));
    assert!(is_signed_with("s3cret ") && !is_signed_with("s3cret"));
}
