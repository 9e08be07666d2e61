//! Which URLs are Sigma documents, and how they are written again.

use proptest::prelude::*;
use url::Url;

use super::{SALES, base_url};
use crate::embed::{DocumentKind, DocumentPart, EmbedTarget, SigmaUrl, SigmaUrlError, Slug, sigma_url::may_be_at};

const ORIGIN: &str = "https://app.sigmacomputing.com";

fn parse(text: &str) -> Result<SigmaUrl, SigmaUrlError> {
    SigmaUrl::parse(text, &base_url())
}

/// The path that a Sigma path is written as.
fn rewritten(path: &str) -> String {
    parse(&format!("{ORIGIN}{path}")).expect(path).to_string()
}

#[test]
fn documented_forms_are_written_as_they_were_read() {
    for path in [
        "/acme/workbook/Sales-28xgywpg21TkRWtz3jVRCe",
        "/acme/workbook/28xgywpg21TkRWtz3jVRCe",
        "/acme/workbook/Q3-Sales%20Report-28xgywpg21TkRWtz3jVRCe/tag/staging%20copy",
        "/acme/workbook/Sales-28xg/page/bAGJb_-0AS",
        "/acme/workbook/Sales-28xg/element/GHs4vJQxig",
        "/acme/workbook/Sales-28xg/tag/v1.0/element/GHs4vJQxig",
        "/acme/workbook/4f6b2f5e-0c0e-4b57-9c4e-1d2f3a4b5c6d/page/p1",
        "/acme/ask",
    ] {
        assert_eq!(rewritten(path), path);
    }
}

#[test]
fn browser_and_api_spellings_are_normalised() {
    for (path, expected) in [
        ("/acme/workbook/Sales/28xg", "/acme/workbook/28xg"),
        ("/acme/workbook/Sales/28xg/tag/t/page/p", "/acme/workbook/28xg/tag/t/page/p"),
        ("/acme/workbook/Sales-28xg/", "/acme/workbook/Sales-28xg"),
        ("/acme/workbook/Sales-28xg?:nodeId=bAGJb_-0AS", "/acme/workbook/Sales-28xg/page/bAGJb_-0AS"),
        ("/acme/workbook/Sales-28xg/tag/t?Region=x&:nodeId=p", "/acme/workbook/Sales-28xg/tag/t/page/p"),
        ("/acme/workbook/Sales-28xg/element/e?:nodeId=p", "/acme/workbook/Sales-28xg/element/e"),
        ("/acme/workbook/Sales-28xg?:jwt=old&Region=EMEA#x", "/acme/workbook/Sales-28xg"),
        ("/acme/x/../workbook/Sales-28xg", "/acme/workbook/Sales-28xg"),
    ] {
        assert_eq!(rewritten(path), expected, "{path}");
    }
    assert_eq!(parse(" //app.sigmacomputing.com/acme/ask\n").expect("scheme-relative").to_string(), "/acme/ask");
    assert!(parse("HTTPS://APP.SigmaComputing.com:443/acme/ask").is_ok());
}

#[test]
fn the_parts_of_a_url_are_told_apart() {
    let url = parse(&format!("{SALES}/tag/a%2Fb/page/p-1")).expect("a URL");
    assert_eq!((url.slug, url.document.kind), (Slug::parse("acme").unwrap(), DocumentKind::Workbook));
    assert_eq!(url.document.id(), "28xgywpg21TkRWtz3jVRCe");
    assert_eq!(url.document.tag.as_deref(), Some("a/b"));
    assert_eq!(url.document.part, DocumentPart::Page("p-1".to_owned()));
}

#[test]
fn the_id_is_what_follows_the_last_dash_or_a_whole_uuid() {
    let id =
        |segment: &str| parse(&format!("{ORIGIN}/acme/workbook/{segment}")).expect(segment).document.id().to_owned();
    let uuid = "4f6b2f5e-0c0e-4b57-9c4e-1d2f3a4b5c6d";
    assert_eq!(id("A-b-c-28xg"), "28xg");
    assert_eq!(id(uuid), uuid);
    assert_eq!(id(&format!("Sales-{uuid}")), uuid);
    assert_eq!(id("xf6b2f5e-0c0e-4b57-9c4e-1d2f3a4b5c6d"), "1d2f3a4b5c6d");
}

/// Sigma's own mark of a reader's own look at a document.
#[test]
fn explore_behind_a_document_is_the_document() {
    let url = |path: &str| parse(&format!("{ORIGIN}/acme/workbook/{path}"));
    for path in
        ["Sales-28xg", "Sales-28xg/tag/t", "Sales-28xg/page/p", "Sales-28xg/tag/t/element/e", "Sales/28xg", "28xg"]
    {
        for end in ["/explore", "/explore/", "/explore?Region=EMEA", "/explore#x"] {
            assert_eq!(url(&format!("{path}{end}")), url(path), "{path}{end}");
        }
    }
    for path in ["Sales-28xg/edit/explore", "Sales-28xg/explore/x/y"] {
        assert!(url(path).is_err(), "{path}");
    }
}

#[test]
fn documents_are_compared_by_id_tag_and_part_without_their_name() {
    let url = |path: &str| parse(&format!("{ORIGIN}/acme/workbook/{path}")).expect(path);
    assert_eq!(url("Sales-28xg"), url("Renamed-28xg"));
    assert_eq!(url("Sales-28xg"), url("28xg"));
    for other in ["Sales-28xG", "Sales-28xg/tag/t", "Sales-28xg/page/p", "Sales-28xg/element/p"] {
        assert_ne!(url("Sales-28xg"), url(other));
    }
    assert_ne!(url("x/page/p"), url("x/element/p"));
}

#[test]
fn other_urls_are_no_sigma_documents() {
    for text in [
        "",
        "/acme/workbook/Sales-28xg",
        "javascript:alert(1)",
        "http://app.sigmacomputing.com/acme/workbook/Sales-28xg",
        "https://app.sigmacomputing.com:8443/acme/workbook/Sales-28xg",
        "https://evil.example/acme/workbook/Sales-28xg",
        "https://app.sigmacomputing.com.evil.example/acme/workbook/Sales-28xg",
        "https://app.sigmacomputing.com@evil.example/acme/workbook/Sales-28xg",
        "https://user@app.sigmacomputing.com/acme/workbook/Sales-28xg",
        "https://app.sigmacomputing.com/",
        "https://app.sigmacomputing.com/acme",
        "https://app.sigmacomputing.com/acme/workbook",
        "https://app.sigmacomputing.com/acme/workbook/Sales-",
        "https://app.sigmacomputing.com/acme/workbook/*",
        "https://app.sigmacomputing.com/acme/workbook/Sales-28xg/edit",
        "https://app.sigmacomputing.com/acme/workbook/Sales-28xg/page/p/tag/t",
        "https://app.sigmacomputing.com/acme/workbook/Sales-28xg/tag/",
        "https://app.sigmacomputing.com/acme/workbook/Sales-28xg/tag/%00",
        "https://app.sigmacomputing.com/acme/workbook/Sales-28xg/page/a%2Fb",
        "https://app.sigmacomputing.com/acme/workbook/Sales-28xg?:nodeId=a/b",
        "https://app.sigmacomputing.com/ac%20me/workbook/Sales-28xg",
        "https://app.sigmacomputing.com/acme/ask/more",
        "https://app.sigmacomputing.com/embed/1-3nUnBkR5ot9cOFExAmPlE",
    ] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn another_base_url_is_another_origin() {
    let stand_in = Url::parse("http://sigma.localhost:9000").expect("a URL");
    assert!(SigmaUrl::parse("http://sigma.localhost:9000/acme/ask", &stand_in).is_ok());
    assert!(SigmaUrl::parse(SALES, &stand_in).is_err());
}

#[test]
fn a_wildcard_takes_any_workbook_of_its_organization() {
    let target = |path: &str| EmbedTarget::parse(&format!("{ORIGIN}{path}"), &base_url());
    assert_eq!(target("/acme/workbook/*"), Ok(EmbedTarget::AnyWorkbook(Slug::parse("acme").unwrap())));
    assert!(matches!(target("/acme/workbook/Sales-28xg"), Ok(EmbedTarget::One(_))));
    assert!(target("/acme/*").is_err());
    assert!(target("/*/workbook/*").is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same_document(rest in "[A-Za-z0-9%/_. ?=:&#é-]{0,40}") {
        if let Ok(url) = parse(&format!("{ORIGIN}/acme/workbook/{rest}")) {
            prop_assert_eq!(parse(&format!("{ORIGIN}{url}")), Ok(url));
        }
    }
}

#[test]
fn what_is_plainly_no_url_of_sigma_is_told_apart_without_parsing() {
    for text in [
        "",
        "/customers/1",
        "/\u{e9}app.sigmacomputing.com/",
        "./x",
        "#top",
        "?page=2",
        "https://example.com/acme/workbook/Sales-28xg",
        "HTTPS://app.sigmacomputing.com.evil.test/",
        "https://app.sigmacomputing.com./",
        "//cdn.test/x",
        "https://example.com:pass@app.sigmacomputing.com/acme/ask",
        "/ /app.sigmacomputing.com/acme/ask",
    ] {
        assert!(!may_be_at(text, &base_url()) && parse(text).is_err(), "{text:?}");
    }
    let document = "/acme/workbook/Sales-28xg";
    for origin in [
        "https://app.sigmacomputing.com",
        "HTTPS://App.SigmaComputing.com:443",
        "//app.sigmacomputing.com",
        "///app.sigmacomputing.com",
        "//\\\\/app.sigmacomputing.com",
        "/\t//app.sigmacomputing.com",
        " \thttps://app.sigmacomputing.com",
        "https:\\\\app.sigmacomputing.com",
        "https:app.sigmacomputing.com",
        "ht\ntps://app.sigmacomputing.com",
        "https:///app.sigmacomputing.com",
        "https://app%2Esigmacomputing.com",
        "https://app\u{3002}sigmacomputing.com",
        "https://@app.sigmacomputing.com",
        "/\\app.sigmacomputing.com",
        "\\\\app.sigmacomputing.com",
        "/\t/app.sigmacomputing.com",
        " \\\n/app.sigmacomputing.com",
    ] {
        let text = format!("{origin}{document}");
        assert!(may_be_at(&text, &base_url()), "{text:?}");
        assert!(parse(&text).is_ok(), "{text:?}");
    }
    let loopback = Url::parse("http://127.0.0.1:9000/").unwrap();
    for host in ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "127.0.0.1."] {
        let text = format!("http://{host}:9000{document}");
        assert!(may_be_at(&text, &loopback) && SigmaUrl::parse(&text, &loopback).is_ok(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn nothing_that_can_be_parsed_is_told_apart(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "https:", "HTTP:", "//", "/", "\\", "app.sigmacomputing.com", "app", ".", "sigmacomputing.com", "evil.test",
            "127.0.0.1", "0x7f", "xn--", "@", ":", ":443", "?", "#", "\t", "\n", " ", "%2E", "\u{3002}", "\u{ad}",
            "/acme/workbook/Sales-28xg", "/acme/ask", "blob:", "[::1]",
        ]), 0..8),
        has_end in any::<bool>(),
    ) {
        let text = pieces.concat() + if has_end { "/acme/workbook/Sales-28xg" } else { "" };
        for base in ["https://app.sigmacomputing.com/", "http://127.0.0.1/", "https://evil.test/"] {
            let base = Url::parse(base).unwrap();
            prop_assert!(may_be_at(&text, &base) || SigmaUrl::parse(&text, &base).is_err(), "{:?}", text);
        }
    }
}
