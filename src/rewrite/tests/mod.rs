//! Tests of whole answers, with a double in place of the embeds.

mod filler;
mod fixtures;
mod held;
mod html;
mod json;
mod plan;
mod properties;

use super::{Filled, Note, SlotFiller, SlotKind, Wanted};
use crate::{embed::EmbedName, secret::Secret};

/// Knows one embed, `revenue`, whose URL is `https://sigma.test/acme/workbook/R-1`.
#[derive(Debug, Default)]
pub(super) struct Double {
    is_signing: bool,
    minted: usize,
    named: usize,
    pub(super) notes: Vec<Note>,
}

impl Double {
    pub(super) fn linking() -> Self {
        Self::default()
    }

    pub(super) fn signing() -> Self {
        Self { is_signing: true, ..Self::default() }
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
        let is_minted = self.is_signing && wanted.kind != SlotKind::Anchor;
        self.minted += usize::from(is_minted);
        let url = format!("https://sigma.test/acme/workbook/R-1?:jwt={}&:embed=true", self.minted);
        Some(Filled {
            embed: EmbedName::parse("revenue").unwrap(),
            link: "/sigma/embed/revenue".to_owned(),
            signed: is_minted.then(|| Secret::new(url)),
        })
    }

    fn frame_name(&mut self) -> String {
        self.named += 1;
        format!("sg-{}", self.named)
    }

    fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    fn sigma_prefix(&self) -> &'static str {
        "/sigma"
    }

    fn site_origin(&self) -> &'static str {
        "https://crm.test"
    }

    fn sigma_origins(&self) -> Vec<String> {
        vec!["https://sigma.test".to_owned()]
    }
}
