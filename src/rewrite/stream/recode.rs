//! A coded page on its way through: decoded, handed on, coded again as it came.

use bytes::{Buf, Bytes};

use super::text::PageText;
use crate::{
    limits::{DECODE_RATIO_MAX, HELD_PAGE_BYTES_MAX, REWRITE_CHUNK_BYTES},
    rewrite::{
        Coding, CodingError, SlotFiller, Untouched,
        media::codec::{Decoder, Encoder},
    },
};

/// Both ways of one page.
pub(super) struct Recoder {
    decoder: Decoder,
    /// There from the first decoded byte on: the decoder knows by then which form of its coding it is.
    encoder: Option<Encoder>,
    place: Passage,
    /// What has come while nothing of it has gone on.
    raw: Vec<u8>,
    bytes_in: u64,
    bytes_out: u64,
    /// From where on the plain bytes hold nothing that every slot has, where that is known.
    quiet_from: u64,
    plain: Vec<u8>,
    rewritten: Vec<u8>,
}

/// How far a body is, and what is done with it.
enum Passage {
    /// It is decoded and rewritten.
    Within,
    /// It decodes to far more than it is: it goes through, and nobody looks into it.
    Beyond,
    /// It is not what its label says: it passes as it is.
    Mislabelled,
}

impl Recoder {
    /// For a coding; none for what is not coded.
    pub(super) fn of(coding: Coding) -> Option<Self> {
        Some(Self {
            decoder: Decoder::of(coding)?,
            encoder: None,
            place: Passage::Within,
            raw: Vec::new(),
            bytes_in: 0,
            bytes_out: 0,
            quiet_from: u64::MAX,
            plain: Vec::new(),
            rewritten: Vec::new(),
        })
    }

    /// From so many plain bytes on, the page holds nothing that every slot has.
    pub(super) const fn expect_nothing_from(&mut self, quiet_from: u64) {
        self.quiet_from = quiet_from;
    }

    /// Takes a piece through. Returns whether there is more to do.
    ///
    /// # Errors
    /// Where the body is broken, and something of it has gone on.
    pub(super) fn step<F: SlotFiller>(
        &mut self,
        input: &mut Bytes,
        text: &mut PageText<F>,
        out: &mut Vec<u8>,
    ) -> Result<bool, CodingError> {
        if let Passage::Mislabelled = self.place {
            out.extend_from_slice(&std::mem::take(input));
            return Ok(false);
        }
        let has_more = match self.decode(input, text, out) {
            Ok(has_more) => has_more || !input.is_empty(),
            Err(error) => return self.pass(error, text, out).map(|()| true),
        };
        if let Some(encoder) = self.encoder.as_mut().filter(|_| !has_more) {
            encoder.flush(out);
        }
        Ok(has_more)
    }

    /// Hands on what has come as it came, if nothing has gone on yet: it is not what its label says.
    fn pass<F: SlotFiller>(
        &mut self,
        error: CodingError,
        text: &mut PageText<F>,
        out: &mut Vec<u8>,
    ) -> Result<(), CodingError> {
        if self.encoder.is_some() || self.raw.len() as u64 != self.bytes_in {
            return Err(error);
        }
        self.place = Passage::Mislabelled;
        out.append(&mut self.raw);
        // What it still keeps of the page has just gone out, as it came.
        text.give_up(Untouched::BrokenCoding, &mut Vec::new());
        Ok(())
    }

    fn decode<F: SlotFiller>(
        &mut self,
        input: &mut Bytes,
        text: &mut PageText<F>,
        out: &mut Vec<u8>,
    ) -> Result<bool, CodingError> {
        self.plain.clear();
        let (used, has_more) = self.decoder.step(input, &mut self.plain)?;
        if self.encoder.is_none() && self.raw.len() + used <= REWRITE_CHUNK_BYTES {
            self.raw.extend_from_slice(&input[..used]);
        }
        input.advance(used);
        self.bytes_in += used as u64;
        self.bytes_out += self.plain.len() as u64;
        self.rewritten.clear();
        if matches!(self.place, Passage::Within) && self.is_beyond() {
            self.place = Passage::Beyond;
            text.give_up(Untouched::Ratio, &mut self.rewritten);
        }
        text.push(&self.plain, &mut self.rewritten);
        if self.bytes_out >= self.quiet_from {
            text.expect_nothing(&mut self.rewritten);
        }
        if !self.rewritten.is_empty() {
            self.raw = Vec::new();
            self.encoder.get_or_insert_with(|| self.decoder.encoder()).write(&self.rewritten, out);
        }
        Ok(has_more)
    }

    /// Ends the page; says whether its coding was whole. Of one that was not, what goes out breaks off as it did: browsers show as
    /// much of either.
    pub(super) fn end<F: SlotFiller>(&mut self, text: &mut PageText<F>, out: &mut Vec<u8>) -> bool {
        if let Passage::Mislabelled = self.place {
            return true;
        }
        let end = self.decoder.finish();
        if let Err(error) = end
            && self.pass(error, text, out).is_ok()
        {
            return true;
        }
        self.rewritten.clear();
        text.end(&mut self.rewritten);
        let is_coded = self.bytes_in > 0 || !self.rewritten.is_empty();
        if let Some(mut encoder) = self.encoder.take().or_else(|| is_coded.then(|| self.decoder.encoder())) {
            encoder.write(&self.rewritten, out);
            if end.is_ok() {
                encoder.finish(out);
            } else {
                encoder.flush(out);
            }
        }
        end.is_ok()
    }

    pub(super) const fn decoded_bytes(&self) -> u64 {
        self.bytes_out
    }

    pub(super) const fn is_beyond_ratio(&self) -> bool {
        matches!(self.place, Passage::Beyond)
    }

    const fn is_beyond(&self) -> bool {
        self.bytes_out > HELD_PAGE_BYTES_MAX as u64 && self.bytes_out > self.bytes_in.saturating_mul(DECODE_RATIO_MAX)
    }
}
