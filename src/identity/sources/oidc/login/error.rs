//! Why a sign-in fails.

use super::super::{
    id_token::{IdTokenError, VerifiedToken},
    provider_words::ProviderWords,
    user_info::UserInfoError,
};
use crate::{
    identity::{IdentityError, LoginLoop, NamedAddress, SourceSettings, cause::quoted},
    limits::LOGIN_ATTEMPT_AGE_MAX,
    reason::Reason,
};

/// Why a sign-in fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LoginError {
    /// The callback came without the cookie of its attempt.
    #[error("callback came without the cookie of its login attempt")]
    AttemptMissing,
    /// It came with one that does not open.
    #[error(
        "callback came with a cookie of its login attempt that no key here opens: it was sealed by another replica, whose \
         `session.keys` are others, or by a key that was taken out"
    )]
    AttemptSealed,
    /// The attempt is too old.
    #[error("login attempt is older than {LOGIN_ATTEMPT_AGE_MAX:?}")]
    AttemptExpired,
    /// `state` is another one.
    #[error("callback is not that of the login attempt: `state` is another one")]
    StateMismatch,
    /// There is no `state`: nobody here asked for this answer, or it is where no server sees it.
    #[error("callback has no `state`: it was not asked for here, or the answer is in the fragment (`response_mode`)")]
    StateMissing,
    /// OAuth 2.0 Form Post Response Mode 2.
    #[error("callback was posted, and not as a form: its content-type is {found}")]
    NotAForm {
        /// What it calls itself, quoted and cut.
        found: String,
    },
    /// Neither code nor error.
    #[error("callback has neither a `code` nor an `error`")]
    CodeMissing,
    /// RFC 6749 3.1: parameters are not repeated.
    #[error("callback has the parameter `{name}` twice")]
    ParameterTwice {
        /// Which.
        name: &'static str,
    },
    /// RFC 9207 2.4.
    #[error("callback {}", .found.as_ref().map_or_else(
        || "does not name its issuer: `iss` is missing, and the provider announces it".to_owned(),
        |found| format!("is of another issuer: `iss` is {found}"),
    ))]
    Issuer {
        /// The issuer that it names, quoted and cut.
        found: Option<String>,
    },
    /// The provider answered with an error.
    #[error("provider refused the sign-in: {words}")]
    ProviderRefused {
        /// What it says.
        words: ProviderWords,
    },
    /// The attempt was with a provider that the site does not use any more, or with another issuer or client of it.
    #[error("login attempt is of another provider, issuer or client")]
    OtherProvider,
    /// As many codes are being exchanged as the provider is asked for at a time.
    #[error("provider is asked for too many tokens at once")]
    Busy,
    /// No answer from the provider, or one that says that it has none just now.
    #[error("provider cannot be reached: {cause}")]
    ProviderUnreachable {
        /// For the log.
        cause: String,
    },
    /// An answer, but with documents that are none.
    #[error("provider cannot be used: {cause}")]
    ProviderDocuments {
        /// For the log: what is wrong with them.
        cause: String,
    },
    /// The token endpoint gave no tokens.
    #[error("code is not exchanged for tokens: {cause}")]
    Exchange {
        /// For the log: of the answer its status, and what the provider says of an error.
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

/// A sign-in that failed, of whom, where a verified token had named somebody, and what the provider said all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedLogin {
    /// Why.
    pub(crate) error: LoginError,
    /// The address, for the record; none before a token is verified.
    pub(crate) address: Option<NamedAddress>,
    /// What the callback says of an error, where that is not why: for the record alone, for anybody may have written it.
    pub(crate) words: Option<Box<ProviderWords>>,
}

impl FailedLogin {
    /// What failed when this token was verified.
    #[must_use]
    pub(crate) fn after(token: &VerifiedToken, settings: &SourceSettings, error: LoginError) -> Self {
        Self { error, address: NamedAddress::of(settings, token.claims()), words: None }
    }

    /// The same of a callback that says this of an error.
    #[must_use]
    pub(crate) fn saying(error: LoginError, words: Option<ProviderWords>) -> Self {
        let words = words.filter(|_| !matches!(error, LoginError::ProviderRefused { .. }));
        Self { error, address: None, words: words.map(Box::new) }
    }

    /// All of it, for the record.
    #[must_use]
    pub(crate) fn told(&self) -> String {
        let words = self.words.as_ref().map(|words| format!("; it says {words}")).unwrap_or_default();
        format!("{}{words}", self.error)
    }
}

impl From<LoginError> for FailedLogin {
    fn from(error: LoginError) -> Self {
        Self { error, address: None, words: None }
    }
}

impl LoginError {
    /// What was posted is of this type.
    #[must_use]
    pub(crate) fn not_a_form(content_type: &str) -> Self {
        Self::NotAForm { found: quoted(content_type) }
    }

    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::AttemptMissing | Self::AttemptSealed => Reason::AttemptMissing,
            Self::AttemptExpired => Reason::AttemptExpired,
            Self::StateMismatch
            | Self::StateMissing
            | Self::NotAForm { .. }
            | Self::CodeMissing
            | Self::ParameterTwice { .. } => Reason::StateMismatch,
            Self::OtherProvider => Reason::ProviderChanged,
            Self::Busy => Reason::ProviderBusy,
            Self::Issuer { .. } => Reason::TokenIss,
            Self::ProviderRefused { .. } => Reason::ProviderRefused,
            Self::ProviderUnreachable { .. } => Reason::ProviderUnreachable,
            Self::ProviderDocuments { .. } => Reason::ProviderDocuments,
            Self::Exchange { .. } => Reason::TokenExchange,
            Self::Token(error) => error.reason(),
            Self::UserInfo(error) => error.reason(),
            Self::Identity(error) => error.reason(),
            Self::Loop(_) => Reason::LoginLoop,
        }
    }

    /// Whether a silent round ended with the provider's no: it vouches for nobody, or not without asking them. That it cannot answer just
    /// now (RFC 6749 4.1.2.1) says nothing of the person.
    #[must_use]
    pub(crate) fn says_no(&self) -> bool {
        matches!(self, Self::ProviderRefused { words } if !words.is_passing())
    }

    /// What the provider says to the person: only of an answer to an attempt of this browser. What it says to us at its token
    /// endpoint is for the log alone.
    #[must_use]
    pub(crate) fn words_on_page(&self) -> Option<String> {
        match self {
            Self::ProviderRefused { words } => words.for_page(),
            Self::AttemptMissing
            | Self::AttemptSealed
            | Self::AttemptExpired
            | Self::StateMismatch
            | Self::StateMissing
            | Self::NotAForm { .. }
            | Self::CodeMissing
            | Self::ParameterTwice { .. }
            | Self::Issuer { .. }
            | Self::OtherProvider
            | Self::Busy
            | Self::ProviderUnreachable { .. }
            | Self::ProviderDocuments { .. }
            | Self::Exchange { .. }
            | Self::Token(_)
            | Self::UserInfo(_)
            | Self::Identity(_)
            | Self::Loop(_) => None,
        }
    }
}
