//! A certificate chain: the gateway's own certificate first, then what leads to the CA.

use std::time::Duration;

use rustls::{
    CertificateError, Error, RootCertStore,
    client::verify_server_cert_signed_by_trust_anchor,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};

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
    /// The first certificate is no X.509 version 3 certificate.
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
        let certificates = certificates_of(pem).map_err(|()| ChainError::Pem)?;
        let first = certificates.first().ok_or(ChainError::Empty)?;
        let not_after = not_after(first)?;
        Ok(Self { certificates, not_after })
    }

    /// Holds the dates of the first certificate against `now`.
    ///
    /// # Errors
    /// [`ChainError::Expired`] or [`ChainError::NotYetValid`].
    pub(crate) fn check_dates(&self, now: UnixSeconds) -> Result<(), ChainError> {
        let first = self.certificates.first().ok_or(ChainError::Malformed)?;
        let verdict = verdict_at(first, Duration::from_secs(now.0))?;
        if matches!(verdict, Some(CertificateError::Expired | CertificateError::ExpiredContext { .. })) {
            return Err(ChainError::Expired);
        }
        if matches!(verdict, Some(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. })) {
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

/// At the end of time every certificate has expired, and the verdict says since when.
fn not_after(certificate: &CertificateDer<'_>) -> Result<UnixSeconds, ChainError> {
    let verdict = verdict_at(certificate, Duration::MAX)?;
    if let Some(CertificateError::ExpiredContext { not_after, .. }) = verdict {
        return Ok(UnixSeconds(not_after.as_secs()));
    }
    Err(if verdict == Some(CertificateError::Expired) { ChainError::Expired } else { ChainError::Malformed })
}

/// What a browser would say of the certificate then. Without any root that is never good, and a wrong date comes before an
/// unknown issuer.
fn verdict_at(certificate: &CertificateDer<'_>, since_epoch: Duration) -> Result<Option<CertificateError>, ChainError> {
    let certificate = ParsedCertificate::try_from(certificate).map_err(|_| ChainError::Malformed)?;
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms.all;
    let (roots, then) = (RootCertStore::empty(), UnixTime::since_unix_epoch(since_epoch));
    match verify_server_cert_signed_by_trust_anchor(&certificate, &roots, &[], then, algorithms) {
        Err(Error::InvalidCertificate(error)) => Ok(Some(error)),
        Ok(()) | Err(_) => Ok(None),
    }
}

/// The certificates of a PEM text, in its order.
pub(super) fn certificates_of(pem: &str) -> Result<Vec<CertificateDer<'static>>, ()> {
    CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::{Authority, NOT_AFTER, NOT_BEFORE};

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
