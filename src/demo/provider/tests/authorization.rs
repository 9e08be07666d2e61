use super::{CALLBACK, Fields, post_fields, provider, query, request, returned, with};
use crate::demo::testing::get;

#[tokio::test]
async fn discovery_names_the_endpoints_and_what_they_can_do() {
    let provider = provider().await;
    let metadata = get(provider.port(), "/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], provider.issuer());
    assert_eq!(metadata["token_endpoint"], format!("{}/token", provider.issuer()));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(provider.fetch_counts().discovery, 1);
    provider.stop().await;
}

#[tokio::test]
async fn the_chooser_has_a_button_per_person_and_keeps_the_request() {
    let provider = provider().await;
    let fields = with(with(request(), "state", "\"><script>"), "login_hint", "ben@example.com");
    let page = get(provider.port(), &format!("/authorize?{}", query(&fields))).await;
    assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
    let text = page.text();
    for id in ["ana", "ben", "cara", "dan", "eve"] {
        assert!(text.contains(&format!("name=\"person\" value=\"{id}\"")), "{id}");
    }
    assert!(text.contains("name=\"nonce\" value=\"the-nonce\"") && !text.contains("<script>"));
    assert!(text.contains("value=\"ben\" autofocus"));
    provider.stop().await;
}

#[tokio::test]
async fn the_chosen_person_goes_back_with_code_state_and_issuer() {
    let provider = provider().await;
    let answer = post_fields(provider.port(), "/authorize", &with(request(), "person", "ana"), &[]).await;
    assert_eq!(answer.status, 303);
    assert!(answer.header("location").starts_with(CALLBACK));
    assert_eq!(returned(&answer, "code").unwrap().len(), 43);
    assert_eq!(returned(&answer, "state").as_deref(), Some("the-state"));
    assert_eq!(returned(&answer, "iss").as_deref(), Some(provider.issuer()));
    provider.stop().await;
}

#[tokio::test]
async fn form_post_is_a_page_that_posts_itself() {
    let provider = provider().await;
    let fields = with(with(request(), "response_mode", "form_post"), "person", "ana");
    let page = post_fields(provider.port(), "/authorize", &fields, &[]).await.text();
    assert!(page.contains(&format!("action=\"{CALLBACK}\"")) && page.contains("name=\"state\" value=\"the-state\""));
    provider.stop().await;
}

#[tokio::test]
async fn an_unknown_client_or_redirect_uri_is_never_redirected() {
    let provider = provider().await;
    let bad: [Fields; 4] = [
        with(request(), "client_id", "another"),
        with(request(), "redirect_uri", "http://crm.localhost:8080/oauth2/callback/"),
        with(request(), "redirect_uri", "http://evil.example/oauth2/callback"),
        with(request(), "redirect_uri", ""),
    ];
    for fields in bad {
        let answer = get(provider.port(), &format!("/authorize?{}", query(&fields))).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (400, ""), "{fields:?}");
    }
    provider.stop().await;
}

#[tokio::test]
async fn a_repeated_parameter_is_refused() {
    let provider = provider().await;
    let target = format!("/authorize?{}&state=again", query(&request()));
    assert_eq!(get(provider.port(), &target).await.status, 400);
    provider.stop().await;
}

#[tokio::test]
async fn what_is_missing_is_told_to_the_client() {
    let provider = provider().await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("scope", "email", "invalid_scope"),
        ("state", "", "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("prompt", "none", "login_required"),
        ("person", "mallory", "access_denied"),
    ] {
        let answer = get(provider.port(), &format!("/authorize?{}", query(&with(request(), name, value)))).await;
        assert_eq!(returned(&answer, "error").as_deref(), Some(error), "{name}={value}");
        assert_eq!(returned(&answer, "iss").as_deref(), Some(provider.issuer()));
        assert_eq!(returned(&answer, "code"), None);
    }
    provider.stop().await;
}

#[tokio::test]
async fn sign_out_returns_to_exactly_a_registered_page() {
    let provider = provider().await;
    let page = "http%3A%2F%2Fcrm.localhost%3A8080%2F";
    let hint = "client_id=sigma-gateway&logout_hint=ana%40example.com";
    let there = get(provider.port(), &format!("/logout?{hint}&post_logout_redirect_uri={page}&state=s")).await;
    assert_eq!((there.status.as_u16(), there.header("location")), (303, "http://crm.localhost:8080/?state=s"));
    for (target, status) in [
        (format!("/logout?{hint}"), 200),
        (format!("/logout?{hint}&post_logout_redirect_uri={page}x"), 400),
        (format!("/logout?post_logout_redirect_uri={page}"), 400),
        ("/logout?client_id=another".to_owned(), 400),
    ] {
        assert_eq!(get(provider.port(), &target).await.status, status, "{target}");
    }
    provider.stop().await;
}

#[tokio::test]
async fn sites_may_be_registered_later() {
    let provider = provider().await;
    provider.set_sites(vec!["http://other.localhost:1".to_owned()]);
    let old = get(provider.port(), &format!("/authorize?{}", query(&request()))).await;
    assert_eq!(old.status, 400);
    let fields = with(request(), "redirect_uri", "http://other.localhost:1/oauth2/callback");
    assert_eq!(get(provider.port(), &format!("/authorize?{}", query(&fields))).await.status, 200);
    provider.stop().await;
}
