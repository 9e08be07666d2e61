//! The head that the host application gets.

use http::{HeaderMap, HeaderName, HeaderValue, Request, header, request::Parts};

use super::{ForwardSettings, ValueFault, sender::Sender, web_dav::map_resources};
use crate::request::{Admitted, Peer, VisitKind, set_websocket_upgrade, via};

/// The head for the host application: path and query byte for byte, `cookies` in place of the browser's `Cookie`. `untold` hears which
/// identity headers could not say what they should.
#[must_use]
pub(crate) fn request_head(
    admitted: &Admitted,
    settings: &ForwardSettings,
    sender: Sender<'_>,
    cookies: Option<HeaderValue>,
    untold: impl FnMut(&HeaderName, ValueFault),
) -> Parts {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.method = admitted.method.clone();
    // RFC 9110 7.7: the bytes that were decided on, unchanged.
    parts.uri = admitted.origin_form.clone().into();
    parts.headers = admitted.headers.clone();
    let headers = &mut parts.headers;
    headers.reserve(ADDED_LINES);
    set(headers, header::COOKIE, cookies);
    headers.insert(header::HOST, settings.fixed.host.clone());
    map_resources(&parts.method, headers, settings);
    add_forwarding_headers(headers, settings, &admitted.peer, sender.request_id);
    headers.append(header::VIA, HeaderValue::from_static(via(admitted.version)));
    if sender.visitor.is_some() {
        settings.identity_headers.add(headers, sender, untold);
    }
    if admitted.visit.kind == VisitKind::WebSocket {
        set_websocket_upgrade(headers);
    }
    parts
}

/// The forwarding family says what the gateway itself has seen; what a client brought is gone since admission.
fn add_forwarding_headers(headers: &mut HeaderMap, settings: &ForwardSettings, peer: &Peer, request_id: &str) {
    let fixed = &settings.fixed;
    headers.insert(X_FORWARDED_FOR, peer.forwarded_for.clone());
    headers.insert(X_FORWARDED_PROTO, fixed.forwarded_proto.clone());
    headers.insert(X_FORWARDED_HOST, fixed.forwarded_host.clone());
    headers.insert(X_FORWARDED_PORT, fixed.forwarded_port.clone());
    set(headers, X_REQUEST_ID, value_of(request_id));
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<HeaderValue>) {
    match value {
        Some(value) => drop(headers.insert(name, value)),
        None => drop(headers.remove(name)),
    }
}

fn value_of(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

/// What is added at most, in one piece instead of bit by bit: the forwarding family and a request id, `Via`, those of a preset,
/// and the cookies that are the host application's.
const ADDED_LINES: usize = 11;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::{
        forward::{HeaderPreset, SendHost},
        identity::{Claims, Identity, ProviderName, Visitor, VisitorSource},
        reason::Reason,
        request::{ClientConnection, HeaderRules, HostName, admit},
        time::UnixSeconds,
    };

    fn settings(send_host: SendHost) -> ForwardSettings {
        let (url, name) = (Url::parse("https://crm.example.com").unwrap(), HostName::parse("crm.example.com").unwrap());
        let upstream = Url::parse("http://10.0.0.5:8000").unwrap().into();
        ForwardSettings::new(&url, &name, upstream, &HeaderPreset::XForwarded.into(), send_host)
    }

    fn forwarded(headers: &[(&str, &str)], send_host: SendHost) -> Parts {
        let mut builder = Request::builder().uri("/a%2Fb?x=%7b&&y=+%zz").header("host", "CRM.example.com");
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let connection = ClientConnection::from(std::net::SocketAddr::new("::ffff:192.0.2.1".parse().unwrap(), 50_000));
        let unscreened = admit(builder.body(()).unwrap().into_parts().0, &connection).unwrap();
        let admitted = unscreened.screen(&HeaderRules::default()).unwrap().request;
        let identity = Identity {
            provider: ProviderName::parse("corp").unwrap(),
            subject: "s-1".to_owned(),
            email: Err(Reason::EmailMissing),
            claims: Claims::default(),
        };
        let visitor = Visitor { identity, ends_at: UnixSeconds(60), source: VisitorSource::Assertion };
        let sender = Sender { visitor: Some(&visitor), request_id: "id-1", now: UnixSeconds(0) };
        let cookies = Some(HeaderValue::from_static("a=1"));
        request_head(&admitted, &settings(send_host), sender, cookies, |_, _| panic!("all is told"))
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
