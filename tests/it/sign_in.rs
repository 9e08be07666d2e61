//! Signing in and out, as a browser sees it.

use http::{Method, StatusCode};
use sigma_gateway::demo::Fault;

use super::{
    browser::{As, Browser},
    world::World,
};

#[tokio::test]
async fn a_page_asked_for_without_a_session_leads_to_the_provider_and_back_to_the_page() {
    let world = World::start().await;
    let mut browser = Browser::default();
    let page = world.sign_in(&mut browser, "ana", &world.crm("/dashboard?tab=2")).await;
    assert_eq!((page.status, page.url.as_str()), (StatusCode::OK, world.crm("/dashboard?tab=2").as_str()));
    assert!(page.text().contains("ana@example.com"));
}

#[tokio::test]
async fn only_a_top_level_get_is_sent_to_the_provider() {
    let world = World::start().await;
    let mut browser = Browser::default();
    let url = world.crm("/dashboard");
    let fetch = browser.get(As::Fetch, &url).await;
    assert_eq!((fetch.status, fetch.json()["reason"].as_str()), (StatusCode::UNAUTHORIZED, Some("not_signed_in")));
    assert!(fetch.json()["login_url"].as_str().unwrap().starts_with("/oauth2/start?rd="));
    let frame = browser.get(As::Frame, &url).await;
    assert_eq!(frame.status, StatusCode::UNAUTHORIZED);
    assert!(frame.text().contains(r#"target="_top""#));
    let form = browser.send(As::Navigation, Method::POST, &url, &[("sec-fetch-site", "same-origin")], "a=b").await;
    assert_eq!(form.status, StatusCode::UNAUTHORIZED);
    assert!(form.text().contains(r#"target="_blank""#));
    let prefetch = browser.send(As::Navigation, Method::GET, &url, &[("sec-purpose", "prefetch")], "").await;
    assert_eq!(prefetch.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.cookie_names("crm.localhost"), Vec::<String>::new());
}

#[tokio::test]
async fn several_tabs_sign_in_at_once_and_each_lands_on_its_own_page() {
    let world = World::start().await;
    let mut browser = Browser::default();
    let first = browser.get(As::Navigation, &world.crm("/notes")).await.location().unwrap();
    let second = browser.get(As::Navigation, &world.crm("/links")).await.location().unwrap();
    for (authorization, path) in [(second, "/links"), (first, "/notes")] {
        let answer = browser.get(As::Navigation, &format!("{authorization}&person=ana")).await;
        let page = browser.visit(answer.location().unwrap().as_str()).await;
        assert_eq!(page.url.path(), path);
    }
}

#[tokio::test]
async fn a_callback_that_finds_no_provider_says_when_to_come_again() {
    let world = World::start().await;
    let mut browser = Browser::default();
    let authorization = browser.get(As::Navigation, &world.crm("/")).await.location().unwrap();
    let callback = browser.get(As::Navigation, &format!("{authorization}&person=ana")).await.location().unwrap();
    world.stand_ins.provider.stop().await;
    let page = browser.get(As::Navigation, callback.as_str()).await;
    assert_eq!(
        (page.status, page.header("sigma-gateway")),
        (StatusCode::SERVICE_UNAVAILABLE, Some("provider_unreachable"))
    );
    assert_eq!(page.header("retry-after"), Some("30"));
}

#[tokio::test]
async fn a_callback_without_its_cookie_gets_a_page_that_names_the_likely_cause() {
    let world = World::start().await;
    let mut browser = Browser::default();
    let authorization = browser.get(As::Navigation, &world.crm("/")).await.location().unwrap();
    let callback = browser.get(As::Navigation, &format!("{authorization}&person=ana")).await.location().unwrap();
    let page = Browser::default().get(As::Navigation, callback.as_str()).await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::BAD_REQUEST, Some("attempt_missing")));
    assert!(page.text().contains("cookies are blocked") && page.header("set-cookie").is_none());
}

#[tokio::test]
async fn a_provider_that_lies_is_refused_with_a_named_reason() {
    let world = World::start().await;
    let lies = [
        (Fault::WrongIssuer, "token_iss"),
        (Fault::WrongAudience, "token_aud"),
        (Fault::WrongNonce, "token_nonce"),
        (Fault::Unsigned, "token_alg"),
        (Fault::Hs256WithPublicKey, "token_alg"),
        (Fault::OtherKeySameKid, "token_signature"),
        (Fault::Expired, "token_time"),
        (Fault::IssuedInFuture, "token_time"),
    ];
    for (fault, reason) in lies {
        world.stand_ins.provider.set_fault(Some(fault));
        let mut browser = Browser::default();
        let page = world.sign_in(&mut browser, "ana", &world.crm("/")).await;
        assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::FORBIDDEN, Some(reason)), "{fault:?}");
        assert_eq!(browser.cookie("crm.localhost", "__Host-sg"), None, "{fault:?}");
    }
    world.stand_ins.provider.set_fault(None);
    let page = world.sign_in(&mut Browser::default(), "ana", &world.crm("/")).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn a_changed_foreign_or_oversized_session_cookie_means_signed_out_and_never_an_error() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let good = browser.cookie("crm.localhost", "__Host-sg").unwrap().to_owned();
    let mut changed = good.clone();
    changed.replace_range(40..41, if &good[40..41] == "A" { "B" } else { "A" });
    let foreign = browser.cookie("crm-signed.localhost", "__Host-sg").unwrap().to_owned();
    for value in [changed, foreign, "x".repeat(6_000), String::new(), "%00\u{7f}".replace('\u{7f}', "~")] {
        browser.set_cookie("crm.localhost", "__Host-sg", &value);
        let page = browser.get(As::Navigation, &world.crm("/")).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{value:.20}");
    }
    browser.set_cookie("crm.localhost", "__Host-sg", &good);
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    world.clock.advance(8 * 3600 - 60);
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
    world.clock.advance(60);
    assert_eq!(browser.get(As::Fetch, &world.crm("/")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_at_the_provider_and_forgets_the_applications_cookies() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    browser.set_cookie("crm.localhost", "JSESSIONID", "of-ana");
    let answer = browser.get(As::Navigation, &world.crm("/oauth2/sign_out")).await;
    let location = answer.location().unwrap();
    assert_eq!(location.host_str(), Some("login.localhost"));
    let pairs: std::collections::HashMap<_, _> = location.query_pairs().into_owned().collect();
    assert_eq!(pairs["client_id"], "sigma-gateway");
    assert_eq!(pairs["logout_hint"], "ana@example.com");
    assert_eq!(pairs["post_logout_redirect_uri"], world.crm("/"));
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
async fn another_person_on_the_same_browser_does_not_inherit_the_applications_cookies() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    browser.set_cookie("crm.localhost", "JSESSIONID", "of-ana");
    world.sign_in(&mut browser, "ana", &world.crm("/oauth2/start?rd=/notes")).await;
    assert_eq!(browser.cookie("crm.localhost", "JSESSIONID"), Some("of-ana"));
    world.sign_in(&mut browser, "ben", &world.crm("/oauth2/start?rd=/whoami")).await;
    assert_ne!(browser.cookie("crm.localhost", "JSESSIONID"), Some("of-ana"));
}

#[tokio::test]
async fn a_browser_that_keeps_no_session_is_told_so_after_three_rounds() {
    let world = World::start().await;
    let mut browser = Browser::default();
    for _ in 0..3 {
        let authorization = browser.get(As::Navigation, &world.crm("/")).await.location().unwrap();
        let callback = browser.get(As::Navigation, &format!("{authorization}&person=ana")).await.location().unwrap();
        assert_eq!(browser.get(As::Navigation, callback.as_str()).await.status, StatusCode::SEE_OTHER);
        browser.forget_cookie("crm.localhost", "__Host-sg");
    }
    let page = browser.get(As::Navigation, &world.crm("/")).await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::BAD_REQUEST, Some("login_loop")));
}

#[tokio::test]
async fn a_provider_that_is_down_at_start_does_not_stop_the_gateway() {
    let world = World::start().await;
    world.stand_ins.provider.set_fault(Some(Fault::Down));
    let page = Browser::default().get(As::Curl, &world.crm("/public/info")).await;
    assert_eq!(page.status, StatusCode::OK);
}

#[tokio::test]
async fn a_return_target_on_another_site_is_replaced_by_the_front_page() {
    let world = World::start().await;
    for target in ["//evil.test/", "https://evil.test/", "/%5cevil.test", "/oauth2/sign_out", "%2f%2fevil.test"] {
        let url = world.crm(&format!("/oauth2/start?rd={target}"));
        let page = world.sign_in(&mut Browser::default(), "ana", &url).await;
        assert_eq!(page.url.as_str(), world.crm("/"), "{target}");
    }
}

#[tokio::test]
async fn a_session_of_another_provider_is_no_session_of_the_site() {
    let other = |text: String| {
        let identity = text.split("[identity.login]").nth(1).unwrap().split("\n[").next().unwrap().to_owned();
        text.replace("[[site]]\n", "[[site]]\nsign_in = \"login\"\n") + "\n[identity.other]" + &identity
    };
    let world = World::with(other).await;
    let mut browser = world.browser_of("ana").await;
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
    let mut config = (*world.gateway.shared.config.load_full()).clone();
    for site in &mut config.sites {
        std::sync::Arc::make_mut(site).sign_in = sigma_gateway::identity::ProviderName("other".to_owned());
    }
    world.gateway.shared.config.store(std::sync::Arc::new(config));
    assert_eq!(browser.get(As::Fetch, &world.crm("/")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_frame_signs_nobody_out_and_the_link_in_it_does() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/oauth2/sign_out");
    for destination in ["iframe", "frame", "object", "embed"] {
        for site in ["same-origin", "same-site", "cross-site", "none"] {
            for method in [Method::GET, Method::POST] {
                let metadata = [("sec-fetch-dest", destination), ("sec-fetch-site", site)];
                let page = browser.send(As::Frame, method, &url, &metadata, "").await;
                assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::OK, Some("confirm_sign_out")));
                assert!(page.text().contains(r#"href="/oauth2/sign_out" target="_top""#), "{}", page.text());
                assert_eq!(page.header("set-cookie"), None);
            }
        }
    }
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
    let followed = browser.send(As::Navigation, Method::GET, &url, &[("sec-fetch-site", "same-origin")], "").await;
    assert_eq!((followed.status, followed.header("sigma-gateway")), (StatusCode::SEE_OTHER, Some("signed_out")));
    assert_eq!(browser.get(As::Fetch, &world.crm("/")).await.status, StatusCode::UNAUTHORIZED);
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
