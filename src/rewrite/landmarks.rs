//! What pages of a site are searched for and linked with: it follows from the configuration alone, so it is made with it.

use std::ops::Range;

use memchr::memchr2_iter;

use super::markup::entities;
use crate::limits::{REWRITE_CHUNK_BYTES, SEARCH_BLOCK_BYTES};

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
    /// Where in it the bytes stand that are looked for first.
    at: usize,
    key: MarkerKey,
}

/// What of a marker is looked for first.
#[derive(Debug, Clone, Copy)]
enum MarkerKey {
    /// Two marks, which have no case, and how far the second is behind the first: few places of a page have both.
    Marks(u8, u8, usize),
    /// So many bytes that are next to each other, as [`folded`].
    Letters([u8; KEY_BYTES]),
}

/// With fewer letters a page has too many places that look like it.
const KEY_BYTES: usize = 4;

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

    /// Whether a text has one of the markers, or spells letters by references or escapes, as a host may be spelled.
    pub(super) fn are_in(&self, text: &[u8]) -> bool {
        self.markers.iter().any(|marker| marker.is_in(text))
            || memchr2_iter(b'&', b'%', text).any(|at| {
                let after = &text[at + 1..];
                if text[at] == b'&' { entities::may_spell_a_host(after) } else { is_escape_of_host(after) }
            })
    }

    /// Whether a name of Sigma's host is in a text, as it is.
    pub(super) fn name_sigma(&self, text: &[u8]) -> bool {
        self.markers.iter().filter(|marker| marker.text != ATTRIBUTE).any(|marker| marker.is_in(text))
    }

    /// How many bytes at the end of a text hold no beginning of what [`are_in`](Self::are_in) looks for, or a few less.
    pub(super) fn quiet_end(&self, text: &[u8]) -> usize {
        let (mut start, mut block) = (text.len(), REWRITE_CHUNK_BYTES);
        while start > 0 && block >= SEARCH_BLOCK_BYTES {
            let before = start.saturating_sub(block);
            if self.are_in(&text[before..text.len().min(start + self.longest)]) {
                block /= 2;
            } else {
                start = before;
            }
        }
        text.len() - start
    }

    /// Whether a URL may lead to Sigma: its host is there, in any case and escaped or not. What is found here is found in a page too,
    /// so that one that is held becomes what it would become as it comes.
    pub(super) fn may_lead_to_sigma(&self, url: &str) -> bool {
        let has_host = |text: &[u8]| {
            let is_in = |host: &String| text.windows(host.len()).any(|part| part.eq_ignore_ascii_case(host.as_bytes()));
            self.sigma_hosts.iter().any(is_in)
        };
        let is_absolute = url.contains("//") || url.contains('\\');
        let names_host = || has_host(url.as_bytes()) || (url.contains('%') && has_host(&unescaped(url.as_bytes())));
        is_absolute && names_host() && !self.is_own_path(url)
    }

    /// Whether a browser stays on the site: `https:/x` and `https:x` are paths to it where the site is of that scheme (URL 4.4).
    pub(super) fn is_own_path(&self, url: &str) -> bool {
        let scheme = self.site_origin.split_inclusive(':').next().unwrap_or_default();
        let url = url.trim_start_matches(|c: char| c <= ' ');
        // Tabs and line ends are not there.
        let mut seen = url.bytes().filter(|byte| !matches!(byte, b'\t' | b'\n' | b'\r'));
        let is_of_scheme = scheme.bytes().all(|own| seen.next().is_some_and(|byte| byte.eq_ignore_ascii_case(&own)));
        let mut is_slash = || seen.next().is_some_and(|byte| matches!(byte, b'/' | b'\\'));
        is_of_scheme && !(is_slash() && is_slash())
    }

    /// The length of the longest marker; a reference that counts is no longer.
    pub(super) const fn longest(&self) -> usize {
        self.longest
    }
}

impl Marker {
    fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let is_mark = |byte: u8| !byte.is_ascii_alphabetic();
        let (first, last) = (text.bytes().position(is_mark), text.bytes().rposition(is_mark));
        if let (Some(first), Some(last)) = (first, last)
            && first < last
        {
            let key = MarkerKey::Marks(text.as_bytes()[first], text.as_bytes()[last], last - first);
            return Self { text, at: first, key };
        }
        // Around a mark there are fewer places that look alike than among letters.
        let at = first.unwrap_or_default().min(text.len().saturating_sub(KEY_BYTES));
        let key = std::array::from_fn(|index| folded(text.as_bytes().get(at + index).copied().unwrap_or_default()));
        Self { text, at, key: MarkerKey::Letters(key) }
    }

    /// Block by block without a branch, as processors like it; only a block that has the key is looked at byte by byte, and so is what
    /// is behind the last one.
    fn is_in(&self, text: &[u8]) -> bool {
        let may_begin = |mut places: Range<usize>| places.any(|place| self.is_at(text, place));
        let mut start = 0;
        while self.text.len() >= KEY_BYTES
            && let Some(has_key) = self.key.is_in_block(&text[start..])
        {
            let end = start + SEARCH_BLOCK_BYTES;
            if has_key && may_begin(start..end) {
                return true;
            }
            start = end;
        }
        may_begin(start..text.len())
    }

    /// Whether the text is there whose key stands at `place`.
    fn is_at(&self, text: &[u8], place: usize) -> bool {
        let start = place.checked_sub(self.at);
        let part = start.and_then(|start| text.get(start..start + self.text.len()));
        part.is_some_and(|part| part.eq_ignore_ascii_case(self.text.as_bytes()))
    }
}

impl MarkerKey {
    /// Whether it begins somewhere in the first block; none: there is no whole block, with what has to be behind it. Of a fixed length,
    /// so that compilers make of it what takes many bytes at a time.
    fn is_in_block(self, text: &[u8]) -> Option<bool> {
        let block = |behind: usize| text.get(behind..)?.first_chunk::<SEARCH_BLOCK_BYTES>();
        let found = match self {
            Self::Marks(first, last, distance) => {
                let places = block(0)?.iter().zip(block(distance)?);
                places.fold(0, |found, (a, b)| found | (u8::from(*a == first) & u8::from(*b == last)))
            }
            Self::Letters([first, second, third, fourth]) => {
                let places = block(0)?.iter().zip(block(1)?).zip(block(2)?.iter().zip(block(3)?));
                places.fold(0, |found, ((a, b), (c, d))| {
                    let is_here =
                        (folded(*a) == first) & (folded(*b) == second) & (folded(*c) == third) & (folded(*d) == fourth);
                    found | u8::from(is_here)
                })
            }
        };
        Some(found != 0)
    }
}

/// What follows a `%`: an escape of what a host can have, which nobody needs to escape.
fn is_escape_of_host(after: &[u8]) -> bool {
    escaped(after).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':'))
}

fn escaped(after: &[u8]) -> Option<u8> {
    let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

fn unescaped(url: &[u8]) -> Vec<u8> {
    let (mut text, mut rest) = (Vec::with_capacity(url.len()), url);
    while let Some((first, after)) = rest.split_first() {
        let meant = escaped(after).filter(|_| *first == b'%');
        text.push(meant.unwrap_or(*first));
        rest = if meant.is_some() { &after[2..] } else { after };
    }
    text
}

/// Letters in lower case; a few marks fall together, which the whole text tells apart.
const fn folded(byte: u8) -> u8 {
    byte | 0x20
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_in(text: &str) -> bool {
        let sigma = ["https://app.sigmacomputing.com", "http://localhost:9000", "http://x.y"].map(str::to_owned);
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
            "https://app%2Esigmacomputing.com",
            "https://app&#37;2esigmacomputing.com",
            "https://app&percnt;2esigmacomputing.com",
            "https://%61pp.sigmacomputing.com",
        ] {
            assert!(are_in(text), "{text}");
        }
    }

    #[test]
    fn a_marker_is_found_wherever_it_stands_and_not_where_it_is_cut() {
        for marker in ["Data-Sigma-Embed", "App.SigmaComputing.com", "LOCALHOST", "X.y"] {
            for before in [0, 1, 250, 251, 252, 253, 254, 255, 256, 257, 511, 512, 1000] {
                let text = format!("{}{marker}", "-".repeat(before));
                assert!(are_in(&text), "{before} {marker}");
                assert!(are_in(&format!("{text}--")), "{before} {marker}");
                assert!(!are_in(&text[..text.len() - 1]), "{before} {marker}");
            }
        }
    }

    #[test]
    fn the_end_of_a_text_is_quiet_up_to_the_last_marker() {
        let sigma = ["https://app.sigmacomputing.com".to_owned()];
        let landmarks = Landmarks::new("/sigma".to_owned(), "https://crm.test".to_owned(), &sigma);
        let length = 3 * REWRITE_CHUNK_BYTES + 5;
        assert_eq!(landmarks.quiet_end(&vec![b'-'; length]), length);
        for marker in ["data-sigma-embed", "app.sigmacomputing.com", "&#000000046;", "%2E"] {
            for start in (0..3).flat_map(|piece| (0..40).map(move |at| piece * REWRITE_CHUNK_BYTES + at)) {
                let mut text = vec![b'-'; length];
                text[start..start + marker.len()].copy_from_slice(marker.as_bytes());
                let (noisy, behind) = (length - landmarks.quiet_end(&text), start + marker.len());
                assert!(start < noisy && noisy <= behind + SEARCH_BLOCK_BYTES, "{marker} {start}: {noisy}");
            }
        }
    }

    #[test]
    fn one_slash_behind_the_sites_own_scheme_is_a_path_of_the_site() {
        let landmarks = Landmarks::new("/sigma".to_owned(), "https://crm.test".to_owned(), &[]);
        for (value, expected) in [
            ("https:/x", true),
            ("HTTPS:x", true),
            (" https:\t/x", true),
            ("ht\ntps:x", true),
            ("https:\\x", true),
            ("https://x", false),
            ("https:\\\\x", false),
            ("https:/\t/x", false),
            ("ht\ttps://x", false),
            ("http:/x", false),
            ("/x", false),
            ("", false),
        ] {
            assert_eq!(landmarks.is_own_path(value), expected, "{value:?}");
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
            "app.----------------.com",
            "----------------------------------------",
            "it&#39;s &amp; &lt;b&gt; &quot;x&quot; &nbsp;&#160;&#xA0;&#8217;&hellip;&copy;&#x27; & && &; &#; &#x;",
            "?a=1&b=2&region=x&#top",
            "width=100% height=50%; a%20b%2Fc%3F%C3%A9%zz%2",
        ] {
            assert!(!are_in(text), "{text}");
        }
    }
}
