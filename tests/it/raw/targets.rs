//! RS-07: missing, doubled and malformed `Host`; odd targets and methods.

use super::lab::Lab;

#[tokio::test]
async fn rs_07_anything_but_one_valid_host_is_refused() {
    let lab = Lab::start().await;
    for lines in [
        "",
        "Host: @HOST\r\nHost: @HOST\r\n",
        "Host: @HOST\r\nHost: evil.test\r\n",
        "host: evil.test\r\nHOST: @HOST\r\n",
        "Host: \r\n",
        "Host: a b\r\n",
        "Host: u@evil\r\n",
        "Host: u:p@@HOST\r\n",
        "Host: @HOST, evil.test\r\n",
        "Host: @HOST/\r\n",
        "Host: http://@HOST\r\n",
        "Host: @HOST#x\r\n",
        "Host: crm.localhost:\r\n",
        "Host: crm.localhost:0\r\n",
        "Host: crm.localhost:x\r\n",
        "Host: crm.localhost:99999\r\n",
        "Host: crm.localhost:80:80\r\n",
        "Host: crm%2elocalhost\r\n",
        "Host: crm..localhost\r\n",
        "Host: [::1\r\n",
        "Host: \"crm.localhost\"\r\n",
        "X-Host: @HOST\r\n",
    ] {
        for version in ["1.1", "1.0"] {
            let answers = lab.exchange(format!("GET /public/a HTTP/{version}\r\n{lines}\r\n")).await;
            lab.assert_refused(&answers, &[400], &format!("{version} {lines:?}"));
        }
    }
}

#[tokio::test]
async fn rs_07_a_target_that_is_no_path_is_refused() {
    let lab = Lab::start().await;
    for target in [
        "@HOST",
        "crm.localhost",
        "crm.localhost:80",
        "x",
        "public/a",
        "@evil/x",
        "@evil.test",
        "u@@HOST",
        "*",
        "?x",
        "\\public\\a",
        "http://",
        "http:///public/a",
        "http:public/a",
        "ftp://@HOST/public/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://u:p@@HOST/public/a",
        "http://@HOST@evil.test/public/a",
        "http://evil.test/public/a",
        "https://crm.localhost/public/a",
    ] {
        let answers = lab.exchange(format!("GET {target} HTTP/1.1\r\nHost: @HOST\r\n\r\n")).await;
        lab.assert_refused(&answers, &[400], target);
    }
}

#[tokio::test]
async fn rs_07_connect_and_trace_are_refused_and_echo_nothing() {
    let lab = Lab::start().await;
    for line in [
        "CONNECT @HOST HTTP/1.1",
        "CONNECT 127.0.0.1:22 HTTP/1.1",
        "CONNECT /public/a HTTP/1.1",
        "CONNECT http://@HOST/public/a HTTP/1.1",
        "CONNECT @HOST HTTP/1.0",
        "TRACE /public/a HTTP/1.1",
        "TRACE * HTTP/1.1",
        "TRACE http://@HOST/public/a HTTP/1.1",
    ] {
        let smuggled = "GET /public/a HTTP/1.1\r\nHost: @HOST\r\n\r\n";
        let answers = lab.exchange(format!("{line}\r\nHost: @HOST\r\nCookie: secret=1\r\n\r\n{smuggled}")).await;
        lab.assert_refused(&answers, &[400, 405, 501], line);
        assert!(!answers.text().contains("secret"), "{line}: {}", answers.text());
    }
}

/// Methods are the host application's business: an unknown one is forwarded, and decided on like any other.
#[tokio::test]
async fn rs_07_an_unknown_method_is_no_way_around_the_sign_in() {
    let lab = Lab::start().await;
    for method in ["FOO", "get", "Trace", "connect", "TRACK", "DEBUG", "PROPFIND", "PURGE", "HEAD"] {
        let answers =
            lab.exchange(format!("{method} /admin HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n\r\n")).await;
        assert!(answers.text().starts_with("HTTP/1.1 401"), "{method}: {}", answers.text());
        assert!(answers.is_closed && lab.requests().is_empty(), "{method}");
    }
}
