//! What the configuration promises: each check with a file that passes it and one that fails it.

mod assertions;
mod clients;
mod conditions;
mod embeds;
mod headers;
mod identities;
mod identity_headers;
mod in_front;
mod mappings;
mod only_asked;
mod outbound;
mod pages;
mod reference;
mod sessions;
mod shapes;
mod shared_names;
mod sites;
mod tls;
mod toothless;
mod wanted;
mod ways;

use std::sync::LazyLock;

use super::{Config, Draft, Problems, SecretSource, SecretValues, Warning};
use crate::{identity::testing::rsa_key_pem, secret::Secret, tls::testing::Authority};

/// The smallest file that is right. Its lines are counted in the tests: keep them where they are.
const SMALL: &str = r#"[listen]
address = "127.0.0.1:8080"
[session]
keys = [{ file = "session.key" }]
[sigma.acme]
client_id = "id"
secret = { file = "sigma.secret" }
[identity.corp]
type = "oidc"
issuer = "https://login.example.com/realms/corp"
client_id = "sigma-gateway"
client_secret = { env = "OIDC_CLIENT_SECRET" }
email_domains = ["example.com"]
[embed.revenue]
url = "https://app.sigmacomputing.com/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe"
allow = "mapped"
[[mapping]]
name = "finance"
when = { groups = ["finance"] }
teams = ["Finance"]
account_type = "View"
[[site]]
url = "https://crm.example.com"
upstream = "http://10.0.0.5:8000"
embeds = ["revenue"]
"#;

/// A key and another, as `init` makes them.
const KEY: &str = "TDsfVFO5p5+MShuE0BTAVu916weppVYY4ycpnAqfCaI=";
const OTHER_KEY: &str = "F4mjXVmpxCesR50DkvaxhwqFqLWdQaEVfMQ3lQetA/8=";

/// A CA, and two leaves of it with their keys.
struct Certificates {
    ca: String,
    crm: (String, String),
    other: (String, String),
}

static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| {
    let authority = Authority::new();
    let leaf = |name| {
        let leaf = authority.leaf(&[name]);
        (leaf.certificate, leaf.private_key)
    };
    Certificates { ca: authority.certificate(), crm: leaf("crm.example.com"), other: leaf("other.example.com") }
});

/// The small file with one line replaced.
fn with(line: &str, by: &str) -> String {
    assert_eq!(SMALL.matches(line).count(), 1, "{line:?} is in the small file once");
    SMALL.replace(line, by)
}

/// The small file with lines at its end.
fn and(lines: &str) -> String {
    format!("{SMALL}{lines}")
}

fn secrets() -> SecretValues {
    let file = |name: &str| SecretSource::File(name.to_owned());
    let value = |text: &str| Ok(Secret::new(text.to_owned()));
    let words = |name: &str| SecretSource::Words(name.to_owned());
    let picture = |name: &str| SecretSource::Picture(name.to_owned());
    let pem = |name: &str| SecretSource::Certificates(name.to_owned());
    SecretValues::from_iter([
        (pem("tls.pem"), value(&CERTIFICATES.crm.0)),
        (file("tls.key"), value(&CERTIFICATES.crm.1)),
        (pem("client.pem"), value(&CERTIFICATES.crm.0)),
        (file("client.key"), value(&CERTIFICATES.crm.1)),
        (file("assertion.key"), value(&CERTIFICATES.crm.1)),
        (file("old-assertion.key"), value(&CERTIFICATES.other.1)),
        (file("rsa.key"), value(rsa_key_pem())),
        (pem("appliance.pem"), value(&CERTIFICATES.ca)),
        (pem("other.pem"), value(&CERTIFICATES.other.0)),
        (file("other-tls.key"), value(&CERTIFICATES.other.1)),
        (pem("ca.pem"), value(&CERTIFICATES.ca)),
        (pem("empty.pem"), value("")),
        (pem("gone.pem"), Err("does not exist".to_owned())),
        (file("session.key"), value(KEY)),
        (file("other.key"), value(OTHER_KEY)),
        (file("weak.key"), value("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")),
        (file("short.key"), value("hunter2")),
        (file("sigma.secret"), value("s3cret")),
        (file("proxy.secret"), value("user:password")),
        (file("spaced.secret"), value("s3cret ")),
        (file("empty.secret"), value("")),
        (file("gone.secret"), Err("does not exist".to_owned())),
        (words("words-en.toml"), value("[page]\nback = \"To the CRM\"")),
        (words("words-de.toml"), value("[reason.outsider]\ntitle = \"Falsches Konto\"")),
        (words("words-fr.toml"), value("")),
        (words("wrong.toml"), value("[page]\n\nbakc = \"x\"")),
        (words("gone.toml"), Err("does not exist".to_owned())),
        (picture("logo.png"), value("iVBORw0KGgo=")),
        (picture("logo.txt"), value("aGVsbG8=")),
        (picture("gone.png"), Err("is larger than 32768 bytes".to_owned())),
        (SecretSource::Env("OIDC_CLIENT_SECRET".to_owned()), value("s3cret")),
    ])
}

fn check(text: &str) -> Result<(Config, Vec<Warning>), Problems> {
    Draft::parse(text).check(&secrets())
}

fn config(text: &str) -> Config {
    check(text).unwrap_or_else(|problems| panic!("{problems}")).0
}

fn problems(text: &str) -> Vec<String> {
    let problems = check(text).expect_err("the file is wrong");
    problems.in_file("gateway.toml").lines().map(str::to_owned).collect()
}

fn warnings(text: &str) -> Vec<String> {
    let warnings = check(text).unwrap_or_else(|problems| panic!("{problems}")).1;
    warnings.iter().map(ToString::to_string).collect()
}

/// Holds that the file has just this problem.
#[track_caller]
fn refused(text: &str, problem: &str) {
    assert_eq!(problems(text), [problem]);
}
