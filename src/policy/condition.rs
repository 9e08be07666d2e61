//! Conditions over claims and provider: typed, exact, pure.

use crate::identity::{ClaimPath, Identity, Projection, ProviderName, ValuePattern};

/// A `when`: keys: and; values: or.
#[derive(Debug, Clone)]
pub enum Condition {
    /// The source that vouches is one of these.
    Provider(Vec<ProviderName>),
    /// The claim is, or its array holds, a value that some pattern matches.
    Claim(ClaimPath, Vec<ValuePattern>),
    /// All hold (`all`, and the keys of one table).
    All(Vec<Self>),
    /// One holds (`any`).
    Any(Vec<Self>),
    /// It does not hold (`not`).
    Not(Box<Self>),
}

impl Condition {
    /// Whether the condition holds.
    #[must_use]
    pub fn holds(&self, _identity: &Identity) -> bool {
        todo!()
    }

    /// Adds to `projection` what the condition looks at.
    pub fn project(&self, _projection: &mut Projection) {
        todo!()
    }
}
