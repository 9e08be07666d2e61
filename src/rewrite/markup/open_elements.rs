//! Which elements are open, as far as a browser's tree builder can be followed while a page streams (HTML 13.2.6).
//!
//! In: names of tags, in order. Out: the elements that they end, and what kind of element a start tag begins. Elements that lack
//! their end tag end where a browser ends them. Not done: moving misplaced content of tables, the formatting that a browser opens
//! again, and elements that it makes without a tag.

use super::{
    Syntax,
    element::{OpenElement, Space, foreign},
    name::{ElementFacts, MarkupName, names},
    stack::{ElementStack, Wall},
};
use crate::limits::OPEN_ELEMENTS_MAX;

const HEADINGS: &[MarkupName] = &[names::H1, names::H2, names::H3, names::H4, names::H5, names::H6];

/// The open elements, outermost first.
#[derive(Debug)]
pub(in crate::rewrite) struct OpenElements {
    is_xml: bool,
    open: ElementStack,
    /// How many elements were ended because too many were open.
    dropped: u32,
    serial: u32,
    templates: usize,
    framesets: usize,
    /// Open paragraphs: mostly there is none, and nothing to look for.
    paragraphs: usize,
    is_quirky: bool,
    /// Whether the page may still become a frameset.
    may_be_frameset: bool,
}

impl OpenElements {
    pub(in crate::rewrite) fn new(syntax: Syntax) -> Self {
        Self {
            is_xml: matches!(syntax, Syntax::Xml),
            open: ElementStack::default(),
            dropped: 0,
            serial: 0,
            templates: 0,
            framesets: 0,
            paragraphs: 0,
            is_quirky: true,
            may_be_frameset: true,
        }
    }

    /// The page's doctype.
    pub(in crate::rewrite) const fn set_quirky(&mut self, is_quirky: bool) {
        self.is_quirky = is_quirky;
    }

    /// Whether what comes now is in a template, which browsers do not show.
    pub(in crate::rewrite) const fn is_in_template(&self) -> bool {
        self.templates > 0
    }

    /// Whether what comes now is in a frameset.
    pub(in crate::rewrite) const fn is_in_frameset(&self) -> bool {
        self.framesets > 0
    }

    /// Whether CDATA sections are text here.
    pub(in crate::rewrite) fn has_cdata(&self) -> bool {
        self.is_xml || self.open.last().is_some_and(|top| top.space != Space::Html)
    }

    /// The innermost element.
    pub(in crate::rewrite) fn innermost(&self) -> Option<u32> {
        self.open.last().map(|top| top.serial)
    }

    /// How many elements have ended so far because too many were open: not where a browser ends them.
    pub(in crate::rewrite) const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Whether an element is still open.
    pub(in crate::rewrite) fn is_open(&self, serial: u32) -> bool {
        self.open.binary_search_by_key(&serial, |entry| entry.serial).is_ok()
    }

    /// A start tag: ends what it ends, and says what kind of element it begins; in XML, where it has no `xmlns` of its own.
    pub(in crate::rewrite) fn start(&mut self, name: MarkupName) -> Space {
        let space = self.begin(name);
        let is_void = space == Space::Html && !self.is_xml && ElementFacts::of(name).has(ElementFacts::VOID);
        if self.open.len() >= OPEN_ELEMENTS_MAX && !is_void {
            self.dropped = self.dropped.wrapping_add(1);
            // What is in a template stays in it.
            let is_other = |entry: &OpenElement| entry.name != names::TEMPLATE || entry.space != Space::Html;
            let place = self.open.iter().rposition(is_other).unwrap_or(self.open.len() - 1);
            self.remove(place);
        }
        space
    }

    fn begin(&mut self, name: MarkupName) -> Space {
        if self.is_xml {
            return self.space();
        }
        if let Some(space) = self.open.last().and_then(|top| foreign(top.space, name)) {
            if !ElementFacts::of(name).has(ElementFacts::BREAKS_OUT) {
                return space;
            }
            self.leave_foreign();
        }
        self.end_implied(name);
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
    pub(in crate::rewrite) fn push(&mut self, name: MarkupName, space: Space, closes_itself: bool) -> Option<u32> {
        let facts = if space == Space::Html && !self.is_xml { ElementFacts::of(name) } else { ElementFacts::default() };
        let is_empty = if space == Space::Html && !self.is_xml { facts.has(ElementFacts::VOID) } else { closes_itself };
        if facts.has(ElementFacts::OF_BODY) {
            self.may_be_frameset = false;
        }
        if is_empty || self.is_ignored(name, facts) {
            return None;
        }
        let is_html = space == Space::Html;
        self.templates += usize::from(is_html && name == names::TEMPLATE);
        self.framesets += usize::from(is_html && name == names::FRAMESET);
        self.paragraphs += usize::from(is_html && name == names::P);
        self.serial += 1;
        self.open.push(OpenElement { name, serial: self.serial, facts, space });
        Some(self.serial)
    }

    /// Whether the content of an element is no markup.
    pub(in crate::rewrite) fn is_raw(&self, name: MarkupName, space: Space) -> bool {
        let is_raw = space == Space::Html && !self.is_xml && ElementFacts::of(name).has(ElementFacts::RAW);
        is_raw && (self.framesets == 0 || name == names::NOFRAMES)
    }

    /// An end tag: ends what it ends.
    pub(in crate::rewrite) fn end(&mut self, name: MarkupName) {
        if self.is_xml || self.open.last().is_some_and(|top| top.space != Space::Html) {
            let outer = if self.is_xml { None } else { self.open.wall(Wall::Html) };
            if let Some(place) = self.open.find(&[name], outer.map_or(0, |place| place + 1)) {
                self.truncate(place);
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
            names::P => self.in_scope(&[name], &[names::BUTTON]),
            names::LI => self.in_scope(&[name], &[names::OL, names::UL]),
            names::TEMPLATE => self.open.find_html(&[name], 0),
            names::TABLE => self.in_table(&[name]),
            names::FORM => {
                let place = self.in_scope(&[name], &[])?;
                self.remove(place);
                None
            }
            _ if facts.has(ElementFacts::TABLE_PART) => self.part(name),
            _ if facts.has(ElementFacts::HEADING) => self.in_scope(HEADINGS, &[]),
            _ if facts.has(ElementFacts::SCOPED) => self.in_scope(&[name], &[]),
            _ if facts.has(ElementFacts::FORMATTING) => {
                self.end_formatting(name);
                None
            }
            _ => self.up_to_special(name),
        }
    }

    /// What the end tag of a part of a table ends; browsers make rows and bodies that have no tag.
    fn part(&self, name: MarkupName) -> Option<usize> {
        let place = self.in_table(&[name, names::TABLE, names::TBODY, names::THEAD, names::TFOOT])?;
        match self.open[place].name {
            found if found == name => Some(place),
            names::TABLE if [names::TR, names::TBODY].contains(&name) => Some(place + 1),
            names::TBODY | names::THEAD | names::TFOOT if name == names::TR => Some(place + 1),
            _ => None,
        }
    }

    /// "Any other end tag" (13.2.6.4.7).
    fn up_to_special(&self, name: MarkupName) -> Option<usize> {
        self.open.find(&[name], self.open.wall(Wall::Special).unwrap_or(0))
    }

    /// What the adoption agency (13.2.6.4.7) leaves: blocks inside stay open.
    fn end_formatting(&mut self, name: MarkupName) {
        let Some(place) = self.in_scope(&[name], &[]) else { return };
        if self.open.wall(Wall::Special).is_some_and(|special| special >= place) {
            self.remove(place);
        } else {
            self.truncate(place);
        }
    }

    /// Where the body's content begins, as far as an end tag reaches it.
    fn body(&self) -> usize {
        let outer = self.open.wall(Wall::Scope);
        match (self.open.find(&[names::BODY], outer.unwrap_or(0)), outer) {
            (Some(place), _) => place,
            (None, Some(place)) if self.open[place].name == names::HTML => place + 1,
            (None, Some(_)) => self.open.len(),
            (None, None) => 0,
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
                if let Some(place) = self.in_scope(&[name], &[]) {
                    self.truncate(place);
                }
            }
            names::A | names::NOBR => self.end_formatting(name),
            names::TABLE => self.end_outer_table(),
            names::TD | names::TH => {
                self.end_parts(&[names::TABLE, names::TR, names::TBODY, names::THEAD, names::TFOOT]);
            }
            names::TR => self.end_parts(&[names::TABLE, names::TBODY, names::THEAD, names::TFOOT]),
            names::COL => self.end_parts(&[names::TABLE, names::COLGROUP]),
            names::TBODY | names::THEAD | names::TFOOT | names::CAPTION | names::COLGROUP => {
                self.end_parts(&[names::TABLE]);
            }
            _ => {}
        }
        if self.paragraphs > 0 && (facts.has(ElementFacts::ENDS_P) || (name == names::TABLE && !self.is_quirky)) {
            let place = self.in_scope(&[names::P], &[names::BUTTON]);
            place.into_iter().for_each(|place| self.truncate(place));
        }
        if facts.has(ElementFacts::HEADING) && self.open.last().is_some_and(|top| top.facts.has(ElementFacts::HEADING))
        {
            self.pop();
        }
    }

    /// A new item of a list ends the one before (13.2.6.4.7).
    fn end_item(&mut self, items: &[MarkupName]) {
        if let Some(place) = self.open.find(items, self.open.wall(Wall::Item).unwrap_or(0)) {
            self.truncate(place);
        }
    }

    /// A table that stands between the parts of another, not in a cell, ends that one.
    fn end_outer_table(&mut self) {
        let Some(place) = self.open.wall(Wall::Part) else { return };
        let is_part =
            self.open[place].facts.has(ElementFacts::TABLE_PART) && !self.open[place].facts.has(ElementFacts::SCOPE);
        if is_part || self.open[place].name == names::TABLE {
            self.end(names::TABLE);
        }
    }

    /// A part of a table ends the parts before it, up to those that can hold it. A part without a table is taken for one of a
    /// fragment.
    fn end_parts(&mut self, holders: &[MarkupName]) {
        let outer = self.open.wall(Wall::Root).max(self.open.wall(Wall::Foreign));
        let first = outer.map_or(0, |place| place + 1);
        let outermost = || {
            // There is one at most where the innermost of these is one.
            self.open.wall(Wall::Part).filter(|part| *part >= first)?;
            let inner = self.open[first..].iter();
            inner.enumerate().find(|(_, entry)| entry.facts.has(ElementFacts::TABLE_PART)).map(|(at, _)| first + at)
        };
        let place = self.open.find(holders, first).map(|holder| holder + 1).or_else(outermost);
        if let Some(place) = place {
            self.truncate(place);
        }
    }

    /// The innermost element of these within a scope, which those of the other names end too (13.2.4.2).
    fn in_scope(&self, wanted: &[MarkupName], ends_too: &[MarkupName]) -> Option<usize> {
        let place = self.open.find_html(wanted, self.open.wall(Wall::Scope).unwrap_or(0))?;
        (ends_too.is_empty() || self.open.find(ends_too, place + 1).is_none()).then_some(place)
    }

    /// The innermost element of these within "table scope".
    fn in_table(&self, wanted: &[MarkupName]) -> Option<usize> {
        self.open.find(wanted, self.open.wall(Wall::Root).unwrap_or(0))
    }

    /// What an element of XML without a namespace of its own is of. A page that names none at all is taken for XHTML.
    fn space(&self) -> Space {
        self.open.last().map_or(Space::Html, |top| top.space)
    }

    /// Start tags that begin no element where they stand.
    fn is_ignored(&self, name: MarkupName, facts: ElementFacts) -> bool {
        if self.is_xml {
            return false;
        }
        let is_late = name == names::FRAMESET && !self.may_be_frameset && self.framesets == 0;
        let is_second = matches!(name, names::BODY | names::HTML) && self.open.find(&[name], 0).is_some();
        // A form between the parts of a table is empty (13.2.6.4.9).
        let is_between = name == names::FORM
            && self.open.last().is_some_and(|top| {
                top.name == names::TABLE
                    || (top.facts.has(ElementFacts::TABLE_PART) && !top.facts.has(ElementFacts::SCOPE))
            });
        is_late || is_second || is_between || (self.framesets > 0 && facts.has(ElementFacts::OF_BODY))
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
        if let Some(entry) = self.open.pop() {
            self.ended(&entry);
        }
    }

    fn remove(&mut self, place: usize) {
        let entry = self.open.remove(place);
        self.ended(&entry);
    }

    fn ended(&mut self, entry: &OpenElement) {
        let is_html = entry.space == Space::Html;
        self.templates -= usize::from(is_html && entry.name == names::TEMPLATE);
        self.framesets -= usize::from(is_html && entry.name == names::FRAMESET);
        self.paragraphs -= usize::from(is_html && entry.name == names::P);
    }
}
