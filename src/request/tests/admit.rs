use std::net::SocketAddr;

use http::{Request, Version, request::Parts};
use proptest::{prelude::*, sample::select};

use crate::request::{
    AdmitError, Admitted, ClientConnection, HeaderRules, PathError, VisitKind, admit, folded_name, is_managed,
};

fn admit_head(head: &str) -> Result<Admitted, AdmitError> {
    let mut lines = head.split('\n');
    let mut words = lines.next().unwrap().split(' ');
    let mut builder = Request::builder().method(words.next().unwrap()).uri(words.next().unwrap());
    match words.next() {
        Some("HTTP/1.0") => builder = builder.version(Version::HTTP_10),
        Some("HTTP/2") => builder = builder.version(Version::HTTP_2),
        _ => {}
    }
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        builder = builder.header(name, value);
    }
    screened(builder.body(()).unwrap().into_parts().0)
}

/// Admitted by a site without rules of its own.
fn screened(parts: Parts) -> Result<Admitted, AdmitError> {
    let connection = ClientConnection::from(SocketAddr::from(([192, 0, 2, 1], 50_000)));
    Ok(admit(parts, &connection)?.screen(&HeaderRules::default())?.request)
}

fn get_with(headers: &str) -> Result<Admitted, AdmitError> {
    admit_head(&format!("GET /\nHost: a.example\n{headers}"))
}

#[test]
fn exactly_one_valid_host_is_admitted() {
    assert_eq!(admit_head("GET /\nHost: A.Example:8080").unwrap().authority.to_string(), "a.example:8080");
    for head in ["GET /", "GET /\nHost: a\nHost: a", "GET /\nHost: a b", "GET /\nHost: u@evil", "GET /\nHost: "] {
        assert_eq!(admit_head(head).unwrap_err(), AdmitError::Host, "{head}");
    }
}

#[test]
fn the_absolute_form_replaces_the_host_and_may_not_contradict_it() {
    let admitted = admit_head("GET http://A.example/x?y\nHost: a.example:80").unwrap();
    assert_eq!(
        (admitted.authority.to_string().as_str(), &admitted.headers["host"]),
        ("a.example", &"A.example".parse().unwrap())
    );
    assert_eq!(admitted.target.to_string(), "/x?y");
    for head in
        ["GET http://b.example/\nHost: a.example", "GET http://a.example:81/\nHost: a.example", "GET http://a.example/"]
    {
        assert_eq!(admit_head(head).unwrap_err(), AdmitError::Host, "{head}");
    }
}

#[test]
fn over_http2_the_authority_is_the_host_and_a_host_header_may_only_agree() {
    let admitted = admit_head("GET https://A.example/x?y HTTP/2").unwrap();
    assert_eq!(
        (admitted.authority.to_string().as_str(), &admitted.headers["host"]),
        ("a.example", &"A.example".parse().unwrap())
    );
    assert_eq!(admitted.target.to_string(), "/x?y");
    for head in ["GET https://a.example/ HTTP/2\nHost: a.example:443", "GET / HTTP/2\nHost: a.example"] {
        assert_eq!(admit_head(head).unwrap().authority.name.as_str(), "a.example", "{head}");
    }
    let contradiction = "GET https://a.example/ HTTP/2\nHost: b.example";
    for head in [contradiction, "GET https://a.example/ HTTP/2\nHost: a.example\nHost: a.example", "GET / HTTP/2"] {
        assert_eq!(admit_head(head).unwrap_err(), AdmitError::Host, "{head}");
    }
    assert_eq!(admit_head("GET https://u@a.example/ HTTP/2").unwrap_err(), AdmitError::Host);
}

#[test]
fn white_space_around_a_value_is_refused_over_http2() {
    let padded = AdmitError::Header("value that cannot be read, or white space around it");
    for value in [" x", "x ", "\tx"] {
        let mut parts = Request::get("https://a.example/").version(Version::HTTP_2).body(()).unwrap().into_parts().0;
        parts.headers.insert("a", http::HeaderValue::from_str(value).unwrap());
        assert_eq!(screened(parts).unwrap_err(), padded, "{value:?}");
    }
    assert!(admit_head("GET https://a.example/ HTTP/2\na: x y").is_ok());
}

/// `h2` makes names with this function.
#[test]
fn a_name_that_is_no_token_is_refused_over_http2() {
    for byte in 0..=u8::MAX {
        let Ok(name) = http::HeaderName::from_lowercase(&[b'a', byte]) else { continue };
        let mut parts = Request::get("https://a.example/").version(Version::HTTP_2).body(()).unwrap().into_parts().0;
        parts.headers.insert(name, http::HeaderValue::from_static("x"));
        let is_token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let refusal = (!is_token).then_some(AdmitError::Header("name that is no token"));
        assert_eq!(screened(parts).err(), refusal, "{byte:#x}");
    }
}

#[test]
fn more_header_lines_than_the_limit_are_refused_but_crumbs_of_a_cookie_are_one() {
    let lines =
        |line: &str, count: usize| "GET https://a.example/ HTTP/2\n".to_owned() + vec![line; count].join("\n").as_str();
    assert_eq!(admit_head(&lines("x: y", 100)).unwrap_err(), AdmitError::Header("too many"));
    assert!(admit_head(&lines("x: y", 99)).is_ok());
    let admitted = admit_head(&lines("cookie: a=1", 150)).unwrap();
    assert_eq!(admitted.headers["cookie"].len(), 150 * "a=1; ".len() - 2);
}

#[test]
fn targets_that_are_no_paths_are_refused() {
    for head in ["OPTIONS *\nHost: a", "GET *\nHost: a", "GET a.example:80\nHost: a.example"] {
        assert_eq!(admit_head(head).unwrap_err(), AdmitError::Path(PathError::NotAPath), "{head}");
    }
    assert_eq!(admit_head("GET /a/../b\nHost: a").unwrap_err(), AdmitError::Path(PathError::DotSegment));
}

#[test]
fn connect_and_trace_are_refused() {
    assert_eq!(admit_head("CONNECT a:443\nHost: a:443").unwrap_err(), AdmitError::Method);
    assert_eq!(admit_head("TRACE /\nHost: a").unwrap_err(), AdmitError::Method);
    assert!(admit_head("PROPFIND /\nHost: a").is_ok());
}

#[test]
fn framing_is_one_chunked_coding_or_one_decimal_length() {
    for headers in
        ["Transfer-Encoding: chunked", "Transfer-Encoding: Chunked", "Content-Length: 0", "Content-Length: 12"]
    {
        assert!(get_with(headers).is_ok(), "{headers}");
    }
    let coding = AdmitError::Header("transfer-encoding");
    for value in [",chunked", "gzip, chunked", "chunked, chunked", "chunked, identity", "xchunked", "identity", ""] {
        assert_eq!(get_with(&format!("Transfer-Encoding: {value}")).unwrap_err(), coding, "{value}");
    }
    assert_eq!(get_with("Transfer-Encoding: chunked\nTransfer-Encoding: chunked").unwrap_err(), coding);
    assert_eq!(admit_head("POST / HTTP/1.0\nHost: a\nTransfer-Encoding: chunked").unwrap_err(), coding);
    let length = AdmitError::Header("content-length");
    for value in ["+1", "-1", "0x1", "1_0", "1 1", "1, 1", "", "01", "00", "18446744073709551616"] {
        assert_eq!(get_with(&format!("Content-Length: {value}")).unwrap_err(), length, "{value}");
    }
    for both in ["Content-Length: 1\nContent-Length: 1", "Content-Length: 1\nTransfer-Encoding: chunked"] {
        assert_eq!(get_with(both).unwrap_err(), length, "{both}");
    }
}

#[test]
fn only_100_continue_may_be_expected() {
    assert!(!get_with("Expect: 100-Continue").unwrap().headers.contains_key("expect"));
    assert_eq!(get_with("Expect: foo").unwrap_err(), AdmitError::Header("expect"));
}

#[test]
fn doubled_lines_of_single_valued_headers_are_refused() {
    assert_eq!(get_with("Authorization: a\nAuthorization: a").unwrap_err(), AdmitError::Header("authorization"));
    assert_eq!(get_with("Origin: a\nOrigin: b").unwrap_err(), AdmitError::Header("origin"));
    assert_eq!(get_with("Accept: a\nAccept: b").unwrap().headers.get_all("accept").iter().count(), 2);
}

#[test]
fn a_copy_has_a_second_target_and_an_odd_one_is_refused() {
    let moved = |lines: &str| admit_head(&format!("MOVE /a\nHost: a.example\nDestination: {lines}"));
    assert_eq!(moved("https://a.example/b?c").unwrap().writes_to.unwrap().to_string(), "/b?c");
    assert_eq!(moved("//a.example/b").unwrap_err(), AdmitError::Header("destination"));
    assert!(matches!(moved("/%2e%2e/b").unwrap_err(), AdmitError::Path(_)));
    // What `Connection` takes away does not arrive.
    let gone = moved("/b\nConnection: destination").unwrap();
    assert!(gone.writes_to.is_none() && !gone.headers.contains_key("destination"));
}

#[test]
fn several_cookie_lines_become_one() {
    let admitted = get_with("Cookie: a=1\nCookie: b=2").unwrap();
    assert_eq!(admitted.headers.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1; b=2"]);
}

#[test]
fn an_empty_cookie_line_adds_nothing() {
    for (lines, joined) in
        [("a=1\nCookie: ", "a=1"), ("\nCookie: a=1\nCookie: \nCookie: b=2", "a=1; b=2"), ("\nCookie: ", "")]
    {
        let admitted = admit_head(&format!("GET https://a.example/ HTTP/2\nCookie: {lines}")).unwrap();
        assert_eq!(admitted.headers.get_all("cookie").iter().collect::<Vec<_>>(), [joined]);
    }
}

#[test]
fn headers_that_connection_names_end_here_but_never_host_or_length() {
    let admitted = get_with(
        "Connection: close, X-Hop,\tX-Tab , Host, Content-Length\nX-Hop: 1\nX-Tab: 1\nContent-Length: 0\nX-End: 1",
    )
    .unwrap();
    let mut names: Vec<_> = admitted.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "host", "x-end"]);
}

#[test]
fn hop_by_hop_and_forged_headers_are_dropped() {
    for name in [
        "TE",
        "Keep-Alive",
        "Proxy-Connection",
        "Proxy-Authorization",
        "Trailer",
        "Upgrade",
        "X-Forwarded-For",
        "X_Forwarded_Email",
        "X.Auth.Request.User",
        "Remote-User",
        "REMOTE_GROUPS",
        "X-Sigma-Teams",
        "Sigma-Gateway",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Forwarded",
        "X-Real-IP",
        "True-Client-IP",
        "X-Envoy-Original-Path",
        "X-Request-Id",
        "OIDC_CLAIM_email",
        "X-User",
    ] {
        let admitted = get_with(&format!("{name}: 1\n{name}: 2")).unwrap();
        assert_eq!(admitted.headers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), ["host"], "{name}");
    }
    for name in ["X-Requested-With", "X-HTTP-Method-Override", "Authorization", "Via", "X_Custom"] {
        assert!(get_with(&format!("{name}: 1")).unwrap().headers.contains_key(name), "{name}");
    }
}

#[test]
fn a_request_that_has_passed_too_often_runs_in_a_circle() {
    assert!(get_with("Via: 1.1 sigma-gateway, 1.1 other, 1.1 sigma-gateway\nVia: 1.1 sigma-gateway").is_ok());
    let circle = "Via: 1.1 sigma-gateway, 1.1 sigma-gateway\nVia: 1.1 sigma-gateway, 1.1 sigma-gateway";
    assert_eq!(get_with(circle).unwrap_err(), AdmitError::Loop);
}

#[test]
fn max_forwards_of_options_is_counted_down_and_not_below_zero() {
    let options = |left: &str| admit_head(&format!("OPTIONS /\nHost: a\nMax-Forwards: {left}"));
    assert_eq!(options("5").unwrap().headers["max-forwards"], "4");
    assert_eq!(options("0").unwrap_err(), AdmitError::Header("max-forwards"));
    assert_eq!(get_with("Max-Forwards: 0").unwrap().headers["max-forwards"], "0");
}

#[test]
fn the_origin_of_a_request_is_looked_at_where_nothing_else_says_who_asks() {
    let opener = |lines: &str| get_with(lines).unwrap().visit.opener;
    let said = Some(http::HeaderValue::from_static("https://evil.example"));
    assert_eq!(opener("Origin: https://evil.example"), said);
    assert_eq!(opener("Origin: https://evil.example\nSec-Fetch-Site: same-origin"), None);
    assert_eq!(opener("A: b"), None);
}

#[test]
fn only_a_page_of_the_very_origin_opens_a_websocket() {
    let is_foreign = |origin: &str| {
        let admitted = get_with(&format!("{HANDSHAKE}\nSec-WebSocket-Key: x\n{origin}")).unwrap();
        admitted.visit.is_foreign_websocket("https://crm.example.com")
    };
    assert!(!is_foreign("Origin: https://crm.example.com"));
    // Every browser says whose page it is; a client that is none has no page.
    assert!(!is_foreign("A: b") && !is_foreign("Sec-Fetch-Site: same-origin"));
    for origin in [
        "Origin: null",
        "Origin: https://crm.example.com.evil.example",
        "Origin: http://crm.example.com",
        "Origin: ",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ] {
        assert!(is_foreign(origin), "{origin}");
    }
    // What `Connection` names does not reach the host application either.
    let nominated = HANDSHAKE.replace("Connection: Upgrade", "Connection: Upgrade, Origin");
    let nominated = get_with(&format!("{nominated}\nSec-WebSocket-Key: x\nOrigin: https://crm.example.com")).unwrap();
    assert!(
        nominated.visit.is_foreign_websocket("https://crm.example.com") && nominated.headers.get("origin").is_none()
    );
    assert!(!get_with("Origin: https://evil.example").unwrap().visit.is_foreign_websocket("https://crm.example.com"));
}

#[test]
fn what_is_admitted_shows_no_secret() {
    let admitted = admit_head("GET /a?code=hidden\nHost: a\nCookie: hidden\nAuthorization: hidden").unwrap();
    assert!(!format!("{admitted:?}").contains("hidden"));
}

const HANDSHAKE: &str = "Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13";

#[test]
fn a_websocket_handshake_is_admitted_whole_or_not_at_all() {
    let admitted = get_with(&format!("{HANDSHAKE}\nSec-WebSocket-Key: abc")).unwrap();
    assert_eq!(admitted.visit.kind, VisitKind::WebSocket);
    assert!(!admitted.headers.contains_key("upgrade") && admitted.headers.contains_key("sec-websocket-key"));
    for (extra, header) in [
        ("Sec-WebSocket-Protocol: x", "sec-websocket-key"),
        ("Sec-WebSocket-Key: a\nSec-WebSocket-Key: b", "sec-websocket-key"),
        ("Sec-WebSocket-Key: a\nUpgrade: h2c", "upgrade"),
        ("Sec-WebSocket-Key: a\nContent-Length: 5", "content-length"),
        ("Sec-WebSocket-Key: a\nTransfer-Encoding: chunked", "content-length"),
    ] {
        assert_eq!(get_with(&format!("{HANDSHAKE}\n{extra}")).unwrap_err(), AdmitError::Header(header), "{extra}");
    }
    let old = format!("GET / HTTP/1.0\nHost: a\n{HANDSHAKE}\nSec-WebSocket-Key: a");
    assert_eq!(admit_head(&old).unwrap_err(), AdmitError::Header("upgrade"));
}

#[test]
fn an_upgrade_to_anything_else_is_dropped() {
    let admitted = get_with("Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMA").unwrap();
    assert_ne!(admitted.visit.kind, VisitKind::WebSocket);
    assert_eq!(admitted.headers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), ["host"]);
}

fn any_header() -> impl Strategy<Value = (String, String)> {
    let word =
        select(vec!["x", "forwarded", "remote", "user", "email", "sigma", "auth", "request", "Cookie", "via", "TE"]);
    let joint = select(vec!["-", "_", ".", "!", "~", "--"]);
    let name = prop::collection::vec((word, joint), 1..4)
        .prop_map(|parts| parts.into_iter().flat_map(|(word, joint)| [word, joint]).collect::<String>());
    (name, "[a-z,]{0,12}")
}

proptest! {
    #[test]
    fn an_admitted_target_is_a_uri_in_origin_form_with_the_same_bytes(text in "/[!-~]{0,30}") {
        if let Ok(admitted) = Request::builder().uri(&text).header("host", "a").body(()).map(|request| screened(request.into_parts().0)).unwrap_or(Err(AdmitError::Host)) {
            let target = admitted.target.to_string();
            let uri = http::Uri::try_from(target.as_str()).unwrap();
            prop_assert!(uri.authority().is_none());
            prop_assert_eq!(uri.path_and_query().unwrap().as_str(), target.as_str());
            prop_assert_eq!(target.as_str(), text.split('#').next().unwrap());
        }
    }

    #[test]
    fn no_admitted_header_folds_to_a_managed_name(
        headers in prop::collection::vec(any_header(), 0..12),
        nominated in prop::collection::vec(select(vec!["host", "x-forwarded-user", "close", "cookie", "upgrade"]), 0..4),
    ) {
        let mut builder = Request::builder().uri("/").header("host", "a.example").header("connection", nominated.join(", "));
        for (name, value) in &headers {
            builder = builder.header(name, value);
        }
        if let Ok(admitted) = screened(builder.body(()).unwrap().into_parts().0) {
            prop_assert!(admitted.headers.keys().all(|name| !is_managed(&folded_name(name.as_str()))));
            prop_assert_eq!(&admitted.headers["host"], "a.example");
        }
    }
}
