//! What a proxy is told of every kind of place, and who asks how.

use http::{HeaderValue, Method};

use super::{CONFIG, ann, config, facts_under, place, target, visit};
use crate::{
    decide::{
        AsWhom, Asker, Decision, FrontCheck,
        Ruling::{self, Allow, Deny, Refuse, SignIn, SignedOut},
        decide, ruling,
    },
    identity::ProviderName,
    reason::Reason,
    request::{Destination, Visit, VisitKind as Kind},
};

const AS_NOBODY: Ruling = Allow { as_whom: AsWhom::Nobody };
const AS_VISITOR: Ruling = Allow { as_whom: AsWhom::Visitor };

/// For nobody, for somebody of whom too little is known, for who may not, and for who may; each as a top-level visit.
#[test]
fn a_proxy_is_told_what_would_become_of_the_request_itself() {
    let askers = [Asker::of(None), ann(&[]), ann(&["sales"]), ann(&["finance"])];
    let own = [Refuse(Reason::ForwardAuthOwn); 4];
    let rows = [
        ("/", [SignIn, AS_VISITOR, AS_VISITOR, AS_VISITOR]),
        ("/public/x", [AS_NOBODY; 4]),
        ("/optional/x", [AS_NOBODY, AS_VISITOR, AS_VISITOR, AS_VISITOR]),
        ("/finance/x", [SignIn, Deny(Reason::AccessDenied), Deny(Reason::AccessDenied), AS_VISITOR]),
        ("/others/x", [SignIn, Deny(Reason::ClaimUnknown), AS_VISITOR, Deny(Reason::AccessDenied)]),
        ("//public/x", [Refuse(Reason::BadPath); 4]),
        ("/%70ublic/x", [Refuse(Reason::BadPath); 4]),
        // What the gateway itself answers: no way around it, and no round.
        ("/report", own),
        ("/oauth2/start", own),
        ("/oauth2/callback", own),
        ("/oauth2/sign_out", own),
        ("/oauth2/auth/envoy/x", own),
        ("/oauth2/nothing", own),
        ("/sigma/embed/revenue", own),
        ("/sigma/api/embeds/revenue", own),
        ("/sigma/style.css", own),
        ("/%6fauth2/start", own),
        ("//oauth2/start", own),
    ];
    for (path, expected) in rows {
        for (asker, expected) in askers.iter().zip(expected) {
            assert_eq!(ruling(&place(path), asker, &visit(Kind::Navigation)), expected, "{path} {asker:?}");
        }
    }
}

#[test]
fn of_a_copy_both_ends_are_ruled_on() {
    let place = |to: &str| place("/public/x").writing_to(&CONFIG, Some(&target(to)));
    for (to, for_other, for_member) in [
        ("/public/y", AS_NOBODY, AS_NOBODY),
        ("/finance/y", Deny(Reason::AccessDenied), AS_VISITOR),
        ("/oauth2/start", Refuse(Reason::BadPath), Refuse(Reason::BadPath)),
    ] {
        let rulings = [ann(&["sales"]), ann(&["finance"])].map(|asker| ruling(&place(to), &asker, &visit(Kind::Fetch)));
        assert_eq!(rulings, [for_other, for_member], "{to}");
    }
}

/// Only a navigation of the whole tab is sent to sign in: what a page loads, a frame, a form and a handshake are told no.
#[test]
fn only_a_navigation_is_sent_to_sign_in() {
    let nobody = Asker::of(None);
    for kind in [Kind::Frame, Kind::Form, Kind::Fetch, Kind::Prefetch, Kind::WebSocket] {
        assert_eq!(ruling(&place("/x"), &nobody, &visit(kind)), Refuse(Reason::NotSignedIn), "{kind:?}");
        assert_eq!(ruling(&place("/x"), &ann(&[]), &visit(kind)), AS_VISITOR, "{kind:?}");
    }
    let head = Visit { method: Method::HEAD, ..visit(Kind::Navigation) };
    assert_eq!(ruling(&place("/x"), &nobody, &head), Refuse(Reason::NotSignedIn));
    let preflight = Visit { method: Method::OPTIONS, destination: Destination::Empty, ..visit(Kind::Fetch) };
    assert_eq!(ruling(&place("/x"), &nobody, &preflight), Refuse(Reason::NotSignedIn), "no cookies come with one");
    assert_eq!(ruling(&place("/public/"), &nobody, &preflight), AS_NOBODY);
    let back = Asker { has_signed_out: true, ..Asker::of(None) };
    assert_eq!(ruling(&place("/x"), &back, &visit(Kind::Navigation)), SignedOut);
}

#[test]
fn a_handshake_of_another_origins_page_is_refused_signed_in_or_not_and_on_public_paths() {
    let foreign = Visit { opener: Some(HeaderValue::from_static("https://other.example")), ..visit(Kind::WebSocket) };
    for asker in [Asker::of(None), ann(&["finance"])] {
        for path in ["/", "/public/x", "/finance/x", "//public/x"] {
            assert_eq!(ruling(&place(path), &asker, &foreign), Refuse(Reason::CrossSite), "{path}");
        }
    }
}

/// The same request, once by itself and once asked about.
#[test]
fn no_request_is_allowed_by_one_way_and_not_by_the_other() {
    let kinds = [Kind::Navigation, Kind::Frame, Kind::Form, Kind::Fetch, Kind::Prefetch, Kind::WebSocket];
    for path in ["/", "/public/x", "/optional/x", "/finance/x", "/others/x", "//public/x", "/report", "/sigma/to"] {
        let conflict = FrontCheck::Conflict { source: ProviderName::parse("front").unwrap(), user: "u-2".to_owned() };
        let torn = Asker { front: conflict, ..ann(&["finance"]) };
        for asker in [Asker::of(None), ann(&[]), ann(&["sales"]), ann(&["finance"]), torn] {
            for kind in kinds {
                let (by_itself, asked) =
                    (decide(&place(path), &asker, &visit(kind)), ruling(&place(path), &asker, &visit(kind)));
                let forwarded = match by_itself {
                    Decision::Forward { as_whom } => Some(as_whom),
                    Decision::Own(_) | Decision::SignIn(_) | Decision::Deny(_) | Decision::Refuse(_) => None,
                };
                let allowed = match asked {
                    Allow { as_whom } => Some(as_whom),
                    SignIn | SignedOut | Deny(_) | Refuse(_) => None,
                };
                assert_eq!(forwarded, allowed, "{path} {kind:?} {asker:?}");
            }
        }
    }
}

#[test]
fn a_site_without_an_upstream_is_asked_about_and_forwards_nothing() {
    let asked = config(|text| text.replace("upstream = \"http://10.0.0.5:8000\"\n", ""));
    let at = |path: &str| facts_under(&asked, &format!("GET {path}"), ann(&["finance"]));
    for path in ["/", "/public/x", "/finance/x", "/optional/x"] {
        let facts = at(path);
        assert_eq!(decide(&facts.place, &facts.asker, &facts.request.visit), Decision::Refuse(Reason::NoUpstream));
        assert!(matches!(ruling(&facts.place, &facts.asker, &visit(Kind::Navigation)), Allow { .. }), "{path}");
        let nobody = Asker::of(None);
        assert_eq!(decide(&facts.place, &nobody, &visit(Kind::Navigation)), Decision::Refuse(Reason::NoUpstream));
        assert!(!facts.place.is_forwarded() && facts.place.forward().is_none());
    }
    // Its embeds and the sign-in are there as ever.
    for path in ["/report", "/sigma/embed/revenue", "/oauth2/start", "/oauth2/userinfo"] {
        let facts = at(path);
        let decision = |place| decide(place, &facts.asker, &visit(Kind::Navigation));
        assert!(matches!(decision(&facts.place), Decision::Own(_)), "{path}");
        assert_eq!(decision(&facts.place), decision(&place(path)), "{path}");
    }
    let own = "[[site.route]]\npath = \"/part/\"\nupstream = \"http://10.0.0.6:8000\"\n";
    let part = config(|text| text.replace("upstream = \"http://10.0.0.5:8000\"\n", "") + own);
    let facts = facts_under(&part, "GET /part/x", ann(&[]));
    let decision = decide(&facts.place, &facts.asker, &facts.request.visit);
    assert_eq!(decision, Decision::Forward { as_whom: AsWhom::Visitor });
    assert!(CONFIG.sites[0].forward.is_some());
}
