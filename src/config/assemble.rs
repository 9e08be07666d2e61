//! The sections, read one by one and held to each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    Config, Site, check::Check, choices::ACCESS_LOG, embed, identity, known::SiteScope, listen, mapping, overlap,
    pages, public_issuers, raw::Node, session, sigma, site, tls,
};
use crate::{
    embed::Catalogue,
    identity::{ClaimPath, Keep, Projection, ProviderName, Source},
    policy::{Access, Mapping},
    request::{HostTable, SiteIndex},
};

/// Reads every section; `None` where one of them is wrong, after saying so.
pub(super) fn assemble(root: &Node, check: &mut Check<'_>) -> Option<Config> {
    let listen = listen::listen(root, check);
    let paths = listen::paths(root, check);
    let pages = pages::pages(root, check);
    let session = session::session(root, check);
    let provider_names = names_of(root, "identity");
    let providers = identity::providers(root, check);
    let mut mappings = mapping::mappings(root, &provider_names, check);
    overlap::warn_of_overlaps(root, &providers, &mappings, check);
    overlap::warn_of_claims_of_anybody(root, &providers, &mappings, check);
    let catalogue = Arc::new(catalogue(root, check));
    let embed_names = names_of(root, "embed");
    let own_paths = paths.as_ref();
    let known = SiteScope { providers: &provider_names, embed_names: &embed_names, catalogue: &catalogue, own_paths };
    let mut sites = site::sites(root, &known, check);
    tls::warn_of_uncovered_sites(root, listen.as_ref().map(|listen| listen.tls.as_slice()).unwrap_or_default(), check);

    public_issuers::warn_of_open_doors(root, &providers, &sites, check);
    listen::refuse_circles(root, listen.as_ref().and_then(|listen| listen.redirect), &sites, check);

    learn_addresses(&providers, &mut mappings, &mut sites);
    let mut session = session?;
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
    let sends_names = catalogue.organizations.values().any(|organization| organization.names);
    let sigma_names: &[&str] = if sends_names { &["given_name", "family_name"] } else { &[] };
    let header_names = sites.iter().flat_map(|site| site.forward.identity_headers.name_claims());
    for name in sigma_names.iter().chain(header_names) {
        projection.keep(ClaimPath::parse(name).ok()?, Keep::Whole);
    }
    Some(projection)
}
