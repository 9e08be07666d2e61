//! What a connection to a host application is made of beside its address: whom it believes, and whom it says it is.

use super::{PinnedCertificates, TlsIdentity, TrustedRoots};

/// Whom to believe that it is the host application.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) enum Trust {
    /// Whoever the CAs of the operating system vouch for.
    #[default]
    System,
    /// Whoever these CAs vouch for, and no other.
    Roots(TrustedRoots),
    /// Whoever has one of these very certificates.
    Pinned(PinnedCertificates),
}

/// The TLS of connections to a host application.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct UpstreamTls {
    /// Whom to believe.
    pub(crate) trust: Trust,
    /// What the gateway shows where it is asked for a certificate of its own.
    pub(crate) client: Option<TlsIdentity>,
}

impl From<TrustedRoots> for UpstreamTls {
    fn from(roots: TrustedRoots) -> Self {
        Self { trust: Trust::Roots(roots), client: None }
    }
}
