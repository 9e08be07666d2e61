//! The mint table: the code against rows as the design writes them, over every combination.

use http::{Method, StatusCode};

use crate::{
    embed::{
        Delivery::{self, Link, Signed},
        MintOutcome as Outcome, Surface, mint_outcome,
    },
    request::{Destination as To, FetchSite as From, Visit, VisitKind as Kind},
};

const SURFACES: [Surface; 8] = [
    Surface::HtmlFrame(Link),
    Surface::HtmlFrame(Signed),
    Surface::HtmlAnchor(Link),
    Surface::HtmlAnchor(Signed),
    Surface::Location(Link),
    Surface::Location(Signed),
    Surface::Json(Link),
    Surface::Json(Signed),
];
const METHODS: [Method; 5] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS];
const STATUSES: [u16; 14] = [200, 201, 204, 206, 301, 302, 303, 304, 307, 308, 401, 404, 500, 503];
const DESTINATIONS: [To; 5] = [To::Document, To::Frame, To::Empty, To::Other, To::Absent];
const SITES: [From; 5] = [From::SameOrigin, From::SameSite, From::CrossSite, From::None, From::Absent];
const KINDS: [Kind; 6] = [Kind::Navigation, Kind::Frame, Kind::Form, Kind::Fetch, Kind::Prefetch, Kind::WebSocket];

/// One combination.
struct Case<'a> {
    method: &'a Method,
    status: u16,
    to: To,
    from: From,
    is_prefetch: bool,
    kind: Kind,
}

/// A row of the table: when it fits, and what then happens. The first row that fits counts.
type Row = (fn(&Case<'_>) -> bool, Outcome);

const PASSES: Row = (|case| *case.method == Method::HEAD || [206, 304].contains(&case.status), Outcome::Untouched);
const NO_BODY: Row = (|case| [206, 304].contains(&case.status), Outcome::Untouched);
const NO_REDIRECT: Row = (|case| case.status == 304 || !(300..400).contains(&case.status), Outcome::Untouched);
/// A head says where its GET leads, and mints nothing.
const HEAD_ONLY: Row = (|case| *case.method == Method::HEAD, Outcome::Link);
const NOT_A_FRESH_GET: Row =
    (|case| *case.method != Method::GET || case.status != 200 || case.is_prefetch, Outcome::Link);
const FOREIGN_FRAME: Row =
    (|case| case.to == To::Frame && ![From::SameOrigin, From::None].contains(&case.from), Outcome::Link);
const FOREIGN_UNKNOWN: Row =
    (|case| case.to == To::Absent && [From::SameSite, From::CrossSite].contains(&case.from), Outcome::Link);
const ALWAYS_LINK: Row = (|_| true, Outcome::Link);

fn rows(surface: Surface) -> Vec<Row> {
    match surface {
        Surface::HtmlFrame(Link) | Surface::Json(Link) => vec![PASSES, ALWAYS_LINK],
        Surface::HtmlAnchor(_) => vec![NO_BODY, ALWAYS_LINK],
        Surface::HtmlFrame(Signed) => vec![
            PASSES,
            NOT_A_FRESH_GET,
            FOREIGN_FRAME,
            (|case| [To::Document, To::Frame].contains(&case.to), Outcome::Mint),
            FOREIGN_UNKNOWN,
            (|case| case.to == To::Absent && case.kind == Kind::Navigation, Outcome::Mint),
            ALWAYS_LINK,
        ],
        Surface::Location(Link) => vec![NO_REDIRECT, ALWAYS_LINK],
        Surface::Location(Signed) => vec![
            NO_REDIRECT,
            HEAD_ONLY,
            (|case| case.is_prefetch, Outcome::Link),
            FOREIGN_FRAME,
            FOREIGN_UNKNOWN,
            (|case| case.to == To::Empty && case.kind == Kind::Navigation, Outcome::Link),
            (|case| [Kind::Navigation, Kind::Frame, Kind::Form].contains(&case.kind), Outcome::Mint),
            ALWAYS_LINK,
        ],
        Surface::Json(Signed) => vec![
            PASSES,
            NOT_A_FRESH_GET,
            (|case| case.to == To::Empty && case.from == From::SameOrigin, Outcome::Mint),
            ALWAYS_LINK,
        ],
    }
}

fn expected(surface: Surface, case: &Case<'_>) -> Outcome {
    rows(surface).into_iter().find(|(fits, _)| fits(case)).expect("every list ends in a row that always fits").1
}

fn outcome(surface: Surface, case: &Case<'_>) -> Outcome {
    let visit = Visit {
        is_scripted: false,
        method: case.method.clone(),
        destination: case.to,
        site: case.from,
        is_prefetch: case.is_prefetch,
        kind: case.kind,
        opener: None,
    };
    mint_outcome(surface, &visit, StatusCode::from_u16(case.status).expect("a status"))
}

fn cases() -> impl Iterator<Item = Case<'static>> {
    METHODS.iter().flat_map(|method| {
        STATUSES.iter().flat_map(move |&status| {
            DESTINATIONS.iter().flat_map(move |&to| {
                SITES.iter().flat_map(move |&from| {
                    KINDS.iter().flat_map(move |&kind| {
                        [false, true].map(|is_prefetch| Case { method, status, to, from, is_prefetch, kind })
                    })
                })
            })
        })
    })
}

#[test]
fn the_code_and_the_rows_agree_on_every_combination() {
    let mut mints = 0;
    for surface in SURFACES {
        for case in cases() {
            let found = outcome(surface, &case);
            let Case { method, status, to, from, is_prefetch, kind } = &case;
            let what = format!("{surface:?} {method} {status} {to:?} {from:?} {kind:?} prefetch: {is_prefetch}");
            assert_eq!(found, expected(surface, &case), "{what}");
            mints += usize::from(found == Outcome::Mint);
        }
    }
    assert!(mints > 0);
}

#[test]
fn nothing_is_ever_minted_for_a_prefetch_a_head_or_a_frame_of_another_site() {
    let is_foreign = |case: &Case<'_>| case.to == To::Frame && [From::SameSite, From::CrossSite].contains(&case.from);
    for surface in SURFACES {
        for case in cases().filter(|case| case.is_prefetch || *case.method == Method::HEAD || is_foreign(case)) {
            assert_ne!(outcome(surface, &case), Outcome::Mint, "{surface:?}");
        }
    }
}

#[test]
fn nothing_is_ever_minted_for_another_site_that_names_no_destination() {
    let is_unknown = |case: &Case<'_>| case.to == To::Absent && [From::SameSite, From::CrossSite].contains(&case.from);
    for surface in SURFACES {
        for case in cases().filter(is_unknown) {
            let Case { method, status, from, kind, .. } = &case;
            assert_ne!(outcome(surface, &case), Outcome::Mint, "{surface:?} {method} {status} {from:?} {kind:?}");
        }
        let is_served = |case: &Case<'_>| case.to == To::Absent && case.from == From::Absent;
        let mints = cases().filter(is_served).any(|case| outcome(surface, &case) == Outcome::Mint);
        let should = match surface {
            Surface::HtmlFrame(Signed) | Surface::Location(Signed) => true,
            Surface::HtmlFrame(Link) | Surface::HtmlAnchor(_) | Surface::Location(Link) | Surface::Json(_) => false,
        };
        assert_eq!(mints, should, "an older browser, {surface:?}");
    }
}

#[test]
fn link_delivery_never_mints() {
    let of = |delivery: Delivery| {
        [
            Surface::HtmlFrame(delivery),
            Surface::HtmlAnchor(delivery),
            Surface::Location(delivery),
            Surface::Json(delivery),
        ]
    };
    for surface in of(Link) {
        assert!(cases().all(|case| outcome(surface, &case) != Outcome::Mint), "{surface:?}");
    }
}

#[test]
fn the_rows_of_the_design_as_single_cases() {
    let get = |to, from, kind| Case { method: &Method::GET, status: 200, to, from, is_prefetch: false, kind };
    let typed = || get(To::Document, From::None, Kind::Navigation);
    let fetched = || get(To::Empty, From::SameOrigin, Kind::Fetch);
    let (html, location, json) = (Surface::HtmlFrame(Signed), Surface::Location(Signed), Surface::Json(Signed));
    let posted = || Case { method: &Method::POST, status: 303, kind: Kind::Form, ..typed() };
    for (surface, case, expected) in [
        (Surface::HtmlFrame(Link), Case { status: 500, ..typed() }, Outcome::Link),
        (html, typed(), Outcome::Mint),
        (html, Case { status: 404, ..typed() }, Outcome::Link),
        (html, Case { is_prefetch: true, ..typed() }, Outcome::Link),
        (html, Case { status: 206, ..typed() }, Outcome::Untouched),
        (Surface::HtmlAnchor(Signed), typed(), Outcome::Link),
        (location, posted(), Outcome::Mint),
        (location, Case { to: To::Absent, from: From::CrossSite, ..posted() }, Outcome::Link),
        (location, Case { status: 302, ..fetched() }, Outcome::Link),
        (location, Case { status: 201, ..posted() }, Outcome::Untouched),
        (json, fetched(), Outcome::Mint),
        (json, Case { from: From::SameSite, ..fetched() }, Outcome::Link),
        (json, Case { status: 304, ..fetched() }, Outcome::Untouched),
    ] {
        assert_eq!(outcome(surface, &case), expected, "{surface:?} {:?} {:?} {}", case.to, case.from, case.status);
    }
}
