//! Why an ID token is refused: what is wrong, and what was found in place of what is right.

use super::super::super::jws::{JwsError, JwsFault};
use crate::reason::Reason;

/// Why a token is refused. Of the token it tells what the protocol is about (issuer, audience, algorithm, names of keys, times), never
/// a nonce, and nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}: {detail}")]
pub(crate) struct IdTokenError {
    /// What is wrong.
    pub(crate) fault: TokenFault,
    /// What was found; cleaned and cut.
    pub(crate) detail: String,
}

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenFault {
    /// Not a signed JWT of ours to read: shape, encoding, JSON, token class.
    #[error("id token is not a well-formed signed jwt")]
    Malformed,
    /// RFC 7516: nobody but the holder of a key can read it, and the gateway has none.
    #[error("id token is encrypted")]
    Encrypted,
    /// OIDC Core 3.1.3.7, step 2.
    #[error("id token is of another issuer")]
    Issuer,
    /// Steps 3 to 5.
    #[error("id token is for another client")]
    Audience,
    /// Step 7.
    #[error("id token is signed with an algorithm that is not accepted")]
    Algorithm,
    /// Step 6: the keys at hand have none that fits.
    #[error("id token is signed with an unknown key")]
    UnknownKey,
    /// OIDC Core 10.1: it does not say which of many keys it is signed with.
    #[error("id token is signed with one of too many keys")]
    AmbiguousKey,
    /// Step 6.
    #[error("signature of the id token does not verify")]
    Signature,
    /// Steps 9 and 10.
    #[error("id token is expired, not valid yet, or has no proper times")]
    Time,
    /// Step 11.
    #[error("id token does not fit the login attempt")]
    Nonce,
    /// OIDC Core 3.1.3.8.
    #[error("id token is not for the access token that came with it")]
    AccessToken,
}

impl IdTokenError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self.fault {
            TokenFault::Malformed => Reason::TokenMalformed,
            TokenFault::Encrypted => Reason::TokenEncrypted,
            TokenFault::Issuer => Reason::TokenIss,
            TokenFault::Audience => Reason::TokenAud,
            TokenFault::Algorithm => Reason::TokenAlg,
            TokenFault::UnknownKey | TokenFault::AmbiguousKey => Reason::TokenKey,
            TokenFault::Signature | TokenFault::AccessToken => Reason::TokenSignature,
            TokenFault::Time => Reason::TokenTime,
            TokenFault::Nonce => Reason::TokenNonce,
        }
    }
}

impl From<JwsError> for IdTokenError {
    fn from(JwsError { fault, detail }: JwsError) -> Self {
        let fault = match fault {
            JwsFault::Malformed => TokenFault::Malformed,
            JwsFault::Encrypted => TokenFault::Encrypted,
            JwsFault::Algorithm => TokenFault::Algorithm,
            JwsFault::UnknownKey => TokenFault::UnknownKey,
            JwsFault::AmbiguousKey => TokenFault::AmbiguousKey,
            JwsFault::Signature => TokenFault::Signature,
            JwsFault::Time => TokenFault::Time,
        };
        Self { fault, detail }
    }
}

impl TokenFault {
    /// Whether keys or algorithms that the provider has changed since could be the cause: then its documents are fetched once more.
    #[must_use]
    pub(crate) const fn may_be_rotation(self) -> bool {
        match self {
            Self::UnknownKey | Self::Signature | Self::Algorithm => true,
            Self::Malformed
            | Self::Encrypted
            | Self::Issuer
            | Self::Audience
            | Self::AmbiguousKey
            | Self::Time
            | Self::Nonce
            | Self::AccessToken => false,
        }
    }

    /// The error, with what was found.
    pub(super) fn with(self, detail: impl Into<String>) -> IdTokenError {
        IdTokenError { fault: self, detail: detail.into() }
    }
}
