//! Admission: one host, one path, no forged header.

use http::{HeaderMap, Method, request::Parts};

use super::{Authority, HostError, PathError, Target, Visit};
use crate::reason::Reason;

/// A request that may go on: the only form in which later stages see it.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// The host the browser asked for.
    pub authority: Authority,
    /// Path and query, as they are forwarded.
    pub target: Target,
    /// The method.
    pub method: Method,
    /// What kind of visit it is.
    pub visit: Visit,
    /// End-to-end headers: no hop-by-hop field, none that a client may not bring. `Cookie` is still whole.
    pub headers: HeaderMap,
}

/// Why a request is not admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    /// No Host, two, a malformed one, or one that contradicts the absolute form.
    #[error("host header: expected exactly one valid host")]
    Host,
    /// See [`PathError`].
    #[error(transparent)]
    Path(#[from] PathError),
    /// CONNECT, TRACE.
    #[error("method is not forwarded")]
    Method,
    /// A framing, `Expect` or `Upgrade` header that is not forwarded.
    #[error("header is not forwarded: {0}")]
    Header(&'static str),
}

impl From<HostError> for AdmitError {
    fn from(_: HostError) -> Self {
        Self::Host
    }
}

impl AdmitError {
    /// The stable reason.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Host => Reason::BadHost,
            Self::Path(_) => Reason::BadPath,
            Self::Method => Reason::BadMethod,
            Self::Header(_) => Reason::BadHeader,
        }
    }
}

/// Admits a request head.
///
/// # Errors
/// See [`AdmitError`]; the caller answers and closes the connection.
pub fn admit(_parts: Parts) -> Result<Admitted, AdmitError> {
    todo!()
}
