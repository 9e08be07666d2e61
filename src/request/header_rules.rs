//! What of a client's headers a site takes, decided in one walk: fields of the hop and forged names go, and the one header
//! by which a proxy in front says who is signed in there is read before it goes too.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    ClientAddressSource, folded_name,
    header_table::{HeaderOwner, find},
    is_hop_by_hop,
};

/// The rules of one site.
#[derive(Debug, Clone, Default)]
pub(crate) struct HeaderRules {
    kept: Vec<KeptHeader>,
    asserted: Option<AssertedHeader>,
    /// Folded: by which a proxy in front says where a client is.
    client_address: Option<String>,
}

/// A name of the tables that a site takes all the same; folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptHeader(String);

/// The header by which a proxy in front names the person who is signed in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssertedHeader {
    name: HeaderName,
    folded: String,
}

/// Why a site cannot have such a name in its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderRuleError {
    /// No header has such a name.
    #[error("not a header name")]
    Name,
    /// It says something of one connection only.
    #[error("a field of the connection, which ends at the gateway")]
    HopByHop,
    /// A star, as if it were a family.
    #[error("not one name: a star stands for many")]
    Family,
    /// The gateway sets it, or tells by it who sent the request.
    #[error("a header that the gateway itself sets, or that says where a request came from")]
    Gateways,
    /// The tables do not have it.
    #[error("not among the names that are dropped")]
    NotDropped,
    /// Browsers send it, and the host application needs it: it cannot be taken away.
    #[error("a header that browsers send for the application")]
    Browsers,
    /// Applications send it.
    #[error("a header of answers, not of requests")]
    Answers,
}

/// What the proxy in front says of the person.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Asserted {
    /// The site does not ask.
    Unasked,
    /// Nothing that could be compared.
    Unsaid(Unsaid),
    /// This one value: not empty, without white space around it.
    Said(HeaderValue),
}

/// Why there is nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsaid {
    /// The header is not there.
    Missing,
    /// It is there twice: in two lines, in two spellings, or as two values in one line.
    Doubled,
    /// It is there without a value, or with a word for none.
    Empty,
}

/// Without the value: it names a person.
impl std::fmt::Debug for Asserted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unasked => f.write_str("Unasked"),
            Self::Unsaid(unsaid) => write!(f, "Unsaid({unsaid:?})"),
            Self::Said(_) => f.write_str("Said"),
        }
    }
}

impl KeptHeader {
    /// A name out of the tables.
    ///
    /// # Errors
    /// For what is not dropped, or must be.
    pub(crate) fn parse(text: &str) -> Result<Self, HeaderRuleError> {
        header_name(text)?;
        let folded = folded_name(text);
        if is_hop_by_hop(&folded) || folded == "content-length" {
            return Err(HeaderRuleError::HopByHop);
        }
        match find(&folded).map(|entry| entry.owner) {
            Some(HeaderOwner::Other) => Ok(Self(folded)),
            Some(HeaderOwner::Gateway) => Err(HeaderRuleError::Gateways),
            None => Err(HeaderRuleError::NotDropped),
        }
    }
}

impl KeptHeader {
    /// Whether it is the header that says where a client is.
    #[must_use]
    pub(crate) fn is_of(&self, source: &ClientAddressSource) -> bool {
        self.0 == source.folded()
    }
}

impl AssertedHeader {
    /// A name that a proxy in front can have to itself.
    ///
    /// # Errors
    /// For a name that ends at a hop, that browsers or applications send, or that is the gateway's own.
    pub(crate) fn parse(text: &str) -> Result<Self, HeaderRuleError> {
        let (name, folded) = of_proxies(text)?;
        if is_in(&folded, NEVER_OF_A_PERSON, OUR_FAMILIES) {
            return Err(HeaderRuleError::Gateways);
        }
        Ok(Self { name, folded })
    }

    /// Whether this kept name is the same header.
    #[must_use]
    pub(crate) fn is(&self, kept: &KeptHeader) -> bool {
        self.folded == kept.0
    }

    /// What the lines say; `has_alias`: another spelling of the name is there as well.
    fn read(&self, headers: &HeaderMap, has_alias: bool) -> Asserted {
        let mut lines = headers.get_all(&self.name).iter();
        let (first, second) = (lines.next(), lines.next());
        let Some(value) = first else {
            // Another spelling alone is nothing that the proxy in front says.
            return Asserted::Unsaid(Unsaid::Missing);
        };
        let trimmed = value.as_bytes().trim_ascii();
        // Some proxies join two lines into one (RFC 9110 5.3).
        if has_alias || second.is_some() || trimmed.contains(&b',') {
            return Asserted::Unsaid(Unsaid::Doubled);
        }
        if trimmed.is_empty() || NOBODY.iter().any(|word| trimmed.eq_ignore_ascii_case(word)) {
            return Asserted::Unsaid(Unsaid::Empty);
        }
        let value = if trimmed.len() == value.len() { Ok(value.clone()) } else { HeaderValue::from_bytes(trimmed) };
        value.map_or(Asserted::Unsaid(Unsaid::Empty), Asserted::Said)
    }
}

/// What becomes of a name.
enum HeaderFate {
    Passes,
    /// It goes; with the name in the tables, where it is there.
    Goes(Option<&'static str>),
    /// It is a spelling of the asserted header, and goes.
    Asserts,
}

impl HeaderRules {
    /// The rules of a site that keeps these names, and compares that header.
    #[must_use]
    pub(crate) const fn new(kept: Vec<KeptHeader>, asserted: Option<AssertedHeader>) -> Self {
        Self { kept, asserted, client_address: None }
    }

    /// The same, where this header says where a client is: it goes, in every spelling, whoever sends it.
    #[must_use]
    pub(crate) fn reading(self, client_address: Option<&ClientAddressSource>) -> Self {
        Self { client_address: client_address.map(|source| source.folded().to_owned()), ..self }
    }

    /// The header of the proxy in front that the site compares.
    #[must_use]
    pub(crate) const fn compared(&self) -> Option<&AssertedHeader> {
        self.asserted.as_ref()
    }

    /// Takes out what a client may not bring; says what the proxy in front asserts, and which names of the tables went.
    pub(super) fn screen(&self, headers: &mut HeaderMap) -> (Asserted, Vec<&'static str>) {
        let (mut going, mut dropped, mut has_alias) = (Vec::new(), Vec::new(), false);
        for name in headers.keys() {
            match self.look_at(name.as_str()) {
                HeaderFate::Passes => continue,
                HeaderFate::Goes(None) => {}
                HeaderFate::Goes(Some(listed)) if dropped.contains(&listed) => {}
                HeaderFate::Goes(Some(listed)) => dropped.push(listed),
                HeaderFate::Asserts => {
                    has_alias |= self.asserted.as_ref().is_some_and(|asserted| asserted.name != *name);
                }
            }
            going.push(name.clone());
        }
        let asserted = self.asserted.as_ref().map_or(Asserted::Unasked, |asserted| asserted.read(headers, has_alias));
        for name in going {
            headers.remove(name);
        }
        (asserted, dropped)
    }

    /// The http library has lowered the case; most names need no folding beyond that.
    fn look_at(&self, name: &str) -> HeaderFate {
        if name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
            return if is_hop_by_hop(name) { HeaderFate::Goes(None) } else { self.look_up(name) };
        }
        // A WSGI application asks for HTTP_TRANSFER_ENCODING: it must not find what no server has framed by.
        let folded = folded_name(name);
        if is_hop_by_hop(&folded) || folded == "content-length" {
            HeaderFate::Goes(None)
        } else {
            self.look_up(&folded)
        }
    }

    fn look_up(&self, folded: &str) -> HeaderFate {
        if self.asserted.as_ref().is_some_and(|asserted| asserted.folded == folded) {
            return HeaderFate::Asserts;
        }
        if self.client_address.as_deref() == Some(folded) {
            return HeaderFate::Goes(None);
        }
        match find(folded) {
            Some(entry) if !self.kept.iter().any(|kept| kept.0 == folded) => HeaderFate::Goes(Some(entry.name)),
            Some(_) | None => HeaderFate::Passes,
        }
    }
}

/// A name that one header can have. A star is a letter as good as any, but who writes one means many names.
fn header_name(text: &str) -> Result<HeaderName, HeaderRuleError> {
    let name = HeaderName::from_bytes(text.as_bytes()).map_err(|_| HeaderRuleError::Name)?;
    if text.contains('*') { Err(HeaderRuleError::Family) } else { Ok(name) }
}

/// A name that a proxy in front can have to itself, and the same folded.
///
/// # Errors
/// For a name that ends at a hop, or that browsers or applications send.
pub(super) fn of_proxies(text: &str) -> Result<(HeaderName, String), HeaderRuleError> {
    let name = header_name(text)?;
    let folded = folded_name(text);
    if is_hop_by_hop(&folded) || folded == "http2-settings" {
        return Err(HeaderRuleError::HopByHop);
    }
    if is_in(&folded, OF_BROWSERS, FAMILIES_OF_BROWSERS) {
        return Err(HeaderRuleError::Browsers);
    }
    if is_in(&folded, OF_ANSWERS, &[]) {
        return Err(HeaderRuleError::Answers);
    }
    Ok((name, folded))
}

fn is_in(folded: &str, names: &[&str], families: &[&str]) -> bool {
    names.contains(&folded) || families.iter().any(|family| folded.starts_with(family))
}

/// What proxies write where nobody is signed in: logs and Apache's `%{REMOTE_USER}e`, templates and scripts of every kind.
const NOBODY: &[&[u8]] = &[b"-", b"\"\"", b"(null)", b"null", b"none", b"nil", b"undefined"];
/// What says of a request where it came from or what it asked for, and never of a person.
const NEVER_OF_A_PERSON: &[&str] = &[
    "client-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "forwarded",
    "path-info",
    "proxy",
    "remote-addr",
    "remote-host",
    "script-name",
    "true-client-ip",
    "via",
    "x-auth-request-redirect",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-forwarded-by",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-method",
    "x-forwarded-path",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-protocol",
    "x-forwarded-scheme",
    "x-forwarded-server",
    "x-forwarded-ssl",
    "x-forwarded-uri",
    "x-ms-forwarded-client-ip",
    "x-original-args",
    "x-original-authority",
    "x-original-for",
    "x-original-host",
    "x-original-ip",
    "x-original-method",
    "x-original-path",
    "x-original-port",
    "x-original-prefix",
    "x-original-proto",
    "x-original-protocol",
    "x-original-query",
    "x-original-request-uri",
    "x-original-scheme",
    "x-original-server",
    "x-original-uri",
    "x-original-url",
    "x-originating-ip",
    "x-real-ip",
    "x-request-id",
    "x-script-name",
];
const OUR_FAMILIES: &[&str] = &["sigma-gateway", "x-sigma-", "x-envoy-", "x-rewrite-", "cf-connecting-"];
/// Without these the host application would not understand its browsers.
const OF_BROWSERS: &[&str] = &[
    "authorization",
    "b3",
    "baggage",
    "cache-control",
    "cookie",
    "cookie2",
    "csrf-token",
    "date",
    "device-memory",
    "dnt",
    "downlink",
    "dpop",
    "dpr",
    "early-data",
    "ect",
    "expect",
    "host",
    "idempotency-key",
    "last-event-id",
    "max-forwards",
    "origin",
    "pragma",
    "prefer",
    "priority",
    "range",
    "referer",
    "requestverificationtoken",
    "rtt",
    "save-data",
    "sentry-trace",
    "service-worker",
    "soapaction",
    "traceparent",
    "tracestate",
    "upgrade-insecure-requests",
    "user-agent",
    "viewport-width",
    "width",
    "x-api-key",
    "x-auth-token",
    "x-correlation-id",
    "x-csrf-token",
    "x-csrftoken",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-requested-with",
    "x-user-agent",
    "x-xsrf-token",
    "xsrf-token",
];
const FAMILIES_OF_BROWSERS: &[&str] =
    &["accept", "access-control-", "content-", "hx-", "if-", "sec-", "turbo-", "upload-", "x-b3-"];
const OF_ANSWERS: &[&str] = &[
    "age",
    "allow",
    "alt-svc",
    "clear-site-data",
    "etag",
    "expires",
    "last-modified",
    "link",
    "location",
    "refresh",
    "retry-after",
    "server",
    "set-cookie",
    "set-cookie2",
    "strict-transport-security",
    "vary",
    "www-authenticate",
];
