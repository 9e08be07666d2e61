//! The sections, read one by one and held to each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Config, Site, check::Check, choices::ACCESS_LOG, embed, identity, known::SiteScope, listen, mapping, only_asked,
    outbound, overlap, pages, public_issuers, raw::Node, session, sigma, site, tls,
};
use crate::{
    embed::Catalogue,
    forward::{GROUPS, IdentityHeaders},
    identity::{AnswerMode, ClaimPath, Keep, OF_THE_SIGN_IN, Projection, ProviderName, Source, WantedClaims},
    policy::{Access, Mapping},
    request::{ClientAddressSource, HostTable, SiteIndex},
};

/// Reads every section; `None` where one of them is wrong, after saying so.
pub(super) fn assemble(root: &Node, check: &mut Check<'_>) -> Option<Config> {
    let listen = listen::listen(root, check);
    let paths = listen::paths(root, check);
    let outbound = outbound::outbound(root, check);
    let pages = pages::pages(root, check);
    let session = session::session(root, check);
    let provider_names = names_of(root, "identity");
    let proxy = outbound.as_ref().and_then(Option::as_ref).map(|way| &way.proxy);
    let mut providers = identity::providers(root, proxy, check);
    let mut mappings = mapping::mappings(root, &provider_names, check);
    overlap::warn_of_overlaps(root, &providers, &mappings, check);
    overlap::warn_of_claims_of_anybody(root, &providers, &mappings, check);
    let catalogue = Arc::new(catalogue(root, check));
    let embed_names = names_of(root, "embed");
    let own_paths = paths.as_ref();
    let attached = identity::attached_names(root);
    let client_address =
        listen.as_ref().and_then(|listen| listen.client_address.as_ref()).map(ClientAddressSource::folded);
    let known = SiteScope {
        providers: &provider_names,
        attached: &attached,
        sources: &providers,
        has_trusted_proxies: listen.as_ref().is_some_and(|listen| !listen.trusted_proxies.is_empty()),
        embed_names: &embed_names,
        catalogue: &catalogue,
        own_paths,
        client_address,
    };
    let mut sites = site::sites(root, &known, check);
    tls::warn_of_uncovered_sites(root, listen.as_ref().map(|listen| listen.tls.as_slice()).unwrap_or_default(), check);

    public_issuers::warn_of_open_doors(root, &providers, &sites, check);
    only_asked::warn_of_lost_cookies(root, &sites, check);
    if let Some(listen) = &listen {
        only_asked::warn_where_nobody_asks(root, &listen.trusted_proxies, &sites, check);
    }
    listen::refuse_circles(root, listen.as_ref().and_then(|listen| listen.redirect), &sites, check);

    learn_addresses(&providers, &mut mappings, &mut sites);
    learn_response_modes(&providers, &mut sites);
    let mut session = session?;
    session.projections = learn_wanted(&mut providers, &mappings, &catalogue, &sites)?;
    learn_groups(&session.projections, &mut sites);
    session.providers = providers.values().filter_map(Source::known).collect();
    session.projection = projection(&mappings, &catalogue, &sites)?;
    let hosts = sites.iter().enumerate().map(|(index, site)| (site.name.clone(), SiteIndex(index)));
    let aliases = sites.iter().enumerate();
    let aliases =
        aliases.flat_map(|(index, site)| site.aliases.iter().map(move |name| (name.clone(), SiteIndex(index))));
    let hosts = HostTable::new(hosts).with_aliases(aliases);
    Some(Config {
        listen: listen?,
        access_log: ACCESS_LOG.read(root.child("log")?, "access")?,
        outbound: outbound?,
        logs_claims: root.child("log").and_then(|log| log.child("claims")).and_then(Node::as_boolean)?,
        paths: paths?,
        pages: Arc::new(pages?),
        session,
        providers,
        mappings,
        catalogue,
        hosts,
        sites: sites.into_iter().map(Arc::new).collect(),
    })
}

/// A condition on the claim that a provider names as its `email` speaks of the verified address.
fn learn_addresses(providers: &BTreeMap<ProviderName, Source>, mappings: &mut [Mapping], sites: &mut [Site]) {
    mappings.iter_mut().for_each(|mapping| mapping.when.learn_addresses(providers.values().map(Source::settings)));
    for route in sites.iter_mut().flat_map(|site| &mut site.routes) {
        if let Access::When(condition) = &mut route.access {
            condition.learn_addresses(providers.values().map(Source::settings));
        }
    }
}

/// The callback of a site takes forms where a provider of it posts its answers.
fn learn_response_modes(providers: &BTreeMap<ProviderName, Source>, sites: &mut [Site]) {
    for site in sites {
        let mut of_site = site.sign_in.iter().filter_map(|name| providers.get(name)?.oidc());
        site.takes_form_answers = of_site.any(|oidc| oidc.response_mode == AnswerMode::FormPost);
    }
}

/// What is read of each provider's people: a session keeps it, and an ID token without it is completed by UserInfo.
fn learn_wanted(
    providers: &mut BTreeMap<ProviderName, Source>,
    mappings: &[Mapping],
    catalogue: &Catalogue,
    sites: &[Site],
) -> Option<BTreeMap<ProviderName, Projection>> {
    let mut projections = BTreeMap::new();
    for (name, source) in providers {
        let mut read = Projection::default();
        mappings.iter().for_each(|mapping| mapping.project_of(name, &mut read));
        let its_sites = || sites.iter().filter(|site| site.takes(name));
        for route in its_sites().flat_map(|site| &site.routes) {
            if let Access::When(condition) = &route.access {
                condition.project_of(name, &mut read);
            }
        }
        for claim in sigma_names(catalogue) {
            read.keep(ClaimPath::parse(claim).ok()?, Keep::Whole);
        }
        let headers = || its_sites().map(|site| &site.identity_headers);
        if let Source::Oidc(oidc) = source {
            oidc.wanted = WantedClaims::of(&read, &OF_THE_SIGN_IN);
            for one_of in headers().flat_map(IdentityHeaders::wanted_claims) {
                if !one_of.iter().any(|path| OF_THE_SIGN_IN.iter().any(|name| path.is_member(name))) {
                    oidc.wanted.add_one_of(one_of);
                }
            }
        }
        for claim in headers().flat_map(IdentityHeaders::read_claims) {
            read.keep(claim.clone(), Keep::Whole);
        }
        if headers().any(IdentityHeaders::forwards_all_groups) {
            let groups = ClaimPath::parse(GROUPS).ok()?;
            read.keep(groups.clone(), Keep::EveryText);
            if let Source::Oidc(oidc) = source {
                oidc.wanted.add_one_of(vec![groups]);
            }
        }
        projections.insert(name.clone(), read);
    }
    Some(projections)
}

/// Where a session keeps every group for one site, another that tells only those that a rule names leaves out the others.
fn learn_groups(projections: &BTreeMap<ProviderName, Projection>, sites: &mut [Site]) {
    let Ok(groups) = ClaimPath::parse(GROUPS) else { return };
    let named = || projections.iter().filter_map(|(name, kept)| Some((name, kept.named_of_every_text(&groups)?)));
    for site in sites.iter_mut().filter(|site| !site.identity_headers.forwards_all_groups()) {
        let of_ways = site.forward.iter_mut().chain(site.routes.iter_mut().filter_map(|route| route.forward.as_mut()));
        let all = of_ways.map(|way| &mut way.identity_headers).chain([&mut site.identity_headers]);
        all.for_each(|headers| named().for_each(|(name, named)| headers.tell_only_groups(name, named)));
    }
}

/// The claims that are sent to Sigma by name.
fn sigma_names(catalogue: &Catalogue) -> &'static [&'static str] {
    let sends_names = catalogue.organizations.values().any(|organization| organization.names);
    if sends_names { &["given_name", "family_name"] } else { &[] }
}

fn names_of<'a>(root: &'a Node, section: &str) -> BTreeSet<&'a str> {
    root.child(section).map(Node::entries).unwrap_or_default().iter().map(|(name, _)| name.as_str()).collect()
}

fn catalogue(root: &Node, check: &mut Check<'_>) -> Catalogue {
    let organizations = sigma::organizations(root, check);
    let mapping_names = mapping::mapping_names(root);
    let slugs = names_of(root, "sigma");
    let known = embed::EmbedScope { slugs: &slugs, organizations: &organizations, mappings: &mapping_names };
    let embeds = embed::embeds(root, &known, check);
    Catalogue { organizations, embeds }
}

/// What a session must keep of the claims: what conditions and templates look at, and what is sent by name.
fn projection(mappings: &[Mapping], catalogue: &Catalogue, sites: &[Site]) -> Option<Projection> {
    let mut projection = Projection::default();
    for mapping in mappings {
        mapping.project(&mut projection);
    }
    for route in sites.iter().flat_map(|site| &site.routes) {
        if let Access::When(condition) = &route.access {
            condition.project(&mut projection);
        }
    }
    for claim in sites.iter().flat_map(|site| site.identity_headers.read_claims()) {
        projection.keep(claim.clone(), Keep::Whole);
    }
    if sites.iter().any(|site| site.identity_headers.forwards_all_groups()) {
        projection.keep(ClaimPath::parse(GROUPS).ok()?, Keep::EveryText);
    }
    for name in sigma_names(catalogue) {
        projection.keep(ClaimPath::parse(name).ok()?, Keep::Whole);
    }
    Some(projection)
}
