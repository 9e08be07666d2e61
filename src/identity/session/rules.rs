//! What makes a session good today: keys, ages, revocations, and who may vouch.

use std::{collections::BTreeMap, time::Duration};

use super::{form::SealedSession, seal::SealKeys};
use crate::{
    identity::{
        EmailAddress, EmailDomain, EmailVerification, Identity, Outsiders, Projection, ProviderName, SourceSettings,
        short_hash::short_hash,
    },
    time::UnixSeconds,
};

/// A `[[revoke]]`: who signed in before that moment signs in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Revocation {
    /// Whose sessions.
    pub(crate) whose: Revoked,
    /// The moment.
    pub(crate) signed_in_before: UnixSeconds,
}

/// Whom a `[[revoke]]` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// By the verified address, without regard to ASCII case.
    Email(String),
    /// By the provider's id of the person, byte for byte: it also reaches those without a verified address.
    Subject {
        /// The id, as audit lines have it.
        subject: String,
        /// Ids are unique per provider; none: whoever has this id at any of them.
        provider: Option<ProviderName>,
    },
}

/// Who somebody is, whatever the provider is called: an issuer (its hash), and its id of the person (OIDC Core 5.7).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Owner {
    #[serde(rename = "i")]
    pub(super) issuer: u32,
    #[serde(rename = "s")]
    pub(super) subject: String,
}

/// A provider that is configured today, with a hash of what made its word good: issuer, client, e-mail rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KnownProvider {
    name: ProviderName,
    pub(super) hash: u32,
    pub(super) issuer: u32,
    outsiders: Outsiders,
}

/// What makes a session good today.
#[derive(Debug, Clone)]
pub(crate) struct SessionRules {
    /// First seals, all open.
    pub(crate) keys: SealKeys,
    /// How long a session lasts.
    pub(crate) max_age: Duration,
    /// How long a session counts before its provider is asked again; none: to its end.
    pub(crate) recheck: Option<Duration>,
    /// How long somebody may be away before the session ends; none: nobody asks.
    pub(crate) idle: Option<Duration>,
    /// Everyone who signed in earlier signs in again.
    pub(crate) not_before: Option<UnixSeconds>,
    /// Single people who sign in again.
    pub(crate) revocations: Vec<Revocation>,
    /// What today's rules look at, of the claims of each provider's people.
    pub(crate) projections: BTreeMap<ProviderName, Projection>,
    /// Who may vouch today.
    pub(crate) providers: Vec<KnownProvider>,
}

impl KnownProvider {
    /// The source with these settings, issuer and client. A change of any of it asks its people to sign in again.
    #[must_use]
    pub(crate) fn of(settings: &SourceSettings, issuer: &str, client_id: &str) -> Self {
        let flag;
        let verified = match &settings.email_verified {
            EmailVerification::Required => "required",
            EmailVerification::TrustedIssuer => "trusted-issuer",
            EmailVerification::Claim(path) => {
                flag = format!("claim {}", path.as_str());
                &flag
            }
        };
        let mut domains: Vec<&str> = settings.email_domains.iter().map(EmailDomain::as_str).collect();
        domains.sort_unstable();
        let mut parts = vec![issuer, client_id, settings.email.as_str(), verified];
        if !settings.email.is_email() {
            // Sessions from when `email_verified` vouched for any claim are not good any more.
            parts.push("not email");
        }
        parts.extend(domains);
        let outsiders = settings.outsiders;
        Self { name: settings.name.clone(), hash: short_hash(&parts), issuer: short_hash(&[issuer]), outsiders }
    }

    /// Whether a session is of somebody who may sign in: one from before outsiders were refused is not.
    pub(super) fn takes(&self, session: &SealedSession) -> bool {
        session.email.is_ok() || self.outsiders == Outsiders::NoEmbed
    }
}

impl SessionRules {
    /// What today's rules look at, of the claims of a provider's people: nothing of one that is gone, whose sessions are not good.
    #[must_use]
    pub(crate) fn projection_of(&self, name: &ProviderName) -> &Projection {
        static NOTHING: Projection = Projection::NOTHING;
        self.projections.get(name).unwrap_or(&NOTHING)
    }

    pub(super) fn provider(&self, name: &ProviderName) -> Option<&KnownProvider> {
        self.providers.iter().find(|known| known.name == *name)
    }

    /// Who somebody with this identity is; `None` where the provider is not one of today's.
    #[must_use]
    pub(crate) fn owner(&self, identity: &Identity) -> Option<Owner> {
        let provider = self.provider(&identity.provider)?;
        Some(Owner { issuer: provider.issuer, subject: identity.subject.clone() })
    }

    pub(super) fn revokes(&self, session: &SealedSession) -> bool {
        let is_before = |moment: UnixSeconds| session.signed_in_at < moment;
        let names = |revocation: &Revocation| is_before(revocation.signed_in_before) && revocation.whose.names(session);
        self.not_before.is_some_and(is_before) || self.revocations.iter().any(names)
    }
}

impl Revoked {
    fn names(&self, session: &SealedSession) -> bool {
        match self {
            Self::Email(whose) => {
                let is_theirs = |email: &EmailAddress| email.as_str().trim().eq_ignore_ascii_case(whose.trim());
                session.email.as_ref().is_ok_and(is_theirs)
            }
            Self::Subject { subject, provider } => {
                *subject == session.subject && provider.as_ref().is_none_or(|name| *name == session.provider)
            }
        }
    }
}
