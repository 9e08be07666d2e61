//! A certificate chain with its private key: what the gateway shows to browsers.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use aws_lc_rs::digest::{Context, SHA256};
use rustls::{
    crypto::aws_lc_rs::sign::any_supported_type,
    pki_types::{PrivateKeyDer, ServerName, pem::PemObject},
    server::ParsedCertificate,
    sign::CertifiedKey,
};

use super::{CertificateChain, x509::CertificateWords};
use crate::time::UnixSeconds;

/// A chain and the key that belongs to it.
#[derive(Clone)]
pub(crate) struct TlsIdentity {
    key: Arc<CertifiedKey>,
    name: Arc<str>,
    not_after: UnixSeconds,
    /// Of the chain and the key's text: two are equal where they were made of the same.
    digest: [u8; 32],
}

/// What is wrong with a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlsIdentityError {
    /// PEM without an unencrypted PKCS #8, PKCS #1 or SEC 1 key.
    #[error("no unencrypted private key in PEM form")]
    NoKey,
    /// Not RSA of at least 2048 bits, ECDSA on P-256, P-384 or P-521, or Ed25519.
    #[error("a private key of an unknown kind")]
    Unsupported,
    /// The key of another certificate.
    #[error("not the key of the certificate")]
    Mismatch,
}

impl TlsIdentity {
    /// Joins a chain and the PEM text of its key; `name` is what the operator calls them.
    ///
    /// # Errors
    /// See [`TlsIdentityError`].
    pub(crate) fn new(name: &str, chain: CertificateChain, key_pem: &str) -> Result<Self, TlsIdentityError> {
        let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes()).map_err(|_| TlsIdentityError::NoKey)?;
        let key = any_supported_type(&key).map_err(|_| TlsIdentityError::Unsupported)?;
        let not_after = chain.not_after();
        let mut digested = Context::new(&SHA256);
        chain.certificates().iter().for_each(|certificate| digested.update(certificate));
        digested.update(key_pem.as_bytes());
        let mut digest = [0; 32];
        digest.copy_from_slice(digested.finish().as_ref());
        let certified = CertifiedKey::new(chain.into_certificates(), key);
        let words = certified.cert.first().and_then(CertificateWords::of).ok_or(TlsIdentityError::Mismatch)?;
        if certified.key.public_key() != Some(words.key_info()) {
            return Err(TlsIdentityError::Mismatch);
        }
        Ok(Self { key: Arc::new(certified), name: name.into(), not_after, digest })
    }

    /// Whether the certificate is for this host name, wildcards included (RFC 9525 6.3).
    #[must_use]
    pub(crate) fn covers(&self, host: &str) -> bool {
        let (Ok(name), Some(first)) = (ServerName::try_from(host), self.key.cert.first()) else { return false };
        ParsedCertificate::try_from(first)
            .is_ok_and(|certificate| rustls::client::verify_server_name(&certificate, &name).is_ok())
    }

    /// Chain and key, as a handshake needs them.
    #[must_use]
    pub(crate) const fn certified_key(&self) -> &Arc<CertifiedKey> {
        &self.key
    }

    /// What the operator calls it: its file.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The last second of the certificate.
    #[must_use]
    pub(crate) const fn not_after(&self) -> UnixSeconds {
        self.not_after
    }
}

impl PartialEq for TlsIdentity {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for TlsIdentity {}

impl Hash for TlsIdentity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsIdentity(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::{Authority, VERSION_1};

    #[test]
    fn a_key_belongs_to_its_certificate_and_to_no_other() {
        let authority = Authority::new();
        let (one, other) = (authority.leaf(&["a.example"]), authority.leaf(&["a.example"]));
        let chain = || CertificateChain::parse(&one.certificate).unwrap();
        assert!(TlsIdentity::new("a.pem", chain(), &one.private_key).is_ok());
        assert_eq!(TlsIdentity::new("a.pem", chain(), &other.private_key).unwrap_err(), TlsIdentityError::Mismatch);
        assert_eq!(TlsIdentity::new("a.pem", chain(), &one.certificate).unwrap_err(), TlsIdentityError::NoKey);
        let no_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert_eq!(TlsIdentity::new("a.pem", chain(), no_key).unwrap_err(), TlsIdentityError::Unsupported);
    }

    #[test]
    fn a_certificate_of_version_1_has_its_key_too() {
        let chain = || CertificateChain::of_client(VERSION_1.0).unwrap();
        assert!(TlsIdentity::new("a.pem", chain(), VERSION_1.1).is_ok());
        let other = Authority::new().leaf(&["a.example"]);
        assert_eq!(TlsIdentity::new("a.pem", chain(), &other.private_key).unwrap_err(), TlsIdentityError::Mismatch);
    }

    #[test]
    fn a_certificate_covers_its_names_and_one_label_under_a_wildcard() {
        let identity = Authority::new().leaf(&["crm.example.com", "*.apps.example.com", "127.0.0.1"]).identity();
        for host in ["crm.example.com", "CRM.example.com", "a.apps.example.com", "127.0.0.1"] {
            assert!(identity.covers(host), "{host}");
        }
        for host in ["example.com", "apps.example.com", "a.b.apps.example.com", "127.0.0.2", "", "a b"] {
            assert!(!identity.covers(host), "{host}");
        }
    }

    #[test]
    fn a_debug_text_shows_no_key() {
        assert_eq!(format!("{:?}", Authority::new().leaf(&["a.example"]).identity()), "TlsIdentity(redacted)");
    }
}
