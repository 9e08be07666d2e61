//! Why a person gets what they get: every rule, fired or not, and what it looked at.

use super::{GrantError, Granted, Mapping, MappingName};
use crate::identity::Identity;

/// One mapping's part in the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOutcome {
    /// The mapping.
    pub name: MappingName,
    /// Whether it matched.
    pub matched: bool,
    /// For each part of the condition a sentence: what was asked and what was found.
    pub because: Vec<String>,
}

/// The whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Every mapping in configuration order.
    pub rules: Vec<RuleOutcome>,
    /// What follows from them.
    pub result: Result<Granted, GrantError>,
}

/// Explains a mapping result; gives exactly what [`grant`](super::grant) gives.
#[must_use]
pub fn explain(_identity: &Identity, _mappings: &[Mapping]) -> Explanation {
    todo!()
}
