//! Signing in, as a browser sees it.

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{Method, StatusCode};
use sigma_gateway::demo::{Fault, Secrets};

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
    let text = other(sigma_gateway::demo::config_text(&world.ports));
    let text = text.replace("sign_in = \"login\"", "sign_in = \"other\"");
    let config = super::world::check(&text, world.stand_ins.secrets());
    world.gateway.shared.config.store(std::sync::Arc::new(config));
    assert_eq!(browser.get(As::Fetch, &world.crm("/")).await.status, StatusCode::UNAUTHORIZED);
}

/// A browser on its way back from the provider: the callback's URL, and the cookies of its attempt.
async fn on_the_way_back(world: &World) -> (Browser, String) {
    let mut browser = Browser::default();
    let authorization = browser.get(As::Navigation, &world.crm("/")).await.location().unwrap();
    let callback = browser.get(As::Navigation, &format!("{authorization}&person=ana")).await.location().unwrap();
    (browser, callback.to_string())
}

#[tokio::test]
async fn one_attempt_that_is_sent_a_hundred_times_costs_no_hundred_requests_to_the_provider() {
    let world = World::start().await;
    let (browser, callback) = on_the_way_back(&world).await;
    let replays = (0..100).map(|_| {
        let (mut browser, callback) = (browser.clone(), callback.clone());
        async move { browser.get(As::Navigation, &callback).await }
    });
    let begun = std::time::Instant::now();
    let pages = futures_util::future::join_all(replays).await;
    let seconds = usize::try_from(begun.elapsed().as_secs()).unwrap();
    let asked = world.stand_ins.provider.fetch_counts().token;
    // A second's worth at once, what may wait for its turn, and 20 more for each second that a busy machine takes.
    assert!((1..=45 + 20 * seconds as u64).contains(&(asked as u64)), "{asked} token requests in {seconds} s");
    let busy: Vec<_> = pages.iter().filter(|page| page.header("sigma-gateway") == Some("provider_busy")).collect();
    assert!(busy.len() + 20 * seconds >= 50, "{} were refused in {seconds} s", busy.len());
    for page in busy {
        assert_eq!((page.status, page.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, Some("2")));
        assert!(page.header("set-cookie").is_none(), "the attempt can still end well");
    }
    assert!(pages.iter().any(|page| page.header("sigma-gateway") == Some("signed_in")));
}

#[tokio::test]
async fn a_provider_under_the_same_name_learns_no_code_of_the_one_before() {
    let world = World::start().await;
    let other = World::start().await;
    for (old, new) in [
        (world.ports.issuer(), other.ports.issuer()),
        ("client_id = \"sigma-gateway\"".to_owned(), "client_id = \"another\"".to_owned()),
    ] {
        let (mut browser, callback) = on_the_way_back(&world).await;
        let before = world.gateway.shared.config.load_full();
        let text = sigma_gateway::demo::config_text(&world.ports).replace(&old, &new);
        let config = super::world::check(&text, world.stand_ins.secrets());
        world.gateway.shared.config.store(std::sync::Arc::new(config));
        let page = browser.get(As::Navigation, &callback).await;
        assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::BAD_REQUEST, Some("provider_changed")));
        assert_eq!(world.stand_ins.provider.fetch_counts().token, 0);
        assert_eq!(other.stand_ins.provider.fetch_counts().token, 0);
        world.gateway.shared.config.store(before);
    }
}

#[tokio::test]
async fn two_good_session_cookies_are_both_expired_and_one_sign_in_mends_it() {
    let world = World::start().await;
    let session = async |person: &str| {
        let browser = world.browser_of(person).await;
        browser.cookie("crm.localhost", "__Host-sg").unwrap().to_owned()
    };
    let (first, second) = (session("ana").await, session("ben").await);
    let both = format!("__Host-sg={first}; __Host-sg={second}");
    let lines = |page: &super::browser::Page| -> Vec<String> {
        let lines = page.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned());
        lines.filter(|line| line.starts_with("__Host-sg=")).collect()
    };
    let expired = |page: &super::browser::Page| {
        let lines = lines(page);
        assert!(lines.iter().all(|line| line.contains("Path=/; Max-Age=0") && line.contains("Secure")), "{lines:?}");
        (lines.iter().filter(|line| line.contains("Partitioned")).count(), lines.len())
    };
    for (how, path) in
        [(As::Navigation, "/"), (As::Fetch, "/"), (As::Frame, "/sigma/embed/revenue"), (As::Navigation, "/public/info")]
    {
        let page = Browser::default().send(how, Method::GET, &world.crm(path), &[("cookie", &both)], "").await;
        assert_eq!(expired(&page), (1, 2), "{how:?} {path}");
        assert!(!page.text().contains("ana@example.com") && !page.text().contains("ben@example.com"));
    }
    // What may be stored for everybody signs nobody out.
    let style = world.crm("/sigma/style.css");
    let style = Browser::default().send(As::Fetch, Method::GET, &style, &[("cookie", &both)], "").await;
    assert_eq!(expired(&style), (0, 0));
    // One that does not open does not hurt a good one, and is left alone: nobody knows which of the two is which.
    let one_bad = format!("__Host-sg={first}; __Host-sg=forged");
    let page = Browser::default().send(As::Navigation, Method::GET, &world.crm("/"), &[("cookie", &one_bad)], "").await;
    assert_eq!((page.status, expired(&page)), (StatusCode::OK, (0, 0)));
    // The browser that was told so signs in again, once.
    let mut browser = Browser::default();
    let page = world.sign_in(&mut browser, "ana", &world.crm("/")).await;
    assert_eq!(page.status, StatusCode::OK);
    let again = browser.get(As::Navigation, &world.crm("/oauth2/start?rd=/")).await.location().unwrap();
    let callback = browser.get(As::Navigation, &format!("{again}&person=ana")).await.location().unwrap();
    let page = browser.get(As::Navigation, callback.as_str()).await;
    let lines = lines(&page);
    // A browser without partitions takes them all for one cookie: the new one comes last.
    let is_end = |line: &String| line.contains("Max-Age=0");
    assert_eq!(lines.iter().map(is_end).collect::<Vec<_>>(), [true, true, false], "{lines:?}");
    assert!(lines[1].contains("Partitioned") && !lines[2].contains("Partitioned"), "{lines:?}");
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_from_the_future_is_no_session_and_the_cause_is_logged() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    world.clock.advance(-50);
    assert_eq!(browser.get(As::Navigation, &world.crm("/")).await.status, StatusCode::OK);
    world.clock.advance(-100);
    assert_eq!(browser.get(As::Fetch, &world.crm("/")).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn another_issuer_under_the_same_name_is_another_person() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    browser.set_cookie("crm.localhost", "JSESSIONID", "of-ana");
    // The session is of an issuer that had the name before, and sealed with the key that is in force now.
    let former = World::start().await;
    let secrets =
        Secrets { session_key: former.stand_ins.secrets().session_key.clone(), ..world.stand_ins.secrets().clone() };
    let config = super::world::check(&sigma_gateway::demo::config_text(&world.ports), &secrets);
    world.gateway.shared.config.store(std::sync::Arc::new(config));
    let session = former.browser_of("ana").await.cookie("crm.localhost", "__Host-sg").unwrap().to_owned();
    browser.set_cookie("crm.localhost", "__Host-sg", &session);
    world.sign_in(&mut browser, "ana", &world.crm("/whoami")).await;
    assert_ne!(browser.cookie("crm.localhost", "JSESSIONID"), Some("of-ana"));
}

/// A session cookie whose plain text is another, sealed as the program does it and not by it: only the key is needed.
fn resealed(key: &str, site: &str, cookie: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let derived = Salt::new(HKDF_SHA256, b"sigma-gateway cookies").extract(&STANDARD.decode(key).unwrap());
    let key = LessSafeKey::new(UnboundKey::from(derived.expand(&[b"seal"], &AES_256_GCM_SIV).unwrap()));
    let mut sealed = URL_SAFE_NO_PAD.decode(cookie).unwrap();
    // Version, the key's id, nonce.
    let head: Vec<u8> = sealed.drain(..1 + 4 + 12).collect();
    let nonce = || Nonce::try_assume_unique_for_key(&head[5..]).unwrap();
    // Version and purpose.
    let bound = || Aad::from([&[1, 1], site.as_bytes()].concat());
    let mut plain = key.open_in_place(nonce(), bound(), &mut sealed).unwrap().to_vec();
    change(&mut plain);
    key.seal_in_place_append_tag(nonce(), bound(), &mut plain).unwrap();
    URL_SAFE_NO_PAD.encode([head, plain].concat())
}

#[tokio::test]
async fn a_session_of_a_newer_version_is_signed_out_and_no_error() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let key = world.stand_ins.secrets().session_key.expose();
    let session = browser.cookie("crm.localhost", "__Host-sg").unwrap().to_owned();
    let same = resealed(key, "crm.localhost", &session, |_| {});
    browser.set_cookie("crm.localhost", "__Host-sg", &same);
    assert_eq!(browser.get(As::Fetch, &world.crm("/")).await.status, StatusCode::OK);
    let newer = resealed(key, "crm.localhost", &session, |plain| plain[0] += 1);
    browser.set_cookie("crm.localhost", "__Host-sg", &newer);
    let fetch = browser.get(As::Fetch, &world.crm("/")).await;
    assert_eq!((fetch.status, fetch.json()["reason"].as_str()), (StatusCode::UNAUTHORIZED, Some("not_signed_in")));
    let page = world.sign_in(&mut browser, "ana", &world.crm("/")).await;
    assert_eq!(page.status, StatusCode::OK, "and signs in anew");
}
