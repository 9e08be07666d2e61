//! The very certificates that a server may show: what is pinned needs no CA, no name and no dates.
//!
//! `openssl req -x509` makes certificates that say of themselves that they are CAs. As a CA such a one vouches for nothing that
//! the server shows, and as a server's own it is refused by every reader of CAs (RFC 5280 4.2.1.9): pinned, it is what it is.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use aws_lc_rs::digest::{SHA256, digest};
use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{WebPkiSupportedAlgorithms, aws_lc_rs::default_provider, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use webpki::RawPublicKeyEntity;

use super::{chain::certificates_of, roots::RootsError, x509::CertificateWords};

/// One certificate or several, of which a server must show one; never none. Two are equal where they were made of the same
/// certificates, in the same order.
#[derive(Clone)]
pub(crate) struct PinnedCertificates {
    verifier: Arc<Pinned>,
    digest: [u8; 32],
}

impl PinnedCertificates {
    /// Parses PEM text; what is no certificate is passed over.
    ///
    /// # Errors
    /// See [`RootsError`].
    pub(crate) fn parse(pem: &str) -> Result<Self, RootsError> {
        let certificates = certificates_of(pem).map_err(|()| RootsError::Pem)?;
        if certificates.is_empty() {
            return Err(RootsError::Empty);
        }
        for (index, certificate) in certificates.iter().enumerate() {
            CertificateWords::of(certificate).ok_or(RootsError::Malformed(index + 1))?;
        }
        let mut all = [0; 32];
        let each = certificates.iter().flat_map(|certificate| digest(&SHA256, certificate).as_ref().to_vec());
        all.copy_from_slice(digest(&SHA256, &each.collect::<Vec<u8>>()).as_ref());
        let algorithms = default_provider().signature_verification_algorithms;
        Ok(Self { verifier: Arc::new(Pinned { certificates, algorithms }), digest: all })
    }

    /// Who holds a server to them.
    #[must_use]
    pub(crate) fn verifier(&self) -> Arc<dyn ServerCertVerifier> {
        Arc::<Pinned>::clone(&self.verifier)
    }
}

impl PartialEq for PinnedCertificates {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for PinnedCertificates {}

impl Hash for PinnedCertificates {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl fmt::Debug for PinnedCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinnedCertificates({})", self.verifier.certificates.len())
    }
}

struct Pinned {
    certificates: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl fmt::Debug for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pinned({})", self.certificates.len())
    }
}

/// Reads what the certificate says, and looks at nothing of it but the key.
fn words_of<'c>(certificate: &'c CertificateDer<'_>) -> Result<CertificateWords<'c>, Error> {
    CertificateWords::of(certificate).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))
}

/// The certificate is known byte for byte; that the server has its key, the handshake's signature proves. What else the certificate says
/// is not looked at: one of version 1, or with extensions that nobody knows, is pinned as any other.
impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.certificates.iter().any(|pinned| pinned == shown) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let key_info = words_of(certificate)?.key_info();
        let key = RawPublicKeyEntity::try_from(&key_info);
        let key = key.map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        // A scheme of TLS 1.2 does not say the curve: that of the key decides.
        let mut algorithms = self.algorithms.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let is_of_key = algorithms.any(|(_, algorithms)| {
            algorithms.iter().any(|algorithm| key.verify_signature(*algorithm, message, signed.signature()).is_ok())
        });
        if is_of_key {
            return Ok(HandshakeSignatureValid::assertion());
        }
        Err(Error::InvalidCertificate(CertificateError::BadSignature))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(message, &words_of(certificate)?.key_info(), signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::{Authority, VERSION_1};

    fn shown(pinned: &PinnedCertificates, pem: &str) -> Result<(), Error> {
        let certificate = certificates_of(pem).unwrap().remove(0);
        let name = ServerName::try_from("any.example").unwrap();
        pinned
            .verifier()
            .verify_server_cert(&certificate, &[], &name, &[], UnixTime::since_unix_epoch(std::time::Duration::MAX))
            .map(drop)
    }

    #[test]
    fn a_pinned_certificate_is_taken_whatever_its_name_and_dates_and_no_other_is() {
        let authority = Authority::new();
        let (ca, leaf) = (authority.certificate(), authority.leaf(&["a.example"]).certificate);
        let pinned = PinnedCertificates::parse(&ca).unwrap();
        assert_eq!(shown(&pinned, &ca), Ok(()));
        let refused = Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure));
        assert_eq!(shown(&pinned, &leaf), refused, "it vouches for nobody");
        let both = PinnedCertificates::parse(&format!("{ca}{leaf}")).unwrap();
        assert_eq!((shown(&both, &ca), shown(&both, &leaf)), (Ok(()), Ok(())));
    }

    #[test]
    fn what_no_reader_of_cas_takes_is_pinned_too() {
        let pinned = PinnedCertificates::parse(&format!("\u{feff}{}", VERSION_1.0)).unwrap();
        assert_eq!(shown(&pinned, VERSION_1.0), Ok(()));
    }

    #[test]
    fn pins_are_equal_where_they_were_made_of_the_same_certificates() {
        let (one, other) = (Authority::new().certificate(), Authority::new().certificate());
        let parse = |pem: &str| PinnedCertificates::parse(pem).unwrap();
        assert_eq!(parse(&one), parse(&format!("a comment\n{one}")));
        assert_ne!(parse(&one), parse(&other));
        assert_ne!(parse(&one), parse(&format!("{one}{other}")));
        assert_eq!(format!("{:?}", parse(&format!("{one}{other}"))), "PinnedCertificates(2)");
    }

    #[test]
    fn what_holds_no_certificate_is_refused() {
        let refused = |pem: &str| PinnedCertificates::parse(pem).unwrap_err();
        assert_eq!((refused(""), refused("-----BEGIN CERTIFICATE-----\n")), (RootsError::Empty, RootsError::Pem));
        let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(refused(no_certificate), RootsError::Malformed(1));
    }
}
