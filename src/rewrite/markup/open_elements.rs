//! Which elements are open, as far as a browser's tree builder can be followed while a page streams (HTML 13.2.6).
//!
//! In: names of tags, in order. Out: the elements that they end, and what kind of element a start tag begins. Elements that lack
//! their end tag end where a browser ends them. Not done: moving misplaced content of tables, the formatting that a browser opens
//! again, and elements that it makes without a tag.

use super::{
    Syntax,
    element::{OpenElement, Space, StartTag, ends_scope, foreign},
    name::{ElementFacts, MarkupName, names},
    page_mode::PageMode,
};
use crate::limits::OPEN_ELEMENTS_MAX;

/// The open elements, outermost first.
#[derive(Debug)]
pub(in crate::rewrite) struct OpenElements {
    is_xml: bool,
    open: Vec<OpenElement>,
    /// Elements that are open beyond the bound.
    beyond: usize,
    serial: u32,
    templates: usize,
    framesets: usize,
    /// Open paragraphs: mostly there is none, and nothing to look for.
    paragraphs: usize,
    mode: PageMode,
}

impl OpenElements {
    pub(in crate::rewrite) const fn new(syntax: Syntax) -> Self {
        Self {
            is_xml: matches!(syntax, Syntax::Xml),
            open: Vec::new(),
            beyond: 0,
            serial: 0,
            templates: 0,
            framesets: 0,
            paragraphs: 0,
            mode: PageMode::START,
        }
    }

    /// A doctype.
    pub(in crate::rewrite) const fn doctype(&mut self, is_quirky: bool) {
        self.mode.doctype(is_quirky);
    }

    /// Text that is no blank.
    pub(in crate::rewrite) const fn text(&mut self) {
        self.mode.body();
    }

    /// Whether what comes now is in a template, which browsers do not show.
    pub(in crate::rewrite) const fn is_in_template(&self) -> bool {
        self.templates > 0
    }

    /// Whether what comes now is in a frameset.
    pub(in crate::rewrite) const fn is_in_frameset(&self) -> bool {
        self.framesets > 0
    }

    /// Whether the page has framesets in place of a body: all else is nothing there.
    pub(in crate::rewrite) const fn is_frameset_page(&self) -> bool {
        self.mode.is_frameset() || self.framesets > 0
    }

    /// Whether CDATA sections are text here.
    pub(in crate::rewrite) fn has_cdata(&self) -> bool {
        self.is_xml || self.open.last().is_some_and(|top| top.space != Space::Html)
    }

    /// The innermost element.
    pub(in crate::rewrite) fn innermost(&self) -> Option<u32> {
        self.open.last().map(|top| top.serial)
    }

    /// Whether what comes now lies too deep to be told apart.
    pub(in crate::rewrite) const fn is_too_deep(&self) -> bool {
        self.beyond > 0
    }

    /// Whether an element is still open.
    pub(in crate::rewrite) fn is_open(&self, serial: u32) -> bool {
        self.open.binary_search_by_key(&serial, |entry| entry.serial).is_ok()
    }

    /// A start tag: ends what it ends, and says what kind of element it begins; in XML, where it has no `xmlns` of its own.
    pub(in crate::rewrite) fn start(&mut self, name: MarkupName) -> Space {
        if self.is_xml {
            return self.space();
        }
        self.mode.tag();
        if self.mode.is_frameset() {
            return Space::Html;
        }
        if let Some(space) = self.open.last().and_then(|top| foreign(top.space, name)) {
            if !ElementFacts::of(name).has(ElementFacts::BREAKS_OUT) {
                return space;
            }
            self.leave_foreign();
        }
        if self.beyond == 0 {
            self.end_implied(name);
        }
        if name == names::FRAMESET && self.templates == 0 && self.mode.begin_frameset() {
            // The body that was there is taken out.
            self.beyond = 0;
            self.truncate(usize::from(self.open.first().is_some_and(|root| root.name == names::HTML)));
        }
        match name {
            names::SVG => Space::Svg,
            names::MATH => Space::Math,
            _ => Space::Html,
        }
    }

    /// Ends SVG and MathML, up to what of them holds HTML (HTML 13.2.6.5).
    pub(in crate::rewrite) fn leave_foreign(&mut self) {
        let is_foreign = |top: &OpenElement| !matches!(top.space, Space::Html | Space::Point | Space::TextPoint);
        while self.open.last().is_some_and(is_foreign) {
            self.pop();
        }
    }

    /// The start tag is over: its element is open now, if it is one that can be; says which it is.
    pub(in crate::rewrite) fn push(&mut self, tag: &StartTag) -> Option<u32> {
        let StartTag { name, space, .. } = *tag;
        let mut facts = if self.is_xml { ElementFacts::default() } else { tag.facts() };
        let is_of_html = space == Space::Html && !self.is_xml;
        let is_empty = if is_of_html { facts.has(ElementFacts::VOID) } else { tag.closes_itself };
        if facts.has(ElementFacts::OF_BODY) {
            self.mode.body();
        }
        if is_empty || (is_of_html && self.mode.ignores(name, &self.open, self.framesets > 0)) {
            return None;
        }
        if space == Space::Html
            && name == names::TEMPLATE
            && !(tag.is_shadow && self.open.last_mut().is_some_and(OpenElement::take_shadow))
        {
            facts = facts.and(ElementFacts::INERT);
        }
        if self.open.len() >= OPEN_ELEMENTS_MAX {
            self.beyond += 1;
            return None;
        }
        let is_html = space == Space::Html;
        self.templates += usize::from(facts.has(ElementFacts::INERT));
        self.framesets += usize::from(is_html && name == names::FRAMESET);
        self.paragraphs += usize::from(is_html && name == names::P);
        self.serial += 1;
        self.open.push(OpenElement { name, serial: self.serial, facts, space });
        Some(self.serial)
    }

    /// Whether the content of an element is no markup.
    pub(in crate::rewrite) fn is_raw(&self, name: MarkupName, space: Space) -> bool {
        let is_raw = space == Space::Html && !self.is_xml && ElementFacts::of(name).has(ElementFacts::RAW);
        is_raw && (!self.mode.is_frameset() || name == names::NOFRAMES)
    }

    /// An end tag: ends what it ends.
    pub(in crate::rewrite) fn end(&mut self, name: MarkupName) {
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        if !self.is_xml {
            self.mode.tag();
            if self.mode.is_frameset() && ![names::FRAMESET, names::NOFRAMES].contains(&name) {
                return;
            }
            // As their start tags do (13.2.6.5).
            if [names::P, names::BR].contains(&name) {
                self.leave_foreign();
            }
            // It is read as a start tag.
            if name == names::BR {
                self.mode.body();
            }
        }
        if self.is_xml || self.open.last().is_some_and(|top| top.space != Space::Html) {
            let inner = self.open.iter().rev().take_while(|entry| self.is_xml || entry.space != Space::Html);
            if let Some(at) = inner.enumerate().find(|(_, entry)| entry.name == name).map(|(above, _)| above) {
                self.truncate(self.open.len() - 1 - at);
                return;
            }
            if self.is_xml {
                return;
            }
        }
        let place = self.ended_by(name);
        if let Some(place) = place {
            self.truncate(place);
        }
    }

    /// The place of the outermost element that an end tag of HTML ends.
    fn ended_by(&mut self, name: MarkupName) -> Option<usize> {
        let facts = ElementFacts::of(name);
        match name {
            names::BODY | names::HTML => Some(self.body()),
            names::P => self.in_scope(|entry| entry.name == names::P, |entry| entry.name == names::BUTTON),
            names::LI => {
                self.in_scope(|entry| entry.name == name, |entry| [names::OL, names::UL].contains(&entry.name))
            }
            names::TEMPLATE => self.open.iter().rposition(|entry| entry.name == name && entry.space == Space::Html),
            names::TABLE => self.in_table(|entry| entry.name == name),
            names::FORM => {
                let place = self.in_scope(|entry| entry.name == name, |_| false)?;
                self.remove(place);
                None
            }
            _ if facts.has(ElementFacts::TABLE_PART) => self.part(name),
            _ if facts.has(ElementFacts::HEADING) => {
                self.in_scope(|entry| entry.facts.has(ElementFacts::HEADING), |_| false)
            }
            _ if facts.has(ElementFacts::SCOPED) => self.in_scope(|entry| entry.name == name, |_| false),
            _ if facts.has(ElementFacts::FORMATTING) => {
                self.end_formatting(name);
                None
            }
            _ => self.up_to_special(name),
        }
    }

    /// What the end tag of a part of a table ends; browsers make rows and bodies that have no tag.
    fn part(&self, name: MarkupName) -> Option<usize> {
        let holds_rows = |entry: &OpenElement| [names::TBODY, names::THEAD, names::TFOOT].contains(&entry.name);
        let place = self.in_table(|entry| entry.name == name || entry.name == names::TABLE || holds_rows(entry))?;
        match self.open[place].name {
            found if found == name => Some(place),
            names::TABLE if [names::TR, names::TBODY].contains(&name) => Some(place + 1),
            names::TBODY | names::THEAD | names::TFOOT if name == names::TR => Some(place + 1),
            _ => None,
        }
    }

    /// "Any other end tag" (13.2.6.4.7).
    fn up_to_special(&self, name: MarkupName) -> Option<usize> {
        let is_it = |entry: &OpenElement| entry.name == name && entry.space == Space::Html;
        let place = self.open.iter().rposition(|entry| is_it(entry) || entry.facts.has(ElementFacts::SPECIAL))?;
        is_it(&self.open[place]).then_some(place)
    }

    /// What the adoption agency (13.2.6.4.7) leaves: blocks inside stay open.
    fn end_formatting(&mut self, name: MarkupName) {
        let Some(place) = self.in_scope(|entry| entry.name == name, |_| false) else { return };
        if self.open[place..].iter().any(|entry| entry.facts.has(ElementFacts::SPECIAL)) {
            self.remove(place);
        } else {
            self.truncate(place);
        }
    }

    /// Where the body's content begins, as far as an end tag reaches it.
    fn body(&self) -> usize {
        let outer = self.open.iter().rposition(|entry| entry.name == names::BODY || ends_scope(entry));
        match outer {
            Some(place) if self.open[place].name == names::BODY => place,
            Some(place) if self.open[place].name == names::HTML => place + 1,
            Some(_) => self.open.len(),
            None => 0,
        }
    }

    /// The elements that a start tag of HTML ends.
    fn end_implied(&mut self, name: MarkupName) {
        let facts = ElementFacts::of(name);
        if self.is_innermost(names::HEAD)
            && !facts.has(ElementFacts::OF_HEAD)
            && ![names::NOSCRIPT, names::HEAD].contains(&name)
        {
            self.pop();
        }
        match name {
            names::LI => self.end_item(&[names::LI]),
            names::DD | names::DT => self.end_item(&[names::DD, names::DT]),
            names::OPTION => self.pop_innermost(&[names::OPTION]),
            names::OPTGROUP | names::HR => {
                self.pop_innermost(&[names::OPTION]);
                self.pop_innermost(&[names::OPTGROUP]);
            }
            names::RB | names::RTC => {
                self.pop_innermost(&[names::RB, names::RT, names::RP]);
                self.pop_innermost(&[names::RTC]);
            }
            names::RP | names::RT => self.pop_innermost(&[names::RB, names::RT, names::RP]),
            names::BUTTON | names::SELECT => {
                if let Some(place) = self.in_scope(|entry| entry.name == name, |_| false) {
                    self.truncate(place);
                }
            }
            names::A | names::NOBR => self.end_formatting(name),
            names::TABLE => self.end_outer_table(),
            names::TD | names::TH => self.end_parts(&[names::TR, names::TBODY, names::THEAD, names::TFOOT]),
            names::TR => self.end_parts(&[names::TBODY, names::THEAD, names::TFOOT]),
            names::COL => self.end_parts(&[names::COLGROUP]),
            names::TBODY | names::THEAD | names::TFOOT | names::CAPTION | names::COLGROUP => self.end_parts(&[]),
            _ => {}
        }
        if self.paragraphs > 0 && (facts.has(ElementFacts::ENDS_P) || (name == names::TABLE && !self.mode.is_quirky()))
        {
            let place = self.in_scope(|entry| entry.name == names::P, |entry| entry.name == names::BUTTON);
            place.into_iter().for_each(|place| self.truncate(place));
        }
        if facts.has(ElementFacts::HEADING) && self.open.last().is_some_and(|top| top.facts.has(ElementFacts::HEADING))
        {
            self.pop();
        }
    }

    /// A new item of a list ends the one before (13.2.6.4.7).
    fn end_item(&mut self, items: &[MarkupName]) {
        let is_over = |entry: &OpenElement| {
            items.contains(&entry.name)
                || (entry.facts.has(ElementFacts::SPECIAL)
                    && ![names::ADDRESS, names::DIV, names::P].contains(&entry.name))
        };
        if let Some(place) = self.open.iter().rposition(is_over).filter(|at| items.contains(&self.open[*at].name)) {
            self.truncate(place);
        }
    }

    /// A table that stands between the parts of another, not in a cell, ends that one.
    fn end_outer_table(&mut self) {
        let is_known = |entry: &OpenElement| entry.facts.has(ElementFacts::TABLE_PART) || ends_scope(entry);
        let Some(place) = self.open.iter().rposition(is_known) else { return };
        let is_part =
            self.open[place].facts.has(ElementFacts::TABLE_PART) && !self.open[place].facts.has(ElementFacts::SCOPE);
        if is_part || self.open[place].name == names::TABLE {
            self.end(names::TABLE);
        }
    }

    /// A part of a table ends the parts before it, up to those that can hold it. A part without a table is taken for one of a
    /// fragment.
    fn end_parts(&mut self, holders: &[MarkupName]) {
        let is_outside =
            |entry: &OpenElement| [names::TEMPLATE, names::HTML].contains(&entry.name) || entry.space != Space::Html;
        let first = self.open.iter().rposition(is_outside).map_or(0, |place| place + 1);
        let inner = &self.open[first..];
        let is_holder = |entry: &OpenElement| entry.name == names::TABLE || holders.contains(&entry.name);
        let place = inner.iter().rposition(is_holder).map(|holder| holder + 1);
        let place = place.or_else(|| inner.iter().position(|entry| entry.facts.has(ElementFacts::TABLE_PART)));
        if let Some(place) = place {
            self.truncate(first + place);
        }
    }

    /// The innermost such element within a scope (13.2.4.2).
    fn in_scope(&self, is_it: impl Fn(&OpenElement) -> bool, ends_too: impl Fn(&OpenElement) -> bool) -> Option<usize> {
        let is_it = |entry: &OpenElement| entry.space == Space::Html && is_it(entry);
        let place = self.open.iter().rposition(|entry| is_it(entry) || ends_scope(entry) || ends_too(entry))?;
        is_it(&self.open[place]).then_some(place)
    }

    /// The innermost such element within "table scope".
    fn in_table(&self, is_it: impl Fn(&OpenElement) -> bool) -> Option<usize> {
        let is_outside = |entry: &OpenElement| [names::TEMPLATE, names::HTML].contains(&entry.name);
        let place = self.open.iter().rposition(|entry| is_it(entry) || is_outside(entry))?;
        is_it(&self.open[place]).then_some(place)
    }

    /// What an element of XML without a namespace of its own is of. A page that names none at all is taken for XHTML.
    fn space(&self) -> Space {
        self.open.last().map_or(Space::Html, |top| top.space)
    }

    fn is_innermost(&self, name: MarkupName) -> bool {
        self.open.last().is_some_and(|top| top.name == name && top.space == Space::Html)
    }

    fn pop_innermost(&mut self, wanted: &[MarkupName]) {
        if self.open.last().is_some_and(|top| top.space == Space::Html && wanted.contains(&top.name)) {
            self.pop();
        }
    }

    fn truncate(&mut self, length: usize) {
        while self.open.len() > length {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(place) = self.open.len().checked_sub(1) else { return };
        self.remove(place);
    }

    fn remove(&mut self, place: usize) {
        let entry = self.open.remove(place);
        let is_html = entry.space == Space::Html;
        self.templates -= usize::from(entry.facts.has(ElementFacts::INERT));
        self.framesets -= usize::from(is_html && entry.name == names::FRAMESET);
        self.paragraphs -= usize::from(is_html && entry.name == names::P);
    }
}
