//! What goes into a slot: the signed URL where the mint table allows it, else the stable link.

use std::{collections::BTreeSet, sync::Arc};

use http::StatusCode;

use super::{FramePolicies, Heard, Landmarks, Note, SiteRewrite};
use crate::{
    embed::{
        Catalogue, Embed, EmbedTarget, MintOutcome, Organization, SigmaUrl, StableLink, Surface, View, Viewer, mint,
        mint_outcome,
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
    /// The `src` of an `iframe` or a `frame`.
    Frame,
    /// The `data` of an `object`, the `src` of an `embed`.
    Object,
    /// What may be followed later, or twice: the `href` of an `a`, the `action` of a form, a refresh.
    Anchor,
    /// A `Location` header.
    Location,
    /// A JSON string.
    Json,
}

impl SlotKind {
    /// Whether policies of a page of the origin `page` let it show `url` in such a slot.
    pub(super) fn is_let_in(self, policies: &FramePolicies, url: &str, page: &str) -> bool {
        match self {
            Self::Object => policies.may_object(url, page),
            Self::Frame | Self::Anchor | Self::Location | Self::Json => policies.may_frame(url, page),
        }
    }
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
    /// Values of controls that the slot brings along where it has no URL.
    pub(crate) controls: &'a [(String, String)],
    /// What the page lets into its frames; none where the slot is no frame.
    pub(crate) frames: Option<&'a FramePolicies>,
}

/// What goes into the slot.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    /// The stable link, as a path of the site.
    pub(crate) link: String,
    /// The signed URL, if one was minted: a bearer secret.
    pub(crate) signed: Option<Secret>,
}

/// Fills slots: [`Filler`], and doubles of it in tests.
pub(crate) trait SlotFiller: Send + 'static {
    /// Fills a slot; `None` leaves it as it is.
    fn fill(&mut self, wanted: &Wanted<'_>) -> Option<Filled>;
    /// Whether a frame may get a signed URL: asked before a page streams, when its slots are not known yet.
    fn may_sign_frames(&self) -> bool;
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
    /// Whether it was noted that the page does not let Sigma in, and that it leads to what is no embed.
    is_blocking_noted: bool,
    is_other_noted: bool,
    heard: Heard,
}

impl Filler {
    /// A filler for one answer.
    #[must_use]
    pub(crate) fn new(context: FillContext, stream: SeedStream) -> Self {
        let (unknown, heard) = (BTreeSet::new(), Heard::default());
        Self { context, stream, slots: 0, unknown, is_blocking_noted: false, is_other_noted: false, heard }
    }

    fn outcome(&self, kind: SlotKind) -> MintOutcome {
        let delivery = self.context.rewrite.delivery();
        let surface = match kind {
            SlotKind::Frame | SlotKind::Object => Surface::HtmlFrame(delivery),
            SlotKind::Anchor => Surface::HtmlAnchor(delivery),
            SlotKind::Location => Surface::Location(delivery),
            SlotKind::Json => Surface::Json(delivery),
        };
        mint_outcome(surface, &self.context.visit, self.context.status)
    }

    /// Which embed is wanted, and how it is to be looked at.
    fn find<'c>(&mut self, catalogue: &'c Catalogue, wanted: &Wanted<'_>) -> Option<(&'c Embed, View)> {
        let Some(name) = wanted.embed else {
            let found = catalogue.by_url(wanted.url?, self.context.rewrite.embeds());
            if found.is_none() && !self.is_other_noted && self.leads_to_another(catalogue, wanted) {
                self.is_other_noted = true;
                self.heard.notes.push(Note::NoEmbed);
            }
            return found;
        };
        let known = catalogue.by_name(name).filter(|_| self.context.rewrite.embeds().contains(name));
        let Some(embed) = known else {
            self.note_unknown(name);
            return None;
        };
        let at_url = wanted.url.and_then(|url| catalogue.by_url(url, [&embed.name]));
        let found = at_url.or_else(|| own_view(embed, wanted.controls).map(|view| (embed.as_ref(), view)));
        if found.is_none() {
            self.heard.notes.push(Note::NoDocument(embed.name.clone()));
        }
        found
    }

    /// Whether somebody may wonder why a slot is left that leads to no embed of the site: a frame of Sigma's shows nothing without one,
    /// and what leads on to Sigma may mean its help or its front page.
    fn leads_to_another(&self, catalogue: &Catalogue, wanted: &Wanted<'_>) -> bool {
        let leads = |url| match wanted.kind {
            SlotKind::Frame | SlotKind::Object => {
                catalogue.is_at_sigma(url, &self.context.rewrite.landmarks().site_origin)
            }
            SlotKind::Anchor | SlotKind::Location => catalogue.has_document_at(url),
            // It has a note of its own.
            SlotKind::Json => false,
        };
        wanted.url.is_some_and(leads)
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

    /// Counts a slot, if it is a frame or may get a signed URL; false at the limit.
    fn has_room(&mut self, kind: SlotKind, outcome: MintOutcome) -> bool {
        let is_counted = match kind {
            SlotKind::Frame | SlotKind::Object => true,
            SlotKind::Anchor | SlotKind::Location | SlotKind::Json => outcome == MintOutcome::Mint,
        };
        if !is_counted {
            return true;
        }
        self.slots += 1;
        if self.slots == SLOTS_MAX + 1 {
            self.heard.notes.push(Note::TooManySlots);
        }
        self.slots <= SLOTS_MAX
    }

    /// Mints for the viewer, if there is one with a grant; a refusal is noted, and the slot's link will explain it.
    fn mint(&mut self, catalogue: &Catalogue, (embed, view): (&Embed, &View), wanted: &Wanted<'_>) -> Option<Secret> {
        let viewer = self.context.viewer.as_ref()?;
        let organization = catalogue.organization_of(embed)?;
        let site = &self.context.rewrite.landmarks().site_origin;
        if wanted.frames.is_some_and(|frames| !wanted.kind.is_let_in(frames, &address(organization, view), site)) {
            if !std::mem::replace(&mut self.is_blocking_noted, true) {
                self.heard.notes.push(Note::CspBlocksSigma(embed.name.clone()));
            }
            return None;
        }
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

/// The address of a view at Sigma, without parameters.
fn address(organization: &Organization, view: &View) -> String {
    let path = SigmaUrl { slug: organization.slug.clone(), document: view.document.clone() };
    format!("{}{path}", organization.base_url.as_str().trim_end_matches('/'))
}

/// The view of an embed that shows one document.
fn own_view(embed: &Embed, controls: &[(String, String)]) -> Option<View> {
    match &embed.target {
        EmbedTarget::One(url) => Some(View { document: url.document.clone(), controls: controls.to_vec() }),
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
        if !self.has_room(wanted.kind, outcome) {
            return None;
        }
        let signed = match outcome {
            MintOutcome::Mint => self.mint(catalogue, (embed, &view), wanted),
            MintOutcome::Link | MintOutcome::Untouched => None,
        };
        let link = StableLink::of(embed, &view).path(&rewrite.landmarks().sigma_prefix);
        Some(Filled { link, signed })
    }

    fn may_sign_frames(&self) -> bool {
        self.context.viewer.is_some() && self.outcome(SlotKind::Frame) == MintOutcome::Mint
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
