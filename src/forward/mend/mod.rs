//! The head of a host application's answer, mended before anybody reads it.
//!
//! In: the bytes of a head as they came, and whether a head alone was asked for. Out: bytes that every strict parser reads alike, how
//! the body behind them ends, and what was done to them; or why they cannot be passed on. hyper reads only what is written here, and
//! no other code decides what an odd line means.
//!
//! Strict with what says where a body ends: a malformed line of that kind, or two that disagree, is refused and quoted. Forgiving with
//! all else, as browsers are: a folded line is joined, a space before a colon goes, a line that HTTP cannot carry is dropped. Always
//! with a note ([`HeadNotes`]).
//!
//! The usual head is plain: [`look`] walks over it once, and nothing is written.

mod chunks;
mod decide;
mod head;
mod lines;
mod look;
mod notes;
mod write;

pub(crate) use chunks::{BodyStart, ChunkError, ChunkWalk};
pub(crate) use head::{AskedFor, Framing, HeadEnd};
pub(crate) use look::{FirstLook, look};
pub(crate) use notes::{HeadNotes, MendError};
pub(crate) use write::mend;

#[cfg(test)]
mod chunk_tests;
#[cfg(test)]
mod tests;
