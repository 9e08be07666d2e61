//! What the `<meta>` elements of a page say: policies, its charset, a refresh.

use encoding_rs::Encoding;

use super::{
    slot_tags::{Tag, UrlPlace},
    splice::{Edit, EditText},
    state::PageState,
};
use crate::rewrite::{
    Note, SlotFiller, SlotKind, Untouched,
    markup::entities,
    media::{charset, content_type},
    meta,
};

impl<F: SlotFiller> PageState<F> {
    /// Browsers take a policy in the head only (HTML 4.2.5.3).
    pub(super) fn meta(&mut self, tag: &Tag) {
        let content = tag.url.as_ref();
        // What reads XML does not look for one there.
        if let Some(label) = tag.charset.as_ref().filter(|_| !self.is_xml) {
            self.set_charset(label);
        }
        match (tag.http_equiv.as_deref(), content) {
            (Some("content-security-policy"), Some(content)) if !self.elements.is_in_body() => {
                self.policies.add_meta(content.text.as_deref().unwrap_or("frame-src 'none'; object-src 'none'"));
            }
            (Some("content-type"), Some(UrlPlace { text: Some(content), .. })) => {
                if let Some(label) = meta::charset_label(content).filter(|_| !self.is_xml) {
                    self.set_charset(label);
                }
            }
            (Some("refresh"), Some(content)) => self.refresh(content),
            (_, _) => {}
        }
    }

    /// The page's own charset counts where the answer names none.
    fn set_charset(&mut self, label: &str) {
        if self.charset.is_none() && content_type::ends_reading(label) {
            self.lost = Some(Untouched::Charset);
        }
        self.charset =
            self.charset.or_else(|| Encoding::for_label(label.as_bytes()).filter(|it| it.is_ascii_compatible()));
    }

    /// The same of an XML declaration, which pages of HTML may have too.
    pub(super) fn declared(&mut self, declaration: &[u8]) {
        let Some(label) = charset::of_declaration(declaration) else { return };
        if self.charset.is_none() && content_type::ends_reading(label) {
            self.lost = Some(Untouched::Charset);
        }
        self.declared_charset = Encoding::for_label(label.as_bytes()).filter(|it| it.is_ascii_compatible());
    }

    fn refresh(&mut self, content: &UrlPlace) {
        let (Some(text), Some(value)) = (&content.text, &content.value) else { return };
        let Some(place) =
            meta::refresh_url(text).filter(|place| self.landmarks.may_lead_to_sigma(&text[place.clone()]))
        else {
            return;
        };
        if value.start < self.splicer.position() {
            return self.filler.note(Note::SlotTooLong);
        }
        let url = self.with_query_in_utf8(&text[place.clone()]);
        if let Some(filled) = self.filled(SlotKind::Anchor, (None, Some(&url)), &[]) {
            let url = self.value_of(SlotKind::Anchor, &filled);
            self.splicer.push([if content.is_as_written {
                let (start, end) = (value.start + place.start, value.start + place.end);
                Edit { start, end, text: EditText::Markup(url) }
            } else {
                let (before, behind) = (entities::encode(&text[..place.start]), entities::encode(&text[place.end..]));
                Edit { start: value.start, end: value.end, text: EditText::Value(format!("{before}{url}{behind}")) }
            }]);
        }
    }
}
