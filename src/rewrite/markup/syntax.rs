//! The kinds of pages, and what each may begin with.

/// By which rules a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Syntax {
    /// As HTML.
    #[default]
    Html,
    /// As XHTML, which is XML: CDATA is text, names have a case, `/>` ends an element.
    Xml,
    /// As any XML: what is not in XHTML's namespace is nothing of a page.
    AnyXml,
    /// As any XML that brings parts of a page to a script: it may say where the script goes.
    Parts,
}

impl Syntax {
    /// Whether it is one of XML.
    pub(in crate::rewrite) const fn is_xml(self) -> bool {
        match self {
            Self::Html => false,
            Self::Xml | Self::AnyXml | Self::Parts => true,
        }
    }
}

/// What a page in UTF-8 may begin with.
pub(in crate::rewrite) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
