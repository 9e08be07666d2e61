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

pub(crate) use access::{Access, AccessDecision, access};
pub(crate) use condition::Condition;
pub(crate) use explain::{RuleOutcome, because, explain, mapping_detail};
use explain::{doubts_text, findings_text};
#[cfg(test)]
pub(crate) use mapping::MappingNameError;
pub(crate) use mapping::{EmbedGrant, Grant, GrantError, Granted, MAPPED, Mapping, MappingName, UserKind, grant};
pub(crate) use same_person::{Named, PersonCheck, Unproven, is_one_person, same_person};
pub(crate) use template::{RenderError, Template};
pub(crate) use verdict::Verdict;
