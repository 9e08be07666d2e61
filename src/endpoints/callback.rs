//! `GET {sign_in}/callback`: the question is which attempt came back, the wait is for the provider's documents and tokens, the
//! rest is the session.

use super::{
    Asked, Said,
    sign_in::{ended_badly, failed},
};
use crate::{
    decide::{Event, Facts},
    identity::{
        CallbackParameters, CookieName, LoginError, LoginRounds, OidcSettings, PendingLogin, ProviderName, ReturnTo,
        Session, SessionError, SetCookie, SignedIn,
    },
    limits::{LAST_PROVIDER_AGE_MAX, LOGIN_ROUNDS_AGE_MAX},
    reply,
    seed::SeedStream,
};

/// An attempt that came back, and with whom it is to be finished.
#[derive(Debug)]
pub(crate) struct Returned<'f> {
    /// The attempt.
    pub(crate) pending: PendingLogin,
    /// What the provider says to it.
    pub(crate) parameters: CallbackParameters,
    /// The provider.
    pub(crate) settings: Result<&'f OidcSettings, LoginError>,
}

/// What came of an attempt.
#[derive(Debug)]
pub(crate) struct Redeemed {
    /// The attempt, whose cookie goes.
    pub(crate) attempt: CookieName,
    /// With whom.
    pub(crate) provider: ProviderName,
    /// Where it leads.
    pub(crate) return_to: ReturnTo,
    /// Who has signed in.
    pub(crate) signed_in: Result<SignedIn, LoginError>,
}

/// Which attempt came back.
///
/// # Errors
/// What is said where none did.
pub(crate) fn returned(facts: &Facts) -> Result<Returned<'_>, Box<Said>> {
    let query = facts.request.target.query.as_deref().unwrap_or_default();
    let failed = |error| Box::new(failed(facts, None, &error, &ReturnTo::default()));
    let parameters = CallbackParameters::parse(query).map_err(failed)?;
    match PendingLogin::open(&facts.cookies, &parameters, &facts.config.session.keys, facts.place.site_name()) {
        Ok(pending) => {
            let settings = facts.provider(pending.provider()).filter(|settings| pending.is_with(settings));
            Ok(Returned { settings: settings.ok_or(LoginError::OtherProvider), pending, parameters })
        }
        // The answer was used already (Back, a second click), and the sign-in worked: nothing to complain about.
        Err(_) if facts.asker.visitor.is_some() => Err(Box::new(Said::redirect(facts, "/", false, "signed_in"))),
        Err(error) => Err(failed(error)),
    }
}

/// Ends a sign-in.
#[must_use]
pub(crate) fn callback(asked: Asked<'_, Redeemed>) -> Said {
    let Asked { facts, heard: Redeemed { attempt, provider, return_to, signed_in }, stream } = asked;
    let said = match signed_in {
        Ok(signed_in) => begin_session(facts, signed_in, stream),
        // The code is not spent: the same page can be loaded again.
        Err(error @ LoginError::Busy) => return failed(facts, Some(&provider), &error, &return_to),
        Err(error) => failed(facts, Some(&provider), &error, &return_to),
    };
    said.setting([SetCookie::expire(&attempt)])
}

fn begin_session(facts: &Facts, signed_in: SignedIn, stream: &mut SeedStream) -> Said {
    let (rules, site, cookies) = (&facts.config.session, facts.place.site_name(), &facts.cookies);
    let SignedIn { identity, return_to } = signed_in;
    let (provider, user) = (identity.provider.clone(), identity.subject.clone());
    let owner = facts.asker.owner();
    let is_same_person = owner.is_some() && owner == rules.owner(&identity);
    let sealed = Session::begin(identity, rules, facts.now).seal(rules, site, stream.bytes());
    let value = match sealed {
        Ok(value) => value,
        Err(error) => return session_failed(facts, provider, &error),
    };
    let rounds = LoginRounds::of(cookies, &rules.keys, site, facts.now).finished(facts.now);
    let rounds = rounds.seal(&rules.keys, site, stream.bytes());
    let is_choice = facts.site().sign_in.only().is_none();
    let last = is_choice.then(|| SetCookie::keep(&CookieName::LastProvider, provider.as_str(), LAST_PROVIDER_AGE_MAX));
    let event = Event::SignIn { provider: Some(provider), result: "signed_in", user: Some(user), detail: None };
    // An older one in a partition would be a second beside it. Before the new one, never after it: a browser without partitions
    // takes each of the lines for the one cookie.
    let older = cookies.has(&CookieName::Session).then(SetCookie::expire_sessions);
    signed_in_to(facts, &return_to)
        .telling(event)
        .setting(older.into_iter().flatten())
        .setting([SetCookie::keep(&CookieName::Session, &value, rules.max_age)])
        .setting(last)
        // The next request with a session takes the count back; without one, a loop ends at the limit.
        .setting([SetCookie::keep(&CookieName::LoginRounds, &rounds, LOGIN_ROUNDS_AGE_MAX)])
        .setting((!is_same_person).then(|| facts.site().forget_cookies.iter().cloned()).into_iter().flatten())
}

/// A redirect to where the sign-in leads; a page where that address was too long to be kept whole.
fn signed_in_to(facts: &Facts, return_to: &ReturnTo) -> Said {
    let location = return_to.location(&facts.site().url);
    if return_to.is_cut() {
        return Said::new(reply::signed_in_but_cut(facts.context(), &location), "signed_in");
    }
    Said::redirect(facts, &location, false, "signed_in")
}

fn session_failed(facts: &Facts, provider: ProviderName, error: &SessionError) -> Said {
    let reason = error.reason();
    Said::refusal(facts, reason).telling(ended_badly(Some(provider), reason, error.to_string()))
}
