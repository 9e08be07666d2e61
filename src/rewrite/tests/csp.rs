//! Which frames a page's own policy lets in, as CSP 3 says it; and what it becomes where the site extends it.

use http::{HeaderMap, HeaderValue, header};

use super::Double;
use crate::rewrite::{FramePolicies, SlotFiller, csp::extended};

const PAGE: &str = "https://crm.test";

fn may_frame(policy: &str, url: &str, page: &str) -> bool {
    let line = HeaderValue::from_bytes(policy.as_bytes()).unwrap();
    FramePolicies::of_head([&line]).may_frame(url, page)
}

/// Lines of: what a policy's `frame-src` says, and the URLs that it lets in and that it does not.
const SOURCES: &[(&str, &[&str], &[&str])] = &[
    ("'self'", &["https://crm.test/x"], &["https://a.crm.test/", "http://crm.test/", "https://crm.test:8443/"]),
    ("'SELF'", &["https://crm.test/x"], &["https://sigma.test/"]),
    ("'none'", &[], &["https://crm.test/"]),
    ("", &[], &["https://crm.test/"]),
    ("'none' 'self'", &["https://crm.test/"], &["https://sigma.test/"]),
    ("*", &["https://sigma.test/", "http://sigma.test:81/"], &["data:text/html,x", "blob:https://crm.test/1"]),
    ("https:", &["https://sigma.test:8/a"], &["http://sigma.test/"]),
    ("HTTP:", &["https://sigma.test/", "http://sigma.test/"], &["ftp://sigma.test/"]),
    ("ws: wss:", &[], &["https://sigma.test/", "http://sigma.test/"]),
    ("data:", &["data:text/html,x"], &["https://sigma.test/"]),
    (
        "sigma.test",
        &["https://sigma.test/a/b?c"],
        &["http://sigma.test/", "https://sigma.test:444/", "https://x.sigma.test/"],
    ),
    ("SIGMA.Test", &["https://sigma.test/"], &["https://sigma.test.evil.test/", "https://evil-sigma.test/"]),
    ("http://sigma.test", &["http://sigma.test/", "https://sigma.test/"], &["http://sigma.test:81/"]),
    ("https://sigma.test", &["https://sigma.test:443/"], &["http://sigma.test/"]),
    ("ws://sigma.test", &[], &["https://sigma.test/", "http://sigma.test/"]),
    ("sigma.test:443", &["https://sigma.test/"], &["https://sigma.test:8443/"]),
    ("sigma.test:8443", &["https://sigma.test:8443/"], &["https://sigma.test/"]),
    ("sigma.test:*", &["https://sigma.test/", "https://sigma.test:8/"], &["https://a.sigma.test:8/"]),
    ("https://*:8443", &["https://any.test:8443/"], &["https://any.test/"]),
    (
        "*.sigma.test",
        &["https://a.sigma.test/", "https://a.b.sigma.test/"],
        &["https://sigma.test/", "https://xsigma.test/"],
    ),
    ("https://*.sigma.test:*", &["https://a.sigma.test:9/"], &["http://a.sigma.test:9/", "https://.sigma.test/"]),
    ("*.*.test", &[], &["https://a.b.test/"]),
    ("a*.sigma.test", &[], &["https://ab.sigma.test/"]),
    ("https://sigma.test/", &["https://sigma.test/", "https://sigma.test/acme/x"], &["https://crm.test/"]),
    (
        "https://sigma.test/acme",
        &["https://sigma.test/acme"],
        &["https://sigma.test/acme/", "https://sigma.test/acme2"],
    ),
    (
        "https://sigma.test/acme/",
        &["https://sigma.test/acme/", "https://sigma.test/acme/w/1"],
        &["https://sigma.test/acme"],
    ),
    (
        "https://sigma.test/a%63me/",
        &["https://sigma.test/acme/x", "https://sigma.test/ac%6De/x"],
        &["https://sigma.test/ACME/x"],
    ),
    ("https://sigma.test/?a", &[], &["https://sigma.test/", "https://sigma.test/?a"]),
    ("https://sigma.test:x https://u@sigma.test https:///x //sigma.test", &[], &["https://sigma.test/"]),
    ("'strict-dynamic' 'nonce-abc' 'unsafe-inline'", &[], &["https://crm.test/", "https://sigma.test/"]),
    ("'strict-dynamic' https:", &["https://sigma.test/"], &["http://sigma.test/"]),
    ("\tsigma.test \t 'self' ", &["https://sigma.test/", "https://crm.test/"], &["https://other.test/"]),
];

#[test]
fn a_source_list_lets_in_what_the_standard_says() {
    for (sources, let_in, blocked) in SOURCES {
        for (urls, expected) in [(let_in, true), (blocked, false)] {
            for url in *urls {
                assert_eq!(may_frame(&format!("frame-src {sources}"), url, PAGE), expected, "{sources}: {url}");
            }
        }
    }
}

#[test]
fn a_source_without_a_scheme_and_self_go_by_the_page() {
    for (sources, page, url, expected) in [
        ("sigma.test", "http://crm.test", "http://sigma.test/", true),
        ("sigma.test", "http://crm.test", "https://sigma.test/", true),
        ("sigma.test:81", "http://crm.test", "http://sigma.test:81/", true),
        ("'self'", "http://crm.test", "https://crm.test/", true),
        ("'self'", "http://crm.test:8080", "http://crm.test:8080/", true),
        ("'self'", "http://crm.test:8080", "https://crm.test:8080/", true),
        ("'self'", "http://crm.test:8080", "http://crm.test/", false),
        ("127.0.0.1:*", "http://crm.test", "http://127.0.0.1:5000/", true),
    ] {
        assert_eq!(may_frame(&format!("frame-src {sources}"), url, page), expected, "{sources} on {page}: {url}");
    }
}

#[test]
fn the_first_directive_that_speaks_of_frames_counts_in_every_policy() {
    for (policy, expected) in [
        ("", true),
        (";;", true),
        ("img-src 'none'; script-src 'none'", true),
        ("default-src 'none'", false),
        ("default-src 'none'; child-src sigma.test", true),
        ("default-src 'none'; child-src 'none'; frame-src sigma.test", true),
        ("FRAME-SRC sigma.test; default-src 'none'", true),
        ("frame-src 'none'; child-src *; default-src *", false),
        ("frame-src 'none'; frame-src *", false),
        ("frame-src *; frame-src 'none'", true),
        ("frame-src", false),
        ("frame-src;", false),
        ("frame-src-elem 'none'", true),
        ("frame-src *, frame-src 'none'", false),
        ("frame-src *, img-src 'none'", true),
        ("frame-src\tsigma.test", true),
        ("frame-src\u{e9} 'none'", true),
        ("frame-src sigma.test\u{e9}", false),
        ("frame-ancestors 'none'; form-action 'none'", true),
    ] {
        assert_eq!(may_frame(policy, "https://sigma.test/", PAGE), expected, "{policy}");
    }
    let lines = ["frame-src *", "default-src 'self'"].map(HeaderValue::from_static);
    assert!(!FramePolicies::of_head(&lines).may_frame("https://sigma.test/", PAGE));
    let mut of_meta = FramePolicies::default();
    // No list of policies: the comma is a part of the word.
    of_meta.add_meta("frame-src sigma.test, img-src 'self'");
    assert!(!of_meta.may_frame("https://sigma.test/", PAGE));
}

/// What becomes of a head with these policies; report-only ones are beside them.
fn made(lines: &[&str]) -> Option<Vec<String>> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY_REPORT_ONLY, HeaderValue::from_static("frame-src 'none'"));
    for line in lines {
        headers.append(header::CONTENT_SECURITY_POLICY, HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    let lines = extended(&headers, Double::linking().landmarks())?;
    Some(lines.iter().map(|line| line.to_str().unwrap().to_owned()).collect())
}

#[test]
fn a_policy_is_extended_by_its_own_origin_for_frames_and_by_nothing_else() {
    for (policy, expected) in [
        ("frame-src https://maps.test; script-src 'self'", "frame-src https://maps.test 'self'; script-src 'self'"),
        (
            "script-src 'self' ;  Frame-Src  maps.test ; img-src *",
            "script-src 'self' ;  Frame-Src  maps.test 'self' ; img-src *",
        ),
        ("frame-src 'none'", "frame-src 'self'"),
        ("frame-src 'NONE';img-src *", "frame-src 'self';img-src *"),
        ("frame-src 'none' maps.test", "frame-src maps.test 'self'"),
        ("frame-src", "frame-src 'self'"),
        ("frame-src ; img-src *", "frame-src 'self' ; img-src *"),
        ("child-src maps.test; default-src 'none'", "child-src maps.test 'self'; default-src 'none'"),
        ("default-src 'none'; frame-src maps.test", "default-src 'none'; frame-src maps.test 'self'"),
        // Scripts and all else stay as they are.
        ("default-src 'none'", "default-src 'none'; frame-src 'self'"),
        (
            "default-src https://cdn.test 'unsafe-inline' 'nonce-a'; img-src *;",
            "default-src https://cdn.test 'unsafe-inline' 'nonce-a'; img-src *; frame-src https://cdn.test 'self'",
        ),
        ("default-src 'none', frame-src maps.test", "default-src 'none'; frame-src 'self', frame-src maps.test 'self'"),
    ] {
        assert_eq!(made(&[policy]), Some(vec![expected.to_owned()]), "{policy}");
        assert!(may_frame(expected, "https://crm.test/sigma/embed/revenue", PAGE), "{expected}");
    }
    assert_eq!(
        made(&["frame-src a.test", "img-src *"]),
        Some(vec!["frame-src a.test 'self'".into(), "img-src *".into()])
    );
}

#[test]
fn a_policy_that_lets_its_own_origin_in_is_not_extended() {
    for policy in [
        "img-src 'none'",
        "frame-src 'self'",
        "frame-src *; default-src 'none'",
        "default-src 'self'",
        "default-src https:",
        "child-src https://crm.test/sigma/",
        "frame-ancestors 'none'",
    ] {
        assert_eq!(made(&[policy]), None, "{policy}");
    }
    assert_eq!(made(&[]), None);
    assert_eq!(made(&["frame-src a.test; report-uri /\u{e9}"]), None, "what is no text stays as it is");
}
