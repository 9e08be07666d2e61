//! One page while it is read: what its tags are, which of them are slots, and the edits that fill those.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8};
use memchr::memmem;

use super::{
    Filled, FramePolicies, HtmlSettings, Insert, Landmarks, Note, SlotFiller, SlotKind, Untouched, Wanted, entities,
    inserts::{Holder, Inserts},
    markup::{Attribute, MarkupName, OpenElements, Scanner, Space, StartTag, Syntax, Token, names},
    page_forms::FormMethod,
    selected::{Selection, UNNAMED},
    slot_tags::{SlotTag, Tag, edit},
    splice::{Edit, Splicer},
};
use crate::limits::{ATTRIBUTE_BYTES_MAX, REWRITER_BYTES_MAX};

/// What is known of one page.
pub(super) struct PageState<F> {
    pub(super) filler: F,
    pub(super) splicer: Splicer,
    pub(super) landmarks: Arc<Landmarks>,
    elements: OpenElements,
    is_xml: bool,
    /// The start tag that is being read.
    tag: Option<Tag>,
    inserts: Inserts,
    /// Whether the elements of inserts are still looked for.
    selection: Option<Selection>,
    /// The charset of the answer, or of the page's own `<meta>`.
    pub(super) charset: Option<&'static Encoding>,
    /// Slots filled so far.
    pub(super) slots: usize,
    /// Whether a frame was filled.
    pub(super) has_frame: bool,
    /// Whether the page got a script, which may fill frames in the browser.
    pub(super) has_script: bool,
    /// Whether the page has a signed URL.
    pub(super) has_signed: bool,
    /// What the page lets into its frames, by its head and by the `<meta>` elements so far.
    pub(super) policies: FramePolicies,
    /// Whether it was noted that they block a stable link.
    is_blocking_noted: bool,
    /// Before the link of a frame: empty, or the site's origin where a `<base>` would bend paths.
    link_origin: String,
    /// How the open form is sent.
    pub(super) form: Option<FormMethod>,
    pub(super) is_post_noted: bool,
    /// Why the page is not read any further, where it says so itself.
    pub(super) lost: Option<Untouched>,
}

/// A part of the page, and where it begins.
#[derive(Clone, Copy)]
pub(super) struct PagePart<'p> {
    pub(super) bytes: &'p [u8],
    pub(super) base: usize,
}

impl<'p> PagePart<'p> {
    /// Bytes of the page, if they are in this part.
    fn get(self, place: std::ops::Range<usize>) -> Option<&'p [u8]> {
        self.bytes.get(place.start.checked_sub(self.base)?..place.end.checked_sub(self.base)?)
    }
}

impl<F: SlotFiller> PageState<F> {
    pub(super) fn new(filler: F, settings: &HtmlSettings) -> Self {
        let landmarks = Arc::clone(filler.landmarks());
        let has_inserts = !settings.inserts.is_empty();
        Self {
            filler,
            landmarks,
            splicer: Splicer::default(),
            elements: OpenElements::new(settings.syntax),
            is_xml: settings.syntax == Syntax::Xml,
            tag: None,
            inserts: Inserts::new(&settings.inserts),
            selection: has_inserts.then(|| Selection::new(&settings.inserts, settings.charset)),
            charset: settings.charset,
            slots: 0,
            has_frame: false,
            has_script: false,
            has_signed: false,
            policies: settings.policies.clone(),
            is_blocking_noted: false,
            link_origin: String::new(),
            form: None,
            is_post_noted: false,
            lost: None,
        }
    }

    /// Reads the page by another charset than it was made with; before its first byte.
    pub(super) fn begin_anew(&mut self, settings: &HtmlSettings) {
        self.charset = settings.charset;
        self.selection = self.selection.as_ref().map(|_| Selection::new(&settings.inserts, settings.charset));
    }

    /// Whether content passes by that is being replaced.
    pub(super) fn is_replacing(&self) -> bool {
        self.inserts.is_replacing()
    }

    /// Nothing more is changed.
    pub(super) fn break_off(&mut self) {
        let lost = std::mem::replace(&mut self.inserts, Inserts::new(&[])).break_off(&mut self.splicer);
        lost.into_iter().for_each(|note| self.filler.note(note));
    }

    /// Puts the script's tag where the head begins: before all that is known of the page.
    pub(super) fn put_script(&mut self, at: usize, tag: String) {
        self.splicer.push([Edit::insert(at, tag)]);
        self.has_script = true;
    }

    /// Takes the next token of the page, which is in this part.
    pub(super) fn token(&mut self, token: Token, part: PagePart<'_>, scanner: &mut Scanner) {
        match token {
            Token::Doctype { is_quirky } => self.elements.doctype(is_quirky),
            Token::Text => self.elements.text(),
            Token::TagName { name, is_end: true, start, .. } => {
                scanner.skip_attributes();
                self.tag = None;
                if name == names::FORM && !self.elements.is_in_template() {
                    self.form = None;
                }
                self.elements.end(name);
                self.elements_ended(start);
            }
            Token::TagName { name, is_end: false, start, end } => self.start(name, (start, end), part, scanner),
            Token::Attribute(attribute) => self.attribute(&attribute, part),
            Token::Close { end, slash } => {
                if let Some(tag) = self.tag.take() {
                    self.close(&tag, (end, slash), scanner);
                }
                scanner.set_cdata(self.elements.has_cdata());
            }
        }
    }

    /// From where on the page's bytes are wanted again, if anything has to be put there.
    pub(super) fn wants_from(&self, position: usize) -> usize {
        let is_held = |start: &usize| position - start <= REWRITER_BYTES_MAX;
        self.tag.as_ref().and_then(|tag| tag.wants_from().into_iter().flatten().find(is_held)).unwrap_or(position)
    }

    /// The page ends; elements without an end tag end with it.
    pub(super) fn end(&mut self, scanner: &Scanner) {
        let is_lost = self.selection.as_ref().is_some_and(Selection::is_lost);
        let inserts = std::mem::replace(&mut self.inserts, Inserts::new(&[]));
        for note in inserts.finish(scanner.is_between_tags(), is_lost, &mut self.splicer) {
            self.filler.note(note);
        }
        self.splicer.write(b"");
    }

    fn start(&mut self, name: MarkupName, (start, end): (usize, usize), part: PagePart<'_>, scanner: &mut Scanner) {
        let space = self.elements.start(name);
        self.elements_ended(start);
        let slot = SlotTag::of(name).filter(|slot| (self.is_xml || self.is_open(space)) && self.is_here(*slot));
        if let Some(selection) = &mut self.selection {
            selection.start(part.get(start + 1..end).unwrap_or(UNNAMED), self.elements.innermost());
        } else if slot.is_none() && !self.is_xml && space == Space::Html && name != names::TEMPLATE {
            scanner.skip_attributes();
        }
        let mut tag = Tag::new((name, space), slot, (start, end));
        tag.is_custom = part.get(start + 1..end).is_some_and(|name| name.contains(&b'-'));
        self.tag = Some(tag);
    }

    fn attribute(&mut self, attribute: &Attribute, part: PagePart<'_>) {
        let value = attribute.value.clone().map(|place| part.get(place));
        if let (Some(selection), Some(name)) = (&mut self.selection, part.get(attribute.name_at.clone())) {
            let value = value.unwrap_or(Some(b""));
            value.into_iter().for_each(|value| selection.attribute(name, value));
        }
        let Some(tag) = &mut self.tag else { return };
        let charset = self.charset.unwrap_or(UTF_8);
        // Most links of a page are paths: they are told apart before anything is read.
        let is_link = tag.slot.is_some_and(|slot| slot != SlotTag::Meta && slot.url().1 == attribute.name);
        tag.take(attribute, || match value {
            None => Some(String::new()),
            Some(value) => {
                let value = value.filter(|value| value.len() <= ATTRIBUTE_BYTES_MAX)?;
                let is_path = is_link
                    && !value.contains(&b'&')
                    && !value.contains(&b'\\')
                    && memmem::find(value, b"//").is_none();
                let value = if is_path { &b""[..] } else { value };
                Some(entities::decode(&charset.decode_without_bom_handling(value).0).into_owned())
            }
        });
    }

    fn close(&mut self, tag: &Tag, (end, slash): (usize, Option<usize>), scanner: &mut Scanner) {
        let (name, mut space) = (tag.name, tag.space);
        if let (true, Some(is_html)) = (self.is_xml, tag.xmlns) {
            space = if is_html { Space::Html } else { Space::Other };
        }
        if tag.holds_html {
            space = Space::Point;
        } else if tag.breaks_out && space != Space::Html {
            self.elements.leave_foreign();
            space = Space::Html;
        }
        if let Some(slot) = tag.slot.filter(|_| self.is_open(space)) {
            self.slot(slot, tag, slash.unwrap_or(end - 1));
        }
        let is_shown = self.is_open(space);
        let serial = self.elements.push(&StartTag {
            name,
            space,
            closes_itself: slash.is_some(),
            is_custom: tag.is_custom,
            is_shadow: tag.shadow == Some(true),
        });
        if self.selection.is_some() {
            let closes_itself = slash.is_some() && space != Space::Html;
            self.select((name, serial), (end, slash), (is_shown, closes_itself));
        }
        if self.elements.is_raw(name, space) {
            scanner.enter_raw(name);
        }
    }

    /// Puts into the element what its selectors ask for.
    fn select(
        &mut self,
        (name, serial): (MarkupName, Option<u32>),
        (end, slash): (usize, Option<usize>),
        (is_shown, closes_itself): (bool, bool),
    ) {
        let Some(mut selection) = self.selection.take() else { return };
        let mut closing = slash.filter(|_| self.is_xml && serial.is_none());
        for index in selection.finish(serial, closes_itself) {
            let closing_tag = closing.map(|slash| (slash, selection.name()));
            let holder = Holder { name, serial, end, closing: closing_tag, dropped: self.elements.dropped() };
            if let Some(insert) = self.inserts.wants(index, &holder, is_shown)
                && let Some(frame) = self.frame_of(&insert)
            {
                self.inserts.place(index, frame, &holder, &mut self.splicer);
                // It is opened for one.
                closing = None;
            }
        }
        // Selectors are only followed as long as there is something to find.
        self.selection = Some(selection).filter(|_| self.inserts.is_looking());
    }

    fn frame_of(&mut self, insert: &Insert) -> Option<String> {
        let filled = self.filled(SlotKind::Frame, (Some(insert.embed.as_str()), None), &insert.controls)?;
        Some(insert.frame.markup(&self.value_of(SlotKind::Frame, &filled)))
    }

    /// A tag that starts at `at` may have ended elements of inserts.
    fn elements_ended(&mut self, at: usize) {
        if let Some(lost) = self.inserts.end(&self.elements, at, &mut self.splicer) {
            self.filler.note(lost);
        }
    }

    /// Whether browsers show what is here as HTML.
    fn is_open(&self, space: Space) -> bool {
        space == Space::Html && !self.elements.is_in_template() && !self.inserts.is_replacing()
    }

    /// Browsers know a `frame` only in a frameset, and there nothing else.
    fn is_here(&self, slot: SlotTag) -> bool {
        let is_in_frameset = self.elements.is_in_frameset();
        match slot {
            SlotTag::FrameOfSet => is_in_frameset || self.is_xml,
            SlotTag::Meta | SlotTag::Base => true,
            SlotTag::Frame | SlotTag::Object | SlotTag::Embed | SlotTag::Link | SlotTag::Form | SlotTag::Button => {
                !self.elements.is_frameset_page()
            }
        }
    }

    /// Looks at a whole tag; `last` is where its last attribute could go.
    fn slot(&mut self, slot: SlotTag, tag: &Tag, last: usize) {
        match slot {
            SlotTag::Meta => self.meta(tag),
            // Behind a `<base href>` paths could lead to another host, and browsers read more spellings of one than anybody can
            // list: links are written whole.
            SlotTag::Base if tag.url.is_some() => self.link_origin = self.landmarks.site_origin.clone(),
            SlotTag::Frame if tag.has_srcdoc => {}
            SlotTag::Frame | SlotTag::FrameOfSet => self.fill(SlotKind::Frame, slot, tag, last),
            SlotTag::Object | SlotTag::Embed => self.fill(SlotKind::Object, slot, tag, last),
            SlotTag::Link => self.fill(SlotKind::Anchor, slot, tag, last),
            SlotTag::Form => {
                let method = FormMethod::of(tag.method.as_deref());
                self.form.get_or_insert(method);
                self.send(method, slot, tag, last);
            }
            SlotTag::Button => {
                let own = tag.method.as_deref().map(|method| FormMethod::of(Some(method)));
                // Of a button that names its form that may be anywhere.
                let form = self.form.filter(|_| !tag.has_form).unwrap_or_default();
                self.send(own.unwrap_or(form), slot, tag, last);
            }
            SlotTag::Base => {}
        }
    }

    pub(super) fn fill(&mut self, kind: SlotKind, slot: SlotTag, tag: &Tag, last: usize) {
        let embed = tag.embed.as_deref().filter(|_| slot != SlotTag::Button);
        let url =
            tag.url.as_ref().and_then(|url| url.text.as_deref()).filter(|url| self.landmarks.may_lead_to_sigma(url));
        if embed.is_none() && url.is_none() {
            return;
        }
        let Some(edit) = edit(slot, tag, last, self.splicer.position()) else {
            return self.filler.note(Note::SlotTooLong);
        };
        if let Some(filled) = self.filled(kind, (embed, url), &[]) {
            let value = self.value_of(kind, &filled);
            self.splicer.push([edit(&value)]);
        }
    }

    pub(super) fn filled(
        &mut self,
        kind: SlotKind,
        (embed, url): (Option<&str>, Option<&str>),
        controls: &[(String, String)],
    ) -> Option<Filled> {
        let is_frame = matches!(kind, SlotKind::Frame | SlotKind::Object);
        let frames = is_frame.then_some(&self.policies);
        let filled = self.filler.fill(&Wanted { kind, embed, url, controls, frames })?;
        self.slots += 1;
        self.has_signed |= filled.signed.is_some();
        if is_frame {
            self.has_frame = true;
            self.note_blocked(kind, &filled);
        }
        Some(filled)
    }

    /// Once for each page: its own policy will show nothing where the stable link is.
    fn note_blocked(&mut self, kind: SlotKind, filled: &Filled) {
        let site = &self.landmarks.site_origin;
        let is_blocked = || !kind.is_let_in(&self.policies, &format!("{site}{}", filled.link), site);
        if filled.signed.is_none() && !self.is_blocking_noted && is_blocked() {
            self.is_blocking_noted = true;
            self.filler.note(Note::CspBlocksFrame);
        }
    }

    /// What the slot gets: the signed URL, if there is one, else the stable link. A frame loads it where it stands; what leads
    /// there is followed later, when another `<base>` may hold, so it has the site's origin.
    pub(super) fn value_of(&self, kind: SlotKind, filled: &Filled) -> String {
        let origin = match kind {
            SlotKind::Frame | SlotKind::Object => &self.link_origin,
            SlotKind::Anchor | SlotKind::Location | SlotKind::Json => &self.landmarks.site_origin,
        };
        let link = || format!("{origin}{}", filled.link);
        entities::encode(&filled.signed.as_ref().map_or_else(link, |signed| signed.expose().to_owned()))
    }
}
