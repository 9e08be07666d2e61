//! Where targets lead, and where two persons are compared.

use super::{CONFIG, config, place, target};
use crate::{
    decide::{Part, locate, of_alias, of_plain_http},
    forward::Privacy,
    request::{Authority, Endpoint, HostName, RouteIndex},
};

#[test]
fn a_path_leads_to_an_endpoint_a_route_the_rest_of_the_site_or_to_several() {
    for (path, part) in [
        ("/oauth2/start", Part::Endpoint(Endpoint::SignInStart)),
        ("/sigma/nothing", Part::Endpoint(Endpoint::Unknown)),
        ("/public/x", Part::Route(Some(RouteIndex(0)))),
        ("/report", Part::Route(Some(RouteIndex(4)))),
        ("/elsewhere", Part::Route(None)),
        ("//public/x", Part::Ambiguous),
    ] {
        assert_eq!(place(path).part, part, "{path}");
    }
}

#[test]
fn a_host_that_is_not_configured_leads_nowhere() {
    let authority = Authority { name: HostName::parse("other.example.com").unwrap(), port: None };
    assert!(locate(&CONFIG, &authority, &target("/")).is_none());
}

#[test]
fn the_rule_of_a_route_says_who_may_and_what_caches_keep() {
    assert_eq!(place("/public/x").privacy(), Privacy::Shared);
    for path in ["/", "/optional/x", "/finance/x"] {
        assert_eq!(place(path).privacy(), Privacy::Private, "{path}");
    }
    assert!(place("/report").embed.is_some() && place("/finance/x").embed.is_none());
}

#[test]
fn two_persons_are_compared_wherever_something_depends_on_who_asks() {
    for path in [
        "/oauth2/userinfo",
        "/sigma/api/events",
        "/sigma/embed/revenue",
        "/sigma/to",
        "/sigma/api/embeds/revenue",
        "/optional/x",
        "/finance/x",
        "/elsewhere",
        "//public/x",
    ] {
        assert!(place(path).compares_persons(), "{path}");
    }
    for path in [
        "/oauth2/start",
        "/oauth2/callback",
        "/oauth2/sign_out",
        "/sigma/style.css",
        "/sigma/links.js",
        "/sigma/nothing",
        "/public/x",
    ] {
        assert!(!place(path).compares_persons(), "{path}");
    }
    // Whoever copies from everybody's part into another is somebody.
    let copied = |to: &str| place("/public/x").writing_to(&CONFIG, Some(&target(to))).compares_persons();
    assert_eq!(["/finance/y", "/y", "/optional/y", "/public/y"].map(copied), [true, true, true, false]);
}

const REVENUE: &str = "https%3A%2F%2Fapp.sigmacomputing.com%2Facme%2Fworkbook%2FRevenue-28xgywpg21TkRWtz3jVRCe";

/// The name of the embed that `/sigma/to?url=` leads to.
fn found(url: &str) -> Option<String> {
    let place = place(&format!("/sigma/to?url={url}"));
    assert_eq!((&place.part, place.is_forwarded()), (&Part::Endpoint(Endpoint::To), false), "{url}");
    place.embed.map(|embed| embed.name.to_string())
}

#[test]
fn a_sigma_url_leads_to_the_embed_of_the_site_that_it_is() {
    let scheme_relative = REVENUE.strip_prefix("https%3A").unwrap();
    let other_name = REVENUE.replace("Revenue", "Renamed");
    for url in [
        REVENUE,
        scheme_relative,
        &other_name,
        "https://app.sigmacomputing.com/acme/workbook/28xgywpg21TkRWtz3jVRCe/",
        &format!("{REVENUE}%3F%3Aembed%3Dtrue%26%3Atheme%3DDark"),
        &format!("%20{REVENUE}"),
        &format!("{REVENUE}&_ts=1"),
    ] {
        assert_eq!(found(url).as_deref(), Some("revenue"), "{url}");
    }
}

#[test]
fn what_is_no_url_of_an_embed_of_the_site_leads_to_none() {
    let long = format!("{REVENUE}%3Fx%3D{}", "a".repeat(crate::limits::SIGMA_URL_BYTES_MAX));
    let twice = format!("{REVENUE}&url={REVENUE}");
    let nested = REVENUE.replace('%', "%25");
    let hidden = REVENUE.replace("Revenue-28xgywpg21TkRWtz3jVRCe", "Hidden-38xgywpg21TkRWtz3jVRCe");
    for url in [
        "",
        "%FF",
        "/sigma/embed/revenue",
        "javascript%3Aalert(1)",
        "https%3A%2F%2Fexample.org%2Facme%2Fworkbook%2FRevenue-28xgywpg21TkRWtz3jVRCe",
        "https%3A%2F%2Fapp.sigmacomputing.com.example.org%2Facme%2Fworkbook%2FRevenue-28xgywpg21TkRWtz3jVRCe",
        "https%3A%2F%2Fana%40app.sigmacomputing.com%2Facme%2Fworkbook%2FRevenue-28xgywpg21TkRWtz3jVRCe",
        "https%3A%2F%2Fapp.sigmacomputing.com%3A8443%2Facme%2Fworkbook%2FRevenue-28xgywpg21TkRWtz3jVRCe",
        "https%3A%2F%2Fapp.sigmacomputing.com%2Fother%2Fworkbook%2FRevenue-28xgywpg21TkRWtz3jVRCe",
        "https%3A%2F%2Fapp.sigmacomputing.com%2Facme%2Fworkbook%2FRevenue-28xgywpg21TkRWtz3jVRCe%2Fedit",
        &REVENUE.replace("https", "http"),
        &format!("{REVENUE}%2Fpage%2Fp"),
        &format!("{REVENUE}%3F%3Aembed%3Dtrue%26%3Ajwt%3Da.b.c"),
        &format!("{REVENUE}%3F%253Ajwt%3Da.b.c"),
        &format!("{REVENUE}%3F%3Ajwt"),
        &hidden,
        &nested,
        &twice,
        &long,
    ] {
        assert_eq!(found(url), None, "{url}");
    }
    assert!(place("/sigma/to").embed.is_none() && place("/sigma/to?URL=x").embed.is_none());
}

#[test]
fn of_a_sigma_url_the_document_and_the_controls_that_a_page_may_set_go_on() {
    let config = config(|text| text.replacen("allow = ", "page_controls = [\"Region\"]\nallow = ", 1));
    let url = format!("{REVENUE}%3FRegion%3DEMEA%2CAPAC%26Other%3D1%26%3Atheme%3DDark%23x&Region=outside");
    let facts = super::facts_under(&config, &format!("GET /sigma/to?url={url}"), super::ann(&["finance"]));
    let (embed, view) = facts.place.view(facts.request.target.query.as_deref()).expect("a view");
    assert_eq!(embed.name.as_str(), "revenue");
    assert_eq!(view.controls, [("Region".to_owned(), "EMEA,APAC".to_owned())]);
    // Signing in leads to the link that has the same view, for no return target has a URL of another site in it.
    let back = facts.return_to(crate::decide::WayBack::Here);
    assert_eq!(back.as_str(), "/sigma/embed/revenue?Region=EMEA,APAC");
}

#[test]
fn another_name_of_a_site_and_plain_http_lead_to_the_same_path_and_query_there() {
    let config = config(|text| text.replacen("[[site]]\n", "[[site]]\naliases = [\"crm.example.net\"]\n", 1));
    let to = |host: &str| {
        let authority = Authority { name: HostName::parse(host).unwrap(), port: Some(8080) };
        let target = target("/a%20b//c?x=1&&y=%zz");
        (of_alias(&config, &authority, &target), of_plain_http(&config, &authority, &target))
    };
    let there = format!("{}/a%20b//c?x=1&&y=%zz", config.sites[0].origin);
    assert_eq!(to("crm.example.net"), (Some(there.clone()), Some(there.clone())));
    assert_eq!(to(config.sites[0].name.as_str()), (None, Some(there)));
    assert_eq!(to("other.example.com"), (None, None));
}
