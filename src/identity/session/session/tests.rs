//! A session opens while it is good, and a changed, foreign, expired or oversized one never does.

use http::{HeaderMap, HeaderValue, header::COOKIE};
use proptest::prelude::*;
use std::time::Duration;

use super::super::{
    form::{contains_all, encode_kept},
    rules::{Revocation, Revoked},
};
use super::*;
use crate::identity::{
    ClaimPath, Claims, Keep, OidcSettings, Outsiders, Projection, ProviderName, Scalar, ValuePattern,
    short_hash::short_hash,
    testing::{ISSUER, NOW, SITE, session_rules, settings},
};

fn group(name: &str) -> Keep {
    Keep::Matching(vec![ValuePattern::Exact(Scalar::Text(name.to_owned()))])
}

pub(in crate::identity::session) fn rules(groups: &[&str]) -> SessionRules {
    let mut projection = Projection::default();
    for name in groups {
        projection.keep(ClaimPath::parse("groups").unwrap(), group(name));
    }
    session_rules(projection)
}

pub(in crate::identity::session) fn kept(rules: &SessionRules) -> &Projection {
    rules.projection_of(&settings(ISSUER).source.name)
}

pub(in crate::identity::session) fn ann(rules: &SessionRules) -> Session {
    let claims = br#"{"sub":"7","email":"Ann@example.com","email_verified":true,"groups":["finance","x"]}"#;
    let claims = Claims::parse_strict(claims).unwrap();
    let identity = Identity::from_claims(&settings(ISSUER).source, &claims, kept(rules)).unwrap();
    Session::begin(identity, rules, NOW)
}

fn sealed(rules: &SessionRules) -> String {
    ann(rules).seal(rules, SITE, [7; 12]).unwrap()
}

pub(in crate::identity::session) fn open(text: &str, rules: &SessionRules) -> Result<Session, SessionError> {
    Session::open(text, rules, SITE, NOW.plus(Duration::from_secs(60)))
}

fn of(values: &[&str], rules: &SessionRules) -> Result<Session, SessionError> {
    let line = values.iter().map(|value| format!("__Host-sg={value}")).collect::<Vec<_>>().join("; ");
    let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&line).unwrap())]);
    Session::read(&Cookies::of(&headers), rules, SITE, NOW).session
}

fn owner_of(reading: &SessionReading) -> Option<Owner> {
    reading.last.owner(reading.session.as_ref().ok().map(|session| &session.identity))
}

#[test]
fn a_sealed_session_opens_as_it_was() {
    let rules = rules(&["finance"]);
    assert_eq!(open(&sealed(&rules), &rules), Ok(ann(&rules)));
}

#[test]
fn a_person_without_an_address_keeps_the_reason() {
    let rules = rules(&[]);
    let mut session = ann(&rules);
    session.identity.email = Err(Reason::EmailDomain);
    let text = session.seal(&rules, SITE, [7; 12]).unwrap();
    assert_eq!(open(&text, &rules), Ok(session));
}

#[test]
fn a_session_from_before_outsiders_were_refused_is_not_good_any_more() {
    let mut rules = rules(&[]);
    let (mut outsider, insider) = (ann(&rules), sealed(&rules));
    outsider.identity.email = Err(Reason::EmailDomain);
    let outsider = outsider.seal(&rules, SITE, [7; 12]).unwrap();
    assert!(open(&outsider, &rules).is_ok());
    let mut settings = settings(ISSUER);
    settings.source.outsiders = Outsiders::Refuse;
    rules.providers = vec![settings.known()];
    assert_eq!(open(&outsider, &rules), Err(SessionError::Outdated));
    assert!(open(&insider, &rules).is_ok(), "nobody else signs in again");
}

#[test]
fn a_session_ends_at_its_second_and_a_shortened_max_age_counts_at_once() {
    let mut rules = rules(&[]);
    let text = sealed(&rules);
    let at = |rules: &SessionRules, seconds| {
        Session::open(&text, rules, SITE, NOW.plus(Duration::from_secs(seconds))).map(|session| session.ends_at)
    };
    assert_eq!(at(&rules, 3599), Ok(NOW.plus(Duration::from_secs(3600))));
    assert_eq!(at(&rules, 3600), Err(SessionError::Ended));
    rules.max_age = Duration::from_secs(600);
    assert_eq!(at(&rules, 599), Ok(NOW.plus(Duration::from_secs(600))));
    assert_eq!(at(&rules, 600), Err(SessionError::Ended));
    rules.max_age = Duration::from_secs(9000);
    assert_eq!(at(&rules, 3600), Err(SessionError::Ended));
}

#[test]
fn a_session_of_another_site_does_not_open() {
    let rules = rules(&[]);
    assert_eq!(Session::open(&sealed(&rules), &rules, "erp.example.com", NOW), Err(SessionError::Sealed));
}

#[test]
fn not_before_and_revoke_act_on_those_who_signed_in_earlier() {
    let mut rules = rules(&[]);
    let text = sealed(&rules);
    rules.not_before = Some(NOW);
    assert!(open(&text, &rules).is_ok(), "signed in at that very second");
    rules.not_before = Some(NOW.plus(Duration::from_secs(1)));
    assert_eq!(open(&text, &rules), Err(SessionError::Revoked));
    rules.not_before = None;
    let revocation = |email: &str, seconds| Revocation {
        whose: Revoked::Email(email.to_owned()),
        signed_in_before: NOW.plus(Duration::from_secs(seconds)),
    };
    rules.revocations = vec![revocation("bob@example.com", 1), revocation("ann@example.com", 0)];
    assert!(open(&text, &rules).is_ok());
    rules.revocations.push(revocation("aNN@EXAMPLE.com", 1));
    assert_eq!(open(&text, &rules), Err(SessionError::Revoked));
}

#[test]
fn a_session_is_good_while_todays_needs_are_among_what_it_kept() {
    let wide = rules(&["finance", "sales", "partners"]);
    let text = sealed(&wide);
    assert!(open(&text, &rules(&["sales"])).is_ok());
    assert!(open(&text, &rules(&[])).is_ok());
    assert_eq!(open(&text, &rules(&["sales", "hr"])), Err(SessionError::Outdated));
}

#[test]
fn a_provider_that_is_gone_or_changed_does_not_vouch_any_more() {
    let mut rules = rules(&[]);
    let text = sealed(&rules);
    rules.providers = vec![settings("https://other.example.com").known()];
    assert_eq!(open(&text, &rules), Err(SessionError::Outdated));
    rules.providers = Vec::new();
    assert_eq!(open(&text, &rules), Err(SessionError::Outdated));
    assert_eq!(ann(&rules).seal(&rules, SITE, [7; 12]), Err(SessionError::Outdated));
}

#[test]
fn claims_that_do_not_fit_into_one_cookie_are_refused_and_groups_that_no_rule_names_cost_nothing() {
    let rules = rules(&["finance"]);
    let mut session = ann(&rules);
    let many: Vec<String> = (0..10_000).map(|i| format!("group-{i}")).collect();
    let claims = Claims::from(serde_json::Map::from_iter([("groups".to_owned(), serde_json::json!(many))]));
    session.identity.claims = kept(&rules).project(&claims);
    assert!(session.seal(&rules, SITE, [7; 12]).is_ok());
    session.identity.claims = claims;
    assert_eq!(session.seal(&rules, SITE, [7; 12]), Err(SessionError::TooLarge));
}

#[test]
fn of_several_session_cookies_one_is_used_only_if_exactly_one_is_good() {
    let rules = rules(&[]);
    let good = sealed(&rules);
    let other = ann(&rules).seal(&rules, SITE, [8; 12]).unwrap();
    assert_eq!(of(&[&good], &rules), Ok(ann(&rules)));
    assert_eq!(of(&["forged", &good, "A"], &rules), Ok(ann(&rules)));
    assert_eq!(of(&[&good, &good], &rules), Ok(ann(&rules)));
    assert_eq!(of(&[&good, &other], &rules), Err(SessionError::Several));
    assert_eq!(of(&["forged"], &rules), Err(SessionError::Sealed));
    assert_eq!(of(&[], &rules), Err(SessionError::Missing));
}

#[test]
fn replicas_whose_clocks_differ_by_a_minute_agree_and_a_session_from_further_ahead_is_refused() {
    let rules = rules(&[]);
    let text = sealed(&rules);
    // The clock of the replica that opens it, against that of the one that sealed it.
    for (seconds, expected) in [
        (-61, Err(SessionError::Future)),
        (-60, Ok(())),
        (0, Ok(())),
        (60, Ok(())),
        (61, Ok(())),
        (-86_400, Err(SessionError::Future)),
    ] {
        let at = UnixSeconds(NOW.0.saturating_add_signed(seconds));
        assert_eq!(Session::open(&text, &rules, SITE, at).map(|_| ()), expected, "{seconds}");
    }
}

#[test]
fn not_before_and_revoke_count_by_the_moment_in_the_session_whatever_the_clock_says() {
    let mut rules = rules(&[]);
    let text = sealed(&rules);
    rules.not_before = Some(NOW.plus(Duration::from_secs(1)));
    for seconds in [-60, 0, 60] {
        let at = UnixSeconds(NOW.0.saturating_add_signed(seconds));
        assert_eq!(Session::open(&text, &rules, SITE, at), Err(SessionError::Revoked), "{seconds}");
    }
}

#[test]
fn a_subject_is_revoked_exactly_at_its_provider_and_without_an_address_too() {
    let mut rules = rules(&[]);
    let mut session = ann(&rules);
    session.identity.email = Err(Reason::EmailUnverified);
    let text = session.seal(&rules, SITE, [7; 12]).unwrap();
    let mut revoked = |subject: &str, provider: Option<&str>, seconds| {
        let provider = provider.map(|name| ProviderName::parse(name).unwrap());
        let whose = Revoked::Subject { subject: subject.to_owned(), provider };
        rules.revocations = vec![Revocation { whose, signed_in_before: NOW.plus(Duration::from_secs(seconds)) }];
        open(&text, &rules).err()
    };
    assert_eq!(revoked("7", None, 1), Some(SessionError::Revoked));
    assert_eq!(revoked("7", Some("corp"), 1), Some(SessionError::Revoked));
    assert_eq!(revoked("7", Some("other"), 1), None);
    assert_eq!(revoked("7", None, 0), None);
    for other in ["07", " 7", "7 ", "", "Ann@example.com"] {
        assert_eq!(revoked(other, None, 1), None, "{other:?}");
    }
}

#[test]
fn the_owner_of_a_session_is_a_subject_of_an_issuer_whatever_the_provider_is_called() {
    let old = rules(&[]);
    let text = sealed(&old);
    let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&format!("__Host-sg={text}")).unwrap())]);
    let owner = |rules: &SessionRules| owner_of(&Session::read(&Cookies::of(&headers), rules, SITE, NOW)).unwrap();
    let person = |rules: &SessionRules, change: &dyn Fn(&mut OidcSettings)| {
        let mut settings = settings(ISSUER);
        change(&mut settings);
        let rules = SessionRules { providers: vec![settings.known()], ..rules.clone() };
        let identity = Identity { provider: settings.source.name, ..ann(&old).identity };
        (owner(&rules), rules.owner(&identity).unwrap())
    };
    let is_same = |change: &dyn Fn(&mut OidcSettings)| {
        let (before, after) = person(&old, change);
        before == after
    };
    assert!(is_same(&|_| {}));
    assert!(is_same(&|settings| settings.source.name = ProviderName::parse("renamed").unwrap()));
    assert!(is_same(&|settings| settings.source.email_domains.clear()), "an added or lost domain is no other person");
    assert!(!is_same(&|settings| settings.issuer = "https://other.example.com".to_owned()));
}

#[test]
fn a_session_is_sealed_in_one_form_and_its_provider_is_a_name() {
    let mut rules = rules(&[]);
    rules.providers[0].hash = 1;
    rules.providers[0].issuer = 2;
    let plain = rules.keys.open(Purpose::Session, SITE, &sealed(&rules)).unwrap();
    let text = String::from_utf8(plain.to_vec()).unwrap();
    assert!(text.starts_with("\u{10}\0\0[\"corp\",1,\"7\",{\"Ok\":\"Ann@example.com\"},"), "{text:?}");
    let opened = |text: &str| open(&rules.keys.seal(Purpose::Session, SITE, text.as_bytes(), [7; 12]), &rules);
    assert!(opened(&text).is_ok());
    assert_eq!(opened(&text.replace("\"corp\"", "\"other\"")), Err(SessionError::Outdated));
    for no_name in ["\"\"", "\"co rp\"", "\"corp.\"", "7", "null"] {
        assert_eq!(opened(&text.replace("\"corp\"", no_name)), Err(SessionError::Sealed), "{no_name}");
    }
}

#[test]
fn a_session_of_an_earlier_version_opens_and_has_no_owner() {
    let rules = rules(&[]);
    let hash = rules.providers[0].hash;
    let old = format!(r#"["corp",{hash},"7",{{"Ok":"ann@example.com"}},{{}},{},{}]"#, NOW.0, NOW.0 + 600);
    let text = rules.keys.seal(Purpose::Session, SITE, &[b"\0\0", old.as_bytes()].concat(), [7; 12]);
    assert_eq!(open(&text, &rules).unwrap().identity.subject, "7");
    let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&format!("__Host-sg={text}")).unwrap())]);
    assert_eq!(owner_of(&Session::read(&Cookies::of(&headers), &rules, SITE, NOW)), None);
}

/// `__Host-sg` as version 0.1.0 sealed it, before a session said which form it has: `ann(&rules(&["finance"]))`.
const SEALED_BEFORE_FORMS: &str = "Aft24bhaWlpaWlpaWlpaWlphW6BLT87uYBbNjThGrzSy3OYKAseopNfk-PDb47wp5QcW86Ia5_qNrP5Zy7jDIdFmdOedNkPId6yFjN55kHin\
    kwdgUbbXVZU1VKPXjBf8r44W8kt9hsEll6fZf_XhqJGVgSGVyUFd8_iDPJ5npUQhvI_CgV7fjYxAYLr8RMVEmVd6_SEd";

#[test]
fn a_session_that_was_sealed_before_sessions_had_forms_still_opens() {
    let rules = rules(&["finance"]);
    assert_eq!(open(SEALED_BEFORE_FORMS, &rules), Ok(ann(&rules)));
    let headers =
        HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&format!("__Host-sg={SEALED_BEFORE_FORMS}")).unwrap())]);
    let owner = owner_of(&Session::read(&Cookies::of(&headers), &rules, SITE, NOW));
    assert_eq!(owner, rules.owner(&ann(&rules).identity));
}

/// The plain text of a session, sealed after a change.
pub(in crate::identity::session) fn resealed(rules: &SessionRules, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut plain = rules.keys.open(Purpose::Session, SITE, &sealed(rules)).unwrap().to_vec();
    change(&mut plain);
    rules.keys.seal(Purpose::Session, SITE, &plain, [7; 12])
}

#[test]
fn a_session_of_an_unknown_newer_form_is_no_session_and_stands_in_the_way_of_none() {
    let rules = rules(&["finance"]);
    assert!(open(&resealed(&rules, |_| {}), &rules).is_ok());
    for newer in [18, 19, 0x80, 0xff] {
        let newer = resealed(&rules, |plain| plain[0] = newer);
        assert_eq!(of(&[&newer], &rules), Err(SessionError::Sealed));
        assert_eq!(SessionError::Sealed.reason(), Reason::NotSignedIn);
        assert_eq!(of(&[&newer, &sealed(&rules)], &rules), Ok(ann(&rules)), "nor one of this version");
    }
    let longer = resealed(&rules, |plain| {
        plain.pop();
        plain.extend_from_slice(b",1]");
    });
    assert_eq!(of(&[&longer], &rules), Err(SessionError::Sealed), "a new field is a new form");
}

#[test]
fn the_two_forms_hold_the_same_session() {
    let rules = rules(&["finance", "sales"]);
    let before = resealed(&rules, |plain| *plain = plain.split_off(1));
    assert_eq!(open(&before, &rules), Ok(ann(&rules)));
    let headers = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&format!("__Host-sg={before}")).unwrap())]);
    let reading = Session::read(&Cookies::of(&headers), &rules, SITE, NOW);
    assert_eq!(owner_of(&reading), rules.owner(&ann(&rules).identity));
}

#[test]
fn the_owner_of_the_only_cookie_is_known_also_where_the_session_has_ended() {
    let rules = rules(&[]);
    let line = |values: &[&str]| {
        let line = values.iter().map(|value| format!("__Host-sg={value}")).collect::<Vec<_>>().join("; ");
        Cookies::of(&HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&line).unwrap())]))
    };
    let text = sealed(&rules);
    let late = NOW.plus(rules.max_age);
    let ended = Session::read(&line(&[&text]), &rules, SITE, late);
    assert_eq!(ended.session, Err(SessionError::Ended));
    assert_eq!(owner_of(&ended), rules.owner(&ann(&rules).identity));
    let good = Session::read(&line(&[&text]), &rules, SITE, NOW);
    assert_eq!(owner_of(&good), owner_of(&ended));
    let refused = good.clone().refused(SessionError::Outdated);
    assert_eq!((&refused.session, owner_of(&refused)), (&Err(SessionError::Outdated), owner_of(&good)));
    assert_eq!(owner_of(&ended.clone().refused(SessionError::Outdated)), owner_of(&ended));
    for cookies in [line(&[]), line(&["forged"]), line(&[&text, "forged"])] {
        assert_eq!(owner_of(&Session::read(&cookies, &rules, SITE, NOW)), None);
    }
}

#[test]
fn a_login_attempt_is_not_a_session() {
    let rules = rules(&[]);
    let text = rules.keys.seal(Purpose::LoginAttempt, SITE, b"\0\0{}", [7; 12]);
    assert_eq!(open(&text, &rules), Err(SessionError::Sealed));
}

proptest! {
    #[test]
    fn a_sealed_text_that_is_no_session_is_refused_without_a_panic(
        plain in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let rules = rules(&["finance"]);
        let text = rules.keys.seal(Purpose::Session, SITE, &plain, [7; 12]);
        prop_assert_eq!(open(&text, &rules), Err(SessionError::Sealed));
    }

    #[test]
    fn containment_is_that_of_sets(kept: Vec<u32>, needs: Vec<u32>, extra: bool) {
        let sorted = |mut list: Vec<u32>| { list.sort_unstable(); list.dedup(); list };
        let kept = sorted(if extra { kept.into_iter().chain(needs.clone()).collect() } else { kept });
        let needs = sorted(needs);
        let bytes: Vec<[u8; 4]> = kept.iter().map(|hash| hash.to_be_bytes()).collect();
        prop_assert_eq!(contains_all(&bytes, &needs), needs.iter().all(|need| kept.contains(need)));
    }
}

#[test]
fn a_session_from_before_it_noted_what_it_left_out_is_outdated() {
    let rules = rules(&["finance"]);
    let ann = ann(&rules);
    let (name, hash) = (&ann.identity.provider, rules.providers[0].hash);
    let email = ann.identity.email.as_ref().map_err(|reason| reason.as_str());
    let sealed = (name, hash, "7", email, serde_json::json!({ "groups": ["finance"] }), NOW, ann.ends_at);
    // What was needed then: the pattern alone.
    let mut plain = encode_kept(&[short_hash(&["/groups", "tfinance"])]).unwrap();
    plain.extend(serde_json::to_vec(&sealed).unwrap());
    let text = rules.keys.seal(Purpose::Session, SITE, &plain, [7; 12]);
    assert_eq!(open(&text, &rules), Err(SessionError::Outdated));
}

#[test]
fn a_sealed_session_keeps_what_is_known_of_values_that_it_left_out() {
    let rules = rules(&["finance"]);
    let claims = br#"{"sub":"7","groups":["Finance","x"]}"#;
    let claims = Claims::parse_strict(claims).unwrap();
    let identity = Identity::from_claims(&settings(ISSUER).source, &claims, kept(&rules)).unwrap();
    let session = Session::begin(identity, &rules, NOW);
    assert_ne!(session.identity.claims, Claims::parse_strict(br#"{"groups":[]}"#).unwrap(), "something is noted");
    assert_eq!(open(&session.seal(&rules, SITE, [7; 12]).unwrap(), &rules), Ok(session));
}
