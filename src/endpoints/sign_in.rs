//! `GET {sign_in}/start?rd=`, and every redirect to the provider: the question is whether one may begin, the wait is for the
//! provider's documents, the rest is the redirect.

use super::{Asked, Said, choose::choose, stable_link::link_in_frame};
use crate::{
    decide::{Event, Facts, SignIn, WayBack},
    identity::{
        Chosen, CookieName, FailedLogin, LoginError, LoginPurpose, LoginRounds, LoginStart, NamedAddress, OidcSettings,
        PendingLogin, ProviderMetadata, ProviderName, ReturnTo, SetCookie,
    },
    limits::{LOGIN_ATTEMPT_AGE_MAX, LOGIN_ROUNDS_AGE_MAX},
    reason::{Done, Reason},
    request::VisitKind,
    seed::SeedStream,
};

/// A round through a provider that may begin: with whom, and what for.
#[derive(Debug)]
pub(crate) struct Round<'f> {
    /// The provider.
    pub(crate) settings: &'f OidcSettings,
    /// What for.
    pub(crate) purpose: LoginPurpose,
    /// Whom a silent one is about, as the provider may know them.
    pub(crate) hint: Option<&'f str>,
}

/// A round that may begin, and what is known of its provider.
#[derive(Debug)]
pub(crate) struct Described<'f> {
    /// The round.
    pub(crate) round: Round<'f>,
    /// Where it leads.
    pub(crate) return_to: ReturnTo,
    /// What the provider says about itself, or why nothing is known of it.
    pub(crate) metadata: Result<&'f ProviderMetadata, LoginError>,
}

/// Whether a sign-in may begin here, and with whom.
///
/// # Errors
/// What is said where it may not.
pub(crate) fn may_begin<'f>(asked: &mut Asked<'f>, return_to: &ReturnTo) -> Result<Round<'f>, Box<Said>> {
    let facts = asked.facts;
    let rounds = LoginRounds::of(&facts.cookies, &facts.config.session.keys, facts.place.site_name(), facts.now);
    if let Err(error) = rounds.check() {
        let said = failed(facts, None, LoginError::from(error).into(), return_to);
        return Err(Box::new(said.setting([SetCookie::expire(&CookieName::LoginRounds)])));
    }
    if let Some((settings, due)) = facts.recheck() {
        let purpose = LoginPurpose::Recheck(due.held.clone());
        return Ok(Round { settings, purpose, hint: due.hint.as_deref() });
    }
    let settings = match facts.chosen() {
        Chosen::One(name) => facts.provider(name),
        Chosen::Ask => return Err(Box::new(choose(asked, return_to))),
    };
    let settings = settings.ok_or_else(|| Box::new(Said::refusal(facts, Reason::Internal)))?;
    Ok(Round { settings, purpose: LoginPurpose::SignIn, hint: None })
}

/// Begins a sign-in.
#[must_use]
pub(crate) fn begin(asked: Asked<'_, Described<'_>>) -> Said {
    let Asked { facts, heard: Described { round, return_to, metadata }, stream } = asked;
    let metadata = match metadata {
        Ok(metadata) => metadata,
        Err(error) => {
            let (provider, reason) = (round.settings.source.name.clone(), error.reason());
            let event = ended_badly(Some(provider), reason, None, error.to_string());
            // A silent round that cannot begin is over: who may be nobody at a place is, by the next page.
            let counted = (round.purpose != LoginPurpose::SignIn).then(|| round_counted(facts, stream));
            return Said::refusal(facts, reason).telling(event).setting(choose_again(facts)).setting(counted);
        }
    };
    leave(facts, round, metadata, return_to, stream, Done::SignIn)
}

/// Sends the browser to the provider, with a cookie that remembers what for; `done` is what logs call it.
pub(super) fn leave(
    facts: &Facts,
    round: Round<'_>,
    metadata: &ProviderMetadata,
    return_to: ReturnTo,
    stream: &mut SeedStream,
    done: Done,
) -> Said {
    let (keys, site) = (&facts.config.session.keys, facts.place.site_name());
    let redirect_uri = &facts.site().callback_url;
    let Round { settings, purpose, hint } = round;
    let start = LoginStart { settings, metadata, redirect_uri, return_to, purpose, hint };
    let (pending, redirect) = PendingLogin::begin(start, stream, facts.now);
    let redirect = if facts.asks_for_other_account() { redirect.asking_who(metadata) } else { redirect };
    let (name, value) = pending.seal(keys, site, stream.bytes());
    let crowded_out = PendingLogin::crowded_out(&facts.cookies, keys, site, facts.now);
    // It holds `state` and `nonce`.
    Said::redirect(facts, redirect.url.as_str(), true, done)
        .setting([SetCookie::keep(&name, &value, LOGIN_ATTEMPT_AGE_MAX)])
        .setting(crowded_out.iter().map(SetCookie::expire))
}

/// No sign-in begins in a frame, a form or a program: whoever sees the answer follows its link. None: one begins.
#[must_use]
pub(crate) fn link_to_sign_in(asked: &mut Asked<'_>, how: SignIn) -> Option<Said> {
    let facts = asked.facts;
    let (reason, back) = match how {
        SignIn::Redirect => return None,
        SignIn::SignedOut => return Some(came_back(facts)),
        SignIn::Link { reason, back } => (reason, back),
    };
    let return_to = facts.return_to(back);
    if facts.place.embed.is_some() && facts.request.visit.kind == VisitKind::Frame {
        return Some(link_in_frame(facts, reason, &facts.sign_in_url(&return_to), asked.stream));
    }
    Some(Said::refusal_with_sign_in(facts, reason, &return_to))
}

/// The browser has come back from a sign-out at the provider.
pub(super) fn came_back(facts: &Facts) -> Said {
    Said::signed_out(facts, &facts.return_to(WayBack::Here)).setting([SetCookie::expire(&CookieName::SignedOut)])
}

/// A sign-in failed: a link begins another. `provider`: with whom, where that is known.
pub(super) fn failed(
    facts: &Facts,
    provider: Option<&ProviderName>,
    failed: FailedLogin,
    return_to: &ReturnTo,
) -> Said {
    let detail = failed.told();
    let FailedLogin { error, address, .. } = failed;
    let reason = error.reason();
    let event = ended_badly(provider.or_else(|| facts.site().sign_in.only()).cloned(), reason, address, detail);
    let words = error.words_on_page();
    let said = if reason.is_of_account() {
        Said::failed_account(facts, reason, return_to, words.as_deref())
    } else {
        Said::failed_sign_in(facts, reason, return_to, words.as_deref())
    };
    said.telling(event).setting(choose_again(facts))
}

/// Whoever could not sign in, or has signed out, is asked again with whom.
pub(super) fn choose_again(facts: &Facts) -> Option<SetCookie> {
    let is_remembered = facts.cookies.last_provider().is_some();
    is_remembered.then(|| SetCookie::expire(&CookieName::LastProvider))
}

/// One more round is over: without a session behind it, the rounds end at their limit.
pub(super) fn round_counted(facts: &Facts, stream: &mut SeedStream) -> SetCookie {
    let (keys, site) = (&facts.config.session.keys, facts.place.site_name());
    let rounds = LoginRounds::of(&facts.cookies, keys, site, facts.now).finished(facts.now);
    SetCookie::keep(&CookieName::LoginRounds, &rounds.seal(keys, site, stream.bytes()), LOGIN_ROUNDS_AGE_MAX)
}

/// The bad end of a sign-in, for the record.
pub(super) fn ended_badly(
    provider: Option<ProviderName>,
    reason: Reason,
    email: Option<NamedAddress>,
    cause: String,
) -> Event {
    Event::SignIn { provider, result: reason.as_str(), user: None, email, detail: Some(cause) }
}
