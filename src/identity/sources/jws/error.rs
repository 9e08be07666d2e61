//! What is wrong with a signed JWT, whatever it says.

/// Why a text is not a JWT that was signed as it must be. Of the token it tells what the protocol is about, and nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::identity::sources) struct JwsError {
    /// What is wrong.
    pub(in crate::identity::sources) fault: JwsFault,
    /// What was found; cleaned and cut.
    pub(in crate::identity::sources) detail: String,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identity::sources) enum JwsFault {
    /// Shape, encoding, JSON, a member that nobody understands here.
    Malformed,
    /// RFC 7516.
    Encrypted,
    /// An algorithm that is not accepted.
    Algorithm,
    /// The keys at hand have none that fits.
    UnknownKey,
    /// It does not say which of many keys it is signed with.
    AmbiguousKey,
    /// No key verifies it.
    Signature,
    /// A date that is none, past, or ahead.
    Time,
}

impl JwsFault {
    /// The error, with what was found.
    pub(in crate::identity::sources) fn with(self, detail: impl Into<String>) -> JwsError {
        JwsError { fault: self, detail: detail.into() }
    }
}
