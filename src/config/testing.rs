//! Files that tests of all rooms change: a small one that is right, others of it, and what `Draft::check` says of them.

use std::sync::LazyLock;

use super::{Config, Draft, Problems, SecretSource, SecretValues, Warning, WarningWeight};
use crate::{identity::testing::rsa_key_pem, policy::Condition, secret::Secret, tls::testing::Authority};

/// The smallest file that is right. Its lines are counted in the tests: keep them where they are.
pub(super) const SMALL: &str = r#"[listen]
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

/// Lines of it.
pub(super) const DOMAINS: &str = "email_domains = [\"example.com\"]";
pub(super) const SIGMA_SECRET: &str = "secret = { file = \"sigma.secret\" }";
pub(super) const GIFTS: &str = "teams = [\"Finance\"]\naccount_type = \"View\"\n";
pub(super) const WHEN: &str = "when = { groups = [\"finance\"] }";
pub(super) const SIGNER: &str =
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/front/50dc6c495c0c9188";
pub(super) const TENANT: &str = "5b1c9a2e-7d34-4f60-9a1e-2c3d4e5f6a7b";
pub(super) const AUD_TAG: &str = "0fb6e2a1c4d8937b5ac1f0e29d6487b3c5a1e0f29d8b7c6a5f4e3d2c1b0a9f8e";

/// A key and another, as `init` makes them.
pub(super) const KEY: &str = "TDsfVFO5p5+MShuE0BTAVu916weppVYY4ycpnAqfCaI=";
pub(super) const OTHER_KEY: &str = "F4mjXVmpxCesR50DkvaxhwqFqLWdQaEVfMQ3lQetA/8=";

/// A CA, and two leaves of it with their keys.
pub(super) struct Certificates {
    pub(super) ca: String,
    pub(super) crm: (String, String),
    pub(super) other: (String, String),
}

pub(super) static CERTIFICATES: LazyLock<Certificates> = LazyLock::new(|| {
    let authority = Authority::new();
    let leaf = |name| {
        let leaf = authority.leaf(&[name]);
        (leaf.certificate, leaf.private_key)
    };
    Certificates { ca: authority.certificate(), crm: leaf("crm.example.com"), other: leaf("other.example.com") }
});

/// The small file with one line replaced.
pub(super) fn with(line: &str, by: &str) -> String {
    assert_eq!(SMALL.matches(line).count(), 1, "{line:?} is in the small file once");
    SMALL.replace(line, by)
}

/// The small file with lines at its end.
pub(super) fn and(lines: &str) -> String {
    format!("{SMALL}{lines}")
}

pub(super) fn secrets() -> SecretValues {
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

pub(super) fn check(text: &str) -> Result<(Config, Vec<Warning>), Problems> {
    Draft::parse(text).check(&secrets())
}

pub(super) fn config(text: &str) -> Config {
    check(text).unwrap_or_else(|problems| panic!("{problems}")).0
}

pub(super) fn problems(text: &str) -> Vec<String> {
    let problems = check(text).expect_err("the file is wrong");
    problems.in_file("gateway.toml").lines().map(str::to_owned).collect()
}

pub(super) fn warnings(text: &str) -> Vec<String> {
    let warnings = check(text).unwrap_or_else(|problems| panic!("{problems}")).1;
    warnings.iter().map(ToString::to_string).collect()
}

/// Holds that the file has just this problem.
#[track_caller]
pub(super) fn refused(text: &str, problem: &str) {
    assert_eq!(problems(text), [problem]);
}

pub(super) fn sigma(line: &str) -> String {
    with(SIGMA_SECRET, &format!("{SIGMA_SECRET}\n{line}"))
}

/// The small file with a second source before `[embed.revenue]`, for the same domain.
pub(super) fn second(more: &str) -> String {
    let table = format!(
        "[identity.partner]\ntype = \"oidc\"\nissuer = \"https://idp.example.com\"\nclient_id = \"a\"\nclient_secret = {{ env = \"OIDC_CLIENT_SECRET\" }}\n{more}\n[embed.revenue]"
    );
    with("[embed.revenue]", &table).replace("embeds = [\"revenue\"]", "embeds = [\"revenue\"]\nsign_in = \"corp\"")
        + "[mapping_defaults]\nprovider = [\"corp\", \"partner\"]\n"
}

/// Two sources, and the small file's mapping with this condition.
pub(super) fn of_two(when: &str, more: &str) -> String {
    let text = second("email_domains = [\"example.org\"]").replace("when = { groups = [\"finance\"] }", when);
    text.replace("[mapping_defaults]\nprovider = [\"corp\", \"partner\"]\n", more)
}

pub(super) fn when(toml: &str) -> String {
    with(WHEN, &format!("when = {toml}"))
}

/// The lines of a right table of each type.
pub(super) fn right(kind: &str) -> String {
    let lines = match kind {
        "aws-alb" => format!("issuer = \"https://login.example.com\"\nclient_id = \"alb\"\nsigner = \"{SIGNER}\""),
        "google-iap" => "audience = \"/projects/1/global/backendServices/42\"".to_owned(),
        "cloudflare-access" => {
            format!("issuer = \"https://acme.cloudflareaccess.com\"\naudience = \"{AUD_TAG}\"\nmax_age = \"1h\"")
        }
        "azure-easy-auth" => format!(
            "issuer = \"https://login.microsoftonline.com/{TENANT}/v2.0\"\nclient_id = \"app\"\nemail_verified = \"trusted-issuer\""
        ),
        "pomerium" => "issuer = \"crm.example.com\"\nemail_verified = \"trusted-issuer\"".to_owned(),
        "oauth2-proxy" => "issuer = \"https://login.example.com\"\nclient_id = \"front\"".to_owned(),
        "bearer" => "issuer = \"https://login.example.com\"\naudience = \"crm\"".to_owned(),
        "custom" => "header = \"X-Edge\"\nissuer = \"edge\"\naudience = \"crm\"\nalgorithms = [\"EdDSA\"]\njwks = \"https://edge.example.com/keys\"\nmax_age = \"1h\"".to_owned(),
        other => panic!("{other}"),
    };
    format!("type = \"{kind}\"\n{lines}")
}

/// The small file with one more source, which its site accepts beside its own sign-in, behind a proxy that is trusted.
pub(super) fn file(table: &str) -> String {
    let table = format!("[identity.front]\nemail_domains = [\"example.com\"]\n{table}\n[embed.revenue]");
    let text = with("[embed.revenue]", &table).replace("[session]", "trusted_proxies = [\"10.0.0.1/32\"]\n[session]");
    format!("{text}sign_in = \"corp\"\naccept = \"front\"\n")
}

/// The messages of the warnings that count with `check --strict`, each after its key.
pub(super) fn toothless(text: &str) -> Vec<String> {
    let warnings = check(text).unwrap_or_else(|problems| panic!("{problems}")).1;
    let strict = warnings.into_iter().filter(|warning| warning.weight == WarningWeight::Toothless);
    strict.map(|warning| format!("{}: {}", warning.key, warning.message)).collect()
}

/// The small file with a route.
pub(super) fn route(path: &str) -> String {
    let site =
        "[[site]]\nurl = \"https://crm.example.com\"\nupstream = \"http://10.0.0.5:8000\"\nembeds = [\"revenue\"]";
    let route = format!("{site}\n[[site.route]]\npath = {path:?}\naccess = {{ when = {{ groups = [\"admin\"] }} }}");
    with(site, &route)
}

/// The condition of the small file's mapping, with this one in its place.
pub(super) fn condition(toml: &str) -> Condition {
    config(&when(toml)).mappings.remove(0).when
}
