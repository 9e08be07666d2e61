//! Forward-auth: a proxy in front keeps the request, asks about it, and names it in its own way.
//!
//! In: the request that asks. Out: the request that it names, as if that had come by itself: same cookies, and a method, a host and a
//! target that are held to all that those of any request are. Always: each proxy is read by its own metadata alone, all of it, each
//! piece exactly once, and only from a peer that is trusted.

use http::{HeaderMap, HeaderValue, Method, header, uri::PathAndQuery};

use super::{
    Admitted, Authority, PathError, Target, Unscreened, Visit, VisitKind,
    admit::{AdmitError, is_passed_on},
    second_target::second_target,
    upgrade::is_websocket_upgrade,
};

/// The proxies that can ask, each at an endpoint of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ForwardAuthProxy {
    /// `auth_request`: `X-Original-URL` and `X-Original-Method`.
    Nginx,
    /// `ForwardAuth`: `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri`.
    Traefik,
    /// `forward_auth`: the same four.
    Caddy,
    /// `ext_authz` over HTTP: method, `Host`, and the target behind the endpoint's own path.
    Envoy,
}

/// What a proxy names.
struct NamedRequest {
    method: Method,
    /// Host and port.
    host: HeaderValue,
    authority: Authority,
    origin_form: PathAndQuery,
    target: Target,
    /// Whether the proxy says that it is a WebSocket handshake.
    is_handshake: bool,
}

impl ForwardAuthProxy {
    /// Every proxy.
    pub(crate) const ALL: [Self; 4] = [Self::Nginx, Self::Traefik, Self::Caddy, Self::Envoy];

    /// As its endpoint and log lines name it.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Traefik => "traefik",
            Self::Caddy => "caddy",
            Self::Envoy => "envoy",
        }
    }

    /// The proxy whose endpoint this is, by what follows `{sign_in}/auth/`: Envoy alone writes a target behind its own.
    pub(super) fn asked_at(below: &str) -> Option<Self> {
        let (name, has_target) = match below.split_once('/') {
            Some((name, _)) => (name, true),
            None => (below, false),
        };
        let found = Self::ALL.into_iter().find(|proxy| proxy.as_str() == name)?;
        (has_target == matches!(found, Self::Envoy)).then_some(found)
    }

    /// The request that the proxy names; its headers are those of the request that asks. `sign_in` is the prefix of the endpoint.
    ///
    /// # Errors
    /// [`AdmitError::Untrusted`], [`AdmitError::Unnamed`], and what a request of that method, host and target is refused with.
    pub(crate) fn named_by(self, asking: Unscreened, sign_in: &str) -> Result<Unscreened, AdmitError> {
        let Unscreened { mut request, nominated } = asking;
        if !request.peer.is_trusted {
            return Err(AdmitError::Untrusted);
        }
        let headers = &request.headers;
        let named = match self {
            Self::Nginx => by_original_url(headers)?,
            Self::Traefik | Self::Caddy => by_forwarded(headers)?,
            Self::Envoy => {
                let asked = request.origin_form.as_str();
                let target = asked.get(sign_in.len() + ENVOY.len()..).ok_or(PathError::NotAPath)?;
                NamedRequest::of(request.method.as_str(), only(headers, "host")?, target)?
            }
        };
        let mut visit = Visit::of(&named.method, headers);
        let is_handshake = named.is_handshake
            || is_websocket_upgrade(headers)
            || headers.contains_key(header::SEC_WEBSOCKET_KEY)
            || headers.contains_key(header::SEC_WEBSOCKET_VERSION);
        // nginx and Traefik keep `Upgrade` back, so that the others tell of the handshake. The page that opens it may be of another
        // origin.
        if is_handshake && named.method == Method::GET {
            let opener = request.visit.opener.take().or_else(|| headers.get(header::ORIGIN).cloned());
            visit = Visit { kind: VisitKind::WebSocket, opener, ..visit };
        }
        let NamedRequest { method, host, authority, origin_form, target, .. } = named;
        request.headers.insert(header::HOST, host);
        let writes_to = second_target(&method, &request.headers)?;
        let request = Admitted { method, authority, origin_form, target, writes_to, visit, ..request };
        Ok(Unscreened { request, nominated })
    }
}

impl NamedRequest {
    /// Held to all that a request of its own is.
    fn of(method: &str, host: &str, target: &str) -> Result<Self, AdmitError> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| AdmitError::Method)?;
        if !is_passed_on(&method) {
            return Err(AdmitError::Method);
        }
        let authority = Authority::parse(host)?;
        let host = HeaderValue::from_str(host).map_err(|_| AdmitError::Host)?;
        // What the parser leaves out (a fragment) would be decided on by nobody.
        let origin_form: PathAndQuery = target.parse().map_err(|_| PathError::ForbiddenByte)?;
        if origin_form.as_str() != target {
            return Err(PathError::ForbiddenByte.into());
        }
        let target = Target::parse(target)?;
        Ok(Self { method, host, authority, origin_form, target, is_handshake: false })
    }
}

/// `X-Original-URL: https://crm.example.com/a?b` and `X-Original-Method: GET`.
fn by_original_url(headers: &HeaderMap) -> Result<NamedRequest, AdmitError> {
    let (url, method) = (only(headers, "x-original-url")?, only(headers, "x-original-method")?);
    let (scheme, rest) = url.split_once("://").ok_or(AdmitError::Unnamed("x-original-url"))?;
    if !matches!(scheme, "http" | "https") {
        return Err(AdmitError::Unnamed("x-original-url"));
    }
    let path_at = rest.find('/').ok_or(PathError::NotAPath)?;
    let (host, target) = rest.split_at(path_at);
    NamedRequest::of(method, host, target)
}

/// `X-Forwarded-Method: GET`, `X-Forwarded-Proto: https`, `X-Forwarded-Host: crm.example.com` and `X-Forwarded-Uri: /a?b`.
fn by_forwarded(headers: &HeaderMap) -> Result<NamedRequest, AdmitError> {
    let (method, scheme) = (only(headers, "x-forwarded-method")?, only(headers, "x-forwarded-proto")?);
    let (host, target) = (only(headers, "x-forwarded-host")?, only(headers, "x-forwarded-uri")?);
    // Traefik names the scheme of a handshake by its own name.
    let is_handshake = match scheme {
        "http" | "https" => false,
        "ws" | "wss" => true,
        _ => return Err(AdmitError::Unnamed("x-forwarded-proto")),
    };
    Ok(NamedRequest { is_handshake, ..NamedRequest::of(method, host, target)? })
}

/// The one value of a header that is there in one line, and in no other spelling: a proxy that sets it in place of a client's leaves
/// no other, and a server behind another proxy might read that one.
fn only<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h str, AdmitError> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none());
    let has_alias = headers.keys().any(|other| is_alias(other.as_str(), name));
    let value = value.filter(|_| !has_alias).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    value.filter(|value| !value.is_empty()).ok_or(AdmitError::Unnamed(name))
}

/// Whether servers that fold names read another name as this one; both are in lower case.
fn is_alias(other: &str, name: &str) -> bool {
    let is_same = |(other, own): (u8, u8)| other == own || own == b'-' && !other.is_ascii_alphanumeric();
    other != name && other.len() == name.len() && other.bytes().zip(name.bytes()).all(is_same)
}

/// What precedes a target that Envoy asks about, behind the prefix.
const ENVOY: &str = "/auth/envoy";
