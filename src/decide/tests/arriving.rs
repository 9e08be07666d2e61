//! What is attached and matters at a place, and what it comes to once a key has verified it.

use std::sync::Arc;

use super::{CONFIG, config, place, screened};
use crate::{
    config::{Config, Site},
    decide::{Arriving, Attestation, Attested, BadAttestation},
    identity::{
        AssertionSettings, Cookies, KeyPlace, Outsiders, Preset, ProviderName, TokenMark,
        testing::{AssertionDraft, NOW},
    },
    reason::Reason,
    request::HeaderRules,
};

/// What a proxy in front attaches.
fn of_front() -> AssertionDraft {
    AssertionDraft::of(Preset::Custom)
}

/// What programs bring.
fn of_programs() -> AssertionDraft {
    let mut draft = AssertionDraft::of(Preset::Bearer(TokenMark::Typ));
    draft.settings.source.name = ProviderName::parse("programs").unwrap();
    draft
}

/// A request with these lines, at a site that accepts these.
fn arriving_under(config: &Arc<Config>, path: &str, accepts: &[&AssertionSettings], lines: &str) -> Arriving {
    let rules = HeaderRules::default().accepting(accepts.iter().map(|source| source.header.clone()).collect());
    let mut place = place(path);
    let accepts = accepts.iter().map(|source| Arc::new((*source).clone())).collect();
    place.site = Arc::new(Site { accepts, ..Site::clone(&place.site) });
    let screened = screened(&format!("GET {path}\n{lines}"), &rules);
    Arriving { config: Arc::clone(config), place, screened, now: NOW }
}

fn arriving(path: &str, accepts: &[&AssertionSettings], lines: &str) -> Arriving {
    arriving_under(&CONFIG, path, accepts, lines)
}

/// What the one that is attached comes to.
fn outcome(draft: &AssertionDraft) -> Result<Attestation, BadAttestation> {
    let arriving = arriving("/", &[&draft.settings], &format!("authorization: Bearer {}", draft.text()));
    let attached = arriving.attached().next().expect("it is there");
    let verified = attached.read()?.verified_by(&draft.keys()).map_err(|error| attached.bad(&error))?;
    attached.good(&verified)
}

#[test]
fn a_programs_token_matters_everywhere_and_all_else_where_persons_do() {
    let (front, programs) = (of_front(), of_programs());
    let accepts = [&front.settings, &programs.settings];
    let lines = format!("oidc_id_token: {}\nauthorization: Bearer {}", front.text(), programs.text());
    let names =
        |arriving: &Arriving| arriving.attached().map(|one| one.settings.source.name.to_string()).collect::<Vec<_>>();
    for path in ["/public/x", "/oauth2/start", "/sigma/style.css"] {
        assert_eq!(names(&arriving(path, &accepts, &lines)), ["programs"], "{path}");
    }
    for path in ["/", "/finance/x", "/optional/x", "/oauth2/userinfo"] {
        assert_eq!(names(&arriving(path, &accepts, &lines)), ["front", "programs"], "{path}");
        assert!(names(&arriving(path, &accepts, "a: b")).is_empty(), "{path}");
    }
}

#[test]
fn that_nothing_is_attached_is_asked_only_where_persons_matter_at_a_site_that_accepts_some() {
    let front = of_front().settings;
    for (path, accepts, expected) in [
        ("/", &[&front][..], Attested::Missing),
        ("/", &[], Attested::Unasked),
        ("/public/x", &[&front], Attested::Unasked),
    ] {
        assert_eq!(arriving(path, accepts, "a: b").attested(Vec::new()), expected, "{path}");
    }
}

#[test]
fn a_verified_one_names_its_person_and_only_what_is_wrong_with_a_programs_token_is_its_mistake() {
    let good = outcome(&of_programs()).expect("it is good");
    assert_eq!((good.identity.subject.as_str(), &good.issuer), ("u-7", &of_programs().settings.issuer));
    let mut ended = of_programs();
    ended.claims["exp"] = (NOW.0 - 600).into();
    ended.claims["iat"] = (NOW.0 - 900).into();
    let mut outsider = of_programs();
    outsider.settings.source.outsiders = Outsiders::Refuse;
    outsider.claims["email"] = "ann@elsewhere.example".into();
    for (draft, reason, is_bearer) in [(ended, Reason::AssertionTime, true), (outsider, Reason::Outsider, false)] {
        let bad = outcome(&draft).expect_err("it is refused");
        assert_eq!((bad.source.as_str(), bad.reason, bad.is_bearer), ("programs", reason, is_bearer));
    }
}

#[test]
fn an_application_gets_what_is_attached_only_where_it_verifies_it_itself() {
    for (is_forwarded, cookie) in [(false, Some("a=1")), (true, None)] {
        let mut front = of_front();
        front.settings.is_forwarded = is_forwarded;
        let text = front.text();
        let whole = format!("token={text}; a=1");
        let mut arriving = arriving("/", &[&front.settings], &format!("oidc_id_token: {text}\ncookie: {whole}"));
        let headers = arriving.screened.request.headers.clone();
        assert!(!headers.contains_key("oidc_id_token"), "it is taken out in any case");
        let mut cookies = Cookies::of(&headers);
        arriving.withhold(&mut cookies);
        let left = cookies.for_host().map(|line| line.to_str().unwrap().trim().to_owned());
        assert_eq!(left.as_deref(), Some(cookie.unwrap_or(&whole)));
        arriving.put_back();
        let given = arriving.screened.request.headers.get("oidc_id_token");
        assert_eq!(given.is_some_and(|given| *given == text), is_forwarded);
    }
}

/// The peer of the tests is 192.0.2.7.
#[test]
fn only_a_proxy_that_is_named_has_a_key_asked_for_by_its_name() {
    let (by_name, of_set) = (AssertionDraft::of(Preset::AwsAlb { signers: vec![], client_id: "x".into() }), of_front());
    assert!(matches!(by_name.settings.keys, KeyPlace::Pem { .. }));
    let under = |proxies: Option<&str>, is_trusted, settings: &AssertionSettings| {
        let listen = proxies.map(|proxies| format!("trusted_proxies = [\"{proxies}\"]\n[session]"));
        let config = config(|text| listen.map_or(text.clone(), |listen| text.replace("[session]", &listen)));
        let line = format!("{}: x", if *settings == of_set.settings { "oidc_id_token" } else { "x-amzn-oidc-data" });
        let mut arriving = arriving_under(&config, "/", &[settings], &line);
        arriving.screened.request.peer.is_trusted = is_trusted;
        arriving.attached().next().expect("it is there").may_ask_by_name()
    };
    let named = Some("10.0.0.1/32");
    for (proxies, is_trusted, expected) in [(None, false, true), (named, false, false), (named, true, true)] {
        assert_eq!(under(proxies, is_trusted, &by_name.settings), expected, "{proxies:?} {is_trusted}");
        assert!(under(proxies, is_trusted, &of_set.settings), "of a set nothing is asked for by name");
    }
}
