use serde_json::{Value, json};

use super::{claims, claims_with, organization, url_of};
use crate::demo::{
    serve::{bind, port_of},
    sigma::{SigmaOptions, SigmaStandIn},
    testing::{clock, get, post},
};

async fn stand_in() -> (u16, SigmaStandIn) {
    let listener = bind(0, "a test").await.unwrap();
    let options = SigmaOptions { organization: organization(), clock: clock() };
    (port_of(&listener), SigmaStandIn::serve(listener, options))
}

#[tokio::test]
async fn the_page_shows_who_came_in_and_tells_the_parent() {
    let (port, sigma) = stand_in().await;
    let page = get(port, &(url_of(&claims()) + "&Region=%3Cb%3E")).await;
    assert_eq!((page.status.as_u16(), page.header("cache-control")), (200, "no-store"));
    let text = page.text();
    for shown in
        ["ana@example.com", "Finance", "View", "region = EMEA", "workbook:loaded", "addEventListener(\"unload\""]
    {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(text.contains(r#"{ variables: {"Region":"\u003cb>"} }"#) && text.contains("Region = &lt;b&gt;"));
    sigma.stop().await;
}

#[tokio::test]
async fn the_second_use_of_a_url_is_the_replay_page() {
    let (port, sigma) = stand_in().await;
    let url = url_of(&claims());
    assert_eq!(get(port, &url).await.status, 200);
    let replay = get(port, &url).await;
    assert_eq!(replay.status, 401);
    assert!(replay.text().contains("used already") && replay.text().contains("workbook:error"));
    assert_eq!((sigma.stats().opened, sigma.stats().replays), (1, 1));
    sigma.stop().await;
}

#[tokio::test]
async fn a_refused_url_is_not_used_up() {
    let (port, sigma) = stand_in().await;
    assert_eq!(get(port, &url_of(&claims_with("teams", json!(["Nobody"])))).await.status, 400);
    assert_eq!(get(port, &url_of(&claims())).await.status, 200);
    assert_eq!(sigma.stats().refused.get("team_unknown"), Some(&1));
    sigma.stop().await;
}

#[tokio::test]
async fn a_missing_account_type_is_shown_loudly_and_counted() {
    let (port, sigma) = stand_in().await;
    let page = get(port, &url_of(&claims_with("account_type", Value::Null))).await;
    assert!(page.status == 200 && page.text().contains("highest account type"));
    assert_eq!(sigma.stats().missing_account_type, 1);
    sigma.stop().await;
}

#[tokio::test]
async fn refusals_have_statuses_that_tests_can_see() {
    let (port, sigma) = stand_in().await;
    for (target, status) in [
        ("/acme/nothing?:jwt=x".to_owned(), 404),
        ("/acme/ask".to_owned(), 400),
        (url_of(&claims_with("sub", json!("x"))), 403),
        (url_of(&claims_with("exp", json!(1))), 401),
    ] {
        assert_eq!(get(port, &target).await.status, status, "{target}");
    }
    assert_eq!(post(port, &url_of(&claims()), &[], &[]).await.status, 405);
    sigma.stop().await;
}

#[tokio::test]
async fn stats_tell_the_visits_and_a_reset_forgets_them() {
    let (port, sigma) = stand_in().await;
    get(port, &url_of(&claims())).await;
    let stats = get(port, "/stand-in/stats").await.json();
    assert_eq!((&stats["opened"], &stats["visits"][0]["sub"]), (&json!(1), &json!("ana@example.com")));
    assert_eq!(stats["visits"][0]["teams"], json!(["Finance"]));
    post(port, "/stand-in/reset", &[], &[]).await;
    assert_eq!(get(port, &url_of(&claims())).await.status, 200);
    sigma.reset();
    assert_eq!(sigma.stats().opened, 0);
    sigma.stop().await;
}

#[tokio::test]
async fn of_many_uses_at_the_same_time_one_wins() {
    let (port, sigma) = stand_in().await;
    let url = url_of(&claims());
    let uses = futures_util::future::join_all((0..20).map(|_| get(port, &url))).await;
    assert_eq!(uses.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!((sigma.stats().opened, sigma.stats().replays), (1, 19));
    sigma.stop().await;
}
