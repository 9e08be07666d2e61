//! A proxy in front that signs people in as well: its person and ours never act for each other.

use http::{Method, StatusCode};

use super::{
    browser::{As, Browser, Page},
    world::World,
};

const HEADER: &str = "X-Front-Email";
const SITE: &str = "crm.localhost";
const ANA: (&str, &str) = (HEADER, "ana@example.com");
const BEN: (&str, &str) = (HEADER, "ben@example.com");

/// Both sites compare.
async fn world() -> World {
    World::with(|text| compared(&text)).await
}

fn compared(text: &str) -> String {
    let compared = text.replace("deliver = ", &format!("same_person = \"{HEADER}\"\ndeliver = "));
    assert_ne!(text, compared);
    compared
}

/// A browser in which Ana is signed in, as the proxy in front says.
async fn ana(world: &World) -> Browser {
    let mut browser = Browser::default();
    sign_in(world, &mut browser, "ana", ANA).await;
    browser
}

/// A round to the provider, where `person` signs in, and back to the page, with what the proxy says all along.
async fn sign_in(world: &World, browser: &mut Browser, person: &str, said: (&str, &str)) -> Page {
    let asked = ask(world, browser, As::Navigation, "/whoami", &[said]).await;
    let provider = asked.location().unwrap_or_else(|| panic!("no redirect: {} {}", asked.status, asked.text()));
    let answer = browser.get(As::Navigation, &format!("{provider}&person={person}")).await;
    let callback = answer.location().unwrap();
    let back = browser.send(As::Navigation, Method::GET, callback.as_str(), &[said], "").await;
    assert_eq!(back.header("sigma-gateway"), Some("signed_in"), "{}", back.text());
    let page = back.location().unwrap();
    browser.send(As::Navigation, Method::GET, page.as_str(), &[said], "").await
}

async fn ask(world: &World, browser: &mut Browser, how: As, path: &str, said: &[(&str, &str)]) -> Page {
    browser.send(how, Method::GET, &world.crm(path), said, "").await
}

fn has_session(browser: &Browser) -> bool {
    browser.cookie(SITE, "__Host-sg").is_some()
}

#[tokio::test]
async fn the_same_person_is_served_and_the_header_never_arrives() {
    let world = world().await;
    let mut browser = ana(&world).await;
    for said in [ANA, (HEADER, "ANA@Example.com")] {
        let page = ask(&world, &mut browser, As::Navigation, "/echo", &[said]).await;
        let text = page.text().to_ascii_lowercase();
        assert!(page.status == StatusCode::OK && text.contains("x-forwarded-email: ana@example.com"), "{text}");
        assert!(!text.contains("front"), "{text}");
    }
    let public = ask(&world, &mut browser, As::Navigation, "/public/info", &[ANA]).await;
    assert_eq!(public.status, StatusCode::OK);
    assert!(!has_audited(&world));
}

fn has_audited(world: &World) -> bool {
    world.audit("refusal").iter().any(|line| line["reason"] == "identity_conflict")
}

#[tokio::test]
async fn another_person_in_front_ends_the_session_and_is_never_served_as_the_first() {
    let world = world().await;
    for (how, path, status) in [
        (As::Navigation, "/whoami", StatusCode::SEE_OTHER),
        (As::Fetch, "/api/widgets", StatusCode::UNAUTHORIZED),
        (As::Frame, "/whoami", StatusCode::UNAUTHORIZED),
        (As::Curl, "/whoami", StatusCode::UNAUTHORIZED),
        (As::Navigation, "/sigma/embed/revenue", StatusCode::SEE_OTHER),
        (As::Frame, "/sigma/embed/revenue", StatusCode::UNAUTHORIZED),
        (As::Fetch, "/sigma/api/embeds/revenue", StatusCode::UNAUTHORIZED),
        (As::Fetch, "/oauth2/userinfo", StatusCode::UNAUTHORIZED),
        (As::Frame, "/reports/revenue.aspx", StatusCode::UNAUTHORIZED),
    ] {
        let mut browser = ana(&world).await;
        browser.set_cookie(SITE, "JSESSIONID", "of-ana");
        let page = ask(&world, &mut browser, how, path, &[BEN]).await;
        assert_eq!(page.status, status, "{path}: {}", page.text());
        if status == StatusCode::UNAUTHORIZED {
            assert_eq!(page.header("sigma-gateway"), Some("identity_conflict"), "{path}");
            assert!(page.text().contains("identity_conflict") && page.text().contains("/oauth2/start"), "{path}");
        }
        assert!(!page.text().contains("ana@") && !has_session(&browser), "{path}: {}", page.text());
        assert_eq!(browser.cookie(SITE, "JSESSIONID"), None, "{path}");
        let line = world.audit("refusal").into_iter().next_back().unwrap();
        assert_eq!((&line["reason"], &line["path"]), (&"identity_conflict".into(), &path.into()), "{line}");
        assert_eq!(
            (&line["user"], &line["email"], &line["same_person"]),
            (&"user-ana".into(), &"ana@example.com".into(), &"ben@example.com".into())
        );
    }
    assert!(world.audit("mint").is_empty());
}

/// A script of the site may have put one into a partition.
#[tokio::test]
async fn another_person_in_front_ends_the_session_in_a_partition_too() {
    let world = world().await;
    for path in ["/whoami", "/public/../whoami", "/sigma/embed/revenue", "/oauth2/userinfo"] {
        for how in [As::Navigation, As::Frame, As::Fetch] {
            let mut browser = ana(&world).await;
            let page = ask(&world, &mut browser, how, path, &[BEN]).await;
            let lines: Vec<_> =
                page.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()).collect();
            let expired: Vec<_> = lines
                .into_iter()
                .filter(|line| line.starts_with("__Host-sg=;") && line.contains("Max-Age=0"))
                .map(|line| line.contains("Partitioned"))
                .collect();
            assert_eq!(expired, [false, true], "{path} {how:?}");
        }
    }
}

#[tokio::test]
async fn a_form_of_another_person_is_not_sent_on() {
    let world = world().await;
    let mut browser = ana(&world).await;
    let headers = [("sec-fetch-site", "same-origin"), BEN];
    let page = browser.send(As::Navigation, Method::POST, &world.crm("/notes"), &headers, "note=x").await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::UNAUTHORIZED, Some("identity_conflict")));
    assert!(page.text().contains(r#"target="_blank""#) && !has_session(&browser));
}

#[tokio::test]
async fn a_proxy_that_says_nothing_or_two_things_makes_a_request_of_nobody_and_the_session_stays() {
    let world = world().await;
    let mut browser = ana(&world).await;
    for said in [
        &[][..],
        &[(HEADER, "")],
        &[(HEADER, "(null)")],
        &[(HEADER, "(NULL)")],
        &[(HEADER, "null")],
        &[(HEADER, "-")],
        &[(HEADER, "\"\"")],
        &[(HEADER, "ana@example.com, ben@example.com")],
        &[("X_Front_Email", "ana@example.com")],
        &[ANA, ("x_front-email", "ana@example.com")],
        &[ANA, ("X.Front.Email", "ben@example.com")],
        &[ANA, ("connection", "x-front-email")],
    ] {
        let fetch = ask(&world, &mut browser, As::Fetch, "/api/widgets", said).await;
        assert_eq!((fetch.status, fetch.json()["reason"].as_str()), (StatusCode::UNAUTHORIZED, Some("not_signed_in")));
        let page = ask(&world, &mut browser, As::Navigation, "/whoami", said).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{said:?}");
        for page in [&fetch, &page] {
            let expired =
                page.headers.get_all("set-cookie").iter().any(|line| line.as_bytes().starts_with(b"__Host-sg="));
            assert!(!expired, "{said:?}");
        }
        assert!(has_session(&browser), "{said:?}");
    }
    let page = ask(&world, &mut browser, As::Navigation, "/whoami", &[ANA]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!has_audited(&world));
    let events = world.log("event");
    let of = |result: &str| events.iter().filter(|line| line["result"] == result && line["level"] == "warn").count();
    assert_eq!((of("missing"), of("doubled"), of("empty"), of("differs")), (1, 1, 1, 0), "{events:?}");
}

#[tokio::test]
async fn signing_in_again_as_the_wrong_person_ends_at_the_limit_of_rounds() {
    let world = world().await;
    // Ben in front, Ana at the provider; and a proxy that says nothing.
    for said in [BEN, (HEADER, "")] {
        let mut browser = Browser::default();
        for _ in 0..2 {
            let page = sign_in(&world, &mut browser, "ana", said).await;
            assert_eq!(page.header("sigma-gateway"), Some("sign_in"), "{said:?}");
        }
        let end = sign_in(&world, &mut browser, "ana", said).await;
        assert_eq!(
            (end.status, end.header("sigma-gateway")),
            (StatusCode::BAD_REQUEST, Some("login_loop")),
            "{said:?}"
        );
    }
    assert!(world.audit("mint").is_empty());
}

#[tokio::test]
async fn a_session_without_an_address_is_nobody_and_is_told_so_at_once() {
    let world = World::with(|text| {
        let edited = text
            .replace("email_domains = [\"example.com\"]", "email_domains = [\"other.test\"]\noutsiders = \"no-embed\"");
        assert_ne!(edited, text);
        compared(&edited)
    })
    .await;
    let mut browser = Browser::default();
    sign_in(&world, &mut browser, "ana", ANA).await;
    for how in [As::Navigation, As::Frame, As::Fetch] {
        let page = ask(&world, &mut browser, how, "/whoami", &[ANA]).await;
        assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::UNAUTHORIZED, Some("identity_conflict")));
        assert!(page.text().contains("/oauth2/start") && has_session(&browser));
    }
}

#[tokio::test]
async fn signing_in_and_out_and_public_routes_are_not_compared() {
    let world = world().await;
    let mut browser = ana(&world).await;
    for said in [&[BEN][..], &[], &[ANA, ("X_Front_Email", "x")]] {
        for path in ["/public/info", "/sigma/style.css", "/oauth2/start?rd=%2F"] {
            let page = ask(&world, &mut browser, As::Navigation, path, said).await;
            assert!(page.status == StatusCode::OK || path.starts_with("/oauth2/"), "{path}: {}", page.status);
            assert!(has_session(&browser), "{path} {said:?}");
        }
    }
    let out = ask(&world, &mut browser, As::Navigation, "/oauth2/sign_out", &[BEN]).await;
    assert_eq!(out.header("sigma-gateway"), Some("signed_out"));
    // The provider is asked about whose session it was.
    assert!(out.location().unwrap().as_str().contains("login_hint"), "{:?}", out.location());
    assert!(!has_session(&browser) && !has_audited(&world));
}

#[tokio::test]
async fn an_optional_route_is_served_to_nobody_and_the_answer_is_stored_nowhere() {
    let world = World::with(|text| {
        compared(
            &text
                .replace("access = \"public\"", "access = \"optional\"")
                .replace("path = \"/public/\"", "path = \"/echo\""),
        )
    })
    .await;
    let mut browser = ana(&world).await;
    let missing = ask(&world, &mut browser, As::Navigation, "/echo", &[]).await;
    assert!(missing.status == StatusCode::OK && !missing.text().contains("ana@") && has_session(&browser));
    let own = ask(&world, &mut browser, As::Navigation, "/echo", &[ANA]).await;
    assert!(own.text().contains("ana@example.com"));
    let differs = ask(&world, &mut browser, As::Navigation, "/echo", &[BEN]).await;
    assert_eq!((differs.status, differs.header("cache-control")), (StatusCode::OK, Some("no-store")));
    assert!(!differs.text().contains("@example.com") && !has_session(&browser), "{}", differs.text());
}

#[tokio::test]
async fn who_signs_in_after_a_difference_is_another_person_for_forget_cookies() {
    let world = world().await;
    let mut browser = ana(&world).await;
    ask(&world, &mut browser, As::Fetch, "/api/widgets", &[BEN]).await;
    browser.set_cookie(SITE, "JSESSIONID", "of-ana");
    let page = sign_in(&world, &mut browser, "ben", BEN).await;
    assert!(page.status == StatusCode::OK && page.text().contains("ben@example.com"), "{}", page.text());
    assert_eq!(browser.cookie(SITE, "JSESSIONID"), None);
}

#[tokio::test]
async fn a_websocket_of_another_person_is_refused() {
    let world = world().await;
    let browser = ana(&world).await;
    let connect = async |said: Option<&str>| {
        use tokio_tungstenite::tungstenite::client::IntoClientRequest;
        let url = world.crm("/ws").replace("http://crm.localhost", "ws://127.0.0.1");
        let mut request = url.into_client_request().unwrap();
        let cookie = format!("__Host-sg={}", browser.cookie(SITE, "__Host-sg").unwrap());
        let lines = [
            ("host", format!("{SITE}:{}", world.ports.gateway)),
            ("origin", world.ports.link_site()),
            ("cookie", cookie),
        ];
        for (name, value) in lines {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        if let Some(said) = said {
            request.headers_mut().insert("x-front-email", said.parse().unwrap());
        }
        tokio_tungstenite::connect_async(request).await.is_ok()
    };
    assert!(connect(Some("ana@example.com")).await);
    assert!(!connect(None).await && !connect(Some("")).await && !connect(Some("ben@example.com")).await);
}

#[tokio::test]
async fn a_site_without_the_key_compares_nothing() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let page = ask(&world, &mut browser, As::Navigation, "/echo", &[BEN]).await;
    assert!(page.text().to_ascii_lowercase().contains("x-front-email: ben@example.com"), "{}", page.text());
    let managed = ask(&world, &mut browser, As::Navigation, "/echo", &[("X-Forwarded-Email", "ben@example.com")]).await;
    assert!(managed.text().contains("ana@example.com") && !managed.text().contains("ben@"), "{}", managed.text());
}
