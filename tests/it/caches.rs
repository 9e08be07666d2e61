//! What caches may keep of the host application's answers.

use http::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    browser::{As, Browser, Page},
    world::World,
};

/// An application that answers with the status and the header lines that the query names: `200&cache-control: public`.
async fn application() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    if tcp.read_buf(&mut head).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let head = String::from_utf8(head).unwrap();
                let query = head.split(' ').nth(1).and_then(|target| target.split_once('?')).unwrap_or_default().1;
                let query = percent_encoding::percent_decode_str(query).decode_utf8().unwrap().into_owned();
                let (status, lines) = query.split_once('&').unwrap_or((&query, ""));
                let lines: String =
                    lines.split('&').filter(|line| !line.is_empty()).map(|line| format!("{line}\r\n")).collect();
                let body = if status == "304" { "" } else { "Content-Length: 2\r\n\r\nok" };
                let end = if body.is_empty() { "\r\n" } else { "" };
                let answer = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{lines}{body}{end}");
                let _ = tcp.write_all(answer.as_bytes()).await;
            });
        }
    });
    format!("http://{address}")
}

async fn world(more: &str) -> World {
    let upstream = application().await;
    World::with(|text| {
        let lines = text.lines().map(|line| {
            let is_upstream = line.starts_with("upstream = ");
            if is_upstream { format!("upstream = \"{upstream}\"\n{more}") } else { line.to_owned() }
        });
        let optional = "[[site.route]]\npath = \"/optional/\"\naccess = \"optional\"\n";
        lines.collect::<Vec<_>>().join("\n").replacen("[[site.insert]]", &format!("{optional}\n[[site.insert]]"), 1)
    })
    .await
}

async fn ask(world: &World, browser: &mut Browser, method: Method, path: &str, said: &str) -> Page {
    let said = percent_encoding::utf8_percent_encode(said, percent_encoding::NON_ALPHANUMERIC);
    let headers = [("sec-fetch-site", "same-origin")];
    browser.send(As::Fetch, method, &world.crm(&format!("{path}?{said}")), &headers, "").await
}

async fn cache_control(world: &World, browser: &mut Browser, path: &str, said: &str) -> Vec<String> {
    let page = ask(world, browser, Method::GET, path, said).await;
    page.headers.get_all("cache-control").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

const PUBLIC: &str = "200&content-type: text/plain&cache-control: public, max-age=60&x-accel-expires: 60";

#[tokio::test]
async fn an_answer_behind_a_sign_in_is_private_where_it_was_public_or_silent() {
    let world = world("").await;
    let mut browser = world.browser_of("ana").await;
    for (said, expected) in [
        (PUBLIC, "max-age=60, private"),
        ("200&content-type: text/plain", "private"),
        ("200&content-type: image/png&cache-control: public,s-maxage=9", "private"),
        ("200&expires: Wed, 09 Jun 2037 10:18:14 GMT", "private"),
        ("200&cache-control: max-age=60&cache-control: public", "max-age=60, private"),
        ("200&cache-control: no-store", "no-store"),
        ("200&cache-control: private,max-age=5", "private,max-age=5"),
        ("304&etag: \"1\"", "private"),
        ("206&content-range: bytes 0-1/5&cache-control: public", "private"),
        ("301&location: /a", "private"),
        ("404&cache-control: public, max-age=5", "max-age=5, private"),
        ("500", "private"),
    ] {
        for path in ["/a", "/optional/a"] {
            assert_eq!(cache_control(&world, &mut browser, path, said).await, [expected], "{path} {said}");
        }
    }
    for method in [Method::POST, Method::HEAD, Method::DELETE] {
        let page = ask(&world, &mut browser, method, "/a", PUBLIC).await;
        assert_eq!(page.header("cache-control"), Some("max-age=60, private"));
        assert_eq!(page.header("x-accel-expires"), None);
    }
    let nobody = cache_control(&world, &mut Browser::default(), "/optional/a", PUBLIC).await;
    assert_eq!(nobody, ["max-age=60, private"]);
}

#[tokio::test]
async fn an_answer_of_a_public_route_stays_as_it_is() {
    let world = world("").await;
    let mut browser = world.browser_of("ana").await;
    let page = ask(&world, &mut browser, Method::GET, "/public/a", PUBLIC).await;
    assert_eq!((page.status, page.header("cache-control")), (StatusCode::OK, Some("public, max-age=60")));
    assert_eq!(page.header("x-accel-expires"), Some("60"));
    assert_eq!(cache_control(&world, &mut browser, "/public/a", "200").await, Vec::<String>::new());
}

#[tokio::test]
async fn shared_assets_leave_images_scripts_and_styles_as_they_are() {
    let world = world("shared_assets = true").await;
    let mut browser = world.browser_of("ana").await;
    for content_type in ["image/png", "text/javascript", "text/css"] {
        let said = format!("200&content-type: {content_type}&cache-control: public, s-maxage=9");
        assert_eq!(cache_control(&world, &mut browser, "/a", &said).await, ["public, s-maxage=9"], "{content_type}");
        let silent = format!("200&content-type: {content_type}");
        assert_eq!(cache_control(&world, &mut browser, "/a", &silent).await, Vec::<String>::new(), "{content_type}");
    }
    for said in [PUBLIC, "200&content-type: text/html&cache-control: public, max-age=60"] {
        assert_eq!(cache_control(&world, &mut browser, "/a", said).await, ["max-age=60, private"], "{said}");
    }
}
