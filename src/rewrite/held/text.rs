//! Texts that are read at once, when they are whole: JSON, and answers with parts of a page.

use std::sync::Arc;

use crate::{
    limits::JSON_BYTES_MAX,
    rewrite::{
        Coding, Heard, HtmlSettings, JsonPath, SlotFiller, Untouched, json,
        media::{codec::Decoder, sniff},
        parts::{self, Patched, delta},
        rewrite_json,
    },
};

/// What kind of text it is, and what of it is looked for.
pub(super) enum WholeText {
    /// The values of these paths.
    Json(Vec<Arc<JsonPath>>),
    /// Parts of a page in XML.
    Parts(HtmlSettings),
    /// The same in an answer to an UpdatePanel.
    Delta(HtmlSettings),
}

impl WholeText {
    /// The text as it goes on, coded as it came; and what was minted and noted.
    pub(super) fn patched<F: SlotFiller>(&self, coding: Coding, coded: &[u8], filler: F) -> (Patched, Heard) {
        let Some(mut decoder) = Decoder::of(coding) else { return self.patched_plain(coded, filler) };
        let plain = match decode_all(&mut decoder, coded) {
            Ok(plain) => plain,
            Err(why) => return (Err(why), Heard::default()),
        };
        let (patched, heard) = self.patched_plain(&plain, filler);
        (patched.map(|patched| patched.map(|(plain, change)| (encoded(&decoder, &plain), change))), heard)
    }

    /// Reads only what may hold a Sigma URL.
    fn patched_plain<F: SlotFiller>(&self, plain: &[u8], mut filler: F) -> (Patched, Heard) {
        match self {
            Self::Json(paths) => (patched_json(plain, paths, &mut filler), filler.take_heard()),
            Self::Parts(settings) | Self::Delta(settings)
                if settings.inserts.is_empty() && !filler.landmarks().are_in(plain) =>
            {
                (Ok(None), Heard::default())
            }
            Self::Parts(settings) => parts::rewrite_parts(plain, settings, filler),
            Self::Delta(settings) => delta::rewrite_delta(plain, settings, filler),
        }
    }
}

fn patched_json<F: SlotFiller>(plain: &[u8], paths: &[Arc<JsonPath>], filler: &mut F) -> Patched {
    // A script gets no JSON out of it but by a decoder of its own.
    if sniff::is_utf16(plain) || matches!(plain, [0, _, ..] | [_, 0, ..]) {
        return Err(Untouched::Charset);
    }
    if !json::may_hold_url(plain, filler.landmarks()) {
        return Ok(None);
    }
    let paths: Vec<&JsonPath> = paths.iter().map(Arc::as_ref).collect();
    rewrite_json(plain, &paths, filler).map_err(|_| Untouched::InvalidJson)
}

fn decode_all(decoder: &mut Decoder, coded: &[u8]) -> Result<Vec<u8>, Untouched> {
    let (mut rest, mut plain) = (coded, Vec::new());
    loop {
        let (used, has_more) = decoder.step(rest, &mut plain).map_err(|_| Untouched::BrokenCoding)?;
        rest = &rest[used..];
        if plain.len() > JSON_BYTES_MAX {
            return Err(Untouched::TooLarge);
        }
        if rest.is_empty() && !has_more {
            return decoder.finish().map(|()| plain).map_err(|_| Untouched::BrokenCoding);
        }
    }
}

fn encoded(decoder: &Decoder, plain: &[u8]) -> Vec<u8> {
    let (mut encoder, mut coded) = (decoder.encoder(), Vec::new());
    encoder.write(plain, &mut coded);
    encoder.finish(&mut coded);
    coded
}
