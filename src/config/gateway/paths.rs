//! `[paths]`.

use crate::{
    config::{file::Node, reading::Check},
    request::OwnPaths,
};

/// Reads `[paths]`.
pub(in crate::config) fn paths(root: &Node, check: &mut Check<'_>) -> Option<OwnPaths> {
    let table = root.child("paths")?;
    let (sign_in, sigma) = (table.child("sign_in")?, table.child("sigma")?);
    match OwnPaths::new(sign_in.as_text()?, sigma.as_text()?) {
        Ok(paths) => Some(paths),
        Err(error) => check.refuse(table, error.to_string(), r#"write prefixes such as "/oauth2" and "/sigma""#),
    }
}
