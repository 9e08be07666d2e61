//! The checked configuration: what each stage owns, assembled.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use url::Url;

use crate::{
    embed::{Catalogue, EmbedName},
    forward::{ForwardSettings, Upstream},
    identity::{HostCookie, ProviderName, SessionRules, Source},
    policy::{Access, Mapping},
    reply::TransportSecurity,
    request::{HeaderRules, HostName, HostTable, OwnPaths, PathTable, Prefix, RouteIndex, SiteIndex},
    rewrite::SiteRewrite,
    tls::TlsIdentity,
};

/// Where access lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLog {
    /// JSON lines on standard output.
    Stdout,
    /// Nowhere; audit and event lines stay.
    Off,
}

/// `[listen]`.
#[derive(Debug, Clone)]
pub struct ListenSettings {
    /// The public address.
    pub address: SocketAddr,
    /// Health, readiness, metrics; none: no admin listener.
    pub admin: Option<SocketAddr>,
    /// Certificates with their keys, the first one for whom no other fits; none: no TLS.
    pub tls: Vec<TlsIdentity>,
}

/// What a route does.
#[derive(Debug, Clone)]
pub enum RouteAnswer {
    /// Forwards to the host application.
    Forward,
    /// Answers as the stable link of this embed does.
    Embed(EmbedName),
}

/// A checked `[[site.route]]`.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its prefix.
    pub path: Prefix,
    /// Who may have it.
    pub access: Access,
    /// What it does.
    pub answer: RouteAnswer,
}

/// A checked `[[site]]`.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its host name, by which requests find it, sessions are sealed for it, and logs and metrics name it.
    pub name: HostName,
    /// What browsers type: scheme, host, port; the path is `/`.
    pub url: Url,
    /// The origin of `url`, as browsers write it.
    pub origin: String,
    /// Which provider signs people in.
    pub sign_in: ProviderName,
    /// How requests are forwarded.
    pub forward: ForwardSettings,
    /// How long the host application may take for the head of an answer.
    pub upstream_timeout: Duration,
    /// Paths to routes.
    pub paths: PathTable,
    /// The routes.
    pub routes: Vec<Route>,
    /// What of the answers is rewritten.
    pub rewrite: Arc<SiteRewrite>,
    /// Host-app cookies that end with the person.
    pub forget_cookies: Vec<HostCookie>,
    /// What of a client's headers is taken, and which one names the person whom a proxy in front has signed in.
    pub headers: HeaderRules,
    /// Whether images, scripts and styles may be kept for everybody.
    pub shared_assets: bool,
    /// What every answer says about https.
    pub transport_security: TransportSecurity,
}

/// The whole checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[listen]`; all but certificates takes effect at a restart only.
    pub listen: ListenSettings,
    /// `[log]`.
    pub access_log: AccessLog,
    /// `[paths]`.
    pub paths: OwnPaths,
    /// `[session]`, `[[revoke]]`, and what the rules look at.
    pub session: SessionRules,
    /// `[identity.*]`, by name.
    pub providers: std::collections::BTreeMap<ProviderName, Source>,
    /// `[[mapping]]`.
    pub mappings: Vec<Mapping>,
    /// `[sigma.*]` and `[embed.*]`.
    pub catalogue: Arc<Catalogue>,
    /// The origins of the Sigma organizations: our own pages may frame them.
    pub frame_origins: Vec<String>,
    /// Hosts to sites.
    pub hosts: HostTable,
    /// `[[site]]`.
    pub sites: Vec<Arc<Site>>,
}

impl ListenSettings {
    /// Whether a change to `next` is more than other certificates: the sockets themselves, or whether they speak TLS.
    #[must_use]
    pub fn needs_restart_for(&self, next: &Self) -> bool {
        (self.address, self.admin, self.tls.is_empty()) != (next.address, next.admin, next.tls.is_empty())
    }
}

impl Config {
    /// The site at an index that [`HostTable::find`] gave.
    #[must_use]
    pub fn site(&self, index: SiteIndex) -> Option<&Arc<Site>> {
        self.sites.get(index.0)
    }

    /// Whether any site leads to a host application.
    #[must_use]
    pub fn leads_to(&self, upstream: &Upstream) -> bool {
        self.sites.iter().any(|site| site.forward.upstream == *upstream)
    }
}

impl Site {
    /// Whether the site shows an embed: in its pages, or as a route.
    #[must_use]
    pub fn shows(&self, embed: &EmbedName) -> bool {
        let is_route = |route: &Route| matches!(&route.answer, RouteAnswer::Embed(name) if name == embed);
        self.rewrite.embeds().contains(embed) || self.routes.iter().any(is_route)
    }

    /// The route at an index that [`PathTable::find`] gave.
    #[must_use]
    pub fn route(&self, index: RouteIndex) -> Option<&Route> {
        self.routes.get(index.0)
    }
}
