//! Where secrets and certificates come from: named by the configuration, read by `system`.

use std::{collections::BTreeMap, fmt};

use crate::{secret::Secret, time::UnixSeconds};

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SecretSource {
    /// `{ file = "…" }`: a path, relative to the configuration file's folder.
    File(String),
    /// `{ env = "…" }`: an environment variable.
    Env(String),
    /// A file of certificates: no secret, but to be changed by nobody else. A path like that of `File`.
    Certificates(String),
    /// A file of words for our pages. A path like that of `File`.
    Words(String),
    /// A picture for our pages; what it held is written in base64. A path like that of `File`.
    Picture(String),
}

/// What the sources held, or why they could not be read.
#[derive(Debug, Clone, Default)]
pub struct SecretValues {
    values: BTreeMap<SecretSource, Result<Secret, String>>,
    cautions: BTreeMap<SecretSource, String>,
    read_at: Option<UnixSeconds>,
    proxies: ProxyVariables,
}

/// What the environment says of proxies, to all programs alike.
#[derive(Debug, Clone, Default)]
pub(crate) struct ProxyVariables {
    /// `https_proxy` or `HTTPS_PROXY`, whichever there is first; a password may be in it.
    pub(crate) https_proxy: Option<(String, Secret)>,
    /// `no_proxy` or `NO_PROXY`.
    pub(crate) no_proxy: Option<String>,
}

impl SecretValues {
    /// Notes what a source held, or why it could not be read.
    pub(crate) fn insert(&mut self, source: SecretSource, value: Result<Secret, String>) {
        self.values.insert(source, value);
    }

    /// Notes what is doubtful about a source that was read, as one clause; it becomes a warning.
    pub(crate) fn caution(&mut self, source: SecretSource, clause: String) {
        self.cautions.insert(source, clause);
    }

    /// What is doubtful about a source.
    #[must_use]
    pub(crate) fn caution_of(&self, source: &SecretSource) -> Option<&str> {
        self.cautions.get(source).map(String::as_str)
    }

    /// Notes when the sources were read: the dates of certificates are held against it.
    pub(crate) const fn note_time(&mut self, now: UnixSeconds) {
        self.read_at = Some(now);
    }

    /// When the sources were read; `None`: no date is checked.
    #[must_use]
    pub(crate) const fn read_at(&self) -> Option<UnixSeconds> {
        self.read_at
    }

    /// Notes what the environment says of proxies.
    pub(crate) fn note_proxies(&mut self, proxies: ProxyVariables) {
        self.proxies = proxies;
    }

    /// What the environment says of proxies.
    #[must_use]
    pub(crate) fn proxies(&self) -> ProxyVariables {
        self.proxies.clone()
    }

    /// What the source held.
    ///
    /// # Errors
    /// Why it could not be read, as one clause.
    pub(crate) fn get(&self, source: &SecretSource) -> Result<&Secret, &str> {
        match self.values.get(source) {
            Some(value) => value.as_ref().map_err(String::as_str),
            None => Err("was not read"),
        }
    }
}

impl FromIterator<(SecretSource, Result<Secret, String>)> for SecretValues {
    fn from_iter<I: IntoIterator<Item = (SecretSource, Result<Secret, String>)>>(pairs: I) -> Self {
        Self { values: pairs.into_iter().collect(), ..Self::default() }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Certificates(path) | Self::Words(path) | Self::Picture(path) => {
                write!(f, "file {path:?}")
            }
            Self::Env(name) => write!(f, "environment variable {name:?}"),
        }
    }
}
