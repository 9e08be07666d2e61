//! What is wrong with a configuration, and what to write instead.

use std::fmt;

/// One thing that is wrong. Says where, what was found and what to write; never quotes a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The key's whole path, e.g. `site[1].route[0].access`; empty for the file as a whole.
    pub(crate) key: String,
    /// The line, counted from 1; none for something that is missing from the whole file.
    pub(crate) line: Option<usize>,
    /// What was found.
    pub(crate) found: String,
    /// What to write instead.
    pub(crate) fix: String,
}

/// Everything that is wrong, in the order of the file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

/// Something that works, but probably not as meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The key's whole path.
    pub(crate) key: String,
    /// The line, counted from 1.
    pub(crate) line: Option<usize>,
    /// What was found, and what follows from it.
    pub(crate) message: String,
    /// How it counts.
    pub(crate) weight: WarningWeight,
}

/// How a warning counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WarningWeight {
    /// It is told.
    Doubtful,
    /// A condition that can never hold, or a word that means nothing: an error with `check --strict`.
    Toothless,
}

impl Problem {
    /// The problem as one line that names the file: `gateway.toml:14: embed.revenue.allow: missing; write …`.
    #[must_use]
    pub(crate) fn in_file(&self, file: &str) -> String {
        one_line(format!("{}{}; {}", place(file, self.line, &self.key), self.found, self.fix))
    }
}

impl Warning {
    /// The warning as one line that names the file.
    #[must_use]
    pub(crate) fn in_file(&self, file: &str) -> String {
        one_line(format!("{}{}", place(file, self.line, &self.key), self.message))
    }
}

impl Problems {
    /// Wraps a list, sorted by line; `None` where nothing is wrong.
    #[must_use]
    pub(crate) fn new(mut list: Vec<Problem>) -> Option<Self> {
        list.sort_by_key(|problem| problem.line);
        (!list.is_empty()).then_some(Self(list))
    }

    /// The problems, in the order of the file.
    #[cfg(any(test, feature = "fuzzing"))]
    #[must_use]
    pub(crate) fn list(&self) -> &[Problem] {
        &self.0
    }

    /// The problems, one line each, each naming the file.
    #[must_use]
    pub(crate) fn in_file(&self, file: &str) -> String {
        self.0.iter().map(|problem| problem.in_file(file)).collect::<Vec<_>>().join("\n")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_file(USUAL_NAME))
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_file(USUAL_NAME))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_file(USUAL_NAME))
    }
}

impl std::error::Error for Problems {}

fn place(file: &str, line: Option<usize>, key: &str) -> String {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
    format!("{file}{line}: {key}")
}

/// A key in quotes may hold what ends a line or moves the cursor of a terminal.
fn one_line(text: String) -> String {
    if !text.chars().any(char::is_control) {
        return text;
    }
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

const USUAL_NAME: &str = "gateway.toml";
