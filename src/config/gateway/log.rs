//! `[log]`.

use crate::config::{
    AccessLog,
    file::{Node, choices::ACCESS_LOG},
};

/// Where access lines go, and whether audit lines of refusals have the values of claims.
pub(in crate::config) fn log(root: &Node) -> Option<(AccessLog, bool)> {
    let table = root.child("log")?;
    Some((ACCESS_LOG.read(table, "access")?, table.child("claims")?.as_boolean()?))
}
