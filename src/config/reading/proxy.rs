//! A proxy, as several tables name one.

use super::check::Check;
use crate::{config::file::Node, proxy::OutboundProxy};

/// A proxy that a table names for itself.
pub(in crate::config) fn named(table: &Node, name: &str, check: &mut Check<'_>) -> Option<Option<OutboundProxy>> {
    table.optional(name, |node| address(node, check))
}

/// An http proxy, without a password.
pub(in crate::config) fn address(node: &Node, check: &mut Check<'_>) -> Option<OutboundProxy> {
    let fix = "write http://HOST:PORT";
    let proxy = check.parsed(node, OutboundProxy::parse, fix)?;
    if proxy.authorization().is_some() {
        return check.refuse(
            node,
            "a password inside the file",
            "write it as outbound.authorization = { file = \"…\" }",
        );
    }
    Some(proxy)
}
