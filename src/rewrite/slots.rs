//! Where embeds go in a site's answers, as the configuration says it.

use std::collections::BTreeSet;

use super::JsonPath;
use crate::{
    embed::{Delivery, EmbedName},
    request::Prefix,
};

/// Where an inserted embed goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsertPlace {
    /// As the last child of the element.
    Append,
    /// In place of the element's children.
    Replace,
}

/// A checked `[[site.insert]]`.
#[derive(Debug, Clone)]
pub struct Insert {
    /// On which paths.
    pub path: Prefix,
    /// Which element; the first match of a page is used.
    pub selector: Selector,
    /// Where.
    pub place: InsertPlace,
    /// Which embed.
    pub embed: EmbedName,
}

/// A CSS selector that the rewriter can follow while it streams, parsed once.
#[derive(Clone)]
pub struct Selector {
    text: String,
    parsed: std::sync::Arc<lol_html::Selector>,
}

/// What is wrong with a selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("selector: {0}")]
pub struct SelectorError(pub String);

/// A checked `[[site.json]]`.
#[derive(Debug, Clone)]
pub struct JsonRule {
    /// On which paths.
    pub path: Prefix,
    /// Which values.
    pub select: JsonPath,
}

/// What of a site's answers is rewritten.
#[derive(Debug, Clone)]
pub struct SiteRewrite {
    /// How embeds are delivered.
    pub delivery: Delivery,
    /// Embeds that may appear; none: every answer passes untouched.
    pub embeds: BTreeSet<EmbedName>,
    /// Elements that get an embed.
    pub inserts: Vec<Insert>,
    /// JSON values that may be embeds.
    pub json: Vec<JsonRule>,
}

impl Selector {
    /// Parses a selector.
    ///
    /// # Errors
    /// For what lol_html cannot follow.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let parsed = text.parse::<lol_html::Selector>().map_err(|error| SelectorError(error.to_string()))?;
        Ok(Self { text: text.to_owned(), parsed: std::sync::Arc::new(parsed) })
    }

    /// The parsed selector.
    pub(super) fn parsed(&self) -> &lol_html::Selector {
        &self.parsed
    }

    /// The selector as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Debug for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Selector({:?})", self.text)
    }
}

impl SiteRewrite {
    /// Whether anything of this site's answers may be rewritten.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.embeds.is_empty()
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
