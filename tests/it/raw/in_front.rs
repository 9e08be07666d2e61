//! HS-04 and its kin, with a proxy in front: what a trusted one says of the client is in the application's request and in the books,
//! and nobody else's word is.

use super::{
    client::{Answers, Wire},
    lab::Lab,
};

/// All names by which anybody says where a request comes from or what it asked for, as a client would like them to be.
const FORGED: [&str; 26] = [
    "X-Forwarded-For: 8.8.8.8",
    "X_Forwarded_For: 8.8.8.8",
    "X.Forwarded.For: 8.8.8.8",
    "X-Forwarded_For: 8.8.8.8",
    "Forwarded: for=8.8.8.8;proto=https;host=evil.test",
    "X-Forwarded: for=8.8.8.8",
    "X-Real-IP: 8.8.8.8",
    "X_Real_IP: 8.8.8.8",
    "True-Client-IP: 8.8.8.8",
    "CF-Connecting-IP: 8.8.8.8",
    "CF_Connecting_IP: 8.8.8.8",
    "Fastly-Client-IP: 8.8.8.8",
    "X-Client-IP: 8.8.8.8",
    "X-Cluster-Client-IP: 8.8.8.8",
    "X-Azure-SocketIP: 8.8.8.8",
    "X-Azure-ClientIP: 8.8.8.8",
    "X-Envoy-External-Address: 8.8.8.8",
    "X-Original-Forwarded-For: 8.8.8.8",
    "X-Forwarded-Host: evil.test",
    "X-Forwarded-Proto: javascript",
    "X-Forwarded-Port: 99444",
    "X-Forwarded-Prefix: /evil",
    "X-Forwarded-Uri: /public/evil",
    "X-Original-URL: /public/evil",
    "X-Rewrite-URL: /public/evil",
    "X-Forwarded-Server: evil.test",
];
const WORDS: [&str; 6] = ["8.8.8.8", "evil", "javascript", "99444", "1.1.1.1", "10.9.9.9"];

/// A lab whose `[listen]` has these lines too.
async fn lab(lines: &str) -> Lab {
    Lab::with(|text| listening(&text, lines)).await
}

fn listening(text: &str, lines: &str) -> String {
    assert_eq!(text.matches("[listen]\n").count(), 1, "{text}");
    text.replace("[listen]\n", &format!("[listen]\n{lines}\n"))
}

fn forged() -> String {
    FORGED.map(|line| format!("{line}\r\n")).concat()
}

/// What the application was told of a public request: `X-Forwarded-For`; and what the log calls the client.
async fn told(lab: &Lab, lines: &str) -> (String, String) {
    let before = lab.requests().len();
    assert_eq!(lab.get("/public/a", lines).await.statuses(), [200], "{lines}");
    seen(lab, before)
}

/// The same of the last request.
fn seen(lab: &Lab, before: usize) -> (String, String) {
    let request = lab.requests_after(before).remove(0);
    let text = format!("{} {:?}", request.start, request.headers);
    let all = request.header("x-forwarded-for").expect("one line").to_owned();
    for word in WORDS.iter().filter(|word| **word != all) {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let line = lab.world.log("access").pop().expect("a line");
    (all, line["peer"].as_str().expect("a peer").to_owned())
}

#[tokio::test]
async fn a_trusted_proxy_says_who_the_client_is_and_nothing_left_of_that_counts() {
    let lab = lab("trusted_proxies = [\"127.0.0.1\", \"10.9.9.9\"]\nclient_address = \"x-forwarded-for\"").await;
    for (lines, client) in [
        ("X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9"),
        ("X-Forwarded-For: 8.8.8.8, 203.0.113.9\r\n", "203.0.113.9"),
        ("X-Forwarded-For: 8.8.8.8\r\nX-Forwarded-For: 203.0.113.9, 10.9.9.9\r\n", "203.0.113.9"),
        ("X-Forwarded-For: 8.8.8.8, [2001:db8::9]:50001\r\n", "2001:db8::9"),
        ("X-Forwarded-For: 1.1.1.1, a\r\n", "unknown"),
        // A connection's header is for whoever reads it: CVE-2024-45410, GHSA-w9mr-28mw-j8hg.
        ("Connection: close, X-Forwarded-For\r\nX-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9"),
    ] {
        let all = format!("{}{lines}", forged().replace("X-Forwarded-For: 8.8.8.8\r\n", ""));
        let (for_application, peer) = told(&lab, &all).await;
        assert_eq!(for_application, client, "{lines}");
        assert_eq!(peer.replace(['[', ']'], "").replace(":50001", ""), client, "{lines}");
    }
    // A look at our health, by the proxy itself.
    let (for_application, peer) = told(&lab, "").await;
    assert_eq!(for_application, "127.0.0.1");
    assert!(peer.starts_with("127.0.0.1:"), "{peer}");
}

#[tokio::test]
async fn the_audit_lines_of_a_trusted_proxys_requests_name_the_client() {
    let lab = lab("trusted_proxies = [\"127.0.0.1\"]\nclient_address = \"cf-connecting-ip\"").await;
    let cookie = lab.cookie_of("ana").await;
    let sent =
        format!("{cookie}\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\n");
    let one = lab.get("/sigma/embed/revenue", &format!("{sent}CF-Connecting-IP: 203.0.113.9\r\n")).await;
    assert_eq!(one.statuses(), [200], "{}", one.text());
    let callback = "/oauth2/callback?state=none&code=none";
    lab.get(callback, "CF-Connecting-IP: 203.0.113.10\r\nCF_Connecting_IP: 8.8.8.8\r\n").await;
    let peers = |event: &str| lab.world.audit(event).iter().map(|line| line["peer"].clone()).collect::<Vec<_>>();
    assert_eq!(peers("mint"), ["203.0.113.9"]);
    // Ana's sign-in came without the header.
    let [of_ana, of_nobody] = &peers("sign_in")[..] else { panic!("{:?}", peers("sign_in")) };
    assert!(of_ana.as_str().is_some_and(|peer| peer.starts_with("127.0.0.1:")), "{of_ana}");
    assert_eq!(of_nobody, "203.0.113.10");
}

#[tokio::test]
async fn requests_that_are_none_have_the_clients_address_too() {
    let lab = lab("trusted_proxies = [\"127.0.0.1\"]\nclient_address = \"forwarded\"").await;
    let forwarded = "Forwarded: for=8.8.8.8, for=\"203.0.113.9:50001\"\r\n";
    for (request, status) in [
        (format!("GET /%2 HTTP/1.1\r\nHost: @HOST\r\n{forwarded}Connection: close\r\n\r\n"), 400),
        (format!("GET / HTTP/1.1\r\nHost: evil.test\r\n{forwarded}Connection: close\r\n\r\n"), 421),
        (format!("GET / HTTP/1.1\r\nHost: @HOST\r\nHost: @HOST\r\n{forwarded}Connection: close\r\n\r\n"), 400),
        (format!("TRACE / HTTP/1.1\r\nHost: @HOST\r\n{forwarded}Connection: close\r\n\r\n"), 501),
    ] {
        assert_eq!(lab.exchange(&request).await.statuses(), [status], "{request}");
        let line = lab.world.log("access").pop().expect("a line");
        assert_eq!((&line["peer"], &line["status"]), (&"203.0.113.9:50001".into(), &status.into()), "{request}");
    }
}

#[tokio::test]
async fn from_any_other_peer_these_headers_change_nothing() {
    for lines in [
        "trusted_proxies = []",
        "client_address = \"x-forwarded-for\"",
        "trusted_proxies = [\"10.9.9.9\"]\nclient_address = \"x-forwarded-for\"",
        "trusted_proxies = [\"10.9.9.9\", \"::1\"]\nclient_address = \"forwarded\"",
        "trusted_proxies = [\"10.9.9.9\"]\nclient_address = \"cf-connecting-ip\"",
        "trusted_proxies = [\"10.9.9.9\"]\nclient_address = \"x-our-edge-client\"",
        // Trusted, but nothing says where a client is.
        "trusted_proxies = [\"127.0.0.0/8\"]",
    ] {
        let lab = lab(lines).await;
        let all = format!("{}X-Our-Edge-Client: 8.8.8.8\r\nX_Our.Edge-Client: 8.8.8.8\r\n", forged());
        let edge = if lines.contains("our-edge") { &all[..] } else { &forged()[..] };
        for forged in FORGED.iter().map(|line| format!("{line}\r\n")).chain([edge.to_owned()]) {
            let (for_application, peer) = told(&lab, &forged).await;
            assert_eq!(for_application, "127.0.0.1", "{lines}: {forged}");
            assert!(peer.starts_with("127.0.0.1:"), "{lines}: {forged}: {peer}");
        }
        // Nor do they lead anywhere: CVE-2026-40575, CVE-2023-27487, CVE-2024-47070.
        let refused = lab.get("/app", &format!("{}X-Envoy-Original-Path: /public/evil\r\n", forged())).await;
        assert_eq!(refused.statuses(), [401], "{lines}");
    }
}

#[tokio::test]
async fn who_is_trusted_changes_with_a_reload() {
    let folder = tempfile::tempdir().unwrap();
    let first = "trusted_proxies = [\"10.9.9.9\"]\nclient_address = \"x-forwarded-for\"";
    let lab = Lab::in_folder(folder.path(), |text| listening(&text, first)).await;
    let sent = "X-Forwarded-For: 203.0.113.9\r\n";
    assert_eq!(told(&lab, sent).await.0, "127.0.0.1");
    let file = folder.path().join("gateway.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"10.9.9.9\"", "\"127.0.0.1\"")).unwrap();
    lab.world.until(|| lab.world.metrics().contains(r#"config_reloads_total{result="applied"} 1"#)).await;
    assert_eq!(told(&lab, sent).await.0, "203.0.113.9");
    let applied = lab.world.log("event").into_iter().find(|line| line["message"] == "configuration applied").unwrap();
    assert_eq!(applied["restart_needed"], false);
    std::fs::write(&file, text).unwrap();
    lab.world.until(|| lab.world.metrics().contains(r#"config_reloads_total{result="applied"} 2"#)).await;
    assert_eq!(told(&lab, sent).await.0, "127.0.0.1");
}

const V1: &[u8] = b"PROXY TCP4 203.0.113.9 192.0.2.1 50001 443\r\n";
const V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\xc3\x51\x01\xbb";

async fn begun_with(lab: &Lab, header: &[u8], lines: &str) -> Answers {
    let mut wire = Wire::open(lab.world.gateway.address).await;
    let request = format!("GET /public/a HTTP/1.1\r\nHost: @HOST\r\n{lines}Connection: close\r\n\r\n");
    wire.send(&[header, &lab.fill(request)].concat()).await;
    wire.finish().await
}

#[tokio::test]
async fn a_connection_that_a_trusted_proxy_passes_on_is_its_clients_and_so_are_the_headers_on_it() {
    let lab =
        lab("trusted_proxies = [\"127.0.0.1\"]\nclient_address = \"x-forwarded-for\"\nproxy_protocol = \"any\"").await;
    for header in [V1, V2] {
        for lines in [String::new(), forged()] {
            let before = lab.requests().len();
            assert_eq!(begun_with(&lab, header, &lines).await.statuses(), [200]);
            assert_eq!(seen(&lab, before), ("203.0.113.9".to_owned(), "203.0.113.9:50001".to_owned()), "{lines}");
        }
    }
    // Whoever sends none, or another thing, has no answer.
    for header in [&b""[..], b"PROXY TCP4 203.0.113.9\r\n", &V2[..15], b"\x16\x03\x01"] {
        assert_eq!(begun_with(&lab, header, "").await.bytes, b"", "{header:?}");
    }
    assert!(lab.world.metrics().contains(r#"unreadable_requests_total{reason="bad_proxy_header"} 4"#));
}

#[tokio::test]
async fn nobody_who_is_not_trusted_begins_a_connection_with_such_a_header() {
    let lab = lab("trusted_proxies = [\"10.9.9.9\"]\nproxy_protocol = \"any\"").await;
    for header in [V1, V2, b""] {
        assert_eq!(begun_with(&lab, header, "").await.bytes, b"", "{header:?}");
    }
    assert!(lab.requests().is_empty());
    assert!(lab.world.metrics().contains(r#"unreadable_requests_total{reason="untrusted_peer"} 3"#));
}
