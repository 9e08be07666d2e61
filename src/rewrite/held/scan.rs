//! Whether a page that is held may have a slot, and up to where: it is searched before it is read.

use encoding_rs::Encoding;

use crate::{
    limits::{DECODE_RATIO_MAX, HELD_PAGE_BYTES_MAX, SEARCHED_PIECES_MAX},
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
    /// Up to where the last of these texts may stand, and in how many pieces one was found.
    noisy: Option<usize>,
    noisy_pieces: usize,
    charset: Option<&'static Encoding>,
}

/// What a look at the next piece found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    Again,
    /// There is one. A page that is coded has none from so many decoded bytes on, where that is known.
    Marker {
        quiet_from: Option<usize>,
    },
    Nothing,
    Untouched(Untouched),
}

impl Scan {
    pub(super) fn new(coding: Coding, charset: Option<&'static Encoding>) -> Self {
        let decoder = Decoder::of(coding);
        Self { coding, decoder, position: 0, window: Vec::new(), decoded: 0, noisy: None, noisy_pieces: 0, charset }
    }

    /// Whether the page is there as it is: then it takes one look.
    pub(super) const fn is_plain(&self) -> bool {
        self.decoder.is_none()
    }

    /// Looks at the next piece. A coded page is looked through to its end also when something was found: to decode the rest costs far
    /// less than to read it. Where slots are all over the page, little of it is saved.
    pub(super) fn look(&mut self, landmarks: &Landmarks, original: &[u8]) -> Sight {
        let Some(decoder) = &mut self.decoder else {
            return match landmarks.are_in(original) {
                _ if !sniff::is_read(original, self.charset) => Sight::Untouched(Untouched::Charset),
                true => Sight::Marker { quiet_from: None },
                false => Sight::Nothing,
            };
        };
        let is_first = self.position == 0;
        let kept = self.window.len().saturating_sub(landmarks.longest().saturating_sub(1));
        self.window.drain(..kept);
        let before = self.window.len();
        let step = decoder.step(&original[self.position..], &mut self.window);
        let Ok((used, has_more)) = step else { return self.given_up(Untouched::BrokenCoding) };
        self.position += used;
        self.decoded += self.window.len() - before;
        let is_over = !has_more && self.position >= original.len();
        let is_whole = !is_over || decoder.finish().is_ok();
        if landmarks.are_in(&self.window) {
            self.noisy = Some(self.decoded);
            self.noisy_pieces += 1;
        }
        match self.noisy {
            None if is_first && !sniff::is_read(&self.window, self.charset) => Sight::Untouched(Untouched::Charset),
            _ if self.is_beyond() => self.given_up(Untouched::Ratio),
            _ if self.noisy_pieces > SEARCHED_PIECES_MAX => Sight::Marker { quiet_from: None },
            _ if !is_over => Sight::Again,
            _ if !is_whole => self.given_up(Untouched::BrokenCoding),
            None => Sight::Nothing,
            quiet_from => Sight::Marker { quiet_from },
        }
    }

    /// What has been found is filled all the same, as far as the page can be read.
    const fn given_up(&self, why: Untouched) -> Sight {
        match self.noisy {
            Some(_) => Sight::Marker { quiet_from: None },
            None => Sight::Untouched(why),
        }
    }

    /// As far as that, pages are looked into.
    const fn is_beyond(&self) -> bool {
        let ratio = self.position.saturating_mul(DECODE_RATIO_MAX as usize);
        self.decoded > HELD_PAGE_BYTES_MAX && self.decoded > ratio
    }
}
