//! The one tag that pages of a site with `script = true` get, and whether a page's own policy lets it run.
//!
//! In: what the site shows, and the policies of a head. Out: the tag, with the page's nonce where it has one. Nothing in it is
//! about a person.

use std::{collections::BTreeSet, fmt::Write as _};

use http::HeaderValue;
use url::Url;

use super::{source::allows, sources_of};
use crate::{
    embed::{Embed, EmbedPrint},
    request::PAGE_SCRIPT,
    rewrite::Note,
};

/// The tag of a site's pages.
#[derive(Debug, Clone)]
pub(crate) struct ScriptTag {
    /// All of the start tag up to where a nonce goes.
    start: String,
    /// The script's URL, and the site's.
    url: Option<(Url, Url)>,
}

/// What a page gets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum PageScript {
    /// None: the site or the request wants none.
    #[default]
    None,
    /// None: the page's own policy would not let it run.
    Blocked,
    /// This tag.
    Tag(String),
}

impl PageScript {
    /// What is noted of it.
    pub(in crate::rewrite) const fn note(&self) -> Option<Note> {
        match self {
            Self::Blocked => Some(Note::CspBlocksScript),
            Self::None | Self::Tag(_) => None,
        }
    }
}

impl ScriptTag {
    /// The tag of a site that shows these embeds; `origins` are those of their organizations.
    #[must_use]
    pub(in crate::rewrite) fn new<'e>(
        embeds: impl Iterator<Item = &'e Embed>,
        origins: &BTreeSet<String>,
        (sigma_prefix, site_origin): (&str, &str),
    ) -> Self {
        let prints: BTreeSet<EmbedPrint> = embeds.map(EmbedPrint::of).collect();
        let prints: Vec<String> = prints.iter().map(EmbedPrint::to_string).collect();
        let origins: Vec<&str> = origins.iter().map(String::as_str).collect();
        let path = format!("{sigma_prefix}{PAGE_SCRIPT}");
        // Prefixes, origins and prints hold nothing that could end an attribute.
        let start = format!(
            "<script src=\"{path}\" data-origins=\"{}\" data-embeds=\"{}\"",
            origins.join(" "),
            prints.join(" ")
        );
        let url = Url::parse(site_origin).and_then(|site| Ok((site.join(&path)?, site))).ok();
        Self { start, url }
    }

    /// What a page with these policies gets.
    #[must_use]
    pub(in crate::rewrite) fn under<'l>(&self, lines: impl IntoIterator<Item = &'l HeaderValue>) -> PageScript {
        let lines: Vec<_> = lines.into_iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
        let policies: Vec<Vec<&str>> = lines.iter().flat_map(|line| line.split(',')).flat_map(lists).collect();
        let nonces = policies.iter().flatten().filter_map(|source| nonce(source));
        let mut candidates = nonces.map(Some).chain([None]);
        match candidates.find(|nonce| policies.iter().all(|sources| self.may_run(sources, *nonce))) {
            Some(nonce) => PageScript::Tag(self.tag(nonce)),
            None => PageScript::Blocked,
        }
    }

    fn tag(&self, nonce: Option<&str>) -> String {
        let mut tag = self.start.clone();
        if let Some(nonce) = nonce {
            let _ = write!(tag, " nonce=\"{nonce}\"");
        }
        tag.push_str("></script>");
        tag
    }

    /// A script that stands in the page and comes from a URL (CSP 3, 6.7.1.1).
    fn may_run(&self, sources: &[&str], nonce: Option<&str>) -> bool {
        let is_strict = sources.iter().any(|source| source.eq_ignore_ascii_case("'strict-dynamic'"));
        sources.iter().any(|source| {
            let has_nonce = nonce.is_some() && self::nonce(source) == nonce;
            let is_source = || self.url.as_ref().is_some_and(|(url, site)| !is_strict && allows(source, url, site));
            has_nonce || is_source()
        })
    }
}

/// The source lists of one policy that a script has to pass. A sandbox without scripts lets none in.
fn lists(policy: &str) -> Vec<Vec<&str>> {
    let scripts = sources_of(policy, &["script-src-elem", "script-src", "default-src"]);
    let is_sandboxed = sources_of(policy, &["sandbox"])
        .is_some_and(|flags| !flags.iter().any(|flag| flag.eq_ignore_ascii_case("allow-scripts")));
    scripts.into_iter().chain(is_sandboxed.then(Vec::new)).collect()
}

/// The nonce of a source expression, if its value is base64 (CSP 3, 2.3.1), so that it can stand in an attribute.
fn nonce(source: &str) -> Option<&str> {
    let (start, rest) = source.split_at_checked("'nonce-".len())?;
    let value = rest.strip_suffix('\'').filter(|_| start.eq_ignore_ascii_case("'nonce-"))?;
    let is_base64 = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte));
    (is_base64 && !value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::tests::{any_workbook, revenue};

    fn page(policies: &[&'static str]) -> PageScript {
        let lines: Vec<HeaderValue> = policies.iter().map(|policy| HeaderValue::from_static(policy)).collect();
        let (one, any) = (revenue(), any_workbook());
        let origins = BTreeSet::from(["https://app.sigmacomputing.com".to_owned()]);
        let tag = ScriptTag::new([&one, &any].into_iter(), &origins, ("/sigma", "https://crm.example.com"));
        tag.under(&lines)
    }

    fn tag(nonce: &str) -> PageScript {
        let (one, any) = (EmbedPrint::of(&revenue()), EmbedPrint::of(&any_workbook()));
        let (first, second) = (one.min(any), one.max(any));
        PageScript::Tag(format!(
            "<script src=\"/sigma/links.js\" data-origins=\"https://app.sigmacomputing.com\" data-embeds=\"{first} \
             {second}\"{nonce}></script>"
        ))
    }

    #[test]
    fn a_tag_has_the_origins_and_prints_of_the_site_and_runs_where_the_policy_lets_the_site_in() {
        for policies in [
            &[][..],
            &["frame-src 'none'"],
            &["script-src 'self'"],
            &["default-src https:"],
            &["script-src https://crm.example.com/sigma/"],
            &["script-src 'none'; script-src-elem 'self'"],
            &["script-src 'self', default-src *"],
            &["sandbox allow-scripts allow-forms"],
        ] {
            assert_eq!(page(policies), tag(""), "{policies:?}");
        }
    }

    #[test]
    fn a_tag_has_the_nonce_that_all_policies_take() {
        for policies in [
            &["script-src 'nonce-abc+/=' 'strict-dynamic'"][..],
            &["script-src 'Nonce-abc+/='"],
            &["default-src 'none'; script-src 'nonce-abc+/='"],
            &["script-src 'nonce-other' 'self'", "script-src 'nonce-abc+/='"],
            &["script-src 'nonce-abc+/=', script-src 'self'"],
        ] {
            assert_eq!(page(policies), tag(" nonce=\"abc+/=\""), "{policies:?}");
        }
    }

    #[test]
    fn a_policy_that_would_not_let_it_run_gets_none() {
        for policies in [
            &["script-src 'none'"][..],
            &["default-src 'none'"],
            &["script-src"],
            &["script-src 'unsafe-inline' https://cdn.example.com"],
            &["script-src 'self' 'strict-dynamic'"],
            &["script-src 'nonce-\">'"],
            &["script-src 'nonce-a'", "script-src 'nonce-b'"],
            &["script-src 'sha256-abc='"],
            &["script-src https://crm.example.com/js/"],
            &["sandbox allow-forms"],
        ] {
            assert_eq!(page(policies), PageScript::Blocked, "{policies:?}");
        }
    }
}
