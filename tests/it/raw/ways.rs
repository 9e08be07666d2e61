//! Other names of a site, the address that only redirects, applications by path, bodies that get a length, waits, and answers that
//! are cut.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{
    client::{Answers, Wire},
    lab::{Lab, routed},
    recorder::Recorder,
};
use crate::world::World;

/// The configuration with a line more for the first site.
fn with_line(text: &str, line: &str) -> String {
    text.replacen("\nupstream = ", &format!("\n{line}\nupstream = "), 1)
}

/// Sends bytes to an address and reads until its end.
async fn exchange(address: SocketAddr, bytes: &str) -> Answers {
    let mut wire = Wire::open(address).await;
    wire.send(bytes.as_bytes()).await;
    wire.finish().await
}

/// A host application that answers every request with these bytes; then it closes, or says nothing more.
async fn says(answer: String, closes: bool) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let answer = answer.replace("@SELF", &address.to_string()).replace("@PORT", &address.port().to_string());
            tokio::spawn(async move {
                drop(tcp.read(&mut [0; 4096]).await);
                drop(tcp.write_all(answer.as_bytes()).await);
                if closes {
                    return;
                }
                while tcp.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {}
            });
        }
    });
    address
}

#[tokio::test]
async fn another_name_of_a_site_leads_to_the_same_path_there_and_nothing_is_forwarded() {
    let lab = Lab::with(|text| with_line(&text, "aliases = [\"old.localhost\"]")).await;
    for (line, target) in [("GET", "/public/a%20b?x=1&&y"), ("POST", "/"), ("GET", "/oauth2/start?rd=/x")] {
        let bytes = format!(
            "{line} {target} HTTP/1.1\r\nHost: OLD.localhost:81\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let answers = lab.exchange(bytes).await;
        let answer = &answers.list[0];
        let there = format!("http://{}{target}", lab.host());
        assert_eq!((answer.status(), answer.header("location")), (308, Some(there.as_str())), "{}", answers.text());
        assert_eq!(answer.header("sigma-gateway"), Some("alias"));
        assert!(answer.header("set-cookie").is_none() && answer.header("cache-control") == Some("no-store"));
    }
    assert!(lab.requests().is_empty());
    let metrics = lab.world.metrics();
    assert!(metrics.contains(r#"requests_total{site="-",status="308",reason="alias"} 3"#), "{metrics}");
}

#[tokio::test]
async fn the_address_that_redirects_knows_every_name_of_a_site_and_forwards_nothing() {
    let lab = Lab::with(|text| {
        with_line(&text, "aliases = [\"old.localhost\"]")
            .replace("\n[session]", "\nredirect = \"127.0.0.1:0\"\n\n[session]")
    })
    .await;
    let address = lab.world.gateway.redirect.unwrap();
    let ask = async |target: &str, host: &str| {
        exchange(address, &format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await
    };
    for host in ["crm.localhost", "old.localhost:80"] {
        let answers = ask("/public/x?y=1", host).await;
        let there = format!("http://{}/public/x?y=1", lab.host());
        let answer = &answers.list[0];
        assert_eq!((answer.status(), answer.header("location")), (308, Some(there.as_str())), "{}", answers.text());
        assert_eq!(answer.header("sigma-gateway"), Some("https"));
    }
    for (target, host, status) in [
        ("/", "evil.example", 421),
        ("/", "crm.localhost:x", 400),
        ("/a\\..%00", "crm.localhost", 400),
        // What no URI holds was taken out, and its `Host` with it.
        ("/a?q=\"x\"", "crm.localhost", 400),
        ("/<a>", "evil.example", 400),
    ] {
        let answers = ask(target, host).await;
        assert_eq!(answers.list[0].status(), status, "{}", answers.text());
        assert!(answers.list[0].header("location").is_none());
    }
    assert!(lab.requests().is_empty());
}

#[tokio::test]
async fn a_route_of_a_site_leads_to_its_own_application() {
    let archive = Recorder::start().await;
    let moved = says(
        "HTTP/1.1 302 Found\r\nLocation: http://@SELF/public/moved/x?y#z\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            .to_owned(),
        true,
    )
    .await;
    let route = |path: &str, upstream: SocketAddr, more: &str| {
        format!("[[site.route]]\npath = \"{path}\"\naccess = \"public\"\nupstream = \"http://{upstream}\"\n{more}\n")
    };
    let routes = route("/public/archive/", archive.address, "upstream_host = \"upstream\"\n")
        + &route("/public/moved/", moved, "");
    let lab = Lab::with(|text| text.replacen("[[site.route]]\n", &format!("{routes}[[site.route]]\n"), 1)).await;
    for target in ["/public/archive/a%2fb?x", "/public/archive", "/public/elsewhere"] {
        assert_eq!(lab.get(target, "Cookie: a=1\r\n").await.list[0].status(), 200, "{target}");
    }
    let seen: Vec<_> = archive.requests().iter().map(|request| request.target().to_owned()).collect();
    assert_eq!(seen, ["/public/archive/a%2fb?x", "/public/archive"]);
    let first = &archive.requests()[0];
    assert_eq!((first.header("host"), first.header("cookie")), (Some(&*archive.address.to_string()), Some("a=1")));
    assert_eq!(first.header("x-forwarded-host"), Some(&*lab.host()));
    assert_eq!(
        lab.requests().iter().map(|request| request.target().to_owned()).collect::<Vec<_>>(),
        ["/public/elsewhere"]
    );
    let answers = lab.get("/public/moved/", "").await;
    assert_eq!(answers.list[0].header("location"), Some(&*format!("http://{}/public/moved/x?y#z", lab.host())));
    // Two readings that lead to two applications lead to none.
    assert_eq!(lab.get("/public/x/..%2farchive/", "").await.list[0].status(), 400);
}

const CHUNKED: &str =
    "POST /public/form HTTP/1.1\r\nHost: @HOST\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn a_body_without_a_length_gets_one_where_the_application_needs_it() {
    for (line, length, coding) in
        [("request_bodies = \"length\"", Some("6"), None), ("request_bodies = \"stream\"", None, Some("chunked"))]
    {
        let lab = Lab::with(|text| with_line(&text, line)).await;
        lab.exchange(format!("{CHUNKED}2\r\nab\r\n4\r\ncdef\r\n0\r\n\r\n")).await;
        lab.exchange(format!("{CHUNKED}0\r\n\r\n")).await;
        let requests = lab.requests();
        assert_eq!((requests[0].header("content-length"), requests[0].header("transfer-encoding")), (length, coding));
        assert_eq!((&requests[0].body[..], requests[1].body.len()), (&b"abcdef"[..], 0));
        assert_eq!(requests[1].header("content-length"), length.map(|_| "0"));
        let sized = "POST /public/form HTTP/1.1\r\nHost: @HOST\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc";
        lab.exchange(sized).await;
        assert_eq!(lab.requests()[2].header("content-length"), Some("3"));
    }
}

#[tokio::test]
async fn a_body_that_is_longer_than_what_is_held_is_refused_and_not_forwarded() {
    let lab = Lab::with(|text| with_line(&text, "request_bodies = \"length\"")).await;
    let mut wire = lab.open().await;
    wire.send(&lab.fill(CHUNKED)).await;
    let chunk = format!("100000\r\n{}\r\n", "x".repeat(0x10_0000));
    for _ in 0..17 {
        wire.send(chunk.as_bytes()).await;
    }
    let answer = wire.answer().await;
    assert_eq!((answer.status(), answer.header("sigma-gateway")), (413, Some("body_too_large")));
    assert!(lab.requests().is_empty());
}

/// A gateway whose sites lead to an application that says this, with a line more for the first.
async fn before(answer: &str, closes: bool, line: &str) -> World {
    let address = says(answer.to_owned(), closes).await;
    World::with(|text| with_line(&routed(&text, &format!("http://{address}")), line)).await
}

async fn navigate(world: &World) -> Answers {
    let host = format!("crm.localhost:{}", world.ports.gateway);
    let fetch = "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\n";
    let bytes = format!("GET /public/x HTTP/1.1\r\nHost: {host}\r\n{fetch}Connection: close\r\n\r\n");
    exchange(world.gateway.address, &bytes).await
}

const FILE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 100\r\n\r\nabc";
const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\n<p>";

#[tokio::test]
async fn a_cut_answer_has_an_event_a_metric_and_its_cause() {
    for (closes, cause, words) in [
        (true, "broken", "connection broke in the middle of a body: "),
        (false, "idle", "host application's answer did not go on within 1s (upstream_idle_timeout)"),
    ] {
        let world = before(FILE, closes, "upstream_idle_timeout = \"1s\"").await;
        let answers = navigate(&world).await;
        assert!(answers.is_closed && answers.text().ends_with("abc"), "{}", answers.text());
        let metrics = world.metrics();
        let count = format!(r#"cut_answers_total{{site="crm.localhost",cause="{cause}"}} 1"#);
        assert!(metrics.contains(&count), "{metrics}");
        let events = world.log("event");
        let event = events.iter().find(|event| event["cause"] == cause).unwrap_or_else(|| panic!("{events:?}"));
        assert_eq!((&event["path"], &event["level"]), (&"/public/x".into(), &"warn".into()));
        assert!(event["error"].as_str().unwrap().starts_with(words), "{event}");
        assert!(event["request_id"].is_string());
    }
}

#[tokio::test]
async fn an_answer_that_is_held_is_not_cut_but_answered_and_its_waits_are_told_apart() {
    for (closes, line, status, reason) in [
        (true, "", 502, "upstream_broken"),
        (false, "upstream_idle_timeout = \"1s\"", 504, "upstream_timeout"),
        (false, "held_timeout = \"1s\"", 504, "upstream_timeout"),
    ] {
        let world = before(PAGE, closes, line).await;
        let answers = navigate(&world).await;
        let answer = &answers.list[0];
        assert_eq!((answer.status(), answer.header("sigma-gateway")), (status, Some(reason)), "{line}");
        assert!(!world.metrics().contains("cut_answers_total{"), "{line}");
    }
}

#[tokio::test]
async fn a_browser_may_pause_in_its_upload_for_longer_than_its_application_may_think() {
    let lab = Lab::with(|text| with_line(&text, "upstream_timeout = \"1s\"")).await;
    let mut wire = lab.open().await;
    wire.send(&lab.fill("POST /public/a HTTP/1.1\r\nHost: @HOST\r\nContent-Length: 8\r\n\r\nhalf")).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    wire.send(b"half").await;
    assert_eq!(wire.answer().await.status(), 200);
    let requests = lab.requests();
    assert_eq!((requests.len(), requests[0].is_whole), (1, true));
}

/// As nginx redirects, which takes the host of the request and the port that it listens on.
#[tokio::test]
async fn a_redirect_to_the_port_of_the_application_leads_to_the_site() {
    const FOLDER: &str =
        "HTTP/1.1 301 Moved Permanently\r\nLocation: http://crm.localhost:@PORT/dir/\r\nContent-Length: 0\r\n\r\n";
    let world = before(FOLDER, false, "").await;
    let answers = navigate(&world).await;
    let there = format!("http://crm.localhost:{}/dir/", world.ports.gateway);
    assert_eq!((answers.list[0].status(), answers.list[0].header("location")), (301, Some(there.as_str())));
}
