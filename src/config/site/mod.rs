//! A host application: `[[site]]`, and what is in it.

mod accept;
mod headers;
mod identity_headers;
mod insert;
mod only_asked;
mod route;
mod scope;
mod shared_names;
mod upstream;
mod upstream_tls;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use url::Url;

pub(super) use self::scope::SiteScope;
use self::{
    accept::{accept, refuse_companions, sign_in},
    insert::insert,
    route::routes,
    scope::embed_name,
    shared_names::warn_of_shared_names,
    upstream::RouteOf,
};
use crate::{
    config::{
        Route, Site,
        file::{
            Node,
            choices::{DELIVER, FRAME_SRC, UPSTREAM_PATHS},
        },
        reading::{Check, host_of},
    },
    identity::{HostCookie, ProviderName, SetCookie, SignInWith, Source},
    limits::{ALIASES_MAX, HSTS_LONGEST},
    policy::Access,
    reply::TransportSecurity,
    request::{HostName, PathTable},
    rewrite::{JsonPath, JsonRule, RewriteRules, SiteRewrite},
};

/// Reads every `[[site]]`.
pub(super) fn sites(root: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Vec<Site> {
    let tables = root.items_of("site");
    refuse_shared_hosts(tables, check);
    refuse_taken_aliases(tables, check);
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
    let rules = rewrite(table, known, check);
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
        warn_of_claims_of_anybody(table, &routes, (sign_in, &accepted.names), check);
        warn_of_shared_names(table, (sign_in, &accepted.names), known, check);
    }
    let (url, name) = address?;
    let accepted = accepted?;
    has_companions.flatten()?;
    let origin = url.origin().ascii_serialization();
    let mut callback_url = url.clone();
    callback_url.set_path(&format!("{}/callback", known.own_paths?.sign_in()));
    let forget_cookies = forget_cookies?.iter().flat_map(|cookie| SetCookie::forget(cookie, name.as_str())).collect();
    let rewrite = SiteRewrite::new(rules?, known.catalogue, known.own_paths?.sigma(), &origin);
    let of_sources = known.sources.values().filter_map(Source::assertion).map(|source| &source.header);
    Some(Site {
        name,
        origin,
        url,
        sign_in: sign_in?,
        headers: headers?.accepting(accepted.headers()).withholding(of_sources),
        accepts: accepted.names,
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

/// The browser sends a cookie to every port of a host, so two sites of one host name would share their sessions.
fn refuse_shared_hosts(tables: &[Node], check: &mut Check<'_>) {
    let mut seen = BTreeMap::new();
    for node in tables.iter().filter_map(|table| table.child("url")) {
        let Some(host) = node.as_text().and_then(|text| Url::parse(text).ok()).as_ref().and_then(host_of) else {
            continue;
        };
        match seen.get(&host) {
            Some(other) => {
                let found = format!("the host name of {other}, and ports share cookies");
                check.refuse::<()>(node, found, "give each site a host name of its own");
            }
            None => {
                seen.insert(host, node.key.clone());
            }
        }
    }
}

/// Where an alias is a site too, or of two, one of them would never be reached.
fn refuse_taken_aliases(tables: &[Node], check: &mut Check<'_>) {
    let mut seen = BTreeMap::new();
    for node in tables.iter().filter_map(|table| table.child("url")) {
        if let Some(host) = node.as_text().and_then(|text| Url::parse(text).ok()).as_ref().and_then(host_of) {
            seen.insert(host, node.key.clone());
        }
    }
    for (item, text) in tables.iter().filter_map(|table| table.child("aliases")).flat_map(Node::texts) {
        let Ok(host) = HostName::parse(text) else { continue };
        match seen.get(&host) {
            Some(other) => {
                check.refuse::<()>(item, format!("the host name of {other}"), "name it once");
            }
            None => {
                seen.insert(host, item.key.clone());
            }
        }
    }
}

/// Of several providers each could let its people in where another one's claims are meant.
fn warn_of_claims_of_anybody(
    table: &Node,
    routes: &[Route],
    (sign_in, accepts): (&SignInWith, &[ProviderName]),
    check: &mut Check<'_>,
) {
    let names: Vec<&str> = sign_in.iter().chain(accepts).map(ProviderName::as_str).collect();
    if names.len() < 2 {
        return;
    }
    let names = names.join(", ");
    let tables = table.items_of("route");
    for (table, route) in tables.iter().zip(routes) {
        let Access::When(condition) = &route.access else { continue };
        if condition.believes_any_provider() {
            let message = format!(
                "believes each provider of the site ({names}) about its claims; write provider = \"…\" into its when"
            );
            table.child("access").iter().for_each(|node| check.warn(node, message.clone()));
        }
    }
}

/// The site's URL, and the host name in it.
fn address(table: &Node, check: &mut Check<'_>) -> Option<(Url, HostName)> {
    let node = table.child("url")?;
    let url = check.origin(node)?;
    let url = check.protected(node, url)?;
    match host_of(&url) {
        Some(name) => Some((url, name)),
        None => check.refuse(node, "no host name that browsers can ask for", "write https://HOST"),
    }
}

/// Names of other sites are no aliases, nor is a name twice; an alias is a name and no URL, for it has no port of its own.
fn aliases(table: &Node, check: &mut Check<'_>) -> Option<Vec<HostName>> {
    let node = table.child("aliases")?;
    if node.items().len() > ALIASES_MAX {
        return check.refuse(node, format!("more than {ALIASES_MAX} names"), "give the others a gateway of their own");
    }
    let alias =
        |(item, _): (&Node, &str)| check.parsed(item, HostName::parse, "write a host name, without scheme and port");
    let names: Vec<_> = node.texts().map(alias).collect();
    names.into_iter().collect()
}

/// Without the key nothing is added: browsers hold every port of the host name to it, for as long as it says.
fn transport_security(
    table: &Node,
    address: Option<&(Url, HostName)>,
    check: &mut Check<'_>,
) -> Option<TransportSecurity> {
    let age = match table.child("hsts") {
        Some(_) => Some(check.duration_or_zero(table, "hsts", (HSTS_LONGEST, "730d"))?),
        None => None,
    };
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

fn rewrite(table: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<RewriteRules> {
    let list = table.child("embeds")?;
    let embeds: Vec<_> = list.items().iter().map(|item| embed_name(item, known, check)).collect();
    let shown: BTreeSet<&str> = list.texts().map(|(_, name)| name).collect();
    let inserts = table.items_of("insert");
    let inserts: Vec<_> = inserts.iter().map(|table| insert(table, &shown, known, check)).collect();
    let json = table.items_of("json");
    let json: Vec<_> = json.iter().map(|rule| json_rule(rule, &shown, check)).collect();
    let script = table.child("script").and_then(Node::as_boolean)?;
    if script && shown.is_empty() {
        check.warn(table.child("script").unwrap_or(table), "does nothing: the site's embeds are empty");
    }
    Some(RewriteRules {
        delivery: DELIVER.read(table, "deliver")?,
        frame_src: FRAME_SRC.read(table, "frame_src")?,
        embeds: embeds.into_iter().collect::<Option<_>>()?,
        script,
        inserts: inserts.into_iter().collect::<Option<_>>()?,
        json: json.into_iter().collect::<Option<_>>()?,
    })
}

fn json_rule(table: &Node, shown: &BTreeSet<&str>, check: &mut Check<'_>) -> Option<JsonRule> {
    if shown.is_empty() {
        check.warn(table, "does nothing: the site's embeds are empty");
    }
    let path = table.child("path").and_then(|node| check.prefix(node));
    let fix = r#"write names, indexes and wildcards, such as "$.widgets[*].url""#;
    let select = table.child("select").and_then(|node| check.parsed(node, JsonPath::parse, fix));
    Some(JsonRule { path: path?, select: Arc::new(select?) })
}

fn forget_cookies(node: &Node, check: &mut Check<'_>) -> Option<Vec<HostCookie>> {
    let cookie = |(item, text): (&Node, &str)| match HostCookie::parse(text) {
        Err(error) => check.refuse(item, error.to_string(), "write \"NAME\" or \"NAME; Path=/PATH\""),
        Ok(cookie) if cookie.name().starts_with(OWN_COOKIES) => {
            check.refuse(item, "a cookie of the gateway's own", "remove it")
        }
        Ok(cookie) => Some(cookie),
    };
    let cookies: Vec<_> = node.texts().map(cookie).collect();
    cookies.into_iter().collect()
}

const OWN_COOKIES: &str = "__Host-sg";
