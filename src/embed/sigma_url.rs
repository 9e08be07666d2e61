//! Sigma's URL grammar (sources: "Create an embed API with JSON web tokens", "Migrate to JWT-signed secure embed
//! URLs").
//!
//! In: a URL of the configuration or of a page. Out: a [`SigmaUrl`], from which every URL is built anew: nothing of the
//! text itself goes into a signed URL. Edit mode, legacy `/embed/` URLs and other documents are refused.

use url::Url;

use super::parameters::{decoded, encoded_component, interface_parameter};
use crate::{limits::SIGMA_SEGMENT_BYTES_MAX, name::kind_of_name};

kind_of_name! {
    /// A Sigma organization's name in URLs, and the name of its `[sigma.SLUG]` table.
    Slug
}

/// What kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum DocumentKind {
    /// `/workbook/`
    Workbook,
    /// `/ask`: Ask Sigma, Sigma Assistant; it has no id.
    Ask,
}

/// A document, compared by its id: the human-readable name is kept for the URL and ignored otherwise.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// The kind.
    pub(crate) kind: DocumentKind,
    /// The path segment as written, e.g. `Sales-28xgywpg21TkRWtz3jVRCe`; empty for `Ask`.
    pub(crate) segment: String,
    /// The tag of a tagged version, decoded.
    pub(crate) tag: Option<String>,
    /// The page or element.
    pub(crate) part: DocumentPart,
}

/// Which part of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum DocumentPart {
    /// All of it.
    Whole,
    /// `/page/<id>`
    Page(String),
    /// `/element/<id>`
    Element(String),
}

/// A Sigma document URL, without parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SigmaUrl {
    /// The organization.
    pub(crate) slug: Slug,
    /// The document.
    pub(crate) document: Document,
}

/// One concrete look at an embed: which document, with which controls set by the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    /// The document: the embed's own, or the one a wildcard matched.
    pub(crate) document: Document,
    /// Controls that the page or link set, already held against `page_controls`: names decoded, values in Sigma's
    /// syntax.
    pub(crate) controls: Vec<(String, String)>,
}

/// What is wrong with a Sigma URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a Sigma document URL: {0}")]
pub(crate) struct SigmaUrlError(pub(crate) &'static str);

impl SigmaUrl {
    /// Parses a URL on the origin of `base_url`; a scheme-relative one (`//host/…`) counts as well.
    ///
    /// Accepted: `/<org>/workbook/<name>-<id>`, `/<org>/workbook/<id>`, `/<org>/workbook/<name>/<id>`, each with
    /// `/tag/<tag>` and then `/page/<id>` or `/element/<id>`, and `/explore` behind it; `/<org>/ask`. A browser URL's `?:nodeId=` is the id of a
    /// page or an element, nothing in it says which: it is read as a page. For an element write `/element/<id>`. All
    /// other parameters are ignored here.
    ///
    /// # Errors
    /// For anything else, with what was expected.
    pub(crate) fn parse(text: &str, base_url: &Url) -> Result<Self, SigmaUrlError> {
        Self::parse_with_query(text, base_url).map(|(url, _)| url)
    }

    /// Parses a URL as [`Self::parse`] does, and gives its query as well.
    pub(super) fn parse_with_query(text: &str, base_url: &Url) -> Result<(Self, Option<String>), SigmaUrlError> {
        let url = url_at(text, base_url)?;
        let found = match segments(&url)?.as_slice() {
            [slug, "ask"] => Self { slug: organization(slug)?, document: Document::ask() },
            [slug, "workbook", rest @ ..] => {
                let mut document = Document::workbook(without_name(without_mode(rest)))?;
                if let (DocumentPart::Whole, Some(node)) = (&document.part, interface_parameter(url.query(), ":nodeId"))
                {
                    document.part = DocumentPart::Page(node_id(&node)?);
                }
                Self { slug: organization(slug)?, document }
            }
            _ => return Err(SigmaUrlError("expected /<organization>/workbook/<document> or /<organization>/ask")),
        };
        Ok((found, url.query().map(str::to_owned)))
    }

    /// The organization of `…/<org>/workbook/*`, if the URL is that wildcard.
    pub(super) fn wildcard(text: &str, base_url: &Url) -> Option<Slug> {
        let url = url_at(text, base_url).ok()?;
        match segments(&url).ok()?.as_slice() {
            [slug, "workbook", "*"] => Slug::parse(slug).ok(),
            _ => None,
        }
    }
}

impl std::fmt::Display for SigmaUrl {
    /// The path, as Sigma takes it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.document.kind {
            DocumentKind::Ask => write!(f, "/{}/ask", self.slug),
            DocumentKind::Workbook => {
                write!(f, "/{}/workbook/{}{}", self.slug, self.document.segment, self.document.suffix())
            }
        }
    }
}

impl Document {
    /// Ask Sigma.
    pub(super) const fn ask() -> Self {
        Self { kind: DocumentKind::Ask, segment: String::new(), tag: None, part: DocumentPart::Whole }
    }

    /// Parses what follows `/workbook/`: the document's segment, then `/tag/…`, then `/page/…` or `/element/…`.
    pub(super) fn workbook(segments: &[&str]) -> Result<Self, SigmaUrlError> {
        let [segment, rest @ ..] = segments else { return Err(SigmaUrlError("expected a document")) };
        let (tag, rest) = match rest {
            ["tag", tag, rest @ ..] => (Some(tag_name(tag)?), rest),
            _ => (None, rest),
        };
        let part = match rest {
            [] => DocumentPart::Whole,
            ["page", id] => DocumentPart::Page(node_id(id)?),
            ["element", id] => DocumentPart::Element(node_id(id)?),
            _ => return Err(SigmaUrlError("expected /tag/<tag>, /page/<id> or /element/<id> after the document")),
        };
        let document = Self { kind: DocumentKind::Workbook, segment: (*segment).to_owned(), tag, part };
        let id_is_plain = !document.id().is_empty() && document.id().bytes().all(is_id_byte);
        if id_is_plain && segment.len() <= SIGMA_SEGMENT_BYTES_MAX && segment.bytes().all(is_segment_byte) {
            Ok(document)
        } else {
            Err(SigmaUrlError("expected a document <name>-<id> or <id>"))
        }
    }

    /// The id: a UUID at the end of the segment, else what follows its last `-` (Sigma's short ids hold no `-`).
    #[must_use]
    pub(crate) fn id(&self) -> &str {
        uuid_at_end(&self.segment).or_else(|| self.segment.rsplit('-').next()).unwrap_or(&self.segment)
    }

    /// The name that stands before the id, in words: `Sales-by-Region-28xg…` is "Sales by Region".
    pub(super) fn words(&self) -> Option<String> {
        let name = self.segment.strip_suffix(self.id())?;
        let words = decoded(name)?.replace('-', " ").trim().to_owned();
        (!words.is_empty()).then_some(words)
    }

    /// What follows the document's segment, encoded: the tag directly after it, then page or element.
    pub(super) fn suffix(&self) -> String {
        let tag = self.tag.iter().map(|tag| format!("/tag/{}", encoded_component(tag))).collect::<String>();
        match &self.part {
            DocumentPart::Whole => tag,
            DocumentPart::Page(id) => format!("{tag}/page/{id}"),
            DocumentPart::Element(id) => format!("{tag}/element/{id}"),
        }
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.id(), &self.tag, &self.part) == (other.kind, other.id(), &other.tag, &other.part)
    }
}

impl Eq for Document {}

/// Whether a text may be a URL at the origin of `base_url`: false only where [`SigmaUrl::parse`] would refuse it as well, and
/// said without parsing it. Most URLs of a page are paths, or plainly of another host.
pub(super) fn may_be_at(text: &str, base_url: &Url) -> bool {
    let bytes = text.as_bytes();
    let after = |scheme: &str| {
        let is_it = bytes.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()));
        is_it.then(|| &bytes[scheme.len()..])
    };
    let Some(rest) = after("https://").or_else(|| after("http://")).or_else(|| after("//")) else {
        // A path, query or fragment: no absolute URL. To browsers a backslash is a slash, and a tab or a line's end nothing.
        let is_host = matches!(bytes, [b'/', b'\\' | b'\t' | b'\n' | b'\r', ..]);
        return is_host || !matches!(bytes, [b'/' | b'?' | b'#' | b'.', ..] | []);
    };
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b':')).unwrap_or(rest.len());
    let host = &rest[..end];
    // Everything that a browser spells otherwise than it is written (escapes, IDNA, numbers that are addresses) is parsed.
    let is_plain = !host.is_empty()
        && host.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        && !host.windows(4).any(|part| part.eq_ignore_ascii_case(b"xn--"));
    let last_label = host.strip_suffix(b".").unwrap_or(host).rsplit(|byte| *byte == b'.').next();
    let is_number = last_label.and_then(<[u8]>::first).is_some_and(u8::is_ascii_digit);
    !is_plain || is_number || base_url.host_str().is_some_and(|own| own.as_bytes().eq_ignore_ascii_case(host))
}

fn url_at(text: &str, base_url: &Url) -> Result<Url, SigmaUrlError> {
    let url = match authority(text) {
        Some(rest) => Url::parse(&format!("{}://{rest}", base_url.scheme())),
        None => Url::parse(text),
    };
    let url = url.map_err(|_| SigmaUrlError("expected an absolute URL"))?;
    if url.origin() != base_url.origin() || !url.username().is_empty() || url.password().is_some() {
        return Err(SigmaUrlError("expected the organization's base_url"));
    }
    Ok(url)
}

/// What follows the slashes where an authority comes first, as browsers see it (URL 4.4): blanks before the text, tabs and line ends in
/// it are not there, backslashes are slashes, and of these there may be more than two.
fn authority(text: &str) -> Option<&str> {
    let is_slash = |c: char| matches!(c, '/' | '\\');
    let text = text.trim_start_matches(|c: char| c <= ' ');
    let rest = text.trim_start_matches(|c: char| is_slash(c) || matches!(c, '\t' | '\n' | '\r'));
    let slashes = text[..text.len() - rest.len()].chars().filter(|c| is_slash(*c)).count();
    (slashes >= 2).then_some(rest)
}

/// The path's segments, without an empty last one.
fn segments(url: &Url) -> Result<Vec<&str>, SigmaUrlError> {
    let path = url.path();
    let path = path.strip_suffix('/').unwrap_or(path);
    Ok(path.strip_prefix('/').ok_or(SigmaUrlError("expected a path"))?.split('/').collect())
}

/// Without `/explore`, behind which Sigma shows the same document for a look of one's own; an embed has its own way there.
fn without_mode<'s, 't>(segments: &'s [&'t str]) -> &'s [&'t str] {
    match segments {
        [document @ .., "explore"] if !document.is_empty() => document,
        _ => segments,
    }
}

/// Turns `<name>/<id>/…`, the "API syntax" of Sigma's page, into `<id>/…`, which Sigma takes as well.
fn without_name<'s, 't>(segments: &'s [&'t str]) -> &'s [&'t str] {
    match segments {
        [_, "tag" | "page" | "element" | "edit", ..] | [_] | [] => segments,
        [_, rest @ ..] => rest,
    }
}

fn tag_name(text: &str) -> Result<String, SigmaUrlError> {
    // A browser would take `.` and `..` out of the signed URL's path.
    decoded(text)
        .filter(|tag| !tag.is_empty() && tag != "." && tag != ".." && tag.len() <= SIGMA_SEGMENT_BYTES_MAX)
        .ok_or(SigmaUrlError("expected a tag"))
}

fn organization(text: &str) -> Result<Slug, SigmaUrlError> {
    Slug::parse(text).map_err(|_| SigmaUrlError("expected an organization of letters, digits, - and _"))
}

fn node_id(text: &str) -> Result<String, SigmaUrlError> {
    let is_id = !text.is_empty() && text.len() <= SIGMA_SEGMENT_BYTES_MAX && text.bytes().all(is_id_byte);
    if is_id { Ok(text.to_owned()) } else { Err(SigmaUrlError("expected an id of letters, digits, - and _")) }
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// `pchar` of RFC 3986, escapes included.
fn is_segment_byte(byte: u8) -> bool {
    is_id_byte(byte) || b".~%!$&'()*+,;=:@".contains(&byte)
}

fn uuid_at_end(segment: &str) -> Option<&str> {
    let start = segment.len().checked_sub(uuid::fmt::Hyphenated::LENGTH)?;
    let (name, id) = segment.split_at_checked(start)?;
    ((name.is_empty() || name.ends_with('-')) && uuid::Uuid::try_parse(id).is_ok()).then_some(id)
}
