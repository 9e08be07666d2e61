//! Path prefixes, as routes, inserts and JSON rules write them.

use super::check::Check;
use crate::{config::file::Node, request::Prefix};

impl Check<'_> {
    /// A path prefix.
    pub(in crate::config) fn prefix(&mut self, node: &Node) -> Option<Prefix> {
        warn_of_pattern(node, self);
        self.parsed(node, Prefix::parse, "write a literal path that starts with /, such as \"/reports/\"")
    }
}

/// A path is a prefix on segment borders, and its characters are themselves.
fn warn_of_pattern(node: &Node, check: &mut Check<'_>) {
    let path = node.as_text().unwrap_or_default();
    let Some((at, found)) = path.char_indices().find(|(_, c)| "*{}^$".contains(*c)) else { return };
    let prefix = path[..at].rfind('/').map_or("/", |slash| &path[..=slash]);
    let message = format!(
        "a literal {found}: a path is a prefix and takes all that is below it, so this one takes next to nothing; write {prefix:?}"
    );
    check.warn_toothless(node, message);
}

/// Whether a path is that prefix or below it; a slash at the prefix's end says nothing.
pub(in crate::config) fn is_within(path: &str, prefix: &str) -> bool {
    let rest = path.strip_prefix(prefix.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
