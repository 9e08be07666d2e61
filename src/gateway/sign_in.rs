//! What waits for the provider, or asks what is known of it.

use tracing::Instrument;

use super::{Scribe, Shared};
use crate::{
    decide::{Facts, SignIn, WayBack},
    endpoints::{self, Asked, Described, Redeemed, Returned, Said, SigningOut},
    identity::{
        AtSignOut, CallbackParameters, CookieName, FailedLogin, LoginPurpose, OidcSettings, PendingLogin, SignedIn,
    },
};

/// Tells somebody to sign in.
pub(super) async fn sign_in(shared: &Shared, mut asked: Asked<'_>, how: SignIn) -> Said {
    match endpoints::link_to_sign_in(&mut asked, how) {
        Some(said) => said,
        None => begin_sign_in(shared, asked, WayBack::Here).await,
    }
}

/// Begins a sign-in that leads there.
pub(super) async fn begin_sign_in(shared: &Shared, mut asked: Asked<'_>, back: WayBack) -> Said {
    let return_to = asked.facts.return_to(back);
    let round = match endpoints::may_begin(&mut asked, &return_to) {
        Ok(round) => round,
        Err(said) => return *said,
    };
    let documents = shared.providers.documents(round.settings).instrument(Scribe::span_of_wait(asked.facts)).await;
    let metadata = documents.as_ref().map(|documents| &documents.metadata).map_err(|error| error.as_login_error());
    endpoints::begin(asked.hearing(Described { round, return_to, metadata }))
}

/// `GET {sign_in}/callback`
pub(super) async fn callback(shared: &Shared, asked: Asked<'_>) -> Said {
    let Returned { pending, parameters, settings } = match endpoints::returned(asked.facts) {
        Ok(returned) => returned,
        Err(said) => return endpoints::came_of_nothing(asked, *said),
    };
    let (attempt, provider) = (CookieName::LoginAttempt(pending.id()), pending.provider().clone());
    let (return_to, purpose) = (pending.return_to().clone(), pending.purpose().clone());
    let (signed_in, at_sign_out) = match settings {
        Ok(settings) => {
            let signed_in = redeem(shared, asked.facts, pending, parameters, settings).await;
            let at_sign_out = match &purpose {
                LoginPurpose::SignOut(_) => at_sign_out(shared, asked.facts, settings),
                LoginPurpose::SignIn | LoginPurpose::Recheck(_) => AtSignOut::Nothing,
            };
            (signed_in, at_sign_out)
        }
        Err(error) => (Err(FailedLogin::saying(error, parameters.words())), AtSignOut::Nothing),
    };
    endpoints::callback(asked.hearing(Redeemed { attempt, provider, return_to, purpose, at_sign_out, signed_in }))
}

async fn redeem(
    shared: &Shared,
    facts: &Facts,
    pending: PendingLogin,
    parameters: CallbackParameters,
    settings: &OidcSettings,
) -> Result<SignedIn, FailedLogin> {
    let projection = facts.config.session.projection_of(&settings.source.name);
    let finished = shared.providers.finish((pending, parameters), settings, projection, facts.now);
    finished.instrument(Scribe::span_of_wait(facts)).await
}

/// Where the provider takes a sign-out, as far as that is known without a wait.
fn at_sign_out(shared: &Shared, facts: &Facts, settings: &OidcSettings) -> AtSignOut {
    let documents = shared.providers.current(settings);
    AtSignOut::of(settings, documents.as_ref().map(|documents| &documents.metadata), &facts.site().url)
}

/// `GET,POST {sign_in}/sign_out`
pub(super) async fn sign_out(shared: &Shared, asked: Asked<'_>) -> Said {
    let facts = asked.facts;
    let settings = facts.provider_of_visitor();
    let documents = match settings.filter(|_| facts.knows_somebody()) {
        Some(settings) => shared.providers.documents(settings).instrument(Scribe::span_of_wait(facts)).await.ok(),
        None => None,
    };
    let metadata = documents.as_ref().map(|documents| &documents.metadata);
    endpoints::sign_out(asked.hearing(settings.map(|settings| SigningOut { settings, metadata })))
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, sync::Arc};

    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        config::Config,
        decide::{
            Asker,
            tests::{NAVIGATION, config, facts_under},
        },
        gateway::testing::{Books, shared},
        identity::{
            LoginStart, ReturnTo,
            testing::{NOW, metadata},
        },
        seed::Seed,
    };

    /// A site whose provider cannot be reached.
    fn unreachable() -> Arc<Config> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        config(|text| text.replace("https://login.example.com", &issuer))
    }

    fn of_nobody(config: &Arc<Config>, head: &str) -> Facts {
        facts_under(config, &format!("{head}\n{NAVIGATION}"), Asker::of(None))
    }

    /// The only event so far: how bad it is, of which request at which site, of which provider and call.
    fn told(books: &Books) -> [Value; 5] {
        let line = books.line("event");
        assert!(line["error"].as_str().is_some_and(|error| error.contains("cannot be reached")), "{line}");
        assert!(!line.to_string().contains("hidden"), "{line}");
        ["level", "request_id", "site", "provider", "call"].map(|field| line[field].clone())
    }

    fn expected() -> [Value; 5] {
        ["warn", "id-1", "crm.example.com", "corp", "documents"].map(|text| json!(text))
    }

    #[tokio::test]
    async fn what_a_provider_does_wrong_as_a_sign_in_begins_is_told_with_the_request_and_its_site() {
        let (books, config) = (Books::new(), unreachable());
        let _events = books.with_events();
        let facts = of_nobody(&config, "GET /oauth2/start?rd=/x?hidden");
        let mut stream = Seed::new([2; 32]).into_stream();
        let said = begin_sign_in(&shared(&config, &books), Asked::new(&facts, &mut stream), WayBack::Parameter).await;
        assert_eq!((said.answer.status(), said.why), (StatusCode::SERVICE_UNAVAILABLE, "provider_unreachable"));
        assert_eq!(told(&books), expected());
    }

    #[tokio::test]
    async fn what_a_provider_does_wrong_as_a_sign_in_ends_is_told_with_the_request_and_its_site() {
        let (books, config) = (Books::new(), unreachable());
        let _events = books.with_events();
        let before = of_nobody(&config, "GET /");
        let settings = before.provider_of_visitor().unwrap();
        let (metadata, redirect_uri) = (&metadata(), &before.site().callback_url);
        let begun = LoginStart {
            settings,
            metadata,
            redirect_uri,
            return_to: ReturnTo::default(),
            purpose: LoginPurpose::SignIn,
            hint: None,
        };
        let (pending, redirect) = PendingLogin::begin(begun, &mut Seed::new([1; 32]).into_stream(), NOW);
        let (name, sealed) = pending.seal(&config.session.keys, "crm.example.com", [1; 12]);
        let state = redirect.url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let head = format!("GET /oauth2/callback?code=hidden&state={state}\ncookie: {name}={sealed}");
        let (facts, mut stream) = (of_nobody(&config, &head), Seed::new([2; 32]).into_stream());
        let said = callback(&shared(&config, &books), Asked::new(&facts, &mut stream)).await;
        assert_eq!((said.answer.status(), said.why), (StatusCode::SERVICE_UNAVAILABLE, "provider_unreachable"));
        assert_eq!(told(&books), expected());
    }
}
