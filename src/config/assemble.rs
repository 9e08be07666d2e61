//! The sections, read one by one and held to each other.

use std::sync::Arc;

use super::{
    Config, Site,
    across::{self, learned},
    file::Node,
    gateway, identity,
    reading::Check,
    sigma, site,
};
use crate::{
    identity::Source,
    request::{ClientAddressSource, HostTable, SiteIndex},
};

/// Reads every section; `None` where one of them is wrong, after saying so.
pub(super) fn assemble(root: &Node, check: &mut Check<'_>) -> Option<Config> {
    let listen = gateway::listen(root, check);
    let paths = gateway::paths(root, check);
    let outbound = gateway::outbound(root, check);
    let pages = gateway::pages(root, check);
    let session = identity::session(root, check);
    let provider_names = root.names_of("identity");
    let proxy = outbound.as_ref().and_then(Option::as_ref).map(|way| &way.proxy);
    let mut providers = identity::providers(root, proxy, check);
    let mut mappings = sigma::mappings(root, &provider_names, check);
    across::warn_of_overlaps(root, &providers, &mappings, check);
    across::warn_of_claims_of_anybody(root, &providers, &mappings, check);
    let catalogue = Arc::new(sigma::catalogue(root, check));
    let known = site::SiteScope {
        providers: &provider_names,
        attached: &identity::attached_names(root),
        sources: &providers,
        has_trusted_proxies: listen.as_ref().is_some_and(|listen| !listen.trusted_proxies.is_empty()),
        embed_names: &root.names_of("embed"),
        catalogue: &catalogue,
        own_paths: paths.as_ref(),
        client_address: listen
            .as_ref()
            .and_then(|listen| listen.client_address.as_ref())
            .map(ClientAddressSource::folded),
    };
    let mut sites = site::sites(root, &known, check);
    across::warn_of_uncovered_sites(
        root,
        listen.as_ref().map(|listen| listen.tls.as_slice()).unwrap_or_default(),
        check,
    );
    across::warn_of_open_doors(root, &providers, &sites, check);
    across::warn_of_lost_cookies(root, &sites, check);
    if let Some(listen) = &listen {
        across::warn_where_nobody_asks(root, &listen.trusted_proxies, &sites, check);
    }
    across::refuse_circles(root, listen.as_ref().and_then(|listen| listen.redirect), &sites, check);

    learned::addresses(&providers, &mut mappings, &mut sites);
    learned::response_modes(&providers, &mut sites);
    let mut session = session?;
    session.projections = learned::wanted(&mut providers, &mappings, &catalogue, &sites)?;
    learned::groups(&session.projections, &mut sites);
    session.providers = providers.values().filter_map(Source::known).collect();
    let (access_log, logs_claims) = gateway::log(root)?;
    Some(Config {
        listen: listen?,
        access_log,
        logs_claims,
        outbound: outbound?,
        paths: paths?,
        pages: Arc::new(pages?),
        session,
        providers,
        mappings,
        catalogue,
        hosts: hosts(&sites),
        sites: sites.into_iter().map(Arc::new).collect(),
    })
}

/// Names and aliases, to sites.
fn hosts(sites: &[Site]) -> HostTable {
    let indexed = || sites.iter().enumerate().map(|(index, site)| (site, SiteIndex(index)));
    let names = indexed().map(|(site, index)| (site.name.clone(), index));
    let aliases = indexed().flat_map(|(site, index)| site.aliases.iter().map(move |name| (name.clone(), index)));
    HostTable::new(names).with_aliases(aliases)
}
