//! From what a request presents to a verified assertion: first every check that needs no key, so that no key is asked for what is
//! refused in any case; then the signature.

use std::borrow::Cow;

use super::{
    super::{
        jws::{Jws, SignatureAlgorithm},
        oidc::KeySet,
    },
    checks,
    error::{AssertionError, AssertionFault},
    settings::AssertionSettings,
};
use crate::{
    identity::{Claims, Identity, IdentityError, Projection},
    request::{HostName, Presented},
    time::UnixSeconds,
};

/// An assertion that says all that it must, and whose signature nobody has looked at: nothing of it is told but the name of its key.
pub(crate) struct ReadAssertion<'a> {
    jws: Jws<'a>,
    algorithm: SignatureAlgorithm,
    ends_at: UnixSeconds,
}

/// An assertion that passed every check. Its `Debug` shows nothing of the person.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct VerifiedAssertion {
    claims: Claims,
    ends_at: UnixSeconds,
}

impl std::fmt::Debug for ReadAssertion<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadAssertion").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for VerifiedAssertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifiedAssertion").field("ends_at", &self.ends_at).finish_non_exhaustive()
    }
}

impl AssertionSettings {
    /// Every check of what a request to `host` presents but that of the signature; `None` where it presents nothing.
    ///
    /// # Errors
    /// See [`AssertionError`].
    pub(crate) fn read<'a>(
        &self,
        presented: &'a Presented,
        host: &HostName,
        now: UnixSeconds,
    ) -> Result<Option<ReadAssertion<'a>>, AssertionError> {
        let value = match presented {
            Presented::Missing => return Ok(None),
            Presented::Said(value) => value,
            Presented::Unclear(unclear) => return Err(AssertionFault::Malformed.with(unclear.to_string())),
        };
        let jws = checks::parse(self, value.assertion())?;
        let algorithm = checks::header(self, &jws)?;
        checks::says_whose(self, &jws, host)?;
        let ends_at = checks::times(self, &jws, now)?;
        checks::subject(self, &jws)?;
        Ok(Some(ReadAssertion { jws, algorithm, ends_at }))
    }

    /// All of it at once; `None` where the request presents nothing.
    ///
    /// # Errors
    /// See [`AssertionError`].
    #[cfg(test)]
    pub(crate) fn verify(
        &self,
        presented: &Presented,
        host: &HostName,
        keys: &KeySet,
        now: UnixSeconds,
    ) -> Result<Option<VerifiedAssertion>, AssertionError> {
        self.read(presented, host, now)?.map(|read| read.verified_by(keys)).transpose()
    }

    /// Whom a verified assertion names, as a sign-in would.
    ///
    /// # Errors
    /// See [`IdentityError`].
    pub(crate) fn identity(
        &self,
        verified: &VerifiedAssertion,
        projection: &Projection,
    ) -> Result<Identity, IdentityError> {
        Identity::from_claims(&self.source, &self.as_read(&verified.claims), projection)
    }

    /// The claims as they are read: where the vendor writes a flag as a text, it is a flag.
    #[must_use]
    pub(in crate::identity::sources) fn as_read<'c>(&self, claims: &'c Claims) -> Cow<'c, Claims> {
        checks::with_flag(self, claims)
    }
}

impl ReadAssertion<'_> {
    /// The name of the key that it says to be signed with; of one that is part of an address, the shape has been checked.
    #[must_use]
    pub(crate) fn kid(&self) -> Option<&str> {
        self.jws.kid()
    }

    /// The last check.
    ///
    /// # Errors
    /// Where no key of these verifies it.
    pub(crate) fn verified_by(self, keys: &KeySet) -> Result<VerifiedAssertion, AssertionError> {
        self.jws.check_signature(keys.keys(), self.algorithm)?;
        Ok(VerifiedAssertion { claims: self.jws.claims, ends_at: self.ends_at })
    }
}

impl VerifiedAssertion {
    /// The claims.
    #[cfg(test)]
    pub(crate) const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Who it is of, as its issuer calls them.
    #[cfg(test)]
    pub(crate) fn subject(&self) -> &str {
        self.claims.text("sub").unwrap_or_default()
    }

    /// When a request with it would be refused: nothing that it vouches for outlives that.
    #[must_use]
    pub(crate) const fn ends_at(&self) -> UnixSeconds {
        self.ends_at
    }
}
