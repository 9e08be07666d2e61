//! Where targets lead, and where two persons are compared.

use super::{CONFIG, place};
use crate::{
    decide::{Part, locate},
    forward::Privacy,
    request::{Authority, Endpoint, HostName, NormalPath, RouteIndex},
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
    assert!(locate(&CONFIG, &authority, &NormalPath::parse("/").unwrap()).is_none());
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
        "/sigma/embed.js",
        "/sigma/style.css",
        "/sigma/nothing",
        "/public/x",
    ] {
        assert!(!place(path).compares_persons(), "{path}");
    }
}
