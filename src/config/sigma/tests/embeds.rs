//! `[embed.NAME]`.

use crate::{
    config::testing::{SMALL, config, problems, refused, warnings, with},
    embed::{Allow, Embed, EmbedTarget, OpenAs, Renew},
    limits::TITLE_BYTES_MAX,
    policy::MappingName,
};

const URL: &str = "https://app.sigmacomputing.com/acme/workbook/Revenue-28xgywpg21TkRWtz3jVRCe";
const ALLOW: &str = "allow = \"mapped\"";

fn line(line: &str) -> String {
    with(ALLOW, &format!("{ALLOW}\n{line}"))
}

fn embed(text: &str) -> Embed {
    Embed::clone(config(text).catalogue.embeds.values().next().expect("one embed"))
}

#[test]
fn an_embed_has_defaults() {
    let embed = embed(SMALL);
    assert_eq!((embed.opening.at_top, embed.opening.in_frame), (OpenAs::Page, OpenAs::Page));
    assert_eq!((embed.title.as_str(), embed.renew, embed.fit), ("Revenue", Renew::Before, false));
    assert_eq!((embed.enabled, embed.allow), (true, Allow::Mapped));
    assert!(embed.parameters.as_str().is_empty() && embed.controls.is_empty() && embed.page_controls.is_empty());
}

#[test]
fn the_first_segment_picks_the_organization() {
    refused(
        &with(URL, "https://app.sigmacomputing.com/acne/workbook/R-2"),
        "gateway.toml:15: embed.revenue.url: there is no [sigma.acne] for its organization; did you mean \"acme\"?",
    );
    refused(
        &with(URL, "https://app.example.com/acme/workbook/R-2"),
        "gateway.toml:15: embed.revenue.url: not on the host of [sigma.acme]; write a URL that starts with https://app.sigmacomputing.com",
    );
}

#[test]
fn a_url_is_a_document_or_any_workbook() {
    assert!(matches!(embed(SMALL).target, EmbedTarget::One(_)));
    assert!(matches!(
        embed(&with(URL, "https://app.sigmacomputing.com/acme/workbook/*")).target,
        EmbedTarget::AnyWorkbook(_)
    ));
    let found = problems(&with(URL, "https://app.sigmacomputing.com/acme/settings"));
    assert!(found[0].starts_with("gateway.toml:15: embed.revenue.url: not a Sigma document URL"), "{found:?}");
}

#[test]
fn a_faulty_organization_is_told_once_not_again_at_its_embeds() {
    refused(
        &with("client_id = \"id\"", "client_id = 7"),
        "gateway.toml:6: sigma.acme.client_id: found an integer; write a text in quotes",
    );
}

#[test]
fn allow_is_mapped_or_names_of_mappings() {
    let allow = |toml| with(ALLOW, &format!("allow = {toml}"));
    let finance = Allow::Mappings([MappingName::parse("finance").unwrap()].into());
    assert_eq!(embed(&allow("[\"finance\"]")).allow, finance);
    refused(
        &allow("[\"finanse\"]"),
        "gateway.toml:16: embed.revenue.allow[0]: there is no mapping \"finanse\"; did you mean \"finance\"?",
    );
    refused(
        &allow("\"finance\""),
        "gateway.toml:16: embed.revenue.allow: found \"finance\"; write allow = \"mapped\" or allow = [\"finance\"]",
    );
    refused(
        &allow("[]"),
        "gateway.toml:16: embed.revenue.allow: an empty list, nobody would see the embed; write allow = \"mapped\" or a list of mapping names",
    );
}

#[test]
fn an_embed_without_any_mapping_is_a_warning() {
    let (before, rest) = SMALL.split_once("[[mapping]]").expect("the small file has a mapping");
    let (_, after) = rest.split_once("[[site]]").expect("the small file has a site");
    let text = format!("{before}[[site]]{after}");
    assert_eq!(warnings(&text), ["gateway.toml:14: embed.revenue: there is no [[mapping]]: nobody sees the embed"]);
    assert_eq!(warnings(SMALL), Vec::<String>::new());
}

#[test]
fn parameters_keep_their_order_and_become_texts() {
    let text = line("parameters = { theme = \"Dark\", hide_menu = true, a = 7 }");
    assert_eq!(embed(&text).parameters.as_str(), "&:theme=Dark&:hide_menu=true&:a=7");
}

#[test]
fn parameters_of_the_gateway_itself_are_refused() {
    let parameter = |name| line(&format!("parameters = {{ {name} = \"x\" }}"));
    let fix = "write its plain name";
    refused(
        &parameter("jwt"),
        &format!("gateway.toml:17: embed.revenue.parameters.jwt: a parameter that the gateway sets; {fix}"),
    );
    refused(
        &parameter("Embed"),
        &format!("gateway.toml:17: embed.revenue.parameters.Embed: a parameter that the gateway sets; {fix}"),
    );
    refused(
        &parameter("\":theme\""),
        &format!("gateway.toml:17: embed.revenue.parameters.:theme: begins with a colon; {fix}"),
    );
    refused(
        &parameter("\"a&b\""),
        &format!("gateway.toml:17: embed.revenue.parameters.a&b: not the name of an interface parameter; {fix}"),
    );
    refused(
        &line("parameters = { theme = [\"Dark\"] }"),
        "gateway.toml:17: embed.revenue.parameters.theme: found an array; write a text, an integer or a boolean",
    );
}

#[test]
fn controls_are_named_by_ids_that_do_not_begin_with_a_colon() {
    let text = line("controls = { \"Date-Range\" = \"min:2026-01-01\", Count = 3 }\npage_controls = [\"Region\"]");
    let embed = embed(&text);
    assert_eq!(
        embed.controls,
        [("Date-Range".to_owned(), "min:2026-01-01".to_owned()), ("Count".to_owned(), "3".to_owned())]
    );
    assert_eq!(embed.page_controls, ["Region".to_owned()].into());
    refused(
        &line("controls = { \":jwt\" = \"x\" }"),
        "gateway.toml:17: embed.revenue.controls.:jwt: begins with a colon, as an interface parameter does; write its plain name",
    );
    refused(
        &line("page_controls = [\":jwt\"]"),
        "gateway.toml:17: embed.revenue.page_controls[0]: begins with a colon, as an interface parameter does; write the control's id",
    );
}

#[test]
fn an_embed_can_be_switched_off_and_opened_by_redirect() {
    let embed = embed(&line("enabled = false\nopen = \"redirect\""));
    assert_eq!((embed.opening.at_top, embed.enabled), (OpenAs::Redirect, false));
    refused(
        &line("open = \"window\""),
        "gateway.toml:17: embed.revenue.open: found \"window\"; write \"page\" or \"redirect\"",
    );
}

#[test]
fn what_the_embed_page_does_can_be_said() {
    let text = line("frame = \"redirect\"\nrenew = \"expiry\"\nfit = true\ntitle = \"Revenue & <cost>\"");
    let embed = embed(&text);
    assert_eq!((embed.opening.at_top, embed.opening.in_frame), (OpenAs::Page, OpenAs::Redirect));
    assert_eq!((embed.title.as_str(), embed.renew, embed.fit), ("Revenue & <cost>", Renew::Expiry, true));
    let long = "x".repeat(TITLE_BYTES_MAX + 1);
    for title in ["a\\nb", &long] {
        refused(
            &line(&format!("title = \"{title}\"")),
            "gateway.toml:17: embed.revenue.title: not a line of words; write at most 256 bytes of text",
        );
    }
    refused(
        &line("renew = \"never\""),
        "gateway.toml:17: embed.revenue.renew: found \"never\"; write \"before\" or \"expiry\"",
    );
}

#[test]
fn a_frame_that_fits_has_sigma_tell_its_height() {
    let told = |text: &str| embed(&line(text)).parameters.as_str().to_owned();
    assert_eq!(told("fit = true"), "&:responsive_height=true");
    assert_eq!(
        told("fit = true\nparameters = { responsive_height = true, theme = \"Dark\" }"),
        "&:responsive_height=true&:theme=Dark"
    );
    assert_eq!(told("fit = false\nparameters = { responsive_height = false }"), "&:responsive_height=false");
    refused(
        &line("fit = true\nparameters = { responsive_height = false }"),
        "gateway.toml:18: embed.revenue.parameters: responsive_height is not true, which fit needs; remove it, or fit",
    );
}
