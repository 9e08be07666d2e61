//! Where secrets come from: named by the configuration, read by `system`.

use std::{collections::BTreeMap, fmt};

use crate::secret::Secret;

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretSource {
    /// `{ file = "…" }`: a path, relative to the configuration file's folder.
    File(String),
    /// `{ env = "…" }`: an environment variable.
    Env(String),
}

/// What the sources held, or why they could not be read.
#[derive(Debug, Clone, Default)]
pub struct SecretValues {
    values: BTreeMap<SecretSource, Result<Secret, String>>,
    cautions: BTreeMap<SecretSource, String>,
}

impl SecretValues {
    /// Notes what a source held, or why it could not be read.
    pub fn insert(&mut self, source: SecretSource, value: Result<Secret, String>) {
        self.values.insert(source, value);
    }

    /// Notes what is doubtful about a source that was read, as one clause; it becomes a warning.
    pub fn caution(&mut self, source: SecretSource, clause: String) {
        self.cautions.insert(source, clause);
    }

    /// What is doubtful about a source.
    #[must_use]
    pub fn caution_of(&self, source: &SecretSource) -> Option<&str> {
        self.cautions.get(source).map(String::as_str)
    }

    /// What the source held.
    ///
    /// # Errors
    /// Why it could not be read, as one clause.
    pub fn get(&self, source: &SecretSource) -> Result<&Secret, &str> {
        match self.values.get(source) {
            Some(value) => value.as_ref().map_err(String::as_str),
            None => Err("was not read"),
        }
    }
}

impl FromIterator<(SecretSource, Result<Secret, String>)> for SecretValues {
    fn from_iter<I: IntoIterator<Item = (SecretSource, Result<Secret, String>)>>(pairs: I) -> Self {
        Self { values: pairs.into_iter().collect(), cautions: BTreeMap::new() }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {path:?}"),
            Self::Env(name) => write!(f, "environment variable {name:?}"),
        }
    }
}
