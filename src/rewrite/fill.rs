//! What goes into a slot: the signed URL where the mint table allows it, else the stable link.

use std::{collections::BTreeSet, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;

use super::{Heard, Landmarks, Note, SiteRewrite};
use crate::{
    embed::{
        Catalogue, Embed, EmbedName, EmbedTarget, MintOutcome, StableLink, Surface, View, Viewer, mint, mint_outcome,
    },
    limits::SLOTS_MAX,
    name::Name,
    request::Visit,
    secret::Secret,
    seed::SeedStream,
    time::UnixSeconds,
};

/// Where a slot is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlotKind {
    /// The `src` of an `iframe`.
    Frame,
    /// The `href` of an `a`.
    Anchor,
    /// A `Location` header.
    Location,
    /// A JSON string.
    Json,
}

/// What a slot asks for: an embed by name, a Sigma URL, or both.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Where the slot is.
    pub(crate) kind: SlotKind,
    /// The name in `data-sigma-embed`.
    pub(crate) embed: Option<&'a str>,
    /// The URL that is there now, decoded.
    pub(crate) url: Option<&'a str>,
}

/// What goes into the slot.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    /// The embed.
    pub(crate) embed: EmbedName,
    /// The stable link, as a path of the site.
    pub(crate) link: String,
    /// The signed URL, if one was minted: a bearer secret.
    pub(crate) signed: Option<Secret>,
}

/// Fills slots: [`Filler`], and doubles of it in tests.
pub(crate) trait SlotFiller: Send + 'static {
    /// Fills a slot; `None` leaves it as it is.
    fn fill(&mut self, wanted: &Wanted<'_>) -> Option<Filled>;
    /// A fresh random `name` for a frame.
    fn frame_name(&mut self) -> String;
    /// Keeps a note for the log.
    fn note(&mut self, note: Note);
    /// From now on slots get their links: what the viewer was granted may not stand any more.
    fn stop_minting(&mut self);
    /// What was minted and noted so far; it is given once.
    fn take_heard(&mut self) -> Heard;
    /// What pages of the site are searched for and linked with.
    fn landmarks(&self) -> &Arc<Landmarks>;
}

/// Who asks for an answer, how, and what its site may show.
#[derive(Debug, Clone)]
pub(crate) struct FillContext {
    /// The site's settings, its embeds among them.
    pub(crate) rewrite: Arc<SiteRewrite>,
    /// Who is looking; `None`: nobody is signed in, so every slot gets its link.
    pub(crate) viewer: Option<Viewer>,
    /// The visit.
    pub(crate) visit: Visit,
    /// The status of the host application's answer.
    pub(crate) status: StatusCode,
    /// The time of the request.
    pub(crate) now: UnixSeconds,
}

/// Fills the slots of one answer.
#[derive(Debug)]
pub(crate) struct Filler {
    context: FillContext,
    stream: SeedStream,
    slots: usize,
    unknown: BTreeSet<String>,
    heard: Heard,
}

impl Filler {
    /// A filler for one answer.
    #[must_use]
    pub(crate) fn new(context: FillContext, stream: SeedStream) -> Self {
        Self { context, stream, slots: 0, unknown: BTreeSet::new(), heard: Heard::default() }
    }

    /// Whether a frame of this answer may get a signed URL: asked before a page streams, when its slots are not known yet.
    #[must_use]
    pub(crate) fn may_sign_frames(&self) -> bool {
        self.context.viewer.is_some() && self.outcome(SlotKind::Frame) == MintOutcome::Mint
    }

    fn outcome(&self, kind: SlotKind) -> MintOutcome {
        let delivery = self.context.rewrite.delivery();
        let surface = match kind {
            SlotKind::Frame => Surface::HtmlFrame(delivery),
            SlotKind::Anchor => Surface::HtmlAnchor(delivery),
            SlotKind::Location => Surface::Location(delivery),
            SlotKind::Json => Surface::Json(delivery),
        };
        mint_outcome(surface, &self.context.visit, self.context.status)
    }

    /// Which embed is wanted, and how it is to be looked at.
    fn find<'c>(&mut self, catalogue: &'c Catalogue, wanted: &Wanted<'_>) -> Option<(&'c Embed, View)> {
        let Some(name) = wanted.embed else {
            return catalogue.by_url(wanted.url?, self.context.rewrite.embeds());
        };
        let known = catalogue.by_name(name).filter(|_| self.context.rewrite.embeds().contains(name));
        let Some(embed) = known else {
            self.note_unknown(name);
            return None;
        };
        let at_url = wanted.url.and_then(|url| catalogue.by_url(url, [&embed.name]));
        let found = at_url.or_else(|| own_view(embed).map(|view| (embed.as_ref(), view)));
        if found.is_none() {
            self.heard.notes.push(Note::NoDocument(embed.name.clone()));
        }
        found
    }

    fn note_unknown(&mut self, name: &str) {
        // A page may hold anything there, a token too: only what could be a name is written down.
        let name = match Name::parse(name) {
            Ok(name) => name.to_string(),
            Err(_) => format!("({} bytes that are no name)", name.len()),
        };
        if self.unknown.len() < SLOTS_MAX && self.unknown.insert(name.clone()) {
            self.heard.notes.push(Note::UnknownEmbed(name));
        }
    }

    /// Counts a slot; false at the limit.
    fn has_room(&mut self) -> bool {
        self.slots += 1;
        if self.slots == SLOTS_MAX + 1 {
            self.heard.notes.push(Note::TooManySlots);
        }
        self.slots <= SLOTS_MAX
    }

    /// Mints for the viewer, if there is one with a grant; a refusal is noted, and the slot's link will explain it.
    fn mint(&mut self, catalogue: &Catalogue, embed: &Embed, view: &View) -> Option<Secret> {
        let viewer = self.context.viewer.as_ref()?;
        let organization = catalogue.organization_of(embed)?;
        match mint(organization, embed, view, viewer, &mut self.stream, self.context.now) {
            Ok(minted) => {
                self.heard.records.push(minted.record);
                Some(Secret::new(minted.url.expose().to_owned()))
            }
            Err(error) => {
                self.heard.notes.push(Note::MintRefused(embed.name.clone(), error.reason()));
                None
            }
        }
    }
}

/// The view of an embed that shows one document.
fn own_view(embed: &Embed) -> Option<View> {
    match &embed.target {
        EmbedTarget::One(url) => Some(View { document: url.document.clone(), controls: Vec::new() }),
        EmbedTarget::AnyWorkbook(_) => None,
    }
}

impl SlotFiller for Filler {
    fn fill(&mut self, wanted: &Wanted<'_>) -> Option<Filled> {
        let outcome = self.outcome(wanted.kind);
        if outcome == MintOutcome::Untouched {
            return None;
        }
        let rewrite = Arc::clone(&self.context.rewrite);
        let catalogue = rewrite.catalogue();
        let (embed, view) = self.find(catalogue, wanted)?;
        if !self.has_room() {
            return None;
        }
        let signed = match outcome {
            MintOutcome::Mint => self.mint(catalogue, embed, &view),
            MintOutcome::Link | MintOutcome::Untouched => None,
        };
        let link = StableLink::of(embed, &view).path(&rewrite.landmarks().sigma_prefix);
        Some(Filled { embed: embed.name.clone(), link, signed })
    }

    fn frame_name(&mut self) -> String {
        format!("sg-{}", URL_SAFE_NO_PAD.encode(self.stream.bytes::<12>()))
    }

    fn note(&mut self, note: Note) {
        self.heard.notes.push(note);
    }

    fn stop_minting(&mut self) {
        self.context.viewer = None;
    }

    fn take_heard(&mut self) -> Heard {
        std::mem::take(&mut self.heard)
    }

    fn landmarks(&self) -> &Arc<Landmarks> {
        self.context.rewrite.landmarks()
    }
}
