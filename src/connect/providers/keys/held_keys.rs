//! Keys at hand, and whether they have been of use.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::identity::KeySet;

/// The keys of a source, or the one of a name.
#[derive(Debug)]
pub(crate) struct HeldKeys {
    set: KeySet,
    has_verified: AtomicBool,
}

impl HeldKeys {
    /// Keys that have just been fetched; `has_verified`: those before them had.
    pub(super) const fn new(set: KeySet, has_verified: bool) -> Self {
        Self { set, has_verified: AtomicBool::new(has_verified) }
    }

    /// The keys.
    #[must_use]
    pub(crate) const fn set(&self) -> &KeySet {
        &self.set
    }

    /// One of them has verified an assertion of the source's own: of keys by name nobody else's takes its place.
    pub(crate) fn verified_one(&self) {
        // Read first: a line of memory that nobody writes is every core's.
        if !self.has_verified.load(Ordering::Relaxed) {
            self.has_verified.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn has_verified(&self) -> bool {
        self.has_verified.load(Ordering::Relaxed)
    }
}
