//! The gateway's own URLs as types, never as string literals.

use super::{NormalPath, Prefix};

/// An endpoint of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `GET {sign_in}/start?rd=`
    SignInStart,
    /// `GET {sign_in}/callback`
    Callback,
    /// `GET,POST {sign_in}/sign_out?rd=`
    SignOut,
    /// `GET {sign_in}/userinfo`
    UserInfo,
    /// `GET {sigma}/embed/{name}[/rest]`: the stable link.
    StableLink {
        /// The embed's name.
        name: String,
        /// What follows the name, without its slash; empty for none.
        rest: String,
    },
    /// `GET {sigma}/api/embeds/{name}[/rest]`: the embed API.
    EmbedApi {
        /// The embed's name.
        name: String,
        /// What follows the name, without its slash; empty for none.
        rest: String,
    },
    /// `GET {sigma}/embed.js`
    Script,
    /// `GET {sigma}/style.css`: the style of our own pages.
    Style,
    /// `POST {sigma}/api/events`
    Events,
    /// Below one of the two prefixes, but nothing: 404, never forwarded.
    Unknown,
}

/// The two prefixes of our own endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPaths {
    sign_in: Prefix,
    sigma: Prefix,
}

/// What is wrong with the two prefixes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the two prefixes must be different paths of one or more segments, none inside the other, no slash at the end")]
pub struct OwnPathsError;

impl OwnPaths {
    /// Takes `/oauth2` and `/sigma`, or what the operator wrote.
    ///
    /// # Errors
    /// Where one is `/`, ends in a slash, or lies inside the other.
    pub fn new(_sign_in: &str, _sigma: &str) -> Result<Self, OwnPathsError> {
        todo!()
    }

    /// The endpoint of a path; `None` where the path is the host application's.
    ///
    /// Exact, canonical spelling only: an encoded or differently cased spelling of our prefix is [`Endpoint::Unknown`].
    #[must_use]
    pub fn endpoint(&self, _path: &NormalPath) -> Option<Endpoint> {
        todo!()
    }

    /// The sign-in prefix, without a slash at the end.
    #[must_use]
    pub fn sign_in(&self) -> &str {
        self.sign_in.as_str()
    }

    /// The Sigma prefix, without a slash at the end.
    #[must_use]
    pub fn sigma(&self) -> &str {
        self.sigma.as_str()
    }
}
