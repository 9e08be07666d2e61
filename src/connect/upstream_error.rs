//! Why a host application gave no answer.

use std::{io, time::Duration};

use super::DialError;
use crate::{
    body::{BodyError, CollectError},
    forward::{MendError, ResponseHeadError},
    reason::Reason,
    tls::TlsFault,
};

/// Why there is no answer of the host application.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamError {
    /// No connection: the name, the network, TLS.
    #[error("no connection to the host application")]
    Unreachable(#[source] DialError),
    /// No connection within the time.
    #[error("no connection to the host application in time")]
    NoConnection(#[source] DialError),
    /// No head of an answer within the time.
    #[error("host application did not begin an answer within {0:?} (upstream_timeout)")]
    Timeout(Duration),
    /// The same, and a part of the request's body is still here.
    #[error("host application did not take the request's body within {0:?} (upstream_timeout)")]
    Untaken(Duration),
    /// An answer that is held to its end did not go on within the time.
    #[error("host application's answer did not go on within {0:?} (upstream_idle_timeout)")]
    Idle(Duration),
    /// An answer that is held to its end was not whole within the time.
    #[error("host application's answer, which is looked through as a whole, was not whole within {0:?} (held_timeout)")]
    Held(Duration),
    /// The answer is not valid HTTP, or the connection ended before its head.
    #[error("host application's answer is not valid http")]
    Broken(#[source] hyper::Error),
    /// The head of the answer says something that cannot be passed on; the cause quotes it.
    #[error("host application's answer has a head that cannot be passed on")]
    Malformed(#[source] MendError),
    /// The host application ended TLS, instead of an answer: of TLS 1.3 it judges a client's certificate behind the handshake.
    #[error("host application ended tls: {0}")]
    Tls(TlsFault, #[source] hyper::Error),
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
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Unreachable(_) | Self::Tls(..) => Reason::UpstreamUnreachable,
            Self::NoConnection(_) | Self::Timeout(_) | Self::Untaken(_) | Self::Idle(_) | Self::Held(_) => {
                Reason::UpstreamTimeout
            }
            Self::Broken(_) | Self::Malformed(_) | Self::Unasked | Self::Head(_) => Reason::UpstreamBroken,
            Self::Busy | Self::Pinned => Reason::UpstreamBusy,
            Self::NotEmpty(CollectError::Body(error)) => error.of_upload(),
            Self::NotEmpty(CollectError::TooLong(_)) => Reason::BadHeader,
            Self::Browser(error) => {
                let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref());
                cause.map_or(Reason::BadHeader, BodyError::of_upload)
            }
        }
    }
}

/// All causes of an error, the nearest first; none twice in a row.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // The system's wrappers say what they wrap.
        if texts.last().is_none_or(|last| *last != text) {
            texts.push(text);
        }
        cause = error.source();
    }
    texts.join(": ")
}

/// An error with all its causes behind it.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = causes(error);
    if causes.is_empty() { error.to_string() } else { format!("{error}: {causes}") }
}

impl From<DialError> for UpstreamError {
    fn from(error: DialError) -> Self {
        match error {
            DialError::Timeout { .. } => Self::NoConnection(error),
            DialError::Url
            | DialError::Resolve { .. }
            | DialError::Connect(_)
            | DialError::Proxy { .. }
            | DialError::Settings(_)
            | DialError::Tls { .. } => Self::Unreachable(error),
        }
    }
}

impl From<hyper::Error> for UpstreamError {
    fn from(error: hyper::Error) -> Self {
        // hyper calls an error of the body that we handed in the user's error.
        if error.is_user() {
            return Self::Browser(error);
        }
        let io = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<io::Error>());
        match io.and_then(TlsFault::of_stream) {
            Some(fault) => Self::Tls(fault, error),
            None => Self::Broken(error),
        }
    }
}
