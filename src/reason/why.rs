//! What an answer of our own says of itself, in its head and on the record.

use super::{Done, Reason};

/// A reason, or what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Why(&'static str);

impl Why {
    /// The stable name.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }
}

impl From<Reason> for Why {
    fn from(reason: Reason) -> Self {
        Self(reason.as_str())
    }
}

impl From<Done> for Why {
    fn from(done: Done) -> Self {
        Self(done.as_str())
    }
}
