//! Where embeds go in a site's answers, as the configuration says it.

use std::collections::BTreeSet;

use super::JsonPath;
use crate::{
    embed::{Delivery, EmbedName},
    request::Prefix,
};

/// Where an inserted embed goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
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
    pub place: Place,
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
    pub fn parse(_text: &str) -> Result<Self, SelectorError> {
        todo!()
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
