//! `when`: keys: and; values: or.

use std::collections::BTreeSet;

use super::{check::Check, every::every, toothless};
use crate::{
    config::file::{Node, Value, did_you_mean, is_near},
    identity::{Absent, ClaimPath, GlobPattern, ProviderName, Question, Scalar, ValuePattern},
    policy::Condition,
};

/// Reads a condition; `providers` are the names of the `[identity]` tables.
pub(in crate::config) fn condition(
    table: &Node,
    providers: &BTreeSet<&str>,
    check: &mut Check<'_>,
) -> Option<Condition> {
    let Value::Table(entries) = &table.value else {
        let fix = r#"write a table such as { groups = ["finance"] }"#;
        return check.refuse(table, format!("found {}", table.value.kind()), fix);
    };
    let absent = absent(entries);
    refuse_slip_with_absent(entries, absent, check)?;
    warn_of_claim_named_absent(entries, absent, check);
    let asked = entries.iter().filter(|(name, _)| absent == Absent::Unknown || name != ABSENT);
    every(asked.map(|(name, node)| part(name, node, (providers, absent), check))).map(alone_or_all)
}

/// What a claim of this table says that is not there: `absent = "empty"` beside claims, else nothing.
fn absent(entries: &[(String, Node)]) -> Absent {
    let is_set = entries.iter().any(|(name, node)| name == ABSENT && node.as_text() == Some(EMPTY));
    let has_claim = entries.iter().any(|(name, _)| !RESERVED.contains(&name.as_str()));
    if is_set && has_claim { Absent::Empty } else { Absent::Unknown }
}

/// What beside other keys can only be meant for the word, and says nothing that it can say. Another text, or a list, is
/// taken for the claim of that name.
fn refuse_slip_with_absent(entries: &[(String, Node)], absent: Absent, check: &mut Check<'_>) -> Option<()> {
    let node = entries.iter().find(|(name, _)| name == ABSENT).map(|(_, node)| node);
    let Some(node) = node.filter(|_| absent == Absent::Unknown && entries.len() > 1) else { return Some(()) };
    let (found, fix) = match &node.value {
        Value::Boolean(value) => (
            format!("found {value}; absent is a reserved word"),
            format!(
                "write absent = \"empty\" where a missing claim is an empty one; for the claim of that name write \"/absent\" = {value}"
            ),
        ),
        Value::Text(text) if text == EMPTY => (
            "no claim in this table, and it does not reach into others".to_owned(),
            "write absent = \"empty\" beside the claims".to_owned(),
        ),
        Value::Text(text) if is_near(text, EMPTY) => (
            format!("found {text:?}"),
            format!("write absent = \"{EMPTY}\"; for a claim of that name \"/absent\" = {text:?}"),
        ),
        Value::Text(text) if text.eq_ignore_ascii_case("unknown") => (
            format!("found {text:?}, which a missing claim is anyway"),
            format!("leave it out; for a claim of that name write \"/absent\" = {text:?}"),
        ),
        Value::Text(_) | Value::Integer(_) | Value::Moment(_) | Value::Number | Value::Array(_) | Value::Table(_) => {
            return Some(());
        }
    };
    check.refuse(node, found, fix)
}

/// A configuration from before `absent` was a word of ours means a claim of that name.
fn warn_of_claim_named_absent(entries: &[(String, Node)], absent: Absent, check: &mut Check<'_>) {
    let node = entries.iter().find(|(name, _)| name == ABSENT).map(|(_, node)| node);
    if let Some(node) = node.filter(|_| absent == Absent::Unknown) {
        let message = "read as a claim named \"absent\", but the word is reserved: write \"/absent\" for that claim; beside claims, absent = \"empty\" says that a missing one is an empty one";
        check.warn(node, message);
    }
}

fn alone_or_all(mut parts: Vec<Condition>) -> Condition {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            Condition::All(parts)
        }
        (None, _) => Condition::All(Vec::new()),
    }
}

fn part(
    name: &str,
    node: &Node,
    (providers, absent): (&BTreeSet<&str>, Absent),
    check: &mut Check<'_>,
) -> Option<Condition> {
    match name {
        "all" => conditions(node, providers, check).map(Condition::All),
        "any" => conditions(node, providers, check).map(Condition::Any),
        "not" => {
            warn_of_empty(node, "of an empty condition: true for nobody", check);
            condition(node, providers, check).map(|inner| Condition::Not(Box::new(inner)))
        }
        "provider" => provider_names(node, providers, check).map(Condition::Provider),
        claim => match ClaimPath::parse(claim) {
            Ok(path) => {
                toothless::warn_of_no_address(&path, node, check);
                let patterns = patterns(node, check)?;
                Some(Condition::Claim(Question::new(path, patterns).with_absent(absent)))
            }
            Err(error) => check.refuse(node, error.to_string(), "write a claim name or a JSON Pointer"),
        },
    }
}

fn conditions(node: &Node, providers: &BTreeSet<&str>, check: &mut Check<'_>) -> Option<Vec<Condition>> {
    if node.items().is_empty() {
        let fix = "write an array of tables: [{ … }, { … }]";
        return check.refuse(node, format!("found {} without conditions", node.value.kind()), fix);
    }
    every(node.items().iter().map(|item| {
        warn_of_empty(item, "an empty condition: true for everybody", check);
        condition(item, providers, check)
    }))
}

fn warn_of_empty(node: &Node, message: &str, check: &mut Check<'_>) {
    if matches!(&node.value, Value::Table(entries) if entries.is_empty()) {
        check.warn(node, message);
    }
}

pub(in crate::config) fn provider_names(
    node: &Node,
    providers: &BTreeSet<&str>,
    check: &mut Check<'_>,
) -> Option<Vec<ProviderName>> {
    every(alternatives(node, check)?.iter().map(|item| match item.as_text() {
        Some(name) if providers.contains(name) => ProviderName::parse(name).ok(),
        Some(name) => {
            let fix = did_you_mean(name, providers.iter().copied(), "write the name of an [identity] table");
            check.refuse(item, format!("there is no [identity.{name}]"), fix)
        }
        None => check.refuse(item, format!("found {}", item.value.kind()), "write the name of an [identity] table"),
    }))
}

fn patterns(node: &Node, check: &mut Check<'_>) -> Option<Vec<ValuePattern>> {
    every(alternatives(node, check)?.iter().map(|item| pattern(item, check)))
}

/// The values of an array, or the one value; an array without any is nobody's.
fn alternatives<'a>(node: &'a Node, check: &mut Check<'_>) -> Option<&'a [Node]> {
    match node.one_or_more() {
        [] => check.refuse(node, "an empty list never holds", "name at least one value"),
        values => Some(values),
    }
}

fn pattern(node: &Node, check: &mut Check<'_>) -> Option<ValuePattern> {
    match &node.value {
        Value::Text(text) => {
            toothless::warn_of_literal(node, text, check);
            Some(ValuePattern::Exact(Scalar::Text(text.clone())))
        }
        Value::Integer(integer) => Some(ValuePattern::Exact(Scalar::Number(*integer))),
        Value::Boolean(boolean) => Some(ValuePattern::Exact(Scalar::Boolean(*boolean))),
        Value::Table(entries) => glob_or_exact(node, entries, check),
        Value::Moment(_) | Value::Number | Value::Array(_) => check.refuse(
            node,
            format!("found {}", node.value.kind()),
            "write a text, an integer, a boolean or { glob = \"…\" }",
        ),
    }
}

fn glob_or_exact(node: &Node, entries: &[(String, Node)], check: &mut Check<'_>) -> Option<ValuePattern> {
    let fix = r#"write { glob = "finance-*" }"#;
    let [(name, text)] = entries else { return check.refuse(node, "not one glob", fix) };
    if let Some(exact) = text.as_text().filter(|text| name == "exact" && !text.is_empty()) {
        return Some(ValuePattern::Exact(Scalar::Text(exact.to_owned())));
    }
    let Some(text) = text.as_text().filter(|text| name == "glob" && !text.is_empty()) else {
        return check.refuse(node, "not one glob", fix);
    };
    match GlobPattern::parse(text) {
        Ok(glob) => Some(ValuePattern::Glob(glob)),
        Err(error) => check.refuse(node, format!("not a glob: {}", error.kind()), fix),
    }
}

/// Not names of claims within a condition; a claim of such a name is written as a pointer.
const RESERVED: [&str; 5] = ["provider", "all", "any", "not", ABSENT];
const ABSENT: &str = "absent";
const EMPTY: &str = "empty";
