//! Fills slots with text that can be found again.

use std::sync::{Arc, LazyLock};

use crate::{
    rewrite::{Filled, Heard, Landmarks, Note, SlotFiller, SlotKind, Wanted},
    secret::Secret,
};

/// Knows one embed, `revenue`, and every URL with `sigma.test` as one of its.
pub(super) struct MarkingFiller {
    is_signing: bool,
    notes: Vec<Note>,
}

static LANDMARKS: LazyLock<Arc<Landmarks>> = LazyLock::new(|| {
    let (prefix, origin) = (MarkingFiller::PREFIX.to_owned(), MarkingFiller::ORIGIN.to_owned());
    Arc::new(Landmarks::new(prefix, origin, &[format!("https://{}", MarkingFiller::HOST)]))
});

impl MarkingFiller {
    /// In everything that it puts into a page, but in no page that it is given.
    pub(super) const MARK: &str = "mark-";
    /// The host of the Sigma URLs.
    pub(super) const HOST: &str = "sigma.test";
    /// The origin of the site.
    pub(super) const ORIGIN: &str = "https://mark-site.test";
    /// The prefix of our own paths.
    pub(super) const PREFIX: &str = "/mark-sigma";
    /// The stable link.
    pub(super) const LINK: &str = "/mark-sigma/link";
    /// The signed URL.
    pub(super) const SIGNED: &str = "https://mark-signed.test/?:jwt=1";

    pub(super) const fn linking() -> Self {
        Self { is_signing: false, notes: Vec::new() }
    }

    pub(super) fn signing() -> Self {
        Self { is_signing: true, ..Self::linking() }
    }
}

impl SlotFiller for MarkingFiller {
    fn fill(&mut self, wanted: &Wanted<'_>) -> Option<Filled> {
        let is_url = wanted.url.is_some_and(|url| url.contains(Self::HOST));
        let is_signed = self.is_signing && wanted.kind != SlotKind::Anchor;
        wanted.embed.map_or(is_url, |name| name == "revenue").then(|| Filled {
            link: Self::LINK.to_owned(),
            signed: is_signed.then(|| Secret::new(Self::SIGNED.to_owned())),
        })
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
        &LANDMARKS
    }
}
