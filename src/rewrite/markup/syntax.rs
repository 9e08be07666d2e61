//! The kinds of pages, and what each may begin with.

/// By which rules a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Syntax {
    /// As HTML.
    #[default]
    Html,
    /// As XML: CDATA is text, names have a case, `/>` ends an element.
    Xml,
}

/// What a page in UTF-8 may begin with.
pub(in crate::rewrite) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
