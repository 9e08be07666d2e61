//! A refusal of an account is no dead end.

use super::{
    Described, Redeemed, Said, begin, callback,
    sign_in::Round,
    tests::{ann_signed_in, answer, hearing, location, metadata, nobody, redeemed},
};
use crate::{
    decide::{
        Event,
        tests::{NAVIGATION, ann, facts},
    },
    identity::{
        CookieName, FailedLogin, IdentityError, LoginError, LoginPurpose, NamedAddress, ProviderName, ReturnTo,
        SignedIn,
    },
    reason::Reason,
};

#[test]
fn whoever_signed_in_with_the_wrong_account_is_offered_another_one_and_the_provider_then_asks() {
    let page = |said: &Said| String::from_utf8(said.answer.body().to_vec()).unwrap();
    let link = "href=\"/oauth2/start?account=other&amp;rd=%2Freports\"";
    let outsider = LoginError::Identity(IdentityError::GroupsOverage);
    let return_to = || ReturnTo::parse("/reports", &facts("GET /", nobody()).site().url, "/oauth2");
    let head = format!("GET /oauth2/callback\n{NAVIGATION}");
    let provider = ProviderName::parse("corp").unwrap();
    let attempt = CookieName::LoginRounds;
    let heard = Redeemed { attempt, provider, ..redeemed(return_to(), Err(outsider)) };
    let failed = hearing(&facts(&head, nobody()), heard, callback);
    assert!(
        page(&failed).contains(link)
            && !page(&failed).contains("rd=%2Freports\" target=\"_top\" rel=\"noopener\">Sign in<")
    );
    let embed = answer(
        "GET /sigma/embed/revenue\nsec-fetch-dest: iframe\nsec-fetch-site: same-origin\nreferer: https://crm.example.com/reports",
        ann(&["sales"]),
    );
    assert!(embed.why == "not_mapped" && page(&embed).contains(link), "{}", page(&embed));
    let denied = facts(&format!("GET /reports\n{NAVIGATION}"), ann(&[]));
    let said = Said::denial(&denied, Reason::AccessDenied);
    assert!(page(&said).contains(link) && page(&said).contains("href=\"/\" target=\"_top\">Back"), "{}", page(&said));
    for (head, prompt) in [("GET /oauth2/start?account=other", true), ("GET /oauth2/start", false)] {
        let (facts, metadata) = (facts(head, nobody()), metadata());
        let settings = facts.provider(&ProviderName::parse("corp").unwrap()).unwrap();
        let round = Round { settings, purpose: LoginPurpose::SignIn, hint: None };
        let heard = Described { round, return_to: ReturnTo::default(), metadata: Ok(&metadata) };
        let said = hearing(&facts, heard, begin);
        assert_eq!(location(&said).contains("&prompt=select_account"), prompt, "{}", location(&said));
    }
}

/// The address of the one event that is told of a sign-in.
fn told_of(signed_in: Result<SignedIn, FailedLogin>) -> (&'static str, Option<NamedAddress>) {
    let heard = Redeemed { signed_in, ..redeemed(ReturnTo::default(), Err(LoginError::Busy)) };
    let said = hearing(&facts("GET /oauth2/callback", nobody()), heard, callback);
    let page = String::from_utf8(said.answer.body().to_vec()).unwrap();
    assert!(!page.contains("bo@elsewhere.example"), "the address is for the record alone: {page}");
    match said.events.into_iter().next() {
        Some(Event::SignIn { result, email, .. }) => (result, email),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sign_in_is_told_with_the_address_that_a_verified_token_named_whether_or_not_it_is_refused() {
    let address = || Some(NamedAddress::of_test("bo@elsewhere.example"));
    let refused = |error: LoginError| Err(FailedLogin { error, address: address(), words: None });
    assert_eq!(told_of(refused(IdentityError::GroupsOverage.into())), ("groups_overage", address()));
    let unreachable = LoginError::ProviderUnreachable { cause: "userinfo".to_owned() };
    assert_eq!(told_of(refused(unreachable)), ("provider_unreachable", address()));
    assert_eq!(told_of(Ok(SignedIn { address: address(), ..ann_signed_in() })), ("signed_in", address()));
    assert_eq!(told_of(Err(LoginError::AttemptExpired.into())), ("attempt_expired", None));
    let mut large = SignedIn { address: address(), ..ann_signed_in() };
    large.identity.subject = "s".repeat(crate::limits::COOKIE_BYTES_MAX);
    assert_eq!(told_of(Ok(large)), ("session_too_large", address()));
}
