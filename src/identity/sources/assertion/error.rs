//! Why an assertion is refused: what is wrong, and what was found in place of what is right.

use super::super::jws::{JwsError, JwsFault};
use crate::reason::Reason;

/// Why an assertion is refused. Of it is told what the protocol is about (issuer, audience, signer, algorithm, names of keys, times),
/// and nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}: {detail}")]
pub(crate) struct AssertionError {
    /// What is wrong.
    pub(crate) fault: AssertionFault,
    /// What was found; cleaned and cut.
    pub(crate) detail: String,
}

/// What is wrong with an assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AssertionFault {
    /// None of one line with one value, or no signed JWT to read: shape, encoding, JSON, a header member that is not understood.
    #[error("assertion is not one well-formed signed jwt")]
    Malformed,
    /// Of another issuer, or of another tenant of it.
    #[error("assertion is of another issuer")]
    Issuer,
    /// For another application.
    #[error("assertion is for another audience")]
    Audience,
    /// By another load balancer than those of the operator.
    #[error("assertion is signed by another load balancer")]
    Signer,
    /// Of another kind: an access token where an ID token is meant, or the other way round.
    #[error("assertion is of another kind")]
    Kind,
    /// An algorithm that the preset does not have.
    #[error("assertion is signed with an algorithm that is not accepted")]
    Algorithm,
    /// No key of that name, or a name that no key of this source has.
    #[error("assertion is signed with an unknown key")]
    UnknownKey,
    /// It does not say which of many keys it is signed with.
    #[error("assertion is signed with one of too many keys")]
    AmbiguousKey,
    /// No key verifies it.
    #[error("signature of the assertion does not verify")]
    Signature,
    /// Past, ahead, without an end, or living for longer than it may.
    #[error("assertion is expired, not valid yet, or has no proper times")]
    Time,
    /// Of nobody, of a program, or of somebody whom this source does not name.
    #[error("assertion does not name a person of this source")]
    Subject,
}

impl AssertionError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self.fault {
            AssertionFault::Malformed => Reason::AssertionMalformed,
            AssertionFault::Issuer => Reason::AssertionIss,
            AssertionFault::Audience => Reason::AssertionAud,
            AssertionFault::Signer => Reason::AssertionSigner,
            AssertionFault::Kind => Reason::AssertionType,
            AssertionFault::Algorithm => Reason::AssertionAlg,
            AssertionFault::UnknownKey | AssertionFault::AmbiguousKey => Reason::AssertionKey,
            AssertionFault::Signature => Reason::AssertionSignature,
            AssertionFault::Time => Reason::AssertionTime,
            AssertionFault::Subject => Reason::AssertionSub,
        }
    }

    /// Whether keys that the source has changed since could be the cause: then they are fetched once more.
    #[must_use]
    pub(crate) const fn may_be_rotation(&self) -> bool {
        match self.fault {
            AssertionFault::UnknownKey | AssertionFault::Signature => true,
            AssertionFault::Malformed
            | AssertionFault::Issuer
            | AssertionFault::Audience
            | AssertionFault::Signer
            | AssertionFault::Kind
            | AssertionFault::Algorithm
            | AssertionFault::AmbiguousKey
            | AssertionFault::Time
            | AssertionFault::Subject => false,
        }
    }
}

impl AssertionFault {
    /// The error, with what was found.
    pub(super) fn with(self, detail: impl Into<String>) -> AssertionError {
        AssertionError { fault: self, detail: detail.into() }
    }
}

impl From<JwsError> for AssertionError {
    fn from(JwsError { fault, detail }: JwsError) -> Self {
        let fault = match fault {
            JwsFault::Malformed | JwsFault::Encrypted => AssertionFault::Malformed,
            JwsFault::Algorithm => AssertionFault::Algorithm,
            JwsFault::UnknownKey => AssertionFault::UnknownKey,
            JwsFault::AmbiguousKey => AssertionFault::AmbiguousKey,
            JwsFault::Signature => AssertionFault::Signature,
            JwsFault::Time => AssertionFault::Time,
        };
        Self { fault, detail }
    }
}
