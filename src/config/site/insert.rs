//! `[[site.insert]]`.

use std::{collections::BTreeSet, sync::Arc};

use super::scope::{SiteScope, single_embed};
use crate::{
    config::{
        file::{Node, choices::PLACE},
        reading::{Check, every},
    },
    embed::{Embed, EmbedName},
    limits::INSERT_TEXT_BYTES_MAX,
    rewrite::{Insert, InsertFrame, Selector},
};

/// Reads an insert of a site that shows these embeds.
pub(super) fn insert(
    table: &Node,
    shown: &BTreeSet<&str>,
    known: &SiteScope<'_>,
    check: &mut Check<'_>,
) -> Option<Arc<Insert>> {
    let path = table.child("path").and_then(|node| check.prefix(node));
    let selector = table.child("select").and_then(|node| check.parsed(node, Selector::parse, "write a CSS selector"));
    let embed = table.child("embed").and_then(|node| shown_embed(node, shown, known, check));
    let title = attribute(table, "title", check);
    let class = attribute(table, "class", check);
    let embed = embed?;
    // A faulty embed has been told of.
    let inserted = known.catalogue.embeds.get(&embed)?;
    let controls = controls(table.child("controls")?, inserted, check)?;
    let height = u32::try_from(table.child("height")?.as_integer()?).ok()?;
    let frame = InsertFrame { height, title: title?.unwrap_or_else(|| inserted.title.clone()), class: class? };
    let place = PLACE.read(table, "place")?;
    Some(Arc::new(Insert { path: path?, selector: selector?, place, embed, controls, frame }))
}

fn shown_embed(node: &Node, shown: &BTreeSet<&str>, known: &SiteScope<'_>, check: &mut Check<'_>) -> Option<EmbedName> {
    let embed = single_embed(node, known, check)?;
    if shown.contains(embed.as_str()) {
        return Some(embed);
    }
    check.refuse(node, "not among this site's embeds", format!("add {:?} to the site's embeds", embed.as_str()))
}

/// Controls go into the link as a page may set them itself, so the embed has to allow that.
fn controls(node: &Node, embed: &Embed, check: &mut Check<'_>) -> Option<Vec<(String, String)>> {
    let control = |(name, value): &(String, Node)| {
        if embed.page_controls.contains(name) {
            return Some((name.clone(), value.value.scalar_text()?));
        }
        let fix = format!("add {name:?} to page_controls of [embed.{}]", embed.name);
        check.refuse(value, "a control that pages may not set", fix)
    };
    every(node.entries().iter().map(control))
}

/// An attribute of the frame; the outer `None`: it is wrong.
fn attribute(table: &Node, name: &str, check: &mut Check<'_>) -> Option<Option<String>> {
    table.optional(name, |node| {
        let text = node.as_text()?;
        if text.len() > INSERT_TEXT_BYTES_MAX || text.contains(char::is_control) {
            let fix = format!("write at most {INSERT_TEXT_BYTES_MAX} bytes on one line");
            return check.refuse(node, "too long, or with control characters", fix);
        }
        Some(text.to_owned())
    })
}
