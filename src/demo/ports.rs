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
        Ok(Self { gateway: base, provider: base + 1, sigma: base + 2, crm: base + 3, start: base + 4, admin: base + 5 })
    }

    /// Every port is the system's choice.
    #[must_use]
    pub const fn ephemeral() -> Self {
        Self { gateway: 0, provider: 0, sigma: 0, crm: 0, start: 0, admin: 0 }
    }

    /// The site whose pages get stable links (`deliver = "link"`).
    #[must_use]
    pub fn link_site(&self) -> String {
        format!("http://crm.localhost:{}", self.gateway)
    }

    /// The site whose pages get signed URLs (`deliver = "signed"`).
    #[must_use]
    pub fn signed_site(&self) -> String {
        format!("http://crm-signed.localhost:{}", self.gateway)
    }

    /// The provider's issuer.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("http://login.localhost:{}", self.provider)
    }

    /// Sigma's origin.
    #[must_use]
    pub(crate) fn sigma_url(&self) -> String {
        format!("http://sigma.localhost:{}", self.sigma)
    }

    /// Where the gateway finds the host application.
    #[must_use]
    pub fn upstream(&self) -> String {
        format!("http://127.0.0.1:{}", self.crm)
    }

    /// The page to begin with.
    #[must_use]
    pub(crate) fn start_url(&self) -> String {
        format!("http://demo.localhost:{}/", self.start)
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
    fn a_base_without_room_for_six_ports_is_refused() {
        assert!(matches!(Ports::from_base(65_531), Err(DemoError::Base { base: 65_531 })));
        assert!(matches!(Ports::from_base(0), Err(DemoError::Base { base: 0 })));
    }
}
