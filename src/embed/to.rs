//! `{sigma}/to?url=…`: the embed that a Sigma URL is which code of a page wrote, and what it wants to see of it.
//!
//! In: the query as it arrived. Out: an embed among those that the site shows and a [`View`], from which every URL is built
//! anew: the document, and the controls that `page_controls` names. Never: anything else of the text, or a URL with a `:jwt`,
//! which some application has signed itself.

use std::sync::Arc;

use url::form_urlencoded;

use super::{Catalogue, Embed, EmbedName, View};
use crate::limits::SIGMA_URL_BYTES_MAX;

/// The embed and the view of the one `url` that the query has, decoded once.
#[must_use]
pub(crate) fn embed_of_query<'c, 'n, N>(
    catalogue: &'c Catalogue,
    names: N,
    query: Option<&str>,
) -> Option<(&'c Arc<Embed>, View)>
where
    N: IntoIterator<Item = &'n EmbedName>,
    N::IntoIter: Clone,
{
    let mut urls = form_urlencoded::parse(query?.as_bytes()).filter(|(name, _)| name == "url");
    let (_, url) = urls.next()?;
    let is_only = urls.next().is_none();
    if is_only && url.len() <= SIGMA_URL_BYTES_MAX { catalogue.by_unsigned_url(&url, names) } else { None }
}
