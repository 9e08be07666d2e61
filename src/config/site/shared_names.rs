//! Headers that name people by what one issuer alone calls them, at a site to which people of several issuers come.

use std::collections::BTreeSet;

use super::scope::SiteScope;
use crate::{
    config::{
        file::{Node, choices::IDENTITY_HEADERS},
        reading::Check,
    },
    forward::{GROUPS, HeaderPreset, IdentityHeaders},
    identity::{ClaimPath, ProviderName, SignInWith, Source},
    policy::Template,
};

/// A header that names people by a claim of theirs.
struct Naming<'n> {
    node: &'n Node,
    header: String,
    claim: String,
    fix: &'static str,
}

/// Warns where an application cannot tell the people of one issuer from those of another.
pub(super) fn warn_of_shared_names(
    table: &Node,
    (sign_in, accepts): (&SignInWith, &[ProviderName]),
    known: &SiteScope<'_>,
    check: &mut Check<'_>,
) {
    let names = || sign_in.iter().chain(accepts);
    let issuers = names().filter_map(|name| known.sources.get(name)).map(Source::issuer);
    if issuers.collect::<BTreeSet<_>>().len() < 2 {
        return;
    }
    let Some(Naming { node, header, claim, fix }) = naming(table) else { return };
    let names = names().map(ProviderName::as_str).collect::<Vec<_>>().join(", ");
    let message = format!(
        "people of several issuers come here ({names}), and {header} names them by {claim} alone: whoever has the {claim} of somebody at another issuer is that person in the application; {fix}, or give the application [site.assertion], which says the provider"
    );
    check.warn(node, message);
}

/// The first header that does so, where none beside it says the verified address or the provider.
fn naming(table: &Node) -> Option<Naming<'_>> {
    let preset = IDENTITY_HEADERS.read(table, "identity_headers")?;
    let says_provider = table.child("assertion").is_some_and(|assertion| assertion.child("keys").is_some());
    let own = table.entries_of("headers");
    let own: Vec<_> = own.iter().filter_map(|(name, says)| Some((name, says, claims(says)?))).collect();
    let says_address = own.iter().any(|(_, _, claims)| claims.iter().any(ClaimPath::is_email));
    if says_provider || says_address {
        return None;
    }
    if preset == HeaderPreset::None {
        let is_of_one = |claim: &&ClaimPath| !claim.is_member(GROUPS);
        return own.iter().find_map(|(name, node, claims)| {
            let claim = claims.iter().find(is_of_one)?.as_str().to_owned();
            Some(Naming { node, header: (*name).clone(), claim, fix: "write \"{email}\" there" })
        });
    }
    let header = IdentityHeaders::from(preset).names().next()?.to_string();
    let fix = "write user = \"email\"";
    let Some(node) = table.child("user") else {
        let node = table.child("accept").or_else(|| table.child("sign_in")).unwrap_or(table);
        return Some(Naming { node, header, claim: "sub".to_owned(), fix });
    };
    let claim = ClaimPath::parse(node.as_text()?).ok().filter(|claim| !claim.is_email())?;
    Some(Naming { node, header, claim: claim.as_str().to_owned(), fix })
}

fn claims(says: &Node) -> Option<Vec<ClaimPath>> {
    Some(Template::parse(says.as_text()?).ok()?.paths().cloned().collect())
}
