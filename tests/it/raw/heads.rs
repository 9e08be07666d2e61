//! Heads that browsers and servers forgive: an odd line of an answer never costs the page, and never what says where it ends; a target
//! that nobody here can hold gets a page of ours.

use super::{
    answers::{Lab as Liars, Lies},
    lab::Lab,
    message::find,
};

const PLAIN: &str = "Content-Type: text/plain\r\n";

fn lie(target: &'static str, bytes: String) -> (&'static str, (String, &'static str)) {
    (target, (bytes, ""))
}

#[tokio::test]
async fn an_answer_with_an_odd_head_arrives() {
    let sized = |lines: &str| format!("HTTP/1.1 200 OK\r\n{PLAIN}{lines}Content-Length: 7\r\n\r\nOK-BODY");
    let ended = |version: &str, lines: &str| format!("HTTP/{version} 200 OK\r\n{PLAIN}{lines}\r\nOK-BODY");
    let chunked = "7\r\nOK-BODY\r\n0\r\n\r\n";
    let in_chunks = |body: &str| ended("1.1", "Transfer-Encoding: chunked\r\n").replace("OK-BODY", body);
    let cases = [
        lie("/public/space", sized("X-Powered-By : app\r\n")),
        lie("/public/type", sized("").replace("Content-Type:", "Content-Type :")),
        lie("/public/fold", sized("X-Long: one\r\n two\r\n")),
        lie("/public/fold-lf", sized("Content-Security-Policy: default-src 'self';\n script-src 'self'\r\n")),
        lie("/public/no-colon", sized("preload\r\n")),
        lie("/public/status", sized("HTTP/1.1 200 OK\r\n")),
        lie("/public/name", sized("Cache Control: no-cache\r\n")),
        lie("/public/paren", sized("X-Foo(1): a\r\n")),
        lie("/public/latin", sized("X-Gr\u{f6}\u{df}e: a\r\n")),
        lie("/public/control", sized("X-A: b\x01c\rd\r\n")),
        lie("/public/reason", sized("").replace("200 OK", "200 Nicht gefunden \u{e9}\x02")),
        lie("/public/identity", sized("Transfer-Encoding: identity\r\n")),
        lie("/public/cut/identity", ended("1.1", "Transfer-Encoding: identity\r\nConnection: close\r\n")),
        lie("/public/cut/empty-length", ended("1.1", "Content-Length:\r\nConnection: close\r\n")),
        lie("/public/cut/odd-length", ended("1.0", "Content-Length: unknown\r\n")),
        lie(
            "/public/twice",
            ended("1.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n").replace("OK-BODY", chunked),
        ),
        lie("/public/cut/http10", ended("1.0", "Transfer-Encoding: chunked\r\n").replace("OK-BODY", chunked)),
        lie("/public/mark", format!("\u{feff}{}", sized(""))),
        lie("/public/returns", sized("").replace("7\r\n", "7\r\r\n")),
        lie("/public/loose", in_chunks("7\nOK-BODY\n0\n\n")),
        lie("/public/loose-later", in_chunks("3\r\nOK-\r\n4\nBODY\r\n0\r\n\r\n")),
        lie("/public/loose-data", in_chunks("7\r\nOK-BODY\n0\r\n\r\n")),
        lie("/public/loose-last", in_chunks("7\r\nOK-BODY\r\n0\n\r\n")),
        lie("/public/loose-end", in_chunks("7\r\nOK-BODY\r\n0\r\n\n")),
        lie("/public/trailers", in_chunks("7\r\nOK-BODY\r\n0\r\nno trailer\r\nA : b\r\n c\r\n\r\n")),
    ];
    let targets = cases.each_ref().map(|(target, _)| *target);
    let lab = Liars::with(Lies::from(cases)).await;
    for target in targets {
        let answers = lab.last("GET", target).await;
        assert_eq!(answers.statuses(), [200], "{target}: {}", answers.text());
        assert_eq!(answers.list[0].body, b"OK-BODY", "{target}: {}", answers.text());
        assert_eq!(answers.list[0].faults, Vec::<String>::new(), "{target}");
    }
    // What is found behind the head is told as well: of the chunks, and of six that the head shows.
    let notes = r#"rewrite_notes_total{site="crm.localhost",note="framing_mended"} 12"#;
    assert!(lab.world.metrics().contains(notes), "{}", lab.world.metrics());
}

#[tokio::test]
async fn an_answer_whose_framing_is_malformed_or_contradicts_itself_is_a_bad_gateway() {
    let with = |lines: &str| format!("HTTP/1.1 200 OK\r\n{PLAIN}{lines}\r\nOK-BODY");
    let cases = [
        lie("/public/cut/space", with("Content-Length : 7\r\n")),
        lie("/public/cut/name", with("Transfer Encoding: chunked\r\nContent-Length: 7\r\n")),
        lie("/public/cut/fold", with("Content-Length:\r\n 7\r\n")),
        lie("/public/cut/upgrade", with("Upgrade : h2c\r\nContent-Length: 7\r\n")),
        lie("/public/cut/two", with("Content-Length: 7\r\nContent-Length: 8\r\nConnection: close\r\n")),
        lie("/public/cut/kept", with("Content-Length: x\r\n")),
        lie("/public/cut/coding", with("Transfer-Encoding: gzip, chunked\r\n")),
        lie("/public/cut/http10", with("Transfer-Encoding: chunked\r\nContent-Length: 7\r\n").replace("1.1", "1.0")),
        lie("/public/cut/nul", with("A: \0\r\nContent-Length: 7\r\n")),
        lie("/public/cut/many", with(&"Set-Cookie: a=b\r\n".repeat(120))),
        lie("/public/cut/large", with(&format!("A: {}\r\n", "b".repeat(70_000)))),
    ];
    let targets = cases.each_ref().map(|(target, _)| *target);
    let lab = Liars::with(Lies::from(cases)).await;
    for target in targets {
        let answers = lab.last("GET", target).await;
        assert_eq!(answers.statuses(), [502], "{target}: {}", answers.text());
        assert_eq!(answers.list[0].header("sigma-gateway"), Some("upstream_broken"), "{target}");
    }
}

#[tokio::test]
async fn names_of_headers_keep_their_case_in_both_directions() {
    let lab = Liars::with(Lies::from([lie(
        "/public/case",
        "HTTP/1.1 200 OK\r\nX-CamelCASE: a\r\nETag: \"1\"\r\nContent-Length: 7\r\n\r\nOK-BODY".to_owned(),
    )]))
    .await;
    let answers = lab.last("GET", "/public/case").await;
    for line in ["\r\nX-CamelCASE: a\r\n", "\r\nETag: \"1\"\r\n", "\r\nContent-Length: 7\r\n"] {
        assert!(find(&answers.bytes, line.as_bytes()).is_some(), "{line:?}: {}", answers.text());
    }
    let lab = Lab::start().await;
    lab.get("/public/a", "X-camelCase: 1\r\nSOAPAction: x\r\n").await;
    let sent = lab.upstream.bytes().concat();
    for line in ["\r\nX-camelCase: 1\r\n", "\r\nSOAPAction: x\r\n"] {
        assert!(find(&sent, line.as_bytes()).is_some(), "{line:?}: {}", String::from_utf8_lossy(&sent));
    }
}

#[tokio::test]
async fn a_raw_target_arrives_as_it_is_or_gets_a_page_of_ours() {
    let lab = Lab::start().await;
    let ask = |target: &[u8], before: &str| {
        let line =
            [before.as_bytes(), b"GET ", target, b" HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n\r\n"].concat();
        lab.exchange(line)
    };
    for target in [&b"/public/a?b=\xc3\xa9"[..], b"/public/%C1%B3%E1", b"/public/a?b={c}|d^e", b"/public/a\"b"] {
        let before = lab.requests().len();
        let answers = ask(target, "").await;
        assert_eq!(answers.statuses(), [200], "{}", answers.text());
        let read: String = target.iter().copied().map(char::from).collect();
        assert_eq!(lab.requests_after(before)[0].target(), read);
    }
    let kept = "GET /public/first HTTP/1.1\r\nHost: @HOST\r\n\r\nPOST /public/second HTTP/1.1\r\nHost: @HOST\r\nContent-Length: 5\r\n\r\nhello";
    for target in [
        &b"/public/a`b"[..],
        b"/public/caf\xe9",
        b"/public/caf\xc3\xa9",
        b"/public/x?q=<a>",
        b"/public/x?ids=[\"a\"]",
        b"/<",
        b"/public/a b",
        b"/public/a\tb",
        b"/public/a\x7fb",
        b"/public/a\0b",
        b"/public/a#b",
        b"public/a",
    ] {
        for before in ["", kept] {
            let asked = lab.requests().len();
            let answers = ask(target, before).await;
            let (last, others) = answers.list.split_last().unwrap();
            assert!(
                others.iter().all(|answer| answer.status() == 200)
                    && others.len() == usize::from(!before.is_empty()) * 2
            );
            assert_eq!(
                (last.status(), last.header("sigma-gateway")),
                (400, Some("bad_path")),
                "{}",
                target.escape_ascii()
            );
            assert!(last.header("x-request-id").is_some() && !last.body.is_empty() && answers.is_closed);
            assert_eq!(lab.requests_after(asked).len(), others.len());
        }
    }
    assert!(lab.world.metrics().contains("status=\"400\",reason=\"bad_path\"} 24"));
}

#[tokio::test]
async fn a_websocket_without_an_origin_is_of_no_page() {
    let lab = Lab::start().await;
    let mut wire = lab.open().await;
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    let asks = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    wire.send(&lab.fill(format!("GET /public/switch/websocket HTTP/1.1\r\nHost: @HOST\r\n{asks}{key}\r\n"))).await;
    assert_eq!(wire.answer().await.status(), 101);
}
