//! What a certificate says of itself, without a verdict on it: its key and its dates.
//!
//! Readers of CAs refuse whatever else may not be there: version 1, as `openssl x509 -req` makes it, and critical extensions that they do
//! not know. To a certificate that is known byte for byte, or that a server is shown, that does not matter.

use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use x509_parser::{certificate::X509CertificateParser, nom::Parser, time::ASN1Time};

use crate::time::UnixSeconds;

/// The part that is read (RFC 5280 4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CertificateWords<'c> {
    key_info: &'c [u8],
    /// The second from which on it is good, and the last one.
    pub(super) dates: (UnixSeconds, UnixSeconds),
}

impl<'c> CertificateWords<'c> {
    /// Reads them; none where it is no certificate.
    #[must_use]
    pub(super) fn of(certificate: &'c CertificateDer<'_>) -> Option<Self> {
        let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
        let (_, read) = parser.parse(certificate.as_ref()).ok()?;
        let validity = read.validity();
        Some(Self {
            key_info: read.tbs_certificate.subject_pki.raw,
            dates: (seconds(validity.not_before), seconds(validity.not_after)),
        })
    }

    /// Its key, with what kind of key that is.
    #[must_use]
    pub(super) fn key_info(&self) -> SubjectPublicKeyInfoDer<'c> {
        SubjectPublicKeyInfoDer::from(self.key_info)
    }
}

/// Before 1970 there are none.
fn seconds(time: ASN1Time) -> UnixSeconds {
    UnixSeconds(u64::try_from(time.timestamp()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{
        chain::certificates_of,
        testing::{Authority, NOT_AFTER, NOT_BEFORE, VERSION_1},
    };

    #[test]
    fn key_and_dates_are_those_of_the_certificate() {
        let leaf = Authority::new().leaf(&["a.example"]);
        let certificate = certificates_of(&leaf.certificate).unwrap().remove(0);
        let words = CertificateWords::of(&certificate).unwrap();
        assert_eq!(words.dates, (UnixSeconds(NOT_BEFORE), UnixSeconds(NOT_AFTER)));
        let parsed = rustls::server::ParsedCertificate::try_from(&certificate).unwrap();
        assert_eq!(words.key_info(), parsed.subject_public_key_info());
    }

    #[test]
    fn a_certificate_of_version_1_has_them_too() {
        let certificate = certificates_of(VERSION_1.0).unwrap().remove(0);
        assert!(rustls::server::ParsedCertificate::try_from(&certificate).is_err(), "a reader of CAs takes it");
        let words = CertificateWords::of(&certificate).unwrap();
        assert_eq!(words.dates, (UnixSeconds(1_704_067_200), UnixSeconds(4_859_740_799)));
    }

    #[test]
    fn what_is_no_certificate_has_none() {
        let leaf = Authority::new().leaf(&["a.example"]);
        let whole = certificates_of(&leaf.certificate).unwrap().remove(0);
        for end in 0..whole.len() {
            // Cut anywhere, the outermost length does not fit.
            assert_eq!(CertificateWords::of(&CertificateDer::from(&whole[..end])), None, "{end}");
        }
        for bytes in [&b"\x30\x80\x30\x80"[..], b"\x30\x85\x01\x01\x01\x01\x01", b"\x30\x03\x30\x01\xa0"] {
            assert_eq!(CertificateWords::of(&CertificateDer::from(bytes)), None);
        }
    }
}
