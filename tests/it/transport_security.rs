//! `Strict-Transport-Security`: in every answer of an https site as its `hsts` says, in none of a plain one.

use std::{collections::BTreeSet, sync::Arc};

use http::Method;
use sigma_gateway::demo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    browser::{As, Browser, Page},
    world::{World, check},
};

const HSTS: &str = "strict-transport-security";

/// A load balancer with TLS comes in front, and its sites say this; who is signed in stays so.
fn becomes_https(world: &World, lines: &str) {
    let text = demo::config_text(&world.ports).replace("url = \"http://crm", "url = \"https://crm");
    let text = text.replace("deliver = ", &format!("{lines}deliver = "));
    world.gateway.shared.config.store(Arc::new(check(&text, world.stand_ins.secrets())));
}

fn said(page: &Page) -> Vec<&str> {
    page.headers.get_all(HSTS).iter().map(|value| value.to_str().unwrap()).collect()
}

/// Answers of every kind: ours, the host application's, changed and unchanged ones.
async fn answers(world: &World, mut ana: Browser) -> Vec<(String, Page)> {
    let table = [
        (true, As::Navigation, Method::GET, "/dashboard"),
        (true, As::Navigation, Method::GET, "/links"),
        (true, As::Navigation, Method::GET, "/slow-stream"),
        (true, As::Navigation, Method::GET, "/reports/old"),
        (true, As::Navigation, Method::GET, "/nothing-here"),
        (true, As::Fetch, Method::GET, "/api/widgets"),
        (true, As::Fetch, Method::GET, "/static/crm.css"),
        (true, As::Fetch, Method::GET, "/oauth2/userinfo"),
        (true, As::Fetch, Method::GET, "/sigma/api/embeds/revenue"),
        (true, As::Frame, Method::GET, "/sigma/embed/revenue"),
        (true, As::Navigation, Method::GET, "/sigma/embed/revenue"),
        (true, As::Navigation, Method::GET, "/sigma/embed/nothing"),
        (false, As::Navigation, Method::GET, "/public/info"),
        (false, As::Navigation, Method::GET, "/dashboard"),
        (false, As::Frame, Method::GET, "/dashboard"),
        (false, As::Navigation, Method::POST, "/dashboard"),
        (false, As::Fetch, Method::GET, "/dashboard"),
        (false, As::Fetch, Method::GET, "/sigma/style.css"),
        (false, As::Fetch, Method::HEAD, "/sigma/style.css"),
        (false, As::Navigation, Method::GET, "/oauth2/callback?code=x&state=y"),
        (false, As::Navigation, Method::GET, "/sigma/nothing"),
        (true, As::Navigation, Method::GET, "/oauth2/sign_out"),
    ];
    let mut answers = Vec::new();
    for (is_signed_in, how, method, path) in table {
        let mut nobody = Browser::default();
        let browser = if is_signed_in { &mut ana } else { &mut nobody };
        let page = browser.send(how, method.clone(), &world.crm(path), &[], "").await;
        answers.push((format!("{method} {path} as {how:?}: {}", page.status), page));
    }
    answers
}

#[tokio::test]
async fn every_answer_of_an_https_site_has_the_header_and_is_else_as_without_it() {
    let names = |page: &Page| page.headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
    let world = World::start().await;
    let ana = world.browser_of("ana").await;
    becomes_https(&world, "");
    let without = answers(&world, ana.clone()).await;
    becomes_https(&world, "hsts = \"365d\"\n");
    for ((what, with), (other, without)) in answers(&world, ana).await.iter().zip(&without) {
        assert_eq!(what, other);
        assert_eq!((said(with), said(without)), (vec!["max-age=31536000"], vec![]), "{what}");
        let mut expected = names(without);
        expected.insert(HSTS.to_owned());
        assert_eq!(names(with), expected, "{what}");
    }
}

#[tokio::test]
async fn no_answer_of_a_plain_site_has_the_header() {
    let world = World::start().await;
    let ana = world.browser_of("ana").await;
    for (what, page) in answers(&world, ana).await {
        assert_eq!(said(&page), Vec::<&str>::new(), "{what}");
    }
}

#[tokio::test]
async fn a_request_for_no_site_is_told_nothing_of_https() {
    let world = World::start().await;
    becomes_https(&world, "hsts = \"365d\"\n");
    let page = Browser::default().get(As::Navigation, &world.crm("/").replace("crm.", "unknown.")).await;
    assert_eq!((page.header("sigma-gateway"), said(&page)), (Some("unknown_host"), vec![]));
}

#[tokio::test]
async fn what_the_host_application_says_stands_unless_the_site_is_plain_or_says_it_itself() {
    let upstream = own_opinion().await;
    let to_it = |text: String| {
        let line = text.lines().find(|line| line.starts_with("upstream = ")).unwrap().to_owned();
        text.replace(&line, &format!("upstream = \"{upstream}\""))
    };
    let secure = |text: String| text.replace("url = \"http://crm", "url = \"https://crm");
    let with_key = |text: String| text.replace("deliver = ", "hsts = \"0s\"\ndeliver = ");
    let plain = World::with(to_it).await;
    let unchanged = World::with(|text| secure(to_it(text))).await;
    let set = World::with(|text| with_key(secure(to_it(text)))).await;
    for (world, expected) in [(plain, vec![]), (unchanged, vec![OPINION]), (set, vec!["max-age=0"])] {
        let page = Browser::default().get(As::Navigation, &world.crm("/public/info")).await;
        assert_eq!((page.text().as_str(), said(&page)), ("ok", expected));
    }
}

const OPINION: &str = "max-age=9; includeSubDomains; preload";

/// A host application that sends the header itself.
async fn own_opinion() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            drop(tcp.read(&mut [0; 4_096]).await);
            let head =
                format!("HTTP/1.1 200 OK\r\n{HSTS}: {OPINION}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
            drop(tcp.write_all((head + "ok").as_bytes()).await);
        }
    });
    url
}
