//! What a host application's page keeps of its head and of its time: over the wire, in both deliveries.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use super::{browser::As, endless::head_from, standing::application_at, world::World};

const SLOT: &str = "<iframe data-sigma-embed=\"revenue\" src=\"\"></iframe>";
const FILLED: &str = "<iframe data-sigma-embed=\"revenue\" src=\"/sigma/embed/revenue\"></iframe>";
/// What the application says of each page.
const SAID: &[(&str, &str)] = &[
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "public, max-age=60"),
    ("expires", "Wed, 09 Jun 2037 10:18:14 GMT"),
    ("etag", "\"page-1\""),
    ("last-modified", "Wed, 09 Jun 2027 10:18:14 GMT"),
    ("vary", "cookie"),
    ("x-own", "1"),
];
const VALIDATORS: &[&str] = &["etag", "last-modified"];
/// Most time that a page may stand still here for those who read it as it comes: with room for a busy machine.
const SOON: Duration = Duration::from_millis(1_500);
const LONG_PAUSE: Duration = Duration::from_secs(4);

/// One page: pieces, each behind a pause.
fn page(path: &str) -> Vec<(Duration, String)> {
    let at_once = |text: &str| (Duration::ZERO, text.to_owned());
    let long = "<p>long</p>".repeat(30_000);
    match path.trim_start_matches("/public") {
        "/plain" => vec![at_once("<p>one"), at_once("<p>two"), at_once("<p>end")],
        "/slot" => vec![at_once("<p>one"), at_once(&SLOT[..20]), at_once(&SLOT[20..]), at_once("<p>end")],
        "/anchor" => vec![at_once("<a data-sigma-embed=revenue href=''>x</a>")],
        "/empty" => vec![],
        "/brief" => {
            vec![
                at_once("<p>one"),
                (Duration::from_millis(30), "<p>two".to_owned()),
                (Duration::from_millis(30), "<p>end".to_owned()),
            ]
        }
        "/long" => vec![at_once(&long), at_once("<p>end")],
        "/long-slot" => vec![at_once(&long), at_once(SLOT), at_once("<p>end")],
        "/pause" => vec![at_once("<p>one"), (LONG_PAUSE, format!("{SLOT}<p>end"))],
        "/steady" => {
            let tick = (Duration::from_millis(20), "<p>tick".to_owned());
            let mut pieces = vec![tick; 200];
            pieces.push(at_once(&format!("{SLOT}<p>end")));
            pieces
        }
        _ => panic!("no page {path}"),
    }
}

/// Serves the pages: chunked, or with `?sized` of known length; what follows in the query is a policy.
async fn application() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}

async fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let Some(head) = head_from(&mut stream).await else { return Ok(()) };
    let (method, target) = (head.split(' ').next().unwrap(), head.split(' ').nth(1).unwrap());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let policy = percent_encoding::percent_decode_str(query.split_once('&').unwrap_or_default().1).decode_utf8_lossy();
    let pieces = page(path);
    let mut answer = "HTTP/1.1 200 OK\r\nConnection: close\r\n".to_owned();
    SAID.iter().for_each(|(name, value)| answer += &format!("{name}: {value}\r\n"));
    if !policy.is_empty() {
        answer += &format!("Content-Security-Policy: {policy}\r\n");
    }
    let is_sized = query.starts_with("sized");
    answer += &if is_sized {
        format!("Content-Length: {}\r\n\r\n", pieces.iter().map(|(_, text)| text.len()).sum::<usize>())
    } else {
        "Transfer-Encoding: chunked\r\n\r\n".to_owned()
    };
    stream.write_all(answer.as_bytes()).await?;
    if method == "HEAD" {
        return Ok(());
    }
    for (pause, text) in pieces {
        sleep(pause).await;
        let piece = if is_sized { text } else { format!("{:x}\r\n{text}\r\n", text.len()) };
        stream.write_all(piece.as_bytes()).await?;
    }
    stream.write_all(if is_sized { b"" } else { b"0\r\n\r\n" }).await
}

/// With further lines for the site with links.
async fn world(more: &str) -> World {
    let port = application().await;
    World::with(|text| application_at(port, &text).replacen("embeds = [", &format!("{more}\nembeds = ["), 1)).await
}

/// The head's lines, without what belongs to a connection or is the gateway's own, and the body. Nobody is signed in.
async fn ask(world: &World, method: &str, target: &str) -> (Vec<String>, String) {
    let mut stream = send(world, method, target).await;
    let mut answer = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    // The names are in the application's spelling.
    let lower =
        |line: &str| line.split_once(": ").map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase()));
    let lines = head.lines().skip(1).filter_map(lower);
    let of_connection = ["date: ", "connection: ", "transfer-encoding: "];
    let mut lines: Vec<_> = lines.filter(|line| !of_connection.iter().any(|name| line.starts_with(name))).collect();
    lines.sort();
    (lines, if is_chunked { unchunked(body) } else { body.to_owned() })
}

async fn send(world: &World, method: &str, target: &str) -> TcpStream {
    let port = world.ports.gateway;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let lines =
        "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\nConnection: close";
    let request = format!("{method} {target} HTTP/1.1\r\nHost: crm.localhost:{port}\r\n{lines}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    loop {
        let (size, rest) = body.split_once("\r\n").expect("a chunk has a size");
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.push_str(&rest[..size]);
        body = &rest[size + 2..];
    }
}

/// What the application said, without some of it, and with something more.
fn said(without: &[&str], more: &[String]) -> Vec<String> {
    let kept = SAID.iter().filter(|(name, _)| !without.contains(name));
    let mut lines: Vec<_> = kept.map(|(name, value)| format!("{name}: {value}")).chain(more.iter().cloned()).collect();
    lines.sort();
    lines
}

fn whole(path: &str) -> String {
    page(path).into_iter().map(|(_, text)| text).collect()
}

#[tokio::test]
async fn a_short_page_without_a_slot_keeps_every_byte_and_header_chunked_or_not() {
    let world = world("").await;
    for path in ["/public/plain", "/public/empty", "/public/brief"] {
        assert_eq!(ask(&world, "GET", path).await, (said(&[], &[]), whole(path)), "{path}");
        let length = format!("content-length: {}", whole(path).len());
        let sized = ask(&world, "GET", &format!("{path}?sized")).await;
        assert_eq!(sized, (said(&[], &[length]), whole(path)), "{path}");
    }
    let mut browser = world.browser_of("ana").await;
    for site in [world.crm("/brief"), world.signed("/brief")] {
        let page = browser.get(As::Navigation, &site).await;
        assert_eq!(page.text(), whole("/brief"), "{site}");
        let found =
            ["etag", "last-modified", "expires", "cache-control"].map(|name| page.header(name).unwrap().to_owned());
        let as_said = |name| SAID.iter().find(|(said, _)| *said == name).unwrap().1.to_owned();
        let others = ["etag", "last-modified", "expires"].map(as_said);
        assert_eq!((&found[..3], found[3].as_str()), (&others[..], "max-age=60, private"), "{site}");
    }
}

#[tokio::test]
async fn a_page_with_links_differs_in_their_values_and_loses_its_validators_alone() {
    let world = world("").await;
    let anchor = format!("href='http://crm.localhost:{}/sigma/embed/revenue'", world.ports.gateway);
    for (path, from, to) in [
        ("/public/slot", SLOT, FILLED),
        ("/public/anchor", "href=''", anchor.as_str()),
        ("/public/long", SLOT, FILLED),
        ("/public/long-slot", SLOT, FILLED),
    ] {
        let expected = whole(path).replace(from, to);
        assert_eq!(ask(&world, "GET", path).await, (said(VALIDATORS, &[]), expected.clone()), "{path}");
        let length = format!("content-length: {}", expected.len());
        // What is too long to be held loses its length.
        let lines = if path.contains("long") { said(VALIDATORS, &[]) } else { said(VALIDATORS, &[length]) };
        assert_eq!(ask(&world, "GET", &format!("{path}?sized")).await, (lines, expected), "{path}");
    }
}

/// Nobody knows whether its GET would keep length and validators.
#[tokio::test]
async fn the_head_of_a_page_says_what_a_get_says_but_length_and_validators() {
    let world = world("").await;
    for target in ["/public/plain", "/public/plain?sized", "/public/slot?sized"] {
        assert_eq!(ask(&world, "HEAD", target).await, (said(VALIDATORS, &[]), String::new()), "{target}");
    }
}

/// A page that says something and then lets its readers wait, and one that never stops talking.
#[tokio::test]
async fn a_page_that_takes_its_time_is_read_as_it_comes() {
    let world = world("").await;
    for (path, first) in [("/public/pause", "<p>one"), ("/public/steady", "<p>tick")] {
        let begun = Instant::now();
        let mut stream = send(&world, "GET", path).await;
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).contains(first) {
            assert!(stream.read_buf(&mut read).await.unwrap() > 0, "{path}");
        }
        assert!(begun.elapsed() < SOON, "{path}: {:?}", begun.elapsed());
        stream.read_to_end(&mut read).await.unwrap();
        let answer = String::from_utf8(read).unwrap();
        assert!(answer.contains(FILLED) && answer.ends_with("0\r\n\r\n"), "{path}: {answer}");
        assert!(answer.contains("cache-control: public, max-age=60\r\n"), "{path}: {answer}");
        assert!(!answer.contains("etag: ") && !answer.contains("no-store"), "{path}: {answer}");
        assert!(begun.elapsed() >= LONG_PAUSE, "{path}: {:?}", begun.elapsed());
    }
}

/// What is held has its place in a budget; pages need none to stream.
#[tokio::test]
async fn with_no_room_to_hold_a_page_it_streams() {
    let world = world("").await;
    let all = u32::try_from(sigma_gateway::limits::HELD_KIB_MAX).unwrap();
    let taken = std::sync::Arc::clone(&world.gateway.shared.held).try_acquire_many_owned(all).unwrap();
    for target in ["/public/slot", "/public/slot?sized"] {
        let expected = whole("/public/slot").replace(SLOT, FILLED);
        assert_eq!(ask(&world, "GET", target).await, (said(VALIDATORS, &[]), expected), "{target}");
    }
    drop(taken);
    assert_eq!(ask(&world, "GET", "/public/plain").await, (said(&[], &[]), whole("/public/plain")));
    assert_eq!(world.gateway.shared.held.available_permits(), sigma_gateway::limits::HELD_KIB_MAX);
}

/// A page is read to its end while its reader takes nothing: it keeps what it takes, and not what it might have taken.
#[tokio::test]
async fn a_page_that_is_not_fetched_keeps_no_more_room_than_it_takes() {
    let world = world("").await;
    let _slow = send(&world, "GET", "/public/plain").await;
    sleep(Duration::from_millis(300)).await;
    let room = world.gateway.shared.held.available_permits();
    assert!(sigma_gateway::limits::HELD_KIB_MAX - room <= 1, "{room}");
}

/// Nor does one that streams for as long as it likes: only for what is still here of what was held.
#[tokio::test]
async fn a_page_that_streams_keeps_room_for_what_was_held_alone() {
    let world = world("").await;
    let mut stream = send(&world, "GET", "/public/pause").await;
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains("<p>one") {
        assert!(stream.read_buf(&mut read).await.unwrap() > 0);
    }
    assert_eq!(world.gateway.shared.held.available_permits(), sigma_gateway::limits::HELD_KIB_MAX);
}

fn with_policy(path: &str, policy: &str) -> String {
    format!("{path}?&{}", percent_encoding::utf8_percent_encode(policy, percent_encoding::NON_ALPHANUMERIC))
}

#[tokio::test]
async fn a_policy_that_blocks_the_embed_stays_with_a_note_or_is_extended_where_the_site_says_so() {
    const BLOCKING: &str = "default-src 'none'; script-src 'nonce-a'";
    let line = |policy: &str| format!("content-security-policy: {policy}");
    let keeping = world("").await;
    for (path, policy) in
        [("/public/slot", BLOCKING), ("/public/slot", "frame-src 'self'"), ("/public/plain", BLOCKING)]
    {
        let (lines, _) = ask(&keeping, "GET", &with_policy(path, policy)).await;
        assert!(lines.contains(&line(policy)), "{path}: {lines:?}");
    }
    let notes = r#"sigma_gateway_rewrite_notes_total{site="crm.localhost",note="csp_blocks_frame"} 1"#;
    assert!(keeping.metrics().contains(notes), "{}", keeping.metrics());

    let extending = world("frame_src = \"extend\"").await;
    let extended = format!("{BLOCKING}; frame-src 'self'");
    for (path, policy, expected) in [
        ("/public/slot", BLOCKING, extended.as_str()),
        ("/public/slot", "frame-src https://maps.test", "frame-src https://maps.test 'self'"),
        ("/public/slot", "frame-src 'self'", "frame-src 'self'"),
        ("/public/plain", BLOCKING, BLOCKING),
        ("/public/anchor", BLOCKING, BLOCKING),
        // Nobody knows yet whether a frame comes.
        ("/public/long", BLOCKING, &extended),
    ] {
        let (lines, _) = ask(&extending, "GET", &with_policy(path, policy)).await;
        assert!(lines.contains(&line(expected)), "{path} {policy}: {lines:?}");
    }
    assert!(!extending.metrics().contains("csp_blocks_frame"), "{}", extending.metrics());
}

#[tokio::test]
async fn a_signed_url_goes_only_into_a_page_whose_policy_lets_sigma_in() {
    let world = world("").await;
    let mut browser = world.browser_of("ana").await;
    // The application serves both sites; the second has signed URLs.
    for (policy, is_signed) in [("frame-src 'self'", false), ("frame-src http://sigma.localhost:*", true)] {
        let page = browser.get(As::Navigation, &world.signed(&with_policy("/slot", policy))).await;
        assert_eq!(page.text().contains(":jwt="), is_signed, "{policy}: {}", page.text());
        let stored = if is_signed { "no-store" } else { "max-age=60, private" };
        assert_eq!(page.header("cache-control"), Some(stored), "{policy}");
    }
    assert_eq!(world.audit("mint").len(), 1);
    assert!(world.metrics().contains(r#"note="csp_blocks_sigma"} 1"#), "{}", world.metrics());
    // Before the slots of a long page are known, its head has to allow for them.
    let long = browser.get(As::Navigation, &world.signed("/long")).await;
    assert_eq!((long.header("cache-control"), long.text()), (Some("no-store"), whole("/long")));
}
