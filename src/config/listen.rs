//! `[listen]`, `[log]` and `[paths]`.

use std::net::SocketAddr;

use super::{ListenSettings, check::Check, raw::Node, tls};
use crate::request::OwnPaths;

/// Reads `[listen]`.
pub(super) fn listen(root: &Node, check: &mut Check<'_>) -> Option<ListenSettings> {
    let table = root.child("listen")?;
    let address = check.address(table, "address");
    let tls = tls::identities(table, check);
    let admin = match table.child("admin") {
        Some(_) => Some(check.address(table, "admin")?),
        None => None,
    };
    if let (Some(node), Some(public), Some(admin)) = (table.child("admin"), address, admin)
        && shares_socket(public, admin)
    {
        return check.refuse(node, "the public address", "write another address or port");
    }
    Some(ListenSettings { address: address?, admin, tls: tls? })
}

/// Whether a connection to one could reach the other; port 0 is a port of its own each time.
fn shares_socket(left: SocketAddr, right: SocketAddr) -> bool {
    let any = left.ip().is_unspecified() || right.ip().is_unspecified();
    left.port() != 0 && left.port() == right.port() && (any || left.ip() == right.ip())
}

/// Reads `[paths]`.
pub(super) fn paths(root: &Node, check: &mut Check<'_>) -> Option<OwnPaths> {
    let table = root.child("paths")?;
    let (sign_in, sigma) = (table.child("sign_in")?, table.child("sigma")?);
    match OwnPaths::new(sign_in.as_text()?, sigma.as_text()?) {
        Ok(paths) => Some(paths),
        Err(error) => check.refuse(table, error.to_string(), r#"write prefixes such as "/oauth2" and "/sigma""#),
    }
}
