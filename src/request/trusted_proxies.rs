//! Proxies in front of the gateway, whose word on where a request comes from counts.
//!
//! In: addresses and networks (CIDR). Always: nobody is trusted who is not written down, and an IPv4 address in an IPv6 one is
//! the IPv4 address, on both sides.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// All of them; by default nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TrustedProxies(Vec<TrustedNetwork>);

/// One address, or all addresses of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TrustedNetwork(IpNet);

/// Why a text is no such network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TrustedNetworkError {
    /// No address, or no number of bits that such an address has.
    #[error("not an address or a network")]
    Syntax,
    /// Written as one address, or meant as another network.
    #[error("has bits behind its prefix: the network is {0}")]
    HostBits(String),
}

impl TrustedNetwork {
    /// Parses `10.0.0.0/8`, `2001:db8::/32`, or an address alone.
    ///
    /// # Errors
    /// See [`TrustedNetworkError`].
    pub(crate) fn parse(text: &str) -> Result<Self, TrustedNetworkError> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| TrustedNetworkError::Syntax)?;
        let bits = match bits {
            None if address.is_ipv4() => 32,
            None => 128,
            Some(bits) => number(bits).ok_or(TrustedNetworkError::Syntax)?,
        };
        let network = IpNet::new(address, bits).map_err(|_| TrustedNetworkError::Syntax)?;
        if network.trunc() != network {
            return Err(TrustedNetworkError::HostBits(network.trunc().to_string()));
        }
        Ok(Self(canonical(network)))
    }

    /// Whether it is so large that it can be no list of proxies: more than any one organization has, private networks apart.
    #[must_use]
    pub(crate) fn is_wide(&self) -> bool {
        match self.0 {
            IpNet::V4(network) => network.prefix_len() < NARROW_IPV4_BITS,
            IpNet::V6(network) => {
                let is_private = PRIVATE_IPV6.iter().any(|(address, bits)| {
                    network.prefix_len() >= *bits
                        && IpNet::new(IpAddr::V6(*address), *bits)
                            .is_ok_and(|private| private.contains(&IpAddr::V6(network.addr())))
                });
                network.prefix_len() < NARROW_IPV6_BITS && !is_private
            }
        }
    }
}

impl TrustedProxies {
    /// Whether nobody is trusted.
    #[must_use]
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an address is that of a proxy in front.
    #[must_use]
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.0.contains(&address))
    }
}

impl FromIterator<TrustedNetwork> for TrustedProxies {
    fn from_iter<T: IntoIterator<Item = TrustedNetwork>>(networks: T) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// Decimal digits, without a sign and without zeros before them.
fn number(text: &str) -> Option<u8> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

/// `::ffff:10.0.0.0/104` is `10.0.0.0/8`: addresses are asked about in that form.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else { return network };
    let (address, bits) = (IpAddr::V6(mapped.addr()).to_canonical(), mapped.prefix_len().checked_sub(MAPPED_BITS));
    match (address, bits) {
        (IpAddr::V4(_), Some(bits)) => IpNet::new(address, bits).unwrap_or(network),
        (IpAddr::V4(_) | IpAddr::V6(_), _) => network,
    }
}

/// The prefix of IPv4 addresses in IPv6 ones (RFC 4291 2.5.5.2).
const MAPPED_BITS: u8 = 96;
/// Nobody has a larger network; `10.0.0.0/8` is the largest private one.
const NARROW_IPV4_BITS: u8 = 8;
/// Registries give out none larger.
const NARROW_IPV6_BITS: u8 = 16;
/// Unique local (RFC 4193) and link-local (RFC 4291 2.5.6).
const PRIVATE_IPV6: [(Ipv6Addr, u8); 2] =
    [(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7), (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10)];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Of these texts.
    pub(crate) fn trusted(networks: &[&str]) -> TrustedProxies {
        networks.iter().map(|text| TrustedNetwork::parse(text).unwrap()).collect()
    }

    #[test]
    fn nobody_is_trusted_by_default() {
        let nobody = TrustedProxies::default();
        assert!(nobody.is_empty());
        for address in ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"] {
            assert!(!nobody.contains(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_is_trusted_by_itself_and_a_network_with_all_that_it_has() {
        let proxies = trusted(&["192.0.2.7", "10.0.0.0/8", "2001:db8:1::/48", "::1", "198.51.100.8/29"]);
        assert!(!proxies.is_empty());
        let inside = [
            "192.0.2.7",
            "10.0.0.0",
            "10.255.255.255",
            "2001:db8:1:ffff::1",
            "::1",
            "198.51.100.15",
            "::ffff:10.1.2.3",
        ];
        let outside = [
            "192.0.2.6",
            "192.0.2.8",
            "11.0.0.0",
            "9.255.255.255",
            "2001:db8:2::",
            "::2",
            "198.51.100.16",
            "::a01:203",
        ];
        assert!(inside.iter().all(|address| proxies.contains(address.parse().unwrap())));
        assert!(!outside.iter().any(|address| proxies.contains(address.parse().unwrap())));
    }

    #[test]
    fn an_ipv4_network_is_the_same_in_both_writings() {
        for (network, inside, outside) in [
            ("::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.0"),
            ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("::ffff:0:0/96", "203.0.113.1", "2001:db8::1"),
        ] {
            let proxies = trusted(&[network]);
            assert!(proxies.contains(inside.parse().unwrap()), "{network}");
            assert!(
                proxies.contains(format!("::ffff:{inside}").parse().unwrap_or(inside.parse().unwrap())),
                "{network}"
            );
            assert!(!proxies.contains(outside.parse().unwrap()), "{network}");
        }
        assert!(!trusted(&["::/0"]).contains("10.0.0.1".parse().unwrap()));
        assert!(!trusted(&["0.0.0.0/0"]).contains("2001:db8::1".parse().unwrap()));
    }

    #[test]
    fn other_texts_are_no_networks() {
        for text in [
            "",
            "*",
            "any",
            "private",
            "localhost",
            "10.0.0",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "10.0.0.0/255.0.0.0",
            "010.0.0.0/8",
            "::/129",
            "fe80::1%eth0",
            "[::1]",
            "10.0.0.1:80",
            " 10.0.0.1",
            "10.0.0.0/8/8",
        ] {
            assert_eq!(TrustedNetwork::parse(text), Err(TrustedNetworkError::Syntax), "{text:?}");
        }
    }

    #[test]
    fn an_address_with_the_bits_of_a_network_is_neither() {
        for (text, network) in
            [("10.0.0.1/8", "10.0.0.0/8"), ("2001:db8::1/32", "2001:db8::/32"), ("1.1.1.1/0", "0.0.0.0/0")]
        {
            assert_eq!(TrustedNetwork::parse(text), Err(TrustedNetworkError::HostBits(network.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_network_that_can_be_no_list_of_proxies_is_wide() {
        for text in
            ["0.0.0.0/0", "::/0", "128.0.0.0/1", "8.0.0.0/7", "2000::/3", "2000::/15", "::ffff:0:0/96", "f000::/4"]
        {
            assert!(TrustedNetwork::parse(text).unwrap().is_wide(), "{text}");
        }
        for text in
            ["10.0.0.0/8", "104.16.0.0/13", "2400:cb00::/32", "fc00::/7", "fd00::/8", "fe80::/10", "::1", "192.0.2.1"]
        {
            assert!(!TrustedNetwork::parse(text).unwrap().is_wide(), "{text}");
        }
    }
}
