//! A CA for a test, and the leaves it signs.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use super::{CertificateChain, TlsIdentity, TrustedRoots};

/// 2020-01-01 and 2060-01-01, the days between which every leaf is good.
pub(crate) const NOT_BEFORE: u64 = 1_577_836_800;
pub(crate) const NOT_AFTER: u64 = 2_840_140_800;

/// A certificate of version 1 and its key, as `openssl x509 -req` makes one: no reader of CAs takes it.
pub(crate) const VERSION_1: (&str, &str) = (
    "-----BEGIN CERTIFICATE-----\n\
     MIIBETCBuAIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlhcHBsaWFuY2UwIBcN\n\
     MjQwMTAxMDAwMDAwWhgPMjEyMzEyMzEyMzU5NTlaMBQxEjAQBgNVBAMMCWFwcGxp\n\
     YW5jZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAq7KXN7QR5UKKWsxoyX816z\n\
     Z6nnTvsZisaskXnSJbXj9XEvspIYNu9ksGyUnSmpa4kBAdbcX6rHVd+IU4jTP9Aw\n\
     CgYIKoZIzj0EAwIDSAAwRQIgdwoY+ZOvixFmipKh2V2VVytS5PVkJ0JocUV2rVUc\n\
     dQwCIQDogswgYFhULjzIp1Uho/qKTGNjAe/YZhI1BL0CEpUFVA==\n\
     -----END CERTIFICATE-----\n\
     ",
    "-----BEGIN PRIVATE KEY-----\n\
     MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgDollDlwn5Xo7IWoB\n\
     tG5AbpN4/43HyiyocG98y1HkFJShRANCAAQKuylze0EeVCilrMaMl/Nes2ep5077\n\
     GYrGrJF50iW14/VxL7KSGDbvZLBslJ0pqWuJAQHW3F+qx1XfiFOI0z/Q\n\
     -----END PRIVATE KEY-----\n\
     ",
);

/// A CA.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A leaf, as PEM texts.
pub(crate) struct Leaf {
    pub(crate) certificate: String,
    pub(crate) private_key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// One as `openssl req -x509` makes it: a server's own certificate, which says that it is a CA.
    pub(crate) fn with_names(names: &[&str]) -> Self {
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate and key, as a server shows them.
    pub(crate) fn as_leaf(&self) -> Leaf {
        Leaf { certificate: self.certificate(), private_key: self.0.key().serialize_pem() }
    }

    /// A leaf by which a client is known.
    pub(crate) fn client(&self) -> Leaf {
        let mut params = CertificateParams::new(["client".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap().pem();
        Leaf { certificate, private_key: key.serialize_pem() }
    }

    pub(crate) fn certificate(&self) -> String {
        self.0.pem()
    }

    pub(crate) fn roots(&self) -> TrustedRoots {
        TrustedRoots::parse(&self.certificate()).unwrap()
    }

    pub(crate) fn leaf(&self, names: &[&str]) -> Leaf {
        self.leaf_between(names, (2020, 1, 1), (2060, 1, 1))
    }

    /// A leaf that is good from one day to another: year, month, day.
    pub(crate) fn leaf_between(&self, names: &[&str], from: (i32, u8, u8), to: (i32, u8, u8)) -> Leaf {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        let day = |(year, month, day)| date_time_ymd(year, month, day);
        (params.not_before, params.not_after) = (day(from), day(to));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap().pem();
        Leaf { certificate, private_key: key.serialize_pem() }
    }
}

impl Leaf {
    pub(crate) fn identity(&self) -> TlsIdentity {
        TlsIdentity::new("leaf.pem", CertificateChain::parse(&self.certificate).unwrap(), &self.private_key).unwrap()
    }
}
