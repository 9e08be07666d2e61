//! The page's own Content-Security-Policy: read, and extended, for frames, only where the site says so.
//!
//! In: the policies of a head and of the page's `<meta>` elements, and the URL of a frame. Out: whether the page may show it
//! (CSP 3, 6.1.6 and 6.8), by one reader for all who ask. Report-only policies do not count. Always: what cannot be understood
//! lets nothing in.

mod script;
mod source;

use std::ops::Range;

use http::{HeaderMap, HeaderValue, header};
use url::Url;

pub(crate) use self::script::{PageScript, ScriptTag};
use self::source::allows;
use crate::{limits::META_POLICIES_MAX, request::STABLE_LINKS, rewrite::Landmarks};

/// What the policies of a page say of its frames.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FramePolicies {
    /// The source lists; each of them must let a frame in.
    lists: Vec<String>,
    /// The same for `object` and `embed`.
    objects: Vec<String>,
    of_meta: usize,
}

/// A directive of a policy.
struct Directive {
    is_of_frames: bool,
    /// Where its name and its sources stand in the policy.
    whole: Range<usize>,
    sources: Range<usize>,
}

impl FramePolicies {
    /// The policies of a head.
    #[must_use]
    pub(crate) fn of_head<'l>(lines: impl IntoIterator<Item = &'l HeaderValue>) -> Self {
        let mut policies = Self::default();
        for line in lines {
            String::from_utf8_lossy(line.as_bytes()).split(',').for_each(|policy| policies.add(policy));
        }
        policies
    }

    /// One more, of a `<meta>`, where a comma parts nothing (HTML 4.2.5.3). More of them than [`META_POLICIES_MAX`] let no
    /// frame in.
    pub(super) fn add_meta(&mut self, policy: &str) {
        if self.of_meta <= META_POLICIES_MAX {
            self.of_meta += 1;
            self.add(if self.of_meta <= META_POLICIES_MAX { policy } else { "frame-src 'none'; object-src 'none'" });
        }
    }

    fn add(&mut self, policy: &str) {
        let sources = |directive: Directive| policy[directive.sources].to_owned();
        self.lists.extend(governing(policy).map(sources));
        self.objects.extend(first_of(policy, &["object-src", "default-src"]).map(sources));
    }

    /// Whether a page of the origin `page` may show `url` in a frame.
    #[must_use]
    pub(crate) fn may_frame(&self, url: &str, page: &str) -> bool {
        may_show(&self.lists, url, page)
    }

    /// The same for an `object` or an `embed`.
    #[must_use]
    pub(super) fn may_object(&self, url: &str, page: &str) -> bool {
        may_show(&self.objects, url, page)
    }
}

fn may_show(lists: &[String], url: &str, page: &str) -> bool {
    if lists.is_empty() {
        return true;
    }
    let (Ok(url), Ok(page)) = (Url::parse(url), Url::parse(page)) else { return false };
    lists.iter().all(|list| list.split_ascii_whitespace().any(|source| allows(source, &url, &page)))
}

/// The `Content-Security-Policy` lines of a head, changed so that each lets stable links of the site into frames; `None`
/// where all do, or where a line cannot be read.
#[must_use]
pub(super) fn extended(headers: &HeaderMap, landmarks: &Landmarks) -> Option<Vec<HeaderValue>> {
    let lines: Vec<&HeaderValue> = headers.get_all(header::CONTENT_SECURITY_POLICY).iter().collect();
    let page = &landmarks.site_origin;
    let link = format!("{page}{}{STABLE_LINKS}", landmarks.sigma_prefix);
    let line = |line: &&HeaderValue| {
        let policies: Vec<String> =
            line.to_str().ok()?.split(',').map(|policy| with_self(policy, &link, page)).collect();
        HeaderValue::from_str(&policies.join(",")).ok()
    };
    let changed: Vec<HeaderValue> = lines.iter().map(line).collect::<Option<_>>()?;
    let is_changed = changed.iter().zip(&lines).any(|(new, old)| new != *old);
    is_changed.then_some(changed)
}

/// A policy that lets its own origin into frames, and is else as it was: `'self'` comes to `frame-src`. What `child-src` and
/// `default-src` say holds for workers and scripts too, so a `frame-src` with the same sources goes beside them.
fn with_self(policy: &str, link: &str, page: &str) -> String {
    let mut alone = FramePolicies::default();
    alone.add(policy);
    let Some(directive) = governing(policy).filter(|_| !alone.may_frame(link, page)) else { return policy.to_owned() };
    let sources = || policy[directive.sources.clone()].split_ascii_whitespace();
    if !directive.is_of_frames {
        // Nonces, hashes and the other words mean nothing for frames.
        let sources = sources().filter(|source| !source.starts_with('\'')).chain(["'self'"]);
        let kept = policy.trim_end().trim_end_matches(';');
        return format!("{kept}; frame-src {}", sources.collect::<Vec<_>>().join(" "));
    }
    let (before, after) = (&policy[..directive.whole.end], &policy[directive.whole.end..]);
    // Beside another source `'none'` is passed over, and browsers complain of it.
    let is_none = |source: &str| source.eq_ignore_ascii_case("'none'");
    if !sources().any(is_none) {
        return format!("{before} 'self'{after}");
    }
    let sources = sources().filter(|source| !is_none(source)).chain(["'self'"]);
    format!("{}{}{after}", &policy[..directive.sources.start], sources.collect::<Vec<_>>().join(" "))
}

/// The directive of a policy that speaks of frames (6.8.3).
fn governing(policy: &str) -> Option<Directive> {
    first_of(policy, &["frame-src", "child-src", "default-src"])
}

/// The sources of the first of these directives that a policy has; `None` where it has none of them.
pub(super) fn sources_of<'p>(policy: &'p str, names: &[&str]) -> Option<Vec<&'p str>> {
    first_of(policy, names).map(|directive| policy[directive.sources].split_ascii_whitespace().collect())
}

/// The first of these directives that a policy has. Of several with one name the first counts (2.2.1).
fn first_of(policy: &str, names: &[&str]) -> Option<Directive> {
    names.iter().find_map(|name| {
        let mut at = 0;
        policy.split(';').find_map(|text| {
            let start = at + (text.len() - text.trim_ascii_start().len());
            at += text.len() + 1;
            let text = text.trim_ascii();
            let end = text.find(|c: char| c.is_ascii_whitespace()).unwrap_or(text.len());
            let skipped = text[end..].len() - text[end..].trim_ascii_start().len();
            text[..end].eq_ignore_ascii_case(name).then(|| Directive {
                is_of_frames: *name == "frame-src",
                whole: start..start + text.len(),
                sources: start + end + skipped..start + text.len(),
            })
        })
    })
}
