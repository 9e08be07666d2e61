//! Answers of a host application whose framing lies: what reaches the browser is framed by the gateway alone.
//!
//! `scripts/wire` plays many more of these against the release binary.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use super::{
    client::{Answers, Wire},
    lab::routed,
    message::Message,
    secure::Secure,
};
use crate::world::World;

/// A host application that answers each target with exact bytes; whatever else was asked gets `other`.
struct Liar {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

/// The bytes of an answer, and what comes a moment behind it.
pub(super) type Lies = HashMap<&'static str, (String, &'static str)>;

const OTHER: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nother";
/// An answer that nobody asked for.
const SECOND: &str =
    "HTTP/1.1 200 OK\r\nSet-Cookie: __Host-sg=x\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nevil";
const LATER: Duration = Duration::from_millis(20);

impl Liar {
    async fn start(lies: Lies) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let liar = Self { address: listener.local_addr().unwrap(), connections: Arc::default() };
        let (lies, connections) = (Arc::new(lies), Arc::clone(&liar.connections));
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(lie(tcp, Arc::clone(&lies)));
            }
        });
        liar
    }
}

async fn lie(mut tcp: TcpStream, lies: Arc<Lies>) {
    let mut open = Vec::new();
    loop {
        while let Some((request, taken)) = Message::read(&open) {
            open.drain(..taken);
            let target = request.target().to_owned();
            let (bytes, later) = lies.get(&*target).cloned().unwrap_or((OTHER.to_owned(), ""));
            tcp.set_nodelay(true).unwrap();
            if tcp.write_all(bytes.as_bytes()).await.is_err() || target.contains("/cut/") {
                return;
            }
            if !later.is_empty() {
                sleep(LATER).await;
                drop(tcp.write_all(later.as_bytes()).await);
            }
        }
        if tcp.read_buf(&mut open).await.is_ok_and(|read| read > 0) {
            continue;
        }
        return;
    }
}

pub(super) struct Lab {
    pub(super) world: World,
    liar: Liar,
}

impl Lab {
    /// A gateway whose sites have embeds and a JSON rule for `/public/api/`.
    pub(super) async fn with(lies: Lies) -> Self {
        let liar = Liar::start(lies).await;
        let url = format!("http://{}", liar.address);
        let world =
            World::with(|text| routed(&text, &url).replace("path = \"/api/widgets\"", "path = \"/public/api/\"")).await;
        Self { world, liar }
    }

    async fn ask(&self, wire: &mut Wire, method: &str, target: &str) -> Message {
        wire.send(self.request(method, target, "").as_bytes()).await;
        wire.answer().await
    }

    /// The last request of its connection, and all that came.
    pub(super) async fn last(&self, method: &str, target: &str) -> Answers {
        let mut wire = Wire::open(self.world.gateway.address).await;
        wire.send(self.request(method, target, "Connection: close\r\n").as_bytes()).await;
        wire.finish().await
    }

    fn request(&self, method: &str, target: &str, lines: &str) -> String {
        let host = format!("crm.localhost:{}", self.world.ports.gateway);
        let fetch = "Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: none\r\n";
        format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{fetch}{lines}\r\n")
    }
}

const HTML: &str = "Content-Type: text/html\r\n";
const JSON: &str = "Content-Type: application/json\r\n";
const FILE: &str = "Content-Type: application/octet-stream\r\n";

/// A body in one chunk, under a length that is another.
fn both(kind: &str, length: usize, body: &str) -> String {
    let size = body.len();
    format!(
        "HTTP/1.1 200 OK\r\n{kind}Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n"
    )
}

#[tokio::test]
async fn a_length_beside_a_transfer_coding_is_neither_believed_nor_forwarded() {
    let smuggled = format!("0123456789{SECOND}");
    let lies = [("/public/page", HTML), ("/public/api/x", JSON), ("/public/file", FILE)]
        .map(|(target, kind)| (target, (both(kind, 10, &smuggled), "")));
    let short = [("/public/short", HTML), ("/public/api/short", JSON)]
        .map(|(target, kind)| (target, (both(kind, 300, "five!"), "")));
    let lab = Lab::with(lies.into_iter().chain(short).collect()).await;
    for (target, body) in [
        ("/public/page", smuggled.as_str()),
        ("/public/api/x", &smuggled),
        ("/public/file", &smuggled),
        ("/public/short", "five!"),
        ("/public/api/short", "five!"),
    ] {
        let mut wire = Wire::open(lab.world.gateway.address).await;
        let before = lab.liar.connections.load(Ordering::SeqCst);
        let answer = lab.ask(&mut wire, "GET", target).await;
        assert_eq!((answer.text().as_str(), answer.faults.as_slice()), (body, &[][..]), "{target}");
        // A connection that said both is not used again (RFC 9112 6.1).
        let next = lab.ask(&mut wire, "GET", "/public/next").await;
        assert_eq!((next.text().as_str(), next.header("set-cookie")), ("other", None), "{target}");
        assert!(lab.liar.connections.load(Ordering::SeqCst) > before, "{target}");
    }
}

/// Held until it is over the limit, then passed on from its beginning.
#[tokio::test]
async fn json_that_is_too_long_to_be_held_has_the_length_of_all_of_it() {
    let body = "x".repeat(sigma_gateway::limits::JSON_BYTES_MAX + 1);
    let length = body.len().to_string();
    let plain = format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: 0{length}\r\n\r\n{body}{SECOND}");
    let lies = HashMap::from([("/public/api/plain", (plain, "")), ("/public/api/both", (both(JSON, 10, &body), ""))]);
    let lab = Lab::with(lies).await;
    for (target, expected) in [("/public/api/plain", Some(&*length)), ("/public/api/both", None)] {
        let answers = lab.last("GET", target).await;
        assert_eq!((answers.list.len(), answers.statuses()), (1, vec![200]), "{target}");
        let answer = &answers.list[0];
        assert_eq!((answer.header("content-length"), answer.faults.as_slice()), (expected, &[][..]), "{target}");
        assert!(answer.is_whole && answer.body.len() == body.len(), "{target}");
    }
}

#[tokio::test]
async fn a_length_in_other_spellings_is_one_plain_number() {
    let of = |lines: &str| (format!("HTTP/1.1 200 OK\r\n{FILE}{lines}\r\n3!!"), "");
    let lab = Lab::with(HashMap::from([
        ("/public/zeros", of("Content-Length: 003\r\n")),
        ("/public/list", of("Content-Length: 3, 3\r\n")),
        ("/public/lines", of("Content-Length: 3\r\nContent-Length: 03\r\n")),
        ("/public/page", (format!("HTTP/1.1 200 OK\r\n{HTML}Content-Length: 3, 003\r\n\r\n<p>"), "")),
        ("/public/differs", of("Content-Length: 3\r\nContent-Length: 2\r\n")),
        ("/public/signed", of("Content-Length: +3\r\n")),
    ]))
    .await;
    for target in ["/public/zeros", "/public/list", "/public/lines", "/public/page"] {
        let mut wire = Wire::open(lab.world.gateway.address).await;
        for method in ["GET", "GET"] {
            let answer = lab.ask(&mut wire, method, target).await;
            assert_eq!(
                (answer.header("content-length"), answer.lines_of("content-length")),
                (Some("3"), 1),
                "{target}"
            );
            assert!(answer.faults.is_empty() && answer.is_whole, "{answer:?}");
        }
        let head = lab.last("HEAD", target).await;
        let expected = if target == "/public/page" { None } else { Some("3") };
        assert_eq!(head.list[0].header("content-length"), expected, "{target}");
        assert!(head.bytes.ends_with(b"\r\n\r\n") && head.list[0].lines_of("content-length") <= 1, "{target}");
    }
    for target in ["/public/differs", "/public/signed"] {
        let answer = lab.last("GET", target).await;
        assert_eq!(answer.statuses(), [502], "{target}");
        // Without a body nobody counts by it: it is not passed on.
        let head = lab.last("HEAD", target).await;
        assert_eq!((head.statuses(), head.list[0].header("content-length")), (vec![200], None), "{target}");
    }
}

#[tokio::test]
async fn the_version_is_the_gateways_own_and_a_kept_connection_stays() {
    let old = |line: &str| (format!("HTTP/1.0 200 OK\r\n{FILE}{line}Content-Length: 3\r\n\r\nold"), "");
    let lab = Lab::with(HashMap::from([
        ("/public/a", old("")),
        ("/public/b", old("Connection: keep-alive\r\n")),
        ("/public/cut/c", (format!("HTTP/1.0 200 OK\r\n{HTML}\r\n<p>until the end"), "")),
    ]))
    .await;
    let mut wire = Wire::open(lab.world.gateway.address).await;
    for target in ["/public/a", "/public/b", "/public/cut/c", "/public/a"] {
        let answer = lab.ask(&mut wire, "GET", target).await;
        assert_eq!(answer.start, "HTTP/1.1 200 OK", "{target}");
        assert!(answer.header("connection").is_none() && answer.faults.is_empty() && answer.is_whole, "{answer:?}");
    }
}

#[tokio::test]
async fn nothing_behind_an_answer_is_the_answer_to_the_next_request() {
    let length = format!("HTTP/1.1 200 OK\r\n{FILE}Content-Length: 3\r\n\r\none");
    let none = "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n".to_owned();
    let lab = Lab::with(HashMap::from([
        ("/public/at-once", (format!("{length}{SECOND}"), "")),
        ("/public/later", (length, SECOND)),
        ("/public/304", (format!("{none}{SECOND}"), "")),
        ("/public/304-later", (none, SECOND)),
        ("/public/204", (format!("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n{SECOND}"), "")),
        ("/public/205", (format!("HTTP/1.1 205 Reset Content\r\nContent-Length: 4\r\n\r\nevil{SECOND}"), "")),
        ("/public/early", (format!("HTTP/1.1 103 Early Hints\r\nContent-Length: 4\r\n\r\n{OTHER}"), "")),
    ]))
    .await;
    for (target, status, length) in [
        ("/public/at-once", 200, Some("3")),
        ("/public/later", 200, Some("3")),
        ("/public/304", 304, None),
        ("/public/304-later", 304, None),
        ("/public/204", 204, None),
        ("/public/205", 205, Some("0")),
        ("/public/early", 200, Some("5")),
    ] {
        for method in ["GET", "HEAD"] {
            let mut wire = Wire::open(lab.world.gateway.address).await;
            // A HEAD whose length is told would be waited for by this reader.
            let answer = if method == "GET" {
                lab.ask(&mut wire, method, target).await
            } else {
                lab.last(method, target).await.list.remove(0)
            };
            assert_eq!((answer.status(), answer.faults.as_slice()), (status, &[][..]), "{method} {target}");
            if method == "GET" {
                assert_eq!(answer.header("content-length"), length, "{method} {target}");
            }
            sleep(3 * LATER).await;
            let next = lab.ask(&mut wire, "GET", "/public/next").await;
            assert_eq!((next.text().as_str(), next.header("set-cookie")), ("other", None), "{method} {target}");
        }
    }
}

#[tokio::test]
async fn what_comes_late_behind_an_answer_without_a_body_meets_nobody() {
    let of = |status: &str, lines: &str| (format!("HTTP/1.1 {status}\r\n{lines}\r\n"), SECOND);
    let lab = Lab::with(HashMap::from([
        ("/public/200", of("200 OK", "Content-Length: 9\r\n")),
        ("/public/204", of("204 No Content", "Content-Length: 9\r\n")),
        ("/public/204-coded", of("204 No Content", "Transfer-Encoding: chunked\r\n")),
        ("/public/304", of("304 Not Modified", "Content-Length: 9\r\n")),
        ("/public/304-coded", of("304 Not Modified", "Transfer-Encoding: chunked\r\n")),
    ]))
    .await;
    for (method, target) in [
        ("HEAD", "/public/200"),
        ("HEAD", "/public/304"),
        ("GET", "/public/204"),
        ("GET", "/public/204-coded"),
        ("GET", "/public/304"),
        ("GET", "/public/304-coded"),
    ] {
        let mut wire = Wire::open(lab.world.gateway.address).await;
        // Two at once: the reader need not know how long an answer to HEAD is.
        let last = lab.request("GET", "/public/next", "Connection: close\r\n");
        wire.send(format!("{}{last}", lab.request(method, target, "")).as_bytes()).await;
        let text = wire.finish().await.text();
        assert!(text.ends_with("other") && !text.contains("evil"), "{method} {target}: {text}");
    }
}

#[tokio::test]
async fn what_one_site_leaves_behind_an_answer_never_meets_another_on_the_same_application() {
    let length = format!("HTTP/1.1 200 OK\r\n{FILE}Content-Length: 3\r\n\r\none");
    let lab = Lab::with(HashMap::from([("/public/later", (length, SECOND))])).await;
    let mut wire = Wire::open(lab.world.gateway.address).await;
    assert_eq!(lab.ask(&mut wire, "GET", "/public/later").await.text(), "one");
    let next = lab.request("GET", "/public/next", "").replace("Host: crm.", "Host: crm-signed.");
    wire.send(next.as_bytes()).await;
    assert_eq!(wire.answer().await.text(), "other");
}

#[tokio::test]
async fn head_says_of_a_page_that_a_get_would_look_into_neither_length_nor_validators() {
    let more = "Content-Length: 5\r\nETag: \"1\"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\nAccept-Ranges: bytes\r\n\r\nhello";
    let of = |kind: &str| (format!("HTTP/1.1 200 OK\r\n{kind}{more}"), "");
    let lab =
        Lab::with(HashMap::from([("/public/page", of(HTML)), ("/public/api/x", of(JSON)), ("/public/file", of(FILE))]))
            .await;
    const SAID: [&str; 4] = ["content-length", "etag", "last-modified", "accept-ranges"];
    for target in ["/public/page", "/public/api/x"] {
        let head = lab.last("HEAD", target).await.list.remove(0);
        assert_eq!(SAID.map(|name| head.header(name)), [None; 4], "{target}");
        assert!(head.header("content-type").is_some(), "{target}");
    }
    let (head, get) = (lab.last("HEAD", "/public/file").await, lab.last("GET", "/public/file").await);
    for name in SAID {
        assert!(head.list[0].header(name).is_some(), "{name}");
        assert_eq!(head.list[0].header(name), get.list[0].header(name), "{name}");
    }
}

#[tokio::test]
async fn two_equal_locations_are_one_and_two_different_ones_a_bad_gateway() {
    let of = |status: &str, name: &str, values: [&str; 2]| {
        let lines: String = values.map(|value| format!("{name}: {value}\r\n")).concat();
        (format!("HTTP/1.1 {status}\r\n{lines}Content-Length: 0\r\n\r\n"), "")
    };
    let lab = Lab::with(HashMap::from([
        ("/public/same", of("302 Found", "Location", ["/a", "/a"])),
        ("/public/other", of("302 Found", "Location", ["/a", "//evil.example/"])),
        ("/public/created", of("201 Created", "Location", ["/a", "/b"])),
        ("/public/saved", of("200 OK", "Content-Disposition", ["attachment", "inline"])),
        ("/public/part", of("206 Partial Content", "Content-Range", ["bytes 0-1/2", "bytes 1-2/3"])),
    ]))
    .await;
    let same = lab.last("GET", "/public/same").await.list.remove(0);
    assert_eq!((same.status(), same.header("location"), same.lines_of("location")), (302, Some("/a"), 1));
    for target in ["/public/other", "/public/created", "/public/saved", "/public/part"] {
        let answer = lab.last("GET", target).await.list.remove(0);
        assert_eq!((answer.status(), answer.header("sigma-gateway")), (502, Some("upstream_broken")), "{target}");
    }
}

#[tokio::test]
async fn a_refused_handshake_and_a_switch_are_framed_by_the_gateway_too() {
    let lab = Lab::with(HashMap::from([
        ("/public/refused", (both("", 3, "no upgrade"), "")),
        ("/public/old", (format!("HTTP/1.0 400 Bad Request\r\nContent-Length: 2\r\n\r\nno{SECOND}"), "")),
    ]))
    .await;
    for (target, body) in [("/public/refused", "no upgrade"), ("/public/old", "no")] {
        let mut wire = Wire::open(lab.world.gateway.address).await;
        let host = format!("http://crm.localhost:{}", lab.world.ports.gateway);
        let lines = format!(
            "Origin: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        );
        wire.send(lab.request("GET", target, &lines).as_bytes()).await;
        let answers = wire.finish().await;
        assert!(answers.is_closed && answers.list.len() == 1, "{}", answers.text());
        let answer = &answers.list[0];
        assert_eq!((answer.text().as_str(), answer.faults.as_slice()), (body, &[][..]), "{}", answers.text());
        assert!(
            answer.start.starts_with("HTTP/1.1 ")
                && answers.bytes.ends_with(body.as_bytes()) | answers.bytes.ends_with(b"0\r\n\r\n")
        );
    }
}

/// hyper leaves the body of an answer to HEAD out over HTTP/1.1, and over HTTP/2 it does not.
#[tokio::test]
async fn over_http2_our_own_answers_to_head_have_a_length_and_no_body() {
    let secure = Secure::start().await;
    for path in ["/oauth2/nothing", "/app", "/sigma/style.css", "/public/%zz/../"] {
        let head = secure.ask(&secure.request("HEAD", path), None).await;
        assert!(head.status >= 200 && head.body.is_empty() && head.reset.is_none(), "{path}: {head:?}");
        let get = secure.ask(&secure.request("GET", path), None).await;
        assert_eq!(head.status, get.status, "{path}");
    }
}
