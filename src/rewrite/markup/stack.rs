//! The stack of open elements, in which an element is found without a walk through all of them (HTML 13.2.4.2).

use std::ops::Deref;

use memchr::memrchr;

use super::{
    element::{OpenElement, Space, ends_scope},
    name::{ElementFacts, MarkupName, names},
};

/// The open elements, outermost first.
#[derive(Debug, Default)]
pub(super) struct ElementStack {
    open: Vec<OpenElement>,
    /// A byte of each one's name, by which it is looked for.
    prints: Vec<u8>,
    walls: Vec<[u16; Wall::COUNT]>,
}

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
    /// A template or the root.
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
            Self::Item => has(ElementFacts::SPECIAL) && ![names::ADDRESS, names::DIV, names::P].contains(&entry.name),
            Self::Part => has(ElementFacts::TABLE_PART) || ends_scope(entry),
            Self::Root => [names::TEMPLATE, names::HTML].contains(&entry.name),
            Self::Foreign => entry.space != Space::Html,
            Self::Html => entry.space == Space::Html,
        }
    }
}

/// So many of the innermost are looked at one by one: mostly it is one of them.
const NEAR: usize = 8;
/// So many may look like it by their byte, and not be it.
const LIKE: usize = 4;

impl ElementStack {
    pub(super) fn push(&mut self, entry: OpenElement) {
        let below = self.walls.last().copied().unwrap_or_default();
        self.walls.push(walls(&entry, below, self.open.len()));
        self.prints.push(entry.name.print());
        self.open.push(entry);
    }

    pub(super) fn pop(&mut self) -> Option<OpenElement> {
        self.walls.pop();
        self.prints.pop();
        self.open.pop()
    }

    pub(super) fn remove(&mut self, place: usize) -> OpenElement {
        self.walls.truncate(place);
        self.prints.remove(place);
        let entry = self.open.remove(place);
        for (place, entry) in self.open.iter().enumerate().skip(place) {
            let below = self.walls.last().copied().unwrap_or_default();
            self.walls.push(walls(entry, below, place));
        }
        entry
    }

    /// The innermost of such elements.
    pub(super) fn wall(&self, wall: Wall) -> Option<usize> {
        self.walls.last().and_then(|walls| usize::from(walls[wall as usize]).checked_sub(1))
    }

    /// The innermost element of one of these names, from this place on.
    pub(super) fn find(&self, wanted: &[MarkupName], from: usize) -> Option<usize> {
        self.find_by(wanted, from, |_| true)
    }

    /// The innermost element of HTML of one of these names, from this place on.
    pub(super) fn find_html(&self, wanted: &[MarkupName], from: usize) -> Option<usize> {
        self.find_by(wanted, from, |entry| entry.space == Space::Html)
    }

    fn find_by(&self, wanted: &[MarkupName], from: usize, is_it: impl Fn(&OpenElement) -> bool) -> Option<usize> {
        let near = self.open.len().saturating_sub(NEAR).max(from);
        let is_it = |entry: &OpenElement| wanted.contains(&entry.name) && is_it(entry);
        if let Some(at) = self.open.get(near..)?.iter().rposition(&is_it) {
            return Some(near + at);
        }
        wanted.iter().filter_map(|name| self.find_far(*name, from..near, &is_it)).max()
    }

    fn find_far(
        &self,
        name: MarkupName,
        mut within: std::ops::Range<usize>,
        is_it: impl Fn(&OpenElement) -> bool,
    ) -> Option<usize> {
        for _ in 0..LIKE {
            let place = within.start + memrchr(name.print(), self.prints.get(within.clone())?)?;
            if is_it(&self.open[place]) {
                return Some(place);
            }
            within.end = place;
        }
        // A page may be made of such names: then each of them is looked at.
        let start = within.start;
        self.open.get(within)?.iter().rposition(is_it).map(|at| start + at)
    }
}

impl Deref for ElementStack {
    type Target = [OpenElement];

    fn deref(&self) -> &[OpenElement] {
        &self.open
    }
}

/// The places of the innermost of each kind, with the element, which is at `place`; counted from one.
fn walls(entry: &OpenElement, mut below: [u16; Wall::COUNT], place: usize) -> [u16; Wall::COUNT] {
    for wall in Wall::ALL {
        if wall.is(entry) {
            below[wall as usize] = u16::try_from(place + 1).unwrap_or(u16::MAX);
        }
    }
    below
}
