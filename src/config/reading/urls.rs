//! URLs, and the host names in them.

use url::Url;

use super::check::Check;
use crate::{
    config::file::Node,
    request::{HostName, is_loopback},
};

impl Check<'_> {
    /// The URL of a server: http or https, a host, no user, no query, no fragment.
    fn server_url(&mut self, node: &Node) -> Option<Url> {
        let fix = "write https://host, with a port where it needs one";
        let url = self.http_url(node, fix)?;
        if !url.username().is_empty() || url.password().is_some() {
            return self.refuse(node, "has a user or a password", fix);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return self.refuse(node, "has a query or a fragment", fix);
        }
        Some(url)
    }

    /// A server URL that has no path.
    pub(in crate::config) fn origin(&mut self, node: &Node) -> Option<Url> {
        let url = self.server_url(node)?;
        if url.path() == "/" { Some(url) } else { self.refuse(node, "has a path", "write scheme, host and port only") }
    }

    /// The same, https unless loopback.
    pub(in crate::config) fn protected_origin(&mut self, node: &Node) -> Option<Url> {
        let url = self.origin(node)?;
        self.protected(node, url)
    }

    /// A server URL, https unless loopback.
    pub(in crate::config) fn protected_url(&mut self, node: &Node) -> Option<Url> {
        let url = self.server_url(node)?;
        self.protected(node, url)
    }

    /// A whole address: unlike the URL of a server it may have a query. https unless loopback.
    pub(in crate::config) fn whole_url(&mut self, node: &Node, fix: &str) -> Option<Url> {
        let url = self.http_url(node, fix)?;
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return self.refuse(node, "has a user, a password or a fragment", fix);
        }
        self.protected(node, url)
    }

    fn http_url(&mut self, node: &Node, fix: &str) -> Option<Url> {
        let url = self.parsed(node, |text| Url::parse(text).map_err(|_| "not a URL with a scheme and a host"), fix)?;
        if matches!(url.scheme(), "http" | "https") {
            Some(url)
        } else {
            self.refuse(node, "neither https nor http", fix)
        }
    }

    /// Refuses plain http, but for this machine itself.
    fn protected(&mut self, node: &Node, url: Url) -> Option<Url> {
        if url.scheme() == "https" || url.host().is_some_and(|host| is_loopback(&host)) {
            return Some(url);
        }
        self.refuse(node, "plain http to a host that is not loopback", "write https://")
    }
}

/// The host name of the URL that is written there.
pub(in crate::config) fn host_in(node: &Node) -> Option<HostName> {
    host_of(&Url::parse(node.as_text()?).ok()?)
}

/// The host name of a URL.
pub(in crate::config) fn host_of(url: &Url) -> Option<HostName> {
    HostName::parse(url.host_str()?).ok()
}
