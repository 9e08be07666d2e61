//! Access: may this person have this part of the host application?

use super::Condition;
use crate::identity::{Identity, Projection};

/// A route's `access`.
#[derive(Debug, Clone)]
pub enum Access {
    /// Anybody; no identity is forwarded.
    Public,
    /// Anybody; the identity is forwarded if there is one.
    Optional,
    /// Anybody who is signed in.
    SignedIn,
    /// Who is signed in and fulfils the condition.
    When(Condition),
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessDecision {
    /// Forward; with the identity, if there is one.
    Allow,
    /// Forward without any identity.
    AllowAnonymous,
    /// Sign in first.
    SignIn,
    /// Signed in, but not allowed.
    Deny,
}

impl Access {
    /// Adds to `projection` what the rule looks at.
    pub fn project(&self, projection: &mut Projection) {
        match self {
            Self::Public | Self::Optional | Self::SignedIn => {}
            Self::When(condition) => condition.project(projection),
        }
    }
}

/// Decides access.
#[must_use]
pub fn access(rule: &Access, identity: Option<&Identity>) -> AccessDecision {
    match (rule, identity) {
        (Access::Public, _) | (Access::Optional, None) => AccessDecision::AllowAnonymous,
        (Access::Optional | Access::SignedIn, Some(_)) => AccessDecision::Allow,
        (Access::SignedIn | Access::When(_), None) => AccessDecision::SignIn,
        (Access::When(condition), Some(identity)) if condition.holds(identity) => AccessDecision::Allow,
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
            (Access::When(in_group("crm")), SignIn, Deny, Allow),
        ] {
            assert_eq!(access(&rule, None), nobody, "{rule:?}");
            assert_eq!(access(&rule, Some(&stranger)), for_stranger, "{rule:?}");
            assert_eq!(access(&rule, Some(&member)), for_member, "{rule:?}");
        }
    }
}
