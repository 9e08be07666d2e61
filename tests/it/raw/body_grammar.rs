//! RS-06: the grammar of chunked bodies.

use super::{lab::Lab, message::find};

const HEAD: &str = "POST /public/a HTTP/1.1\r\nHost: @HOST\r\nTransfer-Encoding: chunked\r\n\r\n";
const SMUGGLED: &str = "GET /public/smuggled HTTP/1.1\r\nHost: @HOST\r\nX: y\r\n\r\n";

/// The head may be on its way already: then the upstream connection is cut, so that nothing looks whole.
#[tokio::test]
async fn rs_06_a_broken_chunk_is_never_a_whole_request_and_its_upstream_connection_is_cut() {
    let long_extension = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(1024 * 1024));
    let many_extensions = format!("{}0\r\n\r\n", format!("1;{}\r\na\r\n", "x".repeat(1000)).repeat(100));
    for body in [
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5_0\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        "5,\r\nhello\r\n0\r\n\r\n",
        "g\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "\"5\"\r\nhello\r\n0\r\n\r\n",
        "10000000000000000\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffff5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhelloxx0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello\r0\r\n\r\n",
        "5\r\nhello world\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5\rhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\n\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "5;a\rb\r\nhello\r\n0\r\n\r\n",
        "5;\nhello\r\n0\r\n\r\n",
        &long_extension,
        &many_extensions,
    ] {
        let lab = Lab::start().await;
        let what: String = body.chars().take(40).collect();
        let answers = lab.exchange(format!("{HEAD}{body}{SMUGGLED}")).await;
        assert!(answers.is_closed, "{what:?}: open: {}", answers.text());
        assert!(answers.list.len() <= 1 && answers.forwarded().count() == 0, "{what:?}: {}", answers.text());
        let requests = lab.requests();
        assert!(requests.len() <= 1, "{what:?}: {requests:?}");
        for request in &requests {
            assert!(!request.is_whole && request.asks() == "POST /public/a", "{what:?}: {request:?}");
            lab.world.until(|| lab.upstream.has_ended(0)).await;
        }
    }
}

#[tokio::test]
async fn rs_06_extensions_and_trailers_end_at_the_gateway() {
    for body in [
        "5;name=value\r\nhello\r\n0;last\r\n\r\n",
        "5 ; a=\"b\"\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nX-Checksum: 1\r\n\r\n",
        "5\r\nhello\r\n0\r\nContent-Length: 50\r\nTransfer-Encoding: gzip\r\n\r\n",
        "5\r\nhello\r\n0\r\nHost: evil.test\r\nAuthorization: Basic x\r\nX-Forwarded-User: ceo\r\n\r\n",
        "5\r\nhello\r\n0\r\nCookie: a=b\r\nConnection: close\r\n\r\n",
    ] {
        let lab = Lab::start().await;
        let answers = lab.exchange(format!("{HEAD}{body}{}", SMUGGLED.replace("X: y", "Connection: close"))).await;
        assert_eq!((answers.statuses(), answers.is_closed), (vec![200, 200], true), "{body:?}: {}", answers.text());
        let requests = lab.requests();
        assert_eq!((requests.len(), requests[0].text().as_str()), (2, "hello"), "{body:?}: {requests:?}");
        let bytes = lab.upstream.bytes().concat();
        for word in ["name=value", "checksum", "evil", "Basic x", "ceo", "gzip"] {
            assert_eq!(find(&bytes, word.as_bytes()), None, "{word} {body:?}");
        }
    }
}

/// What follows a last chunk without its empty line is a trailer line, or nothing: never a request.
#[tokio::test]
async fn rs_06_a_request_in_place_of_the_trailers_is_none() {
    let lab = Lab::start().await;
    let answers = lab.exchange(format!("{HEAD}0\r\n{SMUGGLED}")).await;
    assert!(answers.is_closed && answers.list.len() <= 1, "{}", answers.text());
    let requests = lab.requests();
    assert!(requests.iter().all(|request| request.asks() == "POST /public/a"), "{requests:?}");
}
