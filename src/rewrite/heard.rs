//! What a rewritten answer tells the logs, as a value.

use super::Note;
use crate::embed::MintRecord;

/// What was minted and noted during a part of the work: each is given once. Nothing said costs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use = "mints belong into the audit log, notes into the log"]
pub(crate) struct Heard {
    /// For the audit log.
    pub(crate) records: Vec<MintRecord>,
    /// For the log and the metrics.
    pub(crate) notes: Vec<Note>,
}

/// What a step did, and what was heard meanwhile: also when it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "mints belong into the audit log, notes into the log"]
pub(crate) struct Stepped<T> {
    /// What it did.
    pub(crate) step: T,
    /// What was heard.
    pub(crate) heard: Heard,
}

/// Whether slots may still get signed URLs; asked with every step of a page that streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Minting {
    /// What the viewer was granted stands.
    Allowed,
    /// It may not stand any more: from now on slots get their links.
    Stopped,
}

impl Heard {
    /// One note.
    pub(super) fn note(note: Note) -> Self {
        Self { records: Vec::new(), notes: vec![note] }
    }
}
