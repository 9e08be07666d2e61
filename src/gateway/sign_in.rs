//! What waits for the provider, or asks what is known of it.

use super::Shared;
use crate::{
    decide::{Facts, SignIn, WayBack},
    endpoints::{self, Returned, Said},
    identity::{CallbackParameters, CookieName, LoginError, OidcSettings, PendingLogin, ReturnTo, SignedIn},
    system,
};

/// Tells somebody to sign in.
pub(super) async fn sign_in(shared: &Shared, facts: &Facts, how: SignIn) -> Said {
    match endpoints::link_to_sign_in(facts, how) {
        Some(said) => said,
        None => begin_sign_in(shared, facts, facts.return_to(WayBack::Here)).await,
    }
}

/// `GET {sign_in}/start?rd=`
pub(super) async fn start(shared: &Shared, facts: &Facts) -> Said {
    begin_sign_in(shared, facts, facts.return_to(WayBack::Parameter)).await
}

async fn begin_sign_in(shared: &Shared, facts: &Facts, return_to: ReturnTo) -> Said {
    let settings = match endpoints::may_begin(facts, &return_to) {
        Ok(settings) => settings,
        Err(said) => return *said,
    };
    let documents = shared.providers.documents(settings).await;
    let heard = documents.as_ref().map(|documents| &documents.metadata).map_err(ToString::to_string);
    endpoints::begin(facts, settings, return_to, heard, &mut system::seed().into_stream())
}

/// `GET {sign_in}/callback`
pub(super) async fn callback(shared: &Shared, facts: &Facts) -> Said {
    let Returned { pending, parameters, settings } = match endpoints::returned(facts) {
        Ok(returned) => returned,
        Err(said) => return *said,
    };
    let attempt = (CookieName::LoginAttempt(pending.id()), pending.return_to().clone());
    let heard = match settings {
        Ok(settings) => redeem(shared, facts, pending, parameters, settings).await,
        Err(error) => Err(error),
    };
    endpoints::callback(facts, (&attempt.0, &attempt.1), heard, &mut system::seed().into_stream())
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
pub(super) fn sign_out(shared: &Shared, facts: &Facts) -> Said {
    let documents = facts.provider().and_then(|settings| shared.providers.current(settings));
    endpoints::sign_out(facts, documents.as_ref().map(|documents| &documents.metadata))
}
