//! What the host application sees, and what comes back of it.

use http::{Method, StatusCode};

use super::{browser::As, world::World};

#[tokio::test]
async fn the_host_application_sees_the_identity_and_none_of_our_cookies_or_forged_headers() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    browser.set_cookie("crm.localhost", "theme", "dark");
    let forged = [
        ("x-forwarded-email", "ceo@example.com"),
        ("X_Forwarded_User", "ceo"),
        ("x.auth.request.groups", "admin"),
        ("remote-user", "ceo"),
        ("connection", "x-forwarded-for"),
    ];
    let echo = browser.send(As::Navigation, Method::GET, &world.crm("/echo?a=%20b&&c"), &forged, "").await.text();
    let echo = echo.to_ascii_lowercase();
    assert!(echo.contains("/echo?a=%20b&&c"), "{echo}");
    assert!(
        echo.contains("x-forwarded-email: ana@example.com") && echo.contains("x-forwarded-user: user-ana"),
        "{echo}"
    );
    assert!(echo.contains("x-forwarded-for: 127.0.0.1") && echo.contains("x-forwarded-proto: http"), "{echo}");
    assert!(echo.contains("cookie: theme=dark") && !echo.contains("__host-sg"), "{echo}");
    assert!(!echo.contains("ceo") && !echo.contains("admin"), "{echo}");
    assert!(echo.contains(&format!("host: crm.localhost:{}", world.ports.gateway)), "{echo}");
}

#[tokio::test]
async fn a_public_route_forwards_no_identity_at_all() {
    let world = World::with(|text| text.replace("path = \"/public/\"", "path = \"/echo\"")).await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/echo");
    let echo = browser.send(As::Navigation, Method::GET, &url, &[("x-forwarded-user", "ceo")], "").await.text();
    assert!(!echo.contains("user-ana") && !echo.contains("ceo"), "{echo}");
}

#[tokio::test]
async fn a_form_with_its_own_cookie_works_and_absolute_redirects_stay_on_the_site() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let url = world.crm("/notes");
    browser.get(As::Navigation, &url).await;
    assert!(browser.cookie("crm.localhost", "JSESSIONID").is_some());
    let answer = browser.send(As::Navigation, Method::POST, &url, &headers, "note=buy+milk").await;
    assert!(answer.location().unwrap().as_str().starts_with(&world.crm("/")), "{:?}", answer.location());
    let page = browser.visit(answer.location().unwrap().as_str()).await;
    assert!(page.text().contains("buy milk"), "{}", page.text());
}

#[tokio::test]
async fn a_large_upload_arrives_whole() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let body = "0123456789abcdef".repeat(256 * 1024);
    let headers = [("content-type", "application/octet-stream"), ("sec-fetch-site", "same-origin")];
    let page = browser.send(As::Navigation, Method::POST, &world.crm("/upload"), &headers, &body).await;
    let text = page.text().replace([',', ' ', '_'], "");
    assert!(page.status == StatusCode::OK && text.contains(&body.len().to_string()), "{}", page.text());
}

#[tokio::test]
async fn a_download_can_be_resumed() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let url = world.crm("/download/file.bin");
    let part = browser.send(As::Fetch, Method::GET, &url, &[("range", "bytes=10-19")], "").await;
    assert_eq!((part.status, part.body.len()), (StatusCode::PARTIAL_CONTENT, 10));
    let whole = browser.get(As::Fetch, &url).await;
    assert_eq!(part.body, whole.body.slice(10..20));
}

#[tokio::test]
async fn an_upstream_that_is_not_there_is_named_on_a_page_that_says_whose_fault_it_is() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    let (crm, url) = (world.crm("/"), world.ports.upstream());
    world.stand_ins.stop().await;
    let page = browser.get(As::Navigation, &crm).await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::BAD_GATEWAY, Some("upstream_unreachable")));
    assert!(page.text().contains("The gateway works") && !page.text().contains(&url));
}

#[tokio::test]
async fn a_websocket_goes_through_and_needs_a_session_and_the_sites_own_origin() {
    use futures_util::{SinkExt, StreamExt};
    use tokio_tungstenite::tungstenite::{Message, client::IntoClientRequest};
    let world = World::start().await;
    let browser = world.browser_of("ana").await;
    let connect = async |cookie: Option<&str>, origin: &str| {
        let url = world.crm("/ws").replace("http://crm.localhost", "ws://127.0.0.1");
        let mut request = url.into_client_request().unwrap();
        let host = format!("crm.localhost:{}", world.ports.gateway);
        request.headers_mut().insert("host", host.parse().unwrap());
        request.headers_mut().insert("origin", origin.parse().unwrap());
        if let Some(cookie) = cookie {
            request.headers_mut().insert("cookie", format!("__Host-sg={cookie}").parse().unwrap());
        }
        tokio_tungstenite::connect_async(request).await
    };
    let (cookie, origin) = (browser.cookie("crm.localhost", "__Host-sg"), world.ports.link_site());
    let (mut socket, _) = connect(cookie, &origin).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));
    assert!(connect(None, &origin).await.is_err());
    assert!(connect(cookie, "https://evil.test").await.is_err());
}
