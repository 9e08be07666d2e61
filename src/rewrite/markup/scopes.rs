//! Where in the stack of open elements is what a tag ends, and how far a tag looks for it (HTML 13.2.4.2, 13.2.6.4).

use super::{
    element::{OpenElement, Space, Wall},
    name::{ElementFacts, MarkupName, names},
    stack::ElementStack,
};

pub(super) const HEADINGS: &[MarkupName] = &[names::H1, names::H2, names::H3, names::H4, names::H5, names::H6];

/// What ends where something around it ends ("generate implied end tags", HTML 13.2.6.3); a ruby's text container may stay.
pub(super) const IMPLIED: &[MarkupName] = &[
    names::DD,
    names::DT,
    names::LI,
    names::OPTGROUP,
    names::OPTION,
    names::P,
    names::RB,
    names::RP,
    names::RT,
    names::RTC,
];
pub(super) const IMPLIED_BUT_RTC: &[MarkupName] = IMPLIED.split_at(IMPLIED.len() - 1).0;

impl ElementStack {
    /// The innermost element of these within a scope, which those of the other names end too (13.2.4.2).
    pub(super) fn in_scope(&self, wanted: &[MarkupName], ends_too: &[MarkupName]) -> Option<usize> {
        let place = self.find_html(wanted, self.wall(Wall::Scope).unwrap_or(0))?;
        (ends_too.is_empty() || self.find(ends_too, place + 1).is_none()).then_some(place)
    }

    /// Whether a scope reaches the element at this place.
    pub(super) fn is_in_scope(&self, place: usize) -> bool {
        self.wall(Wall::Scope).is_none_or(|wall| wall <= place)
    }

    /// The `select` in scope.
    pub(super) fn select(&self) -> Option<usize> {
        self.wall(Wall::Scope).filter(|place| self[*place].name == names::SELECT)
    }

    /// The innermost element of these within "table scope".
    pub(super) fn in_table(&self, wanted: &[MarkupName]) -> Option<usize> {
        self.find_html(wanted, self.wall(Wall::Root).unwrap_or(0))
    }

    /// "Any other end tag" (13.2.6.4.7).
    pub(super) fn up_to_special(&self, name: MarkupName) -> Option<usize> {
        self.find_html(&[name], self.wall(Wall::Special).unwrap_or(0))
    }

    /// What the end tag of a part of a table ends; browsers make rows and bodies that have no tag.
    pub(super) fn part(&self, name: MarkupName) -> Option<usize> {
        let place = self.in_table(&[name, names::TABLE, names::TBODY, names::THEAD, names::TFOOT])?;
        match self[place].name {
            found if found == name => Some(place),
            names::TABLE if self.get(place + 1).is_some_and(|part| part.name == names::CAPTION) => None,
            names::TABLE if [names::TR, names::TBODY].contains(&name) => Some(place + 1),
            names::TBODY | names::THEAD | names::TFOOT if name == names::TR => Some(place + 1),
            _ => None,
        }
    }

    /// How many elements stay open where the adoption agency (13.2.6.4.7) ends the formatting at this place: with each round it goes one
    /// block further in, and what is open in the innermost of them ends.
    pub(super) fn adopted(&self, place: usize) -> usize {
        const ROUNDS: usize = 8;
        let Some(innermost) = self.wall(Wall::Special).filter(|special| *special >= place) else { return place };
        let blocks = self.iter().skip(place).filter(|inner| inner.facts.has(ElementFacts::SPECIAL));
        if blocks.take(ROUNDS).count() < ROUNDS { innermost + 1 } else { self.len() }
    }

    /// The item of a list that a new one ends (13.2.6.4.7).
    pub(super) fn item(&self, items: &[MarkupName]) -> Option<usize> {
        self.find(items, self.wall(Wall::Item).unwrap_or(0))
    }

    /// What a part of a table that begins ends: the parts before it, up to those that can hold it. A part without a table is
    /// taken for one of a fragment.
    pub(super) fn parts(&self, name: MarkupName) -> Option<usize> {
        let holders = match name {
            names::TD | names::TH => &[names::TABLE, names::TBODY, names::THEAD, names::TFOOT, names::TR][..],
            names::TR => &[names::TABLE, names::TBODY, names::THEAD, names::TFOOT],
            names::COL => &[names::TABLE, names::COLGROUP],
            _ => &[names::TABLE],
        };
        let outer = self.wall(Wall::Root).max(self.wall(Wall::Foreign));
        let first = outer.map_or(0, |place| place + 1);
        let outermost = || {
            // There is one at most where the innermost of these is one.
            self.wall(Wall::Part).filter(|part| *part >= first)?;
            self.outermost(first, |entry| entry.facts.has(ElementFacts::TABLE_PART))
        };
        self.find(holders, first).map(|holder| holder + 1).or_else(outermost)
    }

    /// What ends first where too many are open: what is in a template stays in it.
    pub(super) fn spare(&self) -> usize {
        let is_other = |entry: &OpenElement| entry.name != names::TEMPLATE || entry.space != Space::Html;
        self.innermost(is_other).unwrap_or_else(|| self.len().saturating_sub(1))
    }
}
