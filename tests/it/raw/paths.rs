//! PN-01, PN-03 and PN-07: which path is decided on, and which arrives.

use super::{lab::Lab, oracle};

#[tokio::test]
async fn pn_01_no_spelling_of_a_path_reaches_what_is_not_public() {
    let lab = Lab::start().await;
    let below = BELOW_PUBLIC.iter().map(|rest| format!("/public/{rest}"));
    let targets: Vec<String> = below.chain(DISGUISED.map(str::to_owned)).collect();
    for target in &targets {
        for method in ["GET", "POST"] {
            let head = format!("{method} {target} HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n");
            let answers = lab.exchange(format!("{head}Content-Length: 0\r\n\r\n")).await;
            assert!(matches!(answers.statuses()[..], [400 | 401 | 404]), "{method} {target}: {}", answers.text());
        }
    }
    assert!(lab.requests().is_empty(), "{:?}", lab.requests());
}

/// The same paths with a session: what is forwarded is what was decided on, byte for byte.
#[tokio::test]
async fn pn_01_what_is_forwarded_is_byte_for_byte_what_was_decided_on() {
    let lab = Lab::start().await;
    let ana = format!("{}\r\n", lab.cookie_of("ana").await);
    for target in [
        "//admin",
        "/admin%2f",
        "/%61dmin",
        "/ADMIN",
        "/admin;x/y",
        "/a%5cb",
        "/a%252fb",
        "/public/a;b",
        "/%7Ea",
        "/%C1%A4%BA%B8",
        "/a%c0%afb",
    ] {
        let before = lab.requests().len();
        let answers = lab.get(target, &ana).await;
        assert_eq!(answers.statuses(), [200], "{target}: {}", answers.text());
        assert_eq!(lab.requests_after(before)[0].target(), target);
    }
}

#[tokio::test]
async fn pn_03_only_the_path_decides_not_the_query_the_fragment_or_an_absolute_form() {
    let lab = Lab::start().await;
    for target in [
        "/admin?x=/public/",
        "/admin?/public/status",
        "/admin?/../public/",
        "/admin??/public/",
        "/admin%3f/public",
        "/admin%23/public",
        "/admin;/public/",
        "/admin#/public",
        "/admin#",
        "/admin?#/public/",
        "#/public/",
        "/#/public/a",
        "/public/%23/../admin",
        "/public/../admin?/public/",
        "http://@HOST/admin",
        "http://@HOST/admin?/public/",
        "http://@HOST#/public/",
        "http://@HOST?/public/",
        "HTTP://@HOST/admin",
        "http://@HOST/public/../admin",
    ] {
        let answers = lab.get(target, "").await;
        assert!(matches!(answers.statuses()[..], [400 | 401]), "{target}: {}", answers.text());
    }
    for (method, target) in [("OPTIONS", "*"), ("GET", "*"), ("POST", "*")] {
        let answers = lab.exchange(format!("{method} {target} HTTP/1.1\r\nHost: @HOST\r\n\r\n")).await;
        lab.assert_refused(&answers, &[400], method);
    }
    assert!(lab.requests().is_empty(), "{:?}", lab.requests());
}

/// RFC 9112 3.2 has no fragment.
#[tokio::test]
async fn pn_03_of_a_fragment_nothing_is_decided_on_and_nothing_forwarded() {
    let lab = Lab::start().await;
    for target in ["/public/a#/../../admin", "/public/a#", "/public/a#b?c", "/public/a#/staff"] {
        let answers = lab.get(target, "").await;
        assert_eq!(answers.statuses(), [400], "{target}: {}", answers.text());
    }
    assert!(lab.requests().is_empty(), "{:?}", lab.requests());
}

#[tokio::test]
async fn pn_03_the_absolute_form_of_a_public_path_is_forwarded_in_origin_form() {
    let lab = Lab::start().await;
    let answers = lab.get("http://@HOST/public/a?x=/admin", "").await;
    assert_eq!(answers.statuses(), [200], "{}", answers.text());
    let requests = lab.requests();
    assert_eq!((requests[0].target(), requests[0].header("host")), ("/public/a?x=/admin", Some(lab.host().as_str())));
    assert!(oracle::is_public(requests[0].target()));
}

#[tokio::test]
async fn pn_07_path_query_and_unknown_headers_arrive_unchanged() {
    let lab = Lab::start().await;
    let ana = lab.cookie_of("ana").await;
    let long = format!("/{}", "a%20".repeat(1_792));
    for target in [
        "/a%2Fb%20c%2B?x=%7b1%7d&&y=+%zz",
        "/a?",
        "/a??",
        "/a?%",
        "/a?b=c?d=/../",
        "/a?q='{}|`~!$()*;:@&=+,/?[]",
        "/%E2%82%AC?\u{20ac}",
        &long,
    ] {
        let before = lab.requests().len();
        let lines = format!("{ana}\r\nAuthorization: Basic YTpi\r\nX-Custom: a,  b;c\t\"d\"\r\nX-Empty:\r\n");
        let answers = lab.get(target, &lines).await;
        assert_eq!(answers.statuses(), [200], "{target}: {}", answers.text());
        let request = lab.requests_after(before).remove(0);
        let sent: String = target.bytes().map(char::from).collect();
        assert_eq!(request.target(), sent);
        assert_eq!(request.header("x-custom"), Some("a,  b;c\t\"d\""));
        assert_eq!((request.header("authorization"), request.header("x-empty")), (Some("Basic YTpi"), Some("")));
    }
}

/// Of what no URL holds: unchanged, or 400.
#[tokio::test]
async fn pn_07_a_byte_that_no_url_holds_is_forwarded_unchanged_or_refused() {
    let lab = Lab::start().await;
    for byte in 0x21..=0xff_u8 {
        let before = lab.requests().len();
        let target = [b"/public/a?x=", &[byte][..], b"y"].concat();
        let lines = b" HTTP/1.1\r\nHost: @HOST\r\nConnection: close\r\n\r\n";
        let answers = lab.exchange([b"GET ", &target[..], lines].concat()).await;
        let requests = lab.requests_after(before);
        match answers.statuses()[..] {
            [400] => assert!(requests.is_empty(), "{byte:#x}"),
            [200] => assert_eq!(requests[0].target(), target.iter().copied().map(char::from).collect::<String>()),
            _ => panic!("{byte:#x}: {}", answers.text()),
        }
    }
}

/// Behind `/public/`: out of it, or into `/public/staff/`.
const BELOW_PUBLIC: [&str; 92] = [
    "../admin",
    "./../admin",
    "%2e%2e/admin",
    "%2E%2e/admin",
    ".%2e/admin",
    "..%2fadmin",
    "..%2Fadmin",
    "%2e%2e%2fadmin",
    "%252e%252e%252fadmin",
    "%25252e%25252e%25252fadmin",
    "..%255cadmin",
    "..%5cadmin",
    "%2e%2e%5cadmin",
    "\\..\\admin",
    "..\\admin",
    "..;/admin",
    "..;x=1/admin",
    "..%3b/admin",
    "%2e%2e;/admin",
    ";x/../admin",
    "a;/../../admin",
    "%00/../admin",
    "..%00/admin",
    "..%0d/admin",
    "..%0a/admin",
    "..%09/admin",
    "..%20/admin",
    "%20../admin",
    "%c0%ae%c0%ae/admin",
    "%c0%ae%c0%ae%c0%afadmin",
    "%e0%80%ae%e0%80%ae/admin",
    "..%c0%afadmin",
    "..%c1%9cadmin",
    "..%ef%bc%8fadmin",
    "%ef%bc%8e%ef%bc%8e/admin",
    "%uff0e%uff0e/admin",
    "%u002e%u002e/admin",
    "..%u2215admin",
    "a/../../admin",
    "a/b/../../../admin",
    ".../admin/..",
    "..%252f..%252fadmin",
    "%2f..%2fadmin",
    "/../admin",
    "//../admin",
    "..//admin",
    "..",
    "..%2f",
    "staff/a",
    "STAFF/a",
    "Staff",
    "%73taff/a",
    "%2573taff/a",
    "staff;x/a",
    "staff%3bx/a",
    ";x/staff/a",
    "/staff/a",
    "%2fstaff/a",
    "%5cstaff/a",
    "staff%2fa",
    "staff%5ca",
    "staff%3fa",
    "staff%23a",
    "staff%20/a",
    "staff./a",
    "staff%2e/a",
    "st%ef%bd%81ff/a",
    "a%2f..%2fstaff/a",
    "./staff/a",
    "%2e/staff/a",
    "%f0%80%80%ae%f0%80%80%ae/admin",
    "%f8%80%80%80%ae./admin",
    ".%fc%80%80%80%80%ae/admin",
    "%25c0%25ae%25c0%25ae/admin",
    "..%c0%80/admin",
    "..%c0%2fadmin",
    "%c0%2e%c0%2e/admin",
    "%c0%afstaff/a",
    "%c0.%c0./admin",
    ".%c0./admin",
    "..%c0/admin",
    "..%c0oadmin",
    "%e0%80.%e0%80./admin",
    "%25c0.%25c0./admin",
    "%fe%80%80%80%80%80%ae./admin",
    "st%c1aff/a",
    "staff%c0/a",
    "staff%c0@",
    "st%c1%a1ff/a",
    "staff%c0%80",
    "staff%c0%afa",
    "%c5%bftaff/a",
];
/// Paths that are not public, disguised.
const DISGUISED: [&str; 14] = [
    "//admin",
    "/./admin",
    "/admin/.",
    "/admin%2f",
    "/%61dmin",
    "/ADMIN",
    "/%2e/admin",
    "/;x/admin",
    "///admin",
    "/Public/a",
    "/PUBLIC/../admin",
    "/%70ublic/../admin",
    "/public;x/../admin",
    "/public%2f..%2fadmin",
];
