//! What is on the wire: one request is one request, or it is refused and the connection closed.

use super::{Server, read_to_close};

fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

#[test]
fn requests_on_one_connection_are_answered_one_by_one() {
    let text = Server::start().send(
        b"GET /a%2Fb?x HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\
          POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    );
    assert_eq!(answers(&text), 3, "{text}");
    for line in ["GET /a%2Fb?x 0\n", "POST /b 3\n", "POST /c 2\n"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_request_whose_end_is_in_doubt_is_refused_and_nothing_behind_it_is_read() {
    let server = Server::start();
    for framing in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
        "Content-Length: 5, 5",
        "Content-Length: 0x5",
        "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding:\x0bchunked",
    ] {
        let text = server.send(
            format!(
                "POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            .as_bytes(),
        );
        assert!(text.starts_with("HTTP/1.1 400") && answers(&text) == 1, "{framing}: {text}");
    }
}

#[test]
fn content_length_beside_chunked_never_lets_a_second_request_through() {
    let server = Server::start();
    for framing in
        ["Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4"]
    {
        let text = server.send(
            format!(
                "POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            .as_bytes(),
        );
        assert!(answers(&text) == 1 && !text.contains("smuggled"), "{framing}: {text}");
    }
}

#[test]
fn malformed_lines_are_refused() {
    let server = Server::start();
    for head in [
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: u@evil\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n: 1\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /../x HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a\\..\\b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\u{fc} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /admin#/../public HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: a\r\nCookie: secret\r\n\r\n",
    ] {
        let text = server.send(head.as_bytes());
        assert!(text.starts_with("HTTP/1.1 400") && !text.contains("secret"), "{head}: {text}");
    }
}

#[test]
fn heads_beyond_the_limits_are_refused() {
    let server = Server::start();
    let many = "X: 1\r\n".repeat(101);
    let long = format!("X: {}\r\n", "a".repeat(crate::limits::REQUEST_HEAD_BYTES_MAX));
    for headers in [many, long] {
        let text = server.send(format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n").as_bytes());
        assert!(text.starts_with("HTTP/1.1 431"), "{text}");
    }
}

#[test]
fn a_body_that_breaks_off_is_never_an_answer_that_looks_whole() {
    let server = Server::start();
    let chunked = server.send(b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(chunked.contains("transfer-encoding: chunked") && chunked.ends_with("5\r\nfirst\r\n"), "{chunked}");
    let with_length = server.send(b"GET /broken-length HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(with_length.contains("content-length: 50") && with_length.ends_with("\r\n\r\nfirst"), "{with_length}");
}

#[test]
fn a_broken_body_to_an_http_1_0_browser_ends_in_a_reset() {
    use std::io::{Read, Write};
    let server = Server::start();
    let mut stream = server.connect();
    stream.write_all(b"GET /broken HTTP/1.0\r\nHost: a\r\n\r\n").unwrap();
    let error = stream.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let whole = server.send(b"GET /whole HTTP/1.0\r\nHost: a\r\n\r\n");
    assert!(whole.ends_with("GET /whole 0\n"), "{whole}");
}

#[test]
fn no_bytes_behind_an_upgrade_request_are_taken_for_a_tunnel() {
    use std::io::Write;
    let server = Server::start();
    let mut stream = server.connect();
    let head =
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(b"GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").unwrap();
    let text = read_to_close(&mut stream);
    assert!(text.contains("GET /ws 0\n") && !text.contains("101 Switching"), "{text}");
}

#[test]
fn an_answer_reaches_a_browser_that_is_still_sending() {
    use std::io::Write;
    let server = Server::start();
    for line in ["Content-Length: 33554432", "Transfer-Encoding: chunked"] {
        let mut stream = server.connect();
        let piece = format!("10000\r\n{}\r\n", "a".repeat(65_536));
        stream.write_all(format!("POST /x HTTP/1.1\r\nHost: u@evil\r\n{line}\r\n\r\n").as_bytes()).unwrap();
        // As browsers do it: first the whole body, then what is said to it.
        for _ in 0..512 {
            stream.write_all(piece.as_bytes()).unwrap();
        }
        let text = read_to_close(&mut stream);
        assert!(text.starts_with("HTTP/1.1 400") && text.ends_with("refused\n"), "{line}: {text}");
    }
}
