//! The checked configuration: what each stage owns, assembled.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use url::Url;

use crate::{
    embed::{Catalogue, EmbedName},
    forward::{ForwardSettings, IdentityHeaders, Upstream},
    identity::{AssertionSettings, ProviderName, SessionRules, SetCookie, SignInWith, Source},
    policy::{Access, Mapping},
    proxy::OutboundProxy,
    reply::{Context, PageSettings, TransportSecurity},
    request::{
        ClientAddressSource, HeaderRules, HostName, HostTable, OwnPaths, PathTable, Prefix, ProxyProtocol, RouteIndex,
        SiteIndex, TrustedProxies,
    },
    rewrite::SiteRewrite,
    time::UnixSeconds,
    tls::TlsIdentity,
};

/// Where access lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccessLog {
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
    pub(crate) admin: Option<SocketAddr>,
    /// Where everything is redirected to the site that it is of; none: nowhere.
    pub(crate) redirect: Option<SocketAddr>,
    /// The proxies in front, and by which header they say where a client is; none: by none.
    pub(crate) trusted_proxies: TrustedProxies,
    /// See [`Self::trusted_proxies`]; both take effect at once.
    pub(crate) client_address: Option<ClientAddressSource>,
    /// With which PROXY headers connections begin.
    pub(crate) proxy_protocol: ProxyProtocol,
    /// How long a kept connection may be idle.
    pub(crate) idle_timeout: Duration,
    /// Certificates with their keys, the first one for whom no other fits; none: no TLS.
    pub(crate) tls: Vec<TlsIdentity>,
}

/// What providers are asked through, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutboundWay {
    /// The proxy.
    pub(crate) proxy: OutboundProxy,
    /// The key, or the environment variable.
    pub(crate) named_by: String,
}

impl std::fmt::Display for OutboundWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.proxy, self.named_by)
    }
}

/// What a route does.
#[derive(Debug, Clone)]
pub(crate) enum RouteAnswer {
    /// Forwards to the host application.
    Forward,
    /// Answers as the stable link of this embed does.
    Embed(EmbedName),
}

/// A checked `[[site.route]]`.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    /// Its prefix.
    pub(crate) path: Prefix,
    /// Who may have it.
    pub(crate) access: Access,
    /// What it does.
    pub(crate) answer: RouteAnswer,
    /// How its requests are forwarded; none: as those of the site.
    pub(crate) forward: Option<ForwardSettings>,
}

impl Route {
    /// The embed as whose stable link it answers.
    #[must_use]
    pub(crate) const fn embed(&self) -> Option<&EmbedName> {
        match &self.answer {
            RouteAnswer::Embed(name) => Some(name),
            RouteAnswer::Forward => None,
        }
    }
}

/// A checked `[[site]]`.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its host name, by which requests find it, sessions are sealed for it, and logs and metrics name it.
    pub(crate) name: HostName,
    /// What browsers type: scheme, host, port; the path is `/`.
    pub(crate) url: Url,
    /// The origin of `url`, as browsers write it.
    pub(crate) origin: String,
    /// Which providers sign people in.
    pub(crate) sign_in: SignInWith,
    /// Whose attached identities it takes, in the order of its [`HeaderRules`].
    pub(crate) accepts: Vec<Arc<AssertionSettings>>,
    /// Whether the page to choose one asks for an address first.
    pub(crate) ask_email: bool,
    /// Whether one of them posts its answers.
    pub(crate) takes_form_answers: bool,
    /// Where providers send people back to.
    pub(crate) callback_url: Url,
    /// How requests are forwarded; none: a proxy in front does that, and asks.
    pub(crate) forward: Option<ForwardSettings>,
    /// Which headers tell who is signed in, where nobody says to which application.
    pub(crate) identity_headers: IdentityHeaders,
    /// Names from which browsers are sent here.
    pub(crate) aliases: Vec<HostName>,
    /// Paths to routes.
    pub(crate) paths: PathTable,
    /// The routes.
    pub(crate) routes: Vec<Route>,
    /// What of the answers is rewritten.
    pub(crate) rewrite: Arc<SiteRewrite>,
    /// The lines that end the host application's own cookies, with the person.
    pub(crate) forget_cookies: Vec<SetCookie>,
    /// What of a client's headers is taken, and which one names the person whom a proxy in front has signed in.
    pub(crate) headers: HeaderRules,
    /// Whether images, scripts and styles may be kept for everybody.
    pub(crate) shared_assets: bool,
    /// What every answer says about https.
    pub(crate) transport_security: TransportSecurity,
}

/// The whole checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[listen]`; all but certificates, trusted proxies and by which header they say where a client is takes effect at a restart only.
    pub listen: ListenSettings,
    /// `[log]`.
    pub(crate) access_log: AccessLog,
    /// `[log] claims`: whether audit lines of refusals have the values of claims that a rule looked at.
    pub(crate) logs_claims: bool,
    /// `[outbound]`, or what the environment says; none: providers are asked without a proxy.
    pub(crate) outbound: Option<OutboundWay>,
    /// `[paths]`.
    pub(crate) paths: OwnPaths,
    /// `[pages]`.
    pub(crate) pages: Arc<PageSettings>,
    /// `[session]`, `[[revoke]]`, and what the rules look at.
    pub(crate) session: SessionRules,
    /// `[identity.*]`, by name.
    pub(crate) providers: std::collections::BTreeMap<ProviderName, Source>,
    /// `[[mapping]]`.
    pub(crate) mappings: Vec<Mapping>,
    /// `[sigma.*]` and `[embed.*]`.
    pub(crate) catalogue: Arc<Catalogue>,
    /// Hosts to sites.
    pub(crate) hosts: HostTable,
    /// `[[site]]`.
    pub(crate) sites: Vec<Arc<Site>>,
}

impl ListenSettings {
    /// Whether a change to `next` is more than other certificates and other proxies that are trusted: the sockets themselves, or how
    /// connections on them begin.
    #[must_use]
    pub(crate) fn needs_restart_for(&self, next: &Self) -> bool {
        let of = |listen: &Self| {
            let addresses = (listen.address, listen.admin, listen.redirect);
            (addresses, listen.proxy_protocol, listen.idle_timeout, listen.tls.is_empty())
        };
        of(self) != of(next)
    }
}

impl Config {
    /// The site at an index that [`HostTable::find`] gave.
    #[must_use]
    pub(crate) fn site(&self, index: SiteIndex) -> Option<&Arc<Site>> {
        self.sites.get(index.0)
    }

    /// What every answer of our own says about itself; `accepted` are the languages that a browser accepts.
    #[must_use]
    pub(crate) fn context<'a>(&'a self, request_id: &'a str, accepted: Option<&str>, now: UnixSeconds) -> Context<'a> {
        let (pages, own_paths) = (&*self.pages, &self.paths);
        Context { request_id, own_paths, pages, speaking: pages.speaking(accepted), now }
    }

    /// Whether any site leads to a host application, or a route of one.
    #[must_use]
    pub(crate) fn leads_to(&self, upstream: &Upstream) -> bool {
        self.sites.iter().flat_map(|site| site.ways()).any(|way| way.upstream == *upstream)
    }
}

impl Site {
    /// How requests are forwarded: its own way, and those of its routes.
    fn ways(&self) -> impl Iterator<Item = &ForwardSettings> {
        self.forward.iter().chain(self.routes.iter().filter_map(|route| route.forward.as_ref()))
    }

    /// Whether people of a source count here: because they sign in with it, or because a proxy in front attaches it.
    #[must_use]
    pub(crate) fn takes(&self, source: &ProviderName) -> bool {
        self.sign_in.contains(source) || self.accepted(source).is_some()
    }

    /// The source of that name, where a proxy in front attaches what it says of its people here.
    #[must_use]
    pub(crate) fn accepted(&self, source: &ProviderName) -> Option<&AssertionSettings> {
        self.accepts.iter().find(|accepted| accepted.source.name == *source).map(Arc::as_ref)
    }

    /// Whether the site shows an embed: in its pages, or as a route.
    #[must_use]
    pub(crate) fn shows(&self, embed: &EmbedName) -> bool {
        self.rewrite.embeds().contains(embed) || self.routes.iter().any(|route| route.embed() == Some(embed))
    }

    /// The route at an index that [`PathTable::find`] gave.
    #[must_use]
    pub(crate) fn route(&self, index: RouteIndex) -> Option<&Route> {
        self.routes.get(index.0)
    }
}
