//! RS-01 and RS-03: how long a body is, beyond doubt.

use super::lab::Lab;

/// hyper takes the transfer coding, drops the length and closes after the answer: the other choice of RFC 9112 6.3
/// besides 400. The gateway cannot refuse, because it never sees the length.
#[tokio::test]
async fn rs_01_content_length_with_transfer_encoding_is_one_request_and_the_end_of_the_connection() {
    let smuggled = "GET /public/smuggled HTTP/1.1\r\nHost: @HOST\r\n\r\n";
    let te_first = "Transfer-Encoding: chunked\r\nContent-Length: ";
    let chunked = format!("5\r\nhello\r\n0\r\n\r\n{smuggled}");
    for (lines, body, kept) in [
        (format!("Content-Length: {}\r\nTransfer-Encoding: chunked", chunked.len()), chunked.as_str(), "hello"),
        (format!("{te_first}{}", chunked.len()), &chunked, "hello"),
        ("Content-Length: 4\r\nTransfer-Encoding: chunked".into(), &chunked, "hello"),
        (format!("{te_first}4"), &chunked, "hello"),
        (format!("{te_first}4\r\nConnection: keep-alive"), &chunked, "hello"),
        (format!("{te_first}0\r\nContent-Length: 0"), &chunked, "hello"),
    ] {
        let lab = Lab::start().await;
        let answers = lab.exchange(format!("POST /public/a HTTP/1.1\r\nHost: @HOST\r\n{lines}\r\n\r\n{body}")).await;
        assert_eq!((answers.statuses(), answers.is_closed), (vec![200], true), "{lines}: {}", answers.text());
        let requests = lab.requests();
        assert_eq!(requests.len(), 1, "{lines}: {requests:?}");
        assert_eq!((requests[0].asks(), requests[0].text().as_str()), ("POST /public/a", kept), "{lines}");
        assert_eq!(requests[0].header("content-length"), None, "{lines}");
    }
}

#[tokio::test]
async fn rs_01_nobody_elses_cookie_behind_it_on_the_same_connection_is_ever_used() {
    let lab = Lab::start().await;
    let (ana, ben) = (lab.cookie_of("ana").await, lab.cookie_of("ben").await);
    let before = lab.requests().len();
    let ambiguous = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answers = lab
        .exchange(format!(
            "GET /first HTTP/1.1\r\nHost: @HOST\r\n{ana}\r\n\r\n\
             POST /public/a HTTP/1.1\r\nHost: @HOST\r\n{ambiguous}\
             GET /third HTTP/1.1\r\nHost: @HOST\r\n{ben}\r\n\r\n"
        ))
        .await;
    assert_eq!((answers.statuses(), answers.is_closed), (vec![200, 200], true), "{}", answers.text());
    let asked: Vec<_> = lab.requests_after(before).iter().map(|request| request.asks().to_owned()).collect();
    assert_eq!(asked, ["GET /first", "POST /public/a"]);
}

#[tokio::test]
async fn rs_01_without_a_session_a_protected_path_is_refused_unread() {
    let lab = Lab::start().await;
    let answers = lab
        .exchange(
            "POST /admin HTTP/1.1\r\nHost: @HOST\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        )
        .await;
    lab.assert_refused(&answers, &[401], "protected");
}

#[tokio::test]
async fn rs_03_a_length_that_is_no_plain_decimal_number_is_refused() {
    let lab = Lab::start().await;
    for length in [
        "+1",
        "-1",
        "0x1",
        "1_0",
        "1 1",
        "1, 1",
        "1,1",
        "",
        " ",
        "18446744073709551616",
        "18446744073709551615",
        "99999999999999999999999",
        "1.0",
        "1e1",
        "\"1\"",
        "1;",
        "\u{0661}",
        "\x0b1",
        "01",
        "00",
        "1\r\nContent-Length: 2",
        "2\r\nContent-Length: 1",
        "1\r\nContent-Length: 1, 1",
        "1\r\nContent-Length: x",
    ] {
        let bytes = format!("POST /public/a HTTP/1.1\r\nHost: @HOST\r\nContent-Length: {length}\r\n\r\naGET /x");
        let answers = lab.exchange(bytes).await;
        lab.assert_refused(&answers, &[400, 413, 431], &format!("{length:?}"));
    }
}

/// RFC 9112 6.3 allows to take two equal lengths for one; hyper does so before the gateway sees them.
#[tokio::test]
async fn rs_03_two_equal_lengths_reach_the_host_application_as_one() {
    let lab = Lab::start().await;
    let head = "POST /public/a HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n";
    let answers = lab.exchange(format!("{head}Content-Length: 1\r\nContent-Length: 1\r\n\r\na")).await;
    assert_eq!((answers.statuses(), answers.is_closed), (vec![200], true));
    let requests = lab.requests();
    assert_eq!((requests.len(), requests[0].lines_of("content-length"), requests[0].text().as_str()), (1, 1, "a"));
}

#[tokio::test]
async fn rs_03_a_transfer_coding_other_than_one_chunked_is_refused() {
    let lab = Lab::start().await;
    for coding in [
        ",chunked",
        "chunked,",
        ", chunked",
        "gzip, chunked",
        "identity, chunked",
        "chunked, chunked",
        "chunked, identity",
        "chunked, gzip",
        "chunked;q=1",
        "chunked;",
        "\"chunked\"",
        "'chunked'",
        "xchunked",
        "chunkedx",
        "chunke",
        "identity",
        "gzip",
        "",
        "\x0bchunked",
        "chunked\x0b",
        "\x0cchunked",
        "chunked\x00",
        "\u{a0}chunked",
        "chun ked",
        "\\chunked",
        "chunked\r\nTransfer-Encoding: chunked",
        "chunked\r\nTransfer-Encoding: identity",
        "identity\r\nTransfer-Encoding: chunked",
        "\r\nTransfer-Encoding: chunked",
        "gzip\r\nTransfer-Encoding: chunked",
    ] {
        for method in ["POST", "GET"] {
            let head = format!("{method} /public/a HTTP/1.1\r\nHost: @HOST\r\n");
            let answers = lab.exchange(format!("{head}Transfer-Encoding: {coding}\r\n\r\n0\r\n\r\n")).await;
            lab.assert_refused(&answers, &[400, 501], &format!("{method} {coding:?}"));
        }
    }
}

#[tokio::test]
async fn rs_03_http_1_0_has_no_transfer_coding() {
    let lab = Lab::start().await;
    for lines in
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity", "Content-Length: 5\r\nTransfer-Encoding: chunked"]
    {
        for method in ["POST", "GET"] {
            let head = format!("{method} /public/a HTTP/1.0\r\nHost: @HOST\r\nConnection: keep-alive\r\n");
            let answers = lab.exchange(format!("{head}{lines}\r\n\r\n0\r\n\r\n")).await;
            lab.assert_refused(&answers, &[400], &format!("{method} {lines:?}"));
        }
    }
}

#[tokio::test]
async fn rs_03_a_single_plain_length_or_chunked_arrives_whole_whatever_the_method() {
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "GET"] {
        for (lines, body) in [
            ("Content-Length: 5", "hello"),
            ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
            ("Transfer-Encoding: Chunked", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
            ("transfer-encoding:\t chunked \t", "05\r\nhello\r\n000\r\n\r\n"),
        ] {
            let lab = Lab::start().await;
            let head = format!("{method} /public/a HTTP/1.1\r\nHost: @HOST\r\n");
            let next = "GET /public/next HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n\r\n";
            let answers = lab.exchange(format!("{head}{lines}\r\n\r\n{body}{next}")).await;
            assert_eq!((answers.statuses(), answers.is_closed), (vec![200, 200], true), "{method} {lines}");
            let requests = lab.requests();
            assert_eq!(requests.len(), 2, "{method} {lines}: {requests:?}");
            assert_eq!(requests[0].text(), "hello", "{method} {lines}");
            assert_eq!(requests[1].asks(), "GET /public/next", "{method} {lines}");
        }
    }
}
