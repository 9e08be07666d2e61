//! The stack of open elements, in which an element is found without a walk through all of them (HTML 13.2.4.2).

use std::ops::{Deref, Range};

use memchr::memrchr;

use super::{
    element::{OpenElement, Space, Wall, Walls},
    name::{ElementFacts, MarkupName, names},
};

/// The open elements, outermost first.
#[derive(Debug, Default)]
pub(super) struct ElementStack {
    open: Vec<OpenElement>,
    /// A byte of each one's name, by which it is looked for.
    prints: Vec<u8>,
    counts: OpenCounts,
}

/// How many are open of those for which the whole page is another. Mostly there is none, and nothing to look for.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct OpenCounts {
    /// Whose content is inert.
    pub(super) templates: usize,
    pub(super) framesets: usize,
    pub(super) paragraphs: usize,
}

impl OpenCounts {
    fn begun(&mut self, entry: &OpenElement) {
        let [template, frameset, paragraph] = Self::of(entry);
        self.templates += template;
        self.framesets += frameset;
        self.paragraphs += paragraph;
    }

    fn ended(&mut self, entry: &OpenElement) {
        let [template, frameset, paragraph] = Self::of(entry);
        self.templates -= template;
        self.framesets -= frameset;
        self.paragraphs -= paragraph;
    }

    fn of(entry: &OpenElement) -> [usize; 3] {
        let is_html = entry.space == Space::Html;
        [
            entry.facts.has(ElementFacts::INERT),
            is_html && entry.name == names::FRAMESET,
            is_html && entry.name == names::P,
        ]
        .map(usize::from)
    }
}

/// So many of the innermost are looked at one by one: mostly it is one of them.
const NEAR: usize = 8;
/// So many may look like it by their byte, and not be it.
const LIKE: usize = 4;
/// So many prints are compared at the cost of one element, at least.
const PRINTS_AT_ONCE: usize = 16;

impl ElementStack {
    pub(super) fn push(&mut self, mut entry: OpenElement) {
        self.counts.begun(&entry);
        entry.walls = self.walls().with(&entry, self.open.len());
        self.prints.push(entry.name.print());
        self.open.push(entry);
    }

    /// Those of the innermost element.
    fn walls(&self) -> Walls {
        self.open.last().map_or_else(Walls::default, |top| top.walls)
    }

    pub(super) const fn counts(&self) -> OpenCounts {
        self.counts
    }

    pub(super) fn pop(&mut self) {
        self.prints.pop();
        if let Some(entry) = self.open.pop() {
            self.counts.ended(&entry);
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        while self.open.len() > length {
            self.pop();
        }
    }

    pub(super) fn remove(&mut self, place: usize) {
        self.prints.remove(place);
        let entry = self.open.remove(place);
        self.counts.ended(&entry);
        looked_at(self.open.len() - place);
        let mut walls = place.checked_sub(1).map_or_else(Walls::default, |below| self.open[below].walls);
        for (place, entry) in self.open.iter_mut().enumerate().skip(place) {
            walls = walls.with(entry, place);
            entry.walls = walls;
        }
    }

    /// The innermost of such elements.
    pub(super) fn wall(&self, wall: Wall) -> Option<usize> {
        self.walls().place(wall)
    }

    /// Where an element is, if it is open.
    pub(super) fn place_of(&self, serial: u32) -> Option<usize> {
        self.open.binary_search_by_key(&serial, |entry| entry.serial).ok()
    }

    /// The innermost element of one of these names, from this place on.
    #[inline]
    pub(super) fn find(&self, wanted: &[MarkupName], from: usize) -> Option<usize> {
        if self.is_innermost(wanted, from) {
            return self.open.len().checked_sub(1);
        }
        self.find_by(wanted, from, |_| true)
    }

    /// The innermost element of HTML of one of these names, from this place on.
    #[inline]
    pub(super) fn find_html(&self, wanted: &[MarkupName], from: usize) -> Option<usize> {
        if self.is_innermost(wanted, from) && self.open.last().is_some_and(|top| top.space == Space::Html) {
            return self.open.len().checked_sub(1);
        }
        self.find_by(wanted, from, |entry| entry.space == Space::Html)
    }

    /// Mostly it is the innermost of all.
    #[inline]
    fn is_innermost(&self, wanted: &[MarkupName], from: usize) -> bool {
        self.open.len() > from && self.open.last().is_some_and(|top| wanted.contains(&top.name))
    }

    fn find_by(&self, wanted: &[MarkupName], from: usize, is_it: impl Fn(&OpenElement) -> bool) -> Option<usize> {
        let near = self.open.len().saturating_sub(NEAR).max(from);
        let is_it = |entry: &OpenElement| wanted.contains(&entry.name) && is_it(entry);
        if let Some(place) = self.last_of(near..self.open.len(), is_it) {
            return Some(place);
        }
        let (mut far, mut found) = (from..near, None);
        for name in wanted {
            match self.find_far(*name, far.clone(), is_it) {
                Ok(None) => {}
                Ok(Some(place)) => (far.start, found) = (place + 1, Some(place)),
                // A page may be made of such names: then each element is looked at, once.
                Err(TooManyAlike) => return self.last_of(far, is_it).or(found),
            }
        }
        found
    }

    fn find_far(
        &self,
        name: MarkupName,
        mut within: Range<usize>,
        is_it: impl Fn(&OpenElement) -> bool,
    ) -> Result<Option<usize>, TooManyAlike> {
        for _ in 0..LIKE {
            let prints = self.prints.get(within.clone()).unwrap_or_default();
            let at = memrchr(name.print(), prints);
            looked_at(1 + (prints.len() - at.unwrap_or(0)) / PRINTS_AT_ONCE);
            let Some(at) = at else { return Ok(None) };
            within.end = within.start + at;
            if is_it(&self.open[within.end]) {
                return Ok(Some(within.end));
            }
        }
        Err(TooManyAlike)
    }

    fn last_of(&self, within: Range<usize>, is_it: impl Fn(&OpenElement) -> bool) -> Option<usize> {
        let start = within.start;
        let entries = self.open.get(within)?;
        let at = entries.iter().rposition(is_it);
        looked_at(entries.len() - at.unwrap_or(0));
        at.map(|at| start + at)
    }

    /// The outermost element of a kind, from this place on.
    pub(super) fn outermost(&self, from: usize, is_it: impl Fn(&OpenElement) -> bool) -> Option<usize> {
        let at = self.open.get(from..)?.iter().position(is_it)?;
        looked_at(at + 1);
        Some(from + at)
    }

    /// The innermost element of a kind.
    pub(super) fn innermost(&self, is_it: impl Fn(&OpenElement) -> bool) -> Option<usize> {
        self.last_of(0..self.open.len(), is_it)
    }

    /// Gives the innermost element a shadow root, if it may have one; no search ends there for that.
    pub(super) fn take_shadow(&mut self) -> bool {
        self.open.last_mut().is_some_and(OpenElement::take_shadow)
    }
}

/// More elements than are worth it look like the one that is looked for.
struct TooManyAlike;

#[cfg(test)]
thread_local! {
    /// How many elements searches of this thread looked at.
    pub(in crate::rewrite) static LOOKS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
fn looked_at(count: usize) {
    LOOKS.with(|looks| looks.set(looks.get() + count));
}

#[cfg(not(test))]
const fn looked_at(_: usize) {}

impl Deref for ElementStack {
    type Target = [OpenElement];

    fn deref(&self) -> &[OpenElement] {
        &self.open
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        limits::OPEN_ELEMENTS_MAX,
        rewrite::markup::{
            OpenElements, Syntax,
            name::{ElementFacts, NameCase},
        },
    };

    fn named(text: &str) -> MarkupName {
        MarkupName::START.with_all(text.as_bytes(), NameCase::EXACT)
    }

    /// Names of nothing that is known, which have the print of this one.
    fn alike(name: &str, count: usize) -> Vec<MarkupName> {
        let all = (0_u32..).map(|number| named(&format!("q{number}")));
        all.filter(|other| other.print() == named(name).print()).take(count).collect()
    }

    /// How many elements a tag has looked at, at most.
    fn looks(opened: &[MarkupName], tags: &[(MarkupName, bool)]) -> usize {
        let mut elements = OpenElements::new(Syntax::Html);
        let start = |elements: &mut OpenElements, name| {
            let tag = elements.start(name);
            elements.push(&tag);
        };
        opened.iter().for_each(|name| start(&mut elements, *name));
        let tag = |(name, is_end): &(MarkupName, bool)| {
            let before = LOOKS.get();
            if *is_end {
                elements.end(*name);
            } else {
                start(&mut elements, *name);
            }
            LOOKS.get() - before
        };
        tags.iter().cycle().take(4 * OPEN_ELEMENTS_MAX).map(tag).max().unwrap_or_default()
    }

    #[test]
    fn a_tag_looks_at_each_open_element_a_few_times_at_most() {
        let most = 4 * OPEN_ELEMENTS_MAX;
        for name in ["x", "p", "li", "h1", "td", "form", "table", "template", "a", "button", "b", "body", "g"] {
            for (outer, inner) in [("i", "i"), ("svg", "g"), ("div", "i"), ("p", "button"), (name, "div"), ("tr", "i")]
            {
                let mut opened = vec![named(outer), named(inner)];
                for alike in alike(name, OPEN_ELEMENTS_MAX) {
                    opened.push(alike);
                }
                for is_end in [true, false] {
                    let found = looks(&opened, &[(named(name), is_end)]);
                    assert!(found <= most, "{name} {outer} {inner} {is_end}: {found}");
                }
                let found = looks(&opened, &[(named(name), true), (opened[2], false), (named(name), false)]);
                assert!(found <= most, "{name} {outer} {inner}: {found}");
            }
        }
    }

    #[test]
    fn a_search_finds_the_innermost_however_many_look_like_it() {
        let like = alike("x", 40);
        let mut stack = ElementStack::default();
        for (serial, name) in (0..).zip([named("x")].iter().chain(&like[..20]).chain(&[named("y")]).chain(&like[20..]))
        {
            let facts = ElementFacts::default();
            stack.push(OpenElement::new(*name, serial, facts, Space::Html));
        }
        for (wanted, from, found) in [
            (&[named("x")][..], 0, Some(0)),
            (&[named("x"), named("y")], 0, Some(21)),
            (&[named("y"), named("x")], 0, Some(21)),
            (&[named("y"), named("x")], 22, None),
            (&[named("x"), named("z")], 1, None),
            (&[like[39]], 0, Some(41)),
            (&[like[3], named("x")], 0, Some(4)),
            (&[named("z"), like[25]], 0, Some(27)),
        ] {
            assert_eq!(stack.find(wanted, from), found, "{wanted:?} {from}");
        }
    }
}
