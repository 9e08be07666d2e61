//! What the rules looked at in a person's claims, with the values: for an operator who has to find out why somebody is refused, and
//! has switched it on (`[log] claims`).

use super::Facts;
use crate::{
    limits::LOG_CLAIMS_MAX,
    policy::{Access, because, explain},
    reason::Reason,
};

impl Facts {
    /// For a refusal: a sentence for each part of the rules that decided it, with what was found. None where nobody has switched
    /// it on, nobody is signed in, or no rule decided.
    #[must_use]
    pub(crate) fn claims_looked_at(&self, reason: Reason) -> Option<Vec<String>> {
        let identity = self.asker.identity().filter(|_| self.config.logs_claims)?;
        let mut sentences = match (of_rule(reason)?, self.place.access()) {
            (Rule::Access, Access::When(condition)) => because(identity, condition),
            (Rule::Access, Access::Public | Access::Optional | Access::SignedIn) => return None,
            (Rule::Mapping, _) => {
                let rules = explain(identity, &self.config.mappings).rules;
                let of = |name: &str, because: Vec<String>| format!("mapping {name}: {}", because.join("; "));
                rules.into_iter().map(|rule| of(rule.name.as_str(), rule.because)).collect()
            }
        };
        sentences.truncate(LOG_CLAIMS_MAX);
        Some(sentences)
    }
}

/// Which rules can be behind a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Access,
    Mapping,
}

const fn of_rule(reason: Reason) -> Option<Rule> {
    // Most reasons are about something else: what is not here has no rule behind it.
    if matches!(reason, Reason::AccessDenied | Reason::ClaimUnknown) {
        return Some(Rule::Access);
    }
    let is_of_mappings = matches!(
        reason,
        Reason::NotMapped
            | Reason::NoTeams
            | Reason::NoAccountType
            | Reason::UserKindConflict
            | Reason::ClaimMissing
            | Reason::ClaimType
            | Reason::EmbedNotAllowed
    );
    if is_of_mappings { Some(Rule::Mapping) } else { None }
}
