//! The head to the host application, and its head back.
//!
//! In: an admitted request, who is signed in (if anybody), the site's settings. Out: the head that the host application
//! gets: hop-by-hop fields gone, identity and forwarding headers ours, our cookies gone, `Host` as configured. And the
//! head back: hop-by-hop fields gone, the upstream's own absolute URLs in `Location` and `Set-Cookie` mapped to the site.

mod identity_headers;
mod request_head;
mod response_head;

use url::Url;

pub use request_head::{Sender, request_head};
pub use response_head::response_head;

use crate::{request::Authority, tls::TrustedRoots};

/// Which header names carry the identity to the host application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityHeaders {
    /// `X-Forwarded-User`, `-Email`, `-Groups`, `-Preferred-Username`
    XForwarded,
    /// `X-Auth-Request-User`, `-Email`, `-Groups`, `-Preferred-Username`
    XAuthRequest,
    /// `Remote-User`, `Remote-Email`, `Remote-Groups`, `Remote-Name`
    Remote,
    /// None at all.
    None,
}

/// Which `Host` the host application sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendHost {
    /// As the browser sent it.
    Browser,
    /// The authority of the upstream URL.
    Upstream,
}

/// Where a host application is, and whom to believe that it is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// Scheme `http` or `https`, host, port; the path is `/`.
    pub url: Url,
    /// The only CAs that may vouch for it; `None`: those of the operating system.
    pub roots: Option<TrustedRoots>,
}

impl From<Url> for Upstream {
    fn from(url: Url) -> Self {
        Self { url, roots: None }
    }
}

/// How a site's requests are forwarded.
#[derive(Debug, Clone)]
pub struct ForwardSettings {
    /// What browsers type: scheme, host, port; the path is `/`.
    pub site_url: Url,
    /// The authority of `site_url`.
    pub site: Authority,
    /// The host application.
    pub upstream: Upstream,
    /// Which identity headers are sent.
    pub identity_headers: IdentityHeaders,
    /// Which `Host` is sent.
    pub send_host: SendHost,
}
