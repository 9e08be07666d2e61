//! The table of everything that a request can become.

use http::HeaderValue;

use super::{ann, place, visit};
use crate::{
    decide::{
        AsWhom, Asker,
        Decision::{self, ConfirmSignOut, Deny, Endpoint, Refuse, StableLink},
        SignIn, WayBack, decide,
    },
    embed::EmbedName,
    policy::{PersonCheck, Unproven},
    reason::Reason,
    request::{Unsaid, Visit, VisitKind as Kind},
};

const AS_NOBODY: Decision = Decision::Forward { as_whom: AsWhom::Nobody };
const AS_VISITOR: Decision = Decision::Forward { as_whom: AsWhom::Visitor };

const fn link(reason: Reason, back: WayBack) -> Decision {
    Decision::SignIn(SignIn::Link { reason, back })
}

fn revenue() -> Decision {
    StableLink(EmbedName::parse("revenue").expect("a name"))
}

/// Every kind of place, for nobody, for somebody of whom too little is known, for who may not, and for who may; each as a
/// top-level visit.
#[test]
fn the_table_of_places_and_askers() {
    let sign_in = || Decision::SignIn(SignIn::Redirect);
    let (nobody, unknown, other, member) = (Asker::of(None), ann(&[]), ann(&["sales"]), ann(&["finance"]));
    // the place, for nobody, for somebody without groups, for another group, for a member
    let rows = [
        ("/", sign_in(), AS_VISITOR, AS_VISITOR, AS_VISITOR),
        ("/elsewhere", sign_in(), AS_VISITOR, AS_VISITOR, AS_VISITOR),
        ("/public/x", AS_NOBODY, AS_NOBODY, AS_NOBODY, AS_NOBODY),
        ("/optional/x", AS_NOBODY, AS_VISITOR, AS_VISITOR, AS_VISITOR),
        ("/finance/x", sign_in(), Deny(Reason::AccessDenied), Deny(Reason::AccessDenied), AS_VISITOR),
        ("/others/x", sign_in(), Deny(Reason::ClaimUnknown), AS_VISITOR, Deny(Reason::AccessDenied)),
        ("/report", sign_in(), revenue(), revenue(), revenue()),
        // `//public/` is the public route to some, and another one to others.
        (
            "//public/x",
            Refuse(Reason::BadPath),
            Refuse(Reason::BadPath),
            Refuse(Reason::BadPath),
            Refuse(Reason::BadPath),
        ),
        ("/oauth2/start", Endpoint, Endpoint, Endpoint, Endpoint),
        ("/oauth2/callback", Endpoint, Endpoint, Endpoint, Endpoint),
        ("/oauth2/sign_out", Endpoint, Endpoint, Endpoint, Endpoint),
        ("/oauth2/userinfo", Endpoint, Endpoint, Endpoint, Endpoint),
        ("/sigma/embed.js", Endpoint, Endpoint, Endpoint, Endpoint),
        ("/sigma/style.css", Endpoint, Endpoint, Endpoint, Endpoint),
        ("/sigma/embed/revenue", Endpoint, Endpoint, Endpoint, Endpoint),
        ("/sigma/api/embeds/revenue", Endpoint, Endpoint, Endpoint, Endpoint),
        (
            "/sigma/api/events",
            Refuse(Reason::MethodNotAllowed),
            Refuse(Reason::MethodNotAllowed),
            Refuse(Reason::MethodNotAllowed),
            Refuse(Reason::MethodNotAllowed),
        ),
        (
            "/sigma/x",
            Refuse(Reason::NotFound),
            Refuse(Reason::NotFound),
            Refuse(Reason::NotFound),
            Refuse(Reason::NotFound),
        ),
    ];
    for (path, for_nobody, for_unknown, for_other, for_member) in rows {
        let decided = |asker: &Asker| decide(&place(path), asker, &visit(Kind::Navigation));
        assert_eq!(decided(&nobody), for_nobody, "{path}, nobody");
        assert_eq!(decided(&unknown), for_unknown, "{path}, without groups");
        assert_eq!(decided(&other), for_other, "{path}, another group");
        assert_eq!(decided(&member), for_member, "{path}, a member");
    }
}

/// How nobody is told to sign in at a route, by how they ask and by what a proxy in front says.
#[test]
fn the_table_of_visits_and_of_what_a_proxy_in_front_says() {
    use WayBack::{Here, Referrer};
    let asker = |person| Asker { person, ..Asker::of(None) };
    let redirect = || Decision::SignIn(SignIn::Redirect);
    let (conflict, unsigned) = (Reason::IdentityConflict, Reason::NotSignedIn);
    for (person, reason, at_top) in [
        (PersonCheck::Unasked, unsigned, redirect()),
        (PersonCheck::Nobody(Unproven::Unsaid(Unsaid::Missing)), unsigned, redirect()),
        (PersonCheck::Differs, conflict, redirect()),
        // Signing in again mends nothing by itself, and would go round.
        (PersonCheck::Nobody(Unproven::NoAddress), conflict, link(conflict, Here)),
    ] {
        for (kind, expected) in [
            (Kind::Navigation, at_top),
            (Kind::Form, link(reason, Here)),
            (Kind::Frame, link(reason, Referrer)),
            (Kind::Fetch, link(reason, Referrer)),
            (Kind::Prefetch, link(reason, Referrer)),
            (Kind::WebSocket, link(reason, Referrer)),
        ] {
            assert_eq!(decide(&place("/"), &asker(person), &visit(kind)), expected, "{person:?} {kind:?}");
        }
    }
}

#[test]
fn a_websocket_of_another_origin_is_refused_whoever_asks_and_wherever_it_leads() {
    let foreign = [None, Some("https://evil.example"), Some("null")];
    for opener in foreign.map(|opener| opener.map(HeaderValue::from_static)) {
        let foreign = Visit { opener, ..visit(Kind::WebSocket) };
        for path in ["/", "/public/x", "/report", "//public/x"] {
            for asker in [Asker::of(None), ann(&["finance"])] {
                assert_eq!(decide(&place(path), &asker, &foreign), Refuse(Reason::CrossSite), "{path}");
            }
        }
        // Our own endpoints have their own table.
        assert_eq!(decide(&place("/sigma/x"), &ann(&[]), &foreign), Refuse(Reason::NotFound));
    }
    assert_eq!(decide(&place("/"), &ann(&[]), &visit(Kind::WebSocket)), AS_VISITOR);
}

#[test]
fn an_endpoint_that_asks_first_says_so() {
    let framed = visit(Kind::Frame);
    assert_eq!(decide(&place("/oauth2/sign_out"), &ann(&[]), &framed), ConfirmSignOut);
    assert_eq!(decide(&place("/oauth2/start"), &ann(&[]), &framed), link(Reason::NotSignedIn, WayBack::Parameter));
}
