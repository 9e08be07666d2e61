//! Which embed a URL in a page is.

use std::collections::BTreeSet;

use super::{SALES, any_workbook, catalogue, embed, revenue};
use crate::embed::{Embed, EmbedName};

fn names(names: &[&str]) -> BTreeSet<EmbedName> {
    names.iter().map(|name| EmbedName::parse(name).unwrap()).collect()
}

/// The name of the embed and the controls that survive.
fn found(embeds: Vec<Embed>, allowed: &[&str], url: &str) -> Option<(String, Vec<(String, String)>)> {
    let catalogue = catalogue(embeds);
    let (embed, view) = catalogue.by_url(url, &names(allowed))?;
    Some((embed.name.as_str().to_owned(), view.controls))
}

#[test]
fn an_embed_is_found_by_its_name_and_has_an_organization() {
    let catalogue = catalogue([revenue(), any_workbook()]);
    let embed = catalogue.by_name("any").expect("an embed");
    assert_eq!(catalogue.organization_of(embed).map(|organization| organization.slug.as_str()), Some("acme"));
    assert!(catalogue.by_name("Revenue").is_none());
}

#[test]
fn an_exact_target_wins_over_a_wildcard() {
    let both = || vec![any_workbook(), revenue()];
    let allowed = ["any", "revenue"];
    assert_eq!(found(both(), &allowed, SALES).map(|found| found.0).as_deref(), Some("revenue"));
    let page = format!("{SALES}/page/p");
    assert_eq!(found(both(), &allowed, &page).map(|found| found.0).as_deref(), Some("any"));
}

#[test]
fn only_the_embeds_of_the_site_are_found() {
    assert_eq!(found(vec![revenue()], &[], SALES), None);
    assert_eq!(found(vec![revenue()], &["other"], SALES), None);
    assert!(found(vec![revenue()], &["revenue"], SALES).is_some());
}

#[test]
fn tag_page_element_and_organization_are_compared() {
    let tagged = || vec![embed("tagged", &format!("{SALES}/tag/prod"))];
    assert!(found(tagged(), &["tagged"], &format!("{SALES}/tag/%70rod")).is_some());
    assert_eq!(found(tagged(), &["tagged"], SALES), None);
    assert_eq!(found(vec![any_workbook()], &["any"], &SALES.replace("acme", "other")), None);
    assert_eq!(found(vec![any_workbook()], &["any"], "https://app.sigmacomputing.com/acme/ask"), None);
}

#[test]
fn a_wildcard_view_is_of_the_document_in_the_page() {
    let catalogue = catalogue([any_workbook()]);
    let (_, view) = catalogue.by_url(&format!("{SALES}/element/e1"), &names(&["any"])).expect("an embed");
    assert_eq!(view.document.id(), "28xgywpg21TkRWtz3jVRCe");
    assert_eq!(view.document.suffix(), "/element/e1");
}

#[test]
fn controls_survive_only_where_the_embed_names_them() {
    let url = format!("{SALES}?:jwt=old&:theme=Dark&%3Aembed=false&Secret=1&Region=EMEA,A%2CB#&Region=x");
    assert_eq!(
        found(vec![revenue()], &["revenue"], &url),
        Some(("revenue".to_owned(), vec![("Region".to_owned(), "EMEA,A%2CB".to_owned())]))
    );
}
