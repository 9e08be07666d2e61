//! What of a client's headers a site takes, decided in one walk: fields of the hop and forged names go, and the one header
//! by which a proxy in front says who is signed in there is read before it goes too.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    attached::{Attached, AttachedHeader},
    folded_name,
    header_names::{FAMILIES_OF_BROWSERS, NEVER_OF_A_PERSON, NOBODY, OF_ANSWERS, OF_BROWSERS, OUR_FAMILIES},
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
    /// What the site itself sends to its application.
    sent: Vec<SentHeader>,
    attached: Vec<AttachedHeader>,
}

/// What a walk over the headers has found.
#[derive(Debug)]
pub(super) struct HeadersScreened {
    pub(super) asserted: Asserted,
    pub(super) attached: Attached,
    /// Which names of the tables went, each once.
    pub(super) dropped: Vec<&'static str>,
}

/// A header that the gateway sends to the application of a site, and takes from no client there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SentHeader(AssertedHeader);

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
    /// Whether it is the header of this folded name.
    #[must_use]
    pub(crate) fn is_named(&self, folded: &str) -> bool {
        self.0 == folded
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

    /// The same, for a source whose assertions it holds.
    #[must_use]
    pub(crate) fn into_attached(self) -> AttachedHeader {
        AttachedHeader::named(self.name)
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

impl SentHeader {
    /// A name that the gateway can have to itself; the same names can be a proxy's in front.
    ///
    /// # Errors
    /// As [`AssertedHeader::parse`].
    pub(crate) fn parse(text: &str) -> Result<Self, HeaderRuleError> {
        // Ours, although of our family, which no client brings anywhere.
        let is_of_assertions = folded_name(text) == "sigma-gateway-assertion";
        if is_of_assertions {
            let name = header_name(text)?;
            return Ok(Self(AssertedHeader { name, folded: folded_name(text) }));
        }
        AssertedHeader::parse(text).map(Self)
    }

    /// The name: its letters lowered, all else as it is written.
    #[must_use]
    pub(crate) const fn name(&self) -> &HeaderName {
        &self.0.name
    }

    /// Whether an application may take both for one.
    #[must_use]
    pub(crate) fn is_alias_of(&self, other: &Self) -> bool {
        self.0.folded == other.0.folded
    }

    /// Whether this kept name is the same header.
    #[must_use]
    pub(crate) fn is(&self, kept: &KeptHeader) -> bool {
        self.0.is(kept)
    }
}

/// What becomes of a name.
enum HeaderFate {
    Passes,
    /// It goes; with the name in the tables, where it is there.
    Goes(Option<&'static str>),
    /// It is a spelling of the asserted header, and goes.
    Asserts,
    /// It is a spelling of the header of a source, and goes, unless its line is the application's.
    Attaches(usize),
}

impl HeaderRules {
    /// The rules of a site that keeps these names, and compares that header.
    #[must_use]
    pub(crate) const fn new(kept: Vec<KeptHeader>, asserted: Option<AssertedHeader>) -> Self {
        Self { kept, asserted, client_address: None, sent: Vec::new(), attached: Vec::new() }
    }

    /// The same for a site that sends these itself.
    #[must_use]
    pub(crate) fn sending(self, sent: Vec<SentHeader>) -> Self {
        Self { sent, ..self }
    }

    /// The same of a site that accepts these sources, in its order.
    #[must_use]
    pub(crate) fn accepting(self, attached: Vec<AttachedHeader>) -> Self {
        Self { attached, ..self }
    }

    /// The same, where the header of this folded name says where a client is: it goes, in every spelling, whoever sends it.
    #[must_use]
    pub(crate) fn reading(self, client_address: Option<&str>) -> Self {
        Self { client_address: client_address.map(str::to_owned), ..self }
    }

    /// The header of the proxy in front that the site compares.
    #[must_use]
    pub(crate) const fn compared(&self) -> Option<&AssertedHeader> {
        self.asserted.as_ref()
    }

    /// Takes out what a client may not bring; says what the proxy in front asserts and attaches, and which names of the tables went.
    pub(super) fn screen(&self, headers: &mut HeaderMap) -> HeadersScreened {
        let (mut going, mut dropped, mut has_alias) = (Vec::new(), Vec::new(), false);
        let mut attached = Attached::nothing(self.attached.len());
        for name in headers.keys() {
            match self.look_at(name.as_str()) {
                HeaderFate::Passes => continue,
                HeaderFate::Goes(None) => {}
                HeaderFate::Goes(Some(listed)) if dropped.contains(&listed) => {}
                HeaderFate::Goes(Some(listed)) => dropped.push(listed),
                HeaderFate::Asserts => {
                    has_alias |= self.asserted.as_ref().is_some_and(|asserted| asserted.name != *name);
                }
                HeaderFate::Attaches(at) => {
                    let is_sources = |header| attached.take(at, header, name, headers);
                    if !self.attached.get(at).is_some_and(is_sources) {
                        continue;
                    }
                }
            }
            going.push(name.clone());
        }
        let asserted = self.asserted.as_ref().map_or(Asserted::Unasked, |asserted| asserted.read(headers, has_alias));
        for name in going {
            headers.remove(name);
        }
        HeadersScreened { asserted, attached, dropped }
    }

    /// What `Connection` took out before it was read is not missing: whoever names the header of a source there chooses that a session
    /// acts in place of what the proxy in front says.
    pub(super) fn miss(&self, attached: &mut Attached, nominated: &[HeaderName]) {
        for name in nominated {
            let folded = folded_name(name.as_str());
            if let Some(at) = self.attached.iter().position(|header| header.folded() == folded) {
                attached.lose(at);
            }
        }
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
        if let Some(at) = self.attached.iter().position(|attached| attached.folded() == folded) {
            return HeaderFate::Attaches(at);
        }
        if self.client_address.as_deref() == Some(folded) {
            return HeaderFate::Goes(None);
        }
        match find(folded) {
            Some(entry) if !self.kept.iter().any(|kept| kept.0 == folded) => HeaderFate::Goes(Some(entry.name)),
            Some(_) | None if self.sent.iter().any(|sent| sent.0.folded == folded) => HeaderFate::Goes(None),
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
