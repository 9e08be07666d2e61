//! What of a site's answers is rewritten: `[[site.insert]]`, `[[site.json]]`, `script`.

use std::sync::Arc;

use crate::{
    config::{
        Site,
        testing::{SMALL, and, config, problems, refused, warnings},
    },
    rewrite::{InsertFrame, InsertPlace},
};

const ANY_WORKBOOK: &str = "https://app.sigmacomputing.com/acme/workbook/*";

fn site(text: &str) -> Site {
    Arc::unwrap_or_clone(config(text).sites.remove(0))
}

#[test]
fn an_insert_has_a_path_a_selector_a_place_and_an_embed_of_the_site() {
    let insert = |select: &str, embed: &str| {
        and(&format!("[[site.insert]]\npath = \"/c/\"\nselect = \"{select}\"\nembed = \"{embed}\"\n"))
    };
    let inserts = site(&insert("div#dashboard", "revenue")).rewrite.inserts().to_vec();
    assert_eq!(
        (inserts[0].selector.as_str(), inserts[0].place, inserts[0].embed.as_str()),
        ("div#dashboard", InsertPlace::Append, "revenue")
    );
    let found = problems(&insert("div:hover", "revenue"));
    assert!(found[0].starts_with("gateway.toml:28: site[0].insert[0].select: selector: "), "{found:?}");
    refused(
        &insert("div", "other"),
        "gateway.toml:29: site[0].insert[0].embed: there is no [embed.other]; write the name of an [embed] table",
    );
    refused(
        &insert("div", "revenue").replace("embeds = [\"revenue\"]", "embeds = []"),
        "gateway.toml:29: site[0].insert[0].embed: not among this site's embeds; add \"revenue\" to the site's embeds",
    );
    refused(
        &insert("div", "revenue")
            .replace("https://app.sigmacomputing.com/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe", ANY_WORKBOOK),
        "gateway.toml:29: site[0].insert[0].embed: [embed.revenue] takes any workbook, and which one is not said; name an embed of one document",
    );
}

#[test]
fn an_inserts_frame_has_a_height_a_title_classes_and_controls() {
    let insert =
        |more: &str| and(&format!("[[site.insert]]\npath = \"/c/\"\nselect = \"p\"\nembed = \"revenue\"\n{more}\n"));
    let frame = |more: &str| site(&insert(more)).rewrite.inserts()[0].frame.clone();
    assert_eq!(frame(""), InsertFrame { height: 600, title: "Revenue".to_owned(), class: None });
    let expected =
        InsertFrame { height: 480, title: "Umsatz \"Süd\"".to_owned(), class: Some("card wide".to_owned()) };
    assert_eq!(frame("height = 480\ntitle = 'Umsatz \"Süd\"'\nclass = \"card wide\""), expected);
    let number = "write a whole number from 1 to 20000";
    for (more, line, problem) in [
        ("height = 0", 30, format!("height: out of range; {number}")),
        ("height = -1", 30, format!("height: out of range; {number}")),
        ("height = 20001", 30, format!("height: out of range; {number}")),
        ("height = \"600\"", 30, format!("height: found a text; {number}")),
        ("height = 1.5", 30, format!("height: found a number that is not a 64-bit integer; {number}")),
        (
            "title = \"a\\nb\"",
            30,
            "title: too long, or with control characters; write at most 256 bytes on one line".to_owned(),
        ),
        ("title = \"\"", 30, "title: empty; write your own value".to_owned()),
        (
            "controls = { Region = \"EMEA\" }",
            30,
            "controls.Region: a control that pages may not set; add \"Region\" to page_controls of [embed.revenue]"
                .to_owned(),
        ),
    ] {
        refused(&insert(more), &format!("gateway.toml:{line}: site[0].insert[0].{problem}"));
    }
    let found = problems(&insert(&format!("class = \"{}\"", "x".repeat(257))));
    assert!(found[0].starts_with("gateway.toml:30: site[0].insert[0].class: too long"), "{found:?}");
    let with_controls = insert("controls = { Region = \"EMEA\", Year = 2026 }")
        .replace("allow = \"mapped\"", "allow = \"mapped\"\npage_controls = [\"Region\", \"Year\"]");
    let controls = site(&with_controls).rewrite.inserts()[0].controls.clone();
    assert_eq!(controls, [("Region".to_owned(), "EMEA".to_owned()), ("Year".to_owned(), "2026".to_owned())]);
}

#[test]
fn a_json_rule_has_a_path_and_a_query() {
    let json = |select: &str| and(&format!("[[site.json]]\npath = \"/api\"\nselect = \"{select}\"\n"));
    assert_eq!(site(&json("$.url")).rewrite.json().len(), 1);
    let found = problems(&json("$.a[?@.b]"));
    assert!(found[0].starts_with("gateway.toml:28: site[0].json[0].select: JSON path: "), "{found:?}");
    assert_eq!(
        warnings(&json("$.url").replace("embeds = [\"revenue\"]", "embeds = []")),
        ["gateway.toml:26: site[0].json[0]: does nothing: the site's embeds are empty"]
    );
}

#[test]
fn a_script_is_asked_for_and_does_nothing_without_embeds() {
    assert!(!site(SMALL).rewrite.has_script());
    assert!(site(&and("script = true\n")).rewrite.has_script());
    let text = and("script = true\n").replace("embeds = [\"revenue\"]", "embeds = []");
    assert!(
        warnings(&text).iter().any(|warning| warning.contains("site[0].script: does nothing")),
        "{:?}",
        warnings(&text)
    );
    refused(&and("script = \"yes\"\n"), "gateway.toml:26: site[0].script: found a text; write true or false");
}
