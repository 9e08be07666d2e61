//! What happened, for whoever keeps the books: a value, so that what decides writes nothing.

use http::HeaderName;

use super::{Asker, FrontCheck, Lapse};
use crate::{
    embed::{EmbedName, MintRecord},
    forward::ValueFault,
    identity::{EmailAddress, NamedAddress, ProviderName, SessionError},
    policy::PersonCheck,
    reason::Reason,
    request::Asserted,
    rewrite::Note,
};

/// Something that log, audit or metrics tell of a request. Never a token, cookie, code or query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A signed URL went out.
    Minted(MintRecord),
    /// Access or an embed was refused to somebody.
    Refused {
        /// Why.
        reason: Reason,
        /// Which embed, if any.
        embed: Option<EmbedName>,
        /// Which claims were missing or odd; never a value.
        detail: Option<String>,
    },
    /// A sign-in ended, well or not.
    SignIn {
        /// With whom; `None` where a site has several, and it is not known.
        provider: Option<ProviderName>,
        /// `signed_in`, or the reason.
        result: &'static str,
        /// The provider's id of who it is.
        user: Option<String>,
        /// The address that the provider's verified claims name, whether or not it counts.
        email: Option<NamedAddress>,
        /// The cause of a failure.
        detail: Option<String>,
    },
    /// A sign-out ended at the provider, or only here.
    SignOut {
        /// At which.
        provider: ProviderName,
        /// `handed_over`, `other_person`, `nowhere`, or the reason why there was nothing to hand over.
        result: &'static str,
        /// The cause of that.
        detail: Option<String>,
    },
    /// What the rules read of somebody who has signed in, where an operator has switched that on.
    ClaimsRead {
        /// The provider's id of who it is.
        user: String,
        /// Each claim, with its value.
        read: Vec<String>,
    },
    /// Sigma's page told our script of an error.
    EmbedError {
        /// Which embed.
        embed: EmbedName,
        /// Sigma's code, or `OTHER`.
        code: &'static str,
    },
    /// Somebody may want to look at a rewritten answer.
    Noted(Note),
    /// What was given does not stand any more, and was ended.
    Ended(Lapse),
    /// A session is of a sign-in that is yet to come: the clocks of replicas differ.
    SessionFromFuture,
    /// A client brought a header of this name, which no client may.
    HeaderDropped(&'static str),
    /// A header that tells the host application who is signed in does not say what it should.
    Untold {
        /// Which.
        header: HeaderName,
        /// Why.
        fault: ValueFault,
    },
    /// What a proxy in front has attached is refused.
    AttachedRefused {
        /// Of which source it would be.
        source: ProviderName,
        /// Why.
        reason: Reason,
        /// What was found; of a conflict whom it names.
        detail: String,
    },
    /// A session does not count, because of what a proxy in front says.
    SetAside {
        /// What is wrong.
        trouble: &'static str,
        /// What the proxy says where it names somebody else, if that is an address: anything else may be a secret.
        said: Option<String>,
    },
    /// The host application signs connections in.
    SignsConnectionsIn,
    /// The host application gave no answer that can be passed on.
    UpstreamFailed {
        /// What happened.
        error: String,
        /// All causes of it, the nearest first.
        source: String,
        /// Where the host application is configured to be.
        upstream: String,
    },
    /// The host application's answer broke off while it was held.
    UpstreamBrokeOff {
        /// All causes of it, the nearest first.
        source: String,
    },
    /// An answer of the host application was cut, of which the browser has a part.
    AnswerCut {
        /// Which kind of cause, as the metric names it.
        cause: &'static str,
        /// What happened, and all causes of it.
        error: String,
    },
    /// A request's body did not come from the browser as it should, or could not be held to have a length.
    BodyNotPassedOn(String),
}

/// What is told of a request when it comes, whatever is decided: `dropped` are the names that were taken out of it, `asserted` is what a
/// proxy in front says of the person.
pub(crate) fn on_arrival<'a>(
    asker: &'a Asker,
    asserted: &'a Asserted,
    dropped: &'a [&'static str],
) -> impl Iterator<Item = Event> + 'a {
    let future = (asker.fault == Some(SessionError::Future)).then_some(Event::SessionFromFuture);
    let set_aside = asker.person.trouble().map(|trouble| Event::SetAside { trouble, said: said(asker, asserted) });
    dropped.iter().copied().map(Event::HeaderDropped).chain(future).chain(set_aside).chain(refused(&asker.front))
}

fn refused(front: &FrontCheck) -> Option<Event> {
    match front {
        FrontCheck::Unasked | FrontCheck::Missing | FrontCheck::Vouches => None,
        FrontCheck::Refused(bad) => {
            Some(Event::AttachedRefused { source: bad.source.clone(), reason: bad.reason, detail: bad.detail.clone() })
        }
        FrontCheck::Conflict { source, user } => Some(Event::AttachedRefused {
            source: source.clone(),
            reason: Reason::IdentityConflict,
            detail: format!("the proxy in front names {user}"),
        }),
    }
}

fn said(asker: &Asker, asserted: &Asserted) -> Option<String> {
    let value = match asserted {
        Asserted::Said(value) if asker.person == PersonCheck::Differs => value.to_str().ok()?,
        Asserted::Said(_) | Asserted::Unasked | Asserted::Unsaid(_) => return None,
    };
    EmailAddress::is_well_formed(value).then(|| value.to_owned())
}
