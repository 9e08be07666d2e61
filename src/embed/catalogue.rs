//! The catalogue: organizations and embeds, and which Sigma URL is which embed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use url::Url;

use super::{
    DocumentKind, SigmaUrl, SigmaUrlError, SigningKey, Slug, View,
    parameters::{InterfaceParameters, controls_of, has_parameter},
    sigma_url::may_be_at,
};
use crate::{name::kind_of_name, policy::MappingName};

kind_of_name! {
    /// The name of an `[embed.NAME]` table.
    EmbedName
}

/// A checked `[sigma.SLUG]` table.
#[derive(Debug, Clone)]
pub(crate) struct Organization {
    /// Its slug.
    pub(crate) slug: Slug,
    /// The embed client id (`kid` and `iss`).
    pub(crate) client_id: String,
    /// The embed secret, prepared to sign with.
    pub(crate) key: SigningKey,
    /// Where Sigma is, `https://app.sigmacomputing.com` unless configured; path `/`.
    pub(crate) base_url: Url,
    /// The origin of `base_url`, as browsers write it.
    pub(crate) origin: String,
    /// `exp - iat`.
    pub(crate) session_length: std::time::Duration,
    /// Whether `given_name` and `family_name` become `first_name` and `last_name`.
    pub(crate) names: bool,
}

/// Who may see an embed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allow {
    /// Everybody who has a mapping result.
    Mapped,
    /// Who matches one of these mappings.
    Mappings(BTreeSet<MappingName>),
}

/// What a visit of the stable link gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenAs {
    /// The embed page.
    Page,
    /// 303 to Sigma.
    Redirect,
}

/// What visits of an embed's stable link get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Openings {
    /// At top level.
    pub(crate) at_top: OpenAs,
    /// In a frame.
    pub(crate) in_frame: OpenAs,
}

/// When the embed page puts a new session in place of one that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renew {
    /// Shortly before its end.
    Before,
    /// At its end: until then nothing that is not saved is lost.
    Expiry,
}

/// What an embed shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EmbedTarget {
    /// One document, page or element.
    One(SigmaUrl),
    /// `…/workbook/*`: any workbook of the organization.
    AnyWorkbook(Slug),
}

/// A checked `[embed.NAME]` table.
#[derive(Debug, Clone)]
pub(crate) struct Embed {
    /// Its name.
    pub(crate) name: EmbedName,
    /// What it shows.
    pub(crate) target: EmbedTarget,
    /// Who may see it.
    pub(crate) allow: Allow,
    /// What people read of it: the title of its page and frame.
    pub(crate) title: String,
    /// What visits of its link get.
    pub(crate) opening: Openings,
    /// When its session is renewed.
    pub(crate) renew: Renew,
    /// Whether its frame gets the height of Sigma's page.
    pub(crate) fit: bool,
    /// Sigma's interface parameters.
    pub(crate) parameters: InterfaceParameters,
    /// Control values, in configuration order: in Sigma's syntax, where `,` and `:` separate, and `%2C` is a comma
    /// within a value.
    pub(crate) controls: Vec<(String, String)>,
    /// Controls that a page or link may set itself.
    pub(crate) page_controls: BTreeSet<String>,
    /// Whether it is shown at all.
    pub(crate) enabled: bool,
}

/// Organizations and embeds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Catalogue {
    /// By slug.
    pub(crate) organizations: BTreeMap<Slug, Organization>,
    /// By name.
    pub(crate) embeds: BTreeMap<EmbedName, Arc<Embed>>,
}

impl EmbedTarget {
    /// Parses the `url` of an `[embed.NAME]` table; `…/workbook/*` is any workbook of the organization.
    ///
    /// # Errors
    /// See [`SigmaUrl::parse`].
    pub(crate) fn parse(url: &str, base_url: &Url) -> Result<Self, SigmaUrlError> {
        match SigmaUrl::wildcard(url, base_url) {
            Some(slug) => Ok(Self::AnyWorkbook(slug)),
            None => SigmaUrl::parse(url, base_url).map(Self::One),
        }
    }

    /// The organization.
    #[must_use]
    pub(crate) const fn slug(&self) -> &Slug {
        match self {
            Self::One(url) => &url.slug,
            Self::AnyWorkbook(slug) => slug,
        }
    }

    /// The name of the document in words, where its URL has one.
    #[must_use]
    pub(crate) fn words(&self) -> Option<String> {
        match self {
            Self::One(url) => url.document.words(),
            Self::AnyWorkbook(_) => None,
        }
    }

    fn is_exactly(&self, url: &SigmaUrl) -> bool {
        match self {
            Self::One(own) => own == url,
            Self::AnyWorkbook(_) => false,
        }
    }

    fn takes(&self, url: &SigmaUrl) -> bool {
        match self {
            Self::One(own) => own == url,
            Self::AnyWorkbook(slug) => *slug == url.slug && url.document.kind == DocumentKind::Workbook,
        }
    }
}

impl Embed {
    /// Of a query's parameters the controls that a page or link may set itself; the others are dropped.
    #[must_use]
    pub(crate) fn page_controls_of(&self, query: Option<&str>) -> Vec<(String, String)> {
        controls_of(query, &self.page_controls)
    }
}

impl Catalogue {
    /// The embed of that name.
    #[must_use]
    pub(crate) fn by_name(&self, name: &str) -> Option<&Arc<Embed>> {
        self.embeds.get(name)
    }

    /// The organization of an embed; `config` has checked that there is one.
    #[must_use]
    pub(crate) fn organization_of(&self, embed: &Embed) -> Option<&Organization> {
        self.organizations.get(embed.target.slug())
    }

    /// Which embed, among `names`, a URL found in a page is; an exact target wins over a wildcard.
    ///
    /// The URL's host must be the organization's `base_url`. Controls survive only if `page_controls` names them; other
    /// parameters that start with `:` are dropped.
    #[must_use]
    pub(crate) fn by_url<'n, N>(&self, url: &str, names: N) -> Option<(&Embed, View)>
    where
        N: IntoIterator<Item = &'n EmbedName>,
        N::IntoIter: Clone,
    {
        let (found, query) = self.document_at(url)?;
        self.showing(found, query.as_deref(), names).map(|(embed, view)| (embed.as_ref(), view))
    }

    /// The same for a URL that nobody signed: one with a `:jwt` is left to whoever signed it.
    #[must_use]
    pub(super) fn by_unsigned_url<'n, N>(&self, url: &str, names: N) -> Option<(&Arc<Embed>, View)>
    where
        N: IntoIterator<Item = &'n EmbedName>,
        N::IntoIter: Clone,
    {
        let (found, query) = self.document_at(url)?;
        let is_signed = has_parameter(query.as_deref(), ":jwt");
        if is_signed { None } else { self.showing(found, query.as_deref(), names) }
    }

    /// Whether a URL names a document of an organization, an embed or not.
    #[must_use]
    pub(crate) fn has_document_at(&self, url: &str) -> bool {
        self.document_at(url).is_some()
    }

    /// Whether a URL in a page of the site of this origin leads to Sigma, whatever it names there.
    #[must_use]
    pub(crate) fn is_at_sigma(&self, url: &str, site_origin: &str) -> bool {
        let place = Url::parse(site_origin).and_then(|site| site.join(url));
        let is_at = |place: &Url| self.organizations.values().any(|one| one.base_url.origin() == place.origin());
        place.is_ok_and(|place| is_at(&place))
    }

    /// The document of an organization that a URL names, and the URL's query.
    fn document_at(&self, url: &str) -> Option<(SigmaUrl, Option<String>)> {
        self.organizations.values().find_map(|organization| {
            if !may_be_at(url, &organization.base_url) {
                return None;
            }
            let found = SigmaUrl::parse_with_query(url, &organization.base_url).ok()?;
            (found.0.slug == organization.slug).then_some(found)
        })
    }

    fn showing<'n, N>(&self, found: SigmaUrl, query: Option<&str>, names: N) -> Option<(&Arc<Embed>, View)>
    where
        N: IntoIterator<Item = &'n EmbedName>,
        N::IntoIter: Clone,
    {
        let mut candidates = names.into_iter().filter_map(|name| self.embeds.get(name));
        let embed = candidates
            .clone()
            .find(|embed| embed.target.is_exactly(&found))
            .or_else(|| candidates.find(|embed| embed.target.takes(&found)))?;
        Some((embed, View { controls: embed.page_controls_of(query), document: found.document }))
    }
}
