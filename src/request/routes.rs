//! Host → site, path → route.

use super::{HostName, NormalPath, OwnPaths, PathError, Prefix, path::LetterCase};

/// The position of a site in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SiteIndex(pub(crate) usize);

/// The position of a route in its site; `None` where no `[[site.route]]` matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RouteIndex(pub(crate) usize);

/// Which site a host name belongs to.
#[derive(Debug, Clone, Default)]
pub(crate) struct HostTable {
    hosts: std::collections::HashMap<HostName, SiteIndex>,
    /// Names from which browsers are sent to the site's own.
    aliases: std::collections::HashMap<HostName, SiteIndex>,
}

/// How a host application reads paths, beyond what every one may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum UpstreamPaths {
    /// As URLs.
    #[default]
    Plain,
    /// As names of files on Windows as well: streams, short names, separators of its code pages.
    Windows,
}

/// The routes of one site by prefix: the longest wins.
#[derive(Debug, Clone, Default)]
pub(crate) struct PathTable {
    prefixes: Vec<(Prefix, RouteIndex)>,
    /// Set for a host application on Windows: our own prefixes, which no name of its file system may stand for.
    windows: Option<Vec<Prefix>>,
}

impl HostTable {
    /// Builds the table from pairs; a later pair of the same host is ignored (`config` refuses it before).
    #[must_use]
    pub(crate) fn new(pairs: impl IntoIterator<Item = (HostName, SiteIndex)>) -> Self {
        Self { hosts: pairs.into_iter().collect(), aliases: std::collections::HashMap::new() }
    }

    /// The same with aliases of sites.
    #[must_use]
    pub(crate) fn with_aliases(self, pairs: impl IntoIterator<Item = (HostName, SiteIndex)>) -> Self {
        Self { aliases: pairs.into_iter().collect(), ..self }
    }

    /// The site of a host; never a default site.
    #[must_use]
    pub(crate) fn find(&self, host: &HostName) -> Option<SiteIndex> {
        self.hosts.get(host).copied()
    }

    /// The site of which a host is an alias.
    #[must_use]
    pub(crate) fn find_alias(&self, host: &HostName) -> Option<SiteIndex> {
        self.aliases.get(host).copied()
    }
}

impl PathTable {
    /// Builds the table from the prefixes in configuration order.
    #[must_use]
    pub(crate) fn new(prefixes: Vec<Prefix>) -> Self {
        let mut prefixes: Vec<_> =
            prefixes.into_iter().enumerate().map(|(index, prefix)| (prefix, RouteIndex(index))).collect();
        prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.base().len()));
        Self { prefixes, windows: None }
    }

    /// The same for a host application that reads paths so, behind our own.
    #[must_use]
    pub(crate) fn read_by(self, upstream: UpstreamPaths, own: Option<&OwnPaths>) -> Self {
        let own = || own.map(OwnPaths::prefixes).into_iter().flatten().cloned().collect();
        let windows = match upstream {
            UpstreamPaths::Plain => None,
            UpstreamPaths::Windows => Some(own()),
        };
        Self { windows, ..self }
    }

    /// The route of a path.
    ///
    /// # Errors
    /// [`PathError::Ambiguous`] where an upstream might read the path so that another route would match, and any other
    /// [`PathError`] where one on Windows would read what no path may hold.
    pub(crate) fn find(&self, path: &NormalPath) -> Result<Option<RouteIndex>, PathError> {
        if self.prefixes.is_empty() && self.windows.is_none() {
            return Ok(None);
        }
        let route = self.longest(path.as_str().as_bytes(), LetterCase::Exact);
        let is_clear = path.readings().all(|reading| {
            self.longest(reading, LetterCase::Exact) == route && self.longest(reading, LetterCase::Ignored) == route
        });
        if is_clear && self.is_clear_on_windows(path, route)? { Ok(route) } else { Err(PathError::Ambiguous) }
    }

    /// Whether no name that a file system of Windows understands leads to another route, or to a path of our own.
    fn is_clear_on_windows(&self, path: &NormalPath, route: Option<RouteIndex>) -> Result<bool, PathError> {
        let Some(own) = &self.windows else { return Ok(true) };
        Ok(path.windows_readings()?.all(|reading| {
            [LetterCase::Ignored, LetterCase::OrShortName].into_iter().all(|case| {
                self.longest(&reading, case) == route && !own.iter().any(|prefix| prefix.matches_bytes(&reading, case))
            })
        }))
    }

    fn longest(&self, reading: &[u8], case: LetterCase) -> Option<RouteIndex> {
        self.prefixes.iter().find(|(prefix, _)| prefix.matches_bytes(reading, case)).map(|(_, route)| *route)
    }
}
