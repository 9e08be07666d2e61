//! For tests: how often a request reads what it can read. A table in ARCHITECTURE.md says how often, and the tests of `gateway` hold
//! whole requests to it.

use std::cell::Cell;

/// What a request can read, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CountedRead {
    CookieLine,
    Session,
    Rules,
    Documents,
    IdToken,
}

/// How often each was read.
pub(crate) type ReadCounts = [usize; 5];

thread_local! {
    static COUNTS: Cell<ReadCounts> = const { Cell::new([0; 5]) };
}

impl CountedRead {
    /// This thread reads it once more.
    pub(crate) fn count(self) {
        let mut counts = COUNTS.get();
        counts[self as usize] += 1;
        COUNTS.set(counts);
    }

    /// What this thread has read since it was asked last.
    pub(crate) fn taken() -> ReadCounts {
        COUNTS.take()
    }
}
