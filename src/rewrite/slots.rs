//! Where embeds go in a site's answers, as the configuration says it.

use std::{collections::BTreeSet, sync::Arc};

use super::{JsonPath, Landmarks, ScriptTag, markup::entities};
use crate::{
    embed::{Catalogue, Delivery, EmbedName},
    request::Prefix,
};

/// Where an inserted embed goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InsertPlace {
    /// As the last child of the element.
    Append,
    /// In place of the element's children.
    Replace,
}

/// A checked `[[site.insert]]`.
#[derive(Debug, Clone)]
pub(crate) struct Insert {
    /// On which paths.
    pub(crate) path: Prefix,
    /// Which element; the first match of a page is used.
    pub(crate) selector: Selector,
    /// Where.
    pub(crate) place: InsertPlace,
    /// Which embed.
    pub(crate) embed: EmbedName,
    /// Values of controls, which the embed lets a page set.
    pub(crate) controls: Vec<(String, String)>,
    /// The frame around it.
    pub(crate) frame: InsertFrame,
}

/// The frame that an insert brings along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InsertFrame {
    /// Its height in CSS pixels.
    pub(crate) height: u32,
    /// What it is called for those who do not see it.
    pub(crate) title: String,
    /// Its classes.
    pub(crate) class: Option<String>,
}

/// What becomes of a page's own Content-Security-Policy where it lets no frame of the site itself in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameSrc {
    /// It stays as it is, with a note.
    Keep,
    /// It gets `'self'` for frames.
    Extend,
}

/// A CSS selector that the rewriter can follow while it streams, parsed once.
#[derive(Clone)]
pub(crate) struct Selector {
    text: String,
    parsed: Arc<lol_html::Selector>,
}

/// What is wrong with a selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("selector: {0}")]
pub(crate) struct SelectorError(pub(crate) String);

/// A checked `[[site.json]]`.
#[derive(Debug, Clone)]
pub(crate) struct JsonRule {
    /// On which paths.
    pub(crate) path: Prefix,
    /// Which values.
    pub(crate) select: Arc<JsonPath>,
}

/// What of a site's answers is rewritten, as the site's tables say it.
#[derive(Debug, Clone)]
pub(crate) struct RewriteRules {
    /// How embeds are delivered.
    pub(crate) delivery: Delivery,
    /// What becomes of a page's policy that blocks its embeds.
    pub(crate) frame_src: FrameSrc,
    /// Embeds that may appear; none: every answer passes untouched.
    pub(crate) embeds: BTreeSet<EmbedName>,
    /// Whether its documents get the script that turns Sigma URLs of their own code into stable links.
    pub(crate) script: bool,
    /// Elements that get an embed.
    pub(crate) inserts: Vec<Arc<Insert>>,
    /// JSON values that may be embeds.
    pub(crate) json: Vec<JsonRule>,
}

/// What of a site's answers is rewritten, with all that follows from that: made with the configuration, shared by its answers.
#[derive(Debug)]
pub(crate) struct SiteRewrite {
    rules: RewriteRules,
    catalogue: Arc<Catalogue>,
    landmarks: Arc<Landmarks>,
    script: Option<ScriptTag>,
}

impl Selector {
    /// Parses a selector.
    ///
    /// # Errors
    /// For what lol_html cannot follow.
    pub(crate) fn parse(text: &str) -> Result<Self, SelectorError> {
        let parsed = text.parse::<lol_html::Selector>().map_err(|error| SelectorError(error.to_string()))?;
        Ok(Self { text: text.to_owned(), parsed: Arc::new(parsed) })
    }

    /// The parsed selector.
    pub(super) fn parsed(&self) -> &lol_html::Selector {
        &self.parsed
    }

    /// The selector as written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl InsertFrame {
    /// The frame, with this (encoded) `src`.
    pub(super) fn markup(&self, src: &str) -> String {
        let class = self.class.as_ref().map(|class| format!(" class=\"{}\"", entities::encode(class)));
        let (title, height) = (entities::encode(&self.title), self.height);
        let class = class.unwrap_or_default();
        format!("<iframe src=\"{src}\" title=\"{title}\"{class} width=\"100%\" height=\"{height}\"></iframe>")
    }
}

impl std::fmt::Debug for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Selector({:?})", self.text)
    }
}

impl SiteRewrite {
    /// The rules of a site, and what follows from them, from the catalogue, from the prefix of our own paths (`/sigma`) and
    /// from the site's origin (scheme, host and port, without a slash at the end).
    #[must_use]
    pub(crate) fn new(rules: RewriteRules, catalogue: &Arc<Catalogue>, sigma_prefix: &str, site_origin: &str) -> Self {
        let embeds = rules.embeds.iter().filter_map(|name| catalogue.embeds.get(name));
        let organizations = embeds.clone().filter_map(|embed| catalogue.organization_of(embed));
        let origins: BTreeSet<String> = organizations.map(|organization| organization.origin.clone()).collect();
        let is_wanted = rules.script && !rules.embeds.is_empty();
        let script = is_wanted.then(|| ScriptTag::new(embeds.map(Arc::as_ref), &origins, (sigma_prefix, site_origin)));
        let landmarks =
            Landmarks::new(sigma_prefix.to_owned(), site_origin.to_owned(), &origins.into_iter().collect::<Vec<_>>());
        Self { rules, catalogue: Arc::clone(catalogue), landmarks: Arc::new(landmarks), script }
    }

    /// Whether anything of this site's answers may be rewritten.
    #[must_use]
    pub(crate) fn is_idle(&self) -> bool {
        self.rules.embeds.is_empty()
    }

    /// How embeds are delivered.
    #[must_use]
    pub(crate) const fn delivery(&self) -> Delivery {
        self.rules.delivery
    }

    /// The script of its documents, where they get one.
    #[must_use]
    pub(super) const fn script(&self) -> Option<&ScriptTag> {
        self.script.as_ref()
    }

    /// Whether its documents get a script.
    #[cfg(test)]
    pub(crate) const fn has_script(&self) -> bool {
        self.script.is_some()
    }

    /// What becomes of a page's policy that blocks its embeds.
    #[must_use]
    pub(crate) const fn frame_src(&self) -> FrameSrc {
        self.rules.frame_src
    }

    /// Embeds that may appear.
    #[must_use]
    pub(crate) const fn embeds(&self) -> &BTreeSet<EmbedName> {
        &self.rules.embeds
    }

    /// Elements that get an embed.
    #[must_use]
    pub(crate) fn inserts(&self) -> &[Arc<Insert>] {
        &self.rules.inserts
    }

    /// JSON values that may be embeds.
    #[must_use]
    pub(crate) fn json(&self) -> &[JsonRule] {
        &self.rules.json
    }

    /// Organizations and embeds.
    #[must_use]
    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// What its pages are searched for and linked with.
    #[must_use]
    pub(crate) const fn landmarks(&self) -> &Arc<Landmarks> {
        &self.landmarks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_that_can_be_followed_in_a_stream_are_taken() {
        for text in ["div#dashboard", "main > section.card", "[data-slot=\"a b\"]", "td:first-child", "p, li"] {
            assert_eq!(Selector::parse(text).map(|selector| selector.as_str().to_owned()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn selectors_that_need_the_whole_page_are_refused_with_a_reason() {
        for text in ["", "div:has(p)", "h1 + p", "h1 ~ p", "p:last-child", "p::before", "a[", "div >"] {
            assert!(Selector::parse(text).is_err_and(|error| !error.0.is_empty()), "{text}");
        }
    }
}
