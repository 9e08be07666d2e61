//! The table of everything that a request can become.

use http::{HeaderValue, Method};

use super::{CONFIG, ann, place, target, visit};
use crate::{
    decide::{
        AsWhom, Asker,
        Decision::{self, Deny, Refuse},
        Own, SignIn, WayBack, decide,
    },
    policy::{PersonCheck, Unproven},
    reason::Reason,
    request::{Destination, FetchSite, Unsaid, Visit, VisitKind as Kind},
};

const AS_NOBODY: Decision = Decision::Forward { as_whom: AsWhom::Nobody };
const AS_VISITOR: Decision = Decision::Forward { as_whom: AsWhom::Visitor };

const TO_REVENUE: &str =
    "/sigma/to?url=https%3A%2F%2Fapp.sigmacomputing.com%2Facme%2Fworkbook%2FRevenue-28xgywpg21TkRWtz3jVRCe";

const fn link(reason: Reason, back: WayBack) -> Decision {
    Decision::SignIn(SignIn::Link { reason, back })
}

/// Whoever asks.
fn all(decision: &Decision) -> [Decision; 4] {
    [(); 4].map(|()| decision.clone())
}

/// Somebody, whoever it is; nobody signs in.
fn somebody(for_nobody: Decision, own: Own) -> [Decision; 4] {
    [for_nobody, Decision::Own(own), Decision::Own(own), Decision::Own(own)]
}

/// Every kind of place, for nobody, for somebody of whom too little is known, for who may not, and for who may; each as a
/// top-level visit.
#[test]
fn the_table_of_places_and_askers() {
    let sign_in = || Decision::SignIn(SignIn::Redirect);
    let (nobody, unknown, other, member) = (Asker::of(None), ann(&[]), ann(&["sales"]), ann(&["finance"]));
    let hidden = || Refuse(Reason::EmbedNotAllowed);
    // the place, for nobody, for somebody without groups, for another group, for a member
    let rows = [
        ("/", [sign_in(), AS_VISITOR, AS_VISITOR, AS_VISITOR]),
        ("/elsewhere", [sign_in(), AS_VISITOR, AS_VISITOR, AS_VISITOR]),
        ("/public/x", all(&AS_NOBODY)),
        ("/optional/x", [AS_NOBODY, AS_VISITOR, AS_VISITOR, AS_VISITOR]),
        ("/finance/x", [sign_in(), Deny(Reason::AccessDenied), Deny(Reason::AccessDenied), AS_VISITOR]),
        ("/others/x", [sign_in(), Deny(Reason::ClaimUnknown), AS_VISITOR, Deny(Reason::AccessDenied)]),
        ("/report", somebody(sign_in(), Own::EmbedPage)),
        // `//public/` is the public route to some, and another one to others.
        ("//public/x", all(&Refuse(Reason::BadPath))),
        ("/oauth2/start", all(&Decision::Own(Own::BeginSignIn))),
        ("/oauth2/callback", all(&Decision::Own(Own::EndSignIn))),
        ("/oauth2/sign_out", all(&Decision::Own(Own::SignOut))),
        ("/oauth2/userinfo", somebody(link(Reason::NotSignedIn, WayBack::Root), Own::UserInfo)),
        ("/sigma/embed.js", all(&Refuse(Reason::NotFound))),
        ("/sigma/style.css", all(&Decision::Own(Own::Style))),
        ("/sigma/links.js", all(&Decision::Own(Own::Script))),
        (TO_REVENUE, somebody(sign_in(), Own::EmbedPage)),
        ("/sigma/to?url=https%3A%2F%2Fexample.org%2F", all(&Refuse(Reason::EmbedUnknown))),
        ("/sigma/to", all(&Refuse(Reason::EmbedUnknown))),
        ("/sigma/embed/revenue", somebody(sign_in(), Own::EmbedPage)),
        ("/sigma/embed/other", all(&Refuse(Reason::EmbedUnknown))),
        ("/sigma/embed/hidden", [sign_in(), hidden(), hidden(), hidden()]),
        ("/sigma/api/embeds/revenue", all(&Refuse(Reason::WrongDestination))),
        ("/sigma/api/embeds/other", all(&Refuse(Reason::EmbedUnknown))),
        ("/sigma/api/events", all(&Refuse(Reason::MethodNotAllowed))),
        ("/sigma/x", all(&Refuse(Reason::NotFound))),
    ];
    for (path, expected) in rows {
        let decided =
            [&nobody, &unknown, &other, &member].map(|asker| decide(&place(path), asker, &visit(Kind::Navigation)));
        assert_eq!(decided, expected, "{path}: nobody, without groups, another group, a member");
    }
}

/// What a page's script asks for: the embed API, and the reports.
#[test]
fn what_a_script_asks_for_is_for_somebody() {
    let signed_out = link(Reason::NotSignedIn, WayBack::Referrer);
    let report = Visit { method: Method::POST, ..visit(Kind::Fetch) };
    for (path, visit, for_nobody, for_ann) in [
        ("/sigma/api/embeds/revenue", visit(Kind::Fetch), signed_out.clone(), Decision::Own(Own::EmbedApi)),
        ("/sigma/api/embeds/hidden", visit(Kind::Fetch), signed_out.clone(), Refuse(Reason::EmbedNotAllowed)),
        ("/sigma/api/events", report, signed_out, Decision::Own(Own::TakeReport)),
    ] {
        assert_eq!(decide(&place(path), &Asker::of(None), &visit), for_nobody, "{path}");
        assert_eq!(decide(&place(path), &ann(&[]), &visit), for_ann, "{path}");
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
    for opener in ["https://evil.example", "null"].map(HeaderValue::from_static) {
        let foreign = Visit { opener: Some(opener), ..visit(Kind::WebSocket) };
        for path in ["/", "/public/x", "/report", "//public/x"] {
            for asker in [Asker::of(None), ann(&["finance"])] {
                assert_eq!(decide(&place(path), &asker, &foreign), Refuse(Reason::CrossSite), "{path}");
            }
        }
        // Our own endpoints have their own table.
        assert_eq!(decide(&place("/sigma/x"), &ann(&[]), &foreign), Refuse(Reason::NotFound));
    }
    assert_eq!(decide(&place("/"), &ann(&[]), &visit(Kind::WebSocket)), AS_VISITOR);
    let of_no_page = Visit { opener: None, ..visit(Kind::WebSocket) };
    assert_eq!(decide(&place("/"), &ann(&[]), &of_no_page), AS_VISITOR);
}

#[test]
fn a_browser_without_fetch_metadata_names_the_site_that_asks_by_its_origin() {
    let form = |opener: Option<&'static str>| Visit {
        method: Method::POST,
        destination: Destination::Absent,
        site: FetchSite::Absent,
        is_scripted: true,
        opener: opener.map(HeaderValue::from_static),
        ..visit(Kind::Form)
    };
    let at = |path: &str, opener| decide(&place(path), &ann(&["finance"]), &form(opener));
    let own = Some("https://crm.example.com");
    for opener in [None, own, Some("null")] {
        assert_eq!(at("/oauth2/sign_out", opener), Decision::Own(Own::SignOut), "{opener:?}");
        assert_eq!(at("/sigma/api/embeds/revenue", opener), Decision::Own(Own::EmbedApi), "{opener:?}");
    }
    for opener in ["https://evil.example", "http://crm.example.com", "https://crm.example.com:8443"].map(Some) {
        assert_eq!(at("/oauth2/sign_out", opener), Decision::Own(Own::ConfirmSignOut), "{opener:?}");
        assert_eq!(at("/sigma/api/embeds/revenue", opener), Refuse(Reason::CrossSite), "{opener:?}");
    }
    // Where the browser says more, that counts.
    let said = Visit { site: FetchSite::SameOrigin, ..form(Some("https://evil.example")) };
    assert_eq!(decide(&place("/oauth2/sign_out"), &ann(&[]), &said), Decision::Own(Own::SignOut));
}

#[test]
fn an_endpoint_that_asks_first_says_so() {
    let framed = visit(Kind::Frame);
    assert_eq!(decide(&place("/oauth2/sign_out"), &ann(&[]), &framed), Decision::Own(Own::ConfirmSignOut));
    assert_eq!(decide(&place("/oauth2/start"), &ann(&[]), &framed), link(Reason::NotSignedIn, WayBack::Parameter));
}

/// A Sigma URL is answered as the stable link is, in every way that it may be asked for.
#[test]
fn a_sigma_url_is_answered_as_the_stable_link_of_its_embed() {
    for visit in super::entry::visits() {
        for asker in [Asker::of(None), ann(&["finance"])] {
            let [by_name, by_url] =
                ["/sigma/embed/revenue", TO_REVENUE].map(|path| decide(&place(path), &asker, &visit));
            assert_eq!(by_url, by_name, "{visit:?}");
        }
    }
}

#[test]
fn whoever_copies_or_moves_may_have_both_ends() {
    let (nobody, other, member) = (Asker::of(None), ann(&["sales"]), ann(&["finance"]));
    let visit = Visit { method: Method::from_bytes(b"MOVE").unwrap(), ..visit(Kind::Fetch) };
    let sign_in = || link(Reason::NotSignedIn, WayBack::Referrer);
    let bad = || all(&Refuse(Reason::BadPath));
    // from where, to where, for nobody, for another group, for a member
    let rows = [
        ("/public/a", "/public/b", vec![AS_NOBODY, AS_NOBODY, AS_NOBODY]),
        ("/public/a", "/finance/b", vec![sign_in(), Deny(Reason::AccessDenied), AS_VISITOR]),
        ("/public/a", "/b", vec![sign_in(), AS_VISITOR, AS_VISITOR]),
        ("/a", "/finance/b", vec![sign_in(), Deny(Reason::AccessDenied), AS_VISITOR]),
        ("/finance/a", "/public/b", vec![sign_in(), Deny(Reason::AccessDenied), AS_VISITOR]),
        ("/finance/a", "/others/b", vec![sign_in(), Deny(Reason::AccessDenied), Deny(Reason::AccessDenied)]),
        // What the application does not answer, and what leads to two routes.
        ("/public/a", "/oauth2/start", bad().to_vec()),
        ("/public/a", TO_REVENUE, bad().to_vec()),
        ("/public/a", "/report", bad().to_vec()),
        ("/public/a", "//public/b", bad().to_vec()),
    ];
    for (from, to, expected) in rows {
        let place = place(from).writing_to(&CONFIG, Some(&target(to)));
        for (asker, expected) in [&nobody, &other, &member].into_iter().zip(expected) {
            assert_eq!(decide(&place, asker, &visit), expected, "{from} to {to}");
        }
    }
}
