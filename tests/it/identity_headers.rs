//! Who the host application is told is there: headers of the site's own, groups, and the signed assertion.

use std::{fs, path::Path};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use rcgen::KeyPair;
use serde_json::Value;

use super::{
    browser::{As, Browser},
    world::World,
};

const PRESET: &str = "identity_headers = \"x-forwarded\"\n";
const JWKS: &str = "/.well-known/sigma-gateway/jwks.json";
const FORGED: [&str; 12] = [
    "SM_USER",
    "sm-user",
    "Sm.User",
    "SM__USER",
    "X-Remote-User",
    "x_remote_user",
    "X.Remote.User",
    "X-App-Groups",
    "x_app_groups",
    "Sigma-Gateway-Assertion",
    "sigma_gateway_assertion",
    "X-Forwarded-User",
];

/// The demo's sites with these lines for the application's headers.
async fn with(lines: &str) -> World {
    World::with(|text| text.replace(PRESET, lines)).await
}

/// What `/echo` of the application shows of the request, in the spelling of the wire.
async fn echo(world: &World, browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> String {
    browser.send(As::Navigation, Method::GET, &world.crm(path), headers, "").await.text()
}

fn header(echo: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = echo.lines().filter_map(|line| line.trim().strip_prefix(name)?.strip_prefix(": ")).collect();
    assert!(lines.len() < 2, "{name} is there twice: {echo}");
    lines.first().map(|line| line.trim().to_owned())
}

#[tokio::test]
async fn an_application_reads_people_from_headers_of_its_own_and_no_client_brings_one() {
    let own = "headers = { SM_USER = \"CORP/{preferred_username}\", \"X-App-Groups\" = \"{groups}\", \"X-Absent\" = \"{absent}\" }\n";
    let world = with(&format!("{PRESET}user = \"preferred_username\"\n{own}")).await;
    let mut browser = world.browser_of("ana").await;
    let forged: Vec<_> = FORGED.iter().chain(&["X-Absent", "x_absent"]).map(|name| (*name, "ceo")).collect();
    for headers in [&[][..], &forged[..]] {
        let echo = echo(&world, &mut browser, "/echo", headers).await;
        assert_eq!(header(&echo, "sm_user").as_deref(), Some("CORP/ana"), "{echo}");
        assert_eq!(header(&echo, "x-forwarded-user").as_deref(), Some("ana"), "{echo}");
        assert_eq!(header(&echo, "x-app-groups"), header(&echo, "x-forwarded-groups"), "{echo}");
        assert_eq!(header(&echo, "x-absent"), None, "{echo}");
        assert!(!echo.to_ascii_lowercase().replace(['_', '.'], "-").contains("ceo"), "{echo}");
    }
}

#[tokio::test]
async fn on_a_public_route_nobody_is_named_and_no_client_names_anybody() {
    let own = "headers = { SM_USER = \"{sub}\", \"X-Remote-User\" = \"{sub}\", \"X-App-Groups\" = \"{groups}\" }\n";
    let world = World::with(|text| {
        text.replace(PRESET, &format!("{PRESET}{own}")).replace("path = \"/public/\"", "path = \"/echo\"")
    });
    let world = world.await;
    let forged: Vec<_> = FORGED.iter().map(|name| (*name, "ceo")).collect();
    for browser in [&mut Browser::default(), &mut world.browser_of("ana").await] {
        let echo = echo(&world, browser, "/echo", &forged).await.to_ascii_lowercase();
        assert!(!echo.contains("ceo") && !echo.contains("user-ana"), "{echo}");
    }
}

#[tokio::test]
async fn all_groups_are_told_where_the_site_says_so_and_named_ones_elsewhere() {
    for (lines, groups) in
        [(PRESET.to_owned(), None), (format!("{PRESET}forward_groups = \"all\"\n"), Some("crm-users,finance"))]
    {
        let world = with(&lines).await;
        let mut browser = world.browser_of("ana").await;
        let echo = echo(&world, &mut browser, "/echo", &[]).await;
        let told = header(&echo, "x-forwarded-groups");
        match groups {
            Some(groups) => assert_eq!(told.as_deref(), Some(groups), "{echo}"),
            None => assert!(!told.unwrap_or_default().contains("crm-users"), "{echo}"),
        }
    }
}

#[tokio::test]
async fn what_no_header_can_hold_is_left_out_counted_and_told_once() {
    let own = "headers = { X-Place = \"Zürich {preferred_username}\" }\n";
    let world = with(&format!("{PRESET}{own}")).await;
    let mut browser = world.browser_of("ana").await;
    for _ in 0..2 {
        assert_eq!(header(&echo(&world, &mut browser, "/echo", &[]).await, "x-place"), None);
    }
    let told = world
        .log("event")
        .into_iter()
        .filter(|line| line["header"] == "x-place" && line["site"] == "crm.localhost")
        .collect::<Vec<_>>();
    assert_eq!((told.len(), told[0]["why"].as_str()), (1, Some("characters")), "{told:?}");
    let counted = "untold_headers_total{site=\"crm.localhost\",header=\"x-place\",why=\"characters\"} ";
    assert!(world.metrics().contains(counted), "{}", world.metrics());
    let world = with(&format!("{PRESET}{own}encoding = \"percent\"\n")).await;
    let mut browser = world.browser_of("ana").await;
    let echo = echo(&world, &mut browser, "/echo", &[]).await;
    assert_eq!(header(&echo, "x-place").as_deref(), Some("Z%C3%BCrich ana"), "{echo}");
}

/// The claims of an assertion that one of these keys has signed.
fn verified(assertion: &str, keys: &Value) -> Value {
    let part = |text: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap() };
    let (signed, signature) = assertion.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    assert_eq!(part(header)["alg"], "ES256");
    let is_its_key = |key: &&Value| key["kid"] == part(header)["kid"];
    let key = keys["keys"].as_array().unwrap().iter().find(is_its_key).expect("its key is published");
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let point = [&[4][..], &coordinate("x"), &coordinate("y")].concat();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
    public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).expect("it is signed with that key");
    part(claims)
}

fn new_key(folder: &Path, name: &str) {
    let file = folder.join(name);
    fs::write(&file, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

async fn published(world: &World) -> Value {
    let page = Browser::default().get(As::Curl, &world.crm(JWKS)).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, Some("public, max-age=300")));
    serde_json::from_str(&page.text()).unwrap()
}

#[tokio::test]
async fn an_application_can_prove_who_is_there_and_keys_change_by_file() {
    let folder = tempfile::tempdir().unwrap();
    new_key(folder.path(), "one.key");
    new_key(folder.path(), "two.key");
    let keys = "keys = [{ file = \"one.key\" }]";
    let assertion = format!("{PRESET}[site.assertion]\n{keys}\n");
    let world = World::from_edited_file(folder.path(), |text| text.replacen(PRESET, &assertion, 1)).await;
    let mut browser = world.browser_of("ana").await;
    let first = published(&world).await;
    let mut seen = Vec::new();
    for forged in [&[][..], &[("Sigma-Gateway-Assertion", "ceo"), ("sigma_gateway_assertion", "ceo")][..]] {
        let echo = echo(&world, &mut browser, "/echo", forged).await;
        let claims = verified(&header(&echo, "sigma-gateway-assertion").expect("an assertion"), &first);
        assert_eq!((&claims["sub"], &claims["email"]), (&"user-ana".into(), &"ana@example.com".into()));
        assert_eq!(claims["iss"].as_str(), Some(&*world.ports.link_site()));
        assert_eq!(claims["jti"].as_str(), header(&echo, "x-request-id").as_deref());
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 60);
        assert!(claims["aud"].as_str().unwrap().starts_with("http://127.0.0.1:") && !echo.contains("ceo"), "{claims}");
        seen.push(claims["jti"].clone());
    }
    assert_ne!(seen[0], seen[1], "each request has its own");
    // The site without one has no such path, and no such header.
    let other = Browser::default().get(As::Curl, &world.signed(JWKS)).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    // The new key is published before it signs.
    let file = folder.path().join("gateway.toml");
    for (number, list, is_first) in [
        (1, "keys = [{ file = \"one.key\" }, { file = \"two.key\" }]", true),
        (2, "keys = [{ file = \"two.key\" }, { file = \"one.key\" }]", false),
    ] {
        let text = fs::read_to_string(&file).unwrap();
        let old = text
            .lines()
            .find(|line| {
                line.starts_with("keys = [{ file = \"one.key\"") || line.starts_with("keys = [{ file = \"two.key\"")
            })
            .unwrap();
        fs::write(&file, text.replace(old, list)).unwrap();
        world
            .until(|| world.metrics().contains(&format!(r#"config_reloads_total{{result="applied"}} {number}"#)))
            .await;
        let both = published(&world).await;
        assert_eq!(both["keys"].as_array().unwrap().len(), 2);
        let echo = echo(&world, &mut browser, "/echo", &[]).await;
        let assertion = header(&echo, "sigma-gateway-assertion").unwrap();
        let claims = verified(&assertion, &both);
        assert_eq!(claims["sub"], "user-ana");
        let signs = assertion.split('.').next().unwrap();
        let kid: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(signs).unwrap()).unwrap();
        assert_eq!(kid["kid"] == first["keys"][0]["kid"], is_first);
    }
    assert!(!published(&world).await.to_string().contains("\"d\""));
}

#[tokio::test]
async fn other_spellings_of_the_path_of_the_keys_are_nobodys() {
    let folder = tempfile::tempdir().unwrap();
    new_key(folder.path(), "one.key");
    let assertion = format!("{PRESET}[site.assertion]\nkeys = {{ file = \"one.key\" }}\n");
    let world = World::from_edited_file(folder.path(), |text| text.replacen(PRESET, &assertion, 1)).await;
    let mut browser = world.browser_of("ana").await;
    for path in [
        "/.well-known/sigma-gateway/",
        "/.well-known/Sigma-Gateway/jwks.json",
        "/.well-known/sigma%2dgateway/jwks.json",
    ] {
        assert_eq!(browser.get(As::Curl, &world.crm(path)).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let posted = browser.send(As::Fetch, Method::POST, &world.crm(JWKS), &[], "").await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}
