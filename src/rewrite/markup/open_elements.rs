//! Which elements are open, as far as a browser's tree builder can be followed while a page streams (HTML 13.2.6).
//!
//! In: names of tags, in order. Out: the elements that they end, and what kind of element a start tag begins. Elements that lack
//! their end tag end where a browser ends them. Not done: moving misplaced content of tables, the formatting that a browser opens
//! again, and elements that it makes without a tag.

use super::{
    Syntax,
    element::{OpenElement, Space, StartTag, Wall, foreign},
    name::{ElementFacts, MarkupName, names},
    page_mode::PageMode,
    scopes,
    stack::ElementStack,
};
use crate::limits::OPEN_ELEMENTS_MAX;

/// Elements are numbered from one.
const NO_ELEMENT: u32 = 0;

/// The open elements, outermost first.
#[derive(Debug)]
pub(in crate::rewrite) struct OpenElements {
    is_xml: bool,
    /// Of what kind XML is that names no namespace.
    unnamed: Space,
    open: ElementStack,
    /// How many elements were ended because too many were open.
    dropped: u32,
    serial: u32,
    /// The form that began last and has had no end tag ("form element pointer", HTML 13.2.4.4), be it open or not.
    form: Option<u32>,
    mode: PageMode,
}

impl OpenElements {
    pub(in crate::rewrite) fn new(syntax: Syntax) -> Self {
        Self {
            is_xml: syntax.is_xml(),
            unnamed: if matches!(syntax, Syntax::AnyXml | Syntax::Parts) { Space::Other } else { Space::Html },
            open: ElementStack::default(),
            dropped: 0,
            serial: 0,
            form: None,
            mode: PageMode::START,
        }
    }

    /// A doctype.
    pub(in crate::rewrite) const fn doctype(&mut self, is_quirky: bool) {
        self.mode.doctype(is_quirky);
    }

    /// Text that is no blank.
    pub(in crate::rewrite) const fn text(&mut self) {
        self.mode.body(self.open.counts().templates > 0);
    }

    /// Whether what comes now is in a template, which browsers do not show.
    pub(in crate::rewrite) const fn is_in_template(&self) -> bool {
        self.open.counts().templates > 0
    }

    /// Whether what comes now is behind the head of a page of HTML.
    pub(in crate::rewrite) const fn is_in_body(&self) -> bool {
        self.mode.has_body()
    }

    /// Whether a frame that comes now is one, and shown.
    pub(in crate::rewrite) fn holds_frame(&self) -> bool {
        let is_html = self.open.last().is_none_or(|top| top.space.holds_html());
        self.open.counts().templates == 0 && is_html && self.open.select().is_none()
    }

    /// Whether what comes now is in a frameset.
    pub(in crate::rewrite) const fn is_in_frameset(&self) -> bool {
        self.open.counts().framesets > 0
    }

    /// Whether the page has framesets in place of a body: all else is nothing there.
    pub(in crate::rewrite) const fn is_frameset_page(&self) -> bool {
        self.mode.is_frameset() || self.open.counts().framesets > 0
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
        self.open.place_of(serial).is_some()
    }

    /// A start tag: ends what it ends, and says what kind of element it begins; in XML, where it has no `xmlns` of its own.
    pub(in crate::rewrite) fn start(&mut self, name: MarkupName) -> StartTag {
        let facts = ElementFacts::of(name);
        let mut tag = StartTag::new(name, Space::Html, facts);
        self.begin(&mut tag, facts);
        let is_void = tag.space == Space::Html && !self.is_xml && facts.has(ElementFacts::VOID);
        if self.open.len() >= OPEN_ELEMENTS_MAX && !is_void {
            self.dropped = self.dropped.wrapping_add(1);
            self.open.remove(self.open.spare());
        }
        tag
    }

    /// Finds out what the tag begins, and ends what that ends.
    fn begin(&mut self, tag: &mut StartTag, facts: ElementFacts) {
        let name = tag.name;
        if self.is_xml {
            tag.space = self.space();
            return;
        }
        let is_of_head =
            facts.has(ElementFacts::OF_HEAD) || [names::HTML, names::HEAD, names::NOSCRIPT].contains(&name);
        self.mode.start_tag(name, !is_of_head && self.open.counts().templates == 0);
        if self.mode.is_frameset() {
            return;
        }
        if let Some(space) = self.open.last().and_then(|top| foreign(top.space, name)) {
            if !facts.has(ElementFacts::BREAKS_OUT) {
                tag.space = space;
                return;
            }
            self.leave_foreign();
        }
        tag.is_dropped = self.drops(name, facts);
        if !tag.is_dropped || name == names::SELECT {
            self.end_implied(name, facts);
        }
        if name == names::FRAMESET && self.open.counts().templates == 0 && self.mode.begin_frameset() {
            // The body that was there is taken out.
            self.open.truncate(usize::from(self.open.first().is_some_and(|root| root.name == names::HTML)));
        }
        tag.space = match name {
            names::SVG => Space::Svg,
            names::MATH => Space::Math,
            _ => Space::Html,
        };
    }

    /// Whether a start tag begins nothing: that of a form in a form (13.2.6.4.7), of a part of a table without a table, which only a
    /// fragment may begin with, and of a select in a select, which it ends.
    fn drops(&self, name: MarkupName, facts: ElementFacts) -> bool {
        let is_form_within = name == names::FORM && self.form.is_some();
        let is_second = name == names::SELECT && self.open.select().is_some();
        let is_stray = || {
            let is_part = facts.has(ElementFacts::TABLE_PART) && self.mode.is_document();
            is_part && self.open.in_table(&[names::TABLE]).is_none()
        };
        is_second || (self.open.counts().templates == 0 && (is_form_within || is_stray()))
    }

    /// Ends SVG and MathML, up to what of them holds HTML (HTML 13.2.6.5).
    pub(in crate::rewrite) fn leave_foreign(&mut self) {
        while self.open.last().is_some_and(|top| !top.space.holds_html()) {
            self.open.pop();
        }
    }

    /// The start tag is over: its element is open now, if it is one that can be; says which it is.
    pub(in crate::rewrite) fn push(&mut self, tag: &StartTag) -> Option<u32> {
        let StartTag { name, space, .. } = *tag;
        let mut facts = if self.is_xml { ElementFacts::default() } else { tag.facts() };
        let is_of_html = space == Space::Html && !self.is_xml;
        let is_empty = if is_of_html { facts.has(ElementFacts::VOID) } else { tag.closes_itself };
        if facts.has(ElementFacts::OF_BODY) {
            self.mode.body(self.open.counts().templates > 0);
        }
        if is_empty || tag.is_dropped {
            return None;
        }
        if is_of_html && self.mode.ignores(name, &self.open, self.open.counts().framesets > 0) {
            self.remember_form(name, NO_ELEMENT);
            return None;
        }
        // What Turbo's streams hold is put into the page.
        let is_streamed = || self.open.last().is_some_and(|top| top.name == names::TURBO_STREAM);
        let is_shown = name != names::TEMPLATE || is_streamed();
        if space == Space::Html && !is_shown && !(tag.is_shadow && self.open.take_shadow()) {
            facts = facts.and(ElementFacts::INERT);
        }
        // The body has begun without a tag; what is open in it is not parted by this one.
        if is_of_html && name == names::BODY && self.open.iter().any(|outer| outer.name != names::HTML) {
            facts = facts.without(ElementFacts::SPECIAL);
        }
        self.serial += 1;
        if is_of_html {
            self.remember_form(name, self.serial);
        }
        self.open.push(OpenElement::new(name, self.serial, facts, space));
        Some(self.serial)
    }

    const fn remember_form(&mut self, name: MarkupName, serial: u32) {
        if matches!(name, names::FORM) && self.open.counts().templates == 0 && !self.mode.is_frameset() {
            self.form = Some(serial);
        }
    }

    /// Whether the content of an element is no markup.
    pub(in crate::rewrite) fn is_raw(&self, tag: &StartTag) -> bool {
        let is_raw = tag.space == Space::Html && !self.is_xml && tag.facts().has(ElementFacts::RAW);
        is_raw && (!self.mode.is_frameset() || tag.name == names::NOFRAMES)
    }

    /// An end tag: ends what it ends.
    pub(in crate::rewrite) fn end(&mut self, name: MarkupName) {
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
                self.mode.body(self.open.counts().templates > 0);
            }
        }
        if self.is_xml || self.open.last().is_some_and(|top| top.space != Space::Html) {
            let outer = if self.is_xml { None } else { self.open.wall(Wall::Html) };
            if let Some(place) = self.open.find(&[name], outer.map_or(0, |place| place + 1)) {
                self.open.truncate(place);
                return;
            }
            if self.is_xml {
                return;
            }
        }
        let place = self.ended_by(name);
        self.end_at(place);
    }

    /// The place of the outermost element that an end tag of HTML ends.
    fn ended_by(&mut self, name: MarkupName) -> Option<usize> {
        let facts = ElementFacts::of(name);
        match name.short() {
            // What follows is in the body, and in what is open in it (13.2.6.4.19).
            names::BODY | names::HTML => None,
            names::P => self.open.in_scope(&[name], &[names::BUTTON]),
            names::LI => self.open.in_scope(&[name], &[names::OL, names::UL]),
            names::TEMPLATE => self.open.find_html(&[name], 0),
            names::TABLE => self.open.in_table(&[name]),
            names::FORM if self.open.counts().templates == 0 => {
                self.end_form();
                None
            }
            names::FORM => self.open.in_scope(&[name], &[]),
            _ if facts.has(ElementFacts::TABLE_PART) => self.open.part(name),
            _ if facts.has(ElementFacts::HEADING) => self.open.in_scope(scopes::HEADINGS, &[]),
            _ if facts.has(ElementFacts::SCOPED) => self.open.in_scope(&[name], &[]),
            _ if facts.has(ElementFacts::FORMATTING) => {
                self.end_formatting(name);
                None
            }
            _ => self.open.up_to_special(name),
        }
    }

    /// The form ends alone: what is open in it stays (13.2.6.4.7).
    fn end_form(&mut self) {
        let Some(serial) = self.form.take() else { return };
        let Some(place) = self.open.place_of(serial).filter(|place| self.open.is_in_scope(*place)) else { return };
        self.pop_innermost_while(scopes::IMPLIED);
        if place < self.open.len() {
            self.open.remove(place);
        }
    }

    /// What the adoption agency (13.2.6.4.7) leaves: blocks inside stay open.
    fn end_formatting(&mut self, name: MarkupName) {
        let Some(place) = self.open.in_scope(&[name], &[]) else { return };
        self.open.truncate(self.open.adopted(place));
        if self.open.len() > place {
            self.open.remove(place);
        }
    }

    /// The elements that a start tag of HTML ends.
    fn end_implied(&mut self, name: MarkupName, facts: ElementFacts) {
        if self.is_innermost(names::HEAD)
            && !facts.has(ElementFacts::OF_HEAD)
            && ![names::NOSCRIPT, names::HEAD].contains(&name)
        {
            self.open.pop();
        }
        match name.short() {
            names::LI => self.end_at(self.open.item(&[names::LI])),
            names::DD | names::DT => self.end_at(self.open.item(&[names::DD, names::DT])),
            names::OPTION => self.pop_innermost(&[names::OPTION]),
            names::OPTGROUP | names::HR => {
                self.pop_innermost(&[names::OPTION]);
                self.pop_innermost(&[names::OPTGROUP]);
            }
            names::RB | names::RTC if self.open.in_scope(&[names::RUBY], &[]).is_some() => {
                self.pop_innermost_while(scopes::IMPLIED);
            }
            names::RP | names::RT if self.open.in_scope(&[names::RUBY], &[]).is_some() => {
                self.pop_innermost_while(scopes::IMPLIED_BUT_RTC);
            }
            names::BUTTON => self.end_at(self.open.in_scope(&[name], &[])),
            names::SELECT | names::INPUT => self.end_at(self.open.select()),
            names::A | names::NOBR => self.end_formatting(name),
            names::TABLE => self.end_outer_table(),
            _ if facts.has(ElementFacts::TABLE_PART) => self.end_at(self.open.parts(name)),
            _ => {}
        }
        if self.open.counts().paragraphs > 0
            && (facts.has(ElementFacts::ENDS_P) || (name == names::TABLE && !self.mode.is_quirky()))
        {
            self.end_at(self.open.in_scope(&[names::P], &[names::BUTTON]));
        }
        if facts.has(ElementFacts::HEADING) && self.open.last().is_some_and(|top| top.facts.has(ElementFacts::HEADING))
        {
            self.open.pop();
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

    /// What an element of XML without a namespace of its own is of.
    fn space(&self) -> Space {
        self.open.last().map_or(self.unnamed, |top| top.space)
    }

    fn is_innermost(&self, name: MarkupName) -> bool {
        self.open.last().is_some_and(|top| top.name == name && top.space == Space::Html)
    }

    fn pop_innermost(&mut self, wanted: &[MarkupName]) {
        if self.open.last().is_some_and(|top| top.space == Space::Html && wanted.contains(&top.name)) {
            self.open.pop();
        }
    }

    fn pop_innermost_while(&mut self, wanted: &[MarkupName]) {
        while self.open.last().is_some_and(|top| top.space == Space::Html && wanted.contains(&top.name)) {
            self.open.pop();
        }
    }

    /// Ends the element of this place, if any, and all that is in it.
    fn end_at(&mut self, place: Option<usize>) {
        if let Some(place) = place {
            self.open.truncate(place);
        }
    }
}
