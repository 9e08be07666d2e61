//! What a proxy in front has attached to a request, beside the session: two identities that disagree never act.

use super::{Asker, BadAttestation, FrontCheck, Place};
use crate::{
    config::Config,
    identity::{Identity, SessionError, Source, Visitor, VisitorSource},
    policy::{Named, PersonCheck, is_one_person, same_person},
    request::Asserted,
    time::UnixSeconds,
};

/// What came of all that is attached to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attested {
    /// The site accepts nothing of the kind, or nothing depends on it here.
    Unasked,
    /// Nothing is attached.
    Missing,
    /// All of it is good, and names one person.
    Good(Box<Attestation>),
    /// A part of it is not good.
    Bad(Box<BadAttestation>),
    /// All of it is good, and it does not name one person.
    Disagrees(Box<Attestation>),
}

/// A good assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attestation {
    /// Whom it names.
    pub(crate) identity: Identity,
    /// Who says so.
    pub(crate) issuer: String,
    /// When it ends.
    pub(crate) ends_at: UnixSeconds,
}

impl Attested {
    /// What several come to; in the order in which the site names their sources, of which the first one acts.
    #[must_use]
    pub(crate) fn of(each: Vec<Result<Attestation, BadAttestation>>) -> Self {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for one in each {
            match one {
                Ok(one) => good.push(one),
                Err(one) => bad.push(one),
            }
        }
        // A program is told in the words of its protocol, whatever else is wrong.
        bad.sort_by_key(|bad| !bad.is_bearer);
        if let Some(first) = bad.into_iter().next() {
            return Self::Bad(Box::new(first));
        }
        let agree = good.iter().enumerate().all(|(at, one)| good[..at].iter().all(|other| one.agrees_with(other)));
        let ends_at = good.iter().map(|one| one.ends_at).min();
        match (good.into_iter().next(), ends_at) {
            (Some(first), Some(ends_at)) if agree => Self::Good(Box::new(Attestation { ends_at, ..first })),
            (Some(first), _) => Self::Disagrees(Box::new(first)),
            (None, _) => Self::Missing,
        }
    }
}

impl Attestation {
    fn agrees_with(&self, other: &Self) -> bool {
        is_one_person(self.named(), other.named())
    }

    fn named(&self) -> Named<'_> {
        Named { issuer: Some(&self.issuer), identity: &self.identity }
    }

    fn conflict(self) -> FrontCheck {
        FrontCheck::Conflict { source: self.identity.provider, user: self.identity.subject }
    }
}

/// The asker, once it is known what a proxy in front has attached: `asker` is whom the cookies name.
///
/// What is attached is of now, and acts where it is there. A session is held against it and ends where it is of somebody else; where
/// nothing is attached it counts by itself.
#[must_use]
pub(crate) fn attest(
    asker: Asker,
    attested: Attested,
    (place, config): (&Place, &Config),
    asserted: &Asserted,
) -> Asker {
    let attestation = match attested {
        Attested::Unasked => return asker,
        Attested::Missing => return Asker { front: FrontCheck::Missing, ..asker },
        // Not of a program: whoever it is of is not looked at here.
        Attested::Bad(bad) if !bad.is_bearer && !place.compares_persons() => return asker,
        Attested::Bad(bad) => return Asker { front: FrontCheck::Refused(bad), ..of_nobody(asker) },
        // Signing in and out is about the session, and a public route about nobody.
        Attested::Good(_) | Attested::Disagrees(_) if !place.compares_persons() => return asker,
        Attested::Disagrees(first) => return Asker { front: first.conflict(), ..of_nobody(asker) },
        Attested::Good(attestation) => *attestation,
    };
    // Of two sessions none is believed: they are of two persons.
    let is_same = asker.fault != Some(SessionError::Several)
        && asker.identity().or(asker.set_aside.as_ref()).is_none_or(|of_session| {
            let issuer = config.providers.get(&of_session.provider).and_then(Source::oidc);
            let issuer = issuer.map(|provider| provider.issuer.as_str());
            is_one_person(Named { issuer, identity: of_session }, attestation.named())
        });
    if !is_same {
        return Asker { front: attestation.conflict(), ..of_nobody(asker) };
    }
    let person = match asserted {
        Asserted::Unasked => PersonCheck::Unasked,
        Asserted::Said(_) | Asserted::Unsaid(_) => same_person(&attestation.identity, asserted),
    };
    let Attestation { identity, ends_at, .. } = attestation;
    if !person.is_session_good() {
        return Asker { person, set_aside: Some(identity), ..of_nobody(asker) };
    }
    let visitor = Some(Visitor { identity, ends_at, source: VisitorSource::Assertion });
    Asker { visitor, person, set_aside: None, front: FrontCheck::Vouches, ..of_nobody(asker) }
}

/// The same browser, whose session does not act: whoever had it is whose it was.
fn of_nobody(asker: Asker) -> Asker {
    let Asker { visitor, set_aside, .. } = asker;
    let set_aside = visitor.map(|visitor| visitor.identity).or(set_aside);
    Asker { visitor: None, set_aside, due: None, renews_last_seen: false, ..asker }
}
