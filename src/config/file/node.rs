//! The file as it was written: an owned tree in which every value knows its key and its line.

use std::collections::BTreeSet;

use toml::{
    Spanned,
    de::{DeArray, DeInteger, DeTable, DeValue},
};

use crate::{config::Problem, limits::SYNTAX_PROBLEMS_MAX};

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::config) struct Node {
    /// The whole path, e.g. `site[1].route[0].access`; empty for the file.
    pub(in crate::config) key: String,
    /// The line, counted from 1; none for what is not in the file at all.
    pub(in crate::config) line: Option<usize>,
    /// The value.
    pub(in crate::config) value: Value,
}

/// A TOML value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::config) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    /// A date or time, as written.
    Moment(String),
    /// A float, or an integer beyond 64 bits: no key takes one.
    Number,
    Array(Vec<Node>),
    /// Entries in the order of the file.
    Table(Vec<(String, Node)>),
}

impl Node {
    /// Parses a file. With a syntax error there is nothing to walk; a doubled key hides nothing but its second value.
    pub(in crate::config) fn parse(text: &str) -> (Option<Self>, Vec<Problem>) {
        let lines = Lines::of(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        let problems =
            errors.iter().take(SYNTAX_PROBLEMS_MAX).map(|error| syntax_problem(error, text, &lines)).collect();
        let is_readable = errors.iter().all(is_duplicate);
        let root = || Self { key: String::new(), line: None, value: table_value("", table.into_inner(), &lines) };
        (is_readable.then(root), problems)
    }

    /// A value that is not in the file: a default, with the line of the table that lacks it.
    pub(in crate::config) fn of_default(key: String, line: Option<usize>, toml: &str) -> Self {
        let value = DeValue::parse(toml).expect("a default of the key table is TOML, as a test proves").into_inner();
        Self { value: owned(&key, value, &Lines::nowhere()), key, line }
    }

    pub(in crate::config) fn entries(&self) -> &[(String, Self)] {
        if let Value::Table(entries) = &self.value { entries } else { &[] }
    }

    pub(in crate::config) fn items(&self) -> &[Self] {
        if let Value::Array(items) = &self.value { items } else { &[] }
    }

    /// The names of the tables of a section, also of faulty ones: so that who names them is not blamed too.
    pub(in crate::config) fn names_of(&self, section: &str) -> BTreeSet<&str> {
        self.entries_of(section).iter().map(|(name, _)| name.as_str()).collect()
    }

    /// The entries of a table in this one; none where it is not there.
    pub(in crate::config) fn entries_of(&self, name: &str) -> &[(String, Self)] {
        self.child(name).map(Self::entries).unwrap_or_default()
    }

    /// The items of an array in this table; none where it is not there.
    pub(in crate::config) fn items_of(&self, name: &str) -> &[Self] {
        self.child(name).map(Self::items).unwrap_or_default()
    }

    /// The items of an array, or the one value in place of it.
    pub(in crate::config) fn one_or_more(&self) -> &[Self] {
        if matches!(self.value, Value::Array(_)) { self.items() } else { std::slice::from_ref(self) }
    }

    pub(in crate::config) fn child(&self, name: &str) -> Option<&Self> {
        self.entries().iter().find(|(known, _)| known == name).map(|(_, node)| node)
    }

    /// What a key says that need not be there; the outer `None`: it is there, and wrong.
    pub(in crate::config) fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Self) -> Option<T>,
    ) -> Option<Option<T>> {
        self.child(name).map_or(Some(None), |node| read(node).map(Some))
    }

    pub(in crate::config) fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    pub(in crate::config) fn as_integer(&self) -> Option<i64> {
        if let Value::Integer(integer) = self.value { Some(integer) } else { None }
    }

    pub(in crate::config) fn as_boolean(&self) -> Option<bool> {
        if let Value::Boolean(boolean) = self.value { Some(boolean) } else { None }
    }

    /// The texts of an array of texts.
    pub(in crate::config) fn texts(&self) -> impl Iterator<Item = (&Self, &str)> {
        self.items().iter().filter_map(|item| Some((item, item.as_text()?)))
    }
}

impl Value {
    /// A text, an integer or a boolean, as text.
    pub(in crate::config) fn scalar_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Integer(integer) => Some(integer.to_string()),
            Self::Boolean(boolean) => Some(boolean.to_string()),
            Self::Moment(_) | Self::Number | Self::Array(_) | Self::Table(_) => None,
        }
    }

    /// What kind of value it is, with its article.
    pub(in crate::config) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "an integer",
            Self::Boolean(_) => "a boolean",
            Self::Moment(_) => "a date or time",
            Self::Number => "a number that is not a 64-bit integer",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }
}

/// The path of an entry.
pub(in crate::config) fn key_below(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

fn owned(key: &str, value: DeValue<'_>, lines: &Lines) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(integer) => integer_value(&integer),
        DeValue::Float(_) => Value::Number,
        DeValue::Boolean(boolean) => Value::Boolean(boolean),
        DeValue::Datetime(moment) => Value::Moment(moment.to_string()),
        DeValue::Array(array) => array_value(key, array, lines),
        DeValue::Table(table) => table_value(key, table, lines),
    }
}

fn integer_value(integer: &DeInteger<'_>) -> Value {
    i64::from_str_radix(integer.as_str(), integer.radix()).map_or(Value::Number, Value::Integer)
}

fn array_value(key: &str, array: DeArray<'_>, lines: &Lines) -> Value {
    let item = |(index, item): (usize, Spanned<DeValue<'_>>)| {
        let key = format!("{key}[{index}]");
        let line = lines.at(item.span().start);
        Node { value: owned(&key, item.into_inner(), lines), key, line }
    };
    Value::Array(array.into_iter().enumerate().map(item).collect())
}

fn table_value(key: &str, table: DeTable<'_>, lines: &Lines) -> Value {
    let mut entries: Vec<_> = table.into_iter().collect();
    // The parser sorts by name; controls and parameters keep the order of the file.
    entries.sort_by_key(|(name, _)| name.span().start);
    let entry = |(name, value): (Spanned<std::borrow::Cow<'_, str>>, Spanned<DeValue<'_>>)| {
        let line = lines.at(name.span().start);
        let name = name.into_inner().into_owned();
        let key = key_below(key, &name);
        let value = owned(&key, value.into_inner(), lines);
        (name, Node { key, line, value })
    };
    Value::Table(entries.into_iter().map(entry).collect())
}

/// The parser's messages quote nothing of the file. A key is quoted here, a value never: it might be a secret.
fn syntax_problem(error: &toml::de::Error, text: &str, lines: &Lines) -> Problem {
    let span = error.span().unwrap_or_default();
    let key = if is_duplicate(error) { text.get(span.clone()).unwrap_or_default().trim() } else { "" };
    let fix = if is_duplicate(error) { "keep one" } else { "write valid TOML" };
    Problem {
        key: key.to_owned(),
        line: lines.at(span.start),
        found: error.message().replace('\n', " "),
        fix: fix.to_owned(),
    }
}

fn is_duplicate(error: &toml::de::Error) -> bool {
    error.message().starts_with(DUPLICATE)
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self(std::iter::once(0).chain(breaks).collect())
    }

    fn nowhere() -> Self {
        Self(Vec::new())
    }

    fn at(&self, offset: usize) -> Option<usize> {
        (!self.0.is_empty()).then(|| self.0.partition_point(|start| *start <= offset))
    }
}

const DUPLICATE: &str = "duplicate key";
