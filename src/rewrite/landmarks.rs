//! What pages of a site are searched for and linked with: it follows from the configuration alone, so it is made with it.

use memchr::memmem::Finder;

/// The attribute that names an embed.
const ATTRIBUTE: &str = "data-sigma-embed";

/// The addresses of a site and of Sigma, and the texts of which a page with a slot has at least one.
#[derive(Debug, Clone)]
pub(crate) struct Landmarks {
    /// The prefix of our own paths, `/sigma`.
    pub(super) sigma_prefix: String,
    /// Scheme, host and port of the site, without a slash at the end.
    pub(super) site_origin: String,
    /// The hosts, with ports, of the Sigma organizations whose embeds the site may show: a URL without one is not worth a
    /// question.
    pub(super) sigma_hosts: Vec<String>,
    finders: Vec<Finder<'static>>,
    longest: usize,
}

impl Landmarks {
    /// The landmarks of a site.
    #[must_use]
    pub(crate) fn new(sigma_prefix: String, site_origin: String, sigma_origins: &[String]) -> Self {
        let sigma_hosts: Vec<String> =
            sigma_origins.iter().filter_map(|origin| origin.split("://").last().map(str::to_owned)).collect();
        let hosts = sigma_hosts.iter().filter_map(|host| host.split(':').next());
        let markers: Vec<&str> = std::iter::once(ATTRIBUTE).chain(hosts).collect();
        // In lower and in upper case, as templates write them.
        let texts = markers.iter().flat_map(|marker| [marker.to_ascii_lowercase(), marker.to_ascii_uppercase()]);
        let finders = texts.map(|text| Finder::new(text.as_bytes()).into_owned()).collect();
        let longest = markers.iter().map(|marker| marker.len()).max().unwrap_or_default();
        Self { sigma_prefix, site_origin, sigma_hosts, finders, longest }
    }

    /// Whether a text has one of the markers.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        self.finders.iter().any(|finder| finder.find(text).is_some())
    }

    /// The length of the longest marker.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }

    /// The markers, each in lower and in upper case.
    #[cfg(test)]
    pub(super) fn markers(&self) -> Vec<&str> {
        self.finders.iter().filter_map(|finder| std::str::from_utf8(finder.needle()).ok()).collect()
    }
}
