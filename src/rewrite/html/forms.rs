//! How the forms of a page are sent: what is sent by POST no link takes.

use super::{
    slot_tags::{FormMethod, SlotTag, Tag},
    state::PageState,
};
use crate::rewrite::{Note, SlotFiller, SlotKind};

impl<F: SlotFiller> PageState<F> {
    /// Fills what a form or button leads to, if it leads there by GET. Of a form that is sent by POST Sigma's own page was to become
    /// of; a link takes no POST, and what is in such a form belongs in no URL.
    pub(super) fn send(&mut self, method: FormMethod, slot: SlotTag, tag: &Tag, last: usize) {
        match method {
            FormMethod::Get => self.fill(SlotKind::Anchor, slot, tag, last),
            FormMethod::Dialog => {}
            FormMethod::Post => {
                let url = tag.url.as_ref().and_then(|url| url.text.as_deref());
                let is_embed = tag.embed.is_some() && slot == SlotTag::Form;
                let leads = is_embed || url.is_some_and(|url| self.landmarks.may_lead_to_sigma(url));
                if leads && !std::mem::replace(&mut self.is_post_noted, true) {
                    self.filler.note(Note::FormPosts);
                }
            }
        }
    }
}
