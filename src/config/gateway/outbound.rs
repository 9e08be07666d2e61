//! `[outbound]`: what the gateway goes out through to the identity providers.

use crate::{
    config::{
        OutboundWay,
        file::{Node, Value},
        reading::{Check, proxy},
    },
    proxy::OutboundProxy,
};

/// Reads `[outbound]`; without a word in it, the environment says. The outer `None` says that it is wrong.
pub(in crate::config) fn outbound(root: &Node, check: &mut Check<'_>) -> Option<Option<OutboundWay>> {
    let table = root.child("outbound")?;
    let except: Vec<&str> = table.child("except").map(|node| node.texts().map(|(_, text)| text).collect())?;
    let Some(node) = table.child("proxy") else {
        let of_proxy = [("authorization", table.child("authorization")), ("except", table.child("except"))];
        let is_said = |node: &&Node| node.value != Value::Array(Vec::new());
        if let Some(node) = of_proxy.iter().find_map(|(_, node)| node.filter(is_said)) {
            return check.refuse(node, "there is no proxy", "write proxy = \"http://HOST:PORT\" beside it");
        }
        return Some(of_environment(table, check));
    };
    if node.as_text() == Some(DIRECT) {
        return Some(None);
    }
    let proxy = proxy::address(node, check)?.but_for(except);
    let proxy = match table.child("authorization") {
        Some(node) => {
            let shown = check.secret(node)?;
            if !shown.expose().contains(':') {
                return check.refuse(node, "no user and password", "put USER:PASSWORD there");
            }
            proxy.shown(shown.expose())
        }
        None => proxy,
    };
    Some(Some(OutboundWay { proxy, named_by: "outbound.proxy".to_owned() }))
}

/// What is wrong there is a warning: it was set for others too.
fn of_environment(table: &Node, check: &mut Check<'_>) -> Option<OutboundWay> {
    let variables = check.secrets.proxies();
    let (name, value) = variables.https_proxy.as_ref()?;
    match OutboundProxy::parse(value.expose()) {
        Ok(proxy) => {
            let proxy = proxy.but_for(variables.no_proxy.as_deref().unwrap_or_default().split(','));
            Some(OutboundWay { proxy, named_by: name.clone() })
        }
        Err(error) => {
            let message = format!("environment variable {name}: {error}; providers are asked without a proxy");
            check.warn(table, message);
            None
        }
    }
}

/// Without a proxy, whatever the environment says.
const DIRECT: &str = "none";
