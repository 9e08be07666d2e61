//! The head that the host application gets.

use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version, header, request::Parts};
use url::Url;

use super::{ForwardSettings, SendHost, identity_headers};
use crate::{
    identity::Identity,
    request::{Admitted, VIA_PSEUDONYM, VisitKind},
};

/// Who sends the request.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The address of the other end of the browser's connection.
    pub peer: IpAddr,
    /// Who is signed in; `None` also on public routes.
    pub identity: Option<&'a Identity>,
    /// The request id.
    pub request_id: &'a str,
}

/// The head for the host application: path and query byte for byte, `cookies` in place of the browser's `Cookie`.
#[must_use]
pub fn request_head(
    admitted: &Admitted,
    settings: &ForwardSettings,
    sender: Sender<'_>,
    cookies: Option<HeaderValue>,
) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = admitted.method.clone();
    parts.uri = origin_form(admitted);
    parts.headers = admitted.headers.clone();
    let headers = &mut parts.headers;
    set(headers, header::COOKIE, cookies);
    // A browser sends the site's authority. A port or spelling of somebody else's making could poison the links that the
    // host application builds from it.
    let host_of = match settings.send_host {
        SendHost::Browser => &settings.site_url,
        SendHost::Upstream => &settings.upstream.url,
    };
    set(headers, header::HOST, value_of(&authority_of(host_of)));
    add_forwarding_headers(headers, settings, sender);
    set_appended(headers, &header::VIA, &format!("{} {VIA_PSEUDONYM}", received_protocol(admitted.version)));
    if let Some(identity) = sender.identity {
        identity_headers::add(headers, settings.identity_headers, identity);
    }
    if admitted.visit.kind == VisitKind::WebSocket {
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    }
    parts
}

/// RFC 9110 7.7: the bytes that were decided on, unchanged.
fn origin_form(admitted: &Admitted) -> Uri {
    let target = admitted.target.to_string();
    Uri::try_from(target).expect("admission took the target out of a URI, and it starts with a slash")
}

/// The forwarding family says what the gateway itself has seen; what a client brought is gone since admission.
fn add_forwarding_headers(headers: &mut HeaderMap, settings: &ForwardSettings, sender: Sender<'_>) {
    let site = &settings.site_url;
    set(headers, X_FORWARDED_FOR, value_of(&sender.peer.to_canonical().to_string()));
    set(headers, X_FORWARDED_PROTO, value_of(site.scheme()));
    set(headers, X_FORWARDED_HOST, value_of(&authority_of(site)));
    set(headers, X_FORWARDED_PORT, site.port_or_known_default().map(HeaderValue::from));
    set(headers, X_REQUEST_ID, value_of(sender.request_id));
}

/// RFC 9110 7.6.3: the version that the browser spoke.
fn received_protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2.0",
        _ => "1.1",
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    match value {
        Some(value) => drop(headers.insert(name, value)),
        None => drop(headers.remove(name)),
    }
}

fn set_appended(headers: &mut HeaderMap, name: &HeaderName, text: &str) {
    if let Some(value) = value_of(text) {
        headers.append(name, value);
    }
}

fn value_of(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

/// `host[:port]`, without the scheme's own port.
pub(super) fn authority_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        forward::IdentityHeaders,
        identity::{Claims, ProviderName},
        reason::Reason,
        request::{Authority, admit},
    };

    fn settings(send_host: SendHost) -> ForwardSettings {
        ForwardSettings {
            site_url: Url::parse("https://crm.example.com").unwrap(),
            site: Authority::parse("crm.example.com").unwrap(),
            upstream: Url::parse("http://10.0.0.5:8000").unwrap().into(),
            identity_headers: IdentityHeaders::XForwarded,
            send_host,
        }
    }

    fn forwarded(headers: &[(&str, &str)], send_host: SendHost) -> Parts {
        let mut builder = Request::builder().uri("/a%2Fb?x=%7b&&y=+%zz").header("host", "CRM.example.com");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let admitted = admit(builder.body(()).unwrap().into_parts().0).unwrap();
        let identity = Identity {
            provider: ProviderName("corp".to_owned()),
            subject: "s-1".to_owned(),
            email: Err(Reason::EmailMissing),
            claims: Claims::default(),
        };
        let sender =
            Sender { peer: "::ffff:192.0.2.1".parse().unwrap(), identity: Some(&identity), request_id: "id-1" };
        request_head(&admitted, &settings(send_host), sender, Some(HeaderValue::from_static("a=1")))
    }

    fn lines(parts: &Parts) -> Vec<String> {
        let mut lines: Vec<_> =
            parts.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.sort();
        lines
    }

    #[test]
    fn the_head_is_the_browsers_with_our_forwarding_headers_and_without_our_cookies() {
        let forged =
            [("x-forwarded-for", "1.1.1.1"), ("X_Forwarded_User", "root"), ("forwarded", "for=x"), ("te", "trailers")];
        let sent = [("cookie", "__Host-sg=secret; a=1"), ("authorization", "Basic x"), ("via", "1.1 edge")];
        let parts = forwarded(&[&forged[..], &sent[..]].concat(), SendHost::Browser);
        assert_eq!(parts.uri, "/a%2Fb?x=%7b&&y=+%zz");
        assert_eq!(
            lines(&parts),
            [
                "authorization: Basic x",
                "cookie: a=1",
                "host: crm.example.com",
                "via: 1.1 edge",
                "via: 1.1 sigma-gateway",
                "x-forwarded-for: 192.0.2.1",
                "x-forwarded-host: crm.example.com",
                "x-forwarded-port: 443",
                "x-forwarded-proto: https",
                "x-forwarded-user: s-1",
                "x-request-id: id-1",
            ]
        );
    }

    #[test]
    fn the_host_is_the_upstreams_where_the_site_says_so() {
        assert_eq!(forwarded(&[], SendHost::Upstream).headers["host"], "10.0.0.5:8000");
    }

    #[test]
    fn only_a_websocket_handshake_asks_for_an_upgrade() {
        let upgrade = [("connection", "Upgrade, x-drop"), ("upgrade", "websocket"), ("sec-websocket-key", "k")];
        let parts = forwarded(&upgrade, SendHost::Browser);
        assert_eq!(
            (&parts.headers["connection"], &parts.headers["upgrade"]),
            (&"Upgrade".parse().unwrap(), &"websocket".parse().unwrap())
        );
        let parts = forwarded(&[("connection", "upgrade"), ("upgrade", "h2c")], SendHost::Browser);
        assert!(!parts.headers.contains_key("connection") && !parts.headers.contains_key("upgrade"));
    }
}
