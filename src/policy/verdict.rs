//! Kleene's three truth values.

/// What a condition is of a person. The order is that of the values: `all` is the least, `any` the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Verdict {
    /// Proved not to hold.
    False,
    /// The claims prove neither.
    Unknown,
    /// Proved to hold: the only verdict that grants.
    True,
}

#[cfg(test)]
impl Verdict {
    /// As the table of cases writes it.
    #[must_use]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::Unknown => "unknown",
            Self::True => "true",
        }
    }
}
