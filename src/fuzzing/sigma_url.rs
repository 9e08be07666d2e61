//! A URL that may be Sigma's: what is taken is taken again as the same, and no signed URL leaves Sigma's origin.

use std::{collections::BTreeMap, time::Duration};

use url::Url;

use super::fixture::{CONFIG, NOW};
use crate::{
    embed::{Catalogue, DocumentKind, Embed, EmbedTarget, SigmaUrl, StableLink, View, Viewer, mint, view_of_link},
    identity::{EmailAddress, EmailDomain},
    policy::{EmbedGrant, Grant, Granted, MappingName},
    seed::Seed,
};

/// The URL, as it stands in a page or in the configuration.
pub fn sigma_url(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let catalogue = &CONFIG.catalogue;
    let organization = catalogue.organizations.values().next().expect("the configuration has an organization");
    let base = &organization.base_url;
    let parsed = SigmaUrl::parse(text, base).ok();
    if let Some(parsed) = &parsed {
        let path = parsed.to_string();
        let again = SigmaUrl::parse(base.join(&path).expect("a path").as_str(), base);
        assert_eq!(again.as_ref(), Ok(parsed));
        assert_eq!(again.map(|again| again.to_string()), Ok(path));
    }
    if let Ok(EmbedTarget::One(target)) = EmbedTarget::parse(text, base) {
        assert_eq!(Some(target), parsed);
    }

    let found = catalogue.by_url(text, catalogue.embeds.keys());
    let is_ours = |url: &SigmaUrl| url.slug == organization.slug && url.document.kind == DocumentKind::Workbook;
    assert!(!parsed.as_ref().is_some_and(is_ours) || found.is_some(), "a URL of a workbook is not found in pages");
    if let Some((embed, view)) = found {
        assert_eq!(Some(&view.document), parsed.as_ref().map(|url| &url.document));
        check_link(embed, &view);
        check_signed(catalogue, embed, &view);
    }
}

/// The stable link of a view leads to that view.
fn check_link(embed: &Embed, view: &View) {
    let link = StableLink::of(embed, view).path("/sigma");
    let (path, query) = link.split_once('?').map_or((link.as_str(), None), |(path, query)| (path, Some(query)));
    let rest = path.strip_prefix("/sigma/embed/").and_then(|path| path.strip_prefix(embed.name.as_str()));
    let rest = rest.expect("a link has the embed's name");
    let again = view_of_link(embed, rest.strip_prefix('/').unwrap_or(rest), query);
    assert_eq!(again.as_ref(), Ok(view), "{link}");
    let again = again.expect("it was compared");
    assert_eq!(StableLink::of(embed, &again).path("/sigma"), link);
}

/// The signed URL is at Sigma's origin, and has one token.
fn check_signed(catalogue: &Catalogue, embed: &Embed, view: &View) {
    let organization = catalogue.organization_of(embed).expect("the configuration was checked");
    let mut stream = Seed::new([7; 32]).into_stream();
    let minted = mint(organization, embed, view, &viewer(), &mut stream, NOW).expect("the viewer may see it");
    let url = Url::parse(minted.url.expose()).expect("a signed URL is a URL");
    assert_eq!(url.origin(), organization.base_url.origin());
    assert_eq!(url.as_str(), minted.url.expose(), "browsers read it as it stands");
    assert_eq!(url.fragment(), None);
    assert_eq!(
        SigmaUrl::parse(url.as_str(), &organization.base_url).map(|url| url.document),
        Ok(view.document.clone())
    );
    for once in [":jwt", ":embed"] {
        assert_eq!(url.query_pairs().filter(|(name, _)| name == once).count(), 1, "{once} in the signed URL");
    }
}

fn viewer() -> Viewer {
    let domains = [EmailDomain::parse("example.com").expect("a domain")];
    let email = EmailAddress::parse("ann@example.com", &domains).expect("an address");
    let teams = vec!["Finance".to_owned()];
    let grant = EmbedGrant { teams, account_type: "View".to_owned(), user_attributes: BTreeMap::new() };
    let mappings = vec![MappingName::parse("finance").expect("a name")];
    Viewer {
        granted: Ok((email, Granted { grant: Grant::Embed(grant), mappings })),
        names: None,
        session_ends_at: NOW.plus(Duration::from_secs(7200)),
    }
}
