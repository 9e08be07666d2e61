//! What follows for a request from what a proxy in front has attached to it.

use crate::{identity::ProviderName, reason::Reason};

/// One that is there and is not good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadAttestation {
    /// Of which source it would be.
    pub(crate) source: ProviderName,
    /// Why it is refused.
    pub(crate) reason: Reason,
    /// What was found, for the record: never a value that names somebody.
    pub(crate) detail: String,
    /// Whether it is a bearer token of a program (RFC 6750).
    pub(crate) is_bearer: bool,
}

/// What follows for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FrontCheck {
    /// The site accepts nothing of the kind, or nothing depends on it here.
    Unasked,
    /// Nothing is attached: the session counts, where the site has a sign-in.
    Missing,
    /// It names the visitor.
    Vouches,
    /// It is refused, whoever has a session.
    Refused(Box<BadAttestation>),
    /// It names somebody else than the session, or than another one: nobody acts, and the session ends.
    Conflict {
        /// The source of the first one.
        source: ProviderName,
        /// Whom that names.
        user: String,
    },
}

impl FrontCheck {
    /// Why the request is refused, whatever it asks for.
    #[must_use]
    pub(crate) const fn refusal(&self) -> Option<Reason> {
        match self {
            Self::Unasked | Self::Missing | Self::Vouches => None,
            Self::Refused(bad) => Some(bad.reason),
            Self::Conflict { .. } => Some(Reason::IdentityConflict),
        }
    }

    /// The error of RFC 6750 3.1 that a bearer token is refused with; none: that is not what is wrong.
    #[must_use]
    pub(crate) fn bearer_error(&self) -> Option<(&'static str, Reason)> {
        match self {
            // That no key is to be had is nothing that is wrong with a token.
            Self::Refused(bad) if bad.is_bearer && bad.reason.status().is_client_error() => {
                Some(("invalid_token", bad.reason))
            }
            Self::Unasked | Self::Missing | Self::Vouches | Self::Refused(_) | Self::Conflict { .. } => None,
        }
    }
}
