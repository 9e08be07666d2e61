//! A certificate chain: the gateway's own certificate first, then what leads to the CA.

use rustls::{
    pki_types::{CertificateDer, pem::PemObject},
    server::ParsedCertificate,
};

use super::x509::CertificateWords;
use crate::time::UnixSeconds;

/// A chain whose first certificate can be read; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateChain {
    certificates: Vec<CertificateDer<'static>>,
    not_after: UnixSeconds,
}

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChainError {
    /// Not PEM, or PEM that breaks off.
    #[error("not PEM")]
    Pem,
    /// PEM without a certificate in it.
    #[error("no certificate in it")]
    Empty,
    /// The first certificate is none, or for browsers none of version 3 of X.509.
    #[error("its first certificate cannot be read")]
    Malformed,
    /// RFC 5280 4.1.2.5: `notAfter` is past, or before `notBefore`.
    #[error("its first certificate has expired")]
    Expired,
    /// RFC 5280 4.1.2.5: `notBefore` is to come.
    #[error("its first certificate is not valid yet")]
    NotYetValid,
}

impl CertificateChain {
    /// Parses PEM text; what is no certificate is passed over.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub(crate) fn parse(pem: &str) -> Result<Self, ChainError> {
        let chain = Self::of_client(pem)?;
        let first = chain.certificates.first().ok_or(ChainError::Empty)?;
        // What a browser would not read either.
        ParsedCertificate::try_from(first).map_err(|_| ChainError::Malformed)?;
        Ok(chain)
    }

    /// The same, for what the gateway shows as a client: whoever asks for it judges it, also one of version 1.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub(crate) fn of_client(pem: &str) -> Result<Self, ChainError> {
        let certificates = certificates_of(pem).map_err(|()| ChainError::Pem)?;
        let first = certificates.first().ok_or(ChainError::Empty)?;
        let (not_before, not_after) = CertificateWords::of(first).ok_or(ChainError::Malformed)?.dates;
        if not_after < not_before {
            return Err(ChainError::Expired);
        }
        Ok(Self { certificates, not_after })
    }

    /// Holds the dates of the first certificate against `now`.
    ///
    /// # Errors
    /// [`ChainError::Expired`] or [`ChainError::NotYetValid`].
    pub(crate) fn check_dates(&self, now: UnixSeconds) -> Result<(), ChainError> {
        let first = self.certificates.first().ok_or(ChainError::Malformed)?;
        let (not_before, not_after) = CertificateWords::of(first).ok_or(ChainError::Malformed)?.dates;
        if now > not_after {
            return Err(ChainError::Expired);
        }
        if now < not_before {
            return Err(ChainError::NotYetValid);
        }
        Ok(())
    }

    /// The last second of the first certificate.
    #[must_use]
    pub(crate) const fn not_after(&self) -> UnixSeconds {
        self.not_after
    }

    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }

    pub(super) fn into_certificates(self) -> Vec<CertificateDer<'static>> {
        self.certificates
    }
}

/// The certificates of a PEM text, in its order. An editor may have put a byte order mark before it.
pub(super) fn certificates_of(pem: &str) -> Result<Vec<CertificateDer<'static>>, ()> {
    let pem = pem.trim_start_matches('\u{feff}');
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::{Authority, NOT_AFTER, NOT_BEFORE, VERSION_1};

    #[test]
    fn a_chain_is_good_from_its_first_second_to_its_last() {
        let chain = CertificateChain::parse(&Authority::new().leaf(&["a.example"]).certificate).unwrap();
        let at = |seconds| chain.check_dates(UnixSeconds(seconds));
        assert_eq!((at(NOT_BEFORE), at(NOT_AFTER)), (Ok(()), Ok(())));
        assert_eq!(at(NOT_BEFORE - 1), Err(ChainError::NotYetValid));
        assert_eq!(at(NOT_AFTER + 1), Err(ChainError::Expired));
        assert_eq!(chain.not_after(), UnixSeconds(NOT_AFTER));
    }

    #[test]
    fn a_certificate_that_ends_before_it_begins_is_refused() {
        let leaf = Authority::new().leaf_between(&["a.example"], (2030, 1, 2), (2030, 1, 1));
        assert_eq!(CertificateChain::parse(&leaf.certificate), Err(ChainError::Expired));
    }

    #[test]
    fn one_of_version_1_is_shown_to_host_applications_and_not_to_browsers() {
        assert_eq!(CertificateChain::parse(VERSION_1.0), Err(ChainError::Malformed));
        let chain = CertificateChain::of_client(VERSION_1.0).unwrap();
        assert_eq!(chain.check_dates(UnixSeconds(NOT_BEFORE)), Err(ChainError::NotYetValid));
        assert_eq!(chain.check_dates(UnixSeconds(1_704_067_200)), Ok(()));
    }

    #[test]
    fn what_holds_no_certificate_is_refused() {
        let leaf = Authority::new().leaf(&["a.example"]);
        assert_eq!(CertificateChain::parse(""), Err(ChainError::Empty));
        assert_eq!(CertificateChain::parse(&leaf.private_key), Err(ChainError::Empty));
        let cut = &leaf.certificate[..leaf.certificate.len() / 2];
        assert_eq!(CertificateChain::parse(cut), Err(ChainError::Pem));
        let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(CertificateChain::parse(no_certificate), Err(ChainError::Malformed));
    }
}
