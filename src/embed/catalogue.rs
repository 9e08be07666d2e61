//! The catalogue: organizations and embeds, and which Sigma URL is which embed.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::{SigmaUrl, View};
use crate::{policy::MappingName, secret::Secret};

/// A Sigma organization's name in URLs, and the name of its `[sigma.SLUG]` table.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(pub String);

/// The name of an `[embed.NAME]` table: 1 to 64 characters of `A-Za-z0-9_-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmbedName(pub String);

/// A checked `[sigma.SLUG]` table.
#[derive(Debug, Clone)]
pub struct Organization {
    /// Its slug.
    pub slug: Slug,
    /// The embed client id (`kid` and `iss`).
    pub client_id: String,
    /// The embed secret: signs as text, never decoded.
    pub secret: Secret,
    /// Sigma's origin, `https://app.sigmacomputing.com` unless configured; path `/`.
    pub base_url: Url,
    /// `exp - iat`.
    pub session_length: std::time::Duration,
    /// Whether `given_name` and `family_name` become `first_name` and `last_name`.
    pub names: bool,
}

/// Who may see an embed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allow {
    /// Everybody who has a mapping result.
    Mapped,
    /// Who matches one of these mappings.
    Mappings(BTreeSet<MappingName>),
}

/// What a top-level visit of the stable link gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenAs {
    /// Our page that holds the frame.
    Page,
    /// 303 to Sigma.
    Redirect,
}

/// What an embed shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbedTarget {
    /// One document, page or element.
    One(SigmaUrl),
    /// `…/workbook/*`: any workbook of the organization.
    AnyWorkbook(Slug),
}

/// A checked `[embed.NAME]` table.
#[derive(Debug, Clone)]
pub struct Embed {
    /// Its name.
    pub name: EmbedName,
    /// What it shows.
    pub target: EmbedTarget,
    /// Who may see it.
    pub allow: Allow,
    /// What a top-level visit gets.
    pub open: OpenAs,
    /// Sigma's interface parameters, without the colon, in configuration order.
    pub parameters: Vec<(String, String)>,
    /// Control values, in configuration order.
    pub controls: Vec<(String, String)>,
    /// Controls that a page or link may set itself.
    pub page_controls: BTreeSet<String>,
    /// Whether it is shown at all.
    pub enabled: bool,
}

/// Organizations and embeds.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    /// By slug.
    pub organizations: BTreeMap<Slug, Organization>,
    /// By name.
    pub embeds: BTreeMap<EmbedName, Embed>,
}

impl Catalogue {
    /// The embed of that name.
    #[must_use]
    pub fn by_name(&self, _name: &str) -> Option<&Embed> {
        todo!()
    }

    /// The organization of an embed; `config` has checked that there is one.
    #[must_use]
    pub fn organization_of(&self, _embed: &Embed) -> Option<&Organization> {
        todo!()
    }

    /// Which embed, among `names`, a URL found in a page is; an exact target wins over a wildcard.
    ///
    /// The URL's host must be the organization's `base_url`. Controls survive only if `page_controls` names them; other
    /// parameters that start with `:` are dropped.
    #[must_use]
    pub fn by_url(&self, _url: &str, _names: &BTreeSet<EmbedName>) -> Option<(&Embed, View)> {
        todo!()
    }
}
