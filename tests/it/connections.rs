//! Connections that a host application signs in: each serves one session on one client connection, or nobody.

use std::fs;

use super::{
    browser::Browser,
    raw::{client::Wire, message::Message},
    signer::Signer,
    world::World,
};

/// A gateway whose two sites lead to an application that signs connections in.
struct Place {
    world: World,
    app: Signer,
}

/// One connection of a client.
struct Client<'a> {
    place: &'a Place,
    wire: Wire,
}

impl Place {
    async fn start() -> Self {
        let app = Signer::start().await;
        let world = World::with(|text| leading_to(&text, &app)).await;
        Self { world, app }
    }

    async fn open(&self) -> Client<'_> {
        Client { place: self, wire: Wire::open(self.world.gateway.address).await }
    }

    /// One request on a connection of its own.
    async fn ask(&self, target: &str, lines: &str) -> Message {
        self.open().await.ask(target, lines).await
    }

    /// Signs a person in at both sites; gives the header lines.
    async fn session_of(&self, person: &str) -> String {
        let mut browser = Browser::default();
        self.world.sign_in(&mut browser, person, &self.world.crm("/open")).await;
        self.world.sign_in(&mut browser, person, &self.world.signed("/open")).await;
        let pair = |host: &str, name: &String| format!("{name}={}", browser.cookie(host, name).unwrap());
        let [crm, signed] = ["crm.localhost", "crm-signed.localhost"].map(|host| {
            let names = browser.cookie_names(host);
            let name = names.iter().find(|name| *name == "__Host-sg").unwrap_or_else(|| panic!("{names:?}"));
            pair(host, name)
        });
        format!("Cookie: {crm}; {signed}\r\n")
    }

    /// Waits until the application has exactly these connections.
    async fn until_open(&self, connections: &[usize]) {
        self.world.until(|| self.app.open() == connections).await;
    }
}

impl Client<'_> {
    async fn ask(&mut self, target: &str, lines: &str) -> Message {
        self.send("GET", "crm", target, lines, "").await
    }

    async fn send(&mut self, method: &str, site: &str, target: &str, lines: &str, body: &str) -> Message {
        let host = format!("{site}.localhost:{}", self.place.world.ports.gateway);
        self.wire.send(format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n{body}").as_bytes()).await;
        self.wire.answer().await
    }

    /// Both steps of a sign-in with the application.
    async fn sign_in(&mut self, session: &str, name: &str) -> Message {
        let challenge = self.ask("/a", &format!("{session}Authorization: NTLM hello\r\n")).await;
        assert_eq!((challenge.status(), challenge.header("www-authenticate")), (401, Some("NTLM your-turn")));
        self.ask("/a", &format!("{session}Authorization: NTLM i-am-{name}\r\n")).await
    }
}

/// Both sites lead to the application, and have an optional route beside the public one.
fn leading_to(text: &str, app: &Signer) -> String {
    let upstream = format!("upstream = \"http://{}\"", app.address);
    let lines = text.lines().map(|line| if line.starts_with("upstream = ") { &upstream } else { line });
    let text = lines.collect::<Vec<_>>().join("\n");
    let public = "[[site.route]]\npath = \"/public/\"\naccess = \"public\"\n";
    text.replace(public, &format!("{public}\n[[site.route]]\npath = \"/optional/\"\naccess = \"optional\"\n"))
}

/// Who the application thought was asking.
fn person(answer: &Message) -> &str {
    answer.header("x-person").and_then(|text| text.split_once(' ')).map_or("", |(_, person)| person)
}

/// On which of its connections.
fn connection(answer: &Message) -> &str {
    answer.header("x-person").and_then(|text| text.split_once(' ')).map_or("", |(index, _)| index)
}

fn reason(answer: &Message) -> Option<&str> {
    answer.header("sigma-gateway")
}

const HELLO: &str = "Authorization: NTLM hello\r\n";

#[tokio::test]
async fn nobody_is_served_as_the_person_who_signed_a_connection_in() {
    let place = Place::start().await;
    let session = place.session_of("ana").await;
    let mut ana = place.open().await;
    assert_eq!(person(&ana.sign_in(&session, "ana").await), "ana");
    for visit in 0..20 {
        let target = ["/public/open", "/optional/open"][visit % 2];
        assert_eq!(person(&place.ask(target, "").await), "nobody", "{target}");
    }
    assert_eq!(person(&ana.ask("/a", &session).await), "ana", "and hers is still hers");
}

#[tokio::test]
async fn people_who_sign_in_at_once_are_each_themselves_on_one_connection_of_their_own() {
    let place = Place::start().await;
    let mut people = Vec::new();
    for name in ["ana", "ben", "ana", "ben"] {
        people.push((format!("{name}{}", people.len()), place.session_of(name).await, place.open().await));
    }
    let mut theirs = Vec::new();
    for (name, session, client) in &mut people {
        let signed_in = client.sign_in(session, name).await;
        assert_eq!(person(&signed_in), name);
        theirs.push(connection(&signed_in).to_owned());
    }
    for round in 0..15 {
        for ((name, session, client), own) in people.iter_mut().zip(&theirs) {
            let target = ["/a", "/public/a", "/optional/a", "/empty"][round % 4];
            let answer = client.ask(target, session).await;
            assert_eq!((person(&answer), connection(&answer)), (&**name, &**own), "{target}: {answer:?}");
        }
    }
    assert_eq!(place.app.requests(), theirs.len() * 17 + 8, "two steps each, and fifteen requests");
}

#[tokio::test]
async fn a_request_of_another_session_or_of_none_on_the_same_client_connection_ends_it() {
    let place = Place::start().await;
    let (ana, ben) = (place.session_of("ana").await, place.session_of("ben").await);
    for (lines, target) in [(&ben, "/open"), (&String::new(), "/public/open"), (&String::new(), "/oauth2/userinfo")] {
        let mut shared = place.open().await;
        let signed_in = shared.sign_in(&ana, "ana").await;
        let other = shared.ask(target, lines).await;
        assert_ne!(person(&other), "ana", "{target}");
        let hers: usize = connection(&signed_in).parse().unwrap();
        place.world.until(|| !place.app.open().contains(&hers)).await;
        assert_eq!(person(&shared.ask("/open", &ana).await), "nobody", "{target}: never again");
    }
}

#[tokio::test]
async fn a_new_sign_in_of_the_same_person_is_another_session() {
    let place = Place::start().await;
    let (before, after) = (place.session_of("ana").await, place.session_of("ana").await);
    assert_ne!(before, after);
    let mut client = place.open().await;
    assert_eq!(person(&client.sign_in(&before, "ana").await), "ana");
    assert_eq!(person(&client.ask("/open", &after).await), "nobody");
}

#[tokio::test]
async fn another_site_never_gets_it() {
    let place = Place::start().await;
    let session = place.session_of("ana").await;
    let mut client = place.open().await;
    assert_eq!(person(&client.sign_in(&session, "ana").await), "ana");
    assert_eq!(person(&client.send("GET", "crm-signed", "/open", &session, "").await), "nobody");
    assert_eq!(person(&client.ask("/open", &session).await), "nobody");
}

#[tokio::test]
async fn it_ends_with_the_client_connection() {
    let place = Place::start().await;
    let session = place.session_of("ana").await;
    let mut client = place.open().await;
    let signed_in = client.sign_in(&session, "ana").await;
    let hers: usize = connection(&signed_in).parse().unwrap();
    assert!(place.app.open().contains(&hers));
    drop(client);
    place.world.until(|| !place.app.open().contains(&hers)).await;
}

#[tokio::test]
async fn it_ends_with_the_sign_out() {
    let place = Place::start().await;
    let session = place.session_of("ana").await;
    let mut client = place.open().await;
    let hers: usize = connection(&client.sign_in(&session, "ana").await).parse().unwrap();
    let own_page = "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n";
    client.ask("/oauth2/userinfo", &session).await;
    assert!(place.app.open().contains(&hers), "another page of ours is no sign-out");
    client.ask("/oauth2/sign_out", &format!("{session}{own_page}")).await;
    place.world.until(|| !place.app.open().contains(&hers)).await;
}

#[tokio::test]
async fn one_that_the_application_closed_is_challenged_anew() {
    let place = Place::start().await;
    let session = place.session_of("ana").await;
    let mut client = place.open().await;
    assert_eq!(person(&client.sign_in(&session, "ana").await), "ana");
    assert_eq!(person(&client.ask("/a/then-close", &session).await), "ana");
    let again = client.ask("/a", &session).await;
    assert_eq!((again.status(), again.lines_of("www-authenticate")), (401, 2));
    assert_eq!(person(&client.sign_in(&session, "ana").await), "ana");
}

#[tokio::test]
async fn without_a_session_a_request_that_signs_a_connection_in_is_refused_before_it_is_asked() {
    let place = Place::start().await;
    for scheme in ["NTLM", "ntlm", "Negotiate", "nEGOTIATE", "Nego2", "Kerberos", "NTLM ", "negotiate\t"] {
        for target in ["/public/open", "/optional/open"] {
            for lines in
                [format!("Authorization: {scheme} hello\r\n"), format!("aUTHORIZATION:\t {scheme}\thello \r\n")]
            {
                let refused = place.ask(target, &lines).await;
                assert_eq!((refused.status(), reason(&refused)), (403, Some("connection_bound")), "{target} {lines}");
            }
        }
    }
    assert_eq!(place.app.requests(), 0);
    let passed = place.ask("/public/open", "Authorization: Basic TlRMTQ==\r\n").await;
    assert_eq!((passed.status(), person(&passed)), (200, "nobody"));
}

#[tokio::test]
async fn no_odd_scheme_lends_the_connection_that_it_signed_in() {
    let place = Place::start().await;
    let session = place.session_of("ana").await;
    for scheme in
        ["'NTLM'", "xNTLM", "Basic x NTLM", "Basic x;NTLM", "N\u{ad}TLM", "GSS-SPNEGO", "krb5", "Passport", "IWA"]
    {
        for (target, lines) in [("/public/open/at-once", ""), ("/open/at-once", session.as_str())] {
            let mut client = place.open().await;
            let signed_in = client.ask(target, &format!("{lines}Authorization: {scheme} i-am-ana\r\n")).await;
            assert_eq!((signed_in.status(), person(&signed_in)), (200, "ana"), "{scheme} {target}");
            // On the same core, where the pool is the same.
            assert_eq!(person(&client.ask("/public/open", "").await), "nobody", "{scheme} {target}");
        }
    }
}

#[tokio::test]
async fn without_a_session_an_answer_that_offers_nothing_else_is_refused_and_its_connection_closed() {
    let place = Place::start().await;
    for target in ["/public/a", "/optional/a", "/public/anyway", "/public/token", "/public/anyway/empty"] {
        let refused = place.ask(target, "").await;
        assert_eq!((refused.status(), reason(&refused)), (403, Some("connection_bound")), "{target}");
        assert_eq!(refused.lines_of("www-authenticate"), 0, "{target}");
        place.until_open(&[]).await;
    }
}

#[tokio::test]
async fn without_a_session_other_schemes_pass_without_those_that_sign_a_connection_in() {
    let place = Place::start().await;
    let passed = place.ask("/public/beside", "").await;
    let lines: Vec<_> =
        passed.headers.iter().filter(|(name, _)| name == "www-authenticate").map(|(_, value)| value.as_str()).collect();
    assert_eq!((passed.status(), lines), (401, vec!["Basic realm=\"a, NTLM\", Digest realm=b"]));
    place.until_open(&[]).await;
}

#[tokio::test]
async fn a_connection_that_says_it_is_signed_in_goes_back_to_nobody() {
    let place = Place::start().await;
    let passed = place.ask("/public/marked", "").await;
    assert_eq!((passed.status(), passed.header("persistent-auth")), (200, None));
    place.until_open(&[]).await;
}

#[tokio::test]
async fn an_early_answer_to_a_body_that_has_not_been_sent_ends_its_connection() {
    let place = Place::start().await;
    let session = place.session_of("ana").await;
    let mut client = place.open().await;
    let early = client.send("POST", "crm", "/early", &format!("{session}{HELLO}Content-Length: 9\r\n"), "half").await;
    assert_eq!((early.status(), early.header("www-authenticate")), (401, Some("NTLM your-turn")));
    place.until_open(&[]).await;
}

#[tokio::test]
async fn a_refused_websocket_handshake_leaves_no_connection_behind() {
    let place = Place::start().await;
    let session = place.session_of("ana").await;
    let origin = format!("Origin: http://crm.localhost:{}\r\n", place.world.ports.gateway);
    let handshake = format!(
        "{origin}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Version: 13\r\n{HELLO}"
    );
    let before = place.app.requests();
    let anonymous = place.ask("/public/open", &handshake).await;
    assert_eq!((anonymous.status(), reason(&anonymous)), (403, Some("connection_bound")));
    assert_eq!(place.app.requests(), before);
    let hers = place.ask("/a", &format!("{session}{handshake}")).await;
    assert_eq!(hers.status(), 401);
    place.until_open(&[]).await;
}

#[tokio::test]
async fn the_first_challenge_of_a_site_is_told_once() {
    let place = Place::start().await;
    let told = || {
        let lines = place.world.log("event");
        lines.into_iter().filter(|line| line["message"].as_str().unwrap().contains("signs connections in")).count()
    };
    assert_eq!(told(), 0);
    let session = place.session_of("ana").await;
    place.ask("/a", &session).await;
    place.ask("/public/a", "").await;
    assert_eq!(told(), 1);
    place.open().await.send("GET", "crm-signed", "/a", &session, "").await;
    assert_eq!(told(), 2);
}

#[tokio::test]
async fn a_reload_that_changes_the_upstream_ends_it() {
    let (old, new, folder) = (Signer::start().await, Signer::start().await, tempfile::tempdir().unwrap());
    let world = World::from_edited_file(folder.path(), |text| leading_to(&text, &old)).await;
    let place = Place { world, app: old };
    let session = place.session_of("ana").await;
    let mut client = place.open().await;
    assert_eq!(person(&client.sign_in(&session, "ana").await), "ana");
    let file = folder.path().join("gateway.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(&place.app.address.to_string(), &new.address.to_string())).unwrap();
    place.world.until(|| place.world.metrics().contains(r#"config_reloads_total{result="applied"} 1"#)).await;
    place.until_open(&[]).await;
    assert_eq!((person(&client.ask("/open", &session).await), new.requests()), ("nobody", 1));
}
