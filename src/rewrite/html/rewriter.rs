//! The streaming HTML rewriter: the scanner finds the tags, the page's state the slots, the splicer edits the bytes.
//!
//! Nothing is written but the page's own bytes and the edits between them. So bytes outside slots cannot change, whatever is
//! made of a page, and nothing in a page ends the rewriting of what follows.

use std::borrow::Cow;

use memchr::memchr;

use super::{
    opening::{Beginning, Begun},
    settings::HtmlSettings,
    state::{PagePart, PageState},
};
use crate::{
    limits::REWRITE_CHUNK_BYTES,
    rewrite::{Change, Heard, Minting, Note, PageScript, SlotFiller, Untouched, markup::Scanner},
};

/// Rewrites one page: chunks in, chunks out. It cannot fail; what it cannot follow passes unchanged, with a [`Note`].
pub(crate) struct HtmlRewriter<F: SlotFiller> {
    page: PageState<F>,
    scanner: Scanner,
    /// Bytes that were read and may still get an edit; the page was written up to them.
    kept: Vec<u8>,
    /// The beginning of a page that gets a script, while it is not known where; and the script's tag.
    opening: Option<(Beginning, String)>,
    /// Whether the rest of the page passes as it is.
    is_over: bool,
    /// Whether it will, once an element that is being replaced has ended.
    is_leaving: bool,
}

impl<F: SlotFiller> HtmlRewriter<F> {
    /// A rewriter for one page.
    #[must_use]
    pub(crate) fn new(settings: &HtmlSettings, filler: F) -> Self {
        let mut page = PageState::new(filler, settings);
        let opening = match &settings.script {
            PageScript::Tag(tag) => Some((Beginning::new(settings.syntax), tag.clone())),
            PageScript::None | PageScript::Blocked => None,
        };
        settings.script.note().into_iter().for_each(|note| page.filler.note(note));
        Self {
            page,
            scanner: Scanner::new(settings.syntax),
            kept: Vec::new(),
            opening,
            is_over: false,
            is_leaving: false,
        }
    }

    /// Takes the next bytes of the page; what is ready is added to `out`.
    pub(crate) fn push(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        std::mem::swap(&mut self.page.splicer.out, out);
        let chunk = self.opened(chunk);
        for piece in chunk.chunks(REWRITE_CHUNK_BYTES) {
            self.push_piece(piece);
        }
        std::mem::swap(&mut self.page.splicer.out, out);
    }

    /// What of a chunk goes on, with what was kept back before it; where the head begins, the script's tag is put in.
    fn opened<'c>(&mut self, chunk: &'c [u8]) -> Cow<'c, [u8]> {
        let Some((opening, tag)) = &mut self.opening else { return Cow::Borrowed(chunk) };
        let Begun::At(place, bytes) = opening.push(chunk) else { return Cow::Borrowed(&[]) };
        match place {
            Some(at) => self.page.put_script(at, std::mem::take(tag)),
            None => self.page.filler.note(Note::ScriptNotPlaced),
        }
        self.opening = None;
        Cow::Owned(bytes)
    }

    /// Ends the page.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        std::mem::swap(&mut self.page.splicer.out, out);
        if let Some((mut opening, _)) = self.opening.take() {
            self.push_piece(&opening.end());
        }
        if !self.is_over {
            let kept = std::mem::take(&mut self.kept);
            self.page.end(&self.scanner, &kept);
        }
        std::mem::swap(&mut self.page.splicer.out, out);
    }

    /// Follows the page by other settings than those it was made with; before its first byte.
    pub(in crate::rewrite) fn begin_anew(&mut self, settings: &HtmlSettings) {
        self.page.begin_anew(settings);
    }

    /// What has come goes out, and the rest passes as it is.
    pub(in crate::rewrite) fn give_up(&mut self, why: Untouched, out: &mut Vec<u8>) {
        std::mem::swap(&mut self.page.splicer.out, out);
        if let Some((mut opening, _)) = self.opening.take() {
            self.push_piece(&opening.end());
        }
        self.break_off(why);
        std::mem::swap(&mut self.page.splicer.out, out);
    }

    /// How many bytes at the end of a page, of which these are the last, hold nothing that every slot has. Best they begin where the
    /// last slot's tag ends.
    pub(in crate::rewrite) fn quiet_end(&self, last: &[u8]) -> usize {
        let quiet = self.page.landmarks.quiet_end(last);
        quiet - memchr(b'>', &last[last.len() - quiet..]).map_or(0, |at| at + 1)
    }

    /// The rest of the page holds nothing that every slot has: if nothing waits for a place in it, nobody has to read it.
    pub(in crate::rewrite) fn expect_nothing(&mut self, out: &mut Vec<u8>) {
        if !self.is_over && self.opening.is_none() && self.page.is_settled() {
            std::mem::swap(&mut self.page.splicer.out, out);
            self.is_over = true;
            let kept = std::mem::take(&mut self.kept);
            self.page.splicer.write(&kept);
            std::mem::swap(&mut self.page.splicer.out, out);
        }
    }

    fn break_off(&mut self, why: Untouched) {
        if !self.is_over && !self.is_leaving {
            self.page.filler.note(Note::NotRewritten(why));
            self.is_leaving = true;
            self.leave();
        }
    }

    /// What is being replaced is followed to its end: in the middle of it, a script or comment could come out as markup.
    fn leave(&mut self) {
        if self.is_leaving && !self.is_over && !self.page.is_replacing() {
            self.is_over = true;
            let kept = std::mem::take(&mut self.kept);
            self.page.splicer.write(&kept);
            self.page.break_off();
        }
    }

    /// What fills slots, when the page has ended.
    pub(in crate::rewrite) fn into_filler(self) -> F {
        self.page.filler
    }

    /// How many slots have been filled.
    #[cfg(any(test, feature = "demo"))]
    #[must_use]
    pub(crate) const fn slots(&self) -> usize {
        self.page.slots
    }

    /// Whether anything was done to the page.
    #[must_use]
    pub(crate) const fn is_changed(&self) -> bool {
        self.page.slots > 0 || self.page.has_script
    }

    /// What was done to the page.
    #[must_use]
    pub(crate) const fn change(&self) -> Change {
        match (self.page.has_signed, self.page.has_frame || self.page.has_script) {
            (true, _) => Change::Signed,
            (false, true) => Change::Frames,
            (false, false) => Change::Anchors,
        }
    }

    /// The most that may yet be done to the page, whose head goes out before its slots are known.
    #[must_use]
    pub(crate) fn change_ahead(&self) -> Change {
        if self.page.filler.may_sign_frames() { Change::Signed } else { Change::Frames }
    }

    /// Says whether slots from here on may get signed URLs; what was stopped stays stopped.
    pub(crate) fn set_minting(&mut self, minting: Minting) {
        match minting {
            Minting::Allowed => {}
            Minting::Stopped => self.page.filler.stop_minting(),
        }
    }

    /// What was minted and noted so far; it is given once.
    pub(crate) fn take_heard(&mut self) -> Heard {
        self.page.filler.take_heard()
    }

    fn push_piece(&mut self, piece: &[u8]) {
        if self.is_over {
            return self.page.splicer.write(piece);
        }
        self.read_piece(piece);
        if let Some(why) = self.page.lost.take() {
            self.break_off(why);
        }
        self.leave();
    }

    fn read_piece(&mut self, piece: &[u8]) {
        let base = self.page.splicer.position();
        if self.kept.is_empty() {
            let written = self.read(PagePart { bytes: piece, base });
            self.kept.extend_from_slice(&piece[written..]);
            return;
        }
        let mut bytes = std::mem::take(&mut self.kept);
        bytes.extend_from_slice(piece);
        let written = self.read(PagePart { bytes: &bytes, base });
        bytes.drain(..written);
        self.kept = bytes;
    }

    /// Reads on, and writes what nothing can be put into any more; says how much of the part that is.
    fn read(&mut self, part: PagePart<'_>) -> usize {
        while let Some(token) = self.scanner.next(part.bytes, part.base) {
            self.page.token(token, part, &mut self.scanner);
            if self.page.lost.is_some() || (self.is_leaving && !self.page.is_replacing()) {
                break;
            }
        }
        let read = part.base + part.bytes.len();
        let wanted = self.scanner.wants_from().min(self.page.wants_from(read));
        let written = wanted.max(part.base) - part.base;
        self.page.splicer.write(&part.bytes[..written]);
        written
    }
}
