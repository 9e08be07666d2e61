//! One open element, and what of it is HTML.

use super::name::{ElementFacts, MarkupName, names};

/// Of which kind an element is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rewrite) enum Space {
    /// HTML.
    Html,
    /// Anything else of XML; of SVG and MathML what holds no HTML.
    Other,
    Svg,
    Math,
    /// What of SVG and MathML holds HTML (13.2.4.2, "HTML integration point").
    Point,
    /// What of MathML holds text (13.2.4.2, "MathML text integration point").
    TextPoint,
    /// `annotation-xml` of MathML, which may hold SVG.
    Annotation,
}

/// An open element.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenElement {
    pub(super) name: MarkupName,
    /// Elements are numbered in the order of their start tags.
    pub(super) serial: u32,
    pub(super) facts: ElementFacts,
    pub(super) space: Space,
}

/// What a start tag begins in an element of this kind by the rules of foreign content, where they hold (HTML 13.2.6).
pub(super) fn foreign(outer: Space, name: MarkupName) -> Option<Space> {
    let space = match outer {
        Space::Html | Space::Point => return None,
        Space::TextPoint if ![names::MGLYPH, names::MALIGNMARK].contains(&name) => return None,
        Space::Annotation if name == names::SVG => return None,
        Space::TextPoint | Space::Annotation | Space::Math => Space::Math,
        Space::Svg | Space::Other => Space::Svg,
    };
    Some(match (space, name) {
        (Space::Svg, names::FOREIGN_OBJECT | names::DESC | names::TITLE) => Space::Point,
        (Space::Math, names::MI | names::MO | names::MN | names::MS | names::MTEXT) => Space::TextPoint,
        (Space::Math, names::ANNOTATION_XML) => Space::Annotation,
        (_, _) => space,
    })
}

/// Whether no scope reaches past the element (HTML 13.2.4.2).
pub(super) fn ends_scope(entry: &OpenElement) -> bool {
    entry.facts.has(ElementFacts::SCOPE) || matches!(entry.space, Space::Point | Space::TextPoint | Space::Annotation)
}
