//! RS-08, RS-07 and HS-08 over HTTP/2: what stands in place of the request line.

use super::secure::{Secure, fields};

/// RFC 9113 8.3: each once, none unknown, all before the first header.
#[tokio::test]
async fn rs_08_pseudo_headers_that_are_doubled_late_or_unknown_end_their_request() {
    let secure = Secure::start().await;
    let host = secure.lab.host();
    let good = |more: &[(&str, &str)]| secure.request_with("GET", "/public/a", more);
    let without = |name: &str| good(&[]).into_iter().filter(|(other, _)| other != name).collect::<Vec<_>>();
    let late = |name: &str, value: &str| [without(name), fields([("x-custom", "1"), (name, value)])].concat();
    for (what, sent) in [
        (":method twice", good(&[(":method", "POST")])),
        (":path twice", good(&[(":path", "/admin")])),
        (":path twice, equal", good(&[(":path", "/public/a")])),
        (":scheme twice", good(&[(":scheme", "http")])),
        (":authority twice", good(&[(":authority", "crm-signed.localhost")])),
        (":authority twice, equal", good(&[(":authority", &host)])),
        (":path late", late(":path", "/public/a")),
        (":method late", late(":method", "GET")),
        (":authority late", late(":authority", &host)),
        (":path late and again", good(&[("x-custom", "1"), (":path", "/admin")])),
        ("unknown", good(&[(":unknown", "1")])),
        ("of an answer", good(&[(":status", "200")])),
        ("of another protocol", good(&[(":protocol", "websocket")])),
        ("without :method", without(":method")),
        ("without :scheme", without(":scheme")),
        ("without :path", without(":path")),
        ("nothing", Vec::new()),
    ] {
        let reply = secure.ask(&sent, None).await;
        secure.assert_refused(&reply, what);
    }
    secure.assert_open().await;
}

/// The request line that HTTP/1.1 gets is made of them: none may end it early, or lead elsewhere.
#[tokio::test]
async fn rs_08_a_pseudo_header_that_would_break_the_request_line_ends_its_request() {
    let secure = Secure::start().await;
    let host = secure.lab.host();
    for (name, value) in [
        (":path", ""),
        (":path", "public/a"),
        (":path", "*"),
        (":path", "?/public/a"),
        (":path", "/public/a HTTP/1.1\r\nHost: evil.test\r\n\r\nGET /public/smuggled"),
        (":path", "/public/a HTTP/1.1"),
        (":path", "/public/a\r\nX-Forwarded-User: ceo"),
        (":path", "/public/a\n"),
        (":path", "/public/\0a"),
        (":path", " /public/a"),
        (":path", "/public/a b"),
        (":path", "/public/a\tb"),
        (":path", "/public/../admin"),
        (":path", "https://evil.test/public/a"),
        (":path", "http://127.0.0.1:1/public/a"),
        (":path", "@evil.test/public/a"),
        (":path", ":1/public/a"),
        (":method", ""),
        (":method", "GET /public/b HTTP/1.1\r\nHost: a\r\n\r\nGET"),
        (":method", "GET /public/b"),
        (":method", "GET\r\n"),
        (":method", "G\0T"),
        (":method", " GET"),
        (":scheme", ""),
        (":scheme", "ftp"),
        (":scheme", "javascript"),
        (":scheme", "https://evil.test/?"),
        (":scheme", "https\r\nX-Forwarded-User: ceo"),
        (":authority", ""),
        (":authority", "crm.localhost\r\nX-Forwarded-User: ceo"),
        (":authority", "crm.localhost evil.test"),
        (":authority", "crm.localhost/evil"),
        (":authority", "crm.localhost/../"),
        (":authority", "crm.localhost?x"),
        (":authority", "crm.localhost#x"),
        (":authority", "u@crm.localhost"),
        (":authority", "crm.localhost:1@evil.test"),
        (":authority", "crm.localhost:"),
        (":authority", "crm.localhost:99999"),
        (":authority", "crm.localhost,evil.test"),
        (":authority", "[::1"),
    ] {
        let mut sent = secure.request("GET", "/public/a");
        sent.iter_mut().find(|(other, _)| other == name).unwrap().1 = value.to_owned();
        let reply = secure.ask(&sent, None).await;
        secure.assert_refused(&reply, &format!("{name}: {value:?}"));
        if name == ":authority" {
            let reply = secure.ask(&[sent, fields([("host", host.as_str())])].concat(), None).await;
            if !value.is_empty() {
                secure.assert_refused(&reply, &format!("{name}: {value:?}, with a good host"));
            }
        }
    }
}

/// RFC 9110 9.3.6 and 9.3.8, RFC 8441: no tunnel, also no extended one, and no echo.
#[tokio::test]
async fn rs_07_over_http2_connect_and_trace_are_refused_and_echo_nothing() {
    let secure = Secure::start().await;
    let ana = secure.cookie_of("ana").await;
    let before = secure.lab.requests().len();
    let host = secure.lab.host();
    let cookie = ("cookie", ana.as_str());
    let extended = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/public/a")];
    for (what, sent) in [
        ("CONNECT", fields([(":method", "CONNECT"), (":authority", host.as_str()), cookie])),
        ("CONNECT elsewhere", fields([(":method", "CONNECT"), (":authority", "127.0.0.1:1"), cookie])),
        ("CONNECT with a path", secure.request_with("CONNECT", "/public/a", &[cookie])),
        ("extended CONNECT", fields(extended.into_iter().chain([(":authority", host.as_str()), cookie]))),
        ("TRACE", secure.request_with("TRACE", "/public/a", &[cookie])),
        ("TRACK", secure.request_with("TRACK", "/app", &[])),
    ] {
        let reply = secure.ask(&sent, None).await;
        assert!(matches!(reply.status, 0 | 400 | 401 | 405 | 501) && !reply.text().contains(&ana), "{what}: {reply:?}");
    }
    assert!(secure.lab.requests_after(before).is_empty());
}

#[tokio::test]
async fn hs_08_over_http2_a_host_that_contradicts_the_authority_is_refused() {
    let secure = Secure::start().await;
    let host = secure.lab.host();
    for hosts in [
        &["evil.test"][..],
        &["crm-signed.localhost"],
        &["crm.localhost:1"],
        &[""],
        &["a b"],
        &["u@crm.localhost"],
        &[&host, &host],
        &[&host, "evil.test"],
        &["evil.test", &host],
    ] {
        let more: Vec<_> = hosts.iter().map(|host| ("host", *host)).collect();
        let reply = secure.ask(&secure.request_with("GET", "/public/a", &more), None).await;
        secure.assert_refused(&reply, &format!("{hosts:?}"));
    }
    for missing in [&[][..], &["evil.test", "crm.localhost"]] {
        let more = missing.iter().map(|host| ("host", *host));
        let pseudo = [(":method", "GET"), (":scheme", "https"), (":path", "/public/a")];
        let reply = secure.ask(&fields(pseudo.into_iter().chain(more)), None).await;
        secure.assert_refused(&reply, &format!("no authority, {missing:?}"));
    }
    let reply = secure.ask(&secure.request_with("GET", "/public/a", &[("host", &host)]), None).await;
    assert_eq!((reply.status, secure.lab.requests().len()), (200, 1), "an equal host contradicts nothing");
}

/// The certificate was asked for by another name than the request has: the request's own site serves it, with its own
/// sessions (a browser may share a connection among the names of a certificate, RFC 9113 9.1.1).
#[tokio::test]
async fn hs_08_over_http2_the_authority_names_the_site_and_not_the_handshake() {
    let secure = Secure::start().await;
    let ana = secure.cookie_of("ana").await;
    let before = secure.lab.requests().len();
    let mut http2 = secure.open().await;
    let mut ask = async |authority: &str, path: &str, cookie: &str| {
        let pseudo = [(":method", "GET"), (":scheme", "https"), (":authority", authority), (":path", path)];
        http2.ask(&fields(pseudo.into_iter().chain([("cookie", cookie)])), None).await.status
    };
    for (authority, path, status) in [
        ("crm.localhost", "/app", 200),
        ("crm-signed.localhost", "/app", 401),
        ("crm-signed.localhost", "/public/a", 200),
        ("evil.test", "/public/a", 421),
        ("127.0.0.1", "/public/a", 421),
        ("crm.localhost.evil.test", "/public/a", 421),
        ("CRM.LocalHost.", "/app", 200),
    ] {
        assert_eq!(ask(authority, path, &ana).await, status, "{authority} {path}");
    }
    assert_eq!(secure.lab.requests_after(before).len(), 3);
}
