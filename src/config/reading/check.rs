//! What every section uses to read its part of a walked file and to say what is wrong with it.
//!
//! A reader returns `None` where something is wrong, after saying so; what the walk dropped is `None` in silence.

use std::{net::SocketAddr, time::Duration};

use super::times;
use crate::{
    config::{
        Problem, SecretValues, Warning, WarningWeight,
        file::{MISSING, Node, Value, key_below},
    },
    identity::ClaimPath,
    policy::Template,
    time::UnixSeconds,
};

/// The problems and warnings so far, and what the secrets' sources held.
pub(in crate::config) struct Check<'a> {
    pub(in crate::config) problems: Vec<Problem>,
    pub(in crate::config) warnings: Vec<Warning>,
    pub(in crate::config) secrets: &'a SecretValues,
}

impl Check<'_> {
    /// Notes a problem; `None`, so that a reader can end with it.
    pub(in crate::config) fn refuse<T>(
        &mut self,
        node: &Node,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Option<T> {
        self.problems.push(Problem { key: node.key.clone(), line: node.line, found: found.into(), fix: fix.into() });
        None
    }

    /// Notes that an entry of a table is missing.
    pub(in crate::config) fn refuse_missing<T>(
        &mut self,
        table: &Node,
        name: &str,
        why: &str,
        fix: String,
    ) -> Option<T> {
        let key = key_below(&table.key, name);
        self.problems.push(Problem { key, line: table.line, found: format!("missing; {why}"), fix });
        None
    }

    /// Notes that an entry of a table is missing, which needs no reason.
    pub(in crate::config) fn refuse_absent<T>(&mut self, table: &Node, name: &str, fix: &str) -> Option<T> {
        let (key, found, fix) = (key_below(&table.key, name), MISSING.to_owned(), fix.to_owned());
        self.problems.push(Problem { key, line: table.line, found, fix });
        None
    }

    /// Whether something is wrong already with one of these entries of a table, or within it.
    pub(in crate::config) fn has_told_of(&self, table: &Node, names: &[&str]) -> bool {
        let is_of = |key: &str, name: &&str| {
            let rest = key.strip_prefix(&key_below(&table.key, name));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.problems.iter().any(|problem| names.iter().any(|name| is_of(&problem.key, name)))
    }

    /// Notes a warning.
    pub(in crate::config) fn warn(&mut self, node: &Node, message: impl Into<String>) {
        self.warn_with(node, message.into(), WarningWeight::Doubtful);
    }

    /// Notes a warning where that is written, if it is.
    pub(in crate::config) fn warn_at(&mut self, node: Option<&Node>, message: impl Into<String>) {
        if let Some(node) = node {
            self.warn(node, message);
        }
    }

    /// Notes a condition that can never hold, or a word that means nothing.
    pub(in crate::config) fn warn_toothless(&mut self, node: &Node, message: impl Into<String>) {
        self.warn_with(node, message.into(), WarningWeight::Toothless);
    }

    fn warn_with(&mut self, node: &Node, message: String, weight: WarningWeight) {
        self.warnings.push(Warning { key: node.key.clone(), line: node.line, message, weight });
    }

    /// A text with a parser of its own; its error says what is wrong.
    pub(in crate::config) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        node: &Node,
        parse: impl FnOnce(&str) -> Result<T, E>,
        fix: &str,
    ) -> Option<T> {
        match parse(node.as_text()?) {
            Ok(value) => Some(value),
            Err(error) => self.refuse(node, error.to_string(), fix),
        }
    }

    /// A duration longer than nothing and up to `longest`, which `longest_text` spells.
    pub(in crate::config) fn duration(&mut self, node: &Node, longest: (Duration, &str)) -> Option<Duration> {
        let duration = self.any_duration(node)?;
        if duration.is_zero() || duration > longest.0 {
            return self.refuse(node, "out of range", format!("write more than 0s and at most {}", longest.1));
        }
        Some(duration)
    }

    /// The same between two bounds, each with its spelling.
    pub(in crate::config) fn duration_between(
        &mut self,
        node: &Node,
        [shortest, longest]: [(Duration, &str); 2],
    ) -> Option<Duration> {
        let duration = self.any_duration(node)?;
        if duration < shortest.0 || duration > longest.0 {
            return self.refuse(node, "out of range", format!("write {} to {}", shortest.1, longest.1));
        }
        Some(duration)
    }

    /// The same, where nothing at all has a meaning.
    pub(in crate::config) fn duration_or_zero(&mut self, node: &Node, longest: (Duration, &str)) -> Option<Duration> {
        let duration = self.any_duration(node)?;
        if duration > longest.0 {
            return self.refuse(node, "out of range", format!("write at most {}", longest.1));
        }
        Some(duration)
    }

    fn any_duration(&mut self, node: &Node) -> Option<Duration> {
        let fix = r#"write a duration such as "8h", "90m", "30s" or "1h30m""#;
        times::duration(node.as_text()?).or_else(|| self.refuse(node, "not a duration", fix))
    }

    /// A moment as text or as a TOML date-time.
    pub(in crate::config) fn moment(&mut self, node: &Node) -> Option<UnixSeconds> {
        let (Value::Moment(text) | Value::Text(text)) = &node.value else { return None };
        let fix = r#"write date, time and Z or an offset, such as "2026-11-20T12:00:00Z""#;
        times::moment(text).or_else(|| self.refuse(node, "not a moment from 1970 on", fix))
    }

    /// An address with port.
    pub(in crate::config) fn address(&mut self, node: &Node) -> Option<SocketAddr> {
        self.parsed(
            node,
            |text| text.parse().map_err(|_| "not an ip:port"),
            r#"write ip:port, such as "127.0.0.1:8080""#,
        )
    }

    /// A claim path.
    pub(in crate::config) fn claim_path(&mut self, node: &Node) -> Option<ClaimPath> {
        self.parsed(node, ClaimPath::parse, "write a claim name or a JSON Pointer that starts with /")
    }

    /// A text with claims in it.
    pub(in crate::config) fn template(&mut self, node: &Node) -> Option<Template> {
        self.parsed(node, Template::parse, "write text with {claim} in it, every brace closed or doubled")
    }
}
