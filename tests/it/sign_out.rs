//! What signs somebody out, and what does not.

use http::{Method, StatusCode};

use super::{browser::As, world::World};

#[tokio::test]
async fn signing_out_ends_the_session_here_asks_the_provider_silently_and_forgets_the_applications_cookies() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    browser.set_cookie("crm.localhost", "JSESSIONID", "of-ana");
    let answer = browser.get(As::Navigation, &world.crm("/oauth2/sign_out")).await;
    let location = answer.location().unwrap();
    assert_eq!(location.host_str(), Some("login.localhost"));
    let pairs: std::collections::HashMap<_, _> = location.query_pairs().into_owned().collect();
    assert_eq!((pairs["client_id"].as_str(), pairs["prompt"].as_str()), ("sigma-gateway", "none"));
    assert_eq!(pairs["login_hint"], "ana@example.com");
    let left = browser.cookie_names("crm.localhost");
    assert!(matches!(&left[..], [attempt] if attempt.starts_with("__Host-sg-l-")), "{left:?}");
    // Nobody is ever signed in at this provider: there is nothing to hand over.
    let back = browser.get(As::Navigation, location.as_str()).await.location().unwrap();
    let page = browser.get(As::Navigation, back.as_str()).await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::OK, Some("signed_out")));
    assert_eq!(browser.cookie_names("crm.localhost"), Vec::<String>::new());
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_out_without_asking() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/oauth2/sign_out");
    let page = browser.send(As::Navigation, Method::GET, &url, &[("sec-fetch-site", "cross-site")], "").await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::OK, Some("confirm_sign_out")));
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_frame_signs_nobody_out_and_the_form_in_it_does() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/oauth2/sign_out");
    for destination in ["iframe", "frame", "object", "embed"] {
        for site in ["same-origin", "same-site", "cross-site", "none"] {
            for method in [Method::GET, Method::POST] {
                let metadata = [("sec-fetch-dest", destination), ("sec-fetch-site", site)];
                let page = browser.send(As::Frame, method, &url, &metadata, "").await;
                assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::OK, Some("confirm_sign_out")));
                assert!(
                    page.text().contains(r#"method="post" action="/oauth2/sign_out" target="_top""#),
                    "{}",
                    page.text()
                );
                assert_eq!(page.header("set-cookie"), None);
            }
        }
    }
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
    let followed = browser.send(As::Navigation, Method::POST, &url, &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!((followed.status, followed.header("sigma-gateway")), (StatusCode::SEE_OTHER, Some("signed_out")));
    assert_eq!(browser.get(As::Fetch, &world.crm("/")).await.status, StatusCode::UNAUTHORIZED);
}

/// It does not say whether of a tab or of a stored frame.
#[tokio::test]
async fn what_a_service_worker_passes_on_asks_first_and_its_form_signs_out() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/oauth2/sign_out");
    let passed_on = [("accept", "text/html,*/*"), ("sec-fetch-mode", "navigate")];
    let page = browser.send(As::Fetch, Method::GET, &url, &passed_on, "").await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::OK, Some("confirm_sign_out")));
    assert!(page.text().contains(r#"method="post" action="/oauth2/sign_out""#), "{}", page.text());
    let out = browser.send(As::Fetch, Method::POST, &url, &passed_on, "").await;
    assert_eq!((out.status, out.header("sigma-gateway")), (StatusCode::SEE_OTHER, Some("signed_out")));
}

#[tokio::test]
async fn an_image_signs_nobody_out() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/oauth2/sign_out");
    let image = browser.send(As::Fetch, Method::GET, &url, &[("sec-fetch-dest", "image")], "").await;
    assert_eq!((image.status, image.header("sigma-gateway")), (StatusCode::FORBIDDEN, Some("wrong_destination")));
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
}

/// A stored `<link rel=preload as=fetch>`, `<img attributionsrc>` or `<a ping>`, and the frame of an older browser.
#[tokio::test]
async fn what_a_stored_element_loads_signs_nobody_out_and_a_script_does_by_post() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/oauth2/sign_out");
    let (own, none) = (("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none"));
    let ping_to = ("ping-to", "http://crm.localhost/");
    let ping = ("content-type", "text/ping");
    let empty = ("sec-fetch-dest", "empty");
    let no_cors = ("sec-fetch-mode", "no-cors");
    for (how, method, headers) in [
        (As::Fetch, Method::GET, &[own][..]),
        (As::Fetch, Method::GET, &[none]),
        (As::Fetch, Method::GET, &[own, no_cors]),
        (As::Curl, Method::GET, &[empty]),
        (As::Curl, Method::GET, &[own, no_cors]),
        (As::Fetch, Method::POST, &[own, no_cors, ping_to, ping]),
        (As::Fetch, Method::POST, &[own, ping_to]),
        (As::Fetch, Method::POST, &[own, ("content-type", "Text/Ping; charset=utf-8")]),
        (As::Navigation, Method::POST, &[own, ping_to]),
        (As::Curl, Method::POST, &[ping_to, ping]),
        (As::Curl, Method::POST, &[("ping-from", "http://crm.localhost/")]),
    ] {
        let page = browser.send(how, method, &url, headers, "").await;
        let (status, reason) = (page.status, page.header("sigma-gateway"));
        assert_eq!((status, reason), (StatusCode::FORBIDDEN, Some("wrong_destination")), "{how:?} {headers:?}");
        assert_eq!(page.header("set-cookie"), None);
    }
    let nested = [own, ("sec-fetch-mode", "nested-navigate"), ("accept", "text/html")];
    let frame = browser.send(As::Curl, Method::GET, &url, &nested, "").await;
    assert_eq!((frame.status, frame.header("sigma-gateway")), (StatusCode::OK, Some("confirm_sign_out")));
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
    for (how, method, headers) in [
        (As::Fetch, Method::POST, &[own][..]),
        (As::Fetch, Method::POST, &[own, ("content-type", "text/plain")]),
        (As::Navigation, Method::POST, &[own]),
        (As::Navigation, Method::GET, &[own]),
        (As::Curl, Method::GET, &[]),
        (As::Curl, Method::POST, &[]),
        // What Node's fetch sends.
        (As::Curl, Method::GET, &[("sec-fetch-mode", "cors")]),
    ] {
        let page = world.browser_of("ana").await.send(how, method, &url, headers, "").await;
        assert_eq!(page.header("sigma-gateway"), Some("signed_out"), "{how:?} {headers:?}");
    }
}
