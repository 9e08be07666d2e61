//! `[[site]] sign_in` and `accept`: with whom people sign in, and whose word of them is taken from a proxy in front.

use std::sync::Arc;

use super::scope::SiteScope;
use crate::{
    config::{
        file::{Node, quoted},
        reading::{Check, every, is_within},
    },
    identity::{AssertionSettings, Preset, ProviderName, SignInWith, Source},
    request::{AttachedHeader, folded_name},
};

/// What a site accepts.
#[derive(Debug, Default)]
pub(super) struct AcceptedSources<'a> {
    pub(super) names: Vec<ProviderName>,
    /// In the same order; without those whose own tables are wrong.
    pub(super) sources: Vec<&'a Arc<AssertionSettings>>,
}

impl AcceptedSources<'_> {
    /// The headers, in the order of the names.
    pub(super) fn headers(&self) -> Vec<AttachedHeader> {
        self.sources.iter().map(|source| source.header.clone()).collect()
    }
}

/// Reads `accept`.
pub(super) fn accept<'a>(table: &Node, known: &SiteScope<'a>, check: &mut Check<'_>) -> Option<AcceptedSources<'a>> {
    let Some(node) = table.child("accept") else { return Some(AcceptedSources::default()) };
    let fix = fix_of("accept", known.attached.iter());
    let items = node.one_or_more();
    if items.is_empty() {
        return check.refuse(node, "an empty list, nobody is accepted", fix);
    }
    let mut accepted = AcceptedSources::default();
    for item in items {
        let text = item.as_text()?;
        if !known.providers.contains(text) {
            return check.refuse(item, format!("there is no [identity.{text}]"), fix);
        }
        if !known.attached.contains(text) {
            let found = format!("[identity.{text}] signs people in itself");
            return check.refuse(item, found, format!("write sign_in = {text:?}"));
        }
        let name = ProviderName::parse(text).ok()?;
        if accepted.names.contains(&name) {
            return check.refuse(item, "the same again", "name each once");
        }
        if let Some(Source::Assertion(source)) = known.sources.get(&name) {
            let other = accepted.sources.iter().find(|other| other.header.folded() == source.header.folded());
            if let Some(other) = other {
                let found = format!("the same header as [identity.{}]: one line is of one source", other.source.name);
                return check.refuse(item, found, "accept one of them, or give the other a site of its own");
            }
            accepted.sources.push(source);
        }
        accepted.names.push(name);
    }
    warn_of_reach(node, &accepted, known, check);
    warn_of_paths(node, table, &accepted, known, check);
    Some(accepted)
}

/// Reads `sign_in`.
pub(super) fn sign_in(table: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<SignInWith> {
    let oidc = || known.providers.difference(known.attached);
    let fix = fix_of("sign_in", oidc());
    let Some(node) = table.child("sign_in") else {
        if table.child("accept").is_some() {
            return Some(SignInWith::default());
        }
        let mut names = known.providers.iter();
        return match (names.next(), names.next()) {
            (Some(only), None) if known.attached.contains(only) => {
                let fix = fix_of("accept", known.attached.iter());
                check.refuse_missing(table, "accept", "a proxy in front signs people in", fix)
            }
            (Some(only), None) => SignInWith::of(vec![ProviderName::parse(only).ok()?]).ok(),
            (Some(_), Some(_)) => check.refuse_missing(table, "sign_in", "there is more than one [identity]", fix),
            (None, _) => None,
        };
    };
    let items = node.one_or_more();
    match SignInWith::of(every(items.iter().map(|item| provider_name(item, known, &fix, check)))?) {
        Ok(sign_in) => Some(sign_in),
        Err(Some(twice)) => check.refuse(&items[twice], "the same again", "name each once"),
        Err(None) => check.refuse(node, "an empty list, nobody could sign in", fix),
    }
}

fn provider_name(node: &Node, known: &SiteScope<'_>, fix: &str, check: &mut Check<'_>) -> Option<ProviderName> {
    let name = node.as_text()?;
    if known.attached.contains(name) {
        let found = format!("[identity.{name}] is attached by a proxy in front, which signs people in");
        return check.refuse(node, found, format!("write accept = {name:?}"));
    }
    if known.providers.contains(name) {
        return ProviderName::parse(name).ok();
    }
    check.refuse(node, format!("there is no [identity.{name}]"), fix)
}

/// The headers beside an assertion are nobody's word: what a vendor does not sign is never kept.
pub(super) fn refuse_companions(table: &Node, accepted: &AcceptedSources<'_>, check: &mut Check<'_>) -> Option<()> {
    let mut verdict = Some(());
    let compared = table.child("same_person").into_iter().filter_map(|node| Some((node, node.as_text()?)));
    for (node, text) in table.child("keep_headers").into_iter().flat_map(Node::texts).chain(compared) {
        let folded = folded_name(text);
        let is_of = |source: &&&Arc<AssertionSettings>| {
            let mut families = families(&source.preset).iter();
            source.header.folded() == folded || families.any(|family| folded.starts_with(family))
        };
        if let Some(source) = accepted.sources.iter().find(is_of) {
            let found = format!("comes with the assertion of [identity.{}], and is not signed", source.source.name);
            let fix = "remove it; forward = true of the source passes the assertion on";
            verdict = check.refuse(node, found, fix);
        }
    }
    verdict
}

/// What the vendor sends beside the assertion, folded.
const fn families(preset: &Preset) -> &'static [&'static str] {
    match preset {
        Preset::AwsAlb { .. } => &["x-amzn-oidc-"],
        Preset::GoogleIap(_) => &["x-goog-authenticated-user", "x-goog-iap-"],
        Preset::CloudflareAccess => &["cf-access-"],
        Preset::AzureEasyAuth { .. } => &["x-ms-client-principal", "x-ms-token-"],
        Preset::Pomerium => &["x-pomerium-"],
        Preset::OAuth2Proxy { .. } => &["x-forwarded-", "x-auth-request-", "gap-"],
        Preset::Bearer(_) | Preset::Custom => &[],
    }
}

/// A signature proves who wrote an assertion, not who brings it.
fn warn_of_reach(node: &Node, accepted: &AcceptedSources<'_>, known: &SiteScope<'_>, check: &mut Check<'_>) {
    let has_front = accepted.sources.iter().any(|source| !matches!(source.preset, Preset::Bearer(_)));
    if has_front && !known.has_trusted_proxies {
        let message = "taken from whoever reaches the gateway: an assertion that somebody has seen counts from anywhere until its end; let only the proxy in front reach [listen] address, and name it in trusted_proxies";
        check.warn(node, message);
    }
}

/// What a front takes for itself never arrives here.
fn warn_of_paths(
    node: &Node,
    table: &Node,
    accepted: &AcceptedSources<'_>,
    known: &SiteScope<'_>,
    check: &mut Check<'_>,
) {
    let own = known.own_paths.map(|paths| paths.sign_in());
    let routes = table.items_of("route");
    for source in &accepted.sources {
        let Some((front, taken)) = taken_by(&source.preset) else { continue };
        let is_taken = |path: &str| taken.iter().any(|prefix| is_within(path, prefix));
        if let Some(own) = own.filter(|own| is_taken(own)) {
            let message = format!(
                "{front} takes {} for itself, and the gateway has its endpoints below {own} too: with it in front, write [paths] sign_in",
                taken.join(" and ")
            );
            check.warn(node, message);
        }
        for path in routes.iter().filter_map(|route| route.child("path")) {
            if path.as_text().is_some_and(is_taken) {
                check.warn(path, format!("{front} takes {} for itself: no such request arrives", taken.join(" and ")));
            }
        }
    }
}

/// The paths of a front, by its usual settings.
const fn taken_by(preset: &Preset) -> Option<(&'static str, &'static [&'static str])> {
    match preset {
        Preset::AwsAlb { .. } => Some(("the load balancer", &["/oauth2/idpresponse"])),
        Preset::CloudflareAccess => Some(("Cloudflare", &["/cdn-cgi/"])),
        Preset::AzureEasyAuth { .. } => Some(("Easy Auth", &["/.auth/"])),
        Preset::Pomerium => Some(("Pomerium", &["/.pomerium/", "/.well-known/pomerium/"])),
        Preset::OAuth2Proxy { .. } => Some(("oauth2-proxy", &["/oauth2/"])),
        Preset::GoogleIap(_) | Preset::Bearer(_) | Preset::Custom => None,
    }
}

fn fix_of<'n>(key: &str, names: impl Iterator<Item = &'n &'n str>) -> String {
    match names.copied().collect::<Vec<_>>().as_slice() {
        [] => format!("remove {key}"),
        names => format!("write {key} = {}", quoted(names, " or ")),
    }
}
