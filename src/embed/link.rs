//! The stable link: our URL of an embed, which stays good while the signed URLs behind it work once each.

use super::{
    Document, Embed, EmbedName, EmbedTarget, SigmaUrlError, View,
    parameters::{encoded_component, encoded_value},
};
use crate::{
    reason::Reason,
    request::{EMBED_API, STABLE_LINKS},
};

/// The stable link of one view of an embed: `{sigma}/embed/{name}`, for a wildcard with the document after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StableLink {
    name: EmbedName,
    /// `{document-id}[/tag/…][/page/…|/element/…]`; empty for an embed of one document.
    rest: String,
    /// `Control=value&…`, only what `page_controls` names; empty for none.
    query: String,
}

/// Why a stable link leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkError {
    /// An embed of one document takes nothing after its name.
    #[error("embed {0:?} is one document: expected nothing after its name")]
    Surplus(EmbedName),
    /// A wildcard needs a document.
    #[error(transparent)]
    Document(#[from] SigmaUrlError),
}

impl LinkError {
    /// The stable reason.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Surplus(_) | Self::Document(_) => Reason::EmbedUnknown,
        }
    }
}

impl StableLink {
    /// The link of a view.
    #[must_use]
    pub(crate) fn of(embed: &Embed, view: &View) -> Self {
        let rest = match &embed.target {
            EmbedTarget::One(_) => String::new(),
            EmbedTarget::AnyWorkbook(_) => format!("{}{}", view.document.id(), view.document.suffix()),
        };
        let controls = view.controls.iter().filter(|(name, _)| embed.page_controls.contains(name));
        let query = controls.map(|(name, value)| format!("{}={}", encoded_component(name), encoded_value(value)));
        Self { name: embed.name.clone(), rest, query: query.collect::<Vec<_>>().join("&") }
    }

    /// The link's path and query below the Sigma prefix, e.g. `/sigma/embed/revenue?Region=EMEA`.
    #[must_use]
    pub(crate) fn path(&self, sigma_prefix: &str) -> String {
        self.below(&format!("{sigma_prefix}{STABLE_LINKS}"))
    }

    /// Where the embed API gives signed URLs of the same view.
    #[must_use]
    pub(crate) fn api_path(&self, sigma_prefix: &str) -> String {
        self.below(&format!("{sigma_prefix}{EMBED_API}"))
    }

    fn below(&self, folder: &str) -> String {
        let mut path = format!("{folder}{}", self.name);
        for (mark, text) in [('/', &self.rest), ('?', &self.query)] {
            if !text.is_empty() {
                path.push(mark);
                path.push_str(text);
            }
        }
        path
    }
}

/// What a link's visitor wants to see: `rest` is what follows the embed's name, as it arrived; `query` has no `?`.
///
/// Controls that `page_controls` does not name and every parameter that starts with `:` are dropped, as in pages.
///
/// # Errors
/// See [`LinkError`].
pub(crate) fn view_of_link(embed: &Embed, rest: &str, query: Option<&str>) -> Result<View, LinkError> {
    let document = match &embed.target {
        EmbedTarget::One(url) if rest.is_empty() => url.document.clone(),
        EmbedTarget::One(_) => return Err(LinkError::Surplus(embed.name.clone())),
        EmbedTarget::AnyWorkbook(_) => Document::workbook(&rest.split('/').collect::<Vec<_>>())?,
    };
    Ok(View { document, controls: embed.page_controls_of(query) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::embed::tests::{any_workbook, revenue, view};

    #[test]
    fn the_link_of_one_document_is_its_name() {
        let embed = revenue();
        assert_eq!(StableLink::of(&embed, &view(&embed)).path("/sigma"), "/sigma/embed/revenue");
    }

    #[test]
    fn the_link_of_a_wildcard_names_the_document_by_its_id() {
        let view =
            view_of_link(&any_workbook(), "Sales-28xgywpg21TkRWtz3jVRCe/tag/a%20b/page/p-1", None).expect("a view");
        let link = StableLink::of(&any_workbook(), &view).path("/s");
        assert_eq!(link, "/s/embed/any/28xgywpg21TkRWtz3jVRCe/tag/a%20b/page/p-1");
    }

    #[test]
    fn a_link_carries_the_controls_that_the_embed_lets_a_page_set() {
        let embed = revenue();
        let wanted = view_of_link(&embed, "", Some("Region=a,b%2Cc&Secret=1&:theme=Dark&%3Ajwt=x")).expect("a view");
        assert_eq!(wanted.controls, [("Region".to_owned(), "a,b%2Cc".to_owned())]);
        assert_eq!(StableLink::of(&embed, &wanted).path("/sigma"), "/sigma/embed/revenue?Region=a,b%2Cc");
    }

    #[test]
    fn a_rest_that_does_not_fit_the_embed_is_unknown() {
        assert_eq!(view_of_link(&revenue(), "x", None), Err(LinkError::Surplus(revenue().name)));
        for rest in ["", "/", "a b", "x/edit", "x/tag", "x/tag/..", "x/page/a%20b", "x/page/p/element/e", "../x"] {
            let error = view_of_link(&any_workbook(), rest, None).expect_err(rest);
            assert!(matches!(error, LinkError::Document(_)), "{rest}");
            assert_eq!(error.reason(), Reason::EmbedUnknown);
        }
    }

    fn any_rest() -> impl Strategy<Value = String> {
        let tag = prop_oneof![
            Just(String::new()),
            "[a-zA-Z0-9 é%]{1,9}x".prop_map(|tag| format!("/tag/{}", encoded_component(&tag)))
        ];
        let part = prop_oneof![Just(String::new()), "/(page|element)/[A-Za-z0-9_-]{1,12}"];
        ("([A-Za-z0-9_%]{1,9}-){0,2}[A-Za-z0-9]{1,22}", tag, part)
            .prop_map(|(id, tag, part)| format!("{id}{tag}{part}"))
    }

    proptest! {
        #[test]
        fn a_link_leads_back_to_its_view(rest in any_rest(), value in "[\\PC&&[^%]]{0,20}") {
            let embed = any_workbook();
            let query = format!("Region={}", encoded_value(&value));
            let wanted = view_of_link(&embed, &rest, Some(&query)).expect("a view");
            let path = StableLink::of(&embed, &wanted).path("/sigma");
            let (path, query) = path.split_once('?').expect("a query");
            let rest = path.strip_prefix("/sigma/embed/any/").expect("a document");
            prop_assert_eq!(view_of_link(&embed, rest, Some(query)), Ok(wanted));
        }
    }
}
