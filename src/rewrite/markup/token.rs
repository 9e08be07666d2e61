//! What the scanner says of a page.

use std::ops::Range;

use super::name::MarkupName;

/// What the scanner found. Places are counted from the start of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rewrite) enum Token {
    /// The name of a tag that begins at `start`. `close` is where the tag is over, if that is known to be all of it: then nothing else
    /// comes of it.
    TagName { name: MarkupName, is_end: bool, start: usize, end: usize, close: Option<usize> },
    /// An attribute of that tag.
    Attribute(Attribute),
    /// The tag is over; `slash` is where it closes itself.
    Close { end: usize, slash: Option<usize> },
    /// A doctype of HTML.
    Doctype { is_quirky: bool },
    /// What a page begins with that says that it is XML, or says so.
    XmlDeclaration { at: Range<usize> },
    /// The first text of a page of HTML that is no blank, outside of elements that hold no markup.
    Text,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rewrite) struct Attribute {
    pub(in crate::rewrite) name: MarkupName,
    pub(in crate::rewrite) name_at: Range<usize>,
    /// Without its quotes.
    pub(in crate::rewrite) value: Option<Range<usize>>,
}
