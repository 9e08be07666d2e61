//! `GET {sign_in}/callback`: the question is which attempt came back, the wait is for the provider's documents and tokens, the
//! rest is the session.

use super::{
    Asked, Said,
    sign_in::{ended_badly, failed, round_counted},
    sign_out::{Parting, end_at_provider},
};
use crate::{
    decide::{Event, Facts},
    forward::ValueFault,
    identity::{
        AtSignOut, AttemptId, CallbackParameters, CookieName, FailedLogin, HeldSession, LoginError, LoginPurpose,
        NamedAddress, OidcSettings, PendingLogin, PostedAnswer, ProviderName, ReturnTo, Session, SessionError,
        SetCookie, SignedIn,
    },
    limits::LAST_PROVIDER_AGE_MAX,
    reason::{Done, Reason},
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
    /// What it was for.
    pub(crate) purpose: LoginPurpose,
    /// Where the provider takes a sign-out.
    pub(crate) at_sign_out: AtSignOut,
    /// Who has signed in.
    pub(crate) signed_in: Result<SignedIn, FailedLogin>,
}

/// Which attempt came back.
///
/// # Errors
/// What is said where none did.
pub(crate) fn returned(facts: &Facts) -> Result<Returned<'_>, Box<Said>> {
    let refused = |answer: FailedLogin| failed(facts, None, answer, &ReturnTo::default());
    let parameters = match posted(facts) {
        None => CallbackParameters::parse(query(facts)),
        Some(id) => {
            let (keys, site) = (&facts.config.session.keys, facts.place.site_name());
            let answer = PostedAnswer::open(&id, &facts.cookies, keys, site);
            answer.map_err(FailedLogin::from).and_then(|answer| CallbackParameters::parse(&answer))
        }
    };
    let parameters = match parameters {
        // As below: used already.
        Err(FailedLogin { error: LoginError::AttemptMissing, .. }) if has_signed_in(facts) => {
            return Err(Box::new(Said::redirect(facts, "/", false, Done::SignedIn)));
        }
        parameters => parameters.map_err(|answer| Box::new(refused(answer).setting(spent_answer(facts))))?,
    };
    match PendingLogin::open(&facts.cookies, &parameters, &facts.config.session.keys, facts.place.site_name()) {
        Ok(pending) => {
            let settings = facts.provider(pending.provider()).filter(|settings| pending.is_with(settings));
            Ok(Returned { settings: settings.ok_or(LoginError::OtherProvider), pending, parameters })
        }
        // The answer was used already (Back, a second click), and the sign-in worked: nothing to complain about. An attempt that does not
        // open is another replica's, which does not take the session of this one, and would begin the next.
        Err(LoginError::AttemptMissing) if has_signed_in(facts) => {
            Err(Box::new(Said::redirect(facts, "/", false, Done::SignedIn)))
        }
        Err(error) => Err(Box::new(refused(FailedLogin::saying(error, parameters.words())))),
    }
}

/// Says it of a callback to no attempt. Where a silent round is due it may have been its answer, for some providers lose `state` with an
/// error: the next page is none again, which might come to nothing for ever.
#[must_use]
pub(crate) fn came_of_nothing(asked: Asked<'_>, said: Said) -> Said {
    let Asked { facts, stream, .. } = asked;
    said.setting(facts.asker.is_to_be_checked().then(|| round_counted(facts, stream)))
}

/// Whether somebody is signed in whose next page is no silent round: to lead there would be to go round and round.
fn has_signed_in(facts: &Facts) -> bool {
    facts.asker.visitor.is_some() && !facts.asker.is_to_be_checked()
}

/// Ends a round through a provider.
#[must_use]
pub(crate) fn callback(asked: Asked<'_, Redeemed>) -> Said {
    let Asked { facts, heard: Redeemed { attempt, provider, return_to, purpose, at_sign_out, signed_in }, stream } =
        asked;
    let read = signed_in
        .as_ref()
        .ok()
        .filter(|_| facts.config.logs_claims)
        .map(|signed_in| Event::ClaimsRead { user: signed_in.identity.subject.clone(), read: signed_in.read.clone() });
    let said = match (purpose, signed_in) {
        // It becomes no session, whatever came.
        (LoginPurpose::SignOut(owner), signed_in) => {
            end_at_provider(facts, Parting { provider, owner, at_sign_out, return_to }, signed_in)
        }
        (LoginPurpose::SignIn, Ok(signed_in)) => {
            let session = Session::begin(signed_in.identity, &facts.config.session, facts.now);
            keep_session(facts, (session, signed_in.address), "signed_in", &return_to, stream)
                .unwrap_or_else(|failed| *failed)
        }
        (LoginPurpose::Recheck(held), Ok(signed_in)) => {
            let kept = rechecked(facts, &held, signed_in, &return_to, stream);
            kept.unwrap_or_else(|failed| ended(facts, *failed).setting([round_counted(facts, stream)]))
        }
        (LoginPurpose::Recheck(_), Err(failed)) if failed.error.says_no() => {
            left(facts, provider, &failed, &return_to, stream)
        }
        // The code is not spent: the same page can be loaded again.
        (LoginPurpose::SignIn | LoginPurpose::Recheck(_), Err(error @ FailedLogin { error: LoginError::Busy, .. })) => {
            return failed(facts, Some(&provider), error, &return_to);
        }
        (LoginPurpose::SignIn, Err(error)) => failed(facts, Some(&provider), error, &return_to),
        // Today nobody would be signed in by what the provider says of them.
        (LoginPurpose::Recheck(held), Err(error @ FailedLogin { error: LoginError::Identity(_), .. }))
            if is_about(facts, &held) =>
        {
            let said = failed(facts, Some(&provider), error, &return_to);
            ended(facts, said).setting([round_counted(facts, stream)])
        }
        // Counted, so that the next page is no silent round again: it might fail for ever.
        (LoginPurpose::Recheck(_), Err(error)) => {
            failed(facts, Some(&provider), error, &return_to).setting([round_counted(facts, stream)])
        }
    };
    let said = said.setting([SetCookie::expire(&attempt)]).setting(spent_answer(facts));
    match read {
        Some(read) => said.telling(read),
        None => said,
    }
}

fn query(facts: &Facts) -> &str {
    facts.request.target.query.as_deref().unwrap_or_default()
}

/// The answer that came by form for which this request stands; none: it is an answer itself.
fn posted(facts: &Facts) -> Option<AttemptId> {
    PostedAnswer::referred_to(query(facts))
}

/// The end of the cookie in which that answer waited.
fn spent_answer(facts: &Facts) -> Option<SetCookie> {
    posted(facts).map(|id| SetCookie::expire(&id.posted()))
}

/// The provider vouches still: the session goes on as it was, with what the provider says today. Another person is a change of
/// person.
fn rechecked(
    facts: &Facts,
    held: &HeldSession,
    signed_in: SignedIn,
    return_to: &ReturnTo,
    stream: &mut SeedStream,
) -> Result<Said, Box<Said>> {
    let rules = &facts.config.session;
    if !is_about(facts, held) {
        return Ok(came_too_late(facts, signed_in, return_to, stream));
    }
    if rules.owner(&signed_in.identity).as_ref() == Some(&held.owner) {
        let session = held.checked(signed_in.identity, facts.now);
        return keep_session(facts, (session, signed_in.address), "rechecked", return_to, stream);
    }
    let session = Session::begin(signed_in.identity, rules, facts.now);
    keep_session(facts, (session, signed_in.address), "signed_in", return_to, stream)
}

/// Whether the session of the browser is the one that a round is about.
fn is_about(facts: &Facts, held: &HeldSession) -> bool {
    facts.session_held().is_some_and(|(owner, at)| owner == held.owner && at == held.signed_in_at)
}

/// The session that a round is about has ended since, by a sign-out or by itself, or there is another one: what the browser has now
/// counts. It is counted, for it brought nothing.
fn came_too_late(facts: &Facts, signed_in: SignedIn, return_to: &ReturnTo, stream: &mut SeedStream) -> Said {
    let detail = "the session of the silent round is not that of the browser any more";
    let provider = Some(signed_in.identity.provider);
    let event = ended_badly(provider, Reason::NotSignedIn, signed_in.address, detail.to_owned());
    let said = if facts.asker.fault == Some(SessionError::Missing) {
        // Where it led, a sign-in would begin, and whoever has signed out asked for none.
        Said::signed_out(facts, return_to)
    } else {
        Said::redirect(facts, &return_to.location(&facts.site().url), false, Done::RecheckEnded)
    };
    said.telling(event).setting([round_counted(facts, stream)])
}

/// The provider does not vouch any more: the session ends, and where it led, a sign-in that asks begins.
fn left(
    facts: &Facts,
    provider: ProviderName,
    failed: &FailedLogin,
    return_to: &ReturnTo,
    stream: &mut SeedStream,
) -> Said {
    let event = ended_badly(Some(provider), failed.error.reason(), None, failed.told());
    let said = Said::redirect(facts, &return_to.location(&facts.site().url), false, Done::RecheckEnded);
    ended(facts, said.telling(event)).setting([round_counted(facts, stream)])
}

/// The session ends. As at a sign-out: where nobody has to sign in, the host application would go on with whoever has left.
fn ended(facts: &Facts, said: Said) -> Said {
    let said = said.setting(SetCookie::expire_sessions()).setting(facts.site().forget_cookies.iter().cloned());
    Said { ends_session: true, ..said }
}

/// A session, or what is said where it cannot be kept.
fn keep_session(
    facts: &Facts,
    (session, email): (Session, Option<NamedAddress>),
    result: &'static str,
    return_to: &ReturnTo,
    stream: &mut SeedStream,
) -> Result<Said, Box<Said>> {
    let (rules, site, cookies) = (&facts.config.session, facts.place.site_name(), &facts.cookies);
    let (provider, user) = (session.identity.provider.clone(), session.identity.subject.clone());
    let owner = facts.asker.owner();
    let is_same_person = owner.is_some() && owner == rules.owner(&session.identity);
    let age = facts.now.until(session.ends_at);
    let (value, left_out) = match session.seal_as_fits(rules, site, stream.bytes()) {
        Ok(sealed) => sealed,
        Err(error) => return Err(Box::new(session_failed(facts, (&session, email), &error, return_to))),
    };
    let is_choice = facts.site().sign_in.only().is_none();
    let last = is_choice.then(|| SetCookie::keep(&CookieName::LastProvider, provider.as_str(), LAST_PROVIDER_AGE_MAX));
    let headers = &facts.site().identity_headers;
    // A site that tells only groups that a rule names is not concerned.
    let untold = left_out > 0 && headers.forwards_all_groups();
    let detail =
        untold.then(|| format!("{left_out} groups do not fit into the session: the application is not told of them"));
    let untold = headers.tellers_of_groups().filter(|_| untold);
    let untold = untold.map(|header| Event::Untold { header: header.clone(), fault: ValueFault::NoRoom });
    let event = Event::SignIn { provider: Some(provider), result, user: Some(user), email, detail };
    // An older one in a partition would be a second beside it. Before the new one, never after it: a browser without partitions
    // takes each of the lines for the one cookie.
    let older = cookies.has(&CookieName::Session).then(SetCookie::expire_sessions);
    let said = signed_in_to(facts, return_to)
        .telling(event)
        .telling_all(untold)
        .setting(older.into_iter().flatten())
        .setting([SetCookie::keep(&CookieName::Session, &value, age)])
        .setting(last)
        .setting(facts.asker.has_signed_out.then(|| SetCookie::expire(&CookieName::SignedOut)))
        // The next request with a session takes the count back; without one, a loop ends at the limit.
        .setting([round_counted(facts, stream)])
        .setting((!is_same_person).then(|| facts.site().forget_cookies.iter().cloned()).into_iter().flatten());
    Ok(said)
}

/// A redirect to where the sign-in leads; a page where that address was too long to be kept whole.
fn signed_in_to(facts: &Facts, return_to: &ReturnTo) -> Said {
    let location = return_to.location(&facts.site().url);
    if return_to.is_cut() {
        return Said::new(reply::signed_in_but_cut(facts.context(), &location));
    }
    Said::redirect(facts, &location, false, Done::SignedIn)
}

fn session_failed(
    facts: &Facts,
    (session, email): (&Session, Option<NamedAddress>),
    error: &SessionError,
    return_to: &ReturnTo,
) -> Said {
    let reason = error.reason();
    let largest = session.identity.claims.largest().filter(|_| *error == SessionError::TooLarge);
    let detail = match largest {
        Some((claim, bytes)) => format!("{error}; the largest claim of it is {claim}, with {bytes} bytes"),
        None => error.to_string(),
    };
    let said = Said::refusal_of_account(facts, reason, return_to);
    said.telling(ended_badly(Some(session.identity.provider.clone()), reason, email, detail))
}
