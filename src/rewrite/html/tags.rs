//! What the tags of a page begin and end, and which of them are slots.

use std::borrow::Cow;

use memchr::memmem;

use super::{
    inserts::{EndPlace, Holder},
    selected::UNNAMED,
    slot_tags::{FormMethod, SlotTag, Tag},
    state::{PagePart, PageState},
};
use crate::{
    limits::ATTRIBUTE_BYTES_MAX,
    rewrite::{
        Insert, SlotFiller, SlotKind,
        markup::{Attribute, MarkupName, Scanner, Space, StartTag, Token, entities, names},
        media::charset,
    },
};

impl<F: SlotFiller> PageState<F> {
    /// Takes the next token of the page, which is in this part.
    #[inline]
    pub(super) fn token(&mut self, token: Token, part: PagePart<'_>, scanner: &mut Scanner) {
        match token {
            Token::Doctype { is_quirky } => self.elements.doctype(is_quirky),
            Token::Text => self.elements.text(),
            Token::XmlDeclaration { at } => self.declared(part.get(at).unwrap_or_default()),
            Token::TagName { name, is_end: true, start, close, .. } => {
                scanner.skip_attributes();
                (self.tag, self.plain) = (None, None);
                self.body_end = if [names::BODY, names::HTML].contains(&name) && !self.is_xml {
                    self.body_end.or(Some(start))
                } else {
                    None
                };
                if name == names::FORM && !self.elements.is_in_template() {
                    self.form = None;
                }
                let place = self.inserts.is_waiting().then(|| self.end_place(start));
                self.elements.end(name);
                place.into_iter().for_each(|place| self.elements_ended(place));
                if close.is_some() {
                    scanner.set_cdata(self.elements.has_cdata());
                }
            }
            Token::TagName { name, is_end: false, start, end, close } => {
                self.start(name, (start, end), part, scanner);
                if let Some(end) = close {
                    self.over((end, None), scanner);
                }
            }
            Token::Attribute(attribute) => self.attribute(&attribute, part),
            Token::Close { end, slash } => self.over((end, slash), scanner),
        }
    }

    /// The tag is over.
    #[inline]
    fn over(&mut self, place: (usize, Option<usize>), scanner: &mut Scanner) {
        if let Some(element) = self.plain.take() {
            self.open(&element, scanner);
        } else if let Some(tag) = self.tag.take() {
            self.close(&tag, place, scanner);
        }
        scanner.set_cdata(self.elements.has_cdata());
    }

    #[inline]
    fn start(&mut self, name: MarkupName, (start, end): (usize, usize), part: PagePart<'_>, scanner: &mut Scanner) {
        self.body_end = None;
        let place = self.inserts.is_waiting().then(|| self.end_place(start));
        let mut element = self.elements.start(name);
        let space = element.space;
        place.into_iter().for_each(|place| self.elements_ended(place));
        element.is_custom = part.get(start + 1..end).is_some_and(|name| name.contains(&b'-'));
        let slot = SlotTag::of(name, space, self.has_parts);
        let is_slot = |slot: &SlotTag| (self.is_xml || self.shows(*slot, space)) && self.is_here(*slot);
        let slot = slot.filter(|slot| !element.is_dropped() && is_slot(slot));
        if let Some(selection) = &mut self.selection {
            selection.start(part.get(start + 1..end).unwrap_or(UNNAMED), self.elements.innermost());
        } else if slot.is_none() && !self.is_xml && space == Space::Html && name != names::TEMPLATE {
            scanner.skip_attributes();
            (self.tag, self.plain) = (None, Some(element));
            return;
        }
        (self.tag, self.plain) = (Some(Tag::new(element, slot, (start, end))), None);
    }

    #[inline]
    fn attribute(&mut self, attribute: &Attribute, part: PagePart<'_>) {
        let value = attribute.value.clone().map(|place| part.get(place));
        if let (Some(selection), Some(name)) = (&mut self.selection, part.get(attribute.name_at.clone())) {
            let value = value.unwrap_or(Some(b""));
            // In XML a name has its case, and those that selectors ask for are in lower case.
            let is_known = !(self.is_xml && name.iter().any(u8::is_ascii_uppercase));
            value.filter(|_| is_known).into_iter().for_each(|value| selection.attribute(name, &meant(value)));
        }
        let Some(tag) = &mut self.tag else { return };
        if attribute.name == names::SIGMA_EMBED && tag.embed.is_none() {
            let quote = attribute.value.as_ref().and_then(|at| part.get(at.start - 1..at.start));
            tag.has_single_quotes = quote == Some(b"'");
        }
        let charset = self.charset.or(self.declared_charset);
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
                Some(entities::decode(&charset::text(value, charset)).into_owned())
            }
        });
        if let (Some(SlotTag::Meta), Some(url), Some(Some(value))) = (tag.slot, &mut tag.url, value) {
            let is_it = url.value == attribute.value;
            url.is_as_written |= is_it && url.text.as_ref().is_some_and(|text| text.as_bytes() == value);
        }
    }

    #[inline]
    fn close(&mut self, tag: &Tag, (end, slash): (usize, Option<usize>), scanner: &mut Scanner) {
        let mut element = tag.element;
        (element.closes_itself, element.is_shadow) = (slash.is_some(), tag.shadow == Some(true));
        if let (true, Some(space)) = (self.is_xml, tag.xmlns) {
            element.space = space;
        }
        if tag.holds_html {
            element.space = Space::Point;
        } else if tag.breaks_out && element.space != Space::Html && !self.is_xml {
            self.elements.leave_foreign();
            element.space = Space::Html;
        }
        if let Some(slot) = tag.slot.filter(|slot| self.shows(*slot, element.space)) {
            self.slot(slot, tag, slash.unwrap_or(end - 1));
        }
        let is_shown = self.is_open(element.space);
        let serial = self.open(&element, scanner);
        if self.selection.is_some() {
            let closes_itself = slash.is_some() && element.space != Space::Html;
            self.select((element.name, serial), (end, slash), (is_shown, closes_itself));
        }
    }

    /// The start tag is over.
    fn open(&mut self, element: &StartTag, scanner: &mut Scanner) -> Option<u32> {
        let serial = self.elements.push(element);
        if self.elements.is_raw(element) {
            scanner.enter_raw(element.name);
        }
        serial
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

    /// Where elements end at a tag that starts at `at`, and is not looked at yet.
    fn end_place(&self, at: usize) -> EndPlace {
        EndPlace { at, holds_frame: self.elements.holds_frame() }
    }

    /// A tag may have ended elements of inserts.
    fn elements_ended(&mut self, place: EndPlace) {
        if let Some(lost) = self.inserts.end(&self.elements, place, &mut self.splicer) {
            self.filler.note(lost);
        }
    }

    /// Whether browsers show a frame that stands in such an element here.
    fn is_open(&self, space: Space) -> bool {
        space == Space::Html && self.elements.holds_frame() && !self.inserts.is_replacing()
    }

    /// Whether browsers show such a slot in what is here.
    fn shows(&self, slot: SlotTag, space: Space) -> bool {
        let of_slot = match slot {
            SlotTag::SvgLink => Space::Svg,
            SlotTag::Redirect => Space::Other,
            SlotTag::Frame
            | SlotTag::FrameOfSet
            | SlotTag::Object
            | SlotTag::Embed
            | SlotTag::Link
            | SlotTag::Form
            | SlotTag::Button
            | SlotTag::Meta
            | SlotTag::Base => Space::Html,
        };
        space == of_slot && self.is_shown()
    }

    fn is_shown(&self) -> bool {
        !self.elements.is_in_template() && !self.inserts.is_replacing()
    }

    /// Browsers know a `frame` only in a frameset, and there nothing else.
    fn is_here(&self, slot: SlotTag) -> bool {
        let is_in_frameset = self.elements.is_in_frameset();
        match slot {
            SlotTag::FrameOfSet => is_in_frameset || self.is_xml,
            SlotTag::Redirect => true,
            SlotTag::Frame
            | SlotTag::Object
            | SlotTag::Embed
            | SlotTag::Link
            | SlotTag::SvgLink
            | SlotTag::Form
            | SlotTag::Button
            | SlotTag::Meta
            | SlotTag::Base => !self.elements.is_frameset_page(),
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
            SlotTag::Link | SlotTag::SvgLink | SlotTag::Redirect => self.fill(SlotKind::Anchor, slot, tag, last),
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
}

/// An attribute's value without references, as far as the page's charset does not matter.
fn meant(value: &[u8]) -> Cow<'_, [u8]> {
    let text = std::str::from_utf8(value).ok().filter(|text| text.contains('&')).map(entities::decode);
    match text.filter(|text| text.is_ascii()) {
        Some(text) => Cow::Owned(text.into_owned().into_bytes()),
        None => Cow::Borrowed(value),
    }
}
