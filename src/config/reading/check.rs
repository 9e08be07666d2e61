//! What every section uses to read its part of a walked file and to say what is wrong with it.
//!
//! A reader returns `None` where something is wrong, after saying so; what the walk dropped is `None` in silence.

use std::{net::SocketAddr, time::Duration};

use url::Url;

use super::times;
use crate::{
    config::{
        Problem, SecretSource, SecretValues, Warning, WarningWeight,
        file::{MISSING, Node, Value, key_below, secret_source},
    },
    identity::{ClaimPath, JwsKey},
    request::{HostName, Prefix, is_loopback},
    secret::Secret,
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

    /// Notes a condition that can never hold, or a word that means nothing.
    pub(super) fn warn_toothless(&mut self, node: &Node, message: impl Into<String>) {
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
    pub(in crate::config) fn duration(
        &mut self,
        table: &Node,
        name: &str,
        longest: (Duration, &str),
    ) -> Option<Duration> {
        let (node, duration) = self.any_duration(table, name)?;
        if duration.is_zero() || duration > longest.0 {
            return self.refuse(node, "out of range", format!("write more than 0s and at most {}", longest.1));
        }
        Some(duration)
    }

    /// The same between two bounds, each with its spelling.
    pub(in crate::config) fn duration_between(
        &mut self,
        table: &Node,
        name: &str,
        [shortest, longest]: [(Duration, &str); 2],
    ) -> Option<Duration> {
        let (node, duration) = self.any_duration(table, name)?;
        if duration < shortest.0 || duration > longest.0 {
            return self.refuse(node, "out of range", format!("write {} to {}", shortest.1, longest.1));
        }
        Some(duration)
    }

    /// The same, where nothing at all has a meaning.
    pub(in crate::config) fn duration_or_zero(
        &mut self,
        table: &Node,
        name: &str,
        longest: (Duration, &str),
    ) -> Option<Duration> {
        let (node, duration) = self.any_duration(table, name)?;
        if duration > longest.0 {
            return self.refuse(node, "out of range", format!("write at most {}", longest.1));
        }
        Some(duration)
    }

    fn any_duration<'n>(&mut self, table: &'n Node, name: &str) -> Option<(&'n Node, Duration)> {
        let node = table.child(name)?;
        match times::duration(node.as_text()?) {
            Some(duration) => Some((node, duration)),
            None => self.refuse(node, "not a duration", r#"write a duration such as "8h", "90m", "30s" or "1h30m""#),
        }
    }

    /// A moment as text or as a TOML date-time.
    pub(in crate::config) fn moment(&mut self, table: &Node, name: &str) -> Option<UnixSeconds> {
        let node = table.child(name)?;
        let (Value::Moment(text) | Value::Text(text)) = &node.value else { return None };
        let fix = r#"write date, time and Z or an offset, such as "2026-11-20T12:00:00Z""#;
        times::moment(text).or_else(|| self.refuse(node, "not a moment from 1970 on", fix))
    }

    /// An address with port.
    pub(in crate::config) fn address(&mut self, table: &Node, name: &str) -> Option<SocketAddr> {
        let node = table.child(name)?;
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

    /// A path prefix.
    pub(in crate::config) fn prefix(&mut self, node: &Node) -> Option<Prefix> {
        self.parsed(node, Prefix::parse, "write a literal path that starts with /, such as \"/reports/\"")
    }

    /// A secret that is there and not empty.
    pub(in crate::config) fn secret(&mut self, node: &Node) -> Option<Secret> {
        let secret = self.secret_text(node)?;
        if secret.expose().trim() != secret.expose() {
            self.warn(node, "begins or ends with white space, which is part of the secret");
        }
        Some(secret)
    }

    /// A secret in a form of its own, in which white space at the ends means nothing.
    pub(super) fn secret_text(&mut self, node: &Node) -> Option<Secret> {
        let source = secret_source(node)?;
        match self.secrets.get(&source) {
            Ok(secret) if secret.expose().trim().is_empty() => {
                self.refuse(node, format!("{source} is empty"), "put the secret there")
            }
            Ok(secret) => {
                let secret = secret.clone();
                if let Some(clause) = self.secrets.caution_of(&source) {
                    self.warn(node, format!("{source} {clause}"));
                }
                Some(secret)
            }
            Err(why) => {
                let why = why.to_owned();
                let found = format!("{source} {why}");
                let fix = match source {
                    SecretSource::File(_) => "put the secret there, readable by the gateway only",
                    SecretSource::Env(_) => "set it in the gateway's environment",
                    SecretSource::Certificates(_) => "put the certificates there, in PEM",
                    SecretSource::Words(_) | SecretSource::Picture(_) => "put the file there",
                };
                self.refuse(node, found, fix)
            }
        }
    }

    /// A key of the gateway's own, to sign with.
    pub(in crate::config) fn signing_key(&mut self, node: &Node) -> Option<JwsKey> {
        let pem = self.secret_text(node)?;
        let source = secret_source(node)?;
        match JwsKey::parse(pem.expose()) {
            Ok(key) => Some(key),
            Err(error) => {
                let fix = "make one: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256";
                self.refuse(node, format!("{source}: {error}"), fix)
            }
        }
    }

    /// The URL of a server: http or https, a host, no user, no query, no fragment.
    pub(in crate::config) fn server_url(&mut self, node: &Node) -> Option<Url> {
        let fix = "write https://host, with a port where it needs one";
        let url = self.parsed(node, |text| Url::parse(text).map_err(|_| "not a URL with a scheme and a host"), fix)?;
        if !matches!(url.scheme(), "http" | "https") {
            return self.refuse(node, "neither https nor http", fix);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return self.refuse(node, "has a user or a password", fix);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return self.refuse(node, "has a query or a fragment", fix);
        }
        Some(url)
    }

    /// A server URL that has no path.
    pub(in crate::config) fn origin(&mut self, node: &Node) -> Option<Url> {
        let url = self.server_url(node)?;
        if url.path() == "/" { Some(url) } else { self.refuse(node, "has a path", "write scheme, host and port only") }
    }

    /// Refuses plain http, but for this machine itself.
    pub(in crate::config) fn protected(&mut self, node: &Node, url: Url) -> Option<Url> {
        if url.scheme() == "https" || url.host().is_some_and(|host| is_loopback(&host)) {
            return Some(url);
        }
        self.refuse(node, "plain http to a host that is not loopback", "write https://")
    }
}

/// The host name of a URL.
pub(in crate::config) fn host_of(url: &Url) -> Option<HostName> {
    HostName::parse(url.host_str()?).ok()
}
