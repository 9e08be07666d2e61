//! What a proxy is told, to the header.

use std::sync::Arc;

use http::{StatusCode, header};

use super::{Asked, Said, forward_auth, may_begin, signed_out, tests};
use crate::{
    config::Config,
    decide::{
        AsWhom, Asker, Event, Ruling, WayBack, ruling,
        tests::{CONFIG, NAVIGATION, ann, config, facts_under},
    },
    reason::Reason,
    request::ForwardAuthProxy as Proxy,
};

fn told_under(config: &Arc<Config>, proxy: Proxy, head: &str, asker: Asker) -> Said {
    let facts = facts_under(config, head, asker);
    let ruling = ruling(&facts.place, &facts.asker, &facts.request.visit);
    tests::hearing(&facts, (proxy, ruling), forward_auth)
}

fn told(proxy: Proxy, head: &str, asker: Asker) -> Said {
    told_under(&CONFIG, proxy, &format!("GET {head}\n{NAVIGATION}"), asker)
}

/// Names and values of what tells of people.
fn of_people(said: &Said) -> Vec<(&str, &str)> {
    let all = said.answer.headers().iter();
    let of_people = all.filter(|(name, _)| name.as_str().starts_with("x-forwarded-") || *name == "remote-user");
    of_people.map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect()
}

#[test]
fn leave_has_every_header_that_tells_of_people_and_an_empty_one_where_it_says_nothing() {
    let said = told(Proxy::Traefik, "/", ann(&["finance"]));
    assert_eq!((said.answer.status(), said.why), (StatusCode::OK, "allowed"));
    let expected = [
        ("x-forwarded-user", "u-1"),
        ("x-forwarded-email", "ann@example.com"),
        ("x-forwarded-groups", "finance"),
        ("x-forwarded-preferred-username", ""),
    ];
    assert_eq!(of_people(&said), expected);
    let nobody = told(Proxy::Traefik, "/public/x", ann(&["finance"]));
    assert_eq!(of_people(&nobody), expected.map(|(name, _)| (name, "")), "of a public part nobody is told of");
    assert_eq!(of_people(&told(Proxy::Nginx, "/optional/", Asker::of(None))), expected.map(|(name, _)| (name, "")));
    let remote = config(|text| text.replace("embeds = ", "identity_headers = \"remote\"\nembeds = "));
    let said = told_under(&remote, Proxy::Caddy, "GET /", ann(&[]));
    assert_eq!(of_people(&said), [("remote-user", "u-1")], "and of no other preset");
}

#[test]
fn no_answer_has_a_body_or_another_status_than_four_and_none_is_kept() {
    let rulings = Reason::ALL.iter().flat_map(|reason| [Ruling::Deny(*reason), Ruling::Refuse(*reason)]);
    let rest = [Ruling::SignIn, Ruling::SignedOut, Ruling::Allow { as_whom: AsWhom::Visitor }];
    for ruling in rulings.chain(rest) {
        for proxy in Proxy::ALL {
            let facts = facts_under(&CONFIG, "GET /", ann(&[]));
            let said = tests::hearing(&facts, (proxy, ruling), forward_auth);
            let status = said.answer.status().as_u16();
            assert!([200, 302, 401, 403].contains(&status), "{ruling:?}: {status}");
            assert!(status != 302 || proxy != Proxy::Nginx, "nginx makes a 500 of it");
            assert_eq!(status == 200, matches!(ruling, Ruling::Allow { .. }));
            assert!(said.answer.body().is_empty(), "{ruling:?}");
            assert_eq!(said.answer.headers()[header::CACHE_CONTROL], "no-store");
            assert!(!said.answer.headers().contains_key(header::CONTENT_TYPE));
            let leads = matches!(ruling, Ruling::SignIn | Ruling::SignedOut);
            assert_eq!(said.answer.headers().contains_key(header::LOCATION), leads, "{ruling:?}");
        }
    }
}

/// Where the sign-in leads that an answer leads to.
fn led_back(said: &Said) -> String {
    let start = tests::location(said).strip_prefix("https://crm.example.com").expect("a whole URL of the site");
    let facts = facts_under(&CONFIG, &format!("GET {start}\n{NAVIGATION}"), Asker::of(None));
    let return_to = facts.return_to(WayBack::Parameter);
    assert!(may_begin(&mut Asked::new(&facts, &mut tests::stream()), &return_to).is_ok());
    return_to.location(&facts.site().url).into_owned()
}

/// Without a cookie, which nginx and Caddy would lose: whatever was asked about is in the address, in the open or sealed.
#[test]
fn whoever_is_sent_to_sign_in_comes_back_to_the_very_place() {
    for place in ["/", "/reports/q3?x=1&y=%2F+a", "/a?u=https://other.example/", "/x%5Cy", "/a?rd=/b&place=c", "/a?"] {
        for (proxy, status) in [(Proxy::Nginx, 401), (Proxy::Traefik, 302), (Proxy::Caddy, 302), (Proxy::Envoy, 302)] {
            let said = told(proxy, place, Asker::of(None));
            assert_eq!((said.answer.status().as_u16(), said.why, said.cookies.len()), (status, "not_signed_in", 0));
            assert_eq!(led_back(&said), place);
        }
    }
    let other = "https://crm.example.com//other.example/x";
    assert_eq!(led_back(&told(Proxy::Envoy, "//other.example/x", Asker::of(None))), other, "a path, and no host");
    let long = format!("/a?{}", "x=1&".repeat(2_000));
    let said = told(Proxy::Nginx, &long, Asker::of(None));
    assert!(tests::location(&said).len() < 8_000, "{}", tests::location(&said).len());
}

#[test]
fn what_no_person_sees_as_a_page_is_told_no_and_led_nowhere() {
    let said = told_under(&CONFIG, Proxy::Nginx, "GET /x\nsec-fetch-dest: empty", Asker::of(None));
    assert_eq!((said.answer.status().as_u16(), said.why, tests::location(&said)), (401, "not_signed_in", ""));
}

#[test]
fn a_denial_is_on_the_record_with_what_was_asked_about() {
    let said = told(Proxy::Envoy, "/finance/x", ann(&["sales"]));
    assert_eq!((said.answer.status().as_u16(), said.why), (403, "access_denied"));
    assert!(matches!(said.events[..], [Event::Refused { reason: Reason::AccessDenied, .. }]), "{said:?}");
}

#[test]
fn whoever_comes_back_from_a_sign_out_is_shown_so_and_nobody_else_is() {
    let back = || Asker { has_signed_out: true, ..Asker::of(None) };
    let said = told(Proxy::Caddy, "/", back());
    assert_eq!(tests::location(&said), "https://crm.example.com/oauth2/signed_out");
    let at = |asker| {
        let facts = facts_under(&CONFIG, &format!("GET /oauth2/signed_out\n{NAVIGATION}"), asker);
        tests::hearing(&facts, (), signed_out)
    };
    let page = at(back());
    assert_eq!((page.answer.status(), page.cookies.len()), (StatusCode::OK, 1));
    for asker in [Asker::of(None), Asker { has_signed_out: true, ..ann(&[]) }] {
        assert_eq!((at(asker.clone()).answer.status(), tests::location(&at(asker))), (StatusCode::SEE_OTHER, "/"));
    }
}
