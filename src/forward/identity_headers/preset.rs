//! The header names of each preset, and the claims behind them.

use http::HeaderName;

/// A family of names that applications know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderPreset {
    /// `X-Forwarded-User`, `-Email`, `-Groups`, `-Preferred-Username`
    XForwarded,
    /// `X-Auth-Request-User`, `-Email`, `-Groups`, `-Preferred-Username`
    XAuthRequest,
    /// `Remote-User`, `Remote-Email`, `Remote-Groups`, `Remote-Name`
    Remote,
    /// None at all.
    None,
}

/// Header names of one preset.
pub(super) struct Names {
    pub(super) user: HeaderName,
    pub(super) email: HeaderName,
    pub(super) groups: HeaderName,
    pub(super) name: HeaderName,
    /// The claims that may fill `name`, the better one first.
    pub(super) name_claims: &'static [&'static str],
}

impl HeaderPreset {
    /// Whether the operator has asked for it. What is sent to every application may be read by nobody: its claims are worth no
    /// question to UserInfo.
    pub(super) const fn is_chosen(self) -> bool {
        match self {
            Self::XForwarded | Self::None => false,
            Self::XAuthRequest | Self::Remote => true,
        }
    }

    pub(super) const fn names(self) -> Option<&'static Names> {
        match self {
            Self::XForwarded => Some(&X_FORWARDED),
            Self::XAuthRequest => Some(&X_AUTH_REQUEST),
            Self::Remote => Some(&REMOTE),
            Self::None => None,
        }
    }
}

static X_FORWARDED: Names = Names {
    user: HeaderName::from_static("x-forwarded-user"),
    email: HeaderName::from_static("x-forwarded-email"),
    groups: HeaderName::from_static("x-forwarded-groups"),
    name: HeaderName::from_static("x-forwarded-preferred-username"),
    name_claims: &["preferred_username"],
};
static X_AUTH_REQUEST: Names = Names {
    user: HeaderName::from_static("x-auth-request-user"),
    email: HeaderName::from_static("x-auth-request-email"),
    groups: HeaderName::from_static("x-auth-request-groups"),
    name: HeaderName::from_static("x-auth-request-preferred-username"),
    name_claims: &["preferred_username"],
};
static REMOTE: Names = Names {
    user: HeaderName::from_static("remote-user"),
    email: HeaderName::from_static("remote-email"),
    groups: HeaderName::from_static("remote-groups"),
    name: HeaderName::from_static("remote-name"),
    name_claims: &["name", "preferred_username"],
};
