//! How a site's requests are forwarded, and what follows from that for every request.

use std::{
    hash::{Hash, Hasher},
    time::Duration,
};

use http::HeaderValue;
use url::{Origin, Url};

use super::IdentityHeaders;
use crate::{proxy::OutboundProxy, request::HostName, tls::UpstreamTls};

/// Which `Host` the host application sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SendHost {
    /// As the browser sent it.
    Browser,
    /// The authority of the upstream URL.
    Upstream,
}

/// Where a host application is for a site, and whom to believe that it is there. Two sites that lead to one place have two, and
/// share no connection: what an application leaves on one never meets another site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Upstream {
    /// The host name of the site, as [`ForwardSettings::new`] writes it; no two sites have the same.
    pub(crate) site: String,
    /// Scheme `http` or `https`, host, port; the path is `/`.
    pub(crate) url: Url,
    /// Whom to believe that it is there, and what the gateway shows.
    pub(crate) tls: UpstreamTls,
    /// What it is asked through; none: nothing.
    pub(crate) proxy: Option<OutboundProxy>,
}

/// By the site alone, which has few: with every request one is looked up.
impl Hash for Upstream {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.site.hash(state);
    }
}

impl From<Url> for Upstream {
    fn from(url: Url) -> Self {
        Self { site: String::new(), url, tls: UpstreamTls::default(), proxy: None }
    }
}

/// How long a host application is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waits {
    /// For the head of an answer: `upstream_timeout`.
    pub(crate) answer: Duration,
    /// Between two pieces of an answer: `upstream_idle_timeout`.
    pub(crate) idle: Duration,
    /// For the whole of an answer that is held to its end: `held_timeout`.
    pub(crate) held: Duration,
}

/// How request bodies go to the host application whose length the browser does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestBodies {
    /// As they come, in chunks.
    Stream,
    /// Held to their end, with a length.
    Length,
}

/// How a site's requests are forwarded.
#[derive(Debug, Clone)]
pub(crate) struct ForwardSettings {
    /// The host application.
    pub(crate) upstream: Upstream,
    /// How long it is waited for.
    pub(crate) waits: Waits,
    /// What becomes of request bodies without a length.
    pub(crate) request_bodies: RequestBodies,
    /// Which identity headers are sent.
    pub(crate) identity_headers: IdentityHeaders,
    /// What stands in place of the upstream's origin in the answers' heads: the site's. In requests it is the other way round.
    pub(super) site_origin: String,
    /// What is the same in every head to the host application.
    pub(crate) fixed: FixedHeaders,
    /// What the host application may take for its own origin: the one that is called; the one that it finds when it
    /// believes the `Host` it got: the site's host under the upstream's scheme (plain http behind a TLS gateway); and the site's host with
    /// the port on which it listens itself, as nginx has it, under either scheme.
    pub(super) upstream_origins: [Origin; 4],
}

/// Header values that follow from the settings alone.
#[derive(Debug, Clone)]
pub(crate) struct FixedHeaders {
    pub(crate) host: HeaderValue,
    pub(super) forwarded_proto: HeaderValue,
    pub(super) forwarded_host: HeaderValue,
    pub(super) forwarded_port: HeaderValue,
}

impl ForwardSettings {
    /// The settings of the site at `site_url`, whose host name is `site`; both URLs are `http` or `https`.
    ///
    /// A browser sends the site's authority as `Host`. A port or spelling of somebody else's making could poison the links
    /// that the host application builds from it, so that it is always sent as configured. It is waited for as the reference
    /// configuration says, and gets bodies as they come.
    #[must_use]
    pub(crate) fn new(
        site_url: &Url,
        site: &HostName,
        upstream: Upstream,
        identity_headers: &IdentityHeaders,
        send_host: SendHost,
    ) -> Self {
        let upstream = Upstream { site: site.as_str().to_owned(), ..upstream };
        let host_of = match send_host {
            SendHost::Browser => site_url,
            SendHost::Upstream => &upstream.url,
        };
        let fixed = FixedHeaders {
            host: header_value(&authority_of(host_of)),
            forwarded_proto: header_value(site_url.scheme()),
            forwarded_host: header_value(&authority_of(site_url)),
            forwarded_port: site_url.port_or_known_default().unwrap_or_default().into(),
        };
        let mut believed = site_url.clone();
        // http and https may take each other's place.
        let _ = believed.set_scheme(upstream.url.scheme());
        let with_own_port = |url: &Url| {
            let mut url = url.clone();
            // Of a port that every scheme has by itself nobody could say whose it is.
            if let Some(port) = upstream.url.port() {
                let _ = url.set_port(Some(port));
            }
            url.origin()
        };
        let upstream_origins =
            [upstream.url.origin(), believed.origin(), with_own_port(&believed), with_own_port(site_url)];
        Self {
            site_origin: site_url.origin().ascii_serialization(),
            upstream_origins,
            identity_headers: identity_headers.to(&upstream.url.origin().ascii_serialization()),
            upstream,
            fixed,
            waits: Waits::default(),
            request_bodies: RequestBodies::Stream,
        }
    }

    /// The same, waited for so long, with bodies so.
    #[must_use]
    pub(crate) fn asking(self, waits: Waits, request_bodies: RequestBodies) -> Self {
        Self { waits, request_bodies, ..self }
    }
}

impl Default for Waits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { answer: seconds(60), idle: seconds(300), held: seconds(60) }
    }
}

fn header_value(part_of_url: &str) -> HeaderValue {
    HeaderValue::from_str(part_of_url).expect("a parsed URL is printable ASCII")
}

/// `host[:port]`, without the scheme's own port.
fn authority_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
