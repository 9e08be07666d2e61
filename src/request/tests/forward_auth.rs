//! What each proxy names, and everything that is not named by one thing said once.

use http::{HeaderMap, HeaderValue, Method, Request};
use proptest::{prelude::*, sample::select};

use crate::request::{
    AdmitError, Admitted, ClientConnection, ForwardAuthProxy as Proxy, HeaderRules, OwnPaths, PathError, Unscreened,
    VisitKind, admit,
};

const URL: &str = "x-original-url: https://crm.example.com/a?b=1";
const NGINX: &str = "x-original-url: https://crm.example.com/a?b=1\nx-original-method: GET";
const FORWARDED: &str =
    "x-forwarded-method: GET\nx-forwarded-proto: https\nx-forwarded-host: crm.example.com\nx-forwarded-uri: /a?b=1";

fn admitted(method: &str, target: &str, lines: &str) -> Result<Unscreened, AdmitError> {
    let mut request = Request::builder().method(method).uri(target).header("host", "gateway.internal");
    for (name, value) in lines.lines().map(|line| line.split_once(": ").unwrap()) {
        request = request.header(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let connection = ClientConnection::from(std::net::SocketAddr::from(([192, 0, 2, 7], 50_000)));
    let mut admitted = admit(request.body(()).unwrap().into_parts().0, &connection)?;
    admitted.request.peer.is_trusted = true;
    Ok(admitted)
}

fn of(asking: Unscreened) -> Result<Admitted, AdmitError> {
    let own = OwnPaths::new("/oauth2", "/sigma").unwrap();
    let proxy = own.forward_auth(asking.target().path.as_str()).expect("an endpoint for questions");
    let named = proxy.named_by(asking, own.sign_in())?;
    Ok(named.screen(&HeaderRules::default())?.request)
}

fn named(proxy: Proxy, lines: &str) -> Result<Admitted, AdmitError> {
    of(admitted("GET", &format!("/oauth2/auth/{}", proxy.as_str()), lines)?)
}

fn named_by_envoy(method: &str, target: &str, lines: &str) -> Result<Admitted, AdmitError> {
    of(admitted(method, &format!("/oauth2/auth/envoy{target}"), lines)?)
}

/// Method, host and target.
fn says(request: &Admitted) -> (String, String, String) {
    assert_eq!(request.origin_form.as_str(), request.target.to_string(), "one path");
    assert_eq!(request.headers["host"].to_str().unwrap().to_lowercase(), request.authority.to_string());
    (request.method.to_string(), request.authority.to_string(), request.target.to_string())
}

fn text(method: &str, host: &str, target: &str) -> (String, String, String) {
    (method.to_owned(), host.to_owned(), target.to_owned())
}

#[test]
fn each_proxy_names_method_host_and_target_in_its_own_way() {
    let expected = text("GET", "crm.example.com", "/a?b=1");
    assert_eq!(says(&named(Proxy::Nginx, NGINX).unwrap()), expected);
    for proxy in [Proxy::Traefik, Proxy::Caddy] {
        assert_eq!(says(&named(proxy, FORWARDED).unwrap()), expected);
    }
    let envoy = named_by_envoy("POST", "/a?b=1", "").unwrap();
    assert_eq!(says(&envoy), text("POST", "gateway.internal", "/a?b=1"));
    let odd = FORWARDED.replace("GET", "DELETE").replace(": crm.example.com", ": CRM.Example.com:8443");
    assert_eq!(says(&named(Proxy::Traefik, &odd).unwrap()), text("DELETE", "crm.example.com:8443", "/a?b=1"));
}

#[test]
fn a_copy_that_is_named_has_its_second_target() {
    let moved = |lines: &str| format!("{}\ndestination: https://crm.example.com/b?c", lines.replace("GET", "MOVE"));
    let envoy = named_by_envoy("MOVE", "/a", "destination: https://crm.example.com/b?c").unwrap();
    for named in [named(Proxy::Nginx, &moved(NGINX)).unwrap(), named(Proxy::Caddy, &moved(FORWARDED)).unwrap(), envoy] {
        assert_eq!(named.writes_to.unwrap().to_string(), "/b?c");
    }
}

#[test]
fn whoever_is_not_trusted_names_nothing() {
    for (path, lines) in [("nginx", NGINX), ("traefik", FORWARDED), ("caddy", FORWARDED), ("envoy/a", "")] {
        let mut asking = admitted("GET", &format!("/oauth2/auth/{path}"), lines).unwrap();
        asking.request.peer.is_trusted = false;
        assert_eq!(of(asking).unwrap_err(), AdmitError::Untrusted, "{path}");
    }
}

/// CVE-2026-40575 and CVE-2026-76835 (oauth2-proxy): a client's `X-Forwarded-Uri` decided beside the proxy's own metadata.
#[test]
fn what_belongs_to_another_proxy_is_never_read() {
    let other =
        "x-forwarded-method: GET\nx-forwarded-proto: https\nx-forwarded-host: other.example\nx-forwarded-uri: /public/";
    let both =
        format!("{NGINX}\n{other}\nx-original-uri: /public/\nx-forwarded-prefix: /public\nforwarded: host=other");
    let expected = text("GET", "crm.example.com", "/a?b=1");
    assert_eq!(says(&named(Proxy::Nginx, &both).unwrap()), expected);
    let both = format!("{FORWARDED}\nx-original-url: https://other.example/public/\nx-original-method: POST");
    assert_eq!(says(&named(Proxy::Traefik, &both).unwrap()), expected);
    let both = format!("{NGINX}\n{other}");
    assert_eq!(says(&named_by_envoy("GET", "/a?b=1", &both).unwrap()).2, "/a?b=1");
    // And nothing of one stands for what another lacks.
    assert_eq!(named(Proxy::Nginx, FORWARDED).unwrap_err(), AdmitError::Unnamed("x-original-url"));
    assert_eq!(named(Proxy::Caddy, NGINX).unwrap_err(), AdmitError::Unnamed("x-forwarded-method"));
    assert_eq!(
        named(Proxy::Nginx, &format!("{URL}\n{FORWARDED}")).unwrap_err(),
        AdmitError::Unnamed("x-original-method")
    );
}

/// Missing, doubled, in another spelling as well (CVE-2025-64484, CVE-2026-39858, GHSA-rf44-j88r-hh8c), or taken out by `Connection`
/// (CVE-2024-45410).
#[test]
fn everything_that_a_proxy_says_is_there_in_exactly_one_line() {
    for (proxy, lines) in [(Proxy::Nginx, NGINX), (Proxy::Traefik, FORWARDED), (Proxy::Caddy, FORWARDED)] {
        for line in lines.lines() {
            let (name, _) = line.split_once(": ").unwrap();
            let without: Vec<_> = lines.lines().filter(|other| *other != line).collect();
            let refused = [
                without.join("\n"),
                format!("{lines}\n{line}"),
                format!("{lines}\n{}", line.replacen('-', "_", 1)),
                format!("{lines}\n{}", line.replacen('-', ".", 2)),
                format!("{}\n{name}: ", without.join("\n")),
                format!("{lines}\nconnection: {name}"),
            ];
            for lines in refused {
                let error = named(proxy, &lines).unwrap_err();
                assert!(matches!(error, AdmitError::Unnamed(unnamed) if unnamed == name), "{lines}: {error:?}");
            }
        }
    }
    let doubled = admitted("GET", "/oauth2/auth/envoy/a", "host: other.example");
    assert_eq!(doubled.unwrap_err(), AdmitError::Host);
}

/// CVE-2026-41059, Authelia up to 4.29.2, CVE-2026-33494, CVE-2019-9901: what a request of its own is refused with.
#[test]
fn a_target_is_held_to_all_that_one_of_its_own_is() {
    let path = |error| AdmitError::Path(error);
    for (target, error) in [
        ("/public/../finance/x", PathError::DotSegment),
        ("/public/%2e%2e/finance", PathError::DotSegment),
        ("/public/..%2ffinance", PathError::DotSegment),
        ("/public/..;/finance", PathError::DotSegment),
        ("/public/%00", PathError::BadEscape),
        ("/a%zz", PathError::BadEscape),
        ("/a\\b", PathError::ForbiddenByte),
        ("/finance#/public/", PathError::ForbiddenByte),
        ("/a?b#c", PathError::ForbiddenByte),
        ("/a b", PathError::ForbiddenByte),
        ("/a, /public/", PathError::ForbiddenByte),
        ("/\u{e4}", PathError::ForbiddenByte),
    ] {
        let nginx = format!("x-original-url: https://crm.example.com{target}\nx-original-method: GET");
        assert_eq!(named(Proxy::Nginx, &nginx).unwrap_err(), path(error.clone()), "{target}");
        let forwarded = FORWARDED.replace("/a?b=1", target);
        assert_eq!(named(Proxy::Caddy, &forwarded).unwrap_err(), path(error), "{target}");
    }
    for target in ["https://crm.example.com/a", "crm.example.com/a", "*", "?a", "a/b"] {
        let error = named(Proxy::Traefik, &FORWARDED.replace("/a?b=1", target)).unwrap_err();
        assert!(matches!(error, AdmitError::Path(_)), "{target}: {error:?}");
    }
    for target in ["/public/../finance", "/public/%2e%2e/finance", "/public/..;/finance", "/../envoy/public", "/%00"] {
        assert!(matches!(named_by_envoy("GET", target, "").unwrap_err(), AdmitError::Path(_)), "{target}");
    }
    // Double slashes have several readings, as ever.
    assert_eq!(says(&named_by_envoy("GET", "//other.example/x", "").unwrap()).2, "//other.example/x");
}

#[test]
fn a_host_and_a_method_are_held_to_all_that_those_of_a_request_are() {
    for host in ["crm.example.com, other.example", "u@crm.example.com", "crm.example.com:99999", "a b", "crm..com", "/"]
    {
        let forwarded = FORWARDED.replace(": crm.example.com", &format!(": {host}"));
        assert_eq!(named(Proxy::Traefik, &forwarded).unwrap_err(), AdmitError::Host, "{host}");
    }
    for (url, error) in [
        ("https://u@crm.example.com/a", AdmitError::Host),
        ("https://crm.example.com\\@other.example/a", AdmitError::Host),
        ("https:///a", AdmitError::Host),
        ("https://crm.example.com?x=/a", AdmitError::Host),
        ("https://crm.example.com", PathError::NotAPath.into()),
        ("crm.example.com/a", AdmitError::Unnamed("x-original-url")),
        ("/a", AdmitError::Unnamed("x-original-url")),
        ("javascript://crm.example.com/a", AdmitError::Unnamed("x-original-url")),
        ("HTTPS://crm.example.com/a", AdmitError::Unnamed("x-original-url")),
    ] {
        let lines = format!("x-original-url: {url}\nx-original-method: GET");
        assert_eq!(named(Proxy::Nginx, &lines).unwrap_err(), error, "{url}");
    }
    for method in ["CONNECT", "TRACE", "GET, POST", "G E T", &"A".repeat(100)] {
        let lines = FORWARDED.replace("GET", method);
        assert_eq!(named(Proxy::Caddy, &lines).unwrap_err(), AdmitError::Method, "{method}");
    }
    for scheme in ["ftp", "HTTPS", "https, http", "://"] {
        let lines = FORWARDED.replace("https", scheme);
        assert_eq!(named(Proxy::Caddy, &lines).unwrap_err(), AdmitError::Unnamed("x-forwarded-proto"), "{scheme}");
    }
}

#[test]
fn a_visit_is_of_the_method_that_is_named_and_not_of_that_of_the_question() {
    let document = "sec-fetch-dest: document\nsec-fetch-site: none\nsec-fetch-mode: navigate";
    let kind = |lines: &str| named(Proxy::Traefik, &format!("{lines}\n{document}")).unwrap().visit.kind;
    assert_eq!(kind(FORWARDED), VisitKind::Navigation);
    assert_eq!(kind(&FORWARDED.replace("GET", "POST")), VisitKind::Form);
    let asked = of(admitted("POST", "/oauth2/auth/traefik", &format!("{FORWARDED}\n{document}")).unwrap()).unwrap();
    assert_eq!((asked.method, asked.visit.kind), (Method::GET, VisitKind::Navigation));
}

/// nginx and Traefik keep `Upgrade` and `Connection` to themselves.
#[test]
fn a_handshake_is_told_by_what_is_left_of_it_and_its_page_may_be_of_another_origin() {
    let page = "origin: https://other.example";
    for left in [
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version: 13",
        "upgrade: websocket",
        "upgrade: websocket\nconnection: upgrade\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ] {
        let visit = named(Proxy::Nginx, &format!("{NGINX}\n{left}\n{page}")).unwrap().visit;
        assert_eq!(visit.kind, VisitKind::WebSocket, "{left}");
        assert!(visit.is_foreign_websocket("https://crm.example.com"), "{left}");
        assert!(!visit.is_foreign_websocket("https://other.example"), "{left}");
        let posted = NGINX.replace("GET", "POST");
        assert_eq!(
            named(Proxy::Nginx, &format!("{posted}\n{page}\nsec-websocket-version: 13")).unwrap().visit.kind,
            VisitKind::Fetch
        );
    }
    let wss = FORWARDED.replace("https", "wss");
    assert_eq!(named(Proxy::Traefik, &wss).unwrap().visit.kind, VisitKind::WebSocket);
    let nominated = format!("{NGINX}\nupgrade: websocket\nconnection: upgrade, origin\nsec-websocket-key: k\n{page}");
    assert!(named(Proxy::Nginx, &nominated).unwrap().visit.is_foreign_websocket("https://other.example"), "nobody's");
}

#[test]
fn nothing_of_the_question_is_left_in_the_headers_of_what_it_names() {
    let request = named(Proxy::Nginx, &format!("{NGINX}\n{FORWARDED}\ncookie: a=1\naccept: text/html")).unwrap();
    let names: Vec<_> = request.headers.keys().map(http::HeaderName::as_str).collect();
    let of = |names: &[&str]| -> HeaderMap {
        names.iter().map(|name| (http::HeaderName::try_from(*name).unwrap(), HeaderValue::from_static(""))).collect()
    };
    assert_eq!(of(&names).keys_len(), 3, "{names:?}");
    assert!(["host", "cookie", "accept"].iter().all(|name| names.contains(name)), "{names:?}");
}

/// What paths and queries are made of, and what they are attacked with. A fragment is not among it: of a request's own target it is
/// cut by the parser, of one that is named it is refused.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = vec![
        "/", "//", "a", "public", "..", ".", "%2e", "%2E", "%2f", "%5c", "%00", "%25", "%", "%zz", ";", "?", "&x=1",
        "@", ":", ",", "\\", " ", "\u{e4}", "~", "+", "*", "|", "{", "\"", "<", "`",
    ];
    prop::collection::vec(select(pieces), 0..9).prop_map(|pieces| format!("/{}", pieces.concat()))
}

proptest! {
    /// However odd: read by every proxy's endpoint as if it had come by itself, or refused by all for its path.
    #[test]
    fn a_target_is_read_alike_whoever_names_it(target in pieces()) {
        let by_itself = Request::get(&target).header("host", "crm.example.com").body(()).map_err(|_| ()).and_then(|request| {
            let connection = ClientConnection::from(std::net::SocketAddr::from(([192, 0, 2, 7], 50_000)));
            admit(request.into_parts().0, &connection).map_err(|error| prop_assert_path(&error))
        });
        let by_itself = by_itself.map(|asked| asked.request.origin_form.as_str().to_owned());
        let named = [
            named(Proxy::Traefik, &FORWARDED.replace("/a?b=1", &target)),
            named(Proxy::Nginx, &format!("x-original-url: https://crm.example.com{target}\nx-original-method: GET")),
        ];
        for named in named {
            let named = named.map(|request| request.origin_form.as_str().to_owned()).map_err(|error| prop_assert_path(&error));
            prop_assert_eq!(&named, &by_itself, "{}", target);
        }
        if let Ok(asking) = admitted_for_envoy(&target) {
            let named = of(asking).map(|request| request.origin_form.as_str().to_owned());
            prop_assert_eq!(named.map_err(|error| prop_assert_path(&error)), by_itself, "{}", target);
        } else {
            prop_assert!(by_itself.is_err(), "{}", target);
        }
    }
}

fn prop_assert_path(error: &AdmitError) {
    assert!(matches!(error, AdmitError::Path(_)), "{error:?}");
}

/// The question itself; an error where no request has such a target.
fn admitted_for_envoy(target: &str) -> Result<Unscreened, ()> {
    let path = format!("/oauth2/auth/envoy{target}");
    if Request::get(&path).body(()).is_err() {
        return Err(());
    }
    admitted("GET", &path, "").map_err(|error| prop_assert_path(&error))
}
