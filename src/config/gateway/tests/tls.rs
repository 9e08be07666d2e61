//! Certificates: the public address's own, and the CAs of upstreams and identity sources.

use crate::{
    config::{
        Draft, SecretSource,
        testing::{SMALL, and, check, config, refused, secrets, warnings, with},
    },
    limits::CERTIFICATE_END_WARNING,
    time::UnixSeconds,
    tls::{
        Trust,
        testing::{NOT_AFTER, NOT_BEFORE},
    },
};

const CRM: &str = r#"{ certificate = "tls.pem", private_key = { file = "tls.key" } }"#;
const OTHER: &str = r#"{ certificate = "other.pem", private_key = { file = "other-tls.key" } }"#;

fn with_tls(value: &str) -> String {
    with("[session]", &format!("tls = {value}\n[session]"))
}

#[test]
fn one_table_is_one_certificate_and_an_array_is_several_in_its_order() {
    let identities = |text: &str| config(text).listen.tls;
    assert!(identities(SMALL).is_empty());
    assert!(identities(&with_tls(CRM))[0].covers("crm.example.com"));
    let both = identities(&with_tls(&format!("[{OTHER}, {CRM}]")));
    assert_eq!(both.len(), 2);
    assert!(both[0].covers("other.example.com") && both[1].covers("crm.example.com"));
    refused(&with_tls("[]"), "gateway.toml:3: listen.tls: an empty list; leave it out");
    refused(&with_tls("\"tls.pem\""), "gateway.toml:3: listen.tls: found a text; write a table, or an array of tables");
}

#[test]
fn a_table_has_a_certificate_and_its_key() {
    refused(
        &with_tls(r#"{ certificate = "tls.pem" }"#),
        "gateway.toml:3: listen.tls.private_key: missing; write private_key = { file = \"key.pem\" }",
    );
    refused(
        &with_tls(&format!(r#"[{CRM}, {{ certificate = "tls.pem", private_key = "hunter2" }}]"#)),
        "gateway.toml:3: listen.tls[1].private_key: a secret inside the file; write { file = \"…\" } or { env = \"…\" }",
    );
    refused(
        &with_tls(
            &CRM.replace(" }", ", password = \"x\" }").replace("\"tls.key\", password = \"x\" }", "\"tls.key\" }"),
        ),
        "gateway.toml:3: listen.tls.password: unknown key; remove it; known here: certificate, private_key",
    );
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    refused(
        &with_tls(r#"{ certificate = "tls.pem", private_key = { file = "other-tls.key" } }"#),
        "gateway.toml:3: listen.tls.private_key: not the key of the certificate; write the key that belongs to the certificate beside it",
    );
    refused(
        &with_tls(r#"{ certificate = "tls.pem", private_key = { file = "sigma.secret" } }"#),
        "gateway.toml:3: listen.tls.private_key: no unencrypted private key in PEM form; write the key that belongs to the certificate beside it",
    );
}

#[test]
fn a_file_without_a_readable_certificate_is_refused() {
    let fix = "put a certificate chain in PEM form there: the gateway's own certificate first";
    refused(
        &with_tls(&CRM.replace("tls.pem", "empty.pem")),
        &format!("gateway.toml:3: listen.tls.certificate: file \"empty.pem\": no certificate in it; {fix}"),
    );
    refused(
        &with_tls(&CRM.replace("tls.pem", "gone.pem")),
        "gateway.toml:3: listen.tls.certificate: file \"gone.pem\" does not exist; put certificates in PEM form there, readable by the gateway",
    );
}

#[test]
fn a_certificate_out_of_its_dates_is_refused() {
    let problem = |now| {
        let mut secrets = secrets();
        secrets.note_time(UnixSeconds(now));
        let checked = Draft::parse(&with_tls(CRM)).check(&secrets);
        checked.err().map(|problems| problems.list()[0].found.clone())
    };
    assert_eq!(problem(NOT_BEFORE), None);
    let is = |text: &str| Some(format!("file \"tls.pem\": its first certificate {text}"));
    assert_eq!(problem(NOT_BEFORE - 1), is("is not valid yet"));
    assert_eq!(problem(NOT_AFTER + 1), is("has expired"));
}

#[test]
fn a_certificate_that_ends_within_two_weeks_is_a_warning() {
    let warnings = |now| {
        let mut secrets = secrets();
        secrets.note_time(UnixSeconds(now));
        let (_, warnings) = Draft::parse(&with_tls(CRM)).check(&secrets).unwrap();
        warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let two_weeks = CERTIFICATE_END_WARNING.as_secs();
    assert_eq!(warnings(NOT_AFTER - two_weeks), Vec::<String>::new());
    let warning = "gateway.toml:3: listen.tls.certificate: file \"tls.pem\": its first certificate ends at \
        2060-01-01T00:00:00Z: put a renewed one there";
    assert_eq!(warnings(NOT_AFTER - two_weeks + 1), [warning]);
    assert_eq!(warnings(NOT_AFTER), [warning]);
}

#[test]
fn a_site_that_no_certificate_names_is_a_warning() {
    assert_eq!(warnings(&with_tls(&format!("[{OTHER}, {CRM}]"))), Vec::<String>::new());
    assert_eq!(
        warnings(&with_tls(OTHER)),
        [
            "gateway.toml:24: site[0].url: no certificate of listen.tls is for \"crm.example.com\": browsers will refuse it"
        ]
    );
}

#[test]
fn an_upstream_and_an_identity_source_may_have_their_own_ca() {
    let https = |text: &str| text.replace("http://10.0.0.5:8000", "https://10.0.0.5:8000");
    let config = config(&https(&and("upstream_ca = \"ca.pem\"\n")));
    assert!(matches!(config.sites[0].forward.as_ref().unwrap().upstream.tls.trust, Trust::Roots(_)));
    assert!(config.providers.values().all(|source| source.oidc().expect("oidc").roots.is_none()));
    let text = with("type = \"oidc\"", "type = \"oidc\"\nca = \"ca.pem\"");
    let config = check(&text).unwrap_or_else(|problems| panic!("{problems}")).0;
    assert!(config.providers.values().all(|source| source.oidc().expect("oidc").roots.is_some()));
    refused(
        &and("upstream_ca = \"ca.pem\"\n"),
        "gateway.toml:26: site[0].upstream_ca: the upstream is plain http; write upstream = \"https://…\"",
    );
    refused(
        &https(&and("upstream_ca = \"empty.pem\"\n")),
        "gateway.toml:26: site[0].upstream_ca: file \"empty.pem\": no certificate in it; put the CA's certificate in PEM form there",
    );
}

#[test]
fn files_of_certificates_are_named_to_whoever_reads_them() {
    let sources = Draft::parse(&with_tls(CRM)).secret_sources();
    assert!(sources.contains(&SecretSource::Certificates("tls.pem".to_owned())));
    assert!(sources.contains(&SecretSource::File("tls.key".to_owned())));
}

#[test]
fn an_alias_that_no_certificate_names_is_a_warning() {
    let tls = r#"tls = { certificate = "tls.pem", private_key = { file = "tls.key" } }"#;
    let text = and("aliases = [\"crm.example.net\"]\n").replace("[session]", &format!("{tls}\n[session]"));
    assert_eq!(
        warnings(&text),
        [
            "gateway.toml:27: site[0].aliases[0]: no certificate of listen.tls is for \"crm.example.net\": browsers will refuse it"
        ]
    );
}
