//! A page that is rewritten while it streams: a state machine over bytes, driven from outside.

use bytes::Bytes;
use encoding_rs::Encoding;

use super::{
    Change, Coding, CodingError, Filler, HtmlRewriter, HtmlSettings, Minting, Note, SlotFiller, Stepped, Untouched,
    recode::Recoder, sniff,
};
use crate::limits::REWRITE_CHUNK_BYTES;

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
}

/// One page on its way through: decode, rewrite, encode.
///
/// Push a chunk, then [`step`](Self::step) until it needs input; every step does a bounded amount of work, so other tasks can
/// have their turn in between.
pub(crate) struct PageBody<F: SlotFiller = Filler> {
    input: Bytes,
    is_ended: bool,
    is_done: bool,
    recoder: Option<Recoder>,
    text: PageText<F>,
}

/// A page's plain bytes on their way to the rewriter: the first of them may say more of their charset than the head does.
pub(super) struct PageText<F: SlotFiller> {
    rewriter: HtmlRewriter<F>,
    /// The first bytes, while they are too few.
    first: Option<Vec<u8>>,
    /// What the rewriter has to be told anew where the page begins with the mark of UTF-8 and its head says something else.
    settings: Option<Box<HtmlSettings>>,
}

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

impl<F: SlotFiller> PageText<F> {
    fn new(settings: &HtmlSettings, filler: F) -> Self {
        let is_of_another = |charset: &'static Encoding| charset != encoding_rs::UTF_8;
        let other = settings.charset.is_none_or(is_of_another).then(|| Box::new(settings.clone()));
        Self { rewriter: HtmlRewriter::new(settings, filler), first: Some(Vec::new()), settings: other }
    }

    /// Takes the next plain bytes; what is ready is added to `out`.
    pub(super) fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let Some(mut first) = self.first.take() else { return self.rewriter.push(chunk, out) };
        if first.is_empty() && chunk.len() >= BYTE_ORDER_MARK.len() {
            self.begin(chunk, out);
            return self.rewriter.push(chunk, out);
        }
        first.extend_from_slice(chunk);
        if first.len() < BYTE_ORDER_MARK.len() {
            self.first = Some(first);
            return;
        }
        self.begin(&first, out);
        self.rewriter.push(&first, out);
    }

    /// Ends the page.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        if let Some(first) = self.first.take() {
            self.begin(&first, out);
            self.rewriter.push(&first, out);
        }
        self.rewriter.end(out);
    }

    /// The rest passes as it is.
    pub(super) fn give_up(&mut self, why: Untouched, out: &mut Vec<u8>) {
        self.rewriter.give_up(why, out);
    }

    /// A byte order mark says more than the head does (Encoding 6.1).
    fn begin(&mut self, first: &[u8], out: &mut Vec<u8>) {
        let settings = self.settings.take();
        if sniff::is_utf16(first) {
            self.rewriter.give_up(Untouched::Charset, out);
        } else if let Some(mut settings) = settings.filter(|_| first.starts_with(BYTE_ORDER_MARK)) {
            settings.charset = Some(encoding_rs::UTF_8);
            self.rewriter.begin_anew(&settings);
        }
    }
}

impl<F: SlotFiller> PageBody<F> {
    /// A page that starts now.
    #[must_use]
    pub(crate) fn new(coding: Coding, settings: &HtmlSettings, filler: F) -> Self {
        Self {
            input: Bytes::new(),
            is_ended: false,
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
    pub(crate) const fn finish_input(&mut self) {
        self.is_ended = true;
    }

    /// Works on what was pushed; what is ready for the browser is added to `out`. What is minted and noted in a step is given
    /// with it, also when the step fails.
    pub(crate) fn step(&mut self, out: &mut Vec<u8>, minting: Minting) -> Stepped<Result<Step, PageError>> {
        self.text.rewriter.set_minting(minting);
        let step = self.work(out);
        let mut heard = self.text.rewriter.take_heard();
        if step.is_err() {
            heard.notes.push(Note::NotRewritten(Untouched::BrokenCoding));
        }
        Stepped { step, heard }
    }

    fn work(&mut self, out: &mut Vec<u8>) -> Result<Step, PageError> {
        if self.is_done {
            return Ok(Step::Done);
        }
        let has_more = match &mut self.recoder {
            None => plain_step(&mut self.input, &mut self.text, out),
            Some(recoder) => recoder.step(&mut self.input, &mut self.text, out)?,
        };
        if has_more {
            return Ok(Step::Again);
        }
        if !self.is_ended {
            return Ok(Step::NeedsInput);
        }
        match &mut self.recoder {
            None => self.text.end(out),
            Some(recoder) => recoder.end(&mut self.text, out)?,
        }
        self.is_done = true;
        Ok(Step::Done)
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

fn plain_step<F: SlotFiller>(input: &mut Bytes, text: &mut PageText<F>, out: &mut Vec<u8>) -> bool {
    let piece = input.split_to(input.len().min(REWRITE_CHUNK_BYTES));
    text.push(&piece, out);
    !input.is_empty()
}
