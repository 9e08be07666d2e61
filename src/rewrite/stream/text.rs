//! The plain bytes of a page, on their way from a decoder to the rewriter.

use encoding_rs::Encoding;

use crate::rewrite::{
    HtmlRewriter, HtmlSettings, SlotFiller, Untouched, json,
    markup::BYTE_ORDER_MARK,
    media::sniff::{self, SNIFFED_BYTES},
};

/// A page's plain bytes on their way to the rewriter: the first of them may say more of their charset than the head does.
pub(super) struct PageText<F: SlotFiller> {
    pub(super) rewriter: HtmlRewriter<F>,
    /// The first bytes, while they are too few.
    first: Option<Vec<u8>>,
    /// What the rewriter has to be told anew where the page begins with the mark of UTF-8 and its head says something else.
    settings: Option<Box<HtmlSettings>>,
    may_be_json: bool,
}

impl<F: SlotFiller> PageText<F> {
    pub(super) fn new(settings: &HtmlSettings, filler: F) -> Self {
        let is_of_another = |charset: &'static Encoding| charset != encoding_rs::UTF_8;
        let other = settings.charset.is_none_or(is_of_another).then(|| Box::new(settings.clone()));
        Self {
            rewriter: HtmlRewriter::new(settings, filler),
            first: Some(Vec::new()),
            settings: other,
            may_be_json: settings.may_be_json,
        }
    }

    /// Takes the next plain bytes; what is ready is added to `out`.
    pub(super) fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let Some(mut first) = self.first.take() else { return self.rewriter.push(chunk, out) };
        if first.is_empty() && self.are_enough(chunk) {
            self.begin(chunk, out);
            return self.rewriter.push(chunk, out);
        }
        first.extend_from_slice(chunk);
        if !self.are_enough(&first) {
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

    /// The rest of the page holds nothing that every slot has.
    pub(super) fn expect_nothing(&mut self, out: &mut Vec<u8>) {
        if self.first.is_none() {
            self.rewriter.expect_nothing(out);
        }
    }

    /// The rest passes as it is.
    pub(super) fn give_up(&mut self, why: Untouched, out: &mut Vec<u8>) {
        self.rewriter.give_up(why, out);
    }

    /// Whether the first bytes say what they can.
    fn are_enough(&self, first: &[u8]) -> bool {
        let is_told = || !self.may_be_json || first.len() >= SNIFFED_BYTES || json::is_json(first).is_some();
        first.len() >= BYTE_ORDER_MARK.len() && is_told()
    }

    /// A byte order mark says more than the head does (Encoding 6.1).
    fn begin(&mut self, first: &[u8], out: &mut Vec<u8>) {
        let settings = self.settings.take();
        if !sniff::is_read(first, settings.as_ref().and_then(|settings| settings.charset)) {
            self.rewriter.give_up(Untouched::Charset, out);
        } else if self.may_be_json && json::is_json(first) == Some(true) {
            self.rewriter.give_up(Untouched::JsonAsPage, out);
        } else if let Some(mut settings) = settings.filter(|_| first.starts_with(BYTE_ORDER_MARK)) {
            settings.charset = Some(encoding_rs::UTF_8);
            self.rewriter.begin_anew(&settings);
        }
    }
}
