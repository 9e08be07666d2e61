//! Holds a file to the table of keys: unknown keys, types, missing keys, placeholders, inline secrets.
//!
//! In: the file as written. Out: the same tree without its faulty parts and with every default filled in, so that a
//! section reads what is there and stays silent on what is not: that has been said here.

use super::{
    choices::ACCESS,
    keys::{self, ALLOW_FIX, Key, Presence, Shape},
    nearest::{did_you_mean, quoted},
    node::{Node, Value, key_below},
};
use crate::{
    config::{Problem, SecretSource},
    name::Name,
    policy::MAPPED,
};

/// What a walk gives: the tree, the secrets it names, and what is wrong.
#[derive(Debug)]
pub(in crate::config) struct Walked {
    pub(in crate::config) root: Node,
    pub(in crate::config) secrets: Vec<SecretSource>,
    pub(in crate::config) problems: Vec<Problem>,
}

/// Walks a file.
pub(in crate::config) fn walk(root: &Node) -> Walked {
    let mut walk = Walk { secrets: Vec::new(), problems: Vec::new() };
    let root = walk.table(root, "");
    Walked { root, secrets: walk.secrets, problems: walk.problems }
}

/// The source of a secret that has been walked.
pub(in crate::config) fn secret_source(node: &Node) -> Option<SecretSource> {
    match node.entries() {
        [(kind, place)] if kind == "file" => place.as_text().map(|path| SecretSource::File(path.to_owned())),
        [(kind, place)] if kind == "env" => place.as_text().map(|name| SecretSource::Env(name.to_owned())),
        _ => None,
    }
}

/// The source of a file of certificates that has been walked.
pub(in crate::config) fn certificate_source(node: &Node) -> Option<SecretSource> {
    node.as_text().map(|path| SecretSource::Certificates(path.to_owned()))
}

struct Walk {
    secrets: Vec<SecretSource>,
    problems: Vec<Problem>,
}

impl Walk {
    fn table(&mut self, table: &Node, pattern: &str) -> Node {
        for (name, node) in table.entries() {
            if !keys::below(pattern).any(|(known, _)| known == name) {
                self.refuse::<()>(node, "unknown key", known_instead(name, pattern));
            }
        }
        let walked =
            keys::below(pattern).filter_map(|(name, key)| Some((name.to_owned(), self.entry(table, name, key)?)));
        let entries = walked.collect();
        Node { key: table.key.clone(), line: table.line, value: Value::Table(entries) }
    }

    fn entry(&mut self, table: &Node, name: &str, key: &Key) -> Option<Node> {
        if let Some(node) = table.child(name) {
            return self.value(node, key);
        }
        let path = key_below(&table.key, name);
        match (key.presence, key.shape) {
            (Presence::Required(fix), _) => {
                self.problems.push(Problem {
                    key: path,
                    line: table.line,
                    found: MISSING.to_owned(),
                    fix: fix.to_owned(),
                });
                None
            }
            (Presence::Default(toml), _) => Some(Node::of_default(path, table.line, toml)),
            // A table that is not there still has its defaults.
            (Presence::Optional, Shape::Table) => {
                Some(self.table(&Node { key: path, line: table.line, value: Value::Table(Vec::new()) }, key.path))
            }
            (Presence::Optional, _) => None,
        }
    }

    fn value(&mut self, node: &Node, key: &Key) -> Option<Node> {
        match key.shape {
            Shape::Table => self.of_kind(node, is_table, "write a table").map(|node| self.table(node, key.path)),
            Shape::Keyed => self.keyed(node, key),
            Shape::List => self.list(node, key),
            Shape::OneOrMore => self.one_or_more(node, key),
            Shape::Text | Shape::Address | Shape::Duration => self.text(node, "write a text in quotes").cloned(),
            Shape::Url => self.url(node).cloned(),
            Shape::Moment => self.moment(node).cloned(),
            Shape::Boolean => {
                self.of_kind(node, |value| matches!(value, Value::Boolean(_)), "write true or false").cloned()
            }
            Shape::Integer(most) => self.integer(node, most).cloned(),
            Shape::Texts => self.texts(node),
            Shape::Choice(built, later) => self.choice(node, built, later).cloned(),
            Shape::ChoiceOrClaim(built) => self.choice_or_claim(node, built).cloned(),
            Shape::OneOrMoreTexts if matches!(node.value, Value::Array(_)) => self.texts(node),
            Shape::OneOrMoreTexts => self.text(node, "write a text in quotes, or an array of texts").cloned(),
            Shape::Secrets => self.secrets(node),
            Shape::OneOrMoreSecrets if matches!(node.value, Value::Array(_)) => self.secrets(node),
            Shape::Secret | Shape::OneOrMoreSecrets => self.secret(node),
            Shape::Certificates => self.certificates(node),
            Shape::Words => self.file(node, SecretSource::Words),
            Shape::Picture => self.file(node, SecretSource::Picture),
            Shape::Scalars => self.names(node, is_scalar, "write a text, an integer or a boolean"),
            Shape::Templates => self.names(node, is_text, "write a text in quotes"),
            Shape::Condition => {
                self.of_kind(node, is_table, r#"write when = { groups = ["…"] }"#).and_then(|node| self.filled(node))
            }
            Shape::Access => self.access(node),
            Shape::Allow => self.allow(node),
            Shape::Unbuilt(instead) => self.refuse(node, "not built yet", instead),
        }
    }

    fn keyed(&mut self, node: &Node, key: &Key) -> Option<Node> {
        let fix = format!("write [{}.NAME] tables", key.path);
        self.of_kind(node, is_table, &fix)?;
        if let (Presence::Required(fix), []) = (key.presence, node.entries()) {
            return self.refuse(node, MISSING, fix);
        }
        let pattern = key.inside();
        let named = |(name, child): &(String, Node)| {
            self.of_kind(child, is_table, &fix)?;
            if Name::parse(name).is_err() {
                return self.refuse(child, "malformed name", "write 1 to 64 of A-Z a-z 0-9 _ -");
            }
            Some((name.clone(), self.table(child, &pattern)))
        };
        let entries = node.entries().iter().filter_map(named).collect();
        Some(Node { key: node.key.clone(), line: node.line, value: Value::Table(entries) })
    }

    fn list(&mut self, node: &Node, key: &Key) -> Option<Node> {
        let fix = format!("write [[{}]] tables", key.path.replace("[]", ""));
        self.of_kind(node, is_array, &fix)?;
        if let (Presence::Required(fix), []) = (key.presence, node.items()) {
            return self.refuse(node, MISSING, fix);
        }
        let pattern = key.inside();
        self.each(node, |walk, item| walk.of_kind(item, is_table, &fix).map(|item| walk.table(item, &pattern)))
    }

    /// One table stands for an array of one.
    fn one_or_more(&mut self, node: &Node, key: &Key) -> Option<Node> {
        if !is_table(&node.value) {
            self.of_kind(node, is_array, "write a table, or an array of tables")?;
            return if node.items().is_empty() {
                self.refuse(node, "an empty list", "leave it out")
            } else {
                self.list(node, key)
            };
        }
        let table = self.table(node, &key.inside());
        Some(Node { key: node.key.clone(), line: node.line, value: Value::Array(vec![table]) })
    }

    fn texts(&mut self, node: &Node) -> Option<Node> {
        self.of_kind(node, is_array, "write an array of texts")?;
        self.each(node, |walk, item| walk.text(item, "write a text in quotes").cloned())
    }

    fn secrets(&mut self, node: &Node) -> Option<Node> {
        let fix = r#"write an array: [{ file = "…" }]"#;
        self.of_kind(node, is_array, fix)?;
        if node.items().is_empty() {
            return self.refuse(node, "an empty list", fix);
        }
        self.each(node, Self::secret)
    }

    fn each(&mut self, node: &Node, mut one: impl FnMut(&mut Self, &Node) -> Option<Node>) -> Option<Node> {
        let items = node.items().iter().filter_map(|item| one(self, item)).collect();
        Some(Node { key: node.key.clone(), line: node.line, value: Value::Array(items) })
    }

    fn text<'a>(&mut self, node: &'a Node, fix: &str) -> Option<&'a Node> {
        let node = self.of_kind(node, is_text, fix)?;
        match node.as_text() {
            Some(PLACEHOLDER) => self.refuse(node, "still the placeholder `…`", "write your own value"),
            Some(text) if text.trim().is_empty() => self.refuse(node, "empty", "write your own value"),
            Some(_) | None => Some(node),
        }
    }

    fn url<'a>(&mut self, node: &'a Node) -> Option<&'a Node> {
        let node = self.text(node, "write a URL in quotes")?;
        if node.as_text().is_some_and(|text| text.contains(PLACEHOLDER)) {
            return self.refuse(node, "still holds the placeholder `…`", "write your own value");
        }
        Some(node)
    }

    fn integer<'a>(&mut self, node: &'a Node, most: u32) -> Option<&'a Node> {
        let fix = format!("write a whole number from 1 to {most}");
        let node = self.of_kind(node, |value| matches!(value, Value::Integer(_)), &fix)?;
        let is_within = node.as_integer().is_some_and(|number| (1..=i64::from(most)).contains(&number));
        if is_within { Some(node) } else { self.refuse(node, "out of range", fix) }
    }

    fn moment<'a>(&mut self, node: &'a Node) -> Option<&'a Node> {
        let fix = r#"write a moment such as "2026-11-20T12:00:00Z""#;
        if matches!(node.value, Value::Moment(_)) { Some(node) } else { self.text(node, fix) }
    }

    fn choice<'a>(&mut self, node: &'a Node, built: &[&str], later: &[&str]) -> Option<&'a Node> {
        let fix = format!("write {}", quoted(built, " or "));
        let node = self.text(node, &fix)?;
        let text = node.as_text().unwrap_or_default();
        if later.contains(&text) {
            return self.refuse(node, &format!("{text:?} is not built yet"), &fix);
        }
        if built.contains(&text) { Some(node) } else { self.refuse(node, &format!("found {text:?}"), &fix) }
    }

    fn choice_or_claim<'a>(&mut self, node: &'a Node, built: &[&str]) -> Option<&'a Node> {
        if !is_table(&node.value) {
            let fix = format!("write {} or {{ claim = \"…\" }}", quoted(built, " or "));
            let node = self.text(node, &fix)?;
            let text = node.as_text().unwrap_or_default();
            return if built.contains(&text) {
                Some(node)
            } else {
                self.refuse(node, &format!("found {text:?}"), &fix)
            };
        }
        let [(name, claim)] = node.entries() else {
            return self.refuse(node, "a table without a `claim`, or with more than that", r#"write { claim = "…" }"#);
        };
        if name != "claim" {
            return self.refuse(claim, "unknown key", r#"write { claim = "…" }"#);
        }
        self.text(claim, "write a claim name or a JSON Pointer that starts with /").map(|_| node)
    }

    fn allow(&mut self, node: &Node) -> Option<Node> {
        match &node.value {
            Value::Array(names) if names.is_empty() => {
                self.refuse(node, "an empty list, nobody would see the embed", ALLOW_FIX)
            }
            Value::Array(_) => self.texts(node),
            Value::Text(text) if text == MAPPED => Some(node.clone()),
            Value::Text(text) if text != PLACEHOLDER => {
                let fix = format!("write allow = {MAPPED:?} or allow = [{text:?}]");
                self.refuse(node, &format!("found {text:?}"), &fix)
            }
            Value::Text(_)
            | Value::Integer(_)
            | Value::Boolean(_)
            | Value::Moment(_)
            | Value::Number
            | Value::Table(_) => self.text(node, ALLOW_FIX).cloned(),
        }
    }

    fn access(&mut self, node: &Node) -> Option<Node> {
        if is_text(&node.value) {
            return self.choice(node, ACCESS.words, &[]).cloned();
        }
        let fix = format!("write {} or {{ when = {{ … }} }}", quoted(ACCESS.words, ", "));
        self.of_kind(node, is_table, &fix)?;
        match node.entries() {
            [(name, condition)] if name == "when" && is_table(&condition.value) => self.filled(node),
            _ => self.refuse(node, "a table without a `when` table, or with more than that", &fix),
        }
    }

    /// A table of names: each must be of a kind, none may be left unfilled.
    fn names(&mut self, node: &Node, is_kind: fn(&Value) -> bool, fix: &str) -> Option<Node> {
        self.of_kind(node, is_table, "write a table: { NAME = … }")?;
        let named = |(name, child): &(String, Node)| {
            let child = self.of_kind(child, is_kind, fix)?;
            Some((name.clone(), self.filled(child)?))
        };
        let entries = node.entries().iter().filter_map(named).collect();
        Some(Node { key: node.key.clone(), line: node.line, value: Value::Table(entries) })
    }

    /// A value without a placeholder anywhere; one that holds a placeholder is dropped whole.
    fn filled(&mut self, node: &Node) -> Option<Node> {
        let before = self.problems.len();
        self.look_for_placeholders(node);
        (self.problems.len() == before).then(|| node.clone())
    }

    fn look_for_placeholders(&mut self, node: &Node) {
        if node.as_text() == Some(PLACEHOLDER) {
            self.refuse::<()>(node, "still the placeholder `…`", "write your own value");
        }
        node.items().iter().for_each(|item| self.look_for_placeholders(item));
        node.entries().iter().for_each(|(_, child)| self.look_for_placeholders(child));
    }

    fn secret(&mut self, node: &Node) -> Option<Node> {
        let fix = r#"write { file = "…" } or { env = "…" }"#;
        if is_text(&node.value) {
            return self.refuse(node, "a secret inside the file", fix);
        }
        self.of_kind(node, is_table, fix)?;
        let [(kind, place)] = node.entries() else {
            return self.refuse(node, "expected exactly one of `file` and `env`", fix);
        };
        if kind != "file" && kind != "env" {
            return self.refuse(place, "unknown key", fix);
        }
        self.text(place, "write a text in quotes")?;
        self.secrets.extend(secret_source(node));
        Some(node.clone())
    }

    fn certificates(&mut self, node: &Node) -> Option<Node> {
        let node = self.text(node, "write the path of a PEM file in quotes")?;
        self.secrets.extend(certificate_source(node));
        Some(node.clone())
    }

    fn file(&mut self, node: &Node, source: fn(String) -> SecretSource) -> Option<Node> {
        let node = self.text(node, "write the path of a file in quotes")?;
        self.secrets.extend(node.as_text().map(|path| source(path.to_owned())));
        Some(node.clone())
    }

    fn of_kind<'a>(&mut self, node: &'a Node, is_kind: fn(&Value) -> bool, fix: &str) -> Option<&'a Node> {
        if is_kind(&node.value) { Some(node) } else { self.refuse(node, &format!("found {}", node.value.kind()), fix) }
    }

    /// Notes a problem; the value is dropped.
    fn refuse<T>(&mut self, node: &Node, found: &str, fix: impl Into<String>) -> Option<T> {
        self.problems.push(Problem {
            key: node.key.clone(),
            line: node.line,
            found: found.to_owned(),
            fix: fix.into(),
        });
        None
    }
}

fn known_instead(name: &str, pattern: &str) -> String {
    let known: Vec<_> = keys::below(pattern).map(|(known, _)| known).collect();
    did_you_mean(name, known.iter().copied(), &format!("remove it; known here: {}", known.join(", ")))
}

const fn is_table(value: &Value) -> bool {
    matches!(value, Value::Table(_))
}

const fn is_array(value: &Value) -> bool {
    matches!(value, Value::Array(_))
}

const fn is_text(value: &Value) -> bool {
    matches!(value, Value::Text(_))
}

const fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Text(_) | Value::Integer(_) | Value::Boolean(_))
}

/// What `init` writes where only the operator knows the value.
const PLACEHOLDER: &str = "…";
pub(in crate::config) const MISSING: &str = "missing";
