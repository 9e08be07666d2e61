//! A page that is rewritten while it streams: a state machine over bytes, driven from outside.

mod recode;
mod text;

use bytes::Bytes;

use self::{recode::Recoder, text::PageText};
use crate::{
    limits::REWRITE_CHUNK_BYTES,
    rewrite::{Change, Coding, CodingError, Filler, HtmlSettings, Minting, Note, SlotFiller, Stepped, Untouched},
};

/// Why a page cannot be finished; its head is out already, so the connection has to end visibly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PageError {
    /// See [`CodingError`].
    #[error(transparent)]
    Coding(#[from] CodingError),
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
    /// The page is over; its coding was cut, and so is that of what goes out.
    Cut,
}

/// One page on its way through: decode, rewrite, encode.
///
/// Push a chunk, then [`step`](Self::step) until it needs input; every step does a bounded amount of work, so other tasks can
/// have their turn in between.
pub(crate) struct PageBody<F: SlotFiller = Filler> {
    input: Bytes,
    is_ended: bool,
    /// How much of what is left of a plain page holds nothing that every slot has: what is known of one that is held.
    quiet_end: usize,
    is_done: bool,
    recoder: Option<Recoder>,
    text: PageText<F>,
}

impl<F: SlotFiller> PageBody<F> {
    /// A page that starts now.
    #[must_use]
    pub(crate) fn new(coding: Coding, settings: &HtmlSettings, filler: F) -> Self {
        Self {
            input: Bytes::new(),
            is_ended: false,
            quiet_end: 0,
            is_done: false,
            recoder: Recoder::of(coding),
            text: PageText::new(settings, filler),
        }
    }

    /// Takes the next chunk of the host application's answer; best when a step has asked for it.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        debug_assert!(!self.is_ended, "no chunk comes after the end");
        self.input = if self.input.is_empty() { chunk } else { [&self.input[..], &chunk[..]].concat().into() };
    }

    /// Says that the host application's answer ended well. If it broke off, drop the page and end the connection.
    pub(crate) fn finish_input(&mut self) {
        self.is_ended = true;
        if self.recoder.is_none() {
            self.quiet_end = self.text.rewriter.quiet_end(&self.input);
        }
    }

    /// From so many decoded bytes on, a coded page holds nothing that every slot has.
    pub(in crate::rewrite) fn expect_nothing_from(&mut self, quiet_from: u64) {
        if let Some(recoder) = &mut self.recoder {
            recoder.expect_nothing_from(quiet_from);
        }
    }

    /// Works on what was pushed; what is ready for the browser is added to `out`. What is minted and noted in a step is given
    /// with it, also when the step fails.
    pub(crate) fn step(&mut self, out: &mut Vec<u8>, minting: Minting) -> Stepped<Result<Step, PageError>> {
        self.text.rewriter.set_minting(minting);
        let step = self.work(out);
        let mut heard = self.text.rewriter.take_heard();
        if matches!(step, Err(_) | Ok(Step::Cut)) {
            heard.notes.push(Note::NotRewritten(Untouched::BrokenCoding));
        }
        Stepped { step, heard }
    }

    fn work(&mut self, out: &mut Vec<u8>) -> Result<Step, PageError> {
        if self.is_done {
            return Ok(Step::Done);
        }
        let has_more = match &mut self.recoder {
            None => self.plain_step(out),
            Some(recoder) => recoder.step(&mut self.input, &mut self.text, out)?,
        };
        if has_more {
            return Ok(Step::Again);
        }
        if !self.is_ended {
            return Ok(Step::NeedsInput);
        }
        let mut is_whole = true;
        match &mut self.recoder {
            None => self.text.end(out),
            Some(recoder) => is_whole = recoder.end(&mut self.text, out),
        }
        self.is_done = true;
        Ok(if is_whole { Step::Done } else { Step::Cut })
    }

    fn plain_step(&mut self, out: &mut Vec<u8>) -> bool {
        let before_quiet = self.input.len().checked_sub(self.quiet_end).filter(|length| *length > 0);
        let length = before_quiet.unwrap_or(self.input.len()).min(REWRITE_CHUNK_BYTES);
        self.text.push(&self.input.split_to(length), out);
        if self.is_ended && self.input.len() <= self.quiet_end {
            self.text.expect_nothing(out);
        }
        !self.input.is_empty()
    }

    /// Whether it decodes to so much more than it is that nobody looks into it any more.
    pub(super) fn is_beyond_ratio(&self) -> bool {
        self.recoder.as_ref().is_some_and(Recoder::is_beyond_ratio)
    }

    /// How many bytes have been decoded.
    pub(super) fn decoded_bytes(&self) -> u64 {
        self.recoder.as_ref().map_or(0, Recoder::decoded_bytes)
    }

    /// How many slots have been filled.
    #[cfg(any(test, feature = "demo"))]
    #[must_use]
    pub(crate) fn slots(&self) -> usize {
        self.text.rewriter.slots()
    }

    /// Whether anything was done to the page.
    #[must_use]
    pub(crate) fn is_changed(&self) -> bool {
        self.text.rewriter.is_changed()
    }

    /// What was done to the page.
    #[must_use]
    pub(crate) fn change(&self) -> Change {
        self.text.rewriter.change()
    }

    /// The most that may yet be done to it.
    #[must_use]
    pub(crate) fn change_ahead(&self) -> Change {
        self.text.rewriter.change_ahead()
    }
}
