//! What each preset asks besides, and what other verifiers let through.

use std::time::Duration;

use serde_json::json;

use super::{
    super::{IapPeople, KeyPlace, TokenMark, testing::external},
    AssertionDraft, AssertionFault, Lie, Preset, merge, presets, refuses, remove, set, set_header,
};
use crate::{
    identity::{SignatureAlgorithm, testing::NOW},
    limits::{ASSERTION_LIFETIME_MAX, SHORT_ASSERTION_LIFETIME_MAX},
};

fn preset(name: &str) -> Preset {
    presets().into_iter().find(|preset| preset.name() == name).unwrap()
}

fn fault(draft: &AssertionDraft) -> Option<AssertionFault> {
    draft.verdict().err().map(|error| error.fault)
}

/// ALBeast: a genuine key of the region, of the attacker's own load balancer. aws-jwt-verify lets a wrong issuer and a past end of
/// the header through, and no end at all.
#[test]
fn a_load_balancer_is_ours_by_its_header_whatever_the_claims_say() {
    const OTHER: &str = "arn:aws:elasticloadbalancing:eu-central-1:666666666666:loadbalancer/app/evil/0123456789abcdef";
    const LIES: &[Lie] = &[
        ("another signer", |it| set_header(it, "signer", json!(OTHER)), AssertionFault::Signer),
        ("no signer", |it| remove(&mut it.header, "signer"), AssertionFault::Signer),
        ("signers", |it| it.header["signer"] = json!([it.header["signer"], OTHER]), AssertionFault::Signer),
        ("the signer among the claims", |it| move_to_claims(it, "signer"), AssertionFault::Signer),
        ("another client", |it| set_header(it, "client", json!("else")), AssertionFault::Audience),
        ("no client", |it| remove(&mut it.header, "client"), AssertionFault::Audience),
        ("clients", |it| it.header["client"] = json!([it.header["client"]]), AssertionFault::Audience),
        ("another issuer", |it| set_header(it, "iss", json!("https://evil.example")), AssertionFault::Issuer),
        ("no issuer in the header", |it| remove(&mut it.header, "iss"), AssertionFault::Issuer),
        ("another issuer in the claims", |it| set(it, "iss", json!("https://evil.example")), AssertionFault::Issuer),
        ("the header says it ended", |it| set_header(it, "exp", json!(NOW.0 - 60)), AssertionFault::Time),
        ("no end in the header", |it| remove(&mut it.header, "exp"), AssertionFault::Time),
        ("the claims say it ended", |it| set(it, "exp", json!(NOW.0 - 60)), AssertionFault::Time),
        ("a kid that is no uuid", |it| set_header(it, "kid", json!("mallory")), AssertionFault::UnknownKey),
        ("a path behind the uuid", |it| lengthen_kid(it, "/../x"), AssertionFault::UnknownKey),
        ("a query behind the uuid", |it| lengthen_kid(it, "?x"), AssertionFault::UnknownKey),
        ("no kid", |it| remove(&mut it.header, "kid"), AssertionFault::UnknownKey),
        ("eleven minutes and more", |it| lives(it, 661), AssertionFault::Time),
    ];
    refuses(&preset("aws-alb"), LIES);
    let mut sparse = AssertionDraft::of(preset("aws-alb"));
    remove(&mut sparse.claims, "iss");
    remove(&mut sparse.claims, "exp");
    assert_eq!(fault(&sparse), None, "AWS's own example has neither among the claims");
    let mut signers = AssertionDraft::of(preset("aws-alb"));
    if let Preset::AwsAlb { signers, .. } = &mut signers.settings.preset {
        signers.insert(0, OTHER.replace("evil", "second"));
    }
    assert_eq!(fault(&signers), None, "any of several");
}

fn move_to_claims(draft: &mut AssertionDraft, name: &str) {
    draft.claims[name] = draft.header[name].clone();
    remove(&mut draft.header, name);
}

fn lengthen_kid(draft: &mut AssertionDraft, by: &str) {
    draft.header["kid"] = json!(format!("{}{by}", draft.header["kid"].as_str().unwrap()));
}

fn lives(draft: &mut AssertionDraft, seconds: u64) {
    for members in [&mut draft.header, &mut draft.claims] {
        if members.get("exp").is_some() {
            members["exp"] = json!(NOW.0 + seconds);
        }
    }
}

/// google-auth-library lets an end 200 s ago, a life of 20 h and another name of the algorithm through; google-auth of Python
/// any issuer.
#[test]
fn the_identity_aware_proxy_names_google_accounts_for_one_service() {
    const LIES: &[Lie] = &[
        ("for services", |it| it.claims["aud"] = json!([it.claims["aud"]]), AssertionFault::Audience),
        ("for another service", |it| set(it, "aud", json!("/projects/1/apps/x")), AssertionFault::Audience),
        ("an end 200 s ago", |it| lives_since(it, 400, 200), AssertionFault::Time),
        ("half an hour", |it| lives(it, 1_800), AssertionFault::Time),
        ("nobody knows since when", |it| remove(&mut it.claims, "iat"), AssertionFault::Time),
        ("no prefix", |it| set(it, "sub", json!("7")), AssertionFault::Subject),
        ("a prefix alone", |it| set(it, "sub", json!("accounts.google.com:")), AssertionFault::Subject),
        ("of Identity Platform", |it| set(it, "sub", json!("securetoken.google.com/p:7")), AssertionFault::Subject),
        ("another Workspace", |it| set(it, "hd", json!("evil.example")), AssertionFault::Subject),
        ("no Workspace", |it| remove(&mut it.claims, "hd"), AssertionFault::Subject),
        ("no kid", |it| remove(&mut it.header, "kid"), AssertionFault::UnknownKey),
        ("by another name", |it| set_header(it, "alg", json!("RS256")), AssertionFault::Algorithm),
    ];
    refuses(&preset("google-iap"), LIES);
    let any = Preset::GoogleIap(IapPeople::Google { hosted_domain: None });
    let mut draft = AssertionDraft::of(any);
    remove(&mut draft.claims, "hd");
    assert_eq!(fault(&draft), None, "no Workspace is asked for");
}

fn lives_since(draft: &mut AssertionDraft, made: u64, ended: u64) {
    draft.claims["iat"] = json!(NOW.0 - made);
    draft.claims["exp"] = json!(NOW.0 - ended);
}

#[test]
fn people_of_identity_platform_are_of_the_one_tenant() {
    const LIES: &[Lie] = &[
        ("another tenant", |it| tenant(it, json!("evil")), AssertionFault::Audience),
        ("no tenant", |it| tenant(it, json!(null)), AssertionFault::Audience),
        ("tenants", |it| tenant(it, json!(["partners-x7k2p"])), AssertionFault::Audience),
        ("no gcip", |it| remove(&mut it.claims, "gcip"), AssertionFault::Subject),
        ("a gcip that is a text", |it| set(it, "gcip", json!("x")), AssertionFault::Subject),
        ("a Google account", |it| set(it, "sub", json!("accounts.google.com:7")), AssertionFault::Subject),
        ("another project", |it| set(it, "sub", json!(sub("evil/partners-x7k2p"))), AssertionFault::Subject),
        ("a name of the whole project", |it| set(it, "sub", json!(sub("acme-prod"))), AssertionFault::Subject),
    ];
    refuses(&external(), LIES);
    let (project, tenant) = ("acme-prod".to_owned(), None);
    let whole = Preset::GoogleIap(IapPeople::IdentityPlatform { project, tenant });
    let mut draft = AssertionDraft::of(whole);
    draft.claims["sub"] = json!(sub("acme-prod"));
    assert_eq!(fault(&draft), Some(AssertionFault::Audience), "somebody of a tenant, where there are none");
    draft.claims["gcip"]["firebase"].as_object_mut().unwrap().remove("tenant");
    assert_eq!(fault(&draft), None);
}

fn tenant(draft: &mut AssertionDraft, value: serde_json::Value) {
    draft.claims["gcip"]["firebase"]["tenant"] = value;
}

fn sub(place: &str) -> String {
    format!("securetoken.google.com/{place}:7")
}

/// jose and go-oidc let the session of the team (`org`), a service token and a missing end through; @hono/cloudflare-access all
/// applications where no audience is given.
#[test]
fn cloudflares_word_is_of_one_application_and_of_a_person() {
    const LIES: &[Lie] = &[
        ("the team's session", |it| set(it, "type", json!("org")), AssertionFault::Kind),
        ("no type", |it| remove(&mut it.claims, "type"), AssertionFault::Kind),
        ("types", |it| set(it, "type", json!(["app"])), AssertionFault::Kind),
        ("a text in place of the array", |it| it.claims["aud"] = it.claims["aud"][0].clone(), AssertionFault::Audience),
        ("another application", |it| set(it, "aud", json!(["f".repeat(64)])), AssertionFault::Audience),
        (
            "ours and another",
            |it| it.claims["aud"] = json!([it.claims["aud"][0], "f".repeat(64)]),
            AssertionFault::Audience,
        ),
        ("a service token", |it| service_token(it), AssertionFault::Subject),
        ("nobody knows since when", |it| remove(&mut it.claims, "iat"), AssertionFault::Time),
        ("no kid", |it| remove(&mut it.header, "kid"), AssertionFault::UnknownKey),
        ("no end", |it| remove(&mut it.claims, "exp"), AssertionFault::Time),
        ("not valid for 200 s yet", |it| set(it, "nbf", json!(NOW.0 + 200)), AssertionFault::Time),
        ("made in an hour", |it| set(it, "iat", json!(NOW.0 + 3_600)), AssertionFault::Time),
    ];
    refuses(&preset("cloudflare-access"), LIES);
}

fn service_token(draft: &mut AssertionDraft) {
    draft.claims["sub"] = json!("");
    draft.claims["common_name"] = json!("e1f2.access");
    remove(&mut draft.claims, "email");
}

#[test]
fn easy_auth_passes_on_id_tokens_of_one_tenant_for_one_client() {
    const LIES: &[Lie] = &[
        ("another tenant", |it| set(it, "tid", json!("00000000-0000-4000-8000-000000000000")), AssertionFault::Issuer),
        ("no tenant", |it| remove(&mut it.claims, "tid"), AssertionFault::Issuer),
        ("an access token", |it| set_header(it, "typ", json!("at+jwt")), AssertionFault::Kind),
        ("for us and another", |it| set(it, "aud", json!(["gateway", "else"])), AssertionFault::Audience),
        ("of another party", |it| set(it, "azp", json!("else")), AssertionFault::Audience),
        ("no kid", |it| remove(&mut it.header, "kid"), AssertionFault::UnknownKey),
    ];
    refuses(&preset("azure-easy-auth"), LIES);
}

#[test]
fn pomeriums_audience_is_the_host_of_the_site_or_what_the_operator_names() {
    const LIES: &[Lie] = &[
        ("another route", |it| set(it, "aud", json!("payroll.example.com")), AssertionFault::Audience),
        ("routes", |it| set(it, "aud", json!(["crm.example.com"])), AssertionFault::Audience),
        (
            "the issuer in its other form",
            |it| set(it, "iss", json!("https://crm.example.com/")),
            AssertionFault::Issuer,
        ),
        ("an hour", |it| lives(it, 3_600), AssertionFault::Time),
        ("no kid", |it| remove(&mut it.header, "kid"), AssertionFault::UnknownKey),
    ];
    refuses(&preset("pomerium"), LIES);
    let with = |audiences: &[&str], aud: &str| {
        let mut draft = AssertionDraft::of(Preset::Pomerium);
        draft.settings.audiences = audiences.iter().map(ToString::to_string).collect();
        draft.claims["aud"] = json!(aud);
        fault(&draft)
    };
    assert_eq!(with(&["route.example.com"], "route.example.com"), None, "one that the operator names");
    assert_eq!(with(&["route.example.com"], "crm.example.com"), Some(AssertionFault::Audience));
    let both = ["crm.example.com", "payroll.example.com"];
    assert_eq!(with(&both, "crm.example.com"), None);
    assert_eq!(
        with(&both, "payroll.example.com"),
        Some(AssertionFault::Audience),
        "of several, the host that is asked"
    );
}

#[test]
fn an_id_token_is_for_the_client_of_the_front_and_no_access_token() {
    const LIES: &[Lie] = &[
        ("an access token", |it| set_header(it, "typ", json!("at+jwt")), AssertionFault::Kind),
        ("its long name", |it| set_header(it, "typ", json!("application/at+jwt")), AssertionFault::Kind),
        ("for us and another", |it| set(it, "aud", json!(["gateway", "else"])), AssertionFault::Audience),
        ("of another party", |it| set(it, "azp", json!("else")), AssertionFault::Audience),
    ];
    refuses(&preset("oauth2-proxy"), LIES);
    let mut draft = AssertionDraft::of(preset("oauth2-proxy"));
    draft.settings.audiences = vec!["project".to_owned()];
    draft.claims["aud"] = json!(["gateway", "project"]);
    assert_eq!(fault(&draft), Some(AssertionFault::Audience), "several, and nobody says which party");
    draft.claims["azp"] = json!("gateway");
    assert_eq!(fault(&draft), None);
    remove(&mut draft.header, "kid");
    assert_eq!(fault(&draft), None, "a provider of one key need not name it");
}

#[test]
fn an_access_token_is_of_rfc_9068_or_bears_the_mark_of_the_operator() {
    const LIES: &[Lie] = &[
        ("an ID token", |it| set_header(it, "typ", json!("JWT")), AssertionFault::Kind),
        ("no typ", |it| remove(&mut it.header, "typ"), AssertionFault::Kind),
        ("an ID token's hash", |it| set(it, "at_hash", json!("x")), AssertionFault::Kind),
        ("no client", |it| remove(&mut it.claims, "client_id"), AssertionFault::Kind),
        ("no jti", |it| remove(&mut it.claims, "jti"), AssertionFault::Kind),
        ("no date", |it| remove(&mut it.claims, "iat"), AssertionFault::Time),
        ("a program", |it| set(it, "client_id", json!("u-7")), AssertionFault::Subject),
        ("a list with what is no text", |it| it.claims["aud"] = json!([it.claims["aud"], 7]), AssertionFault::Audience),
    ];
    refuses(&Preset::Bearer(TokenMark::Typ), LIES);
    const MARKED: &[Lie] = &[
        ("an ID token", |it| set(it, "typ", json!("ID")), AssertionFault::Kind),
        ("a refresh token", |it| set(it, "typ", json!("Refresh")), AssertionFault::Kind),
        ("no mark", |it| remove(&mut it.claims, "typ"), AssertionFault::Kind),
        ("marks", |it| set(it, "typ", json!(["Bearer"])), AssertionFault::Kind),
        ("the mark in lower case", |it| set(it, "typ", json!("bearer")), AssertionFault::Kind),
        ("a program", |it| set(it, "azp", json!("u-7")), AssertionFault::Subject),
        (
            "a service account",
            |it| set(it, "preferred_username", json!("service-account-robot")),
            AssertionFault::Subject,
        ),
        ("a client's host", |it| set(it, "clientHost", json!("10.0.0.9")), AssertionFault::Subject),
        ("a client's address", |it| set(it, "clientAddress", json!("10.0.0.9")), AssertionFault::Subject),
        ("a program of Entra", |it| set(it, "idtyp", json!("app")), AssertionFault::Subject),
        ("a program of Auth0", |it| set(it, "gty", json!("client-credentials")), AssertionFault::Subject),
    ];
    let marked = presets().into_iter().find(|it| matches!(it, Preset::Bearer(TokenMark::Claim { .. }))).unwrap();
    refuses(&marked, MARKED);
    let mut draft = AssertionDraft::of(Preset::Bearer(TokenMark::Typ));
    draft.header["typ"] = json!("application/AT+JWT");
    draft.claims["aud"] = json!(["https://other.example.com", "https://crm.example.com"]);
    assert_eq!(fault(&draft), None, "RFC 9068 4: ours among others, under the long name");
    let path = crate::identity::ClaimPath::parse("scp").unwrap();
    let mut words = AssertionDraft::of(Preset::Bearer(TokenMark::Claim { path, value: "crm.read".to_owned() }));
    words.claims["scp"] = json!("openid crm.read");
    assert_eq!(fault(&words), None, "one of the words");
    words.claims["scp"] = json!("crm.readwrite");
    assert_eq!(fault(&words), Some(AssertionFault::Kind));
}

/// Their `sub` is an account of its own, as a person's is.
#[test]
fn a_service_account_of_keycloak_or_entra_is_a_program_and_who_uses_a_client_is_a_person() {
    const PROGRAMS: &[Lie] = &[
        ("its name", |it| set(it, "preferred_username", json!("service-account-robot")), AssertionFault::Subject),
        (
            "its name in capitals",
            |it| set(it, "preferred_username", json!("Service-Account-R")),
            AssertionFault::Subject,
        ),
        ("its host", |it| merge(it, json!({ "client_id": "r", "clientHost": "10.0.0.1" })), AssertionFault::Subject),
        ("its address", |it| merge(it, json!({ "client_id": "r", "clientAddress": "::1" })), AssertionFault::Subject),
        ("older names", |it| merge(it, json!({ "clientId": "r", "clientHost": "h" })), AssertionFault::Subject),
        ("the party", |it| merge(it, json!({ "azp": "r", "clientHost": "h" })), AssertionFault::Subject),
        ("Entra's", |it| merge(it, json!({ "oid": "u-7", "roles": ["Read"] })), AssertionFault::Subject),
    ];
    let marks = presets().into_iter().filter(|it| matches!(it, Preset::Bearer(_)));
    for preset in marks {
        refuses(&preset, PROGRAMS);
        for of_a_person in [
            json!({ "preferred_username": "ana", "client_id": "app", "azp": "app" }),
            json!({ "preferred_username": "service-accountant" }),
            json!({ "preferred_username": "é-service-account-x" }),
            json!({ "oid": "u-7", "scp": "crm.read" }),
            json!({ "oid": "of-the-tenant" }),
            json!({ "client_id": "app", "clientHost": null }),
        ] {
            let mut draft = AssertionDraft::of(preset.clone());
            merge(&mut draft, of_a_person.clone());
            assert_eq!(fault(&draft), None, "{of_a_person}");
        }
    }
    let mut draft = AssertionDraft::of(presets().into_iter().rfind(|it| matches!(it, Preset::Bearer(_))).unwrap());
    merge(&mut draft, json!({ "preferred_username": "service-account-robot" }));
    let error = draft.verdict().map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("`preferred_username` says that it is of a program"), "{error}");
}

#[test]
fn what_the_operator_says_alone_is_a_custom_source() {
    let mut draft = AssertionDraft::of(Preset::Custom);
    remove(&mut draft.header, "kid");
    remove(&mut draft.claims, "iat");
    draft.claims["aud"] = json!(["else", "crm"]);
    assert_eq!(fault(&draft), None, "Teleport names no key");
    draft.settings.algorithms = vec![SignatureAlgorithm::EdDsa];
    assert_eq!(fault(&draft), Some(AssertionFault::Algorithm));
    assert!(matches!(draft.settings.keys, KeyPlace::Jwks(_)));
}

#[test]
fn an_assertion_lives_for_as_long_as_its_kind_does_and_counts_for_as_long_as_the_operator_says() {
    for preset in presets() {
        let name = preset.name();
        let longest = preset.lifetime_max();
        let is_short = matches!(preset, Preset::AwsAlb { .. } | Preset::GoogleIap(_) | Preset::Pomerium);
        let expected = if is_short { SHORT_ASSERTION_LIFETIME_MAX } else { ASSERTION_LIFETIME_MAX };
        assert_eq!(longest, expected, "{name}");
        let mut draft = AssertionDraft::of(preset);
        lives(&mut draft, longest.as_secs() + 60);
        assert_eq!(fault(&draft), None, "{name}: and twice the leeway");
        lives(&mut draft, longest.as_secs() + 61);
        assert_eq!(fault(&draft), Some(AssertionFault::Time), "{name}");
    }
    let mut draft = AssertionDraft::of(Preset::CloudflareAccess);
    draft.settings.max_age = Some(Duration::from_secs(3_600));
    lives(&mut draft, 86_400);
    assert_eq!(draft.verdict().unwrap().unwrap().ends_at().0, NOW.0 + 3_630);
    draft.claims["iat"] = json!(NOW.0 - 3_629);
    assert_eq!(draft.verdict().unwrap().unwrap().ends_at().0, NOW.0 + 1);
    draft.claims["iat"] = json!(NOW.0 - 3_630);
    assert_eq!(fault(&draft), Some(AssertionFault::Time));
    let mut custom = AssertionDraft::of(Preset::Custom);
    custom.settings.max_age = Some(Duration::from_secs(3_600));
    remove(&mut custom.claims, "iat");
    assert_eq!(fault(&custom), Some(AssertionFault::Time), "of what age nobody knows is none");
}
