//! Admission: one host, one path, one framing; then, by the rules of the site, no forged header.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version, header, request::Parts, uri::PathAndQuery};

use super::{
    Asserted, Attached, Authority, FetchSite, HeaderRules, HostError, PathError, Peer, Target, Visit, VisitKind,
    header_rules::HeadersScreened,
    hygiene::nominated,
    second_target::{SecondTargetError, second_target},
    upgrade::is_websocket_upgrade,
};
use crate::{
    limits::{GATEWAY_PASSES_MAX, METHOD_BYTES_MAX, REQUEST_HEADERS_MAX},
    reason::Reason,
};

/// A request that may go on: the only form in which later stages see it. [`Unscreened::screen`] alone makes one.
#[derive(Clone)]
pub(crate) struct Admitted {
    /// Who sends it.
    pub(crate) peer: Peer,
    /// The host the browser asked for.
    pub(crate) authority: Authority,
    /// Path and query, parsed.
    pub(crate) target: Target,
    /// The bytes that `target` was parsed from: what is forwarded.
    pub(crate) origin_form: PathAndQuery,
    /// Where it writes to besides (`COPY`, `MOVE`).
    pub(crate) writes_to: Option<Box<Target>>,
    /// The method.
    pub(crate) method: Method,
    /// The version of HTTP in which it came.
    pub(crate) version: Version,
    /// What kind of visit it is.
    pub(crate) visit: Visit,
    /// End-to-end headers: no hop-by-hop field, none that a client may not bring. `Host` is the one that counts;
    /// `Cookie` is still whole, and one line.
    pub(crate) headers: HeaderMap,
}

/// Without the headers and the query: they hold cookies, tokens and codes.
impl std::fmt::Debug for Admitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admitted")
            .field("authority", &self.authority)
            .field("path", &self.target.path.as_str())
            .field("visit", &self.visit)
            .finish_non_exhaustive()
    }
}

/// One host, one path, one framing; but the headers that a client may not bring are still there, for which they are depends
/// on the site. No later stage takes a request in this form: [`Unscreened::screen`] gives the one that they take.
#[derive(Clone, Debug)]
pub(crate) struct Unscreened {
    pub(super) request: Admitted,
    /// What `Connection` took out (RFC 9110 7.6.1): whoever wrote that line chose what is not there.
    pub(super) nominated: Vec<HeaderName>,
}

/// A request without forgeries, and what was found while they were taken out.
#[derive(Debug, Clone)]
pub(crate) struct Screened {
    /// The request.
    pub(crate) request: Admitted,
    /// What the proxy in front says of the person, where the site wants to know.
    pub(crate) asserted: Asserted,
    /// What is there for each source that the site accepts.
    pub(crate) attached: Attached,
    /// Which names of the tables were dropped, each once, as the tables spell them.
    pub(crate) dropped: Vec<&'static str>,
}

impl Unscreened {
    /// The host the browser asked for.
    #[must_use]
    pub(crate) const fn authority(&self) -> &Authority {
        &self.request.authority
    }

    /// Path and query, parsed.
    #[must_use]
    pub(crate) const fn target(&self) -> &Target {
        &self.request.target
    }

    /// Where it writes to besides.
    #[must_use]
    pub(crate) fn writes_to(&self) -> Option<&Target> {
        self.request.writes_to.as_deref()
    }

    /// Takes out what a client may not bring to this site.
    ///
    /// # Errors
    /// [`AdmitError::Header`] where more lines are left than a host application takes.
    pub(crate) fn screen(self, rules: &HeaderRules) -> Result<Screened, AdmitError> {
        let Self { mut request, nominated } = self;
        let HeadersScreened { asserted, mut attached, dropped } = rules.screen(&mut request.headers);
        rules.miss(&mut attached, &nominated);
        // HTTP/2 bounds the bytes of a head only; a host application's server has a bound of its own.
        if request.headers.len() > REQUEST_HEADERS_MAX {
            return Err(AdmitError::Header("too many"));
        }
        Ok(Screened { request, asserted, attached, dropped })
    }
}

/// Why a request is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AdmitError {
    /// No Host, two, a malformed one, or one that contradicts the absolute form.
    #[error("host header: expected exactly one valid host")]
    Host,
    /// See [`PathError`].
    #[error(transparent)]
    Path(#[from] PathError),
    /// CONNECT, TRACE, or longer than any method is.
    #[error("method is not forwarded")]
    Method,
    /// A framing, `Expect` or `Upgrade` header that is not forwarded.
    #[error("header is not forwarded: {0}")]
    Header(&'static str),
    /// `Via` says that the request has passed gateways of this kind too often.
    #[error("request runs in a circle")]
    Loop,
    /// Only a proxy in front that is trusted may ask about requests.
    #[error("a peer that is not trusted asks about a request")]
    Untrusted,
    /// A proxy in front asks, and does not clearly say about what.
    #[error("a proxy asks about a request, and one thing of it is missing, doubled or malformed: {0}")]
    Unnamed(&'static str),
}

impl From<HostError> for AdmitError {
    fn from(_: HostError) -> Self {
        Self::Host
    }
}

impl From<SecondTargetError> for AdmitError {
    fn from(error: SecondTargetError) -> Self {
        match error {
            SecondTargetError::Malformed => Self::Header("destination"),
            SecondTargetError::Path(error) => Self::Path(error),
        }
    }
}

impl AdmitError {
    /// The stable reason.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Host => Reason::BadHost,
            Self::Path(_) => Reason::BadPath,
            Self::Method => Reason::BadMethod,
            Self::Header(_) => Reason::BadHeader,
            Self::Loop => Reason::LoopDetected,
            Self::Untrusted => Reason::ForwardAuthPeer,
            Self::Unnamed(_) => Reason::ForwardAuthMetadata,
        }
    }
}

/// Admits a request head that `peer` sends.
///
/// # Errors
/// See [`AdmitError`]; the caller answers and closes the connection.
pub(crate) fn admit(parts: Parts, peer: impl Into<Peer>) -> Result<Unscreened, AdmitError> {
    let Parts { method, uri, version, mut headers, .. } = parts;
    if !is_passed_on(&method) {
        return Err(AdmitError::Method);
    }
    let authority = one_authority(version, &uri, &mut headers)?;
    check_http2_fields(version, &headers)?;
    let origin_form = uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    let target = Target::parse(origin_form.as_str())?;
    check_framing(version, &headers)?;
    check_single_lines(&headers)?;
    check_hops(&method, &mut headers)?;
    let mut visit = Visit::of(&method, &headers);
    if visit.kind == VisitKind::WebSocket {
        check_websocket(version, &headers)?;
    }
    let says_origin = headers.contains_key(header::ORIGIN);
    let nominated = remove_nominated(&mut headers);
    if visit.kind == VisitKind::WebSocket {
        // As it is forwarded: what `Connection` names is gone, and an origin that went so is nobody's (`null`).
        let gone = says_origin.then_some(HeaderValue::from_static("null"));
        visit.opener = headers.get(header::ORIGIN).cloned().or(gone);
    } else if visit.site == FetchSite::Absent {
        visit.opener = headers.get(header::ORIGIN).cloned();
    }
    join_cookies(&mut headers)?;
    let writes_to = second_target(&method, &headers)?;
    let peer = peer.into();
    let request = Admitted { peer, authority, target, origin_form, writes_to, method, version, visit, headers };
    Ok(Unscreened { request, nominated })
}

/// RFC 9110 9.3.6 and 9.3.8: no tunnel to elsewhere, no echo of headers. One that begins with a hyphen is nobody's, and stands for one
/// that `h2` cannot read (see `http2`).
pub(super) fn is_passed_on(method: &Method) -> bool {
    let method_name = method.as_str();
    let is_plain = method_name.len() <= METHOD_BYTES_MAX && !method_name.starts_with('-');
    is_plain && !matches!(*method, Method::CONNECT | Method::TRACE)
}

/// RFC 9112 3.2: exactly one Host. RFC 9112 3.2.2 and RFC 9113 8.3.1: the absolute form and `:authority` replace it; here
/// they must not contradict it either. With `:authority` it need not be there.
fn one_authority(version: Version, uri: &Uri, headers: &mut HeaderMap) -> Result<Authority, AdmitError> {
    if let (Version::HTTP_2, Some(authority), false) = (version, uri.authority(), headers.contains_key(header::HOST)) {
        headers.insert(header::HOST, HeaderValue::from_str(authority.as_str()).map_err(|_| AdmitError::Host)?);
    }
    let host = Authority::parse(only_text(headers, header::HOST).ok_or(AdmitError::Host)?)?;
    let Some(written) = uri.authority() else {
        return Ok(host);
    };
    // The authority form belongs to CONNECT alone.
    let default_port = match uri.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        Some(_) | None => return Err(PathError::NotAPath.into()),
    };
    let authority = Authority::parse(written.as_str())?;
    let port = |authority: &Authority| authority.port.unwrap_or(default_port);
    if authority.name != host.name || port(&authority) != port(&host) {
        return Err(AdmitError::Host);
    }
    headers.insert(header::HOST, HeaderValue::from_str(written.as_str()).map_err(|_| AdmitError::Host)?);
    Ok(authority)
}

/// RFC 9113 8.2.1: no white space around a value (in HTTP/1.1 it belongs to the line, and hyper has cut it), and a name that
/// is a token (RFC 9110 5.6.2; `http` takes `"` for part of one). An HTTP/1.1 server could not read the line otherwise. Names and values that
/// `h2` cannot read stand here in such a form (see `http2`).
fn check_http2_fields(version: Version, headers: &HeaderMap) -> Result<(), AdmitError> {
    if version != Version::HTTP_2 {
        return Ok(());
    }
    if headers.keys().any(|name| name.as_str().contains('"')) {
        return Err(AdmitError::Header("name that is no token"));
    }
    let is_padded = |value: &HeaderValue| value.as_bytes().trim_ascii().len() != value.len();
    if headers.values().any(is_padded) {
        return Err(AdmitError::Header("value that cannot be read, or white space around it"));
    }
    Ok(())
}

/// RFC 9112 6.1 and 6.3: one way of framing, beyond doubt. hyper lets more through than a host application may see.
fn check_framing(version: Version, headers: &HeaderMap) -> Result<(), AdmitError> {
    let has_length = headers.contains_key(header::CONTENT_LENGTH);
    if headers.contains_key(header::TRANSFER_ENCODING) {
        let coding = only_text(headers, header::TRANSFER_ENCODING).unwrap_or_default();
        if version != Version::HTTP_11 || !coding.eq_ignore_ascii_case("chunked") {
            return Err(AdmitError::Header("transfer-encoding"));
        }
        if has_length {
            return Err(AdmitError::Header("content-length"));
        }
    }
    if has_length {
        let length = only_text(headers, header::CONTENT_LENGTH).unwrap_or_default();
        // A leading zero is octal to some.
        let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = is_number && (length == "0" || !length.starts_with('0'));
        if !is_number || length.parse::<u64>().is_err() {
            return Err(AdmitError::Header("content-length"));
        }
    }
    Ok(())
}

/// Where two lines could mean two things to two readers.
fn check_single_lines(headers: &HeaderMap) -> Result<(), AdmitError> {
    if headers.len() == headers.keys_len() {
        return Ok(());
    }
    let is_doubled = |name: &HeaderName| headers.get_all(name).iter().nth(1).is_some();
    match SINGLE_LINES.iter().find(|(name, _)| is_doubled(name)) {
        Some((_, name)) => Err(AdmitError::Header(name)),
        None => Ok(()),
    }
}

/// `Expect`, `Max-Forwards` and `Via`: what is between hops, but not removed.
fn check_hops(method: &Method, headers: &mut HeaderMap) -> Result<(), AdmitError> {
    // RFC 9110 10.1.1: hyper answers `100-continue` when the body is asked for.
    if headers.contains_key(header::EXPECT) {
        match only_text(headers, header::EXPECT) {
            Some(value) if value.eq_ignore_ascii_case("100-continue") => headers.remove(header::EXPECT),
            Some(_) | None => return Err(AdmitError::Header("expect")),
        };
    }
    let passes: usize = headers
        .get_all(header::VIA)
        .iter()
        .map(|value| {
            value.as_bytes().split(|byte| *byte == b',').filter(|hop| hop.ends_with(VIA_PSEUDONYM.as_bytes())).count()
        })
        .sum();
    if passes > GATEWAY_PASSES_MAX {
        return Err(AdmitError::Loop);
    }
    // RFC 9110 7.6.2, for OPTIONS; TRACE is refused.
    if *method == Method::OPTIONS && headers.contains_key(header::MAX_FORWARDS) {
        let left = only_text(headers, header::MAX_FORWARDS).and_then(|text| text.parse::<u32>().ok());
        let left = left.and_then(|left| left.checked_sub(1)).ok_or(AdmitError::Header("max-forwards"))?;
        headers.insert(header::MAX_FORWARDS, HeaderValue::from(left));
    }
    Ok(())
}

/// RFC 6455 4.2.1, as far as a proxy must know it; and nothing else is ever upgraded to.
fn check_websocket(version: Version, headers: &HeaderMap) -> Result<(), AdmitError> {
    if version != Version::HTTP_11 || !is_websocket_upgrade(headers) {
        return Err(AdmitError::Header("upgrade"));
    }
    if only_text(headers, header::SEC_WEBSOCKET_KEY).is_none() {
        return Err(AdmitError::Header("sec-websocket-key"));
    }
    let has_length = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    if has_length || headers.contains_key(header::TRANSFER_ENCODING) {
        return Err(AdmitError::Header("content-length"));
    }
    Ok(())
}

/// RFC 9110 7.6.1: what `Connection` names ends here; `Host` is not removable. Says what was there and went.
fn remove_nominated(headers: &mut HeaderMap) -> Vec<HeaderName> {
    let mut names = nominated(headers);
    names.retain(|name| *name != header::HOST && headers.remove(name).is_some());
    names
}

/// A browser sends one line (RFC 6265 5.4); a proxy in front that came from HTTP/2 may leave several (RFC 9113 8.2.3). An empty
/// one would leave white space at an end.
fn join_cookies(headers: &mut HeaderMap) -> Result<(), AdmitError> {
    if headers.get_all(header::COOKIE).iter().nth(1).is_none() {
        return Ok(());
    }
    let lines = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
    let joined = HeaderValue::from_bytes(&lines.join(&b"; "[..])).map_err(|_| AdmitError::Header("cookie"))?;
    headers.insert(header::COOKIE, joined);
    Ok(())
}

/// The value of a header that comes in one line of visible ASCII.
fn only_text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then(|| first.trim())
}

/// What the gateway adds to `Via` (RFC 9110 7.6.3): the version in which the request came, and its pseudonym.
pub(crate) const fn via(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "1.0 sigma-gateway",
        Version::HTTP_2 => "2.0 sigma-gateway",
        _ => "1.1 sigma-gateway",
    }
}

/// The pseudonym in [`via`].
const VIA_PSEUDONYM: &str = "sigma-gateway";

const SINGLE_LINES: [(HeaderName, &str); 7] = [
    (header::AUTHORIZATION, "authorization"),
    (header::CONTENT_TYPE, "content-type"),
    (header::ORIGIN, "origin"),
    (header::RANGE, "range"),
    (header::REFERER, "referer"),
    (header::SEC_WEBSOCKET_KEY, "sec-websocket-key"),
    (header::USER_AGENT, "user-agent"),
];
