//! `[sigma.SLUG]`.

use std::collections::BTreeMap;

use crate::{
    config::{file::Node, reading::Check},
    embed::{Organization, SigningKey, Slug},
    limits::SIGMA_TOKEN_AGE_MAX,
};

/// Reads every `[sigma.SLUG]`.
pub(super) fn organizations(root: &Node, check: &mut Check<'_>) -> BTreeMap<Slug, Organization> {
    let tables = root.entries_of("sigma");
    let read = tables.iter().filter_map(|(name, table)| organization(name, table, check));
    read.map(|organization| (organization.slug.clone(), organization)).collect()
}

fn organization(name: &str, table: &Node, check: &mut Check<'_>) -> Option<Organization> {
    let client_id = table.child("client_id").and_then(Node::as_text).map(str::to_owned);
    let secret = table.child("secret").and_then(|node| check.secret(node));
    let base_url = table.child("base_url").and_then(|node| check.protected_origin(node));
    let session_length =
        table.child("session_length").and_then(|node| check.duration(node, (SIGMA_TOKEN_AGE_MAX, "30d")));
    let names = table.child("names").and_then(Node::as_boolean);
    Some(Organization {
        slug: Slug::parse(name).ok()?,
        key: client_id.as_deref().zip(secret.as_ref()).map(|(client_id, secret)| SigningKey::new(client_id, secret))?,
        client_id: client_id?,
        origin: base_url.as_ref()?.origin().ascii_serialization(),
        base_url: base_url?,
        session_length: session_length?,
        names: names?,
    })
}
