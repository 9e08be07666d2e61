//! E-mail addresses: exactly one `@`, a domain that somebody may vouch for.

/// An address that is well-formed and that its source may vouch for; the spelling of the source is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// A mail domain in lower-case ASCII, compared whole (no suffix match).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailDomain(String);

/// What is wrong with an address or a domain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Not one plain `local@domain`.
    #[error("e-mail address is malformed")]
    Malformed,
    /// The domain is not among those of the source.
    #[error("e-mail domain is not one that this source may vouch for")]
    Domain,
}

impl EmailAddress {
    /// Parses an address and checks its domain.
    ///
    /// # Errors
    /// See [`EmailError`].
    pub fn parse(_text: &str, _domains: &[EmailDomain]) -> Result<Self, EmailError> {
        todo!()
    }

    /// The address as the source spelled it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl EmailDomain {
    /// Parses a domain of the configuration.
    ///
    /// # Errors
    /// For anything that is not a DNS name.
    pub fn parse(_text: &str) -> Result<Self, EmailError> {
        todo!()
    }

    /// The domain in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
