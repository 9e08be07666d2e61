//! The query of a callback: a code comes out of it only for the attempt, the issuer and the one spelling that it names.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, header::COOKIE};
use url::{Url, form_urlencoded};

use super::fixture::{CONFIG, NOW, provider};
use crate::{
    identity::{CallbackParameters, Cookies, LoginPurpose, LoginStart, PendingLogin, ProviderMetadata, ReturnTo},
    seed::Seed,
};

const SITE: &str = "crm.example.com";

/// A login that waits: its cookie, and its `state`.
static ATTEMPT: LazyLock<(Cookies, String)> = LazyLock::new(|| {
    let pending = pending();
    let (name, value) = pending.seal(&CONFIG.session.keys, SITE, [7; 12]);
    let line = HeaderValue::from_str(&format!("{name}={value}")).expect("a sealed cookie is printable");
    (Cookies::of(&HeaderMap::from_iter([(COOKIE, line)])), state())
});

static METADATA: LazyLock<ProviderMetadata> = LazyLock::new(|| {
    let document = include_bytes!("provider.json");
    ProviderMetadata::parse(document, provider()).expect("the document is right, as every replay proves")
});

/// The login that waits; the same one each time.
pub(super) fn pending() -> PendingLogin {
    begun().0
}

/// What the provider says about itself.
pub(super) fn metadata() -> &'static ProviderMetadata {
    &METADATA
}

/// A parameter of the authorization request that the login began with.
pub(super) fn sent(name: &str) -> String {
    let (_, url) = begun();
    url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn state() -> String {
    sent("state")
}

fn begun() -> (PendingLogin, Url) {
    let redirect_uri = Url::parse("https://crm.example.com/oauth2/callback").expect("a URL");
    let return_to = ReturnTo::default();
    let start = LoginStart {
        settings: provider(),
        metadata: &METADATA,
        redirect_uri: &redirect_uri,
        return_to,
        purpose: LoginPurpose::SignIn,
        hint: None,
    };
    let (pending, redirect) = PendingLogin::begin(start, &mut Seed::new([7; 32]).into_stream(), NOW);
    (pending, redirect.url)
}

/// The first description is the one that is read.
fn says_more(descriptions: &[String]) -> bool {
    descriptions.first().is_some_and(|description| !description.is_empty())
}

/// The query; `STATE` stands for the state of the login that waits.
pub fn callback_query(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else { return };
    let (cookies, state) = &*ATTEMPT;
    let query = query.replace("STATE", state);
    let values = |name: &str| -> Vec<String> {
        let pairs = form_urlencoded::parse(query.as_bytes());
        pairs.filter(|(found, _)| found == name).map(|(_, value)| value.into_owned()).collect()
    };
    let [states, codes, errors, issuers] = ["state", "code", "error", "iss"].map(values);
    let is_single = [&states, &codes, &errors, &issuers].iter().all(|values| values.len() < 2);
    let has_state = states.iter().any(|state| !state.is_empty());

    let Ok(parameters) = CallbackParameters::parse(&query) else {
        assert!(!is_single || !has_state, "a proper query is refused");
        return;
    };
    assert!(is_single && has_state, "a query is taken that says something twice");
    let Ok(pending) = PendingLogin::open(cookies, &parameters, &CONFIG.session.keys, SITE) else {
        assert_ne!(states.first(), Some(state), "the login of this state is not found");
        return;
    };
    assert_eq!(states.first(), Some(state), "the login of another state is found");
    let code = pending.receive(parameters, provider(), &METADATA, NOW).map(|exchange| exchange.code().to_owned());
    let says_error = errors.iter().any(|error| !error.is_empty() || says_more(&values("error_description")));
    let is_good = !says_error && issuers.iter().all(|issuer| *issuer == provider().issuer);
    let expected = codes.into_iter().next().filter(|code| is_good && !code.is_empty());
    assert_eq!(code.ok(), expected);
}
