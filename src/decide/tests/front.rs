//! What is attached, beside a session: the table of both.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::{CONFIG, ann, facts, place, visit};
use crate::{
    config::Site,
    decide::{
        AsWhom, Asker, Attestation, Attested, BadAttestation,
        Decision::{self, Forward, Refuse},
        Facts, FrontCheck, Own, Place, Ruling, SignIn, WayBack, attest, decide, ruling, see_off,
    },
    identity::{
        EmailAddress, Identity, ProviderName, SessionError, SignInWith, VisitorSource,
        testing::{NOW, of_assertions},
    },
    policy::{PersonCheck, Unproven, tests::identity},
    reason::Reason,
    request::{Asserted, Unsaid, VisitKind},
};

const CORP: &str = "https://login.example.com";
const FRONT: &str = "https://front.example.com";

fn address(text: &str) -> Result<EmailAddress, Reason> {
    Ok(serde_json::from_value(json!(text)).unwrap())
}

fn named(subject: &str, email: Result<EmailAddress, Reason>) -> Identity {
    let identity = identity(json!({ "groups": ["finance"] }));
    let provider = ProviderName::parse("front").unwrap();
    Identity { provider, subject: subject.to_owned(), email, ..identity }
}

fn attestation(issuer: &str, identity: Identity) -> Attestation {
    Attestation { identity, issuer: issuer.to_owned(), ends_at: NOW.plus(Duration::from_secs(60)) }
}

fn bad(is_bearer: bool) -> BadAttestation {
    let source = ProviderName::parse("front").unwrap();
    BadAttestation { source, reason: Reason::TokenSignature, detail: "by the key".to_owned(), is_bearer }
}

/// What a session of Ann's says of her, at the provider of the site.
fn in_session(email: Result<EmailAddress, Reason>) -> Asker {
    let mut asker = ann(&["sales"]);
    let visitor = asker.visitor.as_mut().unwrap();
    visitor.identity.provider = ProviderName::parse("corp").unwrap();
    visitor.identity.email = email;
    asker
}

/// The same place of a site that accepts the front, with or without a sign-in of its own.
fn at(path: &str, signs_in: bool) -> Place {
    let mut place = place(path);
    let accepts = vec![Arc::new(of_assertions())];
    let sign_in = if signs_in { place.site.sign_in.clone() } else { SignInWith::default() };
    place.site = Arc::new(Site { accepts, sign_in, ..Site::clone(&place.site) });
    place
}

fn joined(place: &Place, asker: Asker, attested: Attested) -> Asker {
    attest(asker, attested, (place, &CONFIG), &Asserted::Unasked)
}

fn good() -> Attested {
    Attested::Good(Box::new(attestation(FRONT, named("f-1", address("Ann@Example.com")))))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InSession {
    Nobody,
    Same,
    Other,
    NotComparable,
    TwoSessions,
}

impl InSession {
    const ALL: [Self; 5] = [Self::Nobody, Self::Same, Self::Other, Self::NotComparable, Self::TwoSessions];

    fn asker(self) -> Asker {
        match self {
            Self::Nobody => Asker::of(None),
            Self::Same => in_session(address("ann@example.com")),
            Self::Other => in_session(address("bo@example.com")),
            Self::NotComparable => in_session(Err(Reason::EmailUnverified)),
            Self::TwoSessions => Asker { fault: Some(SessionError::Several), ..Asker::of(None) },
        }
    }

    /// Whether a session counts by itself.
    const fn counts(self) -> bool {
        matches!(self, Self::Same | Self::Other | Self::NotComparable)
    }

    const fn agrees(self) -> bool {
        matches!(self, Self::Nobody | Self::Same)
    }
}

/// What becomes of a top-level visit.
fn expected(attached: &Attested, who: InSession, signs_in: bool, path: &str) -> Decision {
    let as_nobody = Forward { as_whom: AsWhom::Nobody };
    let as_visitor = Forward { as_whom: AsWhom::Visitor };
    // Without a sign-in there are no sessions: no reading finds one.
    match (attached, path) {
        (_, "/public/x") => as_nobody,
        (Attested::Bad(bad), _) => Refuse(bad.reason),
        (Attested::Good(_), _) if who.agrees() => as_visitor,
        (Attested::Good(_) | Attested::Disagrees(_), _) => Refuse(Reason::IdentityConflict),
        (Attested::Missing | Attested::Unasked, "/optional/x") => {
            if who.counts() {
                as_visitor
            } else {
                as_nobody
            }
        }
        (Attested::Missing | Attested::Unasked, "/") if who.counts() => as_visitor,
        // The session is of another group.
        (Attested::Missing | Attested::Unasked, _) if who.counts() => Decision::Deny(Reason::AccessDenied),
        (Attested::Missing | Attested::Unasked, _) if signs_in => Decision::SignIn(SignIn::Redirect),
        (Attested::Missing | Attested::Unasked, _) => Refuse(Reason::AssertionMissing),
    }
}

/// {absent, bad, good, of two persons} × {nobody, the same, another, not comparable, two sessions} × {sign_in, none} × {public,
/// optional, signed-in, when}.
#[test]
fn the_table_of_what_is_attached_and_of_sessions() {
    let disagrees = Attested::Disagrees(Box::new(attestation(FRONT, named("f-1", address("ann@example.com")))));
    for attached in [Attested::Missing, Attested::Bad(Box::new(bad(false))), good(), disagrees] {
        for who in InSession::ALL {
            for signs_in in [true, false].into_iter().filter(|signs_in| *signs_in || !who.counts()) {
                for path in ["/public/x", "/optional/x", "/", "/finance/x"] {
                    let place = at(path, signs_in);
                    let asker = joined(&place, who.asker(), attached.clone());
                    let found = decide(&place, &asker, &visit(VisitKind::Navigation));
                    assert_eq!(
                        found,
                        expected(&attached, who, signs_in, path),
                        "{attached:?} {who:?} {signs_in} {path}"
                    );
                    // A proxy that asks is told the same.
                    let told = match found {
                        Forward { as_whom } => Ruling::Allow { as_whom },
                        Refuse(reason) => Ruling::Refuse(reason),
                        Decision::Deny(reason) => Ruling::Deny(reason),
                        Decision::SignIn(_) | Decision::Own(_) => Ruling::SignIn,
                    };
                    assert_eq!(ruling(&place, &asker, &visit(VisitKind::Navigation)), told, "{path}");
                    let ends = matches!(asker.front, FrontCheck::Conflict { .. });
                    assert_eq!(asker.is_somebody_else(), ends, "a conflict alone ends the session: {path}");
                }
            }
        }
    }
}

#[test]
fn who_acts_is_whom_the_front_names_now_to_the_end_that_it_says() {
    let place = at("/", true);
    let asker = joined(&place, in_session(address("ann@example.com")), good());
    let visitor = asker.visitor.as_ref().unwrap();
    assert_eq!((visitor.identity.subject.as_str(), visitor.source), ("f-1", VisitorSource::Assertion));
    assert_eq!((visitor.ends_at, visitor.by()), (NOW.plus(Duration::from_secs(60)), "assertion"));
    assert!(visitor.embeds_end_by() > NOW.plus(Duration::from_secs(1 << 40)), "their own length counts");
    assert!(asker.due.is_none() && !asker.renews_last_seen && asker.set_aside.is_none());
}

#[test]
fn of_one_issuer_the_subject_is_compared_and_nothing_else() {
    let place = at("/", true);
    let session = || in_session(address("ann@example.com"));
    let subject = session().visitor.unwrap().identity.subject;
    let of = |issuer, subject: &str, email| {
        let attested = Attested::Good(Box::new(attestation(issuer, named(subject, email))));
        joined(&place, session(), attested).front
    };
    assert_eq!(of(CORP, &subject, Err(Reason::EmailMissing)), FrontCheck::Vouches);
    assert!(matches!(of(CORP, "other", address("ann@example.com")), FrontCheck::Conflict { .. }));
    assert!(matches!(of(FRONT, &subject, Err(Reason::EmailMissing)), FrontCheck::Conflict { .. }));
}

#[test]
fn several_that_are_attached_must_all_be_good_and_name_one_person() {
    let one = || attestation(FRONT, named("f-1", address("ann@example.com")));
    let other = |issuer, subject, email| Attestation {
        ends_at: NOW.plus(Duration::from_secs(5)),
        ..attestation(issuer, named(subject, email))
    };
    assert_eq!(Attested::of(Vec::new()), Attested::Missing);
    let both = Attested::of(vec![Ok(one()), Ok(other(CORP, "c-1", address("ANN@example.com")))]);
    let Attested::Good(both) = both else { panic!("{both:?}") };
    assert_eq!((both.identity.subject.as_str(), both.ends_at), ("f-1", NOW.plus(Duration::from_secs(5))));
    for stranger in [
        other(CORP, "c-1", address("bo@example.com")),
        other(CORP, "c-1", Err(Reason::EmailUnverified)),
        other(FRONT, "f-2", address("ann@example.com")),
    ] {
        for pair in [vec![Ok(one()), Ok(stranger.clone())], vec![Ok(stranger.clone()), Ok(one())]] {
            assert!(matches!(Attested::of(pair), Attested::Disagrees(_)), "{stranger:?}");
        }
    }
    let of_two = Attested::of(vec![Ok(one()), Err(bad(false)), Err(bad(true))]);
    assert_eq!(of_two, Attested::Bad(Box::new(bad(true))), "a program is told in its own words");
}

/// A third one may agree with both of two that do not agree with each other.
#[test]
fn each_of_three_is_held_against_each() {
    let by_address = attestation(FRONT, named("f-1", address("ann@example.com")));
    let [one, other] = ["c-1", "c-2"].map(|subject| attestation(CORP, named(subject, address("ann@example.com"))));
    assert!(matches!(Attested::of(vec![Ok(by_address), Ok(one), Ok(other)]), Attested::Disagrees(_)));
}

#[test]
fn a_bearer_token_that_does_not_verify_is_refused_everywhere_and_a_good_one_changes_nothing_where_nobody_matters() {
    for path in ["/public/x", "/oauth2/start", "/oauth2/sign_out", "/sigma/style.css", "/sigma/x", "//public/x", "/"] {
        for signs_in in [true, false] {
            let place = at(path, signs_in);
            let asker = joined(&place, InSession::Same.asker(), Attested::Bad(Box::new(bad(true))));
            assert_eq!(decide(&place, &asker, &visit(VisitKind::Fetch)), Refuse(Reason::TokenSignature), "{path}");
        }
    }
    let place = at("/public/x", true);
    let asker = joined(&place, InSession::Other.asker(), good());
    assert_eq!(asker, InSession::Other.asker(), "of nobody: the session is not looked at");
}

#[test]
fn a_site_without_a_sign_in_signs_nobody_in_or_out_and_says_who_does() {
    for path in ["/oauth2/start", "/oauth2/callback", "/oauth2/sign_out", "/oauth2/signed_out"] {
        for attached in [Attested::Missing, good()] {
            let place = at(path, false);
            let asker = joined(&place, Asker::of(None), attached);
            assert_eq!(decide(&place, &asker, &visit(VisitKind::Navigation)), Refuse(Reason::NoSignIn), "{path}");
        }
    }
    let userinfo = at("/oauth2/userinfo", false);
    let asks = |attached| decide(&userinfo, &joined(&userinfo, Asker::of(None), attached), &visit(VisitKind::Fetch));
    assert_eq!(asks(Attested::Missing), Refuse(Reason::AssertionMissing));
    assert_eq!(asks(good()), Decision::Own(Own::UserInfo));
    let with_sign_in = at("/oauth2/userinfo", true);
    let asker = joined(&with_sign_in, Asker::of(None), Attested::Missing);
    let link = Decision::SignIn(SignIn::Link { reason: Reason::NotSignedIn, back: WayBack::Root });
    assert_eq!(decide(&with_sign_in, &asker, &visit(VisitKind::Fetch)), link);
}

#[test]
fn a_header_that_names_somebody_else_than_the_assertion_is_a_conflict_too() {
    let place = at("/", false);
    for (said, person, reason) in [
        (Asserted::Said("ann@example.com".parse().unwrap()), PersonCheck::Same, None),
        (Asserted::Said("bo@example.com".parse().unwrap()), PersonCheck::Differs, Some(Reason::IdentityConflict)),
        (
            Asserted::Unsaid(Unsaid::Missing),
            PersonCheck::Nobody(Unproven::Unsaid(Unsaid::Missing)),
            Some(Reason::AssertionMissing),
        ),
    ] {
        let asker = attest(Asker::of(None), good(), (&place, &CONFIG), &said);
        assert_eq!(asker.person, person);
        let decision = decide(&place, &asker, &visit(VisitKind::Fetch));
        assert_eq!(decision, reason.map_or(Forward { as_whom: AsWhom::Visitor }, Refuse), "{said:?}");
    }
}

/// The head of our own answer to a request at `/`.
fn parted(asker: Asker, status: StatusCode, is_own: bool) -> HeaderMap {
    let facts = Facts { place: at("/", true), ..facts("GET /", asker) };
    let mut headers = HeaderMap::new();
    see_off(&facts, status, is_own, &mut headers, || [1; 12]);
    headers
}

#[test]
fn a_refused_bearer_token_is_challenged_and_gets_no_cookie_and_a_conflict_ends_the_session() {
    let asker = |attached| joined(&at("/", true), InSession::Other.asker(), attached);
    let bearer = parted(asker(Attested::Bad(Box::new(bad(true)))), StatusCode::UNAUTHORIZED, true);
    let expected = r#"Bearer error="invalid_token", error_description="token_signature""#;
    assert_eq!(bearer.get("www-authenticate").unwrap(), expected);
    assert!(!bearer.contains_key("set-cookie"));
    let of_proxy = parted(asker(Attested::Bad(Box::new(bad(false)))), StatusCode::UNAUTHORIZED, true);
    assert!(of_proxy.is_empty(), "{of_proxy:?}");
    let conflict = parted(asker(good()), StatusCode::UNAUTHORIZED, true);
    let lines = conflict.get_all("set-cookie").iter().filter(|line| line.to_str().unwrap().contains("Max-Age=0"));
    assert_eq!((lines.count(), conflict.get("cache-control").unwrap().as_bytes()), (4, &b"no-store"[..]));
    let theirs = parted(asker(Attested::Bad(Box::new(bad(true)))), StatusCode::UNAUTHORIZED, false);
    assert!(theirs.is_empty(), "what the host application says of it is its own");
}
