//! RS-08 over HTTP/2: bodies, whose length frames say and a header repeats.

use super::{
    frames::Http2,
    secure::{Secure, fields},
};

/// RFC 9113 8.1.1: the host application never takes such a body for whole.
#[tokio::test]
async fn rs_08_a_length_that_the_frames_contradict_is_never_a_whole_request() {
    let secure = Secure::start().await;
    for (length, pieces) in [
        ("5", &["hell"][..]),
        ("5", &["hello!"]),
        ("5", &["hel", "lo!"]),
        ("5", &[]),
        ("0", &["hello"]),
        ("0", &["GET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"]),
        ("1", &["a", "GET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"]),
        ("1000", &["hello"]),
    ] {
        let mut http2 = secure.open().await;
        let sent = secure.request_with("POST", "/public/a", &[("content-length", length)]);
        let stream = http2.open(&sent, pieces.is_empty()).await;
        for (index, piece) in pieces.iter().enumerate() {
            http2.data(stream, piece, index + 1 == pieces.len()).await;
        }
        let reply = http2.reply(stream).await;
        assert!(reply.status == 0 || reply.status >= 400, "{length} {pieces:?}: {reply:?}");
        let requests = secure.lab.requests();
        assert!(requests.iter().all(|request| !request.is_whole && request.target() == "/public/a"), "{requests:?}");
    }
    // Whatever was begun is cut, and no connection of it is used again.
    let begun = secure.lab.upstream.bytes().len();
    secure.lab.world.until(|| (0..begun).all(|connection| secure.lab.upstream.has_ended(connection))).await;
    let reply = secure.ask(&secure.request("GET", "/public/good"), None).await;
    assert_eq!((reply.status, secure.lab.requests().last().unwrap().asks()), (200, "GET /public/good"));
}

/// RFC 9113 8.1.1: it is whole when its stream ends, not as soon as its length is reached: more may follow.
#[tokio::test]
async fn rs_08_a_length_that_is_reached_makes_no_whole_request_before_the_stream_ends() {
    let secure = Secure::start().await;
    let mut wholes = Vec::new();
    for (length, pieces) in [
        ("0", &["", "hello"][..]),
        ("0", &["", ""]),
        ("5", &["hello", "!"]),
        ("5", &["hello", ""]),
        ("5", &["hel", "lo", "", "GET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"]),
        ("5", &["hel", "lo", "", ""]),
    ] {
        let mut http2 = secure.open().await;
        let stream = http2.open(&secure.request_with("POST", "/public/a", &[("content-length", length)]), false).await;
        let (last, before) = pieces.split_last().unwrap();
        for piece in before {
            http2.data(stream, piece, false).await;
            between(&secure, &mut http2).await;
            assert_eq!(whole_posts(&secure), wholes, "{length} {pieces:?}");
        }
        http2.data(stream, last, true).await;
        let reply = http2.reply(stream).await;
        if last.is_empty() {
            wholes.push(pieces.concat());
        }
        assert_eq!(reply.status, if last.is_empty() { 200 } else { 0 }, "{length} {pieces:?}");
        assert_eq!(whole_posts(&secure), wholes, "{length} {pieces:?}");
    }
    assert!(secure.lab.requests().iter().all(|request| request.target() != "/public/smuggled"));
}

/// A stream that is reset has no end, not even one that is reset with `NO_ERROR`: hyper takes that for the end of a body.
#[tokio::test]
async fn rs_08_a_stream_that_is_reset_makes_no_whole_request() {
    let secure = Secure::start().await;
    for code in [0, 8] {
        for (length, piece) in [("0", ""), ("5", "hello"), ("5", "hell")] {
            let mut http2 = secure.open().await;
            let sent = secure.request_with("POST", "/public/a", &[("content-length", length)]);
            let stream = http2.open(&sent, false).await;
            between(&secure, &mut http2).await;
            http2.data(stream, piece, false).await;
            http2.reset_with(stream, code).await;
            between(&secure, &mut http2).await;
            assert_eq!(whole_posts(&secure), Vec::<String>::new(), "{code} {length} {piece:?}");
        }
    }
}

/// A whole request there and back on the same connection: what may arrive of another has arrived.
async fn between(secure: &Secure, http2: &mut Http2) {
    assert_eq!(http2.ask(&secure.request("GET", "/public/between"), None).await.status, 200);
}

/// The bodies of the requests that look whole to the host application, in the order of their lengths.
fn whole_posts(secure: &Secure) -> Vec<String> {
    let requests = secure.lab.requests().into_iter();
    let posts = requests.filter(|request| request.asks() == "POST /public/a" && request.is_whole);
    let mut bodies: Vec<_> = posts.map(|request| request.text()).collect();
    bodies.sort_by_key(String::len);
    bodies
}

#[tokio::test]
async fn rs_08_a_length_that_is_no_plain_number_ends_its_request() {
    let secure = Secure::start().await;
    let doubled =
        [&[("content-length", "5"), ("content-length", "5")][..], &[("content-length", "5"), ("content-length", "4")]];
    let lengths = ["+5", "-5", "0x5", "5, 5", "5,5", "", "05", "5.0", "5;", "18446744073709551616", "five"];
    let single = lengths.map(|length| vec![("content-length", length)]);
    for lines in single.into_iter().chain(doubled.map(<[_]>::to_vec)) {
        for body in [Some("hello"), None] {
            let reply = secure.ask(&secure.request_with("POST", "/public/a", &lines), body).await;
            secure.assert_refused(&reply, &format!("{lines:?} {body:?}"));
        }
    }
    secure.assert_open().await;
}

/// A body is a body, whatever it looks like, and whatever its method.
#[tokio::test]
async fn rs_08_a_body_that_looks_like_a_request_arrives_as_the_body_of_one() {
    let secure = Secure::start().await;
    let body = "0\r\n\r\nGET /public/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    let length = body.len().to_string();
    let mut http2 = secure.open().await;
    for method in ["POST", "GET", "DELETE", "OPTIONS"] {
        for more in [&[][..], &[("content-length", length.as_str())]] {
            let before = secure.lab.requests().len();
            let reply = http2.ask(&secure.request_with(method, "/public/a", more), Some(body)).await;
            let request = secure.lab.requests_after(before).remove(0);
            assert_eq!(
                (reply.status, request.text().as_str(), request.is_whole),
                (200, body, true),
                "{method} {more:?}"
            );
            assert_eq!(secure.lab.requests_after(before).len(), 1, "{method} {more:?}");
        }
    }
}

/// RFC 9110 6.5.1: trailers end at the gateway; a pseudo-header among them ends the request.
#[tokio::test]
async fn rs_08_trailers_end_at_the_gateway() {
    let secure = Secure::start().await;
    let trailers =
        [("x-forwarded-user", "ceo"), ("content-length", "9"), ("authorization", "Basic x"), ("x-late", "1")];
    let mut http2 = secure.open().await;
    let stream = http2.open(&secure.request("POST", "/public/a"), false).await;
    http2.data(stream, "hello", false).await;
    http2.trailers(stream, &fields(trailers)).await;
    assert_eq!(http2.reply(stream).await.status, 200);
    let request = secure.lab.requests().remove(0);
    assert_eq!((request.text().as_str(), request.is_whole), ("hello", true));
    assert!(trailers.iter().all(|(name, _)| request.header(name).is_none()), "{request:?}");

    // Of what no trailer may be, the library drops some and ends the stream at the rest.
    for late in [(":path", "/admin"), ("transfer-encoding", "chunked"), ("X-Upper", "1"), ("a", "b\r\nc: d")] {
        let before = secure.lab.requests().len();
        let mut http2 = secure.open().await;
        let stream = http2.open(&secure.request("POST", "/public/b"), false).await;
        http2.data(stream, "hello", false).await;
        http2.trailers(stream, &fields([late])).await;
        http2.reply(stream).await;
        for request in secure.lab.requests_after(before) {
            assert_eq!(request.asks(), "POST /public/b", "{late:?}");
            // Where the stream has ended, the application may have its head before its body; it never looks whole then.
            assert_eq!(request.is_whole, late.0 == ":path", "{late:?}: {request:?}");
            assert!("hello".starts_with(&request.text()), "{late:?}: {request:?}");
            assert!(!request.is_whole || request.text() == "hello", "{late:?}: {request:?}");
            assert_eq!(request.lines_of("a"), 0, "{late:?}");
        }
    }
}
