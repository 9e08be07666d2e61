//! What of the claims a session keeps: only what today's rules can look at.

use std::collections::BTreeMap;

use globset::GlobMatcher;

use super::{ClaimPath, Scalar};

/// A value of a condition: exact and typed, or a glob over texts (`*` does not cross `/`).
#[derive(Debug, Clone)]
pub enum ValuePattern {
    /// The same type and the same value.
    Exact(Scalar),
    /// A text that the glob matches.
    Glob(GlobMatcher),
}

/// What is kept of one claim.
#[derive(Debug, Clone)]
pub enum Keep {
    /// The value as it is (a template or a condition needs it; it must be a scalar, else only its type is kept out).
    Whole,
    /// Of an array or scalar only the values that some pattern matches.
    Matching(Vec<ValuePattern>),
}

/// What of the claims a session keeps.
#[derive(Debug, Clone, Default)]
pub struct Projection(pub BTreeMap<ClaimPath, Keep>);
