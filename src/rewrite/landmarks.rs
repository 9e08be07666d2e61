//! What pages of a site are searched for and linked with: it follows from the configuration alone, so it is made with it.

use memchr::{memchr_iter, memchr2_iter};

use super::entities;

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
    markers: Vec<Marker>,
    longest: usize,
}

/// A text in any case.
#[derive(Debug, Clone)]
struct Marker {
    text: String,
    /// Where its first byte stands that is no letter, and so has no case; else its first byte.
    anchor: usize,
}

impl Landmarks {
    /// The landmarks of a site.
    #[must_use]
    pub(crate) fn new(sigma_prefix: String, site_origin: String, sigma_origins: &[String]) -> Self {
        let sigma_hosts: Vec<String> =
            sigma_origins.iter().filter_map(|origin| origin.split("://").last().map(str::to_owned)).collect();
        let hosts = sigma_hosts.iter().filter_map(|host| host.split(':').next());
        let markers: Vec<Marker> = std::iter::once(ATTRIBUTE).chain(hosts).map(Marker::new).collect();
        let longest = markers.iter().map(|marker| marker.text.len()).max().unwrap_or_default();
        Self { sigma_prefix, site_origin, sigma_hosts, markers, longest }
    }

    /// Whether a text has one of the markers, or spells letters by references, as a host may be spelled.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        self.markers.iter().any(|marker| marker.is_in(text))
            || memchr_iter(b'&', text).any(|at| entities::may_spell_a_host(&text[at + 1..]))
    }

    /// The length of the longest marker; a reference that counts is no longer.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }
}

impl Marker {
    fn new(text: &str) -> Self {
        let anchor = text.bytes().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or_default();
        Self { text: text.to_ascii_lowercase(), anchor }
    }

    fn is_in(&self, text: &[u8]) -> bool {
        let (length, anchor) = (self.text.len(), self.text.as_bytes()[self.anchor]);
        let is_here = |at: usize| {
            let start = at.checked_sub(self.anchor);
            let part = start.and_then(|start| text.get(start..start + length));
            part.is_some_and(|part| part.eq_ignore_ascii_case(self.text.as_bytes()))
        };
        if anchor.is_ascii_alphabetic() {
            memchr2_iter(anchor, anchor.to_ascii_uppercase(), text).any(is_here)
        } else {
            memchr_iter(anchor, text).any(is_here)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_in(text: &str) -> bool {
        let sigma = ["https://app.sigmacomputing.com".to_owned(), "http://localhost:9000".to_owned()];
        Landmarks::new("/sigma".to_owned(), "https://crm.test".to_owned(), &sigma).are_in(text.as_bytes())
    }

    #[test]
    fn a_marker_is_found_in_any_case_and_spelling() {
        for text in [
            "<iframe data-sigma-embed>",
            "<iframe Data-Sigma-EMBED=x>",
            "DATA-SIGMA-EMBED",
            "--data--data-sigma-embed",
            "https://app.sigmacomputing.com/",
            "HTTPS://App.SigmaComputing.COM/",
            "a.app.sigmacomputing.com",
            "http://LocalHost:9000",
            "https://app&#46;sigmacomputing.com",
            "https://app&#x2E;sigmacomputing.com",
            "https://app&period;sigmacomputing.com",
            "https://&#97;pp.sigmacomputing.com",
            "https://app&#000000046;sigmacomputing.com",
        ] {
            assert!(are_in(text), "{text}");
        }
    }

    #[test]
    fn what_pages_have_everywhere_is_no_marker() {
        for text in [
            "",
            "-",
            "data-sigma-embe",
            "ata-sigma-embed",
            "data_sigma_embed",
            "app.sigmacomputing.co",
            "localhos",
            "it&#39;s &amp; &lt;b&gt; &quot;x&quot; &nbsp;&#160;&#xA0;&#8217;&hellip;&copy;&#x27; & && &; &#; &#x;",
            "?a=1&b=2&region=x&#top",
        ] {
            assert!(!are_in(text), "{text}");
        }
    }
}
