//! Embeds in the host application's answers, in both deliveries.

use http::StatusCode;

use super::{browser::As, world::World};

#[tokio::test]
async fn each_html_slot_gets_the_stable_link_and_the_page_nothing_else() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    for path in ["/dashboard", "/customers/acme", "/links"] {
        let page = browser.get(As::Navigation, &world.crm(path)).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        let direct = browser.get(As::Navigation, &(world.ports.upstream() + path)).await;
        // What is behind a sign-in and says nothing is private.
        let lifetime = direct.header("cache-control").unwrap_or("private");
        assert_eq!(page.header("cache-control"), Some(lifetime), "{path}");
        assert_eq!((page.header("etag"), page.header("last-modified")), (None, None), "{path}");
        let link = page.attribute("iframe", "src").unwrap();
        assert!(link.starts_with("/sigma/embed/"), "{path}: {link}");
        let again = browser.get(As::Navigation, &world.crm(path)).await;
        assert_eq!(page.text(), again.text(), "{path}: nothing is random");
        for nothing in ["/sigma/embed.js", ":jwt", "data-sigma-link", "name=\"sg-"] {
            assert!(!page.text().contains(nothing), "{path}: {nothing}");
        }
        let frame = browser.get(As::Frame, &world.crm(&link)).await;
        assert_eq!(browser.get(As::Navigation, &frame.signed_url().unwrap()).await.status, StatusCode::OK);
    }
    assert_eq!(world.stand_ins.sigma.stats().replays, 0);
}

#[tokio::test]
async fn with_signed_delivery_each_frame_has_a_signed_url_that_works_and_each_link_is_stable() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    for path in ["/dashboard", "/customers/acme", "/links"] {
        let page = browser.get(As::Navigation, &world.signed(path)).await;
        assert_eq!(page.header("cache-control"), Some("no-store"), "{path}");
        assert!(page.header("etag").is_none() && page.header("last-modified").is_none(), "{path}");
        let signed = page.attribute("iframe", "src").unwrap();
        assert!(signed.contains(":jwt="), "{path}: {signed:.60}");
        assert!(!page.text().contains("data-sigma-link"), "{path}");
        assert_eq!(browser.get(As::Navigation, &signed).await.status, StatusCode::OK, "{path}");
        assert!(!page.text().contains(r#"<a href="http://sigma"#), "{path}");
    }
    let stats = world.stand_ins.sigma.stats();
    assert_eq!(stats.replays, 0);
    assert_eq!(world.audit("mint").len(), usize::try_from(stats.opened).unwrap());
}

#[tokio::test]
async fn a_gzip_page_is_rewritten_and_stays_gzip() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/dashboard");
    let page = browser.send(As::Navigation, http::Method::GET, &url, &[("accept-encoding", "gzip, br")], "").await;
    assert_eq!(page.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&page.body[..]), &mut text).unwrap();
    assert!(text.contains(r#"src="/sigma/embed/revenue""#), "{text}");
}

#[tokio::test]
async fn an_old_redirect_to_sigma_becomes_the_link_or_the_signed_url() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let link = browser.get(As::Navigation, &world.crm("/reports/old")).await;
    assert!(link.location().unwrap().as_str().starts_with(&world.crm("/sigma/embed/")), "{:?}", link.location());
    let signed = browser.get(As::Navigation, &world.signed("/reports/old")).await;
    assert_eq!(signed.header("cache-control"), Some("no-store"));
    assert_eq!(browser.get(As::Navigation, signed.location().unwrap().as_str()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn urls_in_json_become_links_or_signed_urls_and_nothing_else_changes() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let direct = browser.get(As::Fetch, &(world.ports.upstream() + "/api/widgets")).await;
    let link = browser.get(As::Fetch, &world.crm("/api/widgets")).await;
    assert!(link.json()["widgets"][0]["url"].as_str().unwrap().starts_with(&world.crm("/sigma/embed/")));
    let signed = browser.get(As::Fetch, &world.signed("/api/widgets")).await;
    assert_eq!(signed.header("cache-control"), Some("no-store"));
    let url = signed.json()["widgets"][0]["url"].as_str().unwrap().to_owned();
    assert_eq!(browser.get(As::Navigation, &url).await.status, StatusCode::OK);
    let without_urls = |page: &super::browser::Page| {
        let mut json = page.json();
        for widget in json["widgets"].as_array_mut().unwrap() {
            widget.as_object_mut().unwrap().remove("url");
        }
        json
    };
    assert_eq!(without_urls(&direct), without_urls(&signed));
}

#[tokio::test]
async fn a_slot_that_names_an_unknown_embed_is_left_as_it_is_with_one_warning() {
    let world =
        World::with(|text| text.replace("[embed.revenue]", "[embed.income]").replace("\"revenue\"", "\"income\""))
            .await;
    let mut browser = world.browser_of("ana").await;
    let page = browser.get(As::Navigation, &world.crm("/dashboard")).await;
    assert!(page.text().contains(r#"data-sigma-embed="revenue""#) && page.attribute("iframe", "src").is_none());
    let warnings = world.log("event").into_iter().filter(|line| line["note"] == "unknown_embed");
    assert!(warnings.count() <= 1);
    let metrics = browser.get(As::Curl, &world.admin("/metrics")).await.text();
    assert!(metrics.contains(r#"note="unknown_embed"} 1"#), "{metrics}");
}

#[tokio::test]
async fn a_page_without_a_slot_keeps_every_byte_and_header() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let direct = browser.get(As::Navigation, &(world.ports.upstream() + "/public/info")).await;
    let through = browser.get(As::Navigation, &world.crm("/public/info")).await;
    assert_eq!(direct.body, through.body);
    for name in ["etag", "last-modified", "content-length", "content-type", "cache-control"] {
        assert_eq!(direct.header(name), through.header(name), "{name}");
    }
}

#[tokio::test]
async fn what_holds_a_signed_url_tells_other_sites_no_referrer_and_what_holds_links_says_what_it_said() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    for (visit, path) in [
        (As::Navigation, "/dashboard"),
        (As::Navigation, "/customers/acme"),
        (As::Navigation, "/reports/old"),
        (As::Fetch, "/api/widgets"),
    ] {
        let signed = browser.get(visit, &world.signed(path)).await;
        assert_eq!(signed.header("referrer-policy"), Some("no-referrer, same-origin"), "{path}");
        let link = browser.get(visit, &world.crm(path)).await;
        assert_eq!(link.header("referrer-policy"), None, "{path}");
    }
    // A page whose slots are not known when its head goes out; and one that has none and is known.
    assert_eq!(browser.get(As::Navigation, &world.signed("/public/info")).await.header("referrer-policy"), None);
}
