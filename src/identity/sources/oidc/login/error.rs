//! Why a sign-in fails.

use super::super::{id_token::IdTokenError, user_info::UserInfoError};
use crate::{
    identity::{IdentityError, LoginLoop},
    limits::LOGIN_ATTEMPT_AGE_MAX,
    reason::Reason,
};

/// Why a sign-in fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LoginError {
    /// The callback came without the cookie of its attempt, or with one that does not open.
    #[error("callback came without the cookie of its login attempt")]
    AttemptMissing,
    /// The attempt is too old.
    #[error("login attempt is older than {LOGIN_ATTEMPT_AGE_MAX:?}")]
    AttemptExpired,
    /// `state` is missing or another one, or the callback has neither code nor error.
    #[error("callback is not that of the login attempt")]
    StateMismatch,
    /// RFC 6749 3.1: parameters are not repeated.
    #[error("callback has the parameter `{name}` twice")]
    ParameterTwice {
        /// Which.
        name: &'static str,
    },
    /// RFC 9207 2.4.
    #[error("callback is of another issuer, or does not name its issuer")]
    Issuer,
    /// The provider answered with an error.
    #[error("provider refused the sign-in: {code}")]
    ProviderRefused {
        /// The error code of RFC 6749 4.1.2.1 or OIDC Core 3.1.2.6; `other` for anything else.
        code: &'static str,
    },
    /// The attempt was with a provider that the site does not use any more, or with another issuer or client of it.
    #[error("login attempt is of another provider, issuer or client")]
    OtherProvider,
    /// As many codes are being exchanged as the provider is asked for at a time.
    #[error("provider is asked for too many tokens at once")]
    Busy,
    /// No answer from the provider, or no valid documents.
    #[error("provider cannot be used: {cause}")]
    ProviderUnreachable {
        /// For the log; nothing that the provider sent.
        cause: String,
    },
    /// The token endpoint gave no tokens.
    #[error("code is not exchanged for tokens: {cause}")]
    Exchange {
        /// For the log; nothing that the provider sent but a checked error code.
        cause: String,
    },
    /// The ID token is refused.
    #[error(transparent)]
    Token(#[from] IdTokenError),
    /// UserInfo was needed, and does not say what is missing.
    #[error(transparent)]
    UserInfo(#[from] UserInfoError),
    /// The claims name nobody.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Sign-in after sign-in brings no session.
    #[error(transparent)]
    Loop(#[from] LoginLoop),
}

impl LoginError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::AttemptMissing => Reason::AttemptMissing,
            Self::AttemptExpired => Reason::AttemptExpired,
            Self::StateMismatch | Self::ParameterTwice { .. } => Reason::StateMismatch,
            Self::OtherProvider => Reason::ProviderChanged,
            Self::Busy => Reason::ProviderBusy,
            Self::Issuer => Reason::TokenIss,
            Self::ProviderRefused { .. } => Reason::ProviderRefused,
            Self::ProviderUnreachable { .. } => Reason::ProviderUnreachable,
            Self::Exchange { .. } => Reason::TokenExchange,
            Self::Token(error) => error.reason(),
            Self::UserInfo(error) => error.reason(),
            Self::Identity(error) => error.reason(),
            Self::Loop(_) => Reason::LoginLoop,
        }
    }
}
