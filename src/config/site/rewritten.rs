//! What of a site's answers is rewritten: `embeds`, `deliver`, `frame_src`, `script`, inserts and JSON rules.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    insert::insert,
    scope::{SiteScope, embed_name},
};
use crate::{
    config::{
        file::{
            Node,
            choices::{DELIVER, FRAME_SRC},
        },
        reading::{Check, every},
    },
    rewrite::{JsonPath, JsonRule, RewriteRules},
};

/// Reads these keys of a site.
pub(super) fn rewritten(table: &Node, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<RewriteRules> {
    let list = table.child("embeds")?;
    let embeds = every(list.items().iter().map(|item| embed_name(item, known, check)));
    let shown: BTreeSet<&str> = list.texts().map(|(_, name)| name).collect();
    let inserts = every(table.items_of("insert").iter().map(|table| insert(table, &shown, known, check)));
    let json = every(table.items_of("json").iter().map(|table| json_rule(table, &shown, check)));
    let script = table.child("script").and_then(Node::as_boolean)?;
    if script && shown.is_empty() {
        check.warn(table.child("script").unwrap_or(table), "does nothing: the site's embeds are empty");
    }
    Some(RewriteRules {
        delivery: DELIVER.read(table, "deliver")?,
        frame_src: FRAME_SRC.read(table, "frame_src")?,
        embeds: embeds?,
        script,
        inserts: inserts?,
        json: json?,
    })
}

fn json_rule(table: &Node, shown: &BTreeSet<&str>, check: &mut Check<'_>) -> Option<JsonRule> {
    if shown.is_empty() {
        check.warn(table, "does nothing: the site's embeds are empty");
    }
    let path = table.child("path").and_then(|node| check.prefix(node));
    let fix = r#"write names, indexes and wildcards, such as "$.widgets[*].url""#;
    let select = table.child("select").and_then(|node| check.parsed(node, JsonPath::parse, fix));
    Some(JsonRule { path: path?, select: Arc::new(select?) })
}
