//! A `[[site]]` without an upstream: a proxy in front has the application, and asks the gateway (forward-auth).

use crate::{
    config::{
        Route,
        file::{
            Node,
            choices::{DELIVER, FRAME_SRC},
        },
        reading::Check,
    },
    embed::Delivery,
    rewrite::FrameSrc,
};

/// No answer passes such a site that could be rewritten, unless a route of it has an application of its own.
pub(super) fn refuse_rewriting(table: &Node, routes: &[Route], check: &mut Check<'_>) -> Option<()> {
    if routes.iter().any(|route| route.forward.is_some()) {
        return Some(());
    }
    let is_said = |name: &&&str| match **name {
        "deliver" => DELIVER.read(table, name) == Some(Delivery::Signed),
        "frame_src" => FRAME_SRC.read(table, name) == Some(FrameSrc::Extend),
        "script" => table.child(name).and_then(Node::as_boolean) == Some(true),
        _ => table.child(name).is_some_and(|node| !node.items().is_empty()),
    };
    match OF_REWRITING.iter().filter(is_said).find_map(|name| table.child(name)) {
        Some(node) => check.refuse(
            node,
            "the site has no upstream: no answer passes here that could be rewritten",
            "remove it, or write upstream = \"…\"",
        ),
        None => Some(()),
    }
}

const OF_REWRITING: &[&str] = &["insert", "json", "script", "deliver", "frame_src"];
