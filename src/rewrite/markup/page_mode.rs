//! What the beginning of a page decides for all of it: how tables and paragraphs go together, and whether it is a frameset (HTML
//! 13.2.6.4.1, "frameset-ok", 13.2.6.4.20).

use super::{
    name::{ElementFacts, MarkupName, names},
    stack::ElementStack,
};

/// What is decided so far.
#[derive(Debug)]
pub(super) struct PageMode {
    /// Whether a doctype comes too late.
    has_begun: bool,
    /// Whether it says that it is a whole one.
    is_document: bool,
    is_quirky: bool,
    /// Whether its body has begun.
    has_body: bool,
    frameset: FramesetState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FramesetState {
    /// The page may still become one.
    Possible,
    /// It has a body.
    Excluded,
    /// It becomes one: the first tag of one is being read.
    Opening,
    /// It is one: it has no body any more.
    Begun,
}

impl PageMode {
    pub(super) const START: Self = Self {
        has_begun: false,
        is_document: false,
        is_quirky: true,
        has_body: false,
        frameset: FramesetState::Possible,
    };

    /// A doctype: the first counts, where nothing but blanks and comments stands before it.
    pub(super) const fn doctype(&mut self, is_quirky: bool) {
        self.is_document = true;
        if !self.has_begun {
            (self.has_begun, self.is_quirky) = (true, is_quirky);
        }
    }

    /// A start tag; whether it is one of a body, and in no template.
    pub(super) const fn start_tag(&mut self, name: MarkupName, is_of_body: bool) {
        self.has_begun = true;
        self.has_body |= is_of_body;
        self.is_document |= matches!(name, names::HTML | names::HEAD | names::BODY);
    }

    /// A tag.
    pub(super) const fn tag(&mut self) {
        self.has_begun = true;
    }

    /// Text, or an element that only a body has.
    pub(super) const fn body(&mut self, is_in_template: bool) {
        self.has_begun = true;
        self.has_body |= !is_in_template;
        if matches!(self.frameset, FramesetState::Possible) {
            self.frameset = FramesetState::Excluded;
        }
    }

    /// Whether the page becomes a frameset with this tag of one.
    pub(super) const fn begin_frameset(&mut self) -> bool {
        let begins = matches!(self.frameset, FramesetState::Possible);
        if begins {
            self.frameset = FramesetState::Opening;
        }
        begins
    }

    /// Whether a start tag of HTML begins no element where it stands.
    pub(super) fn ignores(&mut self, name: MarkupName, open: &ElementStack, is_in_frameset: bool) -> bool {
        if self.is_frameset() {
            let is_set = name == names::FRAMESET && (self.open_frameset() || is_in_frameset);
            return !is_set && name != names::NOFRAMES;
        }
        let is_second = matches!(name, names::BODY | names::HTML) && open.find(&[name], 0).is_some();
        // Of a page within another, which names itself later than that began (13.2.6.4.7).
        let is_late = name == names::HTML && !open.is_empty();
        // A form between the parts of a table is empty (13.2.6.4.9).
        let is_between = name == names::FORM
            && open.last().is_some_and(|top| {
                top.name == names::TABLE
                    || (top.facts.has(ElementFacts::TABLE_PART) && !top.facts.has(ElementFacts::SCOPE))
            });
        name == names::FRAMESET || is_second || is_late || is_between
    }

    /// Whether the tag of a frameset that is over now is the one with which the page became one.
    const fn open_frameset(&mut self) -> bool {
        let opens = matches!(self.frameset, FramesetState::Opening);
        if opens {
            self.frameset = FramesetState::Begun;
        }
        opens
    }

    pub(super) const fn is_frameset(&self) -> bool {
        matches!(self.frameset, FramesetState::Opening | FramesetState::Begun)
    }

    /// Whether what comes now is in its body, if it is no frameset.
    pub(super) const fn has_body(&self) -> bool {
        self.has_body
    }

    /// Whether it is a whole page, and no part of one that a script puts into another.
    pub(super) const fn is_document(&self) -> bool {
        self.is_document
    }

    pub(super) const fn is_quirky(&self) -> bool {
        self.is_quirky
    }
}
