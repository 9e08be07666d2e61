//! What waits for the provider, or asks what is known of it.

use super::Shared;
use crate::{
    decide::{Facts, SignIn, WayBack},
    endpoints::{self, Asked, Described, Redeemed, Returned, Said},
    identity::{CallbackParameters, CookieName, LoginError, OidcSettings, PendingLogin, SignedIn},
};

/// Tells somebody to sign in.
pub(super) async fn sign_in(shared: &Shared, asked: Asked<'_>, how: SignIn) -> Said {
    match endpoints::link_to_sign_in(asked.facts, how) {
        Some(said) => said,
        None => begin_sign_in(shared, asked, WayBack::Here).await,
    }
}

/// Begins a sign-in that leads there.
pub(super) async fn begin_sign_in(shared: &Shared, asked: Asked<'_>, back: WayBack) -> Said {
    let return_to = asked.facts.return_to(back);
    let settings = match endpoints::may_begin(asked.facts, &return_to) {
        Ok(settings) => settings,
        Err(said) => return *said,
    };
    let documents = shared.providers.documents(settings).await;
    let metadata = documents.as_ref().map(|documents| &documents.metadata).map_err(ToString::to_string);
    endpoints::begin(asked.hearing(Described { settings, return_to, metadata }))
}

/// `GET {sign_in}/callback`
pub(super) async fn callback(shared: &Shared, asked: Asked<'_>) -> Said {
    let Returned { pending, parameters, settings } = match endpoints::returned(asked.facts) {
        Ok(returned) => returned,
        Err(said) => return *said,
    };
    let (attempt, return_to) = (CookieName::LoginAttempt(pending.id()), pending.return_to().clone());
    let signed_in = match settings {
        Ok(settings) => redeem(shared, asked.facts, pending, parameters, settings).await,
        Err(error) => Err(error),
    };
    endpoints::callback(asked.hearing(Redeemed { attempt, return_to, signed_in }))
}

async fn redeem(
    shared: &Shared,
    facts: &Facts,
    pending: PendingLogin,
    parameters: CallbackParameters,
    settings: &OidcSettings,
) -> Result<SignedIn, LoginError> {
    let projection = &facts.config.session.projection;
    shared.providers.finish((pending, parameters), settings, projection, facts.now).await
}

/// `GET,POST {sign_in}/sign_out`
pub(super) fn sign_out(shared: &Shared, asked: Asked<'_>) -> Said {
    let documents = asked.facts.provider().and_then(|settings| shared.providers.current(settings));
    endpoints::sign_out(asked.hearing(documents.as_ref().map(|documents| &documents.metadata)))
}
