//! Answers that are looked through before their head is sent: short pages, and JSON. Without a slot they keep every byte.

pub(super) mod original;
mod scan;
mod text;

use bytes::Bytes;

use self::{
    original::{Original, Overflow},
    scan::{Scan, Sight},
    text::WholeText,
};
use crate::{
    limits::{HELD_DECODED_BYTES_MAX, HELD_PAGE_BYTES_MAX, JSON_BYTES_MAX, PARTS_BYTES_MAX},
    rewrite::{
        Change, Coding, DoubtfulPlan, Filler, Heard, HtmlPlan, HtmlSettings, JsonPlan, Minting, Note, PageBody,
        PageMark, PageScript, SlotFiller, Step, Stepped, Syntax, Untouched, json,
        media::{
            codec::Decoder,
            sniff::{self, SNIFFED_BYTES},
        },
        parts::delta,
    },
};

/// A body that is held: push all of it, then [`step`](Self::step) until the answer is known.
pub(crate) struct HeldBody<F: SlotFiller = Filler> {
    original: Original,
    stage: Stage<F>,
    /// Whether a script asked for what a rule names, and it is called a page: what is no JSON is worth a note.
    is_of_rule: bool,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeldStep {
    /// There is more to do.
    Again,
    /// This is the answer.
    Done(HeldAnswer),
}

/// What becomes of a held body. Its `Debug` shows no byte of it: there may be signed URLs in it, and it is somebody's
/// page.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum HeldAnswer {
    /// It goes out as it came, with its own head.
    Original(Bytes),
    /// It was rewritten; the head has to say so ([`change_head`](super::change_head)).
    Changed {
        /// The new body, coded as the old one was.
        body: Bytes,
        /// What was done.
        change: Change,
    },
}

impl std::fmt::Debug for HeldAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Original(body) => write!(f, "Original({} bytes)", body.len()),
            Self::Changed { body, change } => write!(f, "Changed({} bytes, {change:?})", body.len()),
        }
    }
}

/// How a body goes on that is not held to its end, and what came of it so far.
pub(crate) enum Onward<F: SlotFiller = Filler> {
    /// A page: rewritten as it streams, from its first byte.
    Page(Box<PageBody<F>>, Bytes),
    /// Anything else, as it came, with a note that says why.
    Original(Bytes, Heard),
}

/// The stages own what the next one needs; a stage is taken out to become the next.
enum Stage<F: SlotFiller> {
    Doubt(Box<DoubtfulPlan>, F),
    Scan(Box<Scan>, HtmlSettings, F),
    Rewrite(Box<PageBody<F>>, Vec<u8>),
    Decode(Coding, WholeText, F),
    Other,
    Over,
}

impl<F: SlotFiller> HeldBody<F> {
    /// A page of at most [`HELD_PAGE_BYTES_MAX`] bytes.
    #[must_use]
    pub(crate) fn page(plan: HtmlPlan, filler: F) -> Self {
        let scan = Box::new(Scan::new(plan.coding, plan.settings.charset));
        let stage = Stage::Scan(scan, plan.settings, filler);
        Self { original: Original::new(HELD_PAGE_BYTES_MAX), stage, is_of_rule: false }
    }

    /// JSON of at most [`JSON_BYTES_MAX`] bytes.
    #[must_use]
    pub(crate) fn json(plan: JsonPlan, filler: F) -> Self {
        let stage = Stage::Decode(plan.coding, WholeText::Json(plan.paths), filler);
        Self { original: Original::new(JSON_BYTES_MAX), stage, is_of_rule: false }
    }

    /// A body whose first bytes say what it is.
    #[must_use]
    pub(crate) fn doubtful(plan: DoubtfulPlan, filler: F) -> Self {
        let bytes_max = match plan.page {
            Some((_, PageMark::Parts | PageMark::Delta)) => PARTS_BYTES_MAX,
            Some((_, PageMark::Certain | PageMark::Sniffed { .. })) => HELD_PAGE_BYTES_MAX,
            None => JSON_BYTES_MAX,
        };
        let is_fetched = plan.page.as_ref().is_some_and(|(page, _)| page.settings.may_be_json);
        let is_of_rule = is_fetched && plan.json.is_some();
        Self { original: Original::new(bytes_max), stage: Stage::Doubt(Box::new(plan), filler), is_of_rule }
    }

    /// The longest that it may be.
    #[must_use]
    pub(crate) const fn bytes_max(&self) -> usize {
        self.original.bytes_max()
    }

    /// The host application says how long it is.
    pub(crate) fn expect(&mut self, bytes: u64) {
        self.original.expect(bytes);
    }

    /// Takes the next chunk of the host application's answer.
    ///
    /// # Errors
    /// Over the limit; the chunk has been kept all the same.
    pub(crate) fn push(&mut self, chunk: &[u8]) -> Result<(), Overflow> {
        self.original.push(chunk)
    }

    /// Whether nobody has a use for it before its end, as far as it has come.
    #[must_use]
    pub(crate) fn is_wanted_whole(&self) -> bool {
        let Stage::Doubt(plan, _) = &self.stage else { return false };
        let Some((page, mark)) = &plan.page else { return false };
        let first = beginning(page.coding, &self.original);
        match mark {
            PageMark::Parts => sniff::has_parts(&first),
            PageMark::Delta => delta::begins(&first),
            PageMark::Certain | PageMark::Sniffed { .. } => false,
        }
    }

    /// Gives up holding it.
    #[must_use]
    pub(crate) fn into_onward(self) -> Onward<F> {
        let why = if self.original.is_over() { Untouched::TooLarge } else { Untouched::Slow };
        let stage = match self.stage {
            Stage::Doubt(plan, filler) => settled(*plan, (&self.original, false), filler),
            stage @ (Stage::Scan(..) | Stage::Rewrite(..) | Stage::Decode(..) | Stage::Other | Stage::Over) => stage,
        };
        let original = self.original.into_bytes();
        match stage {
            Stage::Scan(scan, settings, filler) => {
                Onward::Page(Box::new(PageBody::new(scan.coding, &settings, filler)), original)
            }
            Stage::Other if !original.is_empty() => Onward::Original(original, Heard::default()),
            Stage::Doubt(..) | Stage::Rewrite(..) | Stage::Decode(..) | Stage::Other | Stage::Over => {
                Onward::Original(original, Heard::note(Note::NotRewritten(why)))
            }
        }
    }

    /// What holding this body takes from now on, in KiB: the whole of it is there.
    #[must_use]
    pub(crate) fn room(&self) -> u32 {
        room_for(Some(self.original.len() as u64))
    }

    /// Works on the whole body; a bounded amount per call, except for what is read at once ([`WholeText`]).
    /// What is minted and noted in a step is given with it.
    pub(crate) fn step(&mut self, minting: Minting) -> Stepped<HeldStep> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Doubt(plan, filler) => {
                self.stage = settled(*plan, (&self.original, true), filler);
                Stepped { step: HeldStep::Again, heard: Heard::default() }
            }
            Stage::Scan(scan, settings, filler) => self.scan(scan, settings, filler),
            Stage::Rewrite(page, out) => self.rewrite(page, out, minting),
            Stage::Decode(coding, text, mut filler) => {
                if minting == Minting::Stopped {
                    filler.stop_minting();
                }
                self.decode(coding, &text, filler)
            }
            Stage::Other | Stage::Over => self.keep(Heard::default()),
        }
    }

    fn scan(&mut self, mut scan: Box<Scan>, settings: HtmlSettings, filler: F) -> Stepped<HeldStep> {
        let is_changed_anyway = !settings.inserts.is_empty() || matches!(settings.script, PageScript::Tag(_));
        let sight = if is_changed_anyway && scan.is_plain() {
            Sight::Marker { quiet_from: None }
        } else {
            scan.look(filler.landmarks(), &self.original)
        };
        match sight {
            Sight::Again => self.stage = Stage::Scan(scan, settings, filler),
            Sight::Nothing if is_changed_anyway => self.begin(scan.coding, Some(0), &settings, filler),
            Sight::Untouched(_) if is_changed_anyway => self.begin(scan.coding, None, &settings, filler),
            Sight::Nothing => return self.keep(settings.script.note().map(Heard::note).unwrap_or_default()),
            Sight::Untouched(why) => return self.keep(Heard::note(Note::NotRewritten(why))),
            Sight::Marker { quiet_from } => self.begin(scan.coding, quiet_from, &settings, filler),
        }
        Stepped { step: HeldStep::Again, heard: Heard::default() }
    }

    /// The page is read from now on.
    fn begin(&mut self, coding: Coding, quiet_from: Option<usize>, settings: &HtmlSettings, filler: F) {
        let mut page = Box::new(PageBody::new(coding, settings, filler));
        page.push(Bytes::copy_from_slice(&self.original));
        page.finish_input();
        if let Some(quiet_from) = quiet_from {
            page.expect_nothing_from(quiet_from as u64);
        }
        self.stage = Stage::Rewrite(page, Vec::with_capacity(self.original.len() + 1024));
    }

    fn rewrite(&mut self, mut page: Box<PageBody<F>>, mut out: Vec<u8>, minting: Minting) -> Stepped<HeldStep> {
        let Stepped { step, mut heard } = page.step(&mut out, minting);
        match step {
            Ok(Step::Again) if is_beyond(&page, &out, &self.original) => {
                // Beyond it the page has said so itself.
                if !page.is_beyond_ratio() {
                    heard.notes.push(Note::NotRewritten(Untouched::Ratio));
                }
                self.keep(heard)
            }
            Ok(Step::Again) => {
                self.stage = Stage::Rewrite(page, out);
                Stepped { step: HeldStep::Again, heard }
            }
            Ok(Step::NeedsInput | Step::Done) if page.is_changed() => {
                let answer = HeldAnswer::Changed { body: out.into(), change: page.change() };
                Stepped { step: HeldStep::Done(answer), heard }
            }
            Ok(Step::NeedsInput | Step::Done) if self.is_of_rule => {
                heard.notes.push(Note::NotRewritten(Untouched::InvalidJson));
                self.keep(heard)
            }
            Ok(Step::NeedsInput | Step::Done | Step::Cut) | Err(_) => self.keep(heard),
        }
    }

    fn decode(&mut self, coding: Coding, text: &WholeText, filler: F) -> Stepped<HeldStep> {
        let (patched, mut heard) = text.patched(coding, &self.original, filler);
        match patched {
            Ok(Some((body, change))) => {
                Stepped { step: HeldStep::Done(HeldAnswer::Changed { body: body.into(), change }), heard }
            }
            Ok(None) => self.keep(heard),
            Err(why) => {
                heard.notes.push(Note::NotRewritten(why));
                self.keep(heard)
            }
        }
    }

    fn keep(&mut self, heard: Heard) -> Stepped<HeldStep> {
        Stepped { step: HeldStep::Done(self.original_answer()), heard }
    }

    fn original_answer(&mut self) -> HeldAnswer {
        let nothing = Original::new(self.original.bytes_max());
        HeldAnswer::Original(std::mem::replace(&mut self.original, nothing).into_bytes())
    }
}

/// Whether a page takes more than one that is held may, for it decodes to far more than it is.
fn is_beyond<F: SlotFiller>(page: &PageBody<F>, out: &[u8], original: &[u8]) -> bool {
    let is_long = out.len() > 2 * HELD_PAGE_BYTES_MAX + original.len();
    page.decoded_bytes() > HELD_DECODED_BYTES_MAX as u64 || (is_long && page.is_beyond_ratio())
}

/// The stage of a body that its first bytes tell. What is whole, and is no page, is read as JSON where a rule names it, be it only
/// to say that it is none.
fn settled<F: SlotFiller>(plan: DoubtfulPlan, (original, is_whole): (&[u8], bool), filler: F) -> Stage<F> {
    let first = beginning(plan.coding, original);
    match (plan.page, plan.json) {
        (Some((page, mark)), json) => match json {
            Some(json) if json::begins(&first) => Stage::Decode(json.coding, WholeText::Json(json.paths), filler),
            _ if mark == PageMark::Delta && delta::begins(&first) => {
                Stage::Decode(page.coding, WholeText::Delta(page.settings), filler)
            }
            _ if mark == PageMark::Parts && sniff::has_parts(&first) => {
                Stage::Decode(page.coding, WholeText::Parts(page.settings), filler)
            }
            json => match (told(mark, &first, page.settings), json) {
                (Some(settings), _) => {
                    Stage::Scan(Box::new(Scan::new(page.coding, settings.charset)), settings, filler)
                }
                (None, Some(json)) if is_whole => Stage::Decode(json.coding, WholeText::Json(json.paths), filler),
                (None, _) => Stage::Other,
            },
        },
        (None, Some(json)) => Stage::Decode(json.coding, WholeText::Json(json.paths), filler),
        (None, None) => Stage::Other,
    }
}

/// How a page is read, if these first bytes tell it.
fn told(mark: PageMark, first: &[u8], settings: HtmlSettings) -> Option<HtmlSettings> {
    match mark {
        PageMark::Certain => Some(settings),
        PageMark::Sniffed { .. } if sniff::is_page(first) => Some(settings),
        PageMark::Sniffed { may_be_xml } if may_be_xml && sniff::is_xml(first) => {
            Some(HtmlSettings { syntax: Syntax::AnyXml, script: PageScript::None, ..settings })
        }
        PageMark::Sniffed { .. } | PageMark::Parts | PageMark::Delta => None,
    }
}

/// The first plain bytes.
fn beginning(coding: Coding, original: &[u8]) -> Vec<u8> {
    let Some(mut decoder) = Decoder::of(coding) else {
        return original[..original.len().min(SNIFFED_BYTES)].to_vec();
    };
    let (mut rest, mut plain) = (original, Vec::new());
    while plain.len() < SNIFFED_BYTES {
        let Ok((used, has_more)) = decoder.step(rest, &mut plain) else { break };
        rest = &rest[used..];
        if rest.is_empty() && !has_more {
            break;
        }
    }
    plain
}

/// What holding a body takes, in KiB: the body, of at most so many bytes where that is known, and what becomes of it.
#[must_use]
pub(crate) fn room_for(bytes_max: Option<u64>) -> u32 {
    let bytes = bytes_max.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(JSON_BYTES_MAX).min(JSON_BYTES_MAX);
    u32::try_from(bytes / 512 + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_body_costs_twice_its_length_and_one_of_unknown_length_the_most() {
        let most = room_for(Some(JSON_BYTES_MAX as u64));
        assert_eq!(most as usize, JSON_BYTES_MAX / 512 + 1);
        for (bytes_max, expected) in [
            (Some(0), 1),
            (Some(1), 1),
            (Some(511), 1),
            (Some(512), 2),
            (Some(100 * 1024), 201),
            (Some(JSON_BYTES_MAX as u64 + 1), most),
            (Some(u64::MAX), most),
            (None, most),
        ] {
            assert_eq!(room_for(bytes_max), expected, "{bytes_max:?}");
        }
    }
}
