//! `[identity.NAME]` of the types that a proxy in front attaches, and `[[site]] accept`.

use crate::{
    config::{
        Config, Draft,
        testing::{AUD_TAG, SIGNER, SMALL, TENANT, config, file, problems, refused, right, secrets, warnings, with},
    },
    identity::{
        AssertionSettings, EmailVerification, IapPeople, KeyPlace, Preset, ProviderName, SignatureAlgorithm, Source,
        TokenMark,
    },
};

const KINDS: [&str; 8] =
    ["aws-alb", "google-iap", "cloudflare-access", "azure-easy-auth", "pomerium", "oauth2-proxy", "bearer", "custom"];

fn checked(text: &str) -> Config {
    Draft::parse(text).check(&secrets()).unwrap_or_else(|problems| panic!("{problems}")).0
}

fn settings(config: &Config) -> AssertionSettings {
    match config.providers.get(&ProviderName::parse("front").unwrap()) {
        Some(Source::Assertion(settings)) => (**settings).clone(),
        Some(Source::Oidc(_)) | None => panic!("a source that reads assertions"),
    }
}

fn of(kind: &str) -> AssertionSettings {
    settings(&checked(&file(&right(kind))))
}

/// Of the table of a type with one line replaced.
fn changed(kind: &str, line: &str, by: &str) -> Vec<String> {
    let table = right(kind);
    assert_eq!(table.matches(line).count(), 1, "{line:?} of {kind}");
    told(&file(&table.replace(line, by)))
}

/// The problems, without the place.
fn told(text: &str) -> Vec<String> {
    problems(text).into_iter().map(|line| line.split_once(": ").unwrap().1.to_owned()).collect()
}

#[test]
fn each_type_has_its_header_algorithm_and_place_of_keys() {
    let keys = |settings: &AssertionSettings| match &settings.keys {
        KeyPlace::Jwks(url) => format!("jwks {url}"),
        KeyPlace::Pem { prefix } => format!("pem {prefix}"),
        KeyPlace::Discovery { issuer } => format!("discovery {issuer}"),
    };
    for (kind, header, algorithm, place) in [
        (
            "aws-alb",
            "x-amzn-oidc-data",
            SignatureAlgorithm::Es256,
            "pem https://public-keys.auth.elb.eu-central-1.amazonaws.com/",
        ),
        (
            "google-iap",
            "x-goog-iap-jwt-assertion",
            SignatureAlgorithm::Es256,
            "jwks https://www.gstatic.com/iap/verify/public_key-jwk",
        ),
        (
            "cloudflare-access",
            "cf-access-jwt-assertion",
            SignatureAlgorithm::Rs256,
            "jwks https://acme.cloudflareaccess.com/cdn-cgi/access/certs",
        ),
        (
            "azure-easy-auth",
            "x-ms-token-aad-id-token",
            SignatureAlgorithm::Rs256,
            "jwks https://login.microsoftonline.com/5b1c9a2e-7d34-4f60-9a1e-2c3d4e5f6a7b/discovery/v2.0/keys",
        ),
        (
            "pomerium",
            "x-pomerium-jwt-assertion",
            SignatureAlgorithm::Es256,
            "jwks https://crm.example.com/.well-known/pomerium/jwks.json",
        ),
        ("oauth2-proxy", "authorization", SignatureAlgorithm::Rs256, "discovery https://login.example.com"),
        ("bearer", "authorization", SignatureAlgorithm::Rs256, "discovery https://login.example.com"),
        ("custom", "x-edge", SignatureAlgorithm::EdDsa, "jwks https://edge.example.com/keys"),
    ] {
        let settings = of(kind);
        assert_eq!(settings.header.folded(), header, "{kind}");
        assert_eq!((settings.algorithms.as_slice(), keys(&settings)), (&[algorithm][..], place.to_owned()), "{kind}");
        assert_eq!((settings.preset.name(), settings.is_forwarded), (kind, false));
        assert_eq!(settings.is_of_programs(), kind == "bearer", "{kind}");
    }
}

#[test]
fn a_right_table_of_each_type_gives_no_warning_and_a_site_that_accepts_it() {
    for kind in KINDS {
        // oauth2-proxy takes the gateway's usual prefix.
        let text = file(&right(kind)).replace("[session]", "[paths]\nsign_in = \"/sigma-sign-in\"\n[session]");
        let text = format!("{text}user = \"email\"\n");
        let found: Vec<_> = warnings(&text).into_iter().filter(|line| !line.contains("believes")).collect();
        assert_eq!(found, Vec::<String>::new(), "{kind}");
        let site = &checked(&text).sites[0];
        assert_eq!((site.accepts.len(), site.sign_in.is_empty()), (1, false), "{kind}");
        assert!(site.takes(&ProviderName::parse("front").unwrap()));
        let alone = text.replace("sign_in = \"corp\"\n", "");
        assert!(checked(&alone).sites[0].sign_in.is_empty(), "{kind}: nobody signs in here");
    }
}

#[test]
fn the_address_is_where_the_vendor_has_it_and_verified_where_the_vendor_says_so() {
    for kind in ["google-iap", "cloudflare-access"] {
        assert_eq!(of(kind).source.email_verified, EmailVerification::TrustedIssuer, "{kind}");
    }
    for kind in ["aws-alb", "oauth2-proxy", "bearer", "custom"] {
        assert_eq!(of(kind).source.email_verified, EmailVerification::Required, "{kind}");
    }
    let external = file(&format!("{}\ntenant = \"acme-prod/partners\"", right("google-iap")));
    let external = settings(&checked(&external));
    assert_eq!(external.source.email.as_str(), "/gcip/email");
    assert!(
        matches!(&external.source.email_verified, EmailVerification::Claim(path) if path.as_str() == "/gcip/email_verified")
    );
    let people = IapPeople::IdentityPlatform { project: "acme-prod".to_owned(), tenant: Some("partners".to_owned()) };
    assert_eq!(external.preset, Preset::GoogleIap(people));
    for (kind, why) in [("pomerium", "Pomerium says of no address"), ("azure-easy-auth", "Entra says of no address")] {
        for by in ["", "\nemail_verified = \"required\""] {
            let found = changed(kind, "\nemail_verified = \"trusted-issuer\"", by);
            assert!(found.len() == 1 && found[0].contains(why) && found[0].contains("trusted-issuer"), "{found:?}");
        }
    }
}

#[test]
fn what_each_type_needs_is_asked_for() {
    for (kind, line, key) in [
        ("aws-alb", "issuer = \"https://login.example.com\"\n", "issuer"),
        ("aws-alb", "client_id = \"alb\"\n", "client_id"),
        ("google-iap", "audience = \"/projects/1/global/backendServices/42\"", "audience"),
        ("cloudflare-access", "issuer = \"https://acme.cloudflareaccess.com\"\n", "issuer"),
        ("azure-easy-auth", "client_id = \"app\"\n", "client_id"),
        ("pomerium", "issuer = \"crm.example.com\"\n", "issuer"),
        ("oauth2-proxy", "client_id = \"front\"", "client_id"),
        ("bearer", "audience = \"crm\"", "audience"),
        ("custom", "header = \"X-Edge\"\n", "header"),
        ("custom", "issuer = \"edge\"\n", "issuer"),
        ("custom", "audience = \"crm\"\n", "audience"),
        ("custom", "algorithms = [\"EdDSA\"]\n", "algorithms"),
        ("custom", "jwks = \"https://edge.example.com/keys\"\n", "jwks"),
    ] {
        let found = changed(kind, line, "");
        assert!(
            found.len() == 1 && found[0].starts_with(&format!("identity.front.{key}: missing; write ")),
            "{found:?}"
        );
    }
    for (kind, line, whose) in [
        ("aws-alb", "client_id = \"alb\"", "the load balancer"),
        ("azure-easy-auth", "client_id = \"app\"", "the application that Easy Auth is of"),
        ("oauth2-proxy", "client_id = \"front\"", "oauth2-proxy"),
    ] {
        let fix = format!("write the client id that the provider gave {whose}");
        assert_eq!(changed(kind, line, ""), [format!("identity.front.client_id: missing; {fix}")]);
    }
    let without = right("aws-alb").replace(&format!("\nsigner = \"{SIGNER}\""), "");
    assert!(told(&file(&without))[0].starts_with("identity.front.signer: missing; write signer = \"arn:aws:"));
}

#[test]
fn a_key_of_another_type_is_refused() {
    for (kind, line) in [
        ("aws-alb", "audience = \"x\""),
        ("aws-alb", "max_age = \"1h\""),
        ("aws-alb", "jwks = \"https://a.example.com\""),
        ("aws-alb", "algorithms = [\"RS256\"]"),
        ("aws-alb", "header = \"X-Other\""),
        ("google-iap", "issuer = \"https://a.example.com\""),
        ("google-iap", "jwks = \"https://a.example.com\""),
        ("cloudflare-access", "jwks = \"https://a.example.com\""),
        ("cloudflare-access", "client_id = \"x\""),
        ("azure-easy-auth", "audience = \"x\""),
        ("pomerium", "max_age = \"1h\""),
        ("oauth2-proxy", "audience = \"x\""),
        ("bearer", "audiences = [\"x\"]"),
        ("bearer", "header = \"X-Token\""),
        ("custom", "signer = \"x\""),
        ("custom", "token_mark = { claim = \"typ\", value = \"Bearer\" }"),
        ("custom", "client_secret = { env = \"OIDC_CLIENT_SECRET\" }"),
        ("custom", "scopes = [\"openid\"]"),
        ("custom", "userinfo = \"never\""),
        ("custom", "metadata = { jwks_uri = \"https://a.example.com\" }"),
    ] {
        let found = told(&file(&format!("{}\n{line}", right(kind))));
        let expected = format!("not a key of type {kind:?}; remove it");
        assert!(found.len() == 1 && found[0].contains(&expected), "{line}: {found:?}");
    }
    refused(
        &with("client_id = \"sigma-gateway\"", "client_id = \"sigma-gateway\"\naudience = \"x\""),
        "gateway.toml:12: identity.corp.audience: not a key of type \"oidc\"; write client_id, and in audiences what may stand beside it",
    );
}

#[test]
fn what_cannot_be_a_signer_an_audience_or_an_issuer_is_refused() {
    let of_signer = |by: &str| changed("aws-alb", SIGNER, by);
    for wrong in [
        "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/net/front/50dc",
        "arn:aws:ec2:eu-central-1:123456789012:verified-access-instance/vai-1",
        "arn:aws-cn:elasticloadbalancing:cn-north-1:123456789012:loadbalancer/app/front/50dc",
        "arn:aws:elasticloadbalancing:evil.example/:123456789012:loadbalancer/app/front/50dc",
        "arn:aws:elasticloadbalancing:eu-central-1:12:loadbalancer/app/front/50dc",
        "front",
    ] {
        assert!(of_signer(wrong)[0].contains("no ARN of an Application Load Balancer"), "{wrong}");
    }
    let gov = SIGNER.replace("arn:aws:", "arn:aws-us-gov:").replace("eu-central-1", "us-gov-west-1");
    let gov = settings(&checked(&file(&right("aws-alb").replace(SIGNER, &gov))));
    let place = "https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1/";
    assert_eq!(gov.keys, KeyPlace::Pem { prefix: url::Url::parse(place).unwrap() });
    let both = format!("signer = [\"{SIGNER}\", \"{}\"]", SIGNER.replace("central", "west"));
    assert!(changed("aws-alb", &format!("signer = \"{SIGNER}\""), &both)[0].contains("several regions"));

    for wrong in ["/projects/x/apps/y", "/projects/1/apps/", "projects/1/apps/y", "/projects/1", "crm"] {
        assert!(changed("google-iap", "/projects/1/global/backendServices/42", wrong)[0].contains("write /projects/"));
    }
    for right_form in ["/projects/1/apps/y", "/projects/1/locations/europe-west1/services/s"] {
        let text = right("google-iap").replace("/projects/1/global/backendServices/42", right_form);
        assert_eq!(settings(&checked(&file(&text))).audiences, [right_form]);
    }
    for wrong in ["crm", &AUD_TAG[1..], &AUD_TAG.to_uppercase()] {
        assert!(changed("cloudflare-access", AUD_TAG, wrong)[0].contains("AUD tag"), "{wrong}");
    }
    for wrong in ["https://acme.cloudflareaccess.com/", "https://acme.cloudflareaccess.com/x", "http://acme.example"] {
        assert_eq!(changed("cloudflare-access", "https://acme.cloudflareaccess.com", wrong).len(), 1, "{wrong}");
    }
    for wrong in [
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        &format!("https://login.example.com/{TENANT}/v2.0"),
        &format!("https://login.microsoftonline.com/{TENANT}/v2.0/"),
    ] {
        let found = changed("azure-easy-auth", &format!("https://login.microsoftonline.com/{TENANT}/v2.0"), wrong);
        assert!(found[0].contains("is not the issuer of one tenant"), "{found:?}");
    }
    for wrong in ["https://crm.example.com", "http://crm.example.com/", "crm.example.com/", "CRM.example.com"] {
        assert!(changed("pomerium", "crm.example.com", wrong)[0].contains("neither HOST nor https://HOST/"), "{wrong}");
    }
    let uri = settings(&checked(&file(&right("pomerium").replace("crm.example.com", "https://crm.example.com/"))));
    assert_eq!(uri.issuer, "https://crm.example.com/");
}

#[test]
fn algorithms_are_those_of_public_keys_and_a_mark_is_no_claim_of_id_tokens() {
    for wrong in ["HS256", "none", "es256", "ES512"] {
        let found = changed("custom", "\"EdDSA\"", &format!("{wrong:?}"));
        assert!(found[0].starts_with("identity.front.algorithms[0]: found "), "{found:?}");
    }
    assert!(changed("custom", "[\"EdDSA\"]", "[]")[0].contains("an empty list"));
    let pomerium = |algorithm: &str| format!("{}\nalgorithms = [{algorithm:?}]", right("pomerium"));
    assert_eq!(settings(&checked(&file(&pomerium("EdDSA")))).algorithms, [SignatureAlgorithm::EdDsa]);
    assert_eq!(told(&file(&pomerium("PS256"))).len(), 1);
    let marked = |mark: &str| file(&format!("{}\ntoken_mark = {mark}", right("bearer")));
    let mark = settings(&checked(&marked("{ claim = \"scp\", value = \"crm.read\" }"))).preset;
    assert!(matches!(mark, Preset::Bearer(TokenMark::Claim { value, .. }) if value == "crm.read"));
    assert_eq!(of("bearer").preset, Preset::Bearer(TokenMark::Typ));
    for claim in ["aud", "nonce", "email", "/sub", "azp"] {
        let found = told(&marked(&format!("{{ claim = {claim:?}, value = \"x\" }}")));
        assert!(found[0].contains("a claim that ID tokens have too"), "{claim}: {found:?}");
    }
    assert!(told(&marked("{ claim = \"scp\" }"))[0].contains("half of a mark"));
}

#[test]
fn names_are_in_the_key_that_is_theirs() {
    let text = file(&right("aws-alb"));
    let with_keys = |keys: &str| text.replace("sign_in = \"corp\"\naccept = \"front\"\n", keys);
    let found = |keys: &str| told(&with_keys(keys));
    let both = "[identity.front] is attached by a proxy in front, which signs people in; write accept = \"front\"";
    assert_eq!(found("sign_in = \"front\"\n"), [format!("site[0].sign_in: {both}")]);
    let other = "site[0].accept: [identity.corp] signs people in itself; write sign_in = \"corp\"";
    assert_eq!(found("accept = \"corp\"\n"), [other]);
    assert_eq!(found("accept = [\"x\"]\n"), ["site[0].accept[0]: there is no [identity.x]; write accept = \"front\""]);
    assert_eq!(found("accept = []\n"), ["site[0].accept: an empty list, nobody is accepted; write accept = \"front\""]);
    let twice = "site[0].accept[1]: the same again; name each once";
    assert_eq!(found("accept = [\"front\", \"front\"]\n"), [twice]);
    let missing = "site[0].sign_in: missing; there is more than one [identity]; write sign_in = \"corp\"";
    assert_eq!(found(""), [missing]);
    let second = right("aws-alb").replace("type", "email_domains = [\"example.com\"]\ntype");
    let two = with_keys("accept = [\"front\", \"second\"]\n")
        .replace("[embed.revenue]", &format!("[identity.second]\n{second}\n[embed.revenue]"));
    let same = "site[0].accept[1]: the same header as [identity.front]: one line is of one source; accept one of them, or give the other a site of its own";
    assert_eq!(told(&two), [same]);
}

#[test]
fn an_attached_source_alone_is_named_by_its_site() {
    let table = format!("email_domains = [\"example.com\"]\n{}", right("pomerium"));
    let start = SMALL.find("type = \"oidc\"").unwrap();
    let end = SMALL.find("[embed.revenue]").unwrap();
    let text = format!("{}{table}\n{}", &SMALL[..start], &SMALL[end..]);
    let missing = "site[0].accept: missing; a proxy in front signs people in; write accept = \"corp\"";
    assert_eq!(told(&text), [missing]);
    assert_eq!(config(&format!("{text}accept = \"corp\"\n")).sites[0].accepts.len(), 1);
}

#[test]
fn the_unsigned_companions_of_an_assertion_are_never_kept() {
    for (kind, name) in [
        ("aws-alb", "X-Amzn-Oidc-Identity"),
        ("aws-alb", "x_amzn_oidc_data"),
        ("google-iap", "X-Goog-Authenticated-User-Email"),
        ("cloudflare-access", "Cf-Access-Authenticated-User-Email"),
        ("azure-easy-auth", "X-MS-CLIENT-PRINCIPAL-NAME"),
        ("pomerium", "X-Pomerium-Claim-Email"),
    ] {
        let found = told(&format!("{}keep_headers = [{name:?}]\n", file(&right(kind))));
        assert!(found.len() == 1 && found[0].contains("is not signed"), "{kind}: {found:?}");
    }
    let compared = told(&format!("{}same_person = \"X-Auth-Request-Email\"\n", file(&right("oauth2-proxy"))));
    assert!(compared[0].contains("comes with the assertion of [identity.front]"), "{compared:?}");
    assert_eq!(checked(&format!("{}same_person = \"X-Auth-Request-Email\"\n", file(&right("aws-alb")))).sites.len(), 1);
}

#[test]
fn check_warns_of_a_front_that_is_not_named_of_its_paths_and_of_long_lives() {
    let about = |text: &str, word: &str| warnings(text).into_iter().filter(|line| line.contains(word)).count();
    for kind in KINDS {
        let open = file(&right(kind)).replace("trusted_proxies = [\"10.0.0.1/32\"]\n", "");
        assert_eq!(about(&open, "taken from whoever reaches the gateway"), usize::from(kind != "bearer"), "{kind}");
        let is_long = matches!(kind, "cloudflare-access" | "custom");
        let without = file(&right(kind).replace("\nmax_age = \"1h\"", ""));
        assert_eq!(about(&without, "may live for a month"), usize::from(is_long), "{kind}");
        let prefix = about(&file(&right(kind)), "the gateway has its endpoints below /oauth2 too");
        assert_eq!(prefix, usize::from(kind == "oauth2-proxy"), "{kind}");
    }
    for (kind, path, is_taken) in [
        ("aws-alb", "/oauth2/idpresponse", false),
        ("cloudflare-access", "/cdn-cgi/x", true),
        ("azure-easy-auth", "/.auth/me", true),
        ("pomerium", "/.pomerium", true),
        ("pomerium", "/.pomeriums", false),
        ("google-iap", "/x", false),
    ] {
        let text = format!("{}[[site.route]]\npath = {path:?}\n", file(&right(kind)));
        let found = Draft::parse(&text).check(&secrets());
        // What is below the gateway's own prefix is no route of a site.
        let count = found.map_or(0, |(_, warnings)| {
            warnings.iter().filter(|line| line.to_string().contains("no such request arrives")).count()
        });
        assert_eq!(count, usize::from(is_taken), "{kind} {path}");
    }
}
