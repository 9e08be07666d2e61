//! Embeds that code of a page makes: `/sigma/to?url=`, and the script's tag in documents.

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sigma_gateway::demo;

use super::{
    browser::{As, Browser},
    world::World,
};

const TAG: &str = r#"<script src="/sigma/links.js" data-origins=""#;

/// The URL of the demo's first embed.
fn revenue(world: &World) -> String {
    let text = demo::config_text(&world.ports);
    let (_, embed) = text.split_once("[embed.revenue]\nurl = \"").unwrap();
    embed.split_once('"').unwrap().0.to_owned()
}

fn to(world: &World, url: &str) -> String {
    world.crm(&format!("/sigma/to?url={}", utf8_percent_encode(url, NON_ALPHANUMERIC)))
}

async fn with_script() -> World {
    World::with(|text| text.replace("identity_headers = \"x-forwarded\"", "script = true")).await
}

#[tokio::test]
async fn a_sigma_url_is_answered_as_the_stable_link_of_its_embed() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = format!("{}?:embed=true&:theme=Dark&Region=EMEA,APAC&Other=1", revenue(&world));
    for how in [As::Frame, As::Navigation] {
        let page = browser.get(how, &to(&world, &url)).await;
        assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, Some("no-store")));
        let signed = page.signed_url().unwrap();
        assert!(
            signed.contains("&Region=EMEA,APAC") && !signed.contains("Dark") && !signed.contains("Other"),
            "{signed}"
        );
        assert_eq!(page.embed_page()["api"], "/sigma/api/embeds/revenue?Region=EMEA,APAC");
        assert_eq!(browser.get(As::Navigation, &signed).await.status, StatusCode::OK);
    }
    let curl = browser.get(As::Curl, &to(&world, &url)).await;
    assert_eq!(curl.status, StatusCode::SEE_OTHER);
    assert!(curl.location().unwrap().as_str().contains(":jwt="), "never to what it was asked with");
    let fetched = browser.get(As::Fetch, &to(&world, &url)).await;
    assert!(fetched.status == StatusCode::OK && fetched.signed_url().is_none());
    assert_eq!(world.audit("mint").len(), 3);
    // Whoever is not signed in comes back to the stable link.
    let start = Browser::default().get(As::Navigation, &to(&world, &url)).await;
    assert_eq!((start.status, start.header("sigma-gateway")), (StatusCode::SEE_OTHER, Some("sign_in")));
    let mut newcomer = Browser::default();
    let page = world.sign_in(&mut newcomer, "ana", &to(&world, &url)).await;
    assert!(page.signed_url().unwrap().contains("&Region=EMEA,APAC"));
}

#[tokio::test]
async fn what_no_embed_of_the_site_is_is_refused_and_never_a_way_out() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let (url, ask) = (revenue(&world), to(&world, &revenue(&world)));
    let host = url.split("://").nth(1).unwrap();
    let inputs = [
        world.crm("/sigma/to"),
        world.crm("/sigma/to?url="),
        format!("{ask}&url=x"),
        format!("{ask}{ask}"),
        ask.replace("%2F", "%252F"),
        to(&world, &format!("http://ana:secret@{host}")),
        to(&world, &url.replace("/acme/", "/other/").replace("/workbook/", "/folder/")),
        to(&world, &format!("{url}?:jwt=a.b.c")),
        to(&world, &format!("{url}?%3Ajwt=a.b.c&:embed=true")),
        to(&world, &format!("{url}?x={}", "a".repeat(4096))),
        to(&world, "https://example.org/"),
        to(&world, &format!("https://example.org/{url}")),
        to(&world, "//example.org/"),
        to(&world, "javascript:alert(1)"),
        to(&world, "data:text/html,x"),
        to(&world, "/dashboard"),
        to(&world, "\\\\example.org\\"),
        to(&world, "\u{0}\r\nLocation: https://example.org/"),
    ];
    for input in inputs {
        for how in [As::Frame, As::Navigation, As::Curl] {
            let answer = browser.get(how, &input).await;
            assert_eq!(
                (answer.status, answer.header("sigma-gateway")),
                (StatusCode::NOT_FOUND, Some("embed_unknown")),
                "{input}"
            );
            assert!(answer.header("location").is_none() && !answer.text().contains("example.org"), "{input}");
        }
    }
    assert_eq!(world.audit("mint").len(), 0);
}

#[tokio::test]
async fn a_document_gets_one_script_and_what_a_script_fetches_none() {
    let world = with_script().await;
    let mut browser = world.browser_of("ana").await;
    let page = browser.get(As::Navigation, &world.crm("/dashboard")).await.text();
    let (before, behind) = page.split_once(TAG).expect("a script");
    assert!(before.trim_end().ends_with("<head>") && !behind.contains(TAG), "{page}");
    assert!(browser.get(As::Frame, &world.crm("/dashboard")).await.text().contains(TAG));
    assert!(!browser.get(As::Fetch, &world.crm("/dashboard")).await.text().contains(TAG));
    let head = browser.send(As::Navigation, Method::HEAD, &world.crm("/dashboard"), &[], "").await;
    assert!(head.status == StatusCode::OK && head.text().is_empty());
    for method in [Method::GET, Method::HEAD] {
        let script = Browser::default().send(As::Fetch, method.clone(), &world.crm("/sigma/links.js"), &[], "").await;
        assert_eq!((script.status, script.header("cache-control")), (StatusCode::OK, Some("public, max-age=300")));
        assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(script.text().is_empty(), method == Method::HEAD);
    }
}

#[tokio::test]
async fn a_site_without_the_key_has_no_script_in_its_pages() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    assert!(!browser.get(As::Navigation, &world.crm("/dashboard")).await.text().contains("links.js"));
}
