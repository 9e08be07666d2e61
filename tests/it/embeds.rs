//! The stable link, the embed API and who gets what, against a Sigma that verifies with another JOSE implementation.

use http::{Method, StatusCode};

use super::{
    browser::{As, Browser},
    world::World,
};

#[tokio::test]
async fn each_person_gets_what_the_mappings_say_and_sigma_accepts_it() {
    let world = World::start().await;
    let expected = [
        ("ana", &["Finance"][..], Some("View")),
        ("ben", &["Sales"], Some("Build")),
        ("cara", &["Sales", "Finance"], Some("Build")),
        ("eve", &[], None),
    ];
    for (person, teams, account_type) in expected {
        let mut browser = world.browser_of(person).await;
        world.stand_ins.sigma.reset();
        let link = browser.get(As::Frame, &world.crm("/sigma/embed/revenue")).await;
        assert_eq!((link.status, link.header("cache-control")), (StatusCode::OK, Some("no-store")));
        let opened = browser.get(As::Navigation, &link.signed_url().unwrap()).await;
        assert_eq!(opened.status, StatusCode::OK, "{person}: {}", opened.text());
        let stats = world.stand_ins.sigma.stats();
        assert_eq!((stats.opened, stats.replays, stats.missing_account_type), (1, 0, 0), "{person}");
        assert_eq!(stats.visits[0].sub, format!("{person}@example.com"));
        assert_eq!(stats.visits[0].teams, teams, "{person}");
        assert_eq!(stats.visits[0].account_type.as_deref(), account_type, "{person}");
    }
}

#[tokio::test]
async fn a_signed_url_works_once() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    for how in [As::Frame, As::Navigation] {
        world.stand_ins.sigma.reset();
        let url = browser.get(how, &world.crm("/sigma/embed/revenue")).await.signed_url().unwrap();
        assert_eq!(browser.get(As::Navigation, &url).await.status, StatusCode::OK);
        assert_eq!(browser.get(As::Navigation, &url).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(world.stand_ins.sigma.stats().replays, 1);
    }
}

#[tokio::test]
async fn somebody_without_a_mapping_uses_the_application_and_reads_in_the_frame_why_there_is_no_embed() {
    let world = World::start().await;
    let mut browser = world.browser_of("dan").await;
    let page = browser.get(As::Navigation, &world.crm("/dashboard")).await;
    assert_eq!(page.status, StatusCode::OK);
    let link = page.attribute("iframe", "src").unwrap();
    let frame = browser.get(As::Frame, &world.crm(&link)).await;
    assert_eq!((frame.status, frame.header("sigma-gateway")), (StatusCode::FORBIDDEN, Some("not_mapped")));
    assert!(frame.text().contains("ask its administrator"));
    assert_eq!(world.audit("refusal")[0]["reason"], "not_mapped");
}

#[tokio::test]
async fn an_embed_is_only_for_the_mappings_that_it_names() {
    let world = World::start().await;
    let mut ana = world.browser_of("ana").await;
    let refused = ana.get(As::Frame, &world.crm("/sigma/embed/pipeline")).await;
    assert_eq!((refused.status, refused.header("sigma-gateway")), (StatusCode::FORBIDDEN, Some("embed_not_allowed")));
    let mut ben = world.browser_of("ben").await;
    assert!(ben.get(As::Frame, &world.crm("/sigma/embed/pipeline")).await.signed_url().is_some());
}

#[tokio::test]
async fn the_embed_page_has_a_url_only_for_whoever_looks_at_it_now() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/sigma/embed/revenue?Region=EMEA&Other=1");
    for (how, method, header) in [
        (As::Frame, Method::GET, ("sec-purpose", "prefetch")),
        (As::Navigation, Method::GET, ("sec-purpose", "prefetch;prerender")),
        (As::Navigation, Method::GET, ("sec-fetch-site", "cross-site")),
        (As::Fetch, Method::GET, ("x-a", "b")),
        (As::Frame, Method::HEAD, ("x-a", "b")),
    ] {
        let page = browser.send(how, method.clone(), &url, &[header], "").await;
        assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, Some("no-store")), "{header:?}");
        if method == Method::HEAD {
            assert!(page.text().is_empty());
        } else {
            assert_eq!(page.embed_page()["api"], "/sigma/api/embeds/revenue?Region=EMEA");
            assert!(page.signed_url().is_none() && !page.text().contains("ana"), "nothing about a person");
        }
    }
    assert_eq!(world.audit("mint").len(), 0);
    for how in [As::Frame, As::Navigation] {
        assert!(browser.get(how, &url).await.signed_url().unwrap().contains("&Region=EMEA"));
    }
    assert_eq!(world.audit("mint").len(), 2);
}

#[tokio::test]
async fn without_fetch_metadata_the_stable_link_leads_to_sigma() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let link = browser.get(As::Curl, &world.crm("/sigma/embed/revenue")).await;
    assert_eq!((link.status, link.header("cache-control")), (StatusCode::SEE_OTHER, Some("no-store")));
    let opened = browser.get(As::Navigation, link.location().unwrap().as_str()).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.text());
}

#[tokio::test]
async fn an_embed_may_lead_to_sigma_in_frames_or_at_the_top() {
    let edit = |key: &str| format!("[embed.revenue]\n{key} = \"redirect\"");
    for (key, in_frame, at_top) in
        [("frame", StatusCode::SEE_OTHER, StatusCode::OK), ("open", StatusCode::OK, StatusCode::SEE_OTHER)]
    {
        let world = World::with(|text| text.replace("[embed.revenue]", &edit(key))).await;
        let mut browser = world.browser_of("ana").await;
        let url = world.crm("/sigma/embed/revenue");
        assert_eq!(browser.get(As::Frame, &url).await.status, in_frame, "{key}");
        assert_eq!(browser.get(As::Navigation, &url).await.status, at_top, "{key}");
    }
}

/// What a service worker passes on of a navigation has neither its destination nor, in Firefox, its mode.
#[tokio::test]
async fn who_is_signed_out_behind_a_service_worker_signs_in_and_a_script_reads_json() {
    let world = World::start().await;
    let mut browser = Browser::default();
    let html = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    for mode in ["navigate", "same-origin"] {
        let passed_on = [html, ("sec-fetch-mode", mode)];
        let page = browser.send(As::Fetch, Method::GET, &world.crm("/dashboard"), &passed_on, "").await;
        assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::SEE_OTHER, Some("sign_in")));
        let referrer = world.crm("/dashboard");
        for link in ["/sigma/embed/revenue", "/reports/revenue.aspx"] {
            let headers = [&passed_on[..], &[("referer", &referrer)]].concat();
            let frame = browser.send(As::Fetch, Method::GET, &world.crm(link), &headers, "").await;
            assert_eq!(frame.status, StatusCode::UNAUTHORIZED, "{link}: no provider lets itself be framed");
            let to = r#"href="/oauth2/start?rd=%2Fdashboard" target="_top""#;
            assert!(frame.text().contains(to), "{}", frame.text());
        }
    }
    let turbo = [html, ("sec-fetch-mode", "cors")];
    for headers in [&[][..], &turbo, &[html, ("x-requested-with", "XMLHttpRequest")], &[("accept", "*/*")]] {
        let answer = browser.send(As::Fetch, Method::GET, &world.crm("/dashboard"), headers, "").await;
        assert_eq!((answer.status, &answer.json()["reason"]), (StatusCode::UNAUTHORIZED, &"not_signed_in".into()));
    }
}

#[tokio::test]
async fn the_stable_link_refuses_what_is_not_a_frame_or_a_tab_of_ours() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/sigma/embed/revenue");
    let cases = [
        (As::Frame, Method::GET, ("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN, "cross_site"),
        (As::Fetch, Method::GET, ("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN, "cross_site"),
        (As::Fetch, Method::GET, ("sec-fetch-dest", "image"), StatusCode::FORBIDDEN, "wrong_destination"),
        (As::Frame, Method::POST, ("x-a", "b"), StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
    ];
    for (how, method, header, status, reason) in cases {
        let answer = browser.send(how, method, &url, &[header], "").await;
        assert_eq!((answer.status, answer.header("sigma-gateway")), (status, Some(reason)));
    }
    let unknown = browser.get(As::Frame, &world.crm("/sigma/embed/nothing")).await;
    assert_eq!((unknown.status, unknown.header("sigma-gateway")), (StatusCode::NOT_FOUND, Some("embed_unknown")));
    assert_eq!(world.audit("mint").len(), 0);
}

#[tokio::test]
async fn a_frame_without_a_session_gets_a_sign_in_link_that_opens_at_the_top() {
    let world = World::start().await;
    let url = world.crm("/sigma/embed/revenue");
    let referrer = world.crm("/dashboard");
    let mut browser = Browser::default();
    let frame = browser.send(As::Frame, Method::GET, &url, &[("referer", &referrer)], "").await;
    assert_eq!(frame.status, StatusCode::UNAUTHORIZED);
    let refusal = frame.embed_page()["refusal"].clone();
    assert_eq!(
        (&refusal["reason"], &refusal["login_url"]),
        (&"not_signed_in".into(), &"/oauth2/start?rd=%2Fdashboard".into())
    );
}

#[tokio::test]
async fn an_old_report_route_answers_as_the_stable_link_does() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    for how in [As::Navigation, As::Frame] {
        let page = browser.get(how, &world.crm("/reports/revenue.aspx")).await;
        assert!(page.signed_url().is_some());
        assert_eq!(page.embed_page()["api"], "/sigma/api/embeds/revenue");
    }
}

#[tokio::test]
async fn the_embed_api_takes_the_identity_from_the_session_only() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/sigma/api/embeds/revenue?userEmail=ceo@example.com&:jwt=x");
    let answer = browser.get(As::Fetch, &url).await;
    let signed = answer.json()["url"].as_str().unwrap().to_owned();
    assert!(answer.json()["expires_at"].is_u64());
    assert_eq!(browser.get(As::Navigation, &signed).await.status, StatusCode::OK);
    assert_eq!(world.stand_ins.sigma.stats().visits[0].sub, "ana@example.com");
    let scripted = ("x-requested-with", "XMLHttpRequest");
    let posted = browser.send(As::Fetch, Method::POST, &url, &[scripted], "").await;
    assert_ne!(posted.json()["url"], signed, "each URL works once");
    let foreign = ("sec-fetch-site", "cross-site");
    for (method, headers) in
        [(Method::GET, &[foreign][..]), (Method::POST, &[foreign, scripted]), (Method::POST, &[("x-a", "b")])]
    {
        let refused = browser.send(As::Fetch, method, &url, headers, "").await;
        assert_eq!(refused.header("sigma-gateway"), Some("cross_site"));
    }
}

#[tokio::test]
async fn an_embed_never_outlives_the_gateways_session() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    world.clock.advance(8 * 3600 - 600);
    browser.get(As::Frame, &world.crm("/sigma/embed/revenue")).await;
    let left = world.audit("mint")[0]["expires_at"].as_u64().unwrap() - world.clock.now().0;
    assert!(left <= 600, "{left}");
}

#[tokio::test]
async fn userinfo_says_who_and_which_grant_and_never_a_token() {
    let world = World::start().await;
    let mut browser = world.browser_of("cara").await;
    let info = browser.get(As::Fetch, &world.crm("/oauth2/userinfo")).await.json();
    assert_eq!((info["email"].as_str(), info["user"].as_str()), (Some("cara@example.com"), Some("user-cara")));
    assert_eq!(info["sigma"]["teams"], serde_json::json!(["Sales", "Finance"]));
    assert!(!info.to_string().contains("eyJ"));
}

#[tokio::test]
async fn the_scripts_events_become_a_metric_of_bounded_cardinality() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/sigma/api/events");
    for body in [r#"{"embed":"revenue","code":"EINVAL"}"#, r#"{"embed":"revenue","code":"made up"}"#, "{", "[]"] {
        let answer = browser.send(As::Fetch, Method::POST, &url, &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
    }
    let metrics = browser.get(As::Curl, &world.admin("/metrics")).await.text();
    assert!(metrics.contains(r#"sigma_gateway_embed_errors_total{embed="revenue",code="EINVAL"} 1"#), "{metrics}");
    assert!(metrics.contains(r#"sigma_gateway_embed_errors_total{embed="revenue",code="OTHER"} 1"#), "{metrics}");
}

#[tokio::test]
async fn events_need_a_session_and_a_body_that_comes() {
    let world = World::start().await;
    let nobody = Browser::default().send(As::Fetch, Method::POST, &world.crm("/sigma/api/events"), &[], "{}").await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn with_no_room_to_hold_an_answer_it_passes_unchanged() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let all = u32::try_from(sigma_gateway::limits::HELD_KIB_MAX).unwrap();
    let taken = std::sync::Arc::clone(&world.gateway.shared.held).try_acquire_many_owned(all).unwrap();
    let page = browser.get(As::Fetch, &world.crm("/api/widgets")).await;
    assert!(page.text().contains("http://sigma.localhost") && page.status == StatusCode::OK);
    drop(taken);
    let page = browser.get(As::Fetch, &world.crm("/api/widgets")).await;
    assert!(!page.text().contains("http://sigma.localhost"));
    assert_eq!(world.gateway.shared.held.available_permits(), sigma_gateway::limits::HELD_KIB_MAX);
}
