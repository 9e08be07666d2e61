//! From what has been checked back to where it is written: what is told, is told there.

use url::Url;

use crate::{
    config::{Site, file::Node},
    policy::Mapping,
};

/// The table of a site.
pub(super) fn of_site<'r>(root: &'r Node, site: &Site) -> Option<&'r Node> {
    let url = |table: &Node| Url::parse(table.child("url")?.as_text()?).ok();
    root.items_of("site").iter().find(|table| url(table).as_ref() == Some(&site.url))
}

/// The condition of a mapping.
pub(super) fn when_of<'r>(root: &'r Node, mapping: &Mapping) -> Option<&'r Node> {
    let is_its = |table: &&Node| table.child("name").and_then(Node::as_text) == Some(mapping.name.as_str());
    root.items_of("mapping").iter().find(is_its)?.child("when")
}
