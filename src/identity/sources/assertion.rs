//! An identity that a proxy in front has attached to each request, as a signed assertion.
//!
//! Its types alone so far: `[identity]` takes type `"oidc"` only, and says so.

use http::HeaderName;
use url::Url;

use crate::{identity::SourceSettings, proxy::OutboundProxy, tls::TrustedRoots};

/// A checked `[identity.NAME]` table of a type that reads an assertion.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "`[identity]` takes type \"oidc\" alone so far")]
pub(crate) struct AssertionSettings {
    /// What every source has.
    pub(crate) source: SourceSettings,
    /// Who signs, compared byte for byte.
    pub(crate) issuer: String,
    /// Whom the assertion must be for: any of these.
    pub(crate) audiences: Vec<String>,
    /// The one header line that holds it.
    pub(crate) header: HeaderName,
    /// Where the keys are.
    pub(crate) keys: KeyPlace,
    /// The only CAs that may vouch for the server of the keys; `None`: those of the operating system.
    pub(crate) roots: Option<TrustedRoots>,
    /// What it is asked through; `None`: nothing.
    pub(crate) proxy: Option<OutboundProxy>,
}

impl AssertionSettings {
    /// Whether programs bring it as a bearer token.
    #[must_use]
    pub(crate) const fn is_bearer(&self) -> bool {
        false
    }
}

/// Where the keys of a source are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum KeyPlace {
    /// A JWKS.
    Jwks(Url),
    /// The JWKS that the discovery document of this issuer names.
    Discovery {
        /// The issuer.
        issuer: String,
    },
    /// One PEM document for each key, named by it below this address.
    Pem {
        /// The address.
        prefix: Url,
    },
}
