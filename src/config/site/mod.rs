//! A host application: `[[site]]`, and what is in it.
//!
//! `scope` is what sites know of the other sections. Its names: `names`. People: `accept` (and `sign_in`), `identity_headers`
//! (whom it is told of, `shared_names` where that misleads), `headers` (what browsers may bring). The way to it: `upstream`,
//! `upstream_tls`; a site without one: `only_asked`. Its parts: `route`. What of its answers is rewritten: `rewritten`, `insert`.

mod accept;
mod headers;
mod identity_headers;
mod insert;
mod names;
mod only_asked;
mod rewritten;
mod route;
mod scope;
mod shared_names;
mod upstream;
mod upstream_tls;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use url::Url;

pub(super) use self::scope::SiteScope;
use self::{
    accept::{accept, refuse_companions, sign_in},
    names::{address, aliases, refuse_taken_names},
    rewritten::rewritten,
    route::{routes, warn_of_anybodys_claims},
    shared_names::warn_of_shared_names,
    upstream::RouteOf,
};
use crate::{
    config::{
        Route, Site,
        file::{Node, choices::UPSTREAM_PATHS},
        reading::{Check, every},
    },
    identity::{HostCookie, SetCookie, Source},
    limits::HSTS_LONGEST,
    reply::TransportSecurity,
    request::{HostName, PathTable},
    rewrite::SiteRewrite,
};

/// Reads every `[[site]]`.
pub(super) fn sites(root: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Vec<Site> {
    let tables = root.items_of("site");
    refuse_taken_names(tables, check);
    tables.iter().filter_map(|table| site(table, known, check)).collect()
}

fn site(table: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<Site> {
    let sign_in = sign_in(table, known, check);
    let accepted = accept(table, known, check);
    let has_companions = accepted.as_ref().map(|accepted| refuse_companions(table, accepted, check));
    let address = address(table, check);
    let aliases = aliases(table, check);
    let identity_headers = identity_headers::read(table, address.as_ref(), check);
    let told = identity_headers.as_ref().map(|site| &site.headers);
    let waits = upstream::waits_of_site(table, check);
    let forward = upstream::of_site(table, address.as_ref(), (told, waits), check);
    let rules = rewritten(table, known, check);
    let transport_security = transport_security(table, address.as_ref(), check);
    let forget_cookies = table.child("forget_cookies").and_then(|node| forget_cookies(node, check));
    let headers = headers::rules(table, known, identity_headers.as_ref(), check);
    let shared_assets = table.child("shared_assets").and_then(Node::as_boolean);
    let ask_email = table.child("ask_email").and_then(Node::as_boolean);
    let of = RouteOf { table, address: address.as_ref(), headers: told, waits, forward: forward.as_ref() };
    let routes: Vec<Route> = routes(&of, known, check)?;
    if let Some(None) = forward {
        only_asked::refuse_rewriting(table, &routes, check)?;
    }
    if let (Some(sign_in), Some(accepted)) = (&sign_in, &accepted) {
        warn_of_anybodys_claims(table, &routes, (sign_in, &accepted.names), check);
        warn_of_shared_names(table, (sign_in, &accepted.names), known, check);
    }
    let (url, name) = address?;
    let accepted = accepted?;
    has_companions.flatten()?;
    let origin = url.origin().ascii_serialization();
    let mut callback_url = url.clone();
    callback_url.set_path(&known.own_paths?.callback());
    let forget_cookies = forget_cookies?.iter().flat_map(|cookie| SetCookie::forget(cookie, name.as_str())).collect();
    let rewrite = SiteRewrite::new(rules?, known.catalogue, known.own_paths?.sigma(), &origin);
    let of_sources = known.sources.values().filter_map(Source::assertion).map(|source| &source.header);
    Some(Site {
        name,
        origin,
        url,
        sign_in: sign_in?,
        headers: headers?.accepting(accepted.headers()).withholding(of_sources),
        accepts: accepted.sources.into_iter().cloned().collect(),
        ask_email: ask_email?,
        // `assemble` knows the providers.
        takes_form_answers: false,
        callback_url,
        forward: forward?,
        identity_headers: identity_headers?.headers,
        aliases: aliases?,
        paths: PathTable::new(routes.iter().map(|route| route.path.clone()).collect())
            .read_by(UPSTREAM_PATHS.read(table, "upstream_paths")?, known.own_paths),
        routes,
        rewrite: Arc::new(rewrite),
        forget_cookies,
        shared_assets: shared_assets?,
        transport_security: transport_security?,
    })
}

/// Without the key nothing is added: browsers hold every port of the host name to it, for as long as it says.
fn transport_security(
    table: &Node,
    address: Option<&(Url, HostName)>,
    check: &mut Check<'_>,
) -> Option<TransportSecurity> {
    let age = table.optional("hsts", |node| check.duration_or_zero(node, (HSTS_LONGEST, "730d")))?;
    let is_https = address?.0.scheme() == "https";
    match (is_https, age) {
        (false, None) => Some(TransportSecurity::Never),
        (true, None) => Some(TransportSecurity::Unchanged),
        (true, Some(age)) => Some(TransportSecurity::max_age(age)),
        (false, Some(_)) => check.refuse(
            table.child("hsts")?,
            "the site is plain http, where browsers ignore it",
            "remove it, or write url = \"https://…\"",
        ),
    }
}

fn forget_cookies(node: &Node, check: &mut Check<'_>) -> Option<Vec<HostCookie>> {
    let cookie = |(item, text): (&Node, &str)| match HostCookie::parse(text) {
        Err(error) => check.refuse(item, error.to_string(), "write \"NAME\" or \"NAME; Path=/PATH\""),
        Ok(cookie) if cookie.name().starts_with(OWN_COOKIES) => {
            check.refuse(item, "a cookie of the gateway's own", "remove it")
        }
        Ok(cookie) => Some(cookie),
    };
    every(node.texts().map(cookie))
}

const OWN_COOKIES: &str = "__Host-sg";
