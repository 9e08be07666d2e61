//! `GET {sign_in}/start?rd=`, and every redirect to the provider: the question is whether one may begin, the wait is for the
//! provider's documents, the rest is the redirect.

use super::{Asked, Said, choose::choose, stable_link::link_in_frame};
use crate::{
    decide::{Event, Facts, SignIn},
    identity::{
        Chosen, CookieName, LoginError, LoginRounds, LoginStart, OidcSettings, PendingLogin, ProviderMetadata,
        ProviderName, ReturnTo, SetCookie,
    },
    limits::LOGIN_ATTEMPT_AGE_MAX,
    reason::Reason,
    request::VisitKind,
};

/// A sign-in that may begin, and with whom.
#[derive(Debug)]
pub(crate) struct Described<'f> {
    /// The provider.
    pub(crate) settings: &'f OidcSettings,
    /// Where it leads.
    pub(crate) return_to: ReturnTo,
    /// What the provider says about itself, or why nothing is known of it.
    pub(crate) metadata: Result<&'f ProviderMetadata, String>,
}

/// Whether a sign-in may begin here, and with whom.
///
/// # Errors
/// What is said where it may not.
pub(crate) fn may_begin<'f>(asked: &mut Asked<'f>, return_to: &ReturnTo) -> Result<&'f OidcSettings, Box<Said>> {
    let facts = asked.facts;
    let rounds = LoginRounds::of(&facts.cookies, &facts.config.session.keys, facts.place.site_name(), facts.now);
    if let Err(error) = rounds.check() {
        let said = failed(facts, None, &error.into(), return_to);
        return Err(Box::new(said.setting([SetCookie::expire(&CookieName::LoginRounds)])));
    }
    match facts.chosen() {
        Chosen::One(name) => facts.provider(name).ok_or_else(|| Box::new(Said::refusal(facts, Reason::Internal))),
        Chosen::Ask => Err(Box::new(choose(asked, return_to))),
    }
}

/// Begins a sign-in.
#[must_use]
pub(crate) fn begin(asked: Asked<'_, Described<'_>>) -> Said {
    let Asked { facts, heard: Described { settings, return_to, metadata }, stream } = asked;
    let metadata = match metadata {
        Ok(metadata) => metadata,
        Err(cause) => {
            let reason = Reason::ProviderUnreachable;
            let event = ended_badly(Some(settings.source.name.clone()), reason, cause);
            return Said::refusal(facts, reason).telling(event).setting(choose_again(facts));
        }
    };
    let (keys, site) = (&facts.config.session.keys, facts.place.site_name());
    let redirect_uri = &facts.site().callback_url;
    let start = LoginStart { settings, metadata, redirect_uri, return_to };
    let (pending, redirect) = PendingLogin::begin(start, stream, facts.now);
    let (name, value) = pending.seal(keys, site, stream.bytes());
    let crowded_out = PendingLogin::crowded_out(&facts.cookies, keys, site, facts.now);
    // It holds `state` and `nonce`.
    Said::redirect(facts, redirect.url.as_str(), true, "sign_in")
        .setting([SetCookie::keep(&name, &value, LOGIN_ATTEMPT_AGE_MAX)])
        .setting(crowded_out.iter().map(SetCookie::expire))
}

/// No sign-in begins in a frame, a form or a program: whoever sees the answer follows its link. None: one begins.
#[must_use]
pub(crate) fn link_to_sign_in(asked: &mut Asked<'_>, how: SignIn) -> Option<Said> {
    let facts = asked.facts;
    let (reason, back) = match how {
        SignIn::Redirect => return None,
        SignIn::Link { reason, back } => (reason, back),
    };
    let return_to = facts.return_to(back);
    if facts.place.embed.is_some() && facts.request.visit.kind == VisitKind::Frame {
        return Some(link_in_frame(facts, reason, &facts.sign_in_url(&return_to), asked.stream));
    }
    Some(Said::refusal_with_sign_in(facts, reason, &return_to))
}

/// A sign-in failed: a link begins another. `provider`: with whom, where that is known.
pub(super) fn failed(facts: &Facts, provider: Option<&ProviderName>, error: &LoginError, return_to: &ReturnTo) -> Said {
    let reason = error.reason();
    let event = ended_badly(provider.or_else(|| facts.site().sign_in.only()).cloned(), reason, error.to_string());
    Said::refusal_with_sign_in(facts, reason, return_to).telling(event).setting(choose_again(facts))
}

/// Whoever could not sign in, or has signed out, is asked again with whom.
pub(super) fn choose_again(facts: &Facts) -> Option<SetCookie> {
    let is_remembered = facts.cookies.last_provider().is_some();
    is_remembered.then(|| SetCookie::expire(&CookieName::LastProvider))
}

/// The bad end of a sign-in, for the record.
pub(super) fn ended_badly(provider: Option<ProviderName>, reason: Reason, cause: String) -> Event {
    Event::SignIn { provider, result: reason.as_str(), user: None, detail: Some(cause) }
}
