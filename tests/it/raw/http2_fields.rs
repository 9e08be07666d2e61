//! RS-08 and HS-01 to HS-03 over HTTP/2: fields that must not be, and names that a client may not bring.

use super::{
    frames::block,
    header_names::{FORGED, NAMES, aliases, assert_unforged},
    secure::Secure,
};

/// RFC 9113 8.2.2.
#[tokio::test]
async fn rs_08_a_field_of_one_connection_ends_its_request() {
    let secure = Secure::start().await;
    for (name, value) in [
        ("connection", "close"),
        ("connection", "keep-alive, x-forwarded-user"),
        ("connection", ""),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("transfer-encoding", "chunked"),
        ("transfer-encoding", "identity"),
        ("transfer-encoding", ""),
        ("transfer-encoding", " chunked"),
        ("transfer-encoding", "gzip, chunked"),
        ("upgrade", "websocket"),
        ("upgrade", "h2c"),
        ("te", "gzip"),
        ("te", "trailers, deflate"),
        ("te", "chunked"),
    ] {
        for (method, body) in
            [("GET", None), ("POST", Some("0\r\n\r\nGET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"))]
        {
            let reply = secure.ask(&secure.request_with(method, "/public/a", &[(name, value)]), body).await;
            secure.assert_refused(&reply, &format!("{method} {name}: {value}"));
        }
    }
    secure.assert_open().await;
}

#[tokio::test]
async fn rs_08_it_does_so_wherever_one_frame_of_its_head_ends_and_the_next_begins() {
    let secure = Secure::start().await;
    for (name, value) in [("connection", "close"), ("te", "gzip")] {
        let head = block(&secure.request_with("GET", "/public/a", &[(name, value), ("x-custom", "1")]));
        let mut http2 = secure.open().await;
        for at in 0..=head.len() {
            let (begin, end) = head.split_at(at);
            let stream = http2.open_in_frames(&[begin, end], true).await;
            let reply = http2.reply(stream).await;
            secure.assert_refused(&reply, &format!("{name} in {at} and more"));
            assert!(reply.reset.is_some() && !http2.is_over(), "{name} in {at} and more: {reply:?}");
        }
    }
    secure.assert_open().await;
}

/// RFC 9113 8.2.1: what HTTP/1.1 could not say in one line.
#[tokio::test]
async fn rs_08_a_name_that_http_1_1_could_not_write_ends_its_request() {
    let secure = Secure::start().await;
    for name in [
        "X-Upper",
        "x-forwardeD-user",
        "Transfer-Encoding",
        "",
        "a b",
        " a",
        "a ",
        "a:b",
        "a:",
        "a\tb",
        "a\r\nx-forwarded-user: ceo\r\nb",
        "a\nb",
        "a\rb",
        "a\0b",
        "a\u{7f}b",
        "\u{e9}",
        "a: b\r\n\r\nGET /public/smuggled HTTP/1.1\r\nhost",
        "transfer-encoding: chunked\r\na",
        "a(b",
        "a\"b",
        "a/b",
        "a[b]",
        "{a}",
    ] {
        let reply = secure.ask(&secure.request_with("GET", "/public/a", &[(name, "1")]), None).await;
        secure.assert_refused(&reply, &format!("{name:?}"));
    }
    secure.assert_open().await;
}

#[tokio::test]
async fn rs_08_a_value_that_http_1_1_could_not_write_ends_its_request() {
    let secure = Secure::start().await;
    for value in [
        "a\r\nX-Forwarded-User: ceo",
        "a\r\n\r\nGET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
        "a\nb",
        "a\rb",
        "a\0b",
        "a\u{1}b",
        "a\u{b}b",
        "a\u{7f}b",
        "\r\n",
        "\n",
        " a",
        "a ",
        "\ta",
        "a\t",
        " ",
        "a\r\n b",
    ] {
        for name in ["x-custom", "cookie", "content-type", "referer", "user-agent", "host", "te"] {
            let reply = secure.ask(&secure.request_with("GET", "/public/a", &[(name, value)]), None).await;
            secure.assert_refused(&reply, &format!("{name}: {value:?}"));
        }
    }
    secure.assert_open().await;
}

/// RFC 9113 8.2.3: crumbs of `cookie` are one line behind the gateway, and the session is found among them.
#[tokio::test]
async fn rs_08_cookies_in_several_fields_arrive_in_one_line() {
    let secure = Secure::start().await;
    let ana = secure.cookie_of("ana").await;
    let before = secure.lab.requests().len();
    let crumbs = [("cookie", "a=1"), ("cookie", &ana), ("x-between", "1"), ("cookie", "b=2; c=3")];
    let reply = secure.ask(&secure.request_with("GET", "/app", &crumbs), None).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let request = secure.lab.requests_after(before).remove(0);
    assert_eq!((request.lines_of("cookie"), request.header("cookie")), (1, Some("a=1; b=2; c=3")));
    assert_eq!(request.header("x-forwarded-user"), Some("user-ana"));
}

#[tokio::test]
async fn hs_01_over_http2_no_identity_header_of_a_client_arrives() {
    let secure = Secure::start().await;
    let ana = secure.cookie_of("ana").await;
    let names: Vec<String> = NAMES.iter().map(|name| name.to_ascii_lowercase()).collect();
    let forged: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), FORGED)).collect();
    for (target, cookie, status, user) in [
        ("/app", Some(ana.as_str()), 200, Some("user-ana")),
        ("/app", None, 401, None),
        ("/public/a", Some(&ana), 200, None),
        ("/public/a", None, 200, None),
        ("/optional/a", Some(&ana), 200, Some("user-ana")),
        ("/optional/a", None, 200, None),
    ] {
        let before = secure.lab.requests().len();
        let more: Vec<_> = cookie.map(|cookie| ("cookie", cookie)).into_iter().chain(forged.clone()).collect();
        let reply = secure.ask(&secure.request_with("GET", target, &more), None).await;
        assert_eq!(reply.status, status, "{target}");
        let requests = secure.lab.requests_after(before);
        assert_eq!(requests.len(), usize::from(status == 200), "{target}");
        for request in &requests {
            assert_unforged(request, target);
            assert_eq!(request.header("x-forwarded-user"), user, "{target}");
            assert_eq!(request.header("x-forwarded-proto"), Some("https"), "{target}");
        }
    }
}

#[tokio::test]
async fn hs_02_over_http2_no_alias_of_a_managed_name_arrives() {
    let secure = Secure::start().await;
    let ana = secure.cookie_of("ana").await;
    let before = secure.lab.requests().len();
    let (mut http2, mut sent) = (secure.open().await, 0);
    for name in NAMES {
        let aliases: Vec<String> = aliases(name).iter().map(|alias| alias.to_ascii_lowercase()).collect();
        sent += aliases.len();
        let forged = aliases.iter().map(|alias| (alias.as_str(), FORGED));
        let more: Vec<_> = [("cookie", ana.as_str())].into_iter().chain(forged).collect();
        let reply = http2.ask(&secure.request_with("GET", "/app", &more), None).await;
        assert_eq!(reply.status, 200, "{name}: {reply:?}");
    }
    let requests = secure.lab.requests_after(before);
    assert!(sent > 500 && requests.len() == NAMES.len(), "{sent}");
    for request in requests {
        assert_unforged(&request, &request.start);
        assert_eq!((request.lines_of("x-forwarded-user"), request.header("x-forwarded-user")), (1, Some("user-ana")));
    }
}
