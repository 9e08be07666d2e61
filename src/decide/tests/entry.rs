//! Who is let in: the code against rows as the documentation writes them, over every combination.

use http::Method;

use crate::{
    decide::{
        Asker, Door,
        Entry::{self, OfferSignIn, Refuse, Serve},
        Own, SignIn, WayBack,
        entry::{entry, sign_in},
    },
    embed::{OpenAs, Openings},
    reason::Reason,
    request::{Destination as To, FetchSite as From, Visit, VisitKind as Kind},
};

const METHODS: [Method; 5] = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::OPTIONS];
const DESTINATIONS: [To; 5] = [To::Document, To::Frame, To::Empty, To::Other, To::Absent];
const SITES: [From; 5] = [From::SameOrigin, From::SameSite, From::CrossSite, From::None, From::Absent];
const KINDS: [Kind; 6] = [Kind::Navigation, Kind::Frame, Kind::Form, Kind::Fetch, Kind::Prefetch, Kind::WebSocket];

/// A row: when it fits, and what then happens. The first row that fits counts.
type Row = (fn(&Visit) -> bool, Entry);

const NO_GET: Row = (|visit| visit.method != Method::GET, Refuse(Reason::MethodNotAllowed));
const PREFETCH: Row = (|visit| visit.is_prefetch, Refuse(Reason::Prefetch));
const CONFIRM: Entry = Serve(Own::ConfirmSignOut);
const CROSS: Row = (|_| true, Refuse(Reason::CrossSite));

const fn open(own: Own) -> Row {
    (|_| true, Serve(own))
}

const fn no_metadata(own: Own) -> Row {
    (|visit| visit.destination == To::Absent && visit.site == From::Absent, Serve(own))
}

fn is_foreign(visit: &Visit) -> bool {
    [From::SameSite, From::CrossSite].contains(&visit.site)
}

/// `at_top` is for a visit that the person or a page of the site began.
fn stable_link(at_top: Own, in_frame: Own) -> Vec<Row> {
    vec![
        (|visit| ![Method::GET, Method::HEAD].contains(&visit.method), Refuse(Reason::MethodNotAllowed)),
        (|visit| visit.destination == To::Other, Refuse(Reason::WrongDestination)),
        (|visit| visit.destination != To::Document && is_foreign(visit), Refuse(Reason::CrossSite)),
        (
            |visit| [To::Frame, To::Empty].contains(&visit.destination) && visit.site == From::Absent,
            Refuse(Reason::CrossSite),
        ),
        // Nobody looks yet, or it may be kept.
        (|visit| visit.method == Method::HEAD || visit.is_prefetch, Serve(Own::EmbedPageWithoutUrl)),
        (|visit| visit.destination == To::Empty, Serve(Own::EmbedPageWithoutUrl)),
        (|visit| visit.destination == To::Frame, Serve(in_frame)),
        (|visit| visit.destination == To::Absent, Serve(Own::EmbedRedirect)),
        (|visit| [From::SameOrigin, From::None].contains(&visit.site), Serve(at_top)),
        open(Own::EmbedPageWithoutUrl),
    ]
}

fn callback_with_forms() -> Vec<Row> {
    vec![
        (|visit| visit.method == Method::GET, Serve(Own::EndSignIn)),
        (|visit| visit.method != Method::POST, Refuse(Reason::MethodNotAllowed)),
        (|visit| visit.kind == Kind::Form && visit.destination != To::Frame, Serve(Own::KeepAnswer)),
        (|_| true, Refuse(Reason::WrongDestination)),
    ]
}

fn doors() -> Vec<(Door, Vec<Row>)> {
    let asset: Row = (|visit| ![Method::GET, Method::HEAD].contains(&visit.method), Refuse(Reason::MethodNotAllowed));
    vec![
        (
            Door::SignInStart,
            vec![NO_GET, (|visit| visit.kind == Kind::Navigation, Serve(Own::BeginSignIn)), (|_| true, OfferSignIn)],
        ),
        (Door::Callback { takes_forms: false }, vec![NO_GET, open(Own::EndSignIn)]),
        (Door::Callback { takes_forms: true }, callback_with_forms()),
        (
            Door::SignOut,
            vec![
                (|visit| ![Method::GET, Method::POST].contains(&visit.method), Refuse(Reason::MethodNotAllowed)),
                (|visit| visit.kind == Kind::Prefetch, Refuse(Reason::Prefetch)),
                (
                    |visit| visit.destination == To::Other && [Kind::Fetch, Kind::WebSocket].contains(&visit.kind),
                    Refuse(Reason::WrongDestination),
                ),
                (|visit| visit.destination == To::Frame, CONFIRM),
                (|visit| visit.kind == Kind::Frame, CONFIRM),
                (
                    |visit| {
                        [From::SameOrigin, From::None].contains(&visit.site)
                            && (visit.destination, visit.kind) == (To::Empty, Kind::Navigation)
                    },
                    CONFIRM,
                ),
                (
                    |visit| !is_foreign(visit) && visit.destination == To::Empty && visit.method == Method::GET,
                    Refuse(Reason::WrongDestination),
                ),
                (|visit| !is_foreign(visit), Serve(Own::SignOut)),
                (|visit| [Kind::Navigation, Kind::Form].contains(&visit.kind), CONFIRM),
                (|_| true, Refuse(Reason::ConfirmSignOut)),
            ],
        ),
        (Door::UserInfo, vec![NO_GET, (|visit| !is_foreign(visit), Serve(Own::UserInfo)), CROSS]),
        (
            Door::Events,
            vec![
                (|visit| visit.method != Method::POST, Refuse(Reason::MethodNotAllowed)),
                (|visit| visit.site == From::SameOrigin && visit.kind == Kind::Fetch, Serve(Own::TakeReport)),
                CROSS,
            ],
        ),
        (Door::Style, vec![asset, open(Own::Style)]),
        (Door::Script, vec![asset, open(Own::Script)]),
        (PAGE, stable_link(Own::EmbedPage, Own::EmbedPage)),
        (REDIRECT_AT_TOP, stable_link(Own::EmbedRedirect, Own::EmbedPage)),
        (REDIRECT_IN_FRAMES, stable_link(Own::EmbedPage, Own::EmbedRedirect)),
        (
            Door::EmbedApi,
            vec![
                (|visit| ![Method::GET, Method::POST].contains(&visit.method), Refuse(Reason::MethodNotAllowed)),
                PREFETCH,
                (|visit| visit.method == Method::POST && !visit.is_scripted, Refuse(Reason::CrossSite)),
                (is_foreign, Refuse(Reason::CrossSite)),
                no_metadata(Own::EmbedApi),
                (
                    |visit| [To::Document, To::Frame, To::Other].contains(&visit.destination),
                    Refuse(Reason::WrongDestination),
                ),
                (|visit| visit.site == From::SameOrigin, Serve(Own::EmbedApi)),
                CROSS,
            ],
        ),
    ]
}

pub(super) fn visits() -> impl Iterator<Item = Visit> {
    METHODS.iter().flat_map(|method| {
        DESTINATIONS.iter().flat_map(move |&destination| {
            SITES.iter().flat_map(move |&site| {
                KINDS.iter().flat_map(move |&kind| {
                    [false, true].map(|is_scripted| {
                        let is_prefetch = kind == Kind::Prefetch;
                        Visit {
                            method: method.clone(),
                            destination,
                            site,
                            is_scripted,
                            is_prefetch,
                            kind,
                            opener: None,
                        }
                    })
                })
            })
        })
    })
}

#[test]
fn the_code_and_the_rows_agree_on_every_combination() {
    for (door, rows) in doors() {
        for visit in visits() {
            let row = rows.iter().find(|(fits, _)| fits(&visit)).expect("every list ends in a row that always fits");
            assert_eq!(entry(door, &visit), row.1, "{door:?} {visit:?}");
        }
    }
}

fn visit(method: Method, destination: To, site: From, kind: Kind) -> Visit {
    Visit { method, destination, site, is_scripted: false, is_prefetch: false, kind, opener: None }
}

#[test]
fn an_answer_comes_by_form_where_the_provider_posts_them_and_in_the_whole_tab() {
    let posted = |destination| visit(Method::POST, destination, From::CrossSite, Kind::Form);
    for (takes_forms, to, expected) in [
        (true, To::Document, Serve(Own::KeepAnswer)),
        (true, To::Absent, Serve(Own::KeepAnswer)),
        (true, To::Frame, Refuse(Reason::WrongDestination)),
        (false, To::Document, Refuse(Reason::MethodNotAllowed)),
    ] {
        assert_eq!(entry(Door::Callback { takes_forms }, &posted(to)), expected, "{to:?}");
    }
}

#[test]
fn the_entries_as_single_cases() {
    let typed = || visit(Method::GET, To::Document, From::None, Kind::Navigation);
    let elsewhere = || visit(Method::GET, To::Document, From::CrossSite, Kind::Navigation);
    let framed = || visit(Method::GET, To::Frame, From::SameOrigin, Kind::Frame);
    let image = || visit(Method::GET, To::Other, From::SameOrigin, Kind::Fetch);
    let report = || visit(Method::POST, To::Empty, From::SameOrigin, Kind::Fetch);
    let fetched = || Visit { method: Method::GET, ..report() };
    let curl = || visit(Method::GET, To::Absent, From::Absent, Kind::Fetch);
    let foreign = |visit| Visit { site: From::SameSite, ..visit };
    let scripted = |visit| Visit { is_scripted: true, ..visit };
    for (door, visit, expected) in [
        (Door::SignInStart, elsewhere(), Serve(Own::BeginSignIn)),
        (Door::SignInStart, framed(), OfferSignIn),
        (Door::Callback { takes_forms: false }, elsewhere(), Serve(Own::EndSignIn)),
        (Door::Callback { takes_forms: false }, report(), Refuse(Reason::MethodNotAllowed)),
        (Door::SignOut, typed(), Serve(Own::SignOut)),
        (Door::SignOut, elsewhere(), CONFIRM),
        (Door::SignOut, image(), Refuse(Reason::WrongDestination)),
        (Door::SignOut, framed(), CONFIRM),
        (Door::SignOut, foreign(framed()), CONFIRM),
        (Door::SignOut, Visit { site: From::None, ..framed() }, CONFIRM),
        (Door::SignOut, visit(Method::POST, To::Frame, From::SameOrigin, Kind::Form), CONFIRM),
        (Door::SignOut, visit(Method::GET, To::Absent, From::Absent, Kind::Navigation), Serve(Own::SignOut)),
        (Door::SignOut, report(), Serve(Own::SignOut)),
        (Door::SignOut, Visit { kind: Kind::Navigation, ..fetched() }, CONFIRM),
        (Door::SignOut, Visit { method: Method::GET, ..report() }, Refuse(Reason::WrongDestination)),
        (Door::SignOut, foreign(Visit { method: Method::GET, ..report() }), Refuse(Reason::ConfirmSignOut)),
        (Door::SignOut, Visit { destination: To::Other, ..report() }, Refuse(Reason::WrongDestination)),
        (Door::SignOut, foreign(report()), Refuse(Reason::ConfirmSignOut)),
        (Door::UserInfo, typed(), Serve(Own::UserInfo)),
        (Door::UserInfo, elsewhere(), Refuse(Reason::CrossSite)),
        (Door::Events, report(), Serve(Own::TakeReport)),
        (Door::Events, foreign(report()), Refuse(Reason::CrossSite)),
        (Door::Style, foreign(image()), Serve(Own::Style)),
        (Door::Script, image(), Serve(Own::Script)),
        (Door::Script, report(), Refuse(Reason::MethodNotAllowed)),
        (PAGE, typed(), Serve(Own::EmbedPage)),
        (PAGE, framed(), Serve(Own::EmbedPage)),
        (PAGE, elsewhere(), Serve(Own::EmbedPageWithoutUrl)),
        (REDIRECT_AT_TOP, typed(), Serve(Own::EmbedRedirect)),
        (REDIRECT_AT_TOP, elsewhere(), Serve(Own::EmbedPageWithoutUrl)),
        (REDIRECT_IN_FRAMES, framed(), Serve(Own::EmbedRedirect)),
        (PAGE, curl(), Serve(Own::EmbedRedirect)),
        (PAGE, report(), Refuse(Reason::MethodNotAllowed)),
        (PAGE, fetched(), Serve(Own::EmbedPageWithoutUrl)),
        (PAGE, foreign(fetched()), Refuse(Reason::CrossSite)),
        (PAGE, foreign(framed()), Refuse(Reason::CrossSite)),
        (PAGE, image(), Refuse(Reason::WrongDestination)),
        (PAGE, Visit { is_prefetch: true, ..typed() }, Serve(Own::EmbedPageWithoutUrl)),
        (PAGE, Visit { method: Method::HEAD, ..framed() }, Serve(Own::EmbedPageWithoutUrl)),
        (REDIRECT_AT_TOP, Visit { is_prefetch: true, ..typed() }, Serve(Own::EmbedPageWithoutUrl)),
        (Door::EmbedApi, report(), Refuse(Reason::CrossSite)),
        (Door::EmbedApi, scripted(report()), Serve(Own::EmbedApi)),
        (Door::EmbedApi, foreign(scripted(report())), Refuse(Reason::CrossSite)),
        (Door::EmbedApi, fetched(), Serve(Own::EmbedApi)),
        (Door::EmbedApi, foreign(fetched()), Refuse(Reason::CrossSite)),
        (Door::EmbedApi, typed(), Refuse(Reason::WrongDestination)),
    ] {
        assert_eq!(entry(door, &visit), expected, "{door:?} {visit:?}");
    }
}

#[test]
fn only_a_top_level_get_is_redirected_to_the_provider() {
    for visit in visits() {
        let link = |back| SignIn::Link { reason: Reason::NotSignedIn, back };
        let expected = match (visit.kind, visit.method == Method::GET) {
            (Kind::Navigation, true) => SignIn::Redirect,
            (Kind::Navigation | Kind::Form, _) => link(WayBack::Here),
            (Kind::Frame | Kind::Fetch | Kind::Prefetch | Kind::WebSocket, _) => link(WayBack::Referrer),
        };
        assert_eq!(sign_in(&Asker::of(None), &visit), expected, "{visit:?}");
    }
}

const fn link(at_top: OpenAs, in_frame: OpenAs) -> Door {
    Door::StableLink(Openings { at_top, in_frame })
}

const PAGE: Door = link(OpenAs::Page, OpenAs::Page);
const REDIRECT_AT_TOP: Door = link(OpenAs::Redirect, OpenAs::Page);
const REDIRECT_IN_FRAMES: Door = link(OpenAs::Page, OpenAs::Redirect);

/// What mints does so for nobody who asks ahead of time, reads the head alone, or comes from another site.
#[test]
fn nothing_that_mints_serves_a_prefetch_a_head_or_another_site() {
    for door in [PAGE, REDIRECT_AT_TOP, Door::EmbedApi] {
        for visit in visits() {
            let is_foreign_part = is_foreign(&visit) && visit.destination != To::Document;
            if visit.is_prefetch || visit.method == Method::HEAD || is_foreign_part {
                let entry = entry(door, &visit);
                assert!(matches!(entry, Refuse(_) | Serve(Own::EmbedPageWithoutUrl)), "{door:?} {visit:?}");
            }
        }
        let is_old_browser = |visit: &Visit| visit.destination == To::Absent && visit.site == From::Absent;
        assert!(visits().filter(is_old_browser).any(|visit| matches!(entry(door, &visit), Serve(_))), "{door:?}");
    }
}
