//! HS-04: no peer is trusted to say who asked for what.

use super::lab::Lab;

const LINES: [&str; 18] = [
    "X-Forwarded-For: 8.8.8.8, 127.0.0.1",
    "X-Forwarded-Host: evil.test",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Port: 444",
    "X-Forwarded-Prefix: /public",
    "X-Forwarded-Uri: /public/a",
    "X-Forwarded-Method: OPTIONS",
    "X-Forwarded-Server: evil.test",
    "X-Forwarded-Ssl: on",
    "X-Forwarded-Scheme: https",
    "Forwarded: for=8.8.8.8;host=evil.test;proto=https",
    "X-Real-IP: 8.8.8.8",
    "X-Original-URL: /public/a",
    "X-Rewrite-URL: /public/a",
    "X-Original-Method: OPTIONS",
    "X-HTTP-Method-Override: OPTIONS",
    "True-Client-IP: 8.8.8.8",
    "X-Client-IP: 8.8.8.8",
];

#[tokio::test]
async fn hs_04_forwarding_headers_decide_nothing() {
    let lab = Lab::start().await;
    let all = LINES.map(|line| format!("{line}\r\n")).concat();
    for lines in LINES.map(|line| format!("{line}\r\n")).iter().chain([&all]) {
        assert_eq!(lab.get("/app", lines).await.statuses(), [401], "{lines}");
        let page = lab.get("/app", &format!("{lines}Accept: text/html\r\n")).await;
        for word in ["evil.test", "8.8.8.8", "https://crm", ":444", "/public"] {
            assert!(!page.text().contains(word), "{word} {lines}: {}", page.text());
        }
    }
    assert!(lab.requests().is_empty());
}

#[tokio::test]
async fn hs_04_forwarding_headers_are_replaced_by_what_the_gateway_has_seen() {
    let lab = Lab::start().await;
    let all = LINES.map(|line| format!("{line}\r\n")).concat();
    assert_eq!(lab.get("/public/a", &all).await.statuses(), [200]);
    let request = lab.requests().remove(0);
    assert_eq!(request.asks(), "GET /public/a");
    let port = lab.world.ports.gateway.to_string();
    let host = lab.host();
    for (name, value) in [
        ("x-forwarded-for", Some("127.0.0.1")),
        ("x-forwarded-host", Some(host.as_str())),
        ("x-forwarded-proto", Some("http")),
        ("x-forwarded-port", Some(port.as_str())),
        ("x-forwarded-prefix", None),
        ("x-forwarded-uri", None),
        ("x-forwarded-method", None),
        ("x-forwarded-server", None),
        ("x-forwarded-ssl", None),
        ("x-forwarded-scheme", None),
        ("forwarded", None),
        ("x-real-ip", None),
        ("x-original-url", None),
        ("x-rewrite-url", None),
        ("x-original-method", None),
        ("true-client-ip", None),
        ("x-client-ip", None),
        // The application's own affair: the gateway decides by path alone, whatever the method.
        ("x-http-method-override", Some("OPTIONS")),
    ] {
        assert_eq!(request.header(name), value, "{name}");
    }
}

/// What the log calls the peer is the other end of the connection.
#[tokio::test]
async fn hs_04_the_log_names_the_peer_of_the_connection() {
    let lab = Lab::start().await;
    lab.get("/public/a", "X-Forwarded-For: 8.8.8.8\r\nX-Real-IP: 8.8.8.8\r\n").await;
    let lines = lab.world.log("access");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0]["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{lines:?}");
}
