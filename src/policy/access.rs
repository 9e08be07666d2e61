//! Access: may this person have this part of the host application?

use super::Condition;
use crate::identity::Identity;

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

/// Decides access.
#[must_use]
pub fn access(_rule: &Access, _identity: Option<&Identity>) -> AccessDecision {
    todo!()
}
