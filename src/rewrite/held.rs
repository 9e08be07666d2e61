//! Answers that are looked through before their head is sent: short pages, and JSON. Without a slot they keep every byte.

use bytes::Bytes;
use memchr::memmem::Finder;

use super::{
    Change, Coding, Filler, HtmlPlan, HtmlSettings, JsonPath, JsonPlan, Note, PageBody, SlotFiller, Step, Untouched,
    gzip::{GzipDecoder, GzipEncoder},
    rewrite_json,
};
use crate::limits::{HELD_PAGE_BYTES_MAX, JSON_BYTES_MAX};

/// A body that is held: push all of it, then [`step`](Self::step) until the answer is known.
pub struct HeldBody<F: SlotFiller = Filler> {
    original: Vec<u8>,
    bytes_max: usize,
    stage: Stage<F>,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldStep {
    /// There is more to do.
    Again,
    /// This is the answer.
    Done(HeldAnswer),
}

/// What becomes of a held body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldAnswer {
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

/// The body is over the limit: send its own head, [`HeldBody::into_original`], and the rest as it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("body is longer than what is looked through")]
pub struct Overflow;

/// The stages own what the next one needs; a stage is taken out to become the next.
enum Stage<F: SlotFiller> {
    Scan(Scan, HtmlSettings, F),
    Rewrite(Box<PageBody<F>>, Vec<u8>),
    DecodeJson(Option<GzipDecoder>, Vec<u8>, Vec<JsonPath>, F),
    Over(Option<F>),
}

/// Looks for texts that every page with a slot has.
struct Scan {
    finders: Vec<Finder<'static>>,
    longest: usize,
    gzip: Option<GzipDecoder>,
    /// How much of the original has been looked at.
    position: usize,
    /// The last decoded bytes: a text may lie across two pieces.
    window: Vec<u8>,
}

/// What a look at the next piece found.
enum Sight {
    Again,
    Marker,
    Nothing,
    Broken,
}

impl<F: SlotFiller> HeldBody<F> {
    /// A page of at most [`HELD_PAGE_BYTES_MAX`] bytes.
    #[must_use]
    pub fn page(plan: HtmlPlan, filler: F) -> Self {
        let scan = Scan::new(&filler.markers(), plan.coding);
        Self { original: Vec::new(), bytes_max: HELD_PAGE_BYTES_MAX, stage: Stage::Scan(scan, plan.settings, filler) }
    }

    /// JSON of at most [`JSON_BYTES_MAX`] bytes.
    #[must_use]
    pub fn json(plan: JsonPlan, filler: F) -> Self {
        let stage = Stage::DecodeJson(decoder(plan.coding), Vec::new(), plan.paths, filler);
        Self { original: Vec::new(), bytes_max: JSON_BYTES_MAX, stage }
    }

    /// Takes the next chunk of the host application's answer.
    ///
    /// # Errors
    /// Over the limit; the chunk has been kept all the same.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), Overflow> {
        self.original.extend_from_slice(chunk);
        if self.original.len() <= self.bytes_max {
            return Ok(());
        }
        self.with_filler(|filler| filler.note(Note::NotRewritten(Untouched::TooLarge)));
        Err(Overflow)
    }

    /// Everything pushed so far, as it came.
    #[must_use]
    pub fn into_original(self) -> Bytes {
        self.original.into()
    }

    /// Works on the whole body; a bounded amount per call, except for JSON that may hold a Sigma URL, which is parsed at once.
    pub fn step(&mut self) -> HeldStep {
        match std::mem::replace(&mut self.stage, Stage::Over(None)) {
            Stage::Scan(scan, settings, filler) => self.scan(scan, settings, filler),
            Stage::Rewrite(page, out) => self.rewrite(page, out),
            Stage::DecodeJson(gzip, plain, paths, filler) => self.decode_json(gzip, plain, &paths, filler),
            Stage::Over(filler) => self.keep(filler),
        }
    }

    /// Asks the filler something, e.g. for its notes and records.
    pub fn with_filler<R>(&mut self, ask: impl FnOnce(&mut F) -> R) -> Option<R> {
        match &mut self.stage {
            Stage::Scan(_, _, filler) | Stage::DecodeJson(_, _, _, filler) | Stage::Over(Some(filler)) => {
                Some(ask(filler))
            }
            Stage::Rewrite(page, _) => Some(page.with_filler(ask)),
            Stage::Over(None) => None,
        }
    }

    fn scan(&mut self, mut scan: Scan, settings: HtmlSettings, mut filler: F) -> HeldStep {
        let sight = if settings.inserts.is_empty() { scan.look(&self.original) } else { Sight::Marker };
        match sight {
            Sight::Again => {
                self.stage = Stage::Scan(scan, settings, filler);
                HeldStep::Again
            }
            Sight::Nothing => self.keep(Some(filler)),
            Sight::Broken => {
                filler.note(Note::NotRewritten(Untouched::BrokenCoding));
                self.keep(Some(filler))
            }
            Sight::Marker => {
                let coding = scan.coding();
                let mut page = Box::new(PageBody::new(coding, &settings, filler));
                page.push(Bytes::copy_from_slice(&self.original));
                page.finish_input();
                self.stage = Stage::Rewrite(page, Vec::with_capacity(self.original.len() + 1024));
                HeldStep::Again
            }
        }
    }

    fn rewrite(&mut self, mut page: Box<PageBody<F>>, mut out: Vec<u8>) -> HeldStep {
        let step = page.step(&mut out);
        if step == Ok(Step::Again) {
            self.stage = Stage::Rewrite(page, out);
            return HeldStep::Again;
        }
        if step.is_err() {
            page.with_filler(|filler| filler.note(Note::NotRewritten(Untouched::BrokenCoding)));
        }
        let is_changed = step.is_ok() && page.slots() > 0;
        let change = page.change();
        self.stage = Stage::Rewrite(page, Vec::new());
        HeldStep::Done(if is_changed {
            HeldAnswer::Changed { body: out.into(), change }
        } else {
            self.original_answer()
        })
    }

    fn decode_json(
        &mut self,
        gzip: Option<GzipDecoder>,
        mut plain: Vec<u8>,
        paths: &[JsonPath],
        mut filler: F,
    ) -> HeldStep {
        let Some(mut decoder) = gzip else {
            let patched = patch(&self.original, paths, &mut filler);
            return self.patched(patched, filler);
        };
        if let Err(why) = decode_all(&mut decoder, &self.original, &mut plain) {
            filler.note(Note::NotRewritten(why));
            return self.keep(Some(filler));
        }
        let patched = patch(&plain, paths, &mut filler).map(|(plain, change)| (encoded(&plain), change));
        self.patched(patched, filler)
    }

    fn patched(&mut self, patched: Option<(Vec<u8>, Change)>, filler: F) -> HeldStep {
        match patched {
            Some((body, change)) => {
                self.stage = Stage::Over(Some(filler));
                HeldStep::Done(HeldAnswer::Changed { body: body.into(), change })
            }
            None => self.keep(Some(filler)),
        }
    }

    fn keep(&mut self, filler: Option<F>) -> HeldStep {
        self.stage = Stage::Over(filler);
        HeldStep::Done(self.original_answer())
    }

    fn original_answer(&mut self) -> HeldAnswer {
        HeldAnswer::Original(std::mem::take(&mut self.original).into())
    }
}

impl Scan {
    /// Texts are looked for in lower and in upper case, as templates write them.
    fn new(markers: &[String], coding: Coding) -> Self {
        let texts = markers.iter().flat_map(|marker| [marker.to_ascii_lowercase(), marker.to_ascii_uppercase()]);
        let finders = texts.map(|text| Finder::new(text.as_bytes()).into_owned()).collect();
        let longest = markers.iter().map(String::len).max().unwrap_or_default();
        Self { finders, longest, gzip: decoder(coding), position: 0, window: Vec::new() }
    }

    const fn coding(&self) -> Coding {
        if self.gzip.is_some() { Coding::Gzip } else { Coding::Identity }
    }

    fn look(&mut self, original: &[u8]) -> Sight {
        let Some(gzip) = &mut self.gzip else {
            return if is_in(&self.finders, original) { Sight::Marker } else { Sight::Nothing };
        };
        let kept = self.window.len().saturating_sub(self.longest.saturating_sub(1));
        self.window.drain(..kept);
        let step = gzip.step(&original[self.position..], &mut self.window);
        let Ok((used, has_more)) = step else { return Sight::Broken };
        self.position += used;
        if is_in(&self.finders, &self.window) {
            Sight::Marker
        } else if has_more || self.position < original.len() {
            Sight::Again
        } else {
            Sight::Nothing
        }
    }
}

fn is_in(finders: &[Finder<'_>], text: &[u8]) -> bool {
    finders.iter().any(|finder| finder.find(text).is_some())
}

fn decoder(coding: Coding) -> Option<GzipDecoder> {
    match coding {
        Coding::Identity => None,
        Coding::Gzip => Some(GzipDecoder::new()),
    }
}

fn decode_all(decoder: &mut GzipDecoder, coded: &[u8], plain: &mut Vec<u8>) -> Result<(), Untouched> {
    let mut rest = coded;
    loop {
        let (used, has_more) = decoder.step(rest, plain).map_err(|_| Untouched::BrokenCoding)?;
        rest = &rest[used..];
        if plain.len() > JSON_BYTES_MAX {
            return Err(Untouched::TooLarge);
        }
        if rest.is_empty() && !has_more {
            return decoder.finish().map_err(|_| Untouched::BrokenCoding);
        }
    }
}

fn encoded(plain: &[u8]) -> Vec<u8> {
    let (mut encoder, mut coded) = (GzipEncoder::new(), Vec::new());
    encoder.write(plain, &mut coded);
    encoder.finish(&mut coded);
    coded
}

/// Parses only what may hold a Sigma URL.
fn patch<F: SlotFiller>(plain: &[u8], paths: &[JsonPath], filler: &mut F) -> Option<(Vec<u8>, Change)> {
    let scan = Scan::new(&filler.markers(), Coding::Identity);
    if !is_in(&scan.finders, plain) {
        return None;
    }
    let paths: Vec<&JsonPath> = paths.iter().collect();
    rewrite_json(plain, &paths, filler).unwrap_or_else(|_| {
        filler.note(Note::NotRewritten(Untouched::InvalidJson));
        None
    })
}
