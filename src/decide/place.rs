//! Where a target leads.

use std::sync::Arc;

use crate::{
    config::{Config, Route, Site},
    embed::{Embed, EmbedName, StableLink, View, embed_of_query, view_of_link},
    forward::{ForwardSettings, Privacy},
    policy::Access,
    reason::Reason,
    request::{Authority, Endpoint, RouteIndex, Target, well_known_endpoint},
};

/// Where a host and a path lead: a site, and what of it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The site.
    pub(crate) site: Arc<Site>,
    /// What of it.
    pub(crate) part: Part,
    /// The embed that is found there; none: the place has none, or one that is not configured.
    pub(crate) embed: Option<Arc<Embed>>,
    /// The part that the request writes to besides (`COPY`, `MOVE`), if it does.
    writes_to: Option<Box<Part>>,
    /// What of it a Sigma URL wants to see that leads here; none: the path and the query of the request say that.
    view: Option<Box<View>>,
}

/// A part of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// An endpoint of our own.
    Endpoint(Endpoint),
    /// A route; none: no `[[site.route]]` has the path.
    Route(Option<RouteIndex>),
    /// The readings of the path lead to several routes: it is refused.
    Ambiguous,
}

/// Finds the place; none where no site has the host name.
#[must_use]
pub(crate) fn locate(config: &Config, authority: &Authority, target: &Target) -> Option<Place> {
    let site = config.hosts.find(&authority.name).and_then(|index| config.site(index))?;
    let part = part_of(config, site, target);
    if part == Part::Endpoint(Endpoint::To) {
        return Some(of_sigma_url(config, site, target));
    }
    let embed = match &part {
        Part::Endpoint(Endpoint::StableLink { name, .. } | Endpoint::EmbedApi { name, .. }) => Some(name.as_str()),
        Part::Route(Some(index)) => site.route(*index).and_then(Route::embed).map(EmbedName::as_str),
        Part::Endpoint(_) | Part::Route(None) | Part::Ambiguous => None,
    };
    let embed = embed.and_then(|name| config.catalogue.by_name(name)).map(Arc::clone);
    Some(Place { site: Arc::clone(site), part, embed, writes_to: None, view: None })
}

fn part_of(config: &Config, site: &Site, target: &Target) -> Part {
    let of_site = || site.identity_headers.assertion().and_then(|_| well_known_endpoint(&target.path));
    match config.paths.endpoint(&target.path).or_else(of_site) {
        Some(endpoint) => Part::Endpoint(endpoint),
        None => site.paths.find(&target.path).map_or(Part::Ambiguous, Part::Route),
    }
}

/// Where a request leads that is of an alias of a site: to the same path and query there.
#[must_use]
pub(crate) fn of_alias(config: &Config, authority: &Authority, target: &Target) -> Option<String> {
    let site = config.hosts.find_alias(&authority.name).and_then(|index| config.site(index))?;
    Some(format!("{}{target}", site.origin))
}

/// Where a request leads that came to the address that only redirects: to the site that it is of, by whatever name.
#[must_use]
pub(crate) fn of_plain_http(config: &Config, authority: &Authority, target: &Target) -> Option<String> {
    let site = config.hosts.find(&authority.name).and_then(|index| config.site(index));
    site.map(|site| format!("{}{target}", site.origin)).or_else(|| of_alias(config, authority, target))
}

/// The place of `{sigma}/to?url=`: the embed, among those that the site shows, that the URL is.
fn of_sigma_url(config: &Config, site: &Arc<Site>, target: &Target) -> Place {
    let found = embed_of_query(&config.catalogue, site.rewrite.embeds(), target.query.as_deref());
    let (embed, view) = found.map(|(embed, view)| (Arc::clone(embed), Box::new(view))).unzip();
    Place { site: Arc::clone(site), part: Part::Endpoint(Endpoint::To), embed, writes_to: None, view }
}

impl Place {
    /// The host name of its site, by which cookies are bound to it.
    #[must_use]
    pub(crate) fn site_name(&self) -> &str {
        self.site.name.as_str()
    }

    /// The same place, for a request that writes to another target of its site besides.
    #[must_use]
    pub(crate) fn writing_to(self, config: &Config, target: Option<&Target>) -> Self {
        let writes_to = target.map(|target| Box::new(part_of(config, &self.site, target)));
        Self { writes_to, ..self }
    }

    /// Who may have the part that the request writes to besides, if it does.
    ///
    /// # Errors
    /// Where that is nothing that the host application answers, or not beyond doubt.
    pub(super) fn second_access(&self) -> Result<Option<&Access>, Reason> {
        let Some(part) = self.writes_to.as_deref() else { return Ok(None) };
        let route = self.route_of(part);
        let is_of_application = matches!(part, Part::Route(_)) && route.and_then(Route::embed).is_none();
        if !is_of_application {
            return Err(Reason::BadPath);
        }
        Ok(Some(route.map_or(&Access::SignedIn, |route| &route.access)))
    }

    /// The `[[site.route]]` that has the path.
    #[must_use]
    pub(crate) fn route(&self) -> Option<&Route> {
        self.route_of(&self.part)
    }

    fn route_of(&self, part: &Part) -> Option<&Route> {
        match part {
            Part::Route(Some(index)) => self.site.route(*index),
            Part::Route(None) | Part::Endpoint(_) | Part::Ambiguous => None,
        }
    }

    /// How requests are forwarded here: the route's own way, or the site's; none: a proxy in front forwards them, and asks.
    #[must_use]
    pub(crate) fn forward(&self) -> Option<&ForwardSettings> {
        self.route().and_then(|route| route.forward.as_ref()).or(self.site.forward.as_ref())
    }

    /// Who may have a route; without one, whoever is signed in.
    #[must_use]
    pub(crate) fn access(&self) -> &Access {
        self.route().map_or(&Access::SignedIn, |route| &route.access)
    }

    /// Whether requests are forwarded from here to the host application, for whoever may have it.
    #[must_use]
    pub(crate) fn is_forwarded(&self) -> bool {
        self.is_of_application() && self.forward().is_some()
    }

    /// Whether the host application answers here, whoever forwards to it.
    #[must_use]
    pub(crate) fn is_of_application(&self) -> bool {
        match &self.part {
            Part::Route(_) => self.route().and_then(Route::embed).is_none(),
            Part::Endpoint(_) | Part::Ambiguous => false,
        }
    }

    /// What a visitor wants to see of its embed; `query` is that of the request.
    ///
    /// # Errors
    /// Where there is no embed, or the link does not fit it.
    pub(crate) fn view(&self, query: Option<&str>) -> Result<(&Embed, View), Reason> {
        let embed = self.embed.as_ref().ok_or(Reason::EmbedUnknown)?;
        let view = match &self.view {
            Some(view) => Ok(view.as_ref().clone()),
            None => view_of_link(embed, self.rest(), query).map_err(|error| error.reason()),
        };
        Ok((embed, view?))
    }

    /// The stable link of what a Sigma URL leads to; none where no Sigma URL does.
    #[must_use]
    pub(super) fn link_of_url(&self, sigma_prefix: &str) -> Option<String> {
        Some(StableLink::of(self.embed.as_ref()?, self.view.as_ref()?).path(sigma_prefix))
    }

    /// What a link says after the name of its embed.
    fn rest(&self) -> &str {
        match &self.part {
            Part::Endpoint(Endpoint::StableLink { rest, .. } | Endpoint::EmbedApi { rest, .. }) => rest,
            Part::Endpoint(_) | Part::Route(_) | Part::Ambiguous => "",
        }
    }

    /// What caches are told of the host application's answers.
    #[must_use]
    pub(crate) fn privacy(&self) -> Privacy {
        Privacy::of(self.access(), self.site.shared_assets)
    }

    /// Whether the person of the session and the one of the proxy in front must be the same here (`same_person`).
    ///
    /// `userinfo` is no exception: it answers who somebody is, and must not tell one person of another.
    #[must_use]
    pub(crate) fn compares_persons(&self) -> bool {
        match &self.part {
            Part::Endpoint(endpoint) => match endpoint {
                // Nothing depends on the session here, or signing in and out does.
                Endpoint::SignInStart
                | Endpoint::Callback
                | Endpoint::SignOut
                | Endpoint::SignedOut
                | Endpoint::Style
                | Endpoint::Script
                | Endpoint::AssertionKeys
                | Endpoint::Unknown => false,
                Endpoint::UserInfo
                | Endpoint::StableLink { .. }
                | Endpoint::To
                | Endpoint::EmbedApi { .. }
                | Endpoint::Events => true,
            },
            Part::Route(_) => {
                let is_somebodys = |access: &Access| match access {
                    Access::Public => false,
                    Access::Optional | Access::SignedIn | Access::When(_) => true,
                };
                is_somebodys(self.access()) || matches!(self.second_access(), Ok(Some(access)) if is_somebodys(access))
            }
            Part::Ambiguous => true,
        }
    }
}
