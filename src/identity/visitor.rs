//! Who is asking, whatever way they came.

use super::{Cookies, Identity, Session, SessionMark, SessionRules};
use crate::time::UnixSeconds;

/// A person whom a source vouches for, for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Visitor {
    /// Who.
    pub(crate) identity: Identity,
    /// When what vouches for them ends: nothing that they are given outlives it.
    pub(crate) ends_at: UnixSeconds,
    /// How they came.
    pub(crate) source: VisitorSource,
}

/// What vouches for a visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitorSource {
    /// A sealed session of ours, from a sign-in with an OpenID provider.
    Session {
        /// When that sign-in ended.
        signed_in_at: UnixSeconds,
        /// When the session ends in any case; `ends_at` of the visitor may be earlier, where its provider is asked in between.
        session_ends_at: UnixSeconds,
    },
    /// An assertion that a proxy in front attached to this very request; nothing of it is kept.
    Assertion,
}

impl VisitorSource {
    /// The word for a session, as log lines say it.
    pub(crate) const SESSION: &'static str = "session";
    /// The word for an assertion.
    pub(crate) const ASSERTION: &'static str = "assertion";
}

impl Visitor {
    /// Whether two requests are those of one visitor: the same person, and with a session the same sign-in. Of several
    /// session cookies another one may open under other keys.
    #[must_use]
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let is_same_way = match (self.source, other.source) {
            (
                VisitorSource::Session { signed_in_at: ours, .. },
                VisitorSource::Session { signed_in_at: theirs, .. },
            ) => ours == theirs,
            (VisitorSource::Assertion, VisitorSource::Assertion) => true,
            (VisitorSource::Session { .. }, VisitorSource::Assertion)
            | (VisitorSource::Assertion, VisitorSource::Session { .. }) => false,
        };
        let (ours, theirs) = (&self.identity, &other.identity);
        is_same_way && ours.provider == theirs.provider && ours.subject == theirs.subject
    }

    /// Tells apart what a connection to a site may be kept for.
    #[must_use]
    pub(crate) fn mark(&self, site: &str, cookies: &Cookies) -> SessionMark {
        let signed_in_at = match self.source {
            VisitorSource::Session { signed_in_at, .. } => Some(signed_in_at),
            VisitorSource::Assertion => None,
        };
        SessionMark::of(&self.identity, signed_in_at, site, cookies)
    }

    /// Whom a session vouches for.
    #[must_use]
    pub(crate) fn of(session: Session, rules: &SessionRules) -> Self {
        let ends_at = rules.vouches_until(&session);
        let Session { identity, signed_in_at, ends_at: session_ends_at, .. } = session;
        Self { identity, ends_at, source: VisitorSource::Session { signed_in_at, session_ends_at } }
    }

    /// When embeds that they are given end at the latest, whatever their own length. An assertion is renewed with every request and says
    /// nothing of the next one: there the length alone counts.
    #[must_use]
    pub(crate) const fn embeds_end_by(&self) -> UnixSeconds {
        match self.source {
            VisitorSource::Session { .. } => self.ends_at,
            VisitorSource::Assertion => UnixSeconds(u64::MAX),
        }
    }

    /// Which way they came, as log lines say it.
    #[must_use]
    pub(crate) const fn by(&self) -> &'static str {
        match self.source {
            VisitorSource::Session { .. } => VisitorSource::SESSION,
            VisitorSource::Assertion => VisitorSource::ASSERTION,
        }
    }

    /// When whatever vouches for them ends in any case, as a person would say it.
    #[must_use]
    pub(crate) const fn session_ends_at(&self) -> UnixSeconds {
        match self.source {
            VisitorSource::Session { session_ends_at, .. } => session_ends_at,
            VisitorSource::Assertion => self.ends_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Claims, ProviderName};
    use super::*;
    use crate::{decide::tests::CONFIG, reason::Reason};

    fn visitor(provider: &str, subject: &str, source: VisitorSource) -> Visitor {
        let provider = ProviderName::parse(provider).unwrap();
        let (email, claims) = (Err(Reason::EmailMissing), Claims::default());
        let identity = Identity { provider, subject: subject.to_owned(), email, claims };
        Visitor { identity, ends_at: UnixSeconds(60), source }
    }

    fn session(provider: &str, subject: &str, signed_in_at: u64) -> Visitor {
        visitor(
            provider,
            subject,
            VisitorSource::Session { signed_in_at: UnixSeconds(signed_in_at), session_ends_at: UnixSeconds(60) },
        )
    }

    #[test]
    fn a_session_makes_a_visitor_with_its_sign_in_and_its_end_or_the_next_check_and_its_grace() {
        let mut rules = CONFIG.session.clone();
        let identity = session("corp", "7", 0).identity;
        let (signed_in_at, checked_at, ends_at) = (UnixSeconds(5), UnixSeconds(100), UnixSeconds(500));
        let session = Session { identity: identity.clone(), signed_in_at, checked_at, ends_at };
        let source = VisitorSource::Session { signed_in_at, session_ends_at: ends_at };
        for (recheck, until) in [(None, 500), (Some(40), 200), (Some(1000), 500)] {
            rules.recheck = recheck.map(std::time::Duration::from_secs);
            let visitor = Visitor::of(session.clone(), &rules);
            assert_eq!(visitor, Visitor { identity: identity.clone(), ends_at: UnixSeconds(until), source });
            assert_eq!(visitor.session_ends_at(), ends_at);
        }
    }

    #[test]
    fn another_provider_person_sign_in_or_way_is_another_visitor() {
        let ann = session("corp", "7", 5);
        assert!(ann.is_same_as(&Visitor { ends_at: UnixSeconds(90), ..ann.clone() }), "a longer session is the same");
        let attached = visitor("corp", "7", VisitorSource::Assertion);
        assert!(attached.is_same_as(&attached));
        for other in [session("corp", "8", 5), session("other", "7", 5), session("corp", "7", 6), attached] {
            assert!(!ann.is_same_as(&other) && !other.is_same_as(&ann), "{other:?}");
        }
    }
}
