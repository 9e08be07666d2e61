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

/// A start tag that is over.
#[derive(Debug, Clone, Copy)]
pub(in crate::rewrite) struct StartTag {
    pub(in crate::rewrite) name: MarkupName,
    pub(in crate::rewrite) space: Space,
    pub(in crate::rewrite) closes_itself: bool,
    /// Whether its name is one that an application may define ("custom element name": it has a `-`).
    pub(in crate::rewrite) is_custom: bool,
    /// Of `template`: whether it asks to be a shadow root.
    pub(in crate::rewrite) is_shadow: bool,
}

impl StartTag {
    /// What is known of its element in a page of HTML.
    pub(super) fn facts(&self) -> ElementFacts {
        match self.space {
            Space::Html => {
                let facts = ElementFacts::of(self.name);
                if self.is_custom { facts.and(ElementFacts::HOST) } else { facts }
            }
            // "Special" (13.2.4.2) are these of SVG and MathML.
            Space::Point | Space::TextPoint | Space::Annotation => ElementFacts::SPECIAL.and(ElementFacts::SCOPE),
            Space::Other | Space::Svg | Space::Math => ElementFacts::default(),
        }
    }
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

impl OpenElement {
    /// Gives it a shadow root, if it may have one.
    pub(super) fn take_shadow(&mut self) -> bool {
        let is_host = self.facts.has(ElementFacts::HOST);
        self.facts = self.facts.without(ElementFacts::HOST);
        is_host
    }
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
    entry.facts.has(ElementFacts::SCOPE)
}
