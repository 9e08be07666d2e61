//! A proxy that the gateway goes out through: where it is, what it is shown, and which hosts are not behind it.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use url::{Host, Url};

/// An http proxy that takes `CONNECT` (RFC 9110 9.3.6). Its `Debug` and `Display` show host and port alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct OutboundProxy {
    url: Url,
    authorization: Option<HeaderValue>,
    except: Arc<[Exception]>,
}

/// What is wrong with the address of a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProxyError {
    /// No URL with a host.
    #[error("not a URL with a scheme and a host")]
    Url,
    /// TLS to the proxy, SOCKS.
    #[error("not an http proxy")]
    Scheme,
    /// A path, a query or a fragment.
    #[error("has more than host and port")]
    Rest,
}

/// Hosts that are not behind the proxy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Exception {
    hosts: Hosts,
    /// None: whatever the port.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Hosts {
    Every,
    /// A name and all below it, in lower case and without a dot around it.
    Domain(String),
    /// An address and how many of its bits count.
    Network(IpAddr, u8),
}

impl OutboundProxy {
    /// Takes `http://HOST:PORT`, as `HTTPS_PROXY` has it: with or without the scheme, perhaps with `USER:PASSWORD@`.
    ///
    /// # Errors
    /// See [`ProxyError`].
    pub(crate) fn parse(text: &str) -> Result<Self, ProxyError> {
        let text = text.trim();
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let url = Url::parse(&whole).map_err(|_| ProxyError::Url)?;
        if url.scheme() != "http" {
            return Err(ProxyError::Scheme);
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(ProxyError::Rest);
        }
        let decoded = |part: &str| percent_encoding::percent_decode_str(part).collect::<Vec<u8>>();
        let user = (!url.username().is_empty() || url.password().is_some()).then(|| decoded(url.username()));
        let authorization = user.map(|mut user| {
            user.push(b':');
            user.extend(decoded(url.password().unwrap_or_default()));
            basic(&user)
        });
        let mut bare = url;
        let _ = bare.set_username("");
        let _ = bare.set_password(None);
        Ok(Self { url: bare, authorization, except: Arc::default() })
    }

    /// The same, which is shown this `USER:PASSWORD`.
    #[must_use]
    pub(crate) fn shown(self, user_and_password: &str) -> Self {
        Self { authorization: Some(basic(user_and_password.as_bytes())), ..self }
    }

    /// The same, but for these hosts, each as an item of `NO_PROXY`: `*`, a name (and all below it), an address, a network. What is
    /// none of these is passed over.
    #[must_use]
    pub(crate) fn but_for<'a>(self, items: impl IntoIterator<Item = &'a str>) -> Self {
        Self { except: items.into_iter().filter_map(Exception::parse).collect(), ..self }
    }

    /// Whether the host of a URL is behind it.
    #[must_use]
    pub(crate) fn is_for(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else { return false };
        !self.except.iter().any(|exception| exception.names(&host, port))
    }

    /// Where it is.
    #[must_use]
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// What it is shown (`Proxy-Authorization`).
    #[must_use]
    pub(crate) const fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }
}

impl std::fmt::Display for OutboundProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

impl std::fmt::Debug for OutboundProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutboundProxy({self})")
    }
}

impl Exception {
    fn parse(item: &str) -> Option<Self> {
        let item = item.trim();
        if let Some(hosts) = Hosts::parse(item) {
            return Some(Self { hosts, port: None });
        }
        let (host, port) = item.rsplit_once(':')?;
        Some(Self { hosts: Hosts::parse(host)?, port: Some(port.parse().ok()?) })
    }

    fn names(&self, host: &Host<&str>, port: u16) -> bool {
        self.port.is_none_or(|only| only == port) && self.hosts.have(host)
    }
}

impl Hosts {
    fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Every);
        }
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        if let Ok(address) = address.trim_matches(['[', ']']).parse::<IpAddr>() {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(most), |bits| bits.parse().ok().filter(|bits| *bits <= most))?;
            return Some(Self::Network(address, bits));
        }
        let name = text.strip_prefix('*').unwrap_or(text).trim_matches('.').to_ascii_lowercase();
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        is_name.then_some(Self::Domain(name))
    }

    fn have(&self, host: &Host<&str>) -> bool {
        match (self, host) {
            (Self::Every, _) => true,
            (Self::Domain(domain), Host::Domain(name)) => {
                // The name of a URL is in lower case.
                let above = name.trim_end_matches('.').strip_suffix(domain.as_str());
                above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
            }
            (Self::Network(network, bits), Host::Ipv4(ip)) => is_within(IpAddr::V4(*ip), *network, *bits),
            (Self::Network(network, bits), Host::Ipv6(ip)) => is_within(IpAddr::V6(*ip), *network, *bits),
            (Self::Domain(_), Host::Ipv4(_) | Host::Ipv6(_)) | (Self::Network(..), Host::Domain(_)) => false,
        }
    }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let number = |ip: Ipv6Addr| u128::from(ip);
    let (one, other, unused) = match (address, network) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (u32::from(one).into(), u32::from(other).into(), 32 - bits),
        (IpAddr::V6(one), IpAddr::V6(other)) => (number(one), number(other), 128 - bits),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let cut = |number: u128| number.checked_shr(unused.into()).unwrap_or(0);
    cut(one) == cut(other)
}

/// RFC 7617.
fn basic(user_and_password: &[u8]) -> HeaderValue {
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(user_and_password)))
        .expect("base64 is made of header characters");
    value.set_sensitive(true);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_an_http_host_and_port() {
        let at = |text| OutboundProxy::parse(text).map(|proxy| proxy.to_string());
        assert_eq!(at("http://proxy.example:3128"), Ok("http://proxy.example:3128".to_owned()));
        assert_eq!(at("proxy.example:3128/"), Ok("http://proxy.example:3128".to_owned()));
        assert_eq!(at(" http://[::1]:8 "), Ok("http://[::1]:8".to_owned()));
        for (text, error) in [
            ("", ProxyError::Url),
            ("https://proxy.example", ProxyError::Scheme),
            ("socks5://proxy.example", ProxyError::Scheme),
            ("http://proxy.example/a", ProxyError::Rest),
            ("http://proxy.example?a", ProxyError::Rest),
        ] {
            assert_eq!(at(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_user_and_a_password_are_shown_to_the_proxy_and_to_nobody_else() {
        let proxy = OutboundProxy::parse("http://us%40er:pass%3A@proxy.example:3128").unwrap();
        let expected = format!("Basic {}", STANDARD.encode("us@er:pass:"));
        assert_eq!(proxy.authorization().unwrap().to_str().unwrap(), expected);
        let nameless = OutboundProxy::parse("http://:pass@proxy.example").unwrap();
        assert!(nameless.authorization().is_some(), "a password without a user is one too");
        let own = OutboundProxy::parse("proxy.example").unwrap().shown("a:marker");
        for shown in [format!("{proxy} {proxy:?}"), format!("{own} {own:?} {:?}", own.authorization())] {
            assert!(!shown.contains("pass") && !shown.contains("marker") && !shown.contains("Basic"), "{shown}");
        }
    }

    #[test]
    fn what_no_proxy_names_is_not_behind_it() {
        let is_for = |items: &str, url: &str| {
            let proxy = OutboundProxy::parse("proxy.example").unwrap().but_for(items.split(','));
            proxy.is_for(&Url::parse(url).unwrap())
        };
        let idp = "https://login.corp.example/a";
        for items in ["*", "corp.example", " .corp.example", "*.corp.example", "CORP.example.", "corp.example:443"] {
            assert!(!is_for(items, idp), "{items}");
        }
        for items in ["", ",", "login", "orp.example", "corp.example:8443", "login.corp.example.evil", "10.0.0.0/8"] {
            assert!(is_for(items, idp), "{items}");
        }
        for (items, url) in [
            ("10.0.0.0/8", "https://10.1.2.3"),
            ("a.example,10.1.2.3", "https://10.1.2.3:8443"),
            ("0.0.0.0/0", "https://10.1.2.3"),
            ("[fd00::1]:8443", "https://[fd00::1]:8443"),
            ("fd00::/8", "https://[fd12::3]"),
        ] {
            assert!(!is_for(items, url), "{items}: {url}");
        }
        for (items, url) in
            [("10.0.0.0/33", "https://10.1.2.3"), ("11.0.0.0/8", "https://10.1.2.3"), ("::/0", "https://1.2.3.4")]
        {
            assert!(is_for(items, url), "{items}: {url}");
        }
    }
}
