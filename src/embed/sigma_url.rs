//! Sigma's URL grammar (sources: "Create an embed API with JSON web tokens", "Migrate to JWT-signed secure embed URLs").

use super::Slug;

/// What kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// `/workbook/`
    Workbook,
    /// `/ask`: Ask Sigma, Sigma Assistant; it has no id.
    Ask,
}

/// A document, compared by its id: the human-readable name is kept for the URL and ignored otherwise.
#[derive(Debug, Clone)]
pub struct Document {
    /// The kind.
    pub kind: DocumentKind,
    /// The path segment as written, e.g. `Sales-28xgywpg21TkRWtz3jVRCe`; empty for `Ask`.
    pub segment: String,
    /// The tag of a tagged version, decoded.
    pub tag: Option<String>,
    /// The page or element.
    pub part: Part,
}

/// Which part of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// All of it.
    Whole,
    /// `/page/<id>`
    Page(String),
    /// `/element/<id>`
    Element(String),
}

/// A Sigma document URL, without parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigmaUrl {
    /// The organization.
    pub slug: Slug,
    /// The document.
    pub document: Document,
}

/// One concrete look at an embed: which document, with which controls set by the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The document: the embed's own, or the one a wildcard matched.
    pub document: Document,
    /// Controls that the page or link set, decoded, already held against `page_controls`.
    pub controls: Vec<(String, String)>,
}

/// What is wrong with a Sigma URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a Sigma document URL: {0}")]
pub struct SigmaUrlError(pub &'static str);

impl Document {
    /// The id: what follows the last `-` of the segment.
    #[must_use]
    pub fn id(&self) -> &str {
        self.segment.rsplit('-').next().unwrap_or(&self.segment)
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.id(), &self.tag, &self.part) == (other.kind, other.id(), &other.tag, &other.part)
    }
}

impl Eq for Document {}
