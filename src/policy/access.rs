//! Access: may this person have this part of the host application?

use super::{Condition, doubts_text, findings_text};
use crate::identity::Identity;

/// A route's `access`.
#[derive(Debug, Clone)]
pub(crate) enum Access {
    /// Anybody; no identity is forwarded.
    Public,
    /// Anybody; the identity is forwarded if there is one.
    Optional,
    /// Anybody who is signed in.
    SignedIn,
    /// Who is signed in and fulfils the condition.
    When(Box<Condition>),
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessDecision {
    /// Forward; with the identity, if there is one.
    Allow,
    /// Forward without any identity.
    AllowAnonymous,
    /// Sign in first.
    SignIn,
    /// Signed in, but not allowed.
    Deny,
    /// Signed in, and nothing speaks against it but that a claim proves nothing: a `not` needs a proof.
    Unknown,
}

impl Access {
    /// Which claims made the rule unknown for somebody whom [`access`] refused, and what about them; never a value.
    #[must_use]
    pub(crate) fn doubts(&self, identity: &Identity) -> Option<String> {
        match self {
            Self::Public | Self::Optional | Self::SignedIn => None,
            Self::When(condition) => doubts_text(&condition.doubts(identity)),
        }
    }

    /// Which claims the rule asked about for somebody whom [`access`] refused, and what was found; never a value.
    #[must_use]
    pub(crate) fn detail(&self, identity: &Identity) -> Option<String> {
        match self {
            Self::Public | Self::Optional | Self::SignedIn => None,
            Self::When(condition) => self.doubts(identity).or_else(|| findings_text(&condition.findings(identity))),
        }
    }
}

/// Decides access.
#[must_use]
pub(crate) fn access(rule: &Access, identity: Option<&Identity>) -> AccessDecision {
    match (rule, identity) {
        (Access::Public, _) | (Access::Optional, None) => AccessDecision::AllowAnonymous,
        (Access::Optional | Access::SignedIn, Some(_)) => AccessDecision::Allow,
        (Access::SignedIn | Access::When(_), None) => AccessDecision::SignIn,
        (Access::When(condition), Some(identity)) if condition.holds(identity) => AccessDecision::Allow,
        (Access::When(condition), Some(identity)) if condition.lacks_only_proof(identity) => AccessDecision::Unknown,
        (Access::When(_), Some(_)) => AccessDecision::Deny,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::tests::{identity, in_group};

    #[test]
    fn every_rule_decides_for_nobody_for_a_stranger_and_for_a_member() {
        use AccessDecision::{Allow, AllowAnonymous, Deny, SignIn};
        let (stranger, member) = (identity(json!({})), identity(json!({ "groups": ["crm"] })));
        for (rule, nobody, for_stranger, for_member) in [
            (Access::Public, AllowAnonymous, AllowAnonymous, AllowAnonymous),
            (Access::Optional, AllowAnonymous, Allow, Allow),
            (Access::SignedIn, SignIn, Allow, Allow),
            (Access::When(Box::new(in_group("crm"))), SignIn, Deny, Allow),
        ] {
            assert_eq!(access(&rule, None), nobody, "{rule:?}");
            assert_eq!(access(&rule, Some(&stranger)), for_stranger, "{rule:?}");
            assert_eq!(access(&rule, Some(&member)), for_member, "{rule:?}");
        }
    }

    #[test]
    fn who_does_not_tell_gets_neither_what_members_may_have_nor_what_others_may_have() {
        let nobody_knows = identity(json!({}));
        let rules = [
            (Access::When(Box::new(in_group("crm"))), AccessDecision::Deny),
            (Access::When(Box::new(Condition::Not(Box::new(in_group("crm"))))), AccessDecision::Unknown),
        ];
        for (rule, decision) in rules {
            assert_eq!(access(&rule, Some(&nobody_knows)), decision, "{rule:?}");
            assert_eq!(rule.doubts(&nobody_knows).as_deref(), Some("groups: the claim is missing"));
            assert_eq!(rule.doubts(&identity(json!({ "groups": ["crm"] }))), None);
        }
    }
}
