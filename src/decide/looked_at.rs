//! What the rules looked at in a person's claims, with the values: for an operator who has to find out why somebody is refused, and
//! has switched it on (`[log] claims`).

use super::Facts;
use crate::{
    limits::LOG_CLAIMS_MAX,
    policy::{Access, because, explain},
    reason::{Behind, Reason},
};

impl Facts {
    /// For a refusal: a sentence for each part of the rules that decided it, with what was found. None where nobody has switched
    /// it on, nobody is signed in, or no rule decided.
    #[must_use]
    pub(crate) fn claims_looked_at(&self, reason: Reason) -> Option<Vec<String>> {
        let identity = self.asker.identity().filter(|_| self.config.logs_claims)?;
        let mut sentences = match (reason.behind(), self.place.access()) {
            (Behind::Access, Access::When(condition)) => because(identity, condition),
            (Behind::Access, Access::Public | Access::Optional | Access::SignedIn)
            | (Behind::Account | Behind::Passing(_) | Behind::Nothing, _) => return None,
            (Behind::Rules, _) => {
                let rules = explain(identity, &self.config.mappings).rules;
                let of = |name: &str, because: Vec<String>| format!("mapping {name}: {}", because.join("; "));
                rules.into_iter().map(|rule| of(rule.name.as_str(), rule.because)).collect()
            }
        };
        sentences.truncate(LOG_CLAIMS_MAX);
        Some(sentences)
    }
}
