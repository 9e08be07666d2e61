//! Where the inserts of a page go: into the first element that each selects and that can hold a frame.

use std::sync::Arc;

use super::splice::{Edit, EditText, Splicer};
use crate::rewrite::{
    Insert, InsertPlace, Note,
    markup::{MarkupName, OpenElements, names},
};

/// Elements whose content is not markup, or not shown, or no place for a frame: nothing can be inserted there.
const CLOSED: &[MarkupName] = &[
    names::IFRAME,
    names::SCRIPT,
    names::STYLE,
    names::TEXTAREA,
    names::TITLE,
    names::TEMPLATE,
    names::NOSCRIPT,
    names::NOEMBED,
    names::NOFRAMES,
    names::XMP,
    names::PLAINTEXT,
    names::SELECT,
    names::OPTION,
    names::OPTGROUP,
    names::TABLE,
    names::THEAD,
    names::TBODY,
    names::TFOOT,
    names::TR,
    names::COLGROUP,
    names::HTML,
    names::HEAD,
    names::FRAMESET,
    // These show what they have in them to nobody whose browser knows them.
    names::AUDIO,
    names::CANVAS,
    names::DATALIST,
    names::METER,
    names::PROGRESS,
    names::VIDEO,
];

/// The inserts of one page.
pub(super) struct Inserts {
    all: Vec<(Arc<Insert>, InsertState)>,
    /// Those whose element is open, the outermost first.
    open: Vec<Open>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InsertState {
    /// No element was selected yet.
    Wanted,
    /// One was that cannot hold it.
    Misplaced,
    /// One was whose end could not be told.
    Lost,
    /// It is placed, or what fills it has said why not.
    Done,
}

struct Open {
    insert: usize,
    /// The element.
    serial: u32,
    /// How many elements had ended before it because too many were open: with one more, its own end is not sure.
    dropped: u32,
    /// The frame that waits for its end; none where the frame has taken the place of its content.
    frame: Option<String>,
}

/// Where elements end.
#[derive(Debug, Clone, Copy)]
pub(super) struct EndPlace {
    pub(super) at: usize,
    /// Whether a frame that stands there is one: not in what is open there of a template, of SVG or MathML.
    pub(super) holds_frame: bool,
}

/// The start tag of an element, as far as an insert must know it.
pub(super) struct Holder<'t> {
    pub(super) name: MarkupName,
    /// The element, if it is open now.
    pub(super) serial: Option<u32>,
    /// Where the tag ends.
    pub(super) end: usize,
    /// Where it closes itself, and how its end tag would be named.
    pub(super) closing: Option<(usize, &'t [u8])>,
    /// How many elements have ended because too many were open.
    pub(super) dropped: u32,
}

impl Inserts {
    pub(super) fn new(inserts: &[Arc<Insert>]) -> Self {
        Self { all: inserts.iter().map(|insert| (Arc::clone(insert), InsertState::Wanted)).collect(), open: Vec::new() }
    }

    /// Whether elements have still to be looked for.
    pub(super) fn is_looking(&self) -> bool {
        self.all.iter().any(|(_, state)| *state != InsertState::Done)
    }

    /// Whether content passes by that is being replaced.
    pub(super) fn is_replacing(&self) -> bool {
        self.open.iter().any(|open| open.frame.is_none())
    }

    /// The insert, if it may go into this element; `is_shown` says whether browsers show that as HTML.
    pub(super) fn wants(&mut self, insert: usize, holder: &Holder<'_>, is_shown: bool) -> Option<Arc<Insert>> {
        let is_replacing = self.is_replacing();
        let (found, state) = self.all.get_mut(insert).filter(|(_, state)| *state != InsertState::Done)?;
        let holds_content = holder.serial.is_some() || holder.closing.is_some();
        if !is_shown || is_replacing || !holds_content || holder.name.is_of_void() || CLOSED.contains(&holder.name) {
            *state = InsertState::Misplaced;
            return None;
        }
        if holder.name.is_nobody() {
            *state = InsertState::Lost;
            return None;
        }
        *state = InsertState::Done;
        Some(Arc::clone(found))
    }

    /// Puts a frame into an element.
    pub(super) fn place(&mut self, insert: usize, frame: String, holder: &Holder<'_>, splicer: &mut Splicer) {
        let Some((settings, _)) = self.all.get(insert) else { return };
        let dropped = holder.dropped;
        match (holder.serial, holder.closing, settings.place) {
            (Some(serial), _, InsertPlace::Append) => {
                self.open.push(Open { insert, serial, dropped, frame: Some(frame) });
            }
            (Some(serial), _, InsertPlace::Replace) => {
                splicer.push([Edit { start: holder.end, end: usize::MAX, text: EditText::Markup(frame) }]);
                self.open.push(Open { insert, serial, dropped, frame: None });
            }
            (None, Some((slash, name)), _) => {
                let frame = format!("{frame}</{}>", String::from_utf8_lossy(name));
                let open = Edit { start: slash, end: slash + 1, text: EditText::Markup(String::new()) };
                splicer.push([open, Edit::insert(holder.end, frame)]);
            }
            (None, None, _) => {}
        }
    }

    /// Some elements may have ended at a tag.
    pub(super) fn end(&mut self, elements: &OpenElements, place: EndPlace, splicer: &mut Splicer) -> Option<Note> {
        let mut lost = None;
        while let Some(open) = self.open.pop_if(|open| !elements.is_open(open.serial)) {
            if open.dropped != elements.dropped() {
                lost = Some(self.lost(open.insert));
            }
            lost = self.end_one(open, place, splicer).or(lost);
        }
        lost
    }

    fn end_one(&self, open: Open, EndPlace { at, holds_frame }: EndPlace, splicer: &mut Splicer) -> Option<Note> {
        match open.frame {
            Some(frame) if holds_frame && at >= splicer.position() => splicer.push([Edit::insert(at, frame)]),
            Some(_) => return Some(self.lost(open.insert)),
            None => splicer.close(at.max(splicer.position())),
        }
        None
    }

    /// Whether any waits for the end of its element.
    pub(super) const fn is_waiting(&self) -> bool {
        !self.open.is_empty()
    }

    /// The page ends, with all its elements, at a place where a frame can stand, if there is one; says what of the inserts has to
    /// be noted.
    pub(super) fn finish(mut self, end: Option<EndPlace>, is_lost: bool, splicer: &mut Splicer) -> Vec<Note> {
        let mut notes = Vec::new();
        while let Some(open) = self.open.pop() {
            match end {
                Some(place) => notes.extend(self.end_one(open, place, splicer)),
                None if open.frame.is_some() => notes.push(self.lost(open.insert)),
                None => {}
            }
        }
        let told = self.all.iter().filter_map(|(insert, state)| {
            let selector = insert.selector.as_str().to_owned();
            match state {
                InsertState::Done => None,
                InsertState::Wanted if !is_lost => Some(Note::InsertUnmatched(selector)),
                InsertState::Wanted | InsertState::Lost => Some(Note::InsertLost(selector)),
                InsertState::Misplaced => Some(Note::InsertNotPlaced(selector)),
            }
        });
        notes.extend(told);
        notes
    }

    /// The page is not read any further: what waits for the end of an element is lost, and what was being replaced passes again.
    pub(super) fn break_off(self, splicer: &mut Splicer) -> Vec<Note> {
        splicer.close(splicer.position());
        let waiting = self.open.iter().filter(|open| open.frame.is_some());
        waiting.map(|open| self.lost(open.insert)).collect()
    }

    fn lost(&self, insert: usize) -> Note {
        Note::InsertLost(
            self.all.get(insert).map(|(insert, _)| insert.selector.as_str().to_owned()).unwrap_or_default(),
        )
    }
}
