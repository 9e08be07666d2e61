//! A configured source, whatever its type.

use std::{borrow::Cow, sync::Arc};

use super::{AssertionSettings, OidcSettings};
use crate::identity::{Claims, KnownProvider, SourceSettings};

/// A checked `[identity.NAME]` table.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// People sign in with an OpenID provider.
    Oidc(Box<OidcSettings>),
    /// A proxy in front has signed them in.
    Assertion(Arc<AssertionSettings>),
}

impl Source {
    /// What every source has.
    #[must_use]
    pub(crate) fn settings(&self) -> &SourceSettings {
        match self {
            Self::Oidc(oidc) => &oidc.source,
            Self::Assertion(assertion) => &assertion.source,
        }
    }

    /// Who signs what says who people are, where they have accounts.
    #[must_use]
    pub(crate) fn issuer(&self) -> &str {
        match self {
            Self::Oidc(oidc) => &oidc.issuer,
            Self::Assertion(assertion) => &assertion.issuer,
        }
    }

    /// Claims of its people as they are read.
    #[must_use]
    pub(crate) fn as_read<'c>(&self, claims: &'c Claims) -> Cow<'c, Claims> {
        match self {
            Self::Oidc(_) => Cow::Borrowed(claims),
            Self::Assertion(assertion) => assertion.as_read(claims),
        }
    }

    /// The provider to sign in with; `None` where somebody else signs people in.
    #[must_use]
    pub(crate) const fn oidc(&self) -> Option<&OidcSettings> {
        match self {
            Self::Oidc(oidc) => Some(oidc),
            Self::Assertion(_) => None,
        }
    }

    /// The assertions that it reads; `None` where people sign in with it.
    #[must_use]
    pub(crate) fn assertion(&self) -> Option<&AssertionSettings> {
        match self {
            Self::Oidc(_) => None,
            Self::Assertion(assertion) => Some(assertion),
        }
    }

    /// The source as sessions know it; `None` where it makes none.
    #[must_use]
    pub(crate) fn known(&self) -> Option<KnownProvider> {
        self.oidc().map(OidcSettings::known)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::*;
    use crate::identity::testing::{ISSUER, settings};

    #[test]
    fn an_attached_identity_has_no_provider_to_sign_in_with_and_makes_no_sessions() {
        let oidc = settings(ISSUER);
        let attached = crate::identity::sources::assertion::testing::of(Preset::Custom);
        let assertion = Source::Assertion(Arc::new(AssertionSettings { source: oidc.source.clone(), ..attached }));
        assert_eq!(assertion.settings().name, oidc.source.name);
        assert!(assertion.oidc().is_none() && assertion.known().is_none());
        let oidc = Source::Oidc(Box::new(oidc));
        assert!(oidc.oidc().is_some() && oidc.known().is_some());
    }
}
