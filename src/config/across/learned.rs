//! What one section learns of the others: of the rules, which claims are read; of the providers, where an address is and how they answer.

use std::collections::BTreeMap;

use crate::{
    config::Site,
    embed::Catalogue,
    forward::{GROUPS, IdentityHeaders},
    identity::{AnswerMode, ClaimPath, Keep, OF_THE_SIGN_IN, Projection, ProviderName, Source, WantedClaims},
    policy::{Access, Mapping},
};

/// A condition on the claim that a provider names as its `email` speaks of the verified address.
pub(in crate::config) fn addresses(
    providers: &BTreeMap<ProviderName, Source>,
    mappings: &mut [Mapping],
    sites: &mut [Site],
) {
    mappings.iter_mut().for_each(|mapping| mapping.when.learn_addresses(providers.values().map(Source::settings)));
    for route in sites.iter_mut().flat_map(|site| &mut site.routes) {
        if let Access::When(condition) = &mut route.access {
            condition.learn_addresses(providers.values().map(Source::settings));
        }
    }
}

/// The callback of a site takes forms where a provider of it posts its answers.
pub(in crate::config) fn response_modes(providers: &BTreeMap<ProviderName, Source>, sites: &mut [Site]) {
    for site in sites {
        let mut of_site = site.sign_in.iter().filter_map(|name| providers.get(name)?.oidc());
        site.takes_form_answers = of_site.any(|oidc| oidc.response_mode == AnswerMode::FormPost);
    }
}

/// What is read of each provider's people: a session keeps it, and an ID token without it is completed by UserInfo.
pub(in crate::config) fn wanted(
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
pub(in crate::config) fn groups(projections: &BTreeMap<ProviderName, Projection>, sites: &mut [Site]) {
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
