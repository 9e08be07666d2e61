//! What the operator says of a source whose assertions a proxy in front attaches.

use std::time::Duration;

use url::Url;

use super::{super::jws::SignatureAlgorithm, presets::Preset};
use crate::{identity::SourceSettings, proxy::OutboundProxy, request::AttachedHeader, tls::TrustedRoots};

/// A checked `[identity.NAME]` table of a type that reads an assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AssertionSettings {
    /// What every source has.
    pub(crate) source: SourceSettings,
    /// Who attaches it, and what that asks.
    pub(crate) preset: Preset,
    /// Who issues it, compared byte for byte.
    pub(crate) issuer: String,
    /// Whom it must be for: any of these; with client ids, what may stand beside them. Empty with Pomerium: the host of the site.
    pub(crate) audiences: Vec<String>,
    /// What it may be signed with: never what it or a key says of itself.
    pub(crate) algorithms: Vec<SignatureAlgorithm>,
    /// Where its keys are.
    pub(crate) keys: KeyPlace,
    /// The one header line that holds it.
    pub(crate) header: AttachedHeader,
    /// Whether the host application gets the line of a verified one.
    pub(crate) is_forwarded: bool,
    /// How old an assertion may be, where the operator says so.
    pub(crate) max_age: Option<Duration>,
    /// The only CAs that may vouch for the server of the keys; `None`: those of the operating system.
    pub(crate) roots: Option<TrustedRoots>,
    /// What the keys are asked for through; `None`: nothing.
    pub(crate) proxy: Option<OutboundProxy>,
}

impl AssertionSettings {
    /// Whether programs bring it (RFC 6750): they are told what is wrong with it in the words of their protocol.
    #[must_use]
    pub(crate) const fn is_of_programs(&self) -> bool {
        matches!(self.preset, Preset::Bearer(_))
    }
}

/// Where the keys of a source are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum KeyPlace {
    /// A JWKS.
    Jwks(Url),
    /// The JWKS that the discovery document of an issuer names.
    Discovery {
        /// The issuer.
        issuer: String,
    },
    /// One key a file, in PEM: its name, whose shape has been checked, is the last segment behind this.
    Pem {
        /// Ends with a slash.
        prefix: Url,
    },
}
