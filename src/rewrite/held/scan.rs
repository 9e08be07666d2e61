//! Whether a page that is held may have a slot: it is searched before it is read.

use encoding_rs::Encoding;

use crate::{
    limits::{DECODE_RATIO_MAX, HELD_PAGE_BYTES_MAX},
    rewrite::{
        Coding, Landmarks, Untouched,
        media::{codec::Decoder, sniff},
    },
};

/// Looks for texts that every page with a slot has.
pub(super) struct Scan {
    pub(super) coding: Coding,
    decoder: Option<Decoder>,
    /// How much of the original has been looked at.
    position: usize,
    /// The last decoded bytes: a text may lie across two pieces.
    window: Vec<u8>,
    decoded: usize,
    charset: Option<&'static Encoding>,
}

/// What a look at the next piece found.
pub(super) enum Sight {
    Again,
    Marker,
    Nothing,
    Untouched(Untouched),
}

impl Scan {
    pub(super) fn new(coding: Coding, charset: Option<&'static Encoding>) -> Self {
        Self { coding, decoder: Decoder::of(coding), position: 0, window: Vec::new(), decoded: 0, charset }
    }

    pub(super) fn look(&mut self, landmarks: &Landmarks, original: &[u8]) -> Sight {
        let Some(decoder) = &mut self.decoder else {
            return match landmarks.are_in(original) {
                _ if !sniff::is_read(original, self.charset) => Sight::Untouched(Untouched::Charset),
                true => Sight::Marker,
                false => Sight::Nothing,
            };
        };
        let is_first = self.position == 0;
        let kept = self.window.len().saturating_sub(landmarks.longest().saturating_sub(1));
        self.window.drain(..kept);
        let before = self.window.len();
        let step = decoder.step(&original[self.position..], &mut self.window);
        let Ok((used, has_more)) = step else { return Sight::Untouched(Untouched::BrokenCoding) };
        self.position += used;
        self.decoded += self.window.len() - before;
        if landmarks.are_in(&self.window) {
            Sight::Marker
        } else if is_first && !sniff::is_read(&self.window, self.charset) {
            Sight::Untouched(Untouched::Charset)
        } else if self.is_beyond() {
            Sight::Untouched(Untouched::Ratio)
        } else if has_more || self.position < original.len() {
            Sight::Again
        } else {
            Sight::Nothing
        }
    }

    /// As far as that, pages are looked into.
    const fn is_beyond(&self) -> bool {
        let ratio = self.position.saturating_mul(DECODE_RATIO_MAX as usize);
        self.decoded > HELD_PAGE_BYTES_MAX && self.decoded > ratio
    }
}
