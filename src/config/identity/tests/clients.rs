//! The gateway as a client: what it shows at the token endpoint, asks for, and which endpoints the operator names.

use url::Url;

use crate::{
    config::testing::{SMALL, config, problems, refused, warnings, with},
    identity::{AnswerMode, ClientAuth, OidcSettings, SignOutForm, SignOutMethod, Source},
};

const SECRET: &str = "client_secret = { env = \"OIDC_CLIENT_SECRET\" }";

/// The small file's identity with these lines in place of its secret, or beside it.
fn corp(lines: &str) -> OidcSettings {
    match config(&with(SECRET, lines)).providers.into_values().next().expect("one") {
        Source::Oidc(oidc) => *oidc,
        Source::Assertion(_) => panic!("oidc"),
    }
}

fn beside(line: &str) -> String {
    format!("{SECRET}\n{line}")
}

#[test]
fn a_client_shows_a_secret_a_key_both_or_nothing() {
    let shown = |lines: &str| {
        let credentials = corp(lines).credentials;
        (credentials.auth, credentials.secret.is_some(), credentials.keys.len())
    };
    let key = "client_key = { file = \"client.key\" }";
    assert_eq!(shown(SECRET), (None, true, 0));
    assert_eq!(shown(key), (None, false, 1));
    assert_eq!(shown(&beside(key)), (None, true, 1));
    assert_eq!(shown("client_key = [{ file = \"client.key\" }, { file = \"tls.key\" }]"), (None, false, 2));
    assert_eq!(shown("client_auth = \"none\""), (Some(ClientAuth::None), false, 0));
    assert_eq!(shown(&beside("client_auth = \"post\"")), (Some(ClientAuth::Post), true, 0));
    assert_eq!(
        shown(&format!("{key}\nclient_auth = \"private_key_jwt\"")),
        (Some(ClientAuth::PrivateKeyJwt), false, 1)
    );
}

#[test]
fn what_the_way_takes_must_be_there_and_what_it_does_not_take_is_a_warning() {
    let missing = "gateway.toml:8: identity.corp.client_secret: missing; nothing shows the provider who the client is; write client_secret = { env = \"OIDC_CLIENT_SECRET\" }";
    refused(&with(&format!("{SECRET}\n"), ""), missing);
    let key = "client_key = { file = \"client.key\" }";
    refused(&with(SECRET, &format!("{key}\nclient_auth = \"basic\"")), missing);
    refused(
        &with(SECRET, &beside("client_auth = \"private_key_jwt\"")),
        "gateway.toml:8: identity.corp.client_key: missing; private_key_jwt signs with it; write client_key = { file = \"client.key\" }",
    );
    for (lines, key, unused) in [
        (beside("client_auth = \"none\""), "client_secret", "client_auth = \"none\" shows nothing"),
        (beside(&format!("{key}\nclient_auth = \"basic\"")), "client_key", "client_auth takes the secret"),
        (beside(&format!("{key}\nclient_auth = \"private_key_jwt\"")), "client_secret", "client_auth takes the key"),
    ] {
        let found = warnings(&with(SECRET, &lines));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(&format!("identity.corp.{key}: is not used: {unused}")), "{found:?}");
    }
    refused(
        &with(SECRET, &beside("client_auth = \"client_secret_basic\"")),
        "gateway.toml:13: identity.corp.client_auth: found \"client_secret_basic\"; write \"basic\" or \"post\" or \"private_key_jwt\" or \"none\"",
    );
}

#[test]
fn a_client_key_is_a_private_key_and_there_are_two_at_most() {
    refused(
        &with(SECRET, "client_key = { file = \"session.key\" }"),
        "gateway.toml:12: identity.corp.client_key: file \"session.key\": no unencrypted PKCS #8 private key in PEM form; make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256",
    );
    let key = "{ file = \"client.key\" }";
    refused(
        &with(SECRET, &format!("client_key = [{key}, {key}, {key}]")),
        "gateway.toml:12: identity.corp.client_key: more than two keys; write the one that signs, and one more during a rotation",
    );
    refused(
        &with(SECRET, "client_key = \"client.key\""),
        "gateway.toml:12: identity.corp.client_key: a secret inside the file; write { file = \"…\" } or { env = \"…\" }",
    );
}

#[test]
fn further_audiences_are_named() {
    assert_eq!(corp(SECRET).audiences, Vec::<String>::new());
    assert_eq!(corp(&beside("audiences = [\"api\", \"2577\"]")).audiences, ["api", "2577"]);
}

#[test]
fn parameters_are_added_and_ours_are_not_among_them() {
    assert_eq!(corp(SECRET).authorization, []);
    let added = corp(&beside("authorization = { prompt = \"select_account\", hd = \"example.com\" }")).authorization;
    let expected = [("prompt", "select_account"), ("hd", "example.com")];
    assert_eq!(added, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    for (name, fix) in [
        ("state", "leave it out"),
        ("State", "leave it out"),
        ("request_uri", "leave it out"),
        ("scope", "write scopes in the table above"),
        ("response_mode", "write response_mode in the table above"),
    ] {
        let problem = format!(
            "gateway.toml:13: identity.corp.authorization.{name}: a parameter of the gateway's own, which is never replaced; {fix}"
        );
        refused(&with(SECRET, &beside(&format!("authorization = {{ {name} = \"a\" }}"))), &problem);
    }
    refused(
        &with(SECRET, &beside("authorization = { prompt = \"none\" }")),
        "gateway.toml:13: identity.corp.authorization.prompt: with \"none\" nobody could ever sign in; write \"login\" or \"select_account\"",
    );
    refused(
        &with(SECRET, &beside("authorization = { \"a b\" = \"c\" }")),
        "gateway.toml:13: identity.corp.authorization.a b: not the name of a parameter; write letters, digits and -_.~:/",
    );
}

#[test]
fn the_answer_comes_back_by_query_or_by_form() {
    assert_eq!(corp(SECRET).response_mode, AnswerMode::Query);
    assert_eq!(corp(&beside("response_mode = \"form_post\"")).response_mode, AnswerMode::FormPost);
}

#[test]
fn a_sign_out_has_a_form_a_place_and_a_method_and_each_says_what_it_needs() {
    let of = |table: &str| corp(&beside(&format!("sign_out = {table}"))).sign_out;
    let initiated = |url: Option<&str>, method| SignOutForm::RpInitiated {
        url: url.map(|url| Url::parse(url).expect("a URL")),
        method,
    };
    let there = "https://login.example.com/logout";
    assert_eq!(corp(SECRET).sign_out, initiated(None, None));
    assert_eq!(of("{}"), initiated(None, None));
    assert_eq!(of("{ method = \"post\" }"), initiated(None, Some(SignOutMethod::Post)));
    let in_address = of(&format!("{{ url = \"{there}\", method = \"get\" }}"));
    assert_eq!(in_address, initiated(Some(there), Some(SignOutMethod::Get)));
    assert_eq!(of("{ form = \"local\" }"), SignOutForm::Local);
    let cognito = SignOutForm::Cognito { url: Url::parse(there).expect("a URL") };
    assert_eq!(of(&format!("{{ form = \"cognito\", url = \"{there}\" }}")), cognito);
    for (table, problem) in [
        ("{ method = \"form\" }", ".method: found \"form\"; write \"post\" or \"get\""),
        ("{ form = \"saml\" }", ".form: found \"saml\"; write \"rp-initiated\" or \"cognito\" or \"local\""),
        (
            "{ form = \"cognito\" }",
            ".url: missing; its documents do not name it; write url = \"https://YOUR-DOMAIN.auth.REGION.amazoncognito.com/logout\"",
        ),
        (
            "{ form = \"local\", url = \"https://login.example.com/logout\" }",
            ".url: nobody is sent there with form = \"local\"; remove url, or form",
        ),
    ] {
        let text = with(SECRET, &beside(&format!("sign_out = {table}")));
        refused(&text, &format!("gateway.toml:13: identity.corp.sign_out{problem}"));
    }
}

#[test]
fn endpoints_are_named_one_by_one_and_are_https_unless_loopback() {
    let named = corp(&beside(
        "metadata = { jwks_uri = \"https://login.example.com/keys?appid=gw\", token_endpoint = \"http://127.0.0.1:9000/t\" }",
    ));
    let all: Vec<_> = named.endpoints.all().map(|(name, url)| (name, url.to_string())).collect();
    let expected =
        [("token_endpoint", "http://127.0.0.1:9000/t"), ("jwks_uri", "https://login.example.com/keys?appid=gw")];
    assert_eq!(all, expected.map(|(name, url)| (name, url.to_owned())));
    assert_eq!(corp(SECRET).endpoints.all().count(), 0);
    let fix = "write the whole address of the endpoint: https://…";
    for (url, problem) in [
        ("http://keycloak:8080/token", "plain http to a host that is not loopback; write https://".to_owned()),
        ("/token", format!("not a URL with a scheme and a host; {fix}")),
        ("ftp://a.example/token", format!("neither https nor http; {fix}")),
        ("https://a:b@c.example/token", format!("has a user, a password or a fragment; {fix}")),
    ] {
        let text = with(SECRET, &beside(&format!("metadata = {{ token_endpoint = {url:?} }}")));
        refused(&text, &format!("gateway.toml:13: identity.corp.metadata.token_endpoint: {problem}"));
    }
    let unknown = problems(&with(SECRET, &beside("metadata = { issuer = \"https://a.example\" }")));
    assert!(unknown[0].contains("identity.corp.metadata.issuer: unknown key"), "{unknown:?}");
    assert_eq!(warnings(SMALL), Vec::<String>::new());
}
