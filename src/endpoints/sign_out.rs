//! `GET,POST {sign_in}/sign_out?rd=`: our session ends in the first answer. Then, where the provider has a sign-out, a silent round brings an
//! ID token that says who signs out, and the provider gets it; whatever else comes ends on a page of ours.

use url::Url;

use super::{
    Asked, Said,
    sign_in::{Round, choose_again, leave},
};
use crate::{
    decide::{Event, Facts},
    identity::{
        AtSignOut, CookieName, DueCheck, FailedLogin, LoginPurpose, OidcSettings, Owner, ProviderMetadata,
        ProviderName, ReturnTo, SetCookie, SignOutMethod, SignedIn, end_session_fields,
    },
    limits::LOGIN_ATTEMPT_AGE_MAX,
    reason::Done,
    reply,
};

/// Who signs out, and of which provider: what its documents say has to be known then.
#[derive(Debug)]
pub(crate) struct SigningOut<'f> {
    /// The provider.
    pub(crate) settings: &'f OidcSettings,
    /// What is known of it; none: it cannot be asked.
    pub(crate) metadata: Option<&'f ProviderMetadata>,
}

/// A sign-out whose silent round came back.
#[derive(Debug)]
pub(super) struct Parting {
    pub(super) provider: ProviderName,
    pub(super) owner: Owner,
    pub(super) at_sign_out: AtSignOut,
    pub(super) return_to: ReturnTo,
}

/// Ends the session here, and begins what ends it at the provider.
#[must_use]
pub(crate) fn sign_out(asked: Asked<'_, Option<SigningOut<'_>>>) -> Said {
    let Asked { facts, heard, stream } = asked;
    let at_provider = heard.as_ref().map(|heard| AtSignOut::of(heard.settings, heard.metadata, &facts.site().url));
    let said = match (at_provider, heard, leaving(facts)) {
        (Some(AtSignOut::Redirect(url)), _, _) => redirected(facts, &url),
        (
            Some(AtSignOut::HandOver { .. }),
            Some(SigningOut { settings, metadata: Some(metadata) }),
            Some((owner, hint)),
        ) => {
            let round = Round { settings, purpose: LoginPurpose::SignOut(owner), hint: hint.as_deref() };
            leave(facts, round, metadata, facts.return_parameter().unwrap_or_default(), stream, Done::SignedOut)
        }
        // Nobody is known to the provider by us, or it has no place for a sign-out.
        (Some(AtSignOut::HandOver { .. } | AtSignOut::Nothing) | None, _, _) => {
            signed_out(facts, facts.return_parameter().as_ref())
        }
    };
    let said = said.setting(SetCookie::expire_sessions()).setting(facts.site().forget_cookies.iter().cloned());
    Said { ends_session: true, ..said.setting(choose_again(facts)) }
}

/// Who signs out, and how the provider may know them.
fn leaving(facts: &Facts) -> Option<(Owner, Option<String>)> {
    let rules = &facts.config.session;
    let visitor = facts.asker.visitor.as_ref();
    let of_visitor = visitor.and_then(|visitor| {
        let hint = visitor.identity.email.as_ref().ok().map(|email| email.as_str().to_owned());
        Some((rules.owner(&visitor.identity)?, hint))
    });
    of_visitor
        .or_else(|| facts.asker.due.as_deref().map(|DueCheck { held, hint, .. }| (held.owner.clone(), hint.clone())))
}

/// Ends a sign-out with what its silent round brought.
#[must_use]
pub(super) fn end_at_provider(facts: &Facts, parting: Parting, signed_in: Result<SignedIn, FailedLogin>) -> Said {
    let Parting { provider, owner, at_sign_out, return_to } = parting;
    let ended = |result, detail: Option<String>| Event::SignOut { provider: provider.clone(), result, detail };
    let signed_in = match signed_in {
        Ok(signed_in) => signed_in,
        Err(failed) => {
            return signed_out(facts, Some(&return_to))
                .telling(ended(failed.error.reason().as_str(), Some(failed.told())));
        }
    };
    // A token of somebody else is not handed over: it would end their session in place of this one.
    let is_theirs = facts.config.session.owner(&signed_in.identity) == Some(owner);
    match (at_sign_out, signed_in.id_token_hint, facts.provider(&provider)) {
        (AtSignOut::HandOver { endpoint, method }, Some(hint), Some(settings)) if is_theirs => {
            let fields = end_session_fields(&hint, settings, &facts.site().url);
            let said = match method {
                SignOutMethod::Post => Said::new(reply::hand_over(facts.context(), endpoint.as_str(), &fields)),
                SignOutMethod::Get => {
                    let mut url = endpoint;
                    url.query_pairs_mut().extend_pairs(fields);
                    Said::redirect(facts, url.as_str(), true, Done::SignedOut)
                }
            };
            said.setting([comes_back()]).telling(ended("handed_over", None))
        }
        (_, _, _) if !is_theirs => {
            let detail = "somebody else is signed in at the provider".to_owned();
            signed_out(facts, Some(&return_to)).telling(ended("other_person", Some(detail)))
        }
        (AtSignOut::HandOver { .. } | AtSignOut::Redirect(_) | AtSignOut::Nothing, _, _) => {
            signed_out(facts, Some(&return_to)).telling(ended("nowhere", None))
        }
    }
}

fn redirected(facts: &Facts, url: &Url) -> Said {
    Said::redirect(facts, url.as_str(), false, Done::SignedOut).setting([comes_back()])
}

/// Signed out here: the place that was asked for, or our page.
fn signed_out(facts: &Facts, place: Option<&ReturnTo>) -> Said {
    match place.filter(|place| **place != ReturnTo::default()) {
        Some(place) => {
            Said::redirect(facts, &place.location(&facts.site().url), false, Done::SignedOut).setting([comes_back()])
        }
        None => Said::signed_out(facts, &ReturnTo::default()),
    }
}

/// The browser comes back to a page that may want somebody signed in: then nobody is, unasked.
fn comes_back() -> SetCookie {
    SetCookie::keep(&CookieName::SignedOut, "1", LOGIN_ATTEMPT_AGE_MAX)
}

/// Another site asked, or a frame: the person confirms first.
#[must_use]
pub(crate) fn confirm_sign_out(asked: Asked<'_>) -> Said {
    let Asked { facts, .. } = asked;
    let again = facts.request.target.path.as_str();
    Said::new(reply::confirm_sign_out(facts.context(), facts.audience(), again))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        decide::tests::{CONFIG, ann, facts, facts_by_cookies},
        endpoints::{
            callback,
            tests::{ann_signed_in, cookies, hearing, location, metadata, nobody, redeemed},
        },
        identity::{IdTokenHint, LoginError, SignOutForm},
    };

    const ENDED: [&str; 4] = ["-__Host-sg", "-__Host-sg", "-CRMSESSION", "-CRMSESSION"];

    fn corp() -> OidcSettings {
        CONFIG.providers.values().next().unwrap().oidc().unwrap().clone()
    }

    fn out(head: &str, asker: crate::decide::Asker, settings: &OidcSettings) -> Said {
        let metadata = metadata();
        hearing(&facts(head, asker), Some(SigningOut { settings, metadata: Some(&metadata) }), sign_out)
    }

    fn ends_here(said: &Said) -> bool {
        let names = cookies(said);
        said.ends_session && ENDED.iter().all(|name| names.iter().any(|found| found == name))
    }

    #[test]
    fn the_first_answer_ends_our_session_and_asks_the_provider_silently_who_signs_out() {
        let said = out("GET /oauth2/sign_out?rd=%2Fbye", ann(&[]), &corp());
        let url = Url::parse(location(&said)).unwrap();
        let asked =
            |name: &str| url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned());
        assert_eq!((url.path(), asked("prompt").as_deref()), ("/authorize", Some("none")));
        assert!(ends_here(&said) && cookies(&said).iter().any(|name| name.starts_with("__Host-sg-l-")));
    }

    #[test]
    fn without_a_place_at_the_provider_or_with_nobody_signed_in_it_ends_here() {
        let local = OidcSettings { sign_out: SignOutForm::Local, ..corp() };
        let page = out("GET /oauth2/sign_out", ann(&[]), &local);
        assert_eq!((page.why, location(&page)), ("signed_out", ""));
        let nobody = out("GET /oauth2/sign_out", nobody(), &corp());
        assert_eq!((nobody.why, location(&nobody)), ("signed_out", ""));
        let elsewhere = out("GET /oauth2/sign_out?rd=%2Fbye", ann(&[]), &local);
        assert_eq!(location(&elsewhere), "/bye");
        let foreign = out("GET /oauth2/sign_out?rd=https:%2F%2Fevil.example", ann(&[]), &local);
        assert_eq!(location(&foreign), "", "a foreign place is our page, not the front page, which may sign in again");
        assert!([&page, &nobody, &elsewhere, &foreign].into_iter().all(ends_here));
        let cognito = SignOutForm::Cognito { url: Url::parse("https://login.example.com/logout").unwrap() };
        let said = out("GET /oauth2/sign_out", ann(&[]), &OidcSettings { sign_out: cognito, ..corp() });
        assert!(location(&said).starts_with("https://login.example.com/logout?client_id=sigma-gateway&logout_uri="));
        assert!(ends_here(&said) && cookies(&said).contains(&"__Host-sg-o".to_owned()));
    }

    /// What a silent round of Ann's sign-out ends with.
    fn ended(method: SignOutMethod, who: &str, token: Option<&str>) -> Said {
        let facts = facts("GET /oauth2/callback", nobody());
        let mut signed_in = ann_signed_in();
        let owner = CONFIG.session.owner(&signed_in.identity).unwrap();
        who.clone_into(&mut signed_in.identity.subject);
        signed_in.id_token_hint = token.map(IdTokenHint::of_test);
        let endpoint = Url::parse("https://login.example.com/out?p=1").unwrap();
        let heard = super::super::Redeemed {
            purpose: LoginPurpose::SignOut(owner),
            at_sign_out: AtSignOut::HandOver { endpoint, method },
            ..redeemed(ReturnTo::default(), Ok(signed_in))
        };
        hearing(&facts, heard, callback)
    }

    #[test]
    fn the_token_of_who_signs_out_goes_to_the_provider_in_a_form_and_becomes_no_session() {
        let said = ended(SignOutMethod::Post, "u-1", Some("a.b.c"));
        let page = String::from_utf8(said.answer.body().to_vec()).unwrap();
        for part in
            ["action=\"https://login.example.com/out?p=1\"", "value=\"a.b.c\"", "value=\"https://crm.example.com/\""]
        {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!cookies(&said).contains(&"__Host-sg".to_owned()), "{:?}", cookies(&said));
        assert!(matches!(&said.events[..], [Event::SignOut { result: "handed_over", .. }]));
        let said = ended(SignOutMethod::Get, "u-1", Some("a.b.c"));
        let expected = "https://login.example.com/out?p=1&id_token_hint=a.b.c&client_id=sigma-gateway&post_logout";
        assert!(location(&said).starts_with(expected), "{said:?}");
    }

    #[test]
    fn no_token_of_anybody_else_is_handed_over_and_every_other_answer_ends_on_our_page() {
        let other = ended(SignOutMethod::Post, "u-2", Some("a.b.c"));
        assert!(matches!(&other.events[..], [Event::SignOut { result: "other_person", .. }]));
        let nothing = ended(SignOutMethod::Post, "u-1", None);
        let owner = CONFIG.session.owner(&ann_signed_in().identity).unwrap();
        let heard = super::super::Redeemed {
            purpose: LoginPurpose::SignOut(owner),
            ..redeemed(ReturnTo::default(), Err(LoginError::AttemptExpired))
        };
        let failed = hearing(&facts("GET /oauth2/callback", nobody()), heard, callback);
        for said in [other, nothing, failed] {
            let page = String::from_utf8(said.answer.body().to_vec()).unwrap();
            assert_eq!((said.why, said.answer.status().as_u16()), ("signed_out", 200));
            assert!(page.contains("You are signed out") && !page.contains("a.b.c"), "{page}");
            assert!(!cookies(&said).contains(&"__Host-sg".to_owned()));
        }
    }

    #[test]
    fn whoever_comes_back_from_the_provider_is_not_signed_in_again_unasked() {
        let facts =
            facts_by_cookies("GET /\nsec-fetch-dest: document\nsec-fetch-site: cross-site\ncookie: __Host-sg-o=1");
        let decision = crate::decide::decide(&facts.place, &facts.asker, &facts.request.visit);
        assert_eq!(decision, crate::decide::Decision::SignIn(crate::decide::SignIn::SignedOut));
        let said = super::super::sign_in::came_back(&facts);
        assert_eq!((said.why, &cookies(&said)[..]), ("signed_out", &["-__Host-sg-o".to_owned()][..]));
        let page = String::from_utf8(said.answer.body().to_vec()).unwrap();
        assert!(page.contains("href=\"/oauth2/start?rd=%2F\""), "{page}");
    }
}
