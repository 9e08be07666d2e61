//! What the tests of this stage share: one organization, two embeds, one viewer.

mod catalogue;
mod mint;
mod mint_table;
mod sigma_url;
mod vectors;

use std::{sync::Arc, time::Duration};

use url::Url;

use super::{
    Allow, Catalogue, Embed, EmbedName, EmbedTarget, InterfaceParameters, OpenAs, Openings, Organization, Renew,
    SigningKey, Slug, View, Viewer, view_of_link,
};
use crate::{
    identity::EmailAddress,
    policy::{EmbedGrant, Grant, Granted, MappingName},
    secret::Secret,
    time::UnixSeconds,
};

pub(crate) const NOW: UnixSeconds = UnixSeconds(1_790_000_000);
pub(crate) const SALES: &str = "https://app.sigmacomputing.com/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe";

pub(crate) fn base_url() -> Url {
    Url::parse("https://app.sigmacomputing.com").expect("a URL")
}

pub(crate) fn acme() -> Organization {
    Organization {
        slug: Slug::parse("acme").unwrap(),
        client_id: "client-1".to_owned(),
        key: SigningKey::new("client-1", &Secret::new("embed secret".to_owned())),
        base_url: base_url(),
        origin: base_url().origin().ascii_serialization(),
        session_length: Duration::from_secs(3600),
        names: false,
    }
}

pub(crate) fn embed(name: &str, url: &str) -> Embed {
    Embed {
        name: EmbedName::parse(name).unwrap(),
        target: EmbedTarget::parse(url, &base_url()).expect("a Sigma URL"),
        allow: Allow::Mapped,
        title: name.to_owned(),
        opening: Openings { at_top: OpenAs::Page, in_frame: OpenAs::Page },
        renew: Renew::Before,
        fit: false,
        parameters: InterfaceParameters::default(),
        controls: vec![],
        page_controls: ["Region".to_owned()].into(),
        enabled: true,
    }
}

/// An embed of one workbook; pages may set its `Region`.
pub(crate) fn revenue() -> Embed {
    embed("revenue", SALES)
}

/// An embed of any workbook of acme; pages may set its `Region`.
pub(crate) fn any_workbook() -> Embed {
    embed("any", "https://app.sigmacomputing.com/acme/workbook/*")
}

/// The plain view of an embed of one document.
pub(crate) fn view(embed: &Embed) -> View {
    view_of_link(embed, "", None).expect("an embed of one document")
}

pub(crate) fn catalogue(embeds: impl IntoIterator<Item = Embed>) -> Catalogue {
    let embeds = embeds.into_iter().map(|embed| (embed.name.clone(), Arc::new(embed))).collect();
    Catalogue { organizations: [(Slug::parse("acme").unwrap(), acme())].into(), embeds }
}

pub(crate) fn address(text: &str) -> EmailAddress {
    serde_json::from_value(serde_json::json!(text)).expect("an address")
}

/// Ann of finance, whose session ends in eight hours.
pub(crate) fn ann() -> Viewer {
    let grant = Grant::Embed(EmbedGrant {
        teams: vec!["Finance".to_owned()],
        account_type: "View".to_owned(),
        user_attributes: [("region".to_owned(), "EMEA".to_owned())].into(),
    });
    let granted = Granted { grant, mappings: vec![MappingName::parse("finance").unwrap()] };
    Viewer {
        granted: Ok((address("ann+x@example.com"), granted)),
        names: Some(("Ann".to_owned(), "Ng".to_owned())),
        session_ends_at: NOW.plus(Duration::from_secs(8 * 3600)),
    }
}

/// Ann with a Sigma account of her own.
pub(crate) fn internal_ann() -> Viewer {
    let granted = Granted { grant: Grant::Internal, mappings: vec![MappingName::parse("staff").unwrap()] };
    Viewer { granted: Ok((address("ann@example.com"), granted)), ..ann() }
}
