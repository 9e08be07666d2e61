//! Certificates for `demo --tls`: a CA made for one start, and one leaf for all of its names.
//!
//! Who trusts the CA trusts five names under `localhost` for a week, and nobody can have it sign anything else: its key is
//! gone before the first connection comes.

use std::{fmt, sync::Arc, time::Duration};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;

use super::DemoError;
use crate::{secret::Secret, time::UnixSeconds};

/// The certificates of one start.
#[derive(Clone)]
pub(crate) struct DemoCertificates {
    ca: String,
    leaf: String,
    leaf_key: Secret,
    acceptor: TlsAcceptor,
}

impl DemoCertificates {
    /// Makes a CA, has it sign a leaf, and forgets the CA's key.
    ///
    /// # Errors
    /// When there is no randomness, mostly.
    pub(crate) fn make(now: UnixSeconds) -> Result<Self, DemoError> {
        let ca = CertifiedIssuer::self_signed(ca_params(now), KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = leaf_params(now)?.signed_by(&key, &ca)?.pem();
        let (ca, leaf_key) = (ca.pem(), key.serialize_pem());
        let acceptor = acceptor(&leaf, &leaf_key)?;
        Ok(Self { ca, leaf, leaf_key: Secret::new(leaf_key), acceptor })
    }

    /// The CA's certificate, in PEM form.
    pub(crate) fn ca(&self) -> &str {
        &self.ca
    }

    /// The files of certificates that [`config_text`](super::config_text) names.
    pub(crate) fn chains(&self) -> [(&'static str, Secret); 2] {
        [(CHAIN_FILE, Secret::new(self.leaf.clone())), (CA_FILE, Secret::new(self.ca.clone()))]
    }

    /// The key that it names.
    pub(crate) fn key(&self) -> (&'static str, Secret) {
        (KEY_FILE, self.leaf_key.clone())
    }

    /// What the stand-ins shake hands with.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }
}

impl fmt::Debug for DemoCertificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DemoCertificates(redacted)")
    }
}

/// A CA that may vouch for names under `localhost` alone (RFC 5280 4.2.1.10).
fn ca_params(now: UnixSeconds) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("localhost".to_owned())],
        excluded_subtrees: Vec::new(),
    });
    params.distinguished_name.push(DnType::CommonName, "sigma-gateway demo, a CA for one start");
    dated(params, now)
}

/// Each name by itself: browsers take no `*.localhost`.
fn leaf_params(now: UnixSeconds) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(NAMES.map(str::to_owned))?;
    params.distinguished_name.push(DnType::CommonName, "sigma-gateway demo");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(dated(params, now))
}

fn dated(mut params: CertificateParams, now: UnixSeconds) -> CertificateParams {
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(now.0);
    (params.not_before, params.not_after) = (now - CLOCK_DIFFERENCE, now + GOOD_FOR);
    params
}

fn acceptor(chain: &str, key: &str) -> Result<TlsAcceptor, DemoError> {
    let chain = CertificateDer::pem_slice_iter(chain.as_bytes()).collect::<Result<Vec<_>, _>>();
    let chain = chain.expect("what was written as PEM is PEM");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("what was written as PEM is PEM");
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The files of the demo's configuration; they are nowhere on a disk.
pub(super) const CHAIN_FILE: &str = "tls.pem";
pub(super) const KEY_FILE: &str = "tls.key";
pub(super) const CA_FILE: &str = "ca.pem";

/// Every host name of [`Ports`](super::Ports).
const NAMES: [&str; 5] =
    ["crm.localhost", "crm-signed.localhost", "login.localhost", "sigma.localhost", "demo.localhost"];
/// For browsers whose clock is another.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(24 * 60 * 60);
const GOOD_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        demo::{Ports, testing::NOW},
        tls::{CertificateChain, TlsIdentity},
    };

    fn identity(made: &DemoCertificates) -> TlsIdentity {
        let chain = CertificateChain::parse(&made.leaf).unwrap();
        TlsIdentity::new(CHAIN_FILE, chain, made.leaf_key.expose()).unwrap()
    }

    #[test]
    fn the_leaf_covers_every_name_of_the_demo_and_no_other() {
        let identity = identity(&DemoCertificates::make(NOW).unwrap());
        let ports = Ports::from_base(8080).unwrap().over_tls();
        let urls = [ports.link_site(), ports.signed_site(), ports.issuer(), ports.sigma_url(), ports.start_url()];
        for url in urls {
            let url = url::Url::parse(&url).unwrap();
            assert!(identity.covers(url.host_str().unwrap()), "{url}");
        }
        for name in ["localhost", "other.localhost", "example.com", "127.0.0.1"] {
            assert!(!identity.covers(name), "{name}");
        }
    }

    #[test]
    fn it_is_good_for_a_week_and_not_longer() {
        let not_after = identity(&DemoCertificates::make(NOW).unwrap()).not_after();
        assert_eq!(not_after.0 - NOW.0, 7 * 24 * 60 * 60);
    }

    #[test]
    fn every_start_has_a_ca_of_its_own_and_tells_no_key() {
        let (one, other) = (DemoCertificates::make(NOW).unwrap(), DemoCertificates::make(NOW).unwrap());
        assert_ne!(one.ca(), other.ca());
        assert!(!one.ca().contains("PRIVATE KEY"));
        assert_eq!(format!("{one:?}"), "DemoCertificates(redacted)");
    }

    #[test]
    fn the_ca_may_vouch_for_names_under_localhost_alone() {
        let ca = CertifiedIssuer::self_signed(ca_params(NOW), KeyPair::generate().unwrap()).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(ca.der().clone()).unwrap();
        for (name, is_good) in [("crm.localhost", true), ("example.com", false)] {
            let key = KeyPair::generate().unwrap();
            let params = dated(CertificateParams::new([name.to_owned()]).unwrap(), NOW);
            let leaf = params.signed_by(&key, &ca).unwrap();
            let verdict = rustls::client::verify_server_cert_signed_by_trust_anchor(
                &rustls::server::ParsedCertificate::try_from(leaf.der()).unwrap(),
                &roots,
                &[],
                rustls::pki_types::UnixTime::since_unix_epoch(Duration::from_secs(NOW.0)),
                aws_lc_rs::default_provider().signature_verification_algorithms.all,
            );
            assert_eq!(verdict.is_ok(), is_good, "{name}: {verdict:?}");
        }
    }
}
