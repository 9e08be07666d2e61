//! RS-10, PN-01, PN-02 and PN-03 over HTTP/2: many requests side by side, each for itself.

use super::{oracle, secure::Secure, traversal};

#[tokio::test]
async fn rs_10_over_http2_every_request_has_the_identity_of_its_own_cookie() {
    let secure = Secure::start().await;
    let (ana, ben) = (secure.cookie_of("ana").await, secure.cookie_of("ben").await);
    let before = secure.lab.requests().len();
    let mut http2 = secure.open().await;
    let mut streams = Vec::new();
    // All are open before any has its body.
    for round in 0..8 {
        for (name, cookie) in [("ana", Some(&ana)), ("nobody", None), ("ben", Some(&ben))] {
            let more: Vec<_> = cookie.map(|cookie| ("cookie", cookie.as_str())).into_iter().collect();
            let path = format!("/optional/{name}/{round}");
            streams.push((http2.open(&secure.request_with("POST", &path, &more), false).await, name, path));
        }
    }
    // Pieces of one body between those of the others.
    for (stream, name, path) in &streams {
        http2.data(*stream, &format!("{name} of {path},"), false).await;
    }
    for (stream, name, _) in streams.iter().rev() {
        http2.data(*stream, &format!(" {name}"), true).await;
    }
    for (stream, name, path) in &streams {
        let reply = http2.reply(*stream).await;
        let expected = format!("POST {path} [{name} of {path}, {name}]");
        assert_eq!((reply.status, reply.text()), (200, expected));
    }
    let requests = secure.lab.requests_after(before);
    assert_eq!(requests.len(), streams.len());
    for request in requests {
        let name = request.target().split('/').nth(2).unwrap();
        let expected = (name != "nobody").then(|| format!("user-{name}"));
        assert_eq!(request.header("x-forwarded-user"), expected.as_deref(), "{request:?}");
    }
}

#[tokio::test]
async fn rs_10_over_http2_a_refused_request_changes_nothing_for_the_others() {
    let secure = Secure::start().await;
    let ana = secure.cookie_of("ana").await;
    let before = secure.lab.requests().len();
    let mut http2 = secure.open().await;
    for round in 0..5 {
        let open = http2.open(&secure.request_with("POST", "/app", &[("cookie", &ana)]), false).await;
        let refused = http2.ask(&secure.request("POST", "/app"), Some("GET /public/smuggled HTTP/1.1\r\n\r\n")).await;
        assert_eq!(refused.status, 401, "{round}");
        let contradicting = secure.request_with("GET", "/public/a", &[("host", "evil.test")]);
        assert_eq!(http2.ask(&contradicting, None).await.status, 400, "{round}");
        let malformed = secure.request_with("GET", "/public/a", &[("connection", "close")]);
        assert_ne!(http2.ask(&malformed, None).await.status, 200, "{round}");
        http2.data(open, "hello", true).await;
        let reply = http2.reply(open).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "POST /app [hello]"), "{round}");
    }
    let requests = secure.lab.requests_after(before);
    assert_eq!(requests.len(), 5);
    assert!(requests.iter().all(|request| request.header("x-forwarded-user") == Some("user-ana")));
}

#[tokio::test]
async fn rs_10_over_http2_a_stream_that_is_left_cuts_its_upstream_connection_alone() {
    let secure = Secure::start().await;
    let mut http2 = secure.open().await;
    let left = http2.open(&secure.request_with("POST", "/public/left", &[("content-length", "100")]), false).await;
    http2.data(left, "GET /public/smuggled HTTP/1.1\r\n\r\n", false).await;
    secure.lab.world.until(|| secure.lab.upstream.requests().len() == 1).await;
    let kept = http2.open(&secure.request("POST", "/public/kept"), false).await;
    http2.data(kept, "he", false).await;
    http2.reset(left).await;
    secure.lab.world.until(|| secure.lab.upstream.has_ended(0)).await;
    http2.data(kept, "llo", true).await;
    let reply = http2.reply(kept).await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "POST /public/kept [hello]"));
    let wholes: Vec<_> =
        secure.lab.requests().iter().map(|request| (request.target().to_owned(), request.is_whole)).collect();
    assert_eq!(wholes, [("/public/left".to_owned(), false), ("/public/kept".to_owned(), true)]);
}

#[tokio::test]
async fn pn_02_over_http2_no_generated_traversal_leaves_the_public_prefix() {
    let secure = Secure::start().await;
    let targets = traversal::generated();
    for method in ["GET", "POST"] {
        let mut http2 = secure.open().await;
        for target in &targets {
            if http2.is_over() {
                http2 = secure.open().await;
            }
            let reply = http2.ask(&secure.request(method, target), None).await;
            assert!(reply.status < 500, "{method} {target}: {reply:?}");
        }
    }
    let requests = secure.lab.requests();
    assert!(!requests.is_empty(), "the list must not be refused as a whole");
    for request in requests {
        assert!(oracle::is_public(request.target()), "{}", request.start);
    }
}

/// `:path` is byte for byte what arrives, or the request is refused; a fragment is neither decided on nor forwarded.
#[tokio::test]
async fn pn_03_over_http2_only_the_path_decides() {
    let secure = Secure::start().await;
    let mut http2 = secure.open().await;
    for (path, status) in [
        ("/admin?x=/public/", 401),
        ("/admin#/public/", 401),
        ("/admin?#/public/", 401),
        ("#/public/", 401),
        ("/admin%3f/public", 401),
        ("/admin;/public/", 401),
        ("/public/../admin", 400),
        ("/public/%23/../admin", 400),
        ("//public/a", 401),
    ] {
        let reply = http2.ask(&secure.request("GET", path), None).await;
        assert!(reply.status == status || reply.status == 400, "{path}: {reply:?}");
    }
    assert!(secure.lab.requests().is_empty(), "{:?}", secure.lab.requests());
    for (path, arrives) in [
        ("/public/a%2Fb?x=%7b&&y=+%zz", "/public/a%2Fb?x=%7b&&y=+%zz"),
        ("/public/a?", "/public/a?"),
        ("/public/a#/../../admin", "/public/a"),
    ] {
        let before = secure.lab.requests().len();
        let reply = secure.ask(&secure.request("GET", path), None).await;
        let arrived: Vec<_> =
            secure.lab.requests_after(before).iter().map(|request| request.target().to_owned()).collect();
        let is_refused = reply.status != 200 && arrived.is_empty();
        assert!(is_refused || arrived == [arrives], "{path}: {reply:?} {arrived:?}");
    }
}
