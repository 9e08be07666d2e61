//! What was allowed once is looked at again for as long as it lasts: WebSockets, streams, uploads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sigma_gateway::demo::config_text;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    endless::{ALL, Open, endless, endless_telling},
    world::{World, check},
};

/// Within this of a reload everything open has ended that the new configuration does not allow.
pub(crate) const PROMISED: Duration = Duration::from_secs(5);

/// The demo's world in front of such an application, and who is signed in.
pub(crate) struct Lab {
    pub(crate) world: World,
    upstream: u16,
    pub(crate) cookie: String,
    arrived: Arc<AtomicUsize>,
}

impl Lab {
    async fn start() -> Self {
        let arrived = Arc::<AtomicUsize>::default();
        let lab = Self::at(endless_telling(Arc::clone(&arrived)).await, |text| text).await;
        Self { arrived, ..lab }
    }

    pub(crate) async fn at(upstream: u16, edit: impl FnOnce(String) -> String) -> Self {
        let world = World::with(|text| edit(application_at(upstream, &text))).await;
        let browser = world.browser_of("ana").await;
        let cookie = browser.cookie("crm.localhost", "__Host-sg").unwrap().to_owned();
        Self { world, upstream, cookie, arrived: Arc::default() }
    }

    /// Opens it and reads the first piece, where there is one before the end.
    async fn open(&self, what: Open, path: &str, cookie: Option<&str>) -> TcpStream {
        self.open_with(what, path, cookie, "").await
    }

    /// With what a proxy in front says.
    async fn open_with(&self, what: Open, path: &str, cookie: Option<&str>, said: &str) -> TcpStream {
        let port = self.world.ports.gateway;
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let cookie = cookie.map(|value| format!("Cookie: __Host-sg={value}\r\n")).unwrap_or_default();
        let (method, more) = match what {
            Open::WebSocket => {
                let site = self.world.ports.link_site();
                let key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
                ("GET", format!("Connection: upgrade\r\nUpgrade: websocket\r\n{key}Origin: {site}\r\n"))
            }
            Open::Upload => ("POST", "Transfer-Encoding: chunked\r\n".to_owned()),
            Open::LongPoll => ("GET", "Connection: close\r\n".to_owned()),
            Open::Silent | Open::Busy | Open::Page | Open::Download => ("GET", String::new()),
        };
        let host = format!("crm.localhost:{port}");
        let head = format!("{method} {path}{what:?} HTTP/1.1\r\nHost: {host}\r\n{cookie}{said}{more}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        match what {
            Open::Upload => stream.write_all(b"6\r\nfirst\n\r\n").await.unwrap(),
            Open::LongPoll => {}
            Open::WebSocket | Open::Silent | Open::Busy | Open::Page | Open::Download => {
                assert!(read_until(&mut stream, "first\n").await, "{what:?}");
            }
        }
        stream
    }

    /// Another configuration is in force from now on.
    pub(crate) fn reload(&self, edit: impl FnOnce(String) -> String) {
        let text = edit(application_at(self.upstream, &config_text(&self.world.ports)));
        let config = check(&text, self.world.stand_ins.secrets());
        self.world.gateway.shared.config.store(Arc::new(config));
    }

    pub(crate) fn ended(&self) -> Vec<serde_json::Value> {
        self.world.audit("ended")
    }
}

pub(crate) fn application_at(port: u16, text: &str) -> String {
    let old = text.lines().find(|line| line.starts_with("upstream = ")).unwrap().to_owned();
    text.replace(&old, &format!("upstream = \"http://127.0.0.1:{port}\""))
}

async fn read_until(stream: &mut TcpStream, end: &str) -> bool {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        match timeout(Duration::from_secs(10), stream.read_u8()).await.unwrap() {
            Ok(byte) => read.push(byte),
            Err(_) => return false,
        }
    }
    true
}

/// What still comes until the gateway ends it; `None` where it does not within the time.
async fn rest_within(mut stream: TcpStream, most: Duration) -> Option<String> {
    let mut rest = Vec::new();
    // A reset is an end as well.
    let end = timeout(most, stream.read_to_end(&mut rest)).await;
    end.is_ok().then(|| String::from_utf8_lossy(&rest).into_owned())
}

/// Opens everything, reloads, and holds every end to the promise.
async fn all_end(lab: &Lab, cause: &str, edit: impl FnOnce(String) -> String) {
    let mut open = Vec::new();
    for what in ALL {
        open.push((what, lab.open(what, "/events/", Some(&lab.cookie)).await));
    }
    // The last two say nothing before their end.
    lab.world.until(|| lab.arrived.load(Ordering::Relaxed) == ALL.len()).await;
    lab.reload(edit);
    let ends = open.into_iter().map(async |(what, stream)| (what, rest_within(stream, PROMISED).await));
    for (what, rest) in futures_util::future::join_all(ends).await {
        let rest = rest.unwrap_or_else(|| panic!("{cause}: {what:?} is still open"));
        // The end shows: no last chunk, not the announced length, and an answer that had not begun is a refusal.
        assert!(!rest.ends_with("\r\n0\r\n\r\n"), "{cause}: {what:?} looks whole");
        assert!(!rest.contains("first"), "{cause}: {what:?} was answered");
        if matches!(what, Open::Upload | Open::LongPoll) {
            assert!(rest.starts_with("HTTP/1.1 4"), "{cause}: {what:?}: {rest}");
        }
    }
    let lines = lab.ended();
    assert_eq!(lines.len(), ALL.len(), "{cause}: {lines:?}");
    for line in &lines {
        assert_eq!((&line["user"], &line["email"]), (&"user-ana".into(), &"ana@example.com".into()), "{cause}");
        assert_eq!(line["site"], "crm.localhost", "{cause}");
        assert!(line["path"].as_str().unwrap().starts_with("/events/"), "{cause}: {line}");
        assert!(line["reason"].is_string() && line["detail"].is_string(), "{cause}: {line}");
    }
}

/// One site of the two.
fn without_first_site(text: &str) -> String {
    let parts: Vec<&str> = text.split("[[site]]\n").collect();
    format!("{}[[site]]\n{}", parts[0], parts[2])
}

pub(crate) fn revoke(whom: &str) -> String {
    format!("\n[[revoke]]\n{whom}\nsigned_in_before = {SOME_DAY}\n")
}

/// Both sites compare that header of a proxy in front.
fn compared(text: &str, header: &str) -> String {
    text.replace("deliver = ", &format!("same_person = \"{header}\"\ndeliver = "))
}

const SOME_DAY: &str = "2200-01-01T00:00:00Z";

#[tokio::test]
async fn what_a_reload_takes_back_ends_within_five_seconds_with_a_line() {
    type Edit = fn(String) -> String;
    let causes: [(&str, Edit); 10] = [
        ("revoke", |text| text + &revoke("email = \"ANA@example.com\"")),
        ("subject", |text| text + &revoke("subject = \"user-ana\"")),
        ("not_before", |text| text.replace("[session]\n", &format!("[session]\nnot_before = {SOME_DAY}\n"))),
        ("rule", |text| {
            let rule = "[[site.route]]\npath = \"/events/\"\naccess = { when = { groups = [\"sales\"] } }\n";
            text.replacen("[[site.route]]\n", &format!("{rule}\n[[site.route]]\n"), 1)
        }),
        ("site", |text| without_first_site(&text)),
        ("domains", |text| text.replace("email_domains = [\"example.com\"]", "email_domains = [\"example.net\"]")),
        ("client", |text| text.replace("client_id = \"sigma-gateway\"", "client_id = \"another\"")),
        ("max_age", |text| text.replace("[session]\n", "[session]\nmax_age = \"1s\"\n")),
        ("own path", |text| text + "\n[paths]\nsigma = \"/events\"\n"),
        ("same_person", |text| compared(&text, "X-Front-Email")),
    ];
    let runs = causes.into_iter().map(async |(cause, edit)| {
        let lab = Lab::start().await;
        lab.world.clock.advance(2);
        all_end(&lab, cause, edit).await;
    });
    futures_util::future::join_all(runs).await;
}

#[tokio::test]
async fn what_a_reload_leaves_alone_goes_on() {
    let lab = Lab::start().await;
    let mut open = Vec::new();
    for what in [Open::WebSocket, Open::Silent, Open::Page, Open::Download] {
        open.push((what, lab.open(what, "/events/", Some(&lab.cookie)).await));
    }
    open.push((Open::Silent, lab.open(Open::Silent, "/public/", None).await));
    // Somebody else, an earlier moment, other groups, another embed, another rule for another path.
    lab.reload(|text| {
        let text = text.replace("theme = \"Light\"", "theme = \"Dark\"");
        text + "\n[[site.route]]\npath = \"/admin/\"\naccess = \"signed-in\"\n"
            + &revoke("email = \"bo@example.com\"")
            + &revoke("email = \"ana@example.com\"").replace(SOME_DAY, "2001-01-01T00:00:00Z")
            + &revoke("subject = \"USER-ANA\"")
    });
    let ends = open.into_iter().map(async |(what, stream)| (what, rest_within(stream, PROMISED).await));
    for (what, rest) in futures_util::future::join_all(ends).await {
        assert_eq!(rest, None, "{what:?} has ended");
    }
    assert_eq!(lab.ended(), Vec::<serde_json::Value>::new());
}

#[tokio::test]
async fn a_public_stream_of_nobody_ends_with_its_site_or_when_its_rule_asks_for_somebody() {
    type Edit = fn(String) -> String;
    let causes: [(&str, Edit); 2] = [
        ("site", |text| without_first_site(&text)),
        ("rule", |text| text.replace("access = \"public\"", "access = \"signed-in\"")),
    ];
    for (cause, edit) in causes {
        let lab = Lab::start().await;
        let stream = lab.open(Open::Silent, "/public/", None).await;
        let of_ana = lab.open(Open::WebSocket, "/public/", Some(&lab.cookie)).await;
        lab.reload(edit);
        let (rest, of_ana) = tokio::join!(rest_within(stream, PROMISED), rest_within(of_ana, PROMISED));
        assert!(rest.is_some(), "{cause}");
        // Who is signed in may have what the rule asks for.
        assert_eq!(of_ana.is_some(), cause == "site", "{cause}");
        let line = &lab.ended()[0];
        assert!(line["user"].is_null() || cause == "site", "{line}");
    }
}

#[tokio::test]
async fn another_header_of_the_proxy_in_front_ends_what_it_was_never_compared_for() {
    const ANA: &str = "X-Front-Email: ana@example.com\r\n";
    const BEN: &str = "X-Front-Email: ben@example.com\r\n";
    type Edit = fn(&str) -> String;
    fn signed_in(text: &str) -> String {
        text.replace("access = \"public\"", "access = \"signed-in\"")
    }
    // What it opens, what is said then, what the reload brings, and whether it ends.
    let causes: [(&str, &str, Edit, bool); 8] = [
        ("/events/", ANA, |text| compared(text, "X-Auth-Request-Email"), true),
        ("/events/", ANA, |text| compared(text, "x-front-email"), false),
        ("/events/", ANA, str::to_owned, false),
        ("/public/", BEN, |text| compared(text, "X-Auth-Request-Email"), false),
        ("/public/", ANA, signed_in, false),
        // Nothing depended on the session there: it was not compared.
        ("/public/", ANA, |text| compared(&signed_in(text), "X-Front-Email"), true),
        ("/public/", BEN, |text| compared(&signed_in(text), "X-Front-Email"), true),
        ("/public/", ANA, |text| compared(&signed_in(text), "X-Auth-Request-Email"), true),
    ];
    let runs = causes.into_iter().enumerate().map(async |(row, (path, said, edit, ends))| {
        let lab = Lab::start().await;
        lab.reload(|text| compared(&text, "X-Front-Email"));
        let mut open = Vec::new();
        for what in [Open::WebSocket, Open::Silent, Open::Page] {
            open.push(lab.open_with(what, path, Some(&lab.cookie), said).await);
        }
        lab.reload(|text| edit(&text));
        let rests = open.into_iter().map(|stream| rest_within(stream, PROMISED));
        for rest in futures_util::future::join_all(rests).await {
            assert_eq!(rest.is_some(), ends, "row {row}");
        }
        for line in lab.ended() {
            let detail = "site compares another header of the proxy in front now";
            assert_eq!((&line["reason"], &line["detail"]), (&"not_signed_in".into(), &detail.into()), "row {row}");
        }
    });
    futures_util::future::join_all(runs).await;
}

#[tokio::test]
async fn a_session_ends_what_it_opened_to_the_second() {
    let upstream = endless().await;
    let world =
        World::with(|text| application_at(upstream, &text).replace("[session]\n", "[session]\nmax_age = \"3s\"\n"))
            .await;
    let browser = world.browser_of("ana").await;
    // The first site's session began before this moment, and no more than a second ago.
    let began = Instant::now();
    let cookie = browser.cookie("crm.localhost", "__Host-sg").unwrap().to_owned();
    let lab = Lab { world, upstream, cookie, arrived: Arc::default() };
    let mut open = Vec::new();
    for what in [Open::WebSocket, Open::Silent, Open::Busy, Open::Page, Open::Download, Open::Upload] {
        open.push((what, lab.open(what, "/events/", Some(&lab.cookie)).await));
    }
    let ends = open.into_iter().map(async |(what, stream)| {
        assert!(rest_within(stream, Duration::from_secs(8)).await.is_some(), "{what:?} is still open");
        (what, began.elapsed())
    });
    for (what, after) in futures_util::future::join_all(ends).await {
        assert!(after < Duration::from_millis(3_900), "{what:?} ended after {after:?}");
    }
    assert!(lab.ended().iter().all(|line| line["detail"] == "session has ended"), "{:?}", lab.ended());
}

#[tokio::test]
async fn a_clock_that_is_put_right_is_seen_by_what_is_open() {
    let lab = Lab::start().await;
    let socket = lab.open(Open::WebSocket, "/events/", Some(&lab.cookie)).await;
    let stream = lab.open(Open::Silent, "/events/", Some(&lab.cookie)).await;
    lab.world.clock.advance(8 * 3_600);
    let (socket, stream) = tokio::join!(rest_within(socket, PROMISED), rest_within(stream, PROMISED));
    assert!(socket.is_some() && stream.is_some());
}

#[tokio::test]
async fn a_changed_file_reaches_what_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = endless().await;
    let world = World::from_edited_file(folder.path(), |text| application_at(upstream, &text)).await;
    let browser = world.browser_of("ana").await;
    let cookie = browser.cookie("crm.localhost", "__Host-sg").unwrap().to_owned();
    let lab = Lab { world, upstream, cookie, arrived: Arc::default() };
    let socket = lab.open(Open::WebSocket, "/events/", Some(&lab.cookie)).await;
    let file = folder.path().join("gateway.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text + &revoke("email = \"ana@example.com\"")).unwrap();
    lab.world.until(|| lab.world.metrics().contains(r#"reloads_total{result="applied"} 1"#)).await;
    assert!(rest_within(socket, PROMISED).await.is_some());
    let line = &lab.ended()[0];
    assert_eq!((&line["reason"], &line["detail"]), (&"not_signed_in".into(), &"session is revoked".into()));
}
