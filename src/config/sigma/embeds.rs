//! `[embed.NAME]`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use url::Url;

use crate::{
    config::{
        file::{
            Node,
            choices::{FRAME, OPEN, RENEW},
            did_you_mean,
        },
        reading::{Check, every},
    },
    embed::{Allow, Embed, EmbedName, EmbedTarget, InterfaceParameters, Openings, Organization, Slug},
    limits::TITLE_BYTES_MAX,
    policy::MappingName,
};

/// What embeds refer to.
pub(super) struct EmbedScope<'a> {
    /// The slugs of the `[sigma]` tables, also of faulty ones.
    pub(super) slugs: &'a BTreeSet<&'a str>,
    /// The checked ones.
    pub(super) organizations: &'a BTreeMap<Slug, Organization>,
    /// The names of the mappings.
    pub(super) mappings: &'a BTreeSet<&'a str>,
}

/// Reads every `[embed.NAME]`.
pub(super) fn embeds(root: &Node, known: &EmbedScope<'_>, check: &mut Check<'_>) -> BTreeMap<EmbedName, Arc<Embed>> {
    let tables = root.entries_of("embed");
    let read = tables.iter().filter_map(|(name, table)| embed(name, table, known, check));
    read.map(|embed| (embed.name.clone(), Arc::new(embed))).collect()
}

fn embed(name: &str, table: &Node, known: &EmbedScope<'_>, check: &mut Check<'_>) -> Option<Embed> {
    if known.mappings.is_empty() {
        check.warn(table, "there is no [[mapping]]: nobody sees the embed");
    }
    let target = table.child("url").and_then(|node| target(node, known, check));
    let allow = table.child("allow").and_then(|node| allow(node, known.mappings, check));
    let fit = table.child("fit")?.as_boolean()?;
    let parameters = table.child("parameters").and_then(|node| parameters(node, fit, check));
    let controls = table.child("controls").and_then(|node| controls(node, check));
    let page_controls = table.child("page_controls").and_then(|node| page_controls(node, check));
    let title = table.optional("title", |node| title(node, check));
    let (name, target) = (EmbedName::parse(name).ok()?, target?);
    let title = title?.or_else(|| target.words()).unwrap_or_else(|| name.to_string());
    Some(Embed {
        name,
        target,
        title,
        allow: allow?,
        opening: Openings { at_top: OPEN.read(table, "open")?, in_frame: FRAME.read(table, "frame")? },
        renew: RENEW.read(table, "renew")?,
        fit,
        parameters: InterfaceParameters::of(&parameters?),
        controls: controls?,
        page_controls: page_controls?,
        enabled: table.child("enabled")?.as_boolean()?,
    })
}

fn target(node: &Node, known: &EmbedScope<'_>, check: &mut Check<'_>) -> Option<EmbedTarget> {
    let text = node.as_text()?;
    let url = check.parsed(node, Url::parse, "write the document's URL from Sigma's address bar")?;
    let slug = url.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    if !known.slugs.contains(slug) {
        let fix = did_you_mean(slug, known.slugs.iter().copied(), "write that table, or another URL");
        return check.refuse(node, format!("there is no [sigma.{slug}] for its organization"), fix);
    }
    let organization = known.organizations.get(slug)?;
    if url.origin() != organization.base_url.origin() {
        let base_url = organization.base_url.as_str().trim_end_matches('/');
        return check.refuse(
            node,
            format!("not on the host of [sigma.{slug}]"),
            format!("write a URL that starts with {base_url}"),
        );
    }
    match EmbedTarget::parse(text, &organization.base_url) {
        Ok(target) => Some(target),
        Err(error) => check.refuse(node, error.to_string(), "write the document's URL from Sigma's address bar"),
    }
}

/// A line of words: it stands in a title.
fn title(node: &Node, check: &mut Check<'_>) -> Option<String> {
    let text = node.as_text()?;
    if text.trim().is_empty() || text.chars().any(char::is_control) || text.len() > TITLE_BYTES_MAX {
        return check.refuse(node, "not a line of words", format!("write at most {TITLE_BYTES_MAX} bytes of text"));
    }
    Some(text.to_owned())
}

fn allow(node: &Node, mappings: &BTreeSet<&str>, check: &mut Check<'_>) -> Option<Allow> {
    if node.as_text().is_some() {
        return Some(Allow::Mapped);
    }
    let name = |(item, name): (&Node, &str)| {
        if mappings.contains(name) {
            return MappingName::parse(name).ok();
        }
        let fix = did_you_mean(name, mappings.iter().copied(), "write the name of a [[mapping]]");
        check.refuse(item, format!("there is no mapping {name:?}"), fix)
    };
    every(node.texts().map(name)).map(Allow::Mappings)
}

/// With `fit`, Sigma is asked to tell the height of its page ("Embed URL parameters").
fn parameters(node: &Node, fit: bool, check: &mut Check<'_>) -> Option<Vec<(String, String)>> {
    let mut pairs = own_parameters(node, check)?;
    match pairs.iter().find(|(name, _)| name == RESPONSIVE_HEIGHT) {
        None if fit => pairs.push((RESPONSIVE_HEIGHT.to_owned(), "true".to_owned())),
        Some((_, value)) if fit && value != "true" => {
            return check.refuse(node, "responsive_height is not true, which fit needs", "remove it, or fit");
        }
        None | Some(_) => {}
    }
    Some(pairs)
}

const RESPONSIVE_HEIGHT: &str = "responsive_height";

fn own_parameters(node: &Node, check: &mut Check<'_>) -> Option<Vec<(String, String)>> {
    pairs(node, check, |name| match name {
        _ if name.starts_with(':') => Err("begins with a colon"),
        // What carries the token is the gateway's own.
        _ if name.eq_ignore_ascii_case("jwt") || name.eq_ignore_ascii_case("embed") => {
            Err("a parameter that the gateway sets")
        }
        _ if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
            Err("not the name of an interface parameter")
        }
        _ => Ok(()),
    })
}

fn controls(node: &Node, check: &mut Check<'_>) -> Option<Vec<(String, String)>> {
    pairs(node, check, control_name)
}

fn page_controls(node: &Node, check: &mut Check<'_>) -> Option<BTreeSet<String>> {
    let control = |(item, name): (&Node, &str)| match control_name(name) {
        Ok(()) => Some(name.to_owned()),
        Err(found) => check.refuse(item, found, "write the control's id"),
    };
    every(node.texts().map(control))
}

/// A parameter that begins with a colon is Sigma's own; a control's id never does.
fn control_name(name: &str) -> Result<(), &'static str> {
    match name {
        "" => Err("an empty control id"),
        _ if name.starts_with(':') => Err("begins with a colon, as an interface parameter does"),
        _ => Ok(()),
    }
}

fn pairs(
    node: &Node,
    check: &mut Check<'_>,
    name_check: fn(&str) -> Result<(), &'static str>,
) -> Option<Vec<(String, String)>> {
    let pair = |(name, value): &(String, Node)| match name_check(name) {
        Ok(()) => Some((name.clone(), value.value.scalar_text()?)),
        Err(found) => check.refuse(value, found, "write its plain name"),
    };
    every(node.entries().iter().map(pair))
}
