//! RS-09: no tunnel but a WebSocket, and none before the host application has agreed.

use super::{lab::Lab, message::find};

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

fn handshake(target: &str, lines: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: @HOST\r\nOrigin: http://@HOST\r\nConnection: Upgrade\r\n{KEY}{lines}\r\n")
}

#[tokio::test]
async fn rs_09_no_other_protocol_than_websocket_is_ever_forwarded() {
    for (protocol, more) in [
        ("h2c", "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"),
        ("h2", ""),
        ("TLS/1.0", ""),
        ("HTTP/2.0", ""),
        ("connect-udp", ""),
        ("xwebsocket", ""),
        ("websocket/13", ""),
    ] {
        let lab = Lab::start().await;
        let connection = "Connection: Upgrade, HTTP2-Settings, close\r\n";
        let answers = lab
            .exchange(format!(
                "GET /public/switch/h2c HTTP/1.1\r\nHost: @HOST\r\n{connection}Upgrade: {protocol}\r\n{more}\r\n"
            ))
            .await;
        // The recorder switches in spite of that.
        assert_eq!(answers.statuses(), [502], "{protocol}: {}", answers.text());
        let requests = lab.requests();
        assert_eq!(requests.len(), 1, "{protocol}");
        for name in ["upgrade", "connection", "http2-settings"] {
            assert_eq!(requests[0].header(name), None, "{protocol} {name}");
        }
    }
}

#[tokio::test]
async fn rs_09_an_ambiguous_handshake_is_refused() {
    let lab = Lab::start().await;
    for (version, lines) in [
        ("1.1", "Upgrade: websocket, h2c\r\n"),
        ("1.1", "Upgrade: h2c, websocket\r\n"),
        ("1.1", "Upgrade: websocket\r\nUpgrade: h2c\r\n"),
        ("1.1", "Upgrade: h2c\r\nUpgrade: websocket\r\n"),
        ("1.1", "Upgrade: websocket\r\nContent-Length: 5\r\n"),
        ("1.1", "Upgrade: websocket\r\nTransfer-Encoding: chunked\r\n"),
        ("1.1", "Upgrade: websocket\r\nSec-WebSocket-Key: another\r\n"),
        ("1.0", "Upgrade: websocket\r\n"),
    ] {
        let bytes = handshake("/public/switch/websocket", lines).replace("HTTP/1.1", &format!("HTTP/{version}"));
        let answers = lab.exchange(format!("{bytes}hello")).await;
        lab.assert_refused(&answers, &[400], lines);
    }
}

#[tokio::test]
async fn rs_09_without_a_session_or_from_another_origin_no_handshake_arrives() {
    let lab = Lab::start().await;
    let lines = "Upgrade: websocket\r\n";
    let protected = handshake("/switch/websocket", lines);
    let foreign =
        handshake("/public/switch/websocket", lines).replace("Origin: http://@HOST", "Origin: http://evil.test");
    for bytes in [protected, foreign] {
        let mut wire = lab.open().await;
        wire.send(&lab.fill(bytes)).await;
        let status = wire.answer().await.status();
        assert!(matches!(status, 401 | 403), "{status}");
    }
    assert!(lab.requests().is_empty());
}

/// Nothing is a tunnel before the 101: what was sent ahead waits, and after a refusal nobody reads it.
#[tokio::test]
async fn rs_09_bytes_behind_a_refused_handshake_are_never_read() {
    let lab = Lab::start().await;
    let ahead = "GET /public/ahead HTTP/1.1\r\nHost: @HOST\r\nX-Ahead: yes\r\n\r\n";
    for (target, status) in [("/public/no-upgrade", 400), ("/public/ok", 200), ("/app", 401)] {
        let before = lab.requests().len();
        let answers = lab.exchange(handshake(target, "Upgrade: websocket\r\n") + ahead).await;
        assert_eq!((answers.statuses(), answers.is_closed), (vec![status], true), "{target}: {}", answers.text());
        assert_eq!(lab.requests_after(before).len(), usize::from(status != 401), "{target}");
    }
    assert_eq!(find(&lab.upstream.bytes().concat(), b"x-ahead"), None);
    assert_eq!(find(&lab.upstream.bytes().concat(), b"X-Ahead"), None);
}

#[tokio::test]
async fn rs_09_bytes_ahead_of_an_accepted_handshake_arrive_behind_it() {
    let lab = Lab::start().await;
    let mut wire = lab.open().await;
    wire.send(&lab.fill(handshake("/public/switch/websocket", "Upgrade: websocket\r\n") + "frames")).await;
    assert_eq!(wire.answer().await.status(), 101);
    lab.world.until(|| lab.upstream.bytes()[0].ends_with(b"\r\n\r\nframes")).await;
}

#[tokio::test]
async fn rs_09_a_switch_that_nobody_asked_for_is_a_bad_gateway() {
    let lab = Lab::start().await;
    for bytes in [
        "GET /public/switch/websocket HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /public/switch/h2c HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n\r\n".to_owned(),
        "POST /public/switch/websocket HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\nContent-Length: 1\r\n\r\na"
            .to_owned(),
        handshake("/public/switch/h2c", "Upgrade: websocket\r\nConnection: close\r\n"),
    ] {
        let answers = lab.exchange(&bytes).await;
        assert_eq!((answers.statuses(), answers.is_closed), (vec![502], true), "{bytes}: {}", answers.text());
    }
}
