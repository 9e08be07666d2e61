//! The CAs that somebody trusts instead of the operating system's.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use aws_lc_rs::digest::{Context, SHA256};
use rustls::RootCertStore;

use super::chain::certificates_of;

/// One CA or several; never none. Two are equal where they were made of the same certificates.
#[derive(Clone)]
pub(crate) struct TrustedRoots {
    store: Arc<RootCertStore>,
    digest: [u8; 32],
}

/// What is wrong with a file of CAs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RootsError {
    /// Not PEM, or PEM that breaks off.
    #[error("not PEM")]
    Pem,
    /// PEM without a certificate in it.
    #[error("no certificate in it")]
    Empty,
    /// This certificate, counted from 1, cannot be read.
    #[error("certificate {0} in it cannot be read")]
    Malformed(usize),
}

impl TrustedRoots {
    /// Parses PEM text; what is no certificate is passed over.
    ///
    /// # Errors
    /// See [`RootsError`].
    pub(crate) fn parse(pem: &str) -> Result<Self, RootsError> {
        let certificates = certificates_of(pem).map_err(|()| RootsError::Pem)?;
        if certificates.is_empty() {
            return Err(RootsError::Empty);
        }
        let (mut store, mut digest) = (RootCertStore::empty(), Context::new(&SHA256));
        for (index, certificate) in certificates.into_iter().enumerate() {
            digest.update(&(certificate.len() as u64).to_be_bytes());
            digest.update(&certificate);
            store.add(certificate).map_err(|_| RootsError::Malformed(index + 1))?;
        }
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.finish().as_ref());
        Ok(Self { store: Arc::new(store), digest: bytes })
    }

    /// The CAs, as a connection needs them.
    #[must_use]
    pub(crate) const fn store(&self) -> &Arc<RootCertStore> {
        &self.store
    }
}

impl PartialEq for TrustedRoots {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for TrustedRoots {}

impl Hash for TrustedRoots {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl fmt::Debug for TrustedRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustedRoots({})", self.store.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::Authority;

    #[test]
    fn roots_are_equal_where_they_were_made_of_the_same_certificates() {
        let (one, other) = (Authority::new().certificate(), Authority::new().certificate());
        let parse = |pem: &str| TrustedRoots::parse(pem).unwrap();
        assert_eq!(parse(&one), parse(&format!("a comment\n{one}")));
        assert_ne!(parse(&one), parse(&other));
        assert_ne!(parse(&one), parse(&format!("{one}{other}")));
        assert_eq!(format!("{:?}", parse(&format!("{one}{other}"))), "TrustedRoots(2)");
    }

    #[test]
    fn what_holds_no_certificate_is_refused() {
        assert_eq!(TrustedRoots::parse(""), Err(RootsError::Empty));
        assert_eq!(TrustedRoots::parse("-----BEGIN CERTIFICATE-----\n"), Err(RootsError::Pem));
        let text = format!("{}{}", Authority::new().certificate(), NO_CERTIFICATE);
        assert_eq!(TrustedRoots::parse(&text), Err(RootsError::Malformed(2)));
    }

    const NO_CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
}
