//! Tests of whole answers, with a double in place of the embeds.

mod bounds;
mod codec;
pub(super) mod codings;
mod csp;
mod filler;
mod fixtures;
mod forgiving;
mod held;
pub(super) mod html;
mod inserts;
mod json;
mod legacy;
mod parts;
mod plan;
mod properties;
mod tree_builder;

use std::sync::Arc;

use super::{Filled, Heard, Landmarks, Note, SlotFiller, SlotKind, Wanted};
use crate::secret::Secret;

const URL: &str = "https://sigma.test/acme/workbook/R-1";

/// Knows one embed, `revenue`, whose URL is `https://sigma.test/acme/workbook/R-1`.
#[derive(Debug)]
pub(super) struct Double {
    is_signing: bool,
    minted: usize,
    notes: Vec<Note>,
    landmarks: Arc<Landmarks>,
}

impl Double {
    pub(super) fn linking() -> Self {
        let (prefix, site, sigma) = ("/sigma", "https://crm.test", "https://sigma.test");
        let landmarks = Landmarks::new(prefix.to_owned(), site.to_owned(), &[sigma.to_owned()]);
        Self { is_signing: false, minted: 0, notes: Vec::new(), landmarks: Arc::new(landmarks) }
    }

    pub(super) fn signing() -> Self {
        Self { is_signing: true, ..Self::linking() }
    }
}

impl SlotFiller for Double {
    fn fill(&mut self, wanted: &Wanted<'_>) -> Option<Filled> {
        let is_url = wanted.url.is_some_and(|url| url.trim().starts_with("https://sigma.test/acme/workbook/R-1"));
        let is_revenue = wanted.embed.map_or(is_url, |name| name == "revenue");
        if !is_revenue {
            if let Some(name) = wanted.embed {
                self.notes.push(Note::UnknownEmbed(name.to_owned()));
            }
            return None;
        }
        let is_let_in =
            wanted.frames.is_none_or(|frames| wanted.kind.is_let_in(frames, URL, &self.landmarks.site_origin));
        let is_minted = self.is_signing && wanted.kind != SlotKind::Anchor && is_let_in;
        self.minted += usize::from(is_minted);
        let url = format!("https://sigma.test/acme/workbook/R-1?:jwt={}&:embed=true", self.minted);
        Some(Filled { link: "/sigma/embed/revenue".to_owned(), signed: is_minted.then(|| Secret::new(url)) })
    }

    fn may_sign_frames(&self) -> bool {
        self.is_signing
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    fn stop_minting(&mut self) {
        self.is_signing = false;
    }

    fn take_heard(&mut self) -> Heard {
        Heard { records: Vec::new(), notes: std::mem::take(&mut self.notes) }
    }

    fn landmarks(&self) -> &Arc<Landmarks> {
        &self.landmarks
    }
}
