//! A discovery document is used whole or not at all; a key set is used as far as its keys are sound.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

use super::{super::named_endpoints::NamedEndpoints, *};
use crate::{
    identity::testing::{ISSUER, ROCA, TestKey, document, settings},
    limits::JSON_DEPTH_MAX,
};

fn parse(document: &Value) -> Result<ProviderMetadata, DocumentError> {
    ProviderMetadata::parse(document.to_string().as_bytes(), &settings(ISSUER))
}

fn with(member: &str, value: Value) -> Result<ProviderMetadata, DocumentError> {
    let mut document = document(ISSUER);
    document[member] = value;
    parse(&document)
}

fn rsa(bytes: usize) -> Value {
    json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(vec![0xff; bytes]), "e": "AQAB"})
}

fn keys(keys: &[Value]) -> Result<usize, DocumentError> {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).0.map(|set| set.keys().len())
}

fn changed(mut key: Value, member: &str, value: Value) -> Value {
    key[member] = value;
    key
}

#[test]
fn a_plain_document_is_taken_with_its_defaults() {
    let metadata = parse(&document(ISSUER)).unwrap();
    assert_eq!(metadata.token_endpoint.as_str(), "https://login.example.com/token");
    assert_eq!((metadata.end_session_endpoint, metadata.sends_issuer), (None, false));
    assert_eq!(metadata.algorithms.len(), SignatureAlgorithm::ALL.len());
    assert!(matches!(metadata.client_authentication, ClientAuth::Basic));
}

#[test]
fn a_document_of_another_issuer_is_refused_to_the_last_character() {
    for found in ["https://login.example.com/", "https://LOGIN.example.com", "http://login.example.com", ""] {
        let refused = with("issuer", found.into()).map(|_| ());
        assert_eq!(refused, Err(DocumentError::Issuer { found: format!("{found:?}") }));
    }
}

#[test]
fn endpoints_are_https_without_user_information() {
    for url in ["http://login.example.com/x", "http://127.0.0.1/x", "https://a@login.example.com/", "file:///etc", "x"]
    {
        for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let refused = Err(DocumentError::Endpoint { member, found: format!("{url:?}") });
            assert_eq!(with(member, url.into()).map(|_| ()), refused, "{url}");
        }
    }
    let refused = Err(DocumentError::Endpoint { member: "jwks_uri", found: "null".to_owned() });
    assert_eq!(with("jwks_uri", Value::Null).map(|_| ()), refused);
}

/// What no endpoint may be.
fn odd_endpoints() -> [Value; 8] {
    let texts = ["http://login.example.com/x", "https://a@login.example.com/", "javascript:alert(1)", "/logout", ""];
    let [a, b, c, d, e] = texts.map(Value::from);
    [a, b, c, d, e, json!(["https://login.example.com/x"]), json!(7), json!({})]
}

#[test]
fn an_odd_end_session_endpoint_is_none_and_is_told() {
    for odd in odd_endpoints() {
        let metadata = with("end_session_endpoint", odd.clone()).unwrap();
        assert_eq!(metadata.end_session_endpoint, None, "{odd}");
        let told = metadata.passed_over.unwrap().to_string();
        assert!(told.contains("`end_session_endpoint`"), "{told}");
    }
    let metadata = with("end_session_endpoint", Value::Null).unwrap();
    assert_eq!((metadata.end_session_endpoint, metadata.passed_over), (None, None));
}

#[test]
fn an_odd_userinfo_endpoint_counts_only_where_it_is_needed() {
    for odd in odd_endpoints() {
        let metadata = with("userinfo_endpoint", odd.clone()).unwrap();
        assert_eq!(metadata.passed_over, None, "{odd}");
        let fault = metadata.userinfo_endpoint.unwrap_err();
        assert!(matches!(fault, DocumentError::Endpoint { member: "userinfo_endpoint", .. }), "{fault}");
    }
    assert_eq!(with("userinfo_endpoint", Value::Null).unwrap().userinfo_endpoint, Ok(None));
    let url = "https://login.example.com/me?v=1";
    let found = with("userinfo_endpoint", url.into()).unwrap().userinfo_endpoint;
    assert_eq!(found, Ok(Some(Url::parse(url).unwrap())));
}

#[test]
fn a_list_that_is_null_says_nothing() {
    for member in ["code_challenge_methods_supported", "id_token_signing_alg_values_supported"] {
        assert!(with(member, Value::Null).is_ok(), "{member}");
    }
    let way = with("token_endpoint_auth_methods_supported", Value::Null).map(|it| it.client_authentication);
    assert!(matches!(way, Ok(ClientAuth::Basic)));
}

#[test]
fn a_loopback_issuer_may_use_plain_http_on_loopback_only() {
    let issuer = "http://login.localhost:5556";
    let parse = |document: &Value| ProviderMetadata::parse(document.to_string().as_bytes(), &settings(issuer));
    assert!(parse(&document(issuer)).is_ok());
    let elsewhere = changed(document(issuer), "jwks_uri", "http://192.0.2.1/jwks".into());
    let refused = Err(DocumentError::Endpoint { member: "jwks_uri", found: r#""http://192.0.2.1/jwks""#.to_owned() });
    assert_eq!(parse(&elsewhere).map(|_| ()), refused);
}

#[test]
fn a_provider_that_lists_challenge_methods_must_list_s256() {
    for methods in [json!(["plain", "S256"]), json!("S256"), json!([7, null, "S256"])] {
        assert!(with("code_challenge_methods_supported", methods).is_ok());
    }
    for (methods, found) in [
        (json!(["plain"]), r#"an array ["plain"]"#),
        (json!([]), "an array []"),
        (json!("s256"), r#""s256""#),
        (json!({"S256": true}), "an object"),
    ] {
        let refused = with("code_challenge_methods_supported", methods).map(|_| ());
        assert_eq!(refused, Err(DocumentError::Pkce { found: found.to_owned() }));
    }
}

#[test]
fn client_secret_post_is_used_only_where_basic_is_not_taken() {
    let way = |methods| with("token_endpoint_auth_methods_supported", methods).map(|it| it.client_authentication);
    assert!(matches!(way(json!(["client_secret_post", "client_secret_basic"])), Ok(ClientAuth::Basic)));
    assert!(matches!(way(json!(["client_secret_post"])), Ok(ClientAuth::Post)));
    let refused = way(json!(["private_key_jwt"])).unwrap_err();
    assert_eq!(refused, DocumentError::ClientAuthentication { found: r#"an array ["private_key_jwt"]"#.to_owned() });
}

#[test]
fn only_public_key_algorithms_are_accepted() {
    let of = |list| with("id_token_signing_alg_values_supported", list).map(|it| it.algorithms);
    assert_eq!(of(json!(["RS256", "HS256", "none"])), Ok(vec![SignatureAlgorithm::Rs256]));
    assert_eq!(of(json!(["Ed25519"])), Ok(vec![SignatureAlgorithm::EdDsa]));
    assert_eq!(of(json!("RS256")), Ok(vec![SignatureAlgorithm::Rs256]), "one text is a list of one");
    let found = r#"an array ["HS256", "none"]"#.to_owned();
    assert_eq!(of(json!(["HS256", "none"])), Err(DocumentError::Algorithms { found }));
}

#[test]
fn ambiguous_or_deep_json_is_refused() {
    let settings = settings(ISSUER);
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(JSON_DEPTH_MAX), "]".repeat(JSON_DEPTH_MAX));
    for text in ["", "[]", r#"{"issuer":"a","issuer":"b"}"#, "<html>", &deep] {
        let refused = ProviderMetadata::parse(text.as_bytes(), &settings).map(|_| ());
        assert!(matches!(refused, Err(DocumentError::Malformed(_))), "{text}");
    }
}

#[test]
fn the_discovery_url_follows_the_issuer() {
    let url = |issuer| ProviderMetadata::url(issuer).map(|url| url.to_string());
    let expected = Some("https://a.example.com/x/.well-known/openid-configuration".to_owned());
    assert_eq!(url("https://a.example.com/x"), expected);
    assert_eq!(url("https://a.example.com/x/"), expected);
    assert_eq!((url("http://a.example.com"), url("https://a.example.com/?x"), url("a")), (None, None, None));
}

#[test]
fn good_keys_survive_bad_siblings() {
    let ec = TestKey::p256().jwk("k");
    let okp = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([1; 32])});
    assert_eq!(keys(&[rsa(256), rsa(512), ec.clone(), okp.clone()]), Ok(4));
    let bad = [
        rsa(128),
        rsa(2048),
        changed(rsa(256), "e", "AQ".into()),
        changed(rsa(256), "e", "AA".into()),
        changed(rsa(256), "use", "enc".into()),
        changed(rsa(256), "alg", "HS256".into()),
        changed(rsa(256), "alg", "RSA-OAEP".into()),
        changed(rsa(256), "d", "AQ".into()),
        changed(rsa(256), "key_ops", json!(["sign"])),
        changed(rsa(256), "n", 7.into()),
        changed(ec.clone(), "crv", "P-521".into()),
        changed(ec.clone(), "x", "AQ".into()),
        changed(ec.clone(), "x", URL_SAFE_NO_PAD.encode([1; 32]).into()),
        changed(ec.clone(), "y", ec["x"].clone()),
        changed(ec, "crv", "P-384".into()),
        changed(rsa(256), "n", ROCA.into()),
        changed(rsa(256), "n", URL_SAFE_NO_PAD.encode([0xfe; 256]).into()),
        changed(okp.clone(), "x", URL_SAFE_NO_PAD.encode([0; 32]).into()),
        changed(okp, "crv", "X25519".into()),
        json!({"kty": "oct", "k": "AQAB"}),
        json!("key"),
        json!(null),
    ];
    for key in &bad {
        assert_eq!(keys(std::slice::from_ref(key)), Err(DocumentError::NoKeys), "{key}");
    }
    assert_eq!(keys(&[&bad[..], &[rsa(256)]].concat()), Ok(1));
}

/// Ed25519 points with which one signature fits every text, each in both signs.
#[test]
fn a_point_of_small_order_is_no_key() {
    for hex in SMALL_ORDER {
        for sign in [0, 0x80] {
            let mut point: Vec<u8> =
                (0..32).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
            point[31] |= sign;
            let key = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(point)});
            assert_eq!(keys(&[key]), Err(DocumentError::NoKeys), "{hex}");
        }
    }
}

const SMALL_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn what_is_passed_over_is_named_with_its_cause() {
    let ec = TestKey::p256().jwk("twin");
    let set = [changed(ec.clone(), "y", ec["x"].clone()), changed(rsa(256), "n", ROCA.into()), json!(null), rsa(256)];
    let of = |set: &[Value]| KeySet::parse(json!({ "keys": set }).to_string().as_bytes()).1;
    let notes: Vec<String> = of(&set).iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            r#"key "twin": point is not on its curve"#,
            "key without kid: modulus has the form of CVE-2017-15361",
            "key without kid: not an object",
        ]
    );
    assert_eq!(of(&set[..3]).len(), 3, "also where no key is left");
    assert_eq!(KeySet::parse(b"no json").1, []);
    for (member, value, expected) in [
        ("n", json!("++=="), "`n` is not base64url without padding"),
        ("n", Value::Null, "`n` is missing"),
        ("e", json!(65_537), "`e` is a number"),
        ("kid", json!(7), "`kid` is a number"),
        ("use", json!("enc"), "not a public key for signatures, by its `use`"),
        ("use", json!(["sig"]), "not a public key for signatures, by its `use`"),
        ("key_ops", json!([]), "not a public key for signatures, by its `key_ops`"),
        ("alg", json!("RSA-OAEP"), "not a public key for signatures, by its `alg`"),
        ("d", json!("AQ"), "not a public key for signatures, by its `d`"),
        ("kty", json!("oct"), "not a public key for signatures, by its `kty`"),
    ] {
        let note = of(&[changed(rsa(256), member, value)]).remove(0);
        assert_eq!(note.to_string(), format!("key without kid: {expected}"));
    }
    let short = of(&[changed(TestKey::p256().jwk("k"), "x", "AQ".into())]).remove(0);
    assert_eq!(short.to_string(), r#"key "k": `x` is not of the length of its curve"#);
}

#[test]
fn a_key_that_can_be_read_in_two_ways_hides_no_other() {
    let deep = format!(r#"{{"kid":"deep","x":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let odd = [
        r#"{"kid":"twice","kty":"RSA","kty":"EC"}"#,
        r#"{"kid":"a","kid":"b"}"#,
        &deep,
        r#"{"kid":"number","exp":1e400}"#,
        r#"{"kid":"\ud800"}"#,
        "[[]]",
    ];
    let set = format!(r#"{{"x":1,"keys":[{},{}]}}"#, odd.join(","), rsa(256));
    let (keys, passed_over) = KeySet::parse(set.as_bytes());
    assert_eq!(keys.map(|set| set.keys().len()), Ok(1));
    let notes: Vec<String> = passed_over.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            r#"key "twice": a member is named twice"#,
            "key without kid: a member is named twice",
            r#"key "deep": not json that is read"#,
            r#"key "number": not json that is read"#,
            "key without kid: not json that is read",
            "key without kid: not an object",
        ]
    );
}

#[test]
fn a_set_without_its_list_says_what_is_there() {
    let refused = |text: &str| KeySet::parse(text.as_bytes()).0.map(|_| ()).unwrap_err().to_string();
    assert_eq!(refused(r#"{"keys":null}"#), "`keys` is null, and not an array");
    assert_eq!(refused("{}"), "`keys` is missing, and not an array");
    assert_eq!(refused(r#"{"keys":{"kid":"k"}}"#), "`keys` is an object, and not an array");
    assert!(refused(r#"{"keys":[],"keys":[]}"#).ends_with(r#"found "keys" twice"#));
    assert_eq!(refused("[]"), "document is not one that is read: expected a json object, found an array");
}

#[test]
fn bad_keys_do_not_count_towards_the_limit() {
    let mut set = vec![json!({"kty": "RSA"}); JWKS_KEYS_MAX + 10];
    set.push(rsa(256));
    assert_eq!(keys(&set), Ok(1));
}

#[test]
fn keys_over_the_limit_are_ignored() {
    let mut set = vec![rsa(256); JWKS_KEYS_MAX + 10];
    assert_eq!(keys(&set), Ok(JWKS_KEYS_MAX));
    set.push(json!(null));
    let (_, passed_over) = KeySet::parse(json!({ "keys": set }).to_string().as_bytes());
    assert_eq!(passed_over, [], "nobody looks at them");
}

/// Settings with these endpoints.
fn naming(endpoints: NamedEndpoints) -> OidcSettings {
    OidcSettings { endpoints, ..settings(ISSUER) }
}

fn at(text: &str) -> Option<Url> {
    Some(Url::parse(text).unwrap())
}

#[test]
fn what_the_operator_names_stands_in_place_of_what_the_document_says() {
    let token = at("http://127.0.0.1:9000/token");
    let named = NamedEndpoints { token: token.clone(), end_session: at("https://a.example/out"), ..Default::default() };
    let lying = changed(document(ISSUER), "token_endpoint", "http://keycloak:8080/token".into());
    let lying = changed(lying, "end_session_endpoint", json!(["https://login.example.com/x"]));
    let metadata = ProviderMetadata::parse(lying.to_string().as_bytes(), &naming(named)).unwrap();
    assert_eq!(Some(metadata.token_endpoint), token);
    assert_eq!(metadata.end_session_endpoint, at("https://a.example/out"));
    assert_eq!(metadata.jwks_uri.as_str(), "https://login.example.com/jwks");
    let other = changed(document(ISSUER), "issuer", "https://evil.example".into());
    let named = NamedEndpoints { token: at("https://a.example/token"), ..Default::default() };
    let refused = ProviderMetadata::parse(other.to_string().as_bytes(), &naming(named)).map(drop);
    assert!(matches!(refused, Err(DocumentError::Issuer { .. })), "a document of another issuer is none");
}

#[test]
fn a_document_is_where_the_operator_says() {
    let elsewhere = at("https://login.example.com/b2c/.well-known/openid-configuration");
    let named = NamedEndpoints { document: elsewhere.clone(), ..Default::default() };
    assert_eq!(ProviderMetadata::document_url(&naming(named)), elsewhere);
    assert_eq!(ProviderMetadata::document_url(&settings(ISSUER)), ProviderMetadata::url(ISSUER));
}

#[test]
fn three_endpoints_are_enough_without_a_document_and_two_are_not() {
    let all = || NamedEndpoints {
        authorization: at("https://a.example/authorize"),
        token: at("https://a.example/token"),
        keys: at("https://a.example/jwks"),
        ..Default::default()
    };
    let metadata = ProviderMetadata::of_operator(&naming(all())).unwrap();
    assert_eq!(metadata.jwks_uri.as_str(), "https://a.example/jwks");
    assert_eq!((metadata.client_authentication, metadata.sends_issuer), (ClientAuth::Basic, false));
    assert!(metadata.end_session_endpoint.is_none());
    for two in [
        NamedEndpoints { authorization: None, ..all() },
        NamedEndpoints { token: None, ..all() },
        NamedEndpoints { keys: None, ..all() },
    ] {
        assert!(ProviderMetadata::of_operator(&naming(two)).is_none());
    }
}

#[test]
fn the_prompt_that_asks_for_an_account_is_one_that_the_provider_knows() {
    let prompt = |known: Value| with("prompt_values_supported", known).map(|it| it.account_prompt);
    assert_eq!(prompt(json!(["none", "login", "consent"])), Ok("login"));
    assert_eq!(prompt(json!(["login", "select_account"])), Ok("select_account"));
    for odd in [json!(["none"]), json!("login"), json!([7]), json!(null)] {
        assert_eq!(prompt(odd), Ok("select_account"));
    }
}
