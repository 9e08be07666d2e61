//! Two questions, never mixed: may this person have this part of the host application ([`access`]), and what may this
//! person see in Sigma ([`grant`])? [`explain`] answers the second one rule by rule.
//!
//! In: an [`Identity`](crate::identity::Identity) and the rules. Out: values. Conditions see claims and provider, never
//! the site: one person has one mapping result everywhere (Sigma's claims belong to the user).

mod access;
mod condition;
mod explain;
mod mapping;
mod same_person;
mod template;
#[cfg(test)]
pub(crate) mod tests;
mod verdict;

pub use access::{Access, AccessDecision, access};
pub use condition::Condition;
use explain::doubts_text;
pub use explain::{Explanation, RuleOutcome, because, explain, mapping_doubts};
pub use mapping::{
    EmbedGrant, Grant, GrantError, Granted, MAPPED, Mapping, MappingName, MappingNameError, UserKind, grant,
};
pub use same_person::{PersonCheck, Unproven, same_person};
pub use template::{RenderError, Template, TemplateError};
pub use verdict::Verdict;
