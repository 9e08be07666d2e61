use super::*;

fn site() -> Url {
    Url::parse("https://crm.example.com").unwrap()
}

/// What an attempt's cookie makes of it.
fn carried(target: &str) -> ReturnTo {
    let text = serde_json::to_string(&ReturnTo::of_request(target, &site())).unwrap();
    assert!(text.len() <= RETURN_TO_BYTES_MAX + 20, "{} bytes", text.len());
    serde_json::from_str(&text).unwrap()
}

/// A query of so many bytes that cannot be packed; the same in every run.
fn noise(bytes: usize) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next =
        |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
    let states = std::iter::successors(Some(1_u64), next);
    states.take(bytes).map(|state| char::from(letters[(state >> 58) as usize])).collect()
}

fn parse(text: &str) -> String {
    ReturnTo::parse(text, &Url::parse("https://crm.example.com").unwrap(), "/oauth2").target
}

#[test]
fn a_path_and_query_of_the_site_is_kept() {
    for text in [
        "/",
        "/a/b.aspx?x=1&y=%2Fz",
        "/x?next=https%3A%2F%2Fcrm.example.com%2F",
        "/caf%C3%A9",
        "/sigma/embed/revenue",
        "/a%252f",
    ] {
        assert_eq!(parse(text), text);
    }
    assert_eq!(parse("/x?url=https%3A%2F%2Fexample.org"), "/");
    let request = ReturnTo::of_request("/a//b?url=https://x", &Url::parse("https://crm.example.com").unwrap());
    assert_eq!(request.as_str(), "/a//b?url=https://x");
    assert_eq!(parse("/a?b=1#/part"), "/a?b=1#/part", "a route of the page's own script");
    assert_eq!(parse("/a/../b"), "/b");
    assert_eq!(parse("/oauth2-app/x"), "/oauth2-app/x");
}

/// What was asked of the site is no foreign input: no rule for `rd` is held against it.
#[test]
fn whatever_was_asked_of_the_site_is_where_a_person_lands() {
    for target in [
        "/Reports/report/Sales%20Reports/Q3",
        "/%5C%5Cserver/share",
        "/x%5cy",
        "/a%2520b",
        "/a%25252Fb",
        "/a%C2%A0b",
        "/%E2%80%83",
        "/%EF%BB%BFx",
        "/caf%E9",
        "/a|b",
        "/a?x=%zz",
        "/a?&&=&",
        "/go?to=https://other.test/x&u=//other.test",
        "//evil.test/%2f..",
        "///evil.test/",
    ] {
        let place = carried(target);
        assert_eq!((place.as_str(), place.is_cut()), (target, false));
        let landed = site().join(&place.location(&site())).unwrap();
        assert_eq!(landed.as_str(), format!("https://crm.example.com{target}"));
    }
    assert_eq!(ReturnTo::of_request("/a\nb", &site()).as_str(), "/");
}

#[test]
fn a_long_place_is_carried_whole_or_packed_and_beyond_that_its_path_alone() {
    let of = |query: String| format!("/reports/q3?{query}");
    let packs = "region=emea&".repeat(580);
    let whole =
        [of(noise(RETURN_TO_BYTES_MAX - 12)), of(packs.clone()), of("a".repeat(RETURN_TO_REQUEST_BYTES_MAX - 12))];
    for target in whole {
        let place = carried(&target);
        assert!(place.as_str() == target && !place.is_cut(), "{} bytes are not kept", target.len());
    }
    for target in [of(noise(6_000)), of("a".repeat(RETURN_TO_REQUEST_BYTES_MAX - 11)), of(packs.repeat(2))] {
        let place = carried(&target);
        assert_eq!((place.as_str(), place.is_cut()), ("/reports/q3", true));
    }
    let place = carried(&format!("/{}", noise(6_000)));
    assert_eq!((place.as_str(), place.is_cut()), ("/", true));
}

#[test]
fn what_unpacks_to_more_than_the_bound_is_no_place() {
    let bomb = deflated(&format!("/{}", "a".repeat(RETURN_TO_REQUEST_BYTES_MAX))).unwrap();
    for packed in [bomb.as_str(), "", "!", "AAAA"] {
        let text = serde_json::json!({ "packed": packed }).to_string();
        assert!(serde_json::from_str::<ReturnTo>(&text).is_err() || packed.is_empty(), "{packed}");
    }
}

#[test]
fn a_page_of_the_site_is_a_place_and_a_sign_in_endpoint_is_none() {
    let page = |target: &str| ReturnTo::of_page(target, &site(), "/oauth2").target;
    assert_eq!(page("/r?u=https://other.test/x"), "/r?u=https://other.test/x");
    assert_eq!([page("/oauth2/callback?code=x"), page("/OAuth2")], ["/", "/"]);
}

#[test]
fn its_debug_text_has_the_path_and_no_query() {
    let site = Url::parse("https://crm.example.com").unwrap();
    let target = ReturnTo::of_request("/a?code=marker", &site);
    assert_eq!((format!("{target:?}").as_str(), target.as_str()), (r#"ReturnTo("/a")"#, "/a?code=marker"));
}

#[test]
fn what_leads_elsewhere_becomes_the_front_page() {
    for text in include_str!("foreign.txt").lines() {
        assert_eq!(parse(text), "/", "{text:?}");
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        assert_eq!(parse(&decoded), "/", "{decoded:?}");
    }
    for text in ["", "/\t/evil.test", "/\u{b}/evil.test", "/a\r\nSet-Cookie: x=1", "/a\0", "/\u{2028}a"] {
        assert_eq!(parse(text), "/", "{text:?}");
    }
}

#[test]
fn own_sign_in_endpoints_are_no_place_to_return_to() {
    for text in
        ["/oauth2", "/oauth2/sign_out", "/oauth2/callback?code=x", "/OAuth2/start", "/oauth2%2fstart", "/x/../oauth2/"]
    {
        assert_eq!(parse(text), "/", "{text}");
    }
}

#[test]
fn a_target_over_the_limit_is_refused_and_not_cut() {
    let of = |bytes: usize| format!("/{}", "a".repeat(bytes - 1));
    assert_eq!(parse(&of(RETURN_TO_BYTES_MAX)), of(RETURN_TO_BYTES_MAX));
    assert_eq!(parse(&of(RETURN_TO_BYTES_MAX + 1)), "/");
    assert_eq!(parse(&format!("/{}", "é".repeat(500))), "/", "its escapes are over the limit");
}

#[test]
fn published_open_redirects_are_refused_and_as_requests_stay_on_the_site() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpora/open_redirects.txt");
    let Ok(corpus) = std::fs::read(path) else {
        assert!(option_env!("CI").is_none(), "CI needs {path}");
        eprintln!("skipped: no {path}");
        return;
    };
    for text in String::from_utf8_lossy(&corpus).lines().filter(|line| !line.is_empty()) {
        let decoded = percent_decode_str(text).decode_utf8_lossy().into_owned();
        assert_eq!((parse(text).as_str(), parse(&decoded).as_str()), ("/", "/"), "{text:?}");
        for text in [text, &decoded] {
            let site = Url::parse("https://crm.example.com").unwrap();
            let target = ReturnTo::of_request(text, &site);
            assert_eq!(site.join(&target.location(&site)).unwrap().origin(), site.origin(), "{text:?}");
        }
    }
}

proptest::proptest! {
    #[test]
    fn whatever_is_asked_for_the_answer_stays_on_the_site(text in "[/\\\\.%:@?#a-z0-9 \t]{0,40}|.{0,40}") {
        let site = Url::parse("https://crm.example.com").unwrap();
        let answer = parse(&text);
        proptest::prop_assert!(answer.starts_with('/') && !answer.starts_with("//"));
        proptest::prop_assert_eq!(site.join(&answer).unwrap().origin(), site.origin());
        proptest::prop_assert_eq!(parse(&answer), answer);
    }
}
