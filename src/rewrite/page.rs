//! A page that is rewritten while it streams: a state machine over bytes, driven from outside.

use bytes::{Buf, Bytes};

use super::{
    Change, Coding, Filler, GzipError, HtmlRewriter, HtmlSettings, Minting, SlotFiller, Stepped,
    gzip::{GzipDecoder, GzipEncoder},
};
use crate::limits::REWRITE_CHUNK_BYTES;

/// Why a page cannot be finished; its head is out already, so the connection has to end visibly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PageError {
    /// See [`GzipError`].
    #[error(transparent)]
    Gzip(#[from] GzipError),
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Everything taken so far is done: [`PageBody::push`] more, or [`PageBody::finish_input`].
    NeedsInput,
    /// There is more to do without more input.
    Again,
    /// The page is complete.
    Done,
}

/// One page on its way through: decode, rewrite, encode.
///
/// Push a chunk, then [`step`](Self::step) until it needs input; every step does a bounded amount of work, so other tasks can
/// have their turn in between.
pub(crate) struct PageBody<F: SlotFiller = Filler> {
    input: Bytes,
    is_ended: bool,
    is_done: bool,
    gzip: Option<Gzip>,
    rewriter: HtmlRewriter<F>,
}

struct Gzip {
    decoder: GzipDecoder,
    encoder: GzipEncoder,
    plain: Vec<u8>,
    rewritten: Vec<u8>,
}

impl<F: SlotFiller> PageBody<F> {
    /// A page that starts now.
    #[must_use]
    pub(crate) fn new(coding: Coding, settings: &HtmlSettings, filler: F) -> Self {
        let gzip = match coding {
            Coding::Identity => None,
            Coding::Gzip => Some(Gzip::new()),
        };
        Self {
            input: Bytes::new(),
            is_ended: false,
            is_done: false,
            gzip,
            rewriter: HtmlRewriter::new(settings, filler),
        }
    }

    /// Takes the next chunk of the host application's answer; best when a step has asked for it.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        debug_assert!(!self.is_ended, "no chunk comes after the end");
        self.input = if self.input.is_empty() { chunk } else { [&self.input[..], &chunk[..]].concat().into() };
    }

    /// Says that the host application's answer ended well. If it broke off, drop the page and end the connection.
    pub(crate) const fn finish_input(&mut self) {
        self.is_ended = true;
    }

    /// Works on what was pushed; what is ready for the browser is added to `out`. What is minted and noted in a step is given
    /// with it, also when the step fails.
    pub(crate) fn step(&mut self, out: &mut Vec<u8>, minting: Minting) -> Stepped<Result<Step, PageError>> {
        self.rewriter.set_minting(minting);
        let step = self.work(out);
        Stepped { step, heard: self.rewriter.take_heard() }
    }

    fn work(&mut self, out: &mut Vec<u8>) -> Result<Step, PageError> {
        if self.is_done {
            return Ok(Step::Done);
        }
        let has_more = match &mut self.gzip {
            None => plain_step(&mut self.input, &mut self.rewriter, out),
            Some(gzip) => gzip.step(&mut self.input, &mut self.rewriter, out)?,
        };
        if has_more {
            return Ok(Step::Again);
        }
        if !self.is_ended {
            return Ok(Step::NeedsInput);
        }
        match &mut self.gzip {
            None => self.rewriter.end(out),
            Some(gzip) => gzip.end(&mut self.rewriter, out)?,
        }
        self.is_done = true;
        Ok(Step::Done)
    }

    /// How many slots have been filled.
    #[cfg(any(test, feature = "demo"))]
    #[must_use]
    pub(crate) fn slots(&self) -> usize {
        self.rewriter.slots()
    }

    /// Whether anything was done to the page.
    #[must_use]
    pub(crate) fn is_changed(&self) -> bool {
        self.rewriter.is_changed()
    }

    /// What was done to the page.
    #[must_use]
    pub(crate) fn change(&self) -> Change {
        self.rewriter.change()
    }

    /// The most that may yet be done to it.
    #[must_use]
    pub(crate) fn change_ahead(&self) -> Change {
        self.rewriter.change_ahead()
    }
}

fn plain_step<F: SlotFiller>(input: &mut Bytes, rewriter: &mut HtmlRewriter<F>, out: &mut Vec<u8>) -> bool {
    let piece = input.split_to(input.len().min(REWRITE_CHUNK_BYTES));
    rewriter.push(&piece, out);
    !input.is_empty()
}

impl Gzip {
    fn new() -> Self {
        Self { decoder: GzipDecoder::new(), encoder: GzipEncoder::new(), plain: Vec::new(), rewritten: Vec::new() }
    }

    fn step<F: SlotFiller>(
        &mut self,
        input: &mut Bytes,
        rewriter: &mut HtmlRewriter<F>,
        out: &mut Vec<u8>,
    ) -> Result<bool, GzipError> {
        self.plain.clear();
        self.rewritten.clear();
        let (used, has_more) = self.decoder.step(input, &mut self.plain)?;
        input.advance(used);
        rewriter.push(&self.plain, &mut self.rewritten);
        self.encoder.write(&self.rewritten, out);
        let has_more = has_more || !input.is_empty();
        if !has_more {
            self.encoder.flush(out);
        }
        Ok(has_more)
    }

    fn end<F: SlotFiller>(&mut self, rewriter: &mut HtmlRewriter<F>, out: &mut Vec<u8>) -> Result<(), GzipError> {
        self.decoder.finish()?;
        self.rewritten.clear();
        rewriter.end(&mut self.rewritten);
        self.encoder.write(&self.rewritten, out);
        self.encoder.finish(out);
        Ok(())
    }
}
