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

impl Space {
    /// Whether tags in it are those of HTML.
    pub(super) const fn holds_html(self) -> bool {
        matches!(self, Self::Html | Self::Point | Self::TextPoint)
    }
}

/// A start tag, whose element is open once it is over.
#[derive(Debug, Clone, Copy)]
pub(in crate::rewrite) struct StartTag {
    pub(in crate::rewrite) name: MarkupName,
    pub(in crate::rewrite) space: Space,
    /// What is known of the name in HTML.
    of_html: ElementFacts,
    /// Whether browsers take no notice of it where it stands.
    pub(super) is_dropped: bool,
    pub(in crate::rewrite) closes_itself: bool,
    /// Whether its name is one that an application may define ("custom element name": it has a `-`).
    pub(in crate::rewrite) is_custom: bool,
    /// Of `template`: whether it asks to be a shadow root.
    pub(in crate::rewrite) is_shadow: bool,
}

impl StartTag {
    /// One of which no more is known than its name, and what that says.
    pub(super) const fn new(name: MarkupName, space: Space, of_html: ElementFacts) -> Self {
        Self { name, space, of_html, is_dropped: false, closes_itself: false, is_custom: false, is_shadow: false }
    }

    /// Whether browsers take no notice of it.
    pub(in crate::rewrite) const fn is_dropped(&self) -> bool {
        self.is_dropped
    }

    /// What is known of its element in a page of HTML.
    pub(super) fn facts(&self) -> ElementFacts {
        match self.space {
            Space::Html => {
                if self.is_custom {
                    self.of_html.and(ElementFacts::HOST)
                } else {
                    self.of_html
                }
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
    /// Where searches end that begin at it.
    pub(super) walls: Walls,
}

impl OpenElement {
    /// The element of a tag; the stack says how far one looks from it.
    pub(super) fn new(name: MarkupName, serial: u32, facts: ElementFacts, space: Space) -> Self {
        Self { name, serial, facts, space, walls: Walls::default() }
    }

    /// Gives it a shadow root, if it may have one.
    pub(super) fn take_shadow(&mut self) -> bool {
        let is_host = self.facts.has(ElementFacts::HOST);
        self.facts = self.facts.without(ElementFacts::HOST);
        is_host
    }
}

/// The places of the innermost element of each kind of [`Wall`], counted from one; none is nought.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walls([u16; Wall::COUNT]);

/// Elements at which a search ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wall {
    /// "Special"
    Special,
    /// Ends a scope.
    Scope,
    /// "Special", but an address, a division or a paragraph.
    Item,
    /// A part of a table, or what ends a scope.
    Part,
    /// A template or the root, of HTML.
    Root,
    /// Not HTML.
    Foreign,
    /// HTML.
    Html,
}

impl Wall {
    const COUNT: usize = 7;
    const ALL: [Self; Self::COUNT] =
        [Self::Special, Self::Scope, Self::Item, Self::Part, Self::Root, Self::Foreign, Self::Html];

    fn is(self, entry: &OpenElement) -> bool {
        let has = |fact| entry.facts.has(fact);
        match self {
            Self::Special => has(ElementFacts::SPECIAL),
            Self::Scope => ends_scope(entry),
            Self::Item => has(ElementFacts::SPECIAL) && !has(ElementFacts::LOOSE),
            Self::Part => has(ElementFacts::TABLE_PART) || ends_scope(entry),
            Self::Root => has(ElementFacts::ROOT),
            Self::Foreign => entry.space != Space::Html,
            Self::Html => entry.space == Space::Html,
        }
    }
}

impl Walls {
    /// That of one kind, counted from nought.
    pub(super) fn place(self, wall: Wall) -> Option<usize> {
        usize::from(self.0[wall as usize]).checked_sub(1)
    }

    /// The same, with an element inside, which is at `place`.
    pub(super) fn with(mut self, entry: &OpenElement, place: usize) -> Self {
        let place = u16::try_from(place + 1).unwrap_or(u16::MAX);
        for wall in Wall::ALL {
            if wall.is(entry) {
                self.0[wall as usize] = place;
            }
        }
        self
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
fn ends_scope(entry: &OpenElement) -> bool {
    entry.facts.has(ElementFacts::SCOPE)
}
