//! A request head: what is admitted has one host, one path, one `Cookie` line and no header that a client may not bring.

use std::net::{Ipv4Addr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Version, header, request::Parts};

use super::fixture::plain_site;
use crate::{
    limits::REQUEST_HEADERS_MAX,
    request::{ClientConnection, Screened, admit as admitted, folded_name, is_hop_by_hop, is_managed},
};

/// Lines: the request line (`GET /path HTTP/1.1`), then one header each. What `http` cannot hold never reaches the gateway.
pub fn admit(data: &[u8]) {
    let Some(parts) = parts(data) else { return };
    let Some(first) = screened(parts) else { return };
    let Screened { request, .. } = &first;
    assert_eq!(request.target.to_string(), request.origin_form.as_str(), "what decides is what is forwarded");
    check_headers(&request.headers);

    // Nothing of it is refused or taken out a second time.
    let (mut again, ()) = Request::new(()).into_parts();
    again.method = request.method.clone();
    again.uri = request.origin_form.clone().into();
    again.version = request.version;
    again.headers = request.headers.clone();
    if again.headers.contains_key(header::MAX_FORWARDS) {
        return;
    }
    let second = screened(again).expect("what was admitted is admitted again");
    assert_eq!(second.request.headers, request.headers);
    assert_eq!(second.request.target, request.target);
    assert_eq!(second.request.authority, request.authority);
    assert!(second.dropped.is_empty());
}

fn screened(parts: Parts) -> Option<Screened> {
    let connection = ClientConnection::from(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
    admitted(parts, &connection).ok()?.screen(&plain_site().headers).ok()
}

fn check_headers(headers: &HeaderMap) {
    assert!(headers.len() <= REQUEST_HEADERS_MAX);
    assert_eq!(headers.get_all(header::HOST).iter().count(), 1);
    assert!(headers.get_all(header::COOKIE).iter().count() <= 1);
    for name in headers.keys() {
        let folded = folded_name(name.as_str());
        assert!(!is_hop_by_hop(&folded), "{name} ends at a hop");
        assert!(!is_managed(&folded) || folded == "sm-user", "{name} names a person or a path");
        assert!(folded != "content-length" || name == header::CONTENT_LENGTH, "{name} is read as the length");
    }
}

fn parts(data: &[u8]) -> Option<Parts> {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut words = lines.next()?.splitn(3, |byte| *byte == b' ');
    let mut request = Request::builder().method(words.next()?).uri(words.next()?);
    request = request.version(match words.next()? {
        b"HTTP/1.0" => Version::HTTP_10,
        b"HTTP/1.1" => Version::HTTP_11,
        b"HTTP/2.0" => Version::HTTP_2,
        _ => return None,
    });
    let (mut parts, ()) = request.body(()).ok()?.into_parts();
    for line in lines.take_while(|line| !line.is_empty()) {
        let colon = memchr::memchr(b':', line)?;
        let value = line[colon + 1..].strip_prefix(b" ").unwrap_or(&line[colon + 1..]);
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        // hyper's bound on the lines of a head is far below that of `http`.
        parts.headers.try_append(name, HeaderValue::from_bytes(value).ok()?).ok()?;
    }
    Some(parts)
}
