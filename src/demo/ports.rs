//! Which port is whose, and the URLs that follow.

use super::DemoError;

/// The ports of the demo; 0 lets the system choose (the stand-ins then report the real ones).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// The gateway's public address, with both sites on it.
    pub gateway: u16,
    /// The OpenID provider.
    pub(crate) provider: u16,
    /// Sigma.
    pub(crate) sigma: u16,
    /// The host application behind the gateway.
    pub(crate) crm: u16,
    /// The start page.
    pub(crate) start: u16,
    /// The gateway's admin address.
    pub admin: u16,
    /// Whether all but the admin address and the unprotected application are https.
    pub(crate) is_secure: bool,
}

impl Ports {
    /// Six ports in a row from `base`.
    ///
    /// # Errors
    /// When the last one would be beyond 65 535, or `base` is 0.
    pub(crate) const fn from_base(base: u16) -> Result<Self, DemoError> {
        if base == 0 || base > u16::MAX - 5 {
            return Err(DemoError::Base { base });
        }
        Ok(Self {
            gateway: base,
            provider: base + 1,
            sigma: base + 2,
            crm: base + 3,
            start: base + 4,
            admin: base + 5,
            is_secure: false,
        })
    }

    /// Every port is the system's choice.
    #[must_use]
    pub const fn ephemeral() -> Self {
        Self { gateway: 0, provider: 0, sigma: 0, crm: 0, start: 0, admin: 0, is_secure: false }
    }

    /// The same ports over TLS.
    #[must_use]
    pub(crate) const fn over_tls(self) -> Self {
        Self { is_secure: true, ..self }
    }

    /// The site whose pages get stable links (`deliver = "link"`).
    #[must_use]
    pub fn link_site(&self) -> String {
        self.url("crm", self.gateway)
    }

    /// The site whose pages get signed URLs (`deliver = "signed"`).
    #[must_use]
    pub fn signed_site(&self) -> String {
        self.url("crm-signed", self.gateway)
    }

    /// The provider's issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.url("login", self.provider)
    }

    /// Sigma's origin.
    #[must_use]
    pub(crate) fn sigma_url(&self) -> String {
        self.url("sigma", self.sigma)
    }

    /// Where the gateway finds the host application.
    #[must_use]
    pub fn upstream(&self) -> String {
        format!("http://127.0.0.1:{}", self.crm)
    }

    /// The page to begin with.
    #[must_use]
    pub(crate) fn start_url(&self) -> String {
        self.url("demo", self.start) + "/"
    }

    fn url(&self, name: &str, port: u16) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{name}.localhost:{port}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_follow_the_base_in_a_row() {
        let ports = Ports::from_base(8080).unwrap();
        assert_eq!((ports.gateway, ports.provider, ports.sigma), (8080, 8081, 8082));
        assert_eq!((ports.crm, ports.start, ports.admin), (8083, 8084, 8085));
        assert_eq!(Ports::from_base(65_530).unwrap().admin, 65_535);
    }

    #[test]
    fn over_tls_every_name_is_https_but_the_application_that_is_not_protected() {
        let ports = Ports::from_base(8080).unwrap().over_tls();
        for url in [ports.link_site(), ports.signed_site(), ports.issuer(), ports.sigma_url(), ports.start_url()] {
            assert!(url.starts_with("https://") && url.contains(".localhost:80"), "{url}");
        }
        assert_eq!(ports.upstream(), "http://127.0.0.1:8083");
    }

    #[test]
    fn a_base_without_room_for_six_ports_is_refused() {
        assert!(matches!(Ports::from_base(65_531), Err(DemoError::Base { base: 65_531 })));
        assert!(matches!(Ports::from_base(0), Err(DemoError::Base { base: 0 })));
    }
}
