//! RS-05: the grammar of lines and headers.

use super::lab::Lab;

#[tokio::test]
async fn rs_05_a_malformed_line_is_refused_and_ends_the_connection() {
    let lab = Lab::start().await;
    let start = "GET /public/a HTTP/1.1\r\nHost: @HOST\r\n";
    let lines: [&[u8]; 25] = [
        b"A: b\rC: d",
        b"A: b\r\rC: d",
        b"\rA: b",
        b"A\r: b",
        b"A: b\0c",
        b"A\0: b",
        b"A: b\x01c",
        b"A: b\x0bc",
        b"A: b\x0cc",
        b"A: b\x1bc",
        b"A: b\x7fc",
        b"A: b\r\n folded",
        b"A: b\r\n\tfolded",
        b"A : b",
        b"A\t: b",
        b"A b: c",
        b": no name",
        b"no colon",
        b"\xc3\xa9: b",
        b"A\xff: b",
        b"A(b): c",
        b"A\"b: c",
        b"A/b: c",
        b"A[b]: c",
        b"{A}: c",
    ];
    for line in lines {
        let bytes = [start.as_bytes(), line, b"\r\n\r\n"].concat();
        let answers = lab.exchange(bytes).await;
        lab.assert_refused(&answers, &[400], &String::from_utf8_lossy(line));
    }
    let leading = lab.exchange("GET /public/a HTTP/1.1\r\n Host: @HOST\r\n\r\n").await;
    lab.assert_refused(&leading, &[400], "space before the first header");
}

#[tokio::test]
async fn rs_05_a_malformed_request_line_is_refused_and_ends_the_connection() {
    let lab = Lab::start().await;
    for line in [
        "GET\t/public/a HTTP/1.1",
        "GET /public/a\tHTTP/1.1",
        "GET  /public/a HTTP/1.1",
        "GET /public/a  HTTP/1.1",
        "GET /public/a HTTP/1.1 ",
        "GET /public/a b HTTP/1.1",
        " GET /public/a HTTP/1.1",
        "GET /public/a HTTP/1.2",
        "GET /public/a HTTP/1.10",
        "GET /public/a HTTP/2.0",
        "GET /public/a HTTP/3",
        "GET /public/a HTTP/0.9",
        "GET /public/a http/1.1",
        "GET /public/a HTTP/1,1",
        "GET /public/a HTTP/01.1",
        "GET /public/a HTTPS/1.1",
        "GET /public/a",
        "GET /public/a ",
        "GET",
        "G\u{e9}T /public/a HTTP/1.1",
        "G(T /public/a HTTP/1.1",
        "GET /public/\x01 HTTP/1.1",
        "GET /public/\x7f HTTP/1.1",
        "GET /public/a\rX HTTP/1.1",
        "\x16\x03\x01\x02\x00\x01",
        "PRI * HTTP/2.0",
    ] {
        let answers = lab.exchange(format!("{line}\r\nHost: @HOST\r\n\r\n")).await;
        lab.assert_refused(&answers, &[400, 505], &format!("{line:?}"));
    }
}

/// hyper takes a bare LF for a line's end (RFC 9112 2.2 allows it); the host application gets CRLF.
#[tokio::test]
async fn rs_05_a_bare_line_feed_is_forwarded_as_crlf() {
    for bytes in [
        "GET /public/a HTTP/1.1\nHost: @HOST\nConnection: close\n\n",
        "GET /public/a HTTP/1.1\r\nHost: @HOST\nA: b\r\nConnection: close\n\r\n",
        "\r\n\r\nGET /public/a HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n\n",
    ] {
        let lab = Lab::start().await;
        let answers = lab.exchange(bytes).await;
        assert_eq!((answers.statuses(), answers.is_closed), (vec![200], true), "{bytes:?}");
        let received = lab.upstream.bytes().concat();
        let is_bare = |at: usize| received[at] == b'\n' && received[at - 1] != b'\r';
        assert!(!(1..received.len()).any(is_bare), "{bytes:?}");
        assert_eq!(lab.requests().len(), 1, "{bytes:?}");
    }
}

/// A line feed that ends a header early makes a line of its own, which is then held to the rules like any other.
#[tokio::test]
async fn rs_05_a_header_behind_a_bare_line_feed_is_a_header_like_any_other() {
    let lab = Lab::start().await;
    let answers = lab.get("/public/a", "A: b\nX-Forwarded-User: ceo\n").await;
    assert_eq!(answers.statuses(), [200]);
    assert_eq!(lab.requests()[0].header("x-forwarded-user"), None);
    let framing = "A: b\nTransfer-Encoding: gzip, chunked\r\n";
    let answers = lab.exchange(format!("POST /public/b HTTP/1.1\r\nHost: @HOST\r\n{framing}\r\n0\r\n\r\n")).await;
    assert_eq!((answers.statuses(), answers.is_closed, lab.requests().len()), (vec![400], true, 1));
}

#[tokio::test]
async fn rs_05_a_head_beyond_the_limits_is_refused() {
    let lab = Lab::start().await;
    let many = "A: b\r\n".repeat(200);
    let long = format!("A: {}\r\n", "b".repeat(70 * 1024));
    let path = format!("/public/{}", "a".repeat(70 * 1024));
    for (target, lines) in [("/public/a", many.as_str()), ("/public/a", &long), (&path, "")] {
        let answers = lab.get(target, lines).await;
        lab.assert_refused(&answers, &[400, 414, 431], &format!("{target:.20} {lines:.20}"));
    }
}

#[tokio::test]
async fn requests_that_nobody_could_read_are_counted_by_their_kind() {
    let lab = Lab::start().await;
    let counted = || {
        let text = lab.world.metrics();
        let of = |reason: &str| {
            let name = format!("sigma_gateway_unreadable_requests_total{{reason=\"{reason}\"}} ");
            text.lines().find_map(|line| line.strip_prefix(&name)?.parse::<u64>().ok()).unwrap_or(0)
        };
        (of("bad_head"), of("head_too_large"))
    };
    lab.get("/public/a", "").await;
    lab.exchange("GET /public/a HTTP/1.1\r\n\r\n").await;
    lab.exchange("\x16\x03\x01 this is no HTTP\r\n\r\n").await;
    lab.world.until(|| counted() == (1, 0)).await;
    lab.get("/public/a", &"A: b\r\n".repeat(200)).await;
    lab.get(&format!("/public/{}", "a".repeat(70 * 1024)), "").await;
    lab.world.until(|| counted() == (1, 2)).await;
}
