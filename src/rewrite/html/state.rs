//! One page while it is read: what is known of it, and the edits that fill its slots.

use std::{borrow::Cow, sync::Arc};

use encoding_rs::{Encoding, UTF_8};

use super::{
    inserts::{EndPlace, Inserts},
    selected::Selection,
    settings::HtmlSettings,
    slot_tags::{FormMethod, SlotTag, Tag, edit},
    splice::{Edit, Splicer},
};
use crate::{
    embed::in_utf8,
    limits::{PAGE_END_BYTES_MAX, REWRITER_BYTES_MAX},
    rewrite::{
        Filled, FramePolicies, Landmarks, Note, SlotFiller, SlotKind, Untouched, Wanted,
        markup::{OpenElements, Scanner, StartTag, Syntax, entities, is_page_end},
    },
};

/// What is known of one page.
pub(super) struct PageState<F> {
    pub(super) filler: F,
    pub(super) splicer: Splicer,
    pub(super) landmarks: Arc<Landmarks>,
    pub(super) elements: OpenElements,
    pub(super) is_xml: bool,
    /// Whether it is no page, but brings parts of one.
    pub(super) has_parts: bool,
    /// The start tag that is being read.
    pub(super) tag: Option<Tag>,
    /// The same, of one of which nothing else is looked at.
    pub(super) plain: Option<StartTag>,
    pub(super) inserts: Inserts,
    /// Whether the elements of inserts are still looked for.
    pub(super) selection: Option<Selection>,
    /// The charset of the answer, or of the page's own `<meta>`.
    pub(super) charset: Option<&'static Encoding>,
    /// That of its XML declaration, which counts where nothing else names one.
    pub(super) declared_charset: Option<&'static Encoding>,
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
    pub(super) link_origin: String,
    /// How the open form is sent.
    pub(super) form: Option<FormMethod>,
    pub(super) is_post_noted: bool,
    /// Where `</body>` or `</html>` stands, if no tag has followed: perhaps the page ends there.
    pub(super) body_end: Option<usize>,
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
    pub(super) fn get(self, place: std::ops::Range<usize>) -> Option<&'p [u8]> {
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
            is_xml: settings.syntax.is_xml(),
            has_parts: settings.syntax == Syntax::Parts,
            tag: None,
            plain: None,
            inserts: Inserts::new(&settings.inserts),
            selection: has_inserts.then(|| Selection::new(&settings.inserts, settings.charset)),
            charset: settings.charset,
            declared_charset: None,
            slots: 0,
            has_frame: false,
            has_script: false,
            has_signed: false,
            policies: settings.policies.clone(),
            is_blocking_noted: false,
            link_origin: String::new(),
            form: None,
            is_post_noted: false,
            body_end: None,
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

    /// Whether no slot is being read, and no insert waits for an element or its end.
    pub(super) fn is_settled(&self) -> bool {
        self.tag.is_none() && self.selection.is_none() && !self.inserts.is_waiting()
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

    /// From where on the page's bytes are wanted again, if anything has to be put there.
    pub(super) fn wants_from(&self, position: usize) -> usize {
        let is_held = |start: &usize| position - start <= REWRITER_BYTES_MAX;
        let tag = self.tag.as_ref().and_then(|tag| tag.wants_from().into_iter().flatten().find(is_held));
        let is_near = |end: &usize| self.inserts.is_waiting() && position - end <= PAGE_END_BYTES_MAX;
        self.body_end.filter(is_near).or(tag).unwrap_or(position)
    }

    /// The page ends with `rest`; elements without an end tag end with it.
    pub(super) fn end(&mut self, scanner: &Scanner, rest: &[u8]) {
        let is_lost = self.selection.as_ref().is_some_and(Selection::is_lost);
        let inserts = std::mem::replace(&mut self.inserts, Inserts::new(&[]));
        let start = self.splicer.position();
        let is_end = |end: &usize| end.checked_sub(start).and_then(|at| rest.get(at..)).is_some_and(is_page_end);
        let last = scanner.is_between_tags().then_some(start + rest.len());
        let end = self.body_end.filter(is_end).or(last);
        let end = end.map(|at| EndPlace { at, holds_frame: self.elements.holds_frame() });
        for note in inserts.finish(end, is_lost, &mut self.splicer) {
            self.filler.note(note);
        }
        self.splicer.write(rest);
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
        let url = url.map(|url| self.with_query_in_utf8(url));
        if let Some(filled) = self.filled(kind, (embed, url.as_deref()), &[]) {
            let value = self.value_of(kind, &filled);
            self.splicer.push([edit(&value)]);
        }
    }

    /// A URL of the page whose query may have escapes of the page's charset.
    pub(super) fn with_query_in_utf8<'u>(&self, url: &'u str) -> Cow<'u, str> {
        let charset = self.charset.or(self.declared_charset).filter(|charset| *charset != UTF_8);
        match (charset, url.split_once('?')) {
            (Some(charset), Some((path, query))) => match in_utf8(query, charset) {
                Cow::Borrowed(_) => Cow::Borrowed(url),
                Cow::Owned(query) => Cow::Owned(format!("{path}?{query}")),
            },
            (_, _) => Cow::Borrowed(url),
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
