//! A text with some of its places written anew.

use std::ops::Range;

/// What is written in place of some bytes of a text.
pub(super) struct Patch<T> {
    /// The place.
    pub(super) at: Range<usize>,
    /// What is there then.
    pub(super) text: T,
}

/// The text with all patches made: they come in order, and none is within another.
pub(super) fn patched<T: AsRef<[u8]>>(text: &[u8], patches: &[Patch<T>]) -> Vec<u8> {
    let written: usize = patches.iter().map(|patch| patch.text.as_ref().len()).sum();
    let (mut out, mut copied) = (Vec::with_capacity(text.len() + written), 0);
    for Patch { at, text: new } in patches {
        out.extend_from_slice(&text[copied..at.start]);
        out.extend_from_slice(new.as_ref());
        copied = at.end;
    }
    out.extend_from_slice(&text[copied..]);
    out
}
