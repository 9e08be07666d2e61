//! Who is let in: the code against rows as the documentation writes them, over every combination.

use http::Method;

use crate::{
    reason::Reason,
    request::{
        Destination as To, Endpoint,
        Entry::{self, Confirm, OfferSignIn, Refuse, Serve},
        FetchSite as From, SignInOffer, Visit, VisitKind as Kind, entry, sign_in_offer,
    },
};

const METHODS: [Method; 5] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS];
const DESTINATIONS: [To; 5] = [To::Document, To::Frame, To::Empty, To::Other, To::Absent];
const SITES: [From; 5] = [From::SameOrigin, From::SameSite, From::CrossSite, From::None, From::Absent];
const KINDS: [Kind; 6] = [Kind::Navigation, Kind::Frame, Kind::Form, Kind::Fetch, Kind::Prefetch, Kind::WebSocket];

/// A row: when it fits, and what then happens. The first row that fits counts.
type Row = (fn(&Visit) -> bool, Entry);

const NO_GET: Row = (|visit| visit.method != Method::GET, Refuse(Reason::MethodNotAllowed));
const OPEN: Row = (|_| true, Serve);
const CROSS: Row = (|_| true, Refuse(Reason::CrossSite));

fn is_foreign(visit: &Visit) -> bool {
    [From::SameSite, From::CrossSite].contains(&visit.site)
}

fn endpoints() -> Vec<(Endpoint, Vec<Row>)> {
    let (name, rest) = ("revenue".to_owned(), String::new());
    let asset: Row = (|visit| ![Method::GET, Method::HEAD].contains(&visit.method), Refuse(Reason::MethodNotAllowed));
    vec![
        (Endpoint::SignInStart, vec![NO_GET, (|visit| visit.kind == Kind::Navigation, Serve), (|_| true, OfferSignIn)]),
        (Endpoint::Callback, vec![NO_GET, OPEN]),
        (
            Endpoint::SignOut,
            vec![
                (|visit| ![Method::GET, Method::POST].contains(&visit.method), Refuse(Reason::MethodNotAllowed)),
                (|visit| visit.kind == Kind::Prefetch, Refuse(Reason::Prefetch)),
                (
                    |visit| visit.destination == To::Other && [Kind::Fetch, Kind::WebSocket].contains(&visit.kind),
                    Refuse(Reason::WrongDestination),
                ),
                (|visit| visit.destination == To::Frame, Confirm),
                (|visit| visit.kind == Kind::Frame, Confirm),
                (
                    |visit| !is_foreign(visit) && visit.destination == To::Empty && visit.method == Method::GET,
                    Refuse(Reason::WrongDestination),
                ),
                (|visit| !is_foreign(visit), Serve),
                (|visit| [Kind::Navigation, Kind::Form].contains(&visit.kind), Confirm),
                (|_| true, Refuse(Reason::ConfirmSignOut)),
            ],
        ),
        (Endpoint::UserInfo, vec![NO_GET, (|visit| !is_foreign(visit), Serve), CROSS]),
        (
            Endpoint::Events,
            vec![
                (|visit| visit.method != Method::POST, Refuse(Reason::MethodNotAllowed)),
                (|visit| visit.site == From::SameOrigin && visit.kind == Kind::Fetch, Serve),
                CROSS,
            ],
        ),
        (Endpoint::Script, vec![asset, OPEN]),
        (Endpoint::Style, vec![asset, OPEN]),
        (Endpoint::StableLink { name: name.clone(), rest: rest.clone() }, vec![OPEN]),
        (Endpoint::EmbedApi { name, rest }, vec![OPEN]),
        (Endpoint::Unknown, vec![OPEN]),
    ]
}

fn visits() -> impl Iterator<Item = Visit> {
    METHODS.iter().flat_map(|method| {
        DESTINATIONS.iter().flat_map(move |&destination| {
            SITES.iter().flat_map(move |&site| {
                KINDS.iter().map(move |&kind| {
                    let is_prefetch = kind == Kind::Prefetch;
                    Visit { method: method.clone(), destination, site, is_prefetch, kind }
                })
            })
        })
    })
}

#[test]
fn the_code_and_the_rows_agree_on_every_combination() {
    for (endpoint, rows) in endpoints() {
        for visit in visits() {
            let row = rows.iter().find(|(fits, _)| fits(&visit)).expect("every list ends in a row that always fits");
            assert_eq!(entry(&endpoint, &visit), row.1, "{endpoint:?} {visit:?}");
        }
    }
}

#[test]
fn the_entries_as_single_cases() {
    let visit = |method, destination, site, kind| Visit { method, destination, site, is_prefetch: false, kind };
    let typed = || visit(Method::GET, To::Document, From::None, Kind::Navigation);
    let elsewhere = || visit(Method::GET, To::Document, From::CrossSite, Kind::Navigation);
    let framed = || visit(Method::GET, To::Frame, From::SameOrigin, Kind::Frame);
    let image = || visit(Method::GET, To::Other, From::SameOrigin, Kind::Fetch);
    let report = || visit(Method::POST, To::Empty, From::SameOrigin, Kind::Fetch);
    let foreign = |visit| Visit { site: From::SameSite, ..visit };
    for (endpoint, visit, expected) in [
        (Endpoint::SignInStart, elsewhere(), Serve),
        (Endpoint::SignInStart, framed(), OfferSignIn),
        (Endpoint::Callback, elsewhere(), Serve),
        (Endpoint::Callback, report(), Refuse(Reason::MethodNotAllowed)),
        (Endpoint::SignOut, typed(), Serve),
        (Endpoint::SignOut, elsewhere(), Confirm),
        (Endpoint::SignOut, image(), Refuse(Reason::WrongDestination)),
        (Endpoint::SignOut, framed(), Confirm),
        (Endpoint::SignOut, foreign(framed()), Confirm),
        (Endpoint::SignOut, Visit { site: From::None, ..framed() }, Confirm),
        (Endpoint::SignOut, visit(Method::POST, To::Frame, From::SameOrigin, Kind::Form), Confirm),
        (Endpoint::SignOut, visit(Method::GET, To::Absent, From::Absent, Kind::Navigation), Serve),
        (Endpoint::SignOut, report(), Serve),
        (Endpoint::SignOut, Visit { method: Method::GET, ..report() }, Refuse(Reason::WrongDestination)),
        (Endpoint::SignOut, foreign(Visit { method: Method::GET, ..report() }), Refuse(Reason::ConfirmSignOut)),
        (Endpoint::SignOut, Visit { destination: To::Other, ..report() }, Refuse(Reason::WrongDestination)),
        (Endpoint::SignOut, foreign(report()), Refuse(Reason::ConfirmSignOut)),
        (Endpoint::UserInfo, typed(), Serve),
        (Endpoint::UserInfo, elsewhere(), Refuse(Reason::CrossSite)),
        (Endpoint::Events, report(), Serve),
        (Endpoint::Events, foreign(report()), Refuse(Reason::CrossSite)),
        (Endpoint::Script, foreign(image()), Serve),
    ] {
        assert_eq!(entry(&endpoint, &visit), expected, "{endpoint:?} {visit:?}");
    }
}

#[test]
fn only_a_top_level_get_is_redirected_to_the_provider() {
    for visit in visits() {
        let expected = match (visit.kind, visit.method == Method::GET) {
            (Kind::Navigation, true) => SignInOffer::Redirect,
            (Kind::Navigation | Kind::Form, _) => SignInOffer::BackHere,
            (Kind::Frame | Kind::Fetch | Kind::Prefetch | Kind::WebSocket, _) => SignInOffer::BackToReferrer,
        };
        assert_eq!(sign_in_offer(&visit), expected, "{visit:?}");
    }
}
