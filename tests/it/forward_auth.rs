//! A proxy in front that keeps requests and asks about each: over sockets, with what a browser has.

use http::{Method, StatusCode};

use super::{
    attached::{Front, HEADER, accepting},
    browser::{As, Browser, Page},
    key_server::{FrontKey, KeyServer},
    world::World,
};

const HANDSHAKE: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const TOLD: [&str; 4] =
    ["x-forwarded-user", "x-forwarded-email", "x-forwarded-groups", "x-forwarded-preferred-username"];

/// The demo, whose proxy in front is trusted.
async fn world() -> World {
    World::with(|text| trusting(&text).replace("access = \"off\"", "access = \"stdout\"")).await
}

fn trusting(text: &str) -> String {
    let trusting = text.replacen("\n[session]", "\ntrusted_proxies = [\"127.0.0.1/32\"]\n\n[session]", 1);
    assert_ne!(text, trusting);
    trusting
}

/// Without an upstream; what rewrites answers goes too.
fn only_asked(text: &str) -> String {
    let (head, sites) = text.split_once("[[site]]").unwrap();
    let first = sites.lines().find(|line| line.starts_with("url = ")).unwrap();
    let site = format!("[[site]]\n{first}\nembeds = [\"revenue\", \"pipeline\"]\n");
    trusting(&format!("{head}{site}[[site.route]]\npath = \"/public/\"\naccess = \"public\"\n"))
}

/// What a proxy asks about.
struct Asked<'a> {
    proxy: &'a str,
    method: &'a str,
    /// A whole URL.
    url: &'a str,
}

impl World {
    /// What the proxy is answered; `more` is what the client has sent besides.
    async fn ask(&self, browser: &mut Browser, how: As, asked: Asked<'_>, more: &[(&str, &str)]) -> Page {
        let Asked { proxy, method, url } = asked;
        let (scheme, rest) = url.split_once("://").unwrap();
        let (host, target) = rest.split_at(rest.find('/').unwrap());
        let (path, named) = match proxy {
            "nginx" => ("/oauth2/auth/nginx".to_owned(), vec![("x-original-url", url), ("x-original-method", method)]),
            "envoy" => (format!("/oauth2/auth/envoy{target}"), vec![]),
            other => {
                let named = vec![
                    ("x-forwarded-method", method),
                    ("x-forwarded-proto", scheme),
                    ("x-forwarded-host", host),
                    ("x-forwarded-uri", target),
                ];
                (format!("/oauth2/auth/{other}"), named)
            }
        };
        let method = if proxy == "envoy" { method.parse().unwrap() } else { Method::GET };
        let headers: Vec<_> = more.iter().copied().chain(named).collect();
        browser.send(how, method, &self.crm(&path), &headers, "").await
    }
}

const FORWARDED: [&str; 4] = ["x-forwarded-method", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-uri"];

const fn get<'a>(proxy: &'a str, url: &'a str) -> Asked<'a> {
    Asked { proxy, method: "GET", url }
}

const PROXIES: [&str; 4] = ["nginx", "traefik", "caddy", "envoy"];

fn reason(page: &Page) -> (u16, &str) {
    assert!(page.body.is_empty() && page.header("cache-control") == Some("no-store"), "{page:?}");
    (page.status.as_u16(), page.header("sigma-gateway").unwrap_or_default())
}

/// What the application would be told of people.
fn told(page: &Page) -> Vec<&str> {
    TOLD.iter().map(|name| page.header(name).unwrap_or("missing")).collect()
}

#[tokio::test]
async fn leave_says_everything_of_the_person_and_nothing_that_a_client_says() {
    let world = world().await;
    let mut browser = world.browser_of("ana").await;
    let forged = [("x-forwarded-user", "root"), ("x-forwarded-groups", "admin"), ("x-forwarded-for", "10.0.0.1")];
    for proxy in PROXIES {
        let url = world.crm("/api/widgets?x=1");
        let page = world.ask(&mut browser, As::Fetch, get(proxy, &url), &forged).await;
        assert_eq!(reason(&page), (200, "allowed"), "{proxy}");
        assert_eq!(page.header("x-forwarded-email"), Some("ana@example.com"));
        assert!(told(&page).iter().all(|said| !["missing", "root", "admin"].contains(said)), "{:?}", told(&page));
        let url = world.crm("/public/info");
        let page = world.ask(&mut browser, As::Navigation, get(proxy, &url), &forged).await;
        assert_eq!((reason(&page), told(&page)), ((200, "allowed"), vec![""; 4]), "{proxy}: nobody, on a public route");
    }
    let lines = world.log("access");
    let asked: Vec<_> = lines.iter().filter(|line| line["forward_auth"] == "caddy").collect();
    assert_eq!(asked.len(), 2);
    assert_eq!(
        ["method", "host", "path"].map(|name| asked[0][name].as_str().unwrap()),
        ["GET", "crm.localhost", "/api/widgets"]
    );
    assert!(lines.iter().all(|line| !line["path"].as_str().unwrap().starts_with("/oauth2/auth/")), "{lines:?}");
}

/// From the refusal of the first page to that page, with a query that an `rd` cannot be written around.
#[tokio::test]
async fn whoever_is_sent_to_sign_in_comes_back_to_what_was_asked_about() {
    let world = world().await;
    for (proxy, status) in [("nginx", 401), ("traefik", 302), ("caddy", 302), ("envoy", 302)] {
        for target in ["/reports?x=1&y=2", "/a?u=https://other.example/&v=%26"] {
            let (mut browser, url) = (Browser::default(), world.crm(target));
            let page = world.ask(&mut browser, As::Navigation, get(proxy, &url), &[]).await;
            assert_eq!(reason(&page), (status, "not_signed_in"), "{proxy}");
            assert!(page.header("set-cookie").is_none(), "the proxy might lose it");
            let start = page.header("location").unwrap();
            assert!(start.starts_with(&world.crm("/oauth2/start?")), "{start}");
            let login = browser.get(As::Navigation, start).await;
            let provider = login.location().unwrap();
            let answer = browser.get(As::Navigation, &format!("{provider}&person=ana")).await;
            let back = browser.get(As::Navigation, answer.location().unwrap().as_str()).await;
            assert_eq!(back.location().unwrap().as_str(), url);
            let page = world.ask(&mut browser, As::Navigation, get(proxy, &url), &[]).await;
            assert_eq!(reason(&page), (200, "allowed"));
        }
    }
}

#[tokio::test]
async fn what_is_no_navigation_is_told_no_and_led_nowhere() {
    let world = world().await;
    let browser = &mut Browser::default();
    for proxy in PROXIES {
        let url = world.crm("/x");
        for how in [As::Frame, As::Fetch, As::Curl] {
            let page = world.ask(browser, how, get(proxy, &url), &[]).await;
            assert_eq!((reason(&page), page.header("location")), ((401, "not_signed_in"), None), "{proxy} {how:?}");
        }
        for method in ["POST", "HEAD", "OPTIONS", "DELETE"] {
            let page = world.ask(browser, As::Navigation, Asked { method, ..get(proxy, &url) }, &[]).await;
            assert_eq!((reason(&page), page.header("location")), ((401, "not_signed_in"), None), "{proxy} {method}");
        }
        let prefetch = [("sec-purpose", "prefetch")];
        let page = world.ask(browser, As::Navigation, get(proxy, &url), &prefetch).await;
        assert_eq!((reason(&page), page.header("location")), ((401, "not_signed_in"), None), "{proxy}");
    }
}

/// Its own listener too: without `trusted_proxies` nobody asks.
#[tokio::test]
async fn a_peer_that_is_not_trusted_is_told_nothing() {
    let world = World::start().await;
    let mut browser = world.browser_of("ana").await;
    for proxy in PROXIES {
        let (public, own) = (world.crm("/public/info"), world.crm("/"));
        for url in [&public, &own] {
            let page = world.ask(&mut browser, As::Navigation, get(proxy, url), &[]).await;
            assert_eq!(
                (reason(&page), page.header("x-forwarded-email")),
                ((403, "forward_auth_peer"), None),
                "{proxy}"
            );
        }
    }
}

/// CVE-2021-32637, CVE-2026-40575, CVE-2026-76835, CVE-2024-45410, CVE-2026-39858: whatever cannot be clear is no leave.
#[tokio::test]
async fn a_question_that_does_not_clearly_name_its_request_is_no_leave() {
    let world = world().await;
    let mut browser = world.browser_of("ana").await;
    let public = world.crm("/public/info");
    let odd = [
        ("x_original_url", public.as_str()),
        ("x.original.method", "GET"),
        ("x_forwarded_uri", "/public/info"),
        ("X.Forwarded.Host", "crm.localhost"),
    ];
    for proxy in PROXIES {
        let bare =
            browser.send(As::Navigation, Method::GET, &world.crm(&format!("/oauth2/auth/{proxy}")), &[], "").await;
        assert!(!bare.status.is_success() && bare.location().is_none(), "{proxy}: {bare:?}");
        for name in FORWARDED.iter().chain(&["x-original-url", "x-original-method"]) {
            let nominated = format!("close, {name}");
            let page = world.ask(&mut browser, As::Fetch, get(proxy, &public), &[("connection", &nominated)]).await;
            let own: &[&str] = if proxy == "nginx" { &["x-original-url", "x-original-method"] } else { &FORWARDED };
            let expected = proxy != "envoy" && own.contains(name);
            assert_eq!(reason(&page).0 == 403, expected, "{proxy} {name}: {page:?}");
        }
        let page = world.ask(&mut browser, As::Fetch, get(proxy, &public), &odd).await;
        let expected = if proxy == "envoy" { (200, "allowed") } else { (403, "forward_auth_metadata") };
        assert_eq!(reason(&page), expected, "{proxy}");
    }
}

#[tokio::test]
async fn a_target_that_would_be_refused_by_itself_is_no_leave() {
    let world = world().await;
    let mut browser = world.browser_of("ana").await;
    let host = world.crm("");
    for (url, why) in [
        (format!("{host}/public/../whoami"), "bad_path"),
        (format!("{host}/public/%2e%2e/whoami"), "bad_path"),
        (format!("{host}/public/..;/whoami"), "bad_path"),
        (format!("{host}/public%2f..%2fwhoami"), "bad_path"),
        (format!("{host}//public/info"), "bad_path"),
        (format!("{host}/public/%00"), "bad_path"),
        (format!("{host}/whoami#/public/info"), "bad_path"),
        (format!("{host}/public\\..\\whoami"), "bad_path"),
        ("http://other.example/public/info".to_owned(), "unknown_host"),
        ("http://u@crm.localhost/public/info".to_owned(), "bad_host"),
        (format!("{host}/oauth2/start?rd=/"), "forward_auth_own"),
        (format!("{host}/oauth2/auth/envoy/x"), "forward_auth_own"),
        (format!("{host}/sigma/embed/revenue"), "forward_auth_own"),
        (format!("{host}/sigma/style.css"), "forward_auth_own"),
    ] {
        for proxy in ["nginx", "traefik", "caddy"] {
            let page = world.ask(&mut browser, As::Navigation, get(proxy, &url), &[]).await;
            assert_eq!((reason(&page), page.header("location")), ((403, why), None), "{proxy} {url}");
        }
    }
    for target in
        ["/public%2f..%2fwhoami", "/public/..;/whoami", "//public/info", "/sigma/embed/revenue", "/oauth2/start"]
    {
        let url = world.crm(target);
        assert_eq!(reason(&world.ask(&mut browser, As::Fetch, get("envoy", &url), &[]).await).0, 403, "{target}");
    }
    for method in ["CONNECT", "TRACE"] {
        let page =
            world.ask(&mut browser, As::Fetch, Asked { method, ..get("caddy", &world.crm("/public/info")) }, &[]).await;
        assert_eq!(reason(&page), (403, "bad_method"));
    }
}

#[tokio::test]
async fn a_session_counts_on_its_own_site_whatever_the_host_of_the_question() {
    let world = world().await;
    let mut browser = Browser::default();
    world.sign_in(&mut browser, "ana", &world.crm("/")).await;
    let other = world.signed("/");
    for proxy in ["nginx", "traefik", "caddy"] {
        let page = world.ask(&mut browser, As::Fetch, get(proxy, &other), &[]).await;
        assert_eq!(reason(&page), (401, "not_signed_in"), "{proxy}: the cookie is sealed for the other site");
        let page = world.ask(&mut browser, As::Navigation, get(proxy, &other), &[]).await;
        assert!(page.header("location").unwrap().starts_with(&world.signed("/oauth2/start?")), "{page:?}");
    }
}

#[tokio::test]
async fn a_handshake_of_another_origins_page_is_refused_and_one_of_the_sites_own_is_not() {
    let world = world().await;
    let mut browser = world.browser_of("ana").await;
    let (url, own) = (world.crm("/socket"), world.crm(""));
    for proxy in PROXIES {
        let ask = async |browser: &mut Browser, origin: &str| {
            let handshake = [("origin", origin), ("sec-websocket-key", HANDSHAKE), ("sec-websocket-version", "13")];
            let page = world.ask(browser, As::Curl, get(proxy, &url), &handshake).await;
            (reason(&page).0, reason(&page).1.to_owned())
        };
        assert_eq!(ask(&mut browser, "http://evil.example").await, (403, "cross_site".to_owned()), "{proxy}");
        assert_eq!(ask(&mut browser, "null").await, (403, "cross_site".to_owned()), "{proxy}");
        assert_eq!(ask(&mut browser, &own).await, (200, "allowed".to_owned()), "{proxy}");
        assert_eq!(ask(&mut Browser::default(), &own).await, (401, "not_signed_in".to_owned()), "{proxy}");
    }
}

/// CVE-2026-25748 (authentik): a session cookie that cannot be read is nobody's, and no leave without names.
#[tokio::test]
async fn a_cookie_that_is_no_session_is_nobody() {
    let world = world().await;
    for value in ["x", "", "%", "eyJhbGciOiJub25lIn0.e30."] {
        let mut browser = Browser::default();
        browser.set_cookie("crm.localhost", "__Host-sg", value);
        for proxy in PROXIES {
            let url = world.crm("/whoami");
            let page = world.ask(&mut browser, As::Fetch, get(proxy, &url), &[("user-agent", "GoogleHC/1.0")]).await;
            assert_eq!(reason(&page), (401, "not_signed_in"), "{proxy} {value}");
        }
    }
}

#[tokio::test]
async fn a_site_that_is_only_asked_has_its_embeds_and_sign_in_and_forwards_nothing() {
    let world = World::with(|text| only_asked(&text)).await;
    let mut browser = Browser::default();
    let page = world.sign_in(&mut browser, "ana", &world.crm("/oauth2/start?rd=/reports")).await;
    assert_eq!((page.status, page.header("sigma-gateway")), (StatusCode::NOT_FOUND, Some("no_upstream")));
    assert!(page.text().contains("The application is not reached through the gateway"), "{}", page.text());
    for path in ["/", "/public/info"] {
        let nobody = Browser::default().get(As::Navigation, &world.crm(path)).await;
        assert_eq!(
            (nobody.status, nobody.header("sigma-gateway")),
            (StatusCode::NOT_FOUND, Some("no_upstream")),
            "{path}"
        );
    }
    let url = world.crm("/reports");
    assert_eq!(reason(&world.ask(&mut browser, As::Navigation, get("caddy", &url), &[]).await), (200, "allowed"));
    let link = browser.get(As::Navigation, &world.crm("/sigma/embed/revenue")).await;
    assert!(link.status == StatusCode::OK && link.signed_url().is_some(), "{}", link.text());
    let api = browser.get(As::Fetch, &world.crm("/sigma/api/embeds/revenue")).await;
    assert!(api.json()["url"].as_str().is_some_and(|url| url.contains(":jwt=")), "{}", api.text());
}

/// Nothing is fetched for an answer: Envoy waits for 200 ms.
#[tokio::test]
async fn a_provider_that_cannot_be_reached_delays_no_answer() {
    let dead = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let issuer = format!("issuer = \"http://{}\"", dead.local_addr().unwrap());
    let world = World::with(|text| {
        let old = text.lines().find(|line| line.starts_with("issuer = ")).unwrap().to_owned();
        trusting(&text.replace(&old, &issuer))
    })
    .await;
    let url = world.crm("/x");
    let started = std::time::Instant::now();
    let page = world.ask(&mut Browser::default(), As::Navigation, get("envoy", &url), &[]).await;
    assert_eq!(reason(&page), (302, "not_signed_in"));
    assert!(started.elapsed() < std::time::Duration::from_millis(200), "{:?}", started.elapsed());
}

/// Nobody is signed in again unasked, and the page that says so is not an answer to the proxy.
#[tokio::test]
async fn whoever_has_signed_out_is_led_to_the_page_that_says_so() {
    let world = world().await;
    let mut browser = world.browser_of("ana").await;
    browser.send(As::Navigation, Method::POST, &world.crm("/oauth2/sign_out"), &[], "").await;
    browser.set_cookie("crm.localhost", "__Host-sg-o", "1");
    let url = world.crm("/");
    let page = world.ask(&mut browser, As::Navigation, get("traefik", &url), &[]).await;
    assert_eq!(
        (reason(&page), page.header("location")),
        ((302, "signed_out"), Some(&*world.crm("/oauth2/signed_out")))
    );
    let page = browser.get(As::Navigation, page.header("location").unwrap()).await;
    assert!(page.status == StatusCode::OK && page.text().contains("Signed out"), "{}", page.text());
    let page = world.ask(&mut browser, As::Navigation, get("traefik", &url), &[]).await;
    assert_eq!(reason(&page), (302, "not_signed_in"));
}

/// As in a request of its own: it counts, is refused where it does not verify, and never acts against a session of somebody else.
#[tokio::test]
async fn what_is_attached_counts_in_a_question_too() {
    let (server, key) = (KeyServer::start().await, FrontKey::new("k1"));
    server.publish(&[&key]);
    let world = World::with(|text| trusting(&accepting(&text, true, server.port))).await;
    let front = Front { world, server, key };
    let (url, public) = (front.world.crm("/whoami"), front.world.crm("/public/info"));
    let ana = front.assertion("ana");
    let forged = format!("{}AAAA", &ana[..ana.len() - 4]);
    for proxy in PROXIES {
        let ask = async |browser: &mut Browser, url: &str, line: (&str, &str)| {
            front.world.ask(browser, As::Fetch, get(proxy, url), &[line]).await
        };
        let page = ask(&mut Browser::default(), &url, (HEADER, &ana)).await;
        assert_eq!((reason(&page), page.header("x-forwarded-email")), ((200, "allowed"), Some("ana@example.com")));
        assert!(page.header("set-cookie").is_none(), "{proxy}");
        let page = ask(&mut Browser::default(), &url, (HEADER, &forged)).await;
        assert_eq!(reason(&page), (403, "assertion_signature"), "{proxy}");
        for url in [&url, &public] {
            let page = ask(&mut Browser::default(), url, ("authorization", "Bearer x.y.z")).await;
            assert!(reason(&page).0 == 401 && page.header("www-authenticate").is_some(), "{proxy} {page:?}");
        }
        let mut ben = Browser::default();
        front.world.sign_in(&mut ben, "ben", &front.world.crm("/")).await;
        let page = ask(&mut ben, &url, (HEADER, &ana)).await;
        assert!(!page.status.is_success() && reason(&page).1 == "identity_conflict", "{proxy} {page:?}");
    }
}
