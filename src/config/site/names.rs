//! The names by which browsers ask for a site: `url` and `aliases`.

use std::collections::btree_map::{BTreeMap, Entry};

use url::Url;

use crate::{
    config::{
        file::Node,
        reading::{Check, every, host_in, host_of},
    },
    limits::ALIASES_MAX,
    request::HostName,
};

/// The site's URL, and the host name in it.
pub(super) fn address(table: &Node, check: &mut Check<'_>) -> Option<(Url, HostName)> {
    let node = table.child("url")?;
    let url = check.protected_origin(node)?;
    match host_of(&url) {
        Some(name) => Some((url, name)),
        None => check.refuse(node, "no host name that browsers can ask for", "write https://HOST"),
    }
}

/// Names of other sites are no aliases, nor is a name twice; an alias is a name and no URL, for it has no port of its own.
pub(super) fn aliases(table: &Node, check: &mut Check<'_>) -> Option<Vec<HostName>> {
    let node = table.child("aliases")?;
    if node.items().len() > ALIASES_MAX {
        return check.refuse(node, format!("more than {ALIASES_MAX} names"), "give the others a gateway of their own");
    }
    let alias = |(item, text): (&Node, &str)| check.parsed(item, HostName::parse, &fix_of(text));
    every(node.texts().map(alias))
}

fn fix_of(text: &str) -> String {
    // Of a name with letters beyond ASCII browsers ask for another spelling.
    let url = if text.is_ascii() { None } else { Url::parse(&format!("https://{text}")).ok() };
    match url.as_ref().and_then(Url::host_str) {
        Some(host) => format!("write {host:?}, as browsers ask for it"),
        None => "write a host name, without scheme and port".to_owned(),
    }
}

/// The browser sends a cookie to every port of a host, so two sites of one host name would share their sessions. Where an alias is a
/// site too, or of two, one of them would never be reached.
pub(super) fn refuse_taken_names(tables: &[Node], check: &mut Check<'_>) {
    let mut seen = BTreeMap::new();
    let mut refuse = |node: &Node, host, why: &str, fix: &str| match seen.entry(host) {
        Entry::Vacant(free) => {
            free.insert(node.key.clone());
        }
        Entry::Occupied(other) => {
            check.refuse::<()>(node, format!("the host name of {}{why}", other.get()), fix);
        }
    };
    for node in tables.iter().filter_map(|table| table.child("url")) {
        if let Some(host) = host_in(node) {
            refuse(node, host, ", and ports share cookies", "give each site a host name of its own");
        }
    }
    for (item, text) in tables.iter().filter_map(|table| table.child("aliases")).flat_map(Node::texts) {
        if let Ok(host) = HostName::parse(text) {
            refuse(item, host, "", "name it once");
        }
    }
}
