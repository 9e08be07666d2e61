//! Why a host application gave no answer.

use std::time::Duration;

use super::DialError;
use crate::{
    body::CollectError,
    forward::{MendError, ResponseHeadError},
    reason::Reason,
};

/// Why there is no answer of the host application.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// No connection: the name, the network, TLS.
    #[error("no connection to the host application")]
    Unreachable(#[source] DialError),
    /// No connection, or no head of an answer, within the time.
    #[error("host application did not answer within {0:?}")]
    Timeout(Duration),
    /// The answer is not valid HTTP, or the connection ended before its head.
    #[error("host application's answer is not valid http")]
    Broken(#[source] hyper::Error),
    /// The head of the answer says something that cannot be passed on; the cause quotes it.
    #[error("host application's answer has a head that cannot be passed on")]
    Malformed(#[source] MendError),
    /// The host application switched to a protocol that nobody asked for.
    #[error("host application switched protocols unasked")]
    Unasked,
    /// The answer says two things at once.
    #[error(transparent)]
    Head(#[from] ResponseHeadError),
    /// All connections are in use, and none came free in time.
    #[error("all connections to the host application are in use")]
    Busy,
    /// The host application signs connections in, and all places for such connections are taken.
    #[error("all places for connections that the host application signs in are taken")]
    Pinned,
    /// The browser's own body broke off; the host application is not at fault.
    #[error("browser's body broke off")]
    Browser(#[source] hyper::Error),
    /// The browser announced an empty body, and it was none.
    #[error("browser's body is not the empty one that it announced")]
    NotEmpty(#[source] CollectError),
}

impl UpstreamError {
    /// The stable reason.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Unreachable(_) => Reason::UpstreamUnreachable,
            Self::Timeout(_) => Reason::UpstreamTimeout,
            Self::Broken(_) | Self::Malformed(_) | Self::Unasked | Self::Head(_) => Reason::UpstreamBroken,
            Self::Busy | Self::Pinned => Reason::UpstreamBusy,
            Self::Browser(_) | Self::NotEmpty(_) => Reason::BadHeader,
        }
    }
}

impl From<DialError> for UpstreamError {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Timeout(limit) => Self::Timeout(limit),
            DialError::Url | DialError::Resolve(_) | DialError::Connect(_) | DialError::Tls(_) => {
                Self::Unreachable(error)
            }
        }
    }
}

impl From<hyper::Error> for UpstreamError {
    fn from(error: hyper::Error) -> Self {
        // hyper calls an error of the body that we handed in the user's error.
        if error.is_user() { Self::Browser(error) } else { Self::Broken(error) }
    }
}
