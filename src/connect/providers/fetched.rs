//! What is known of one provider, and when to ask it again. Pure.

use std::{sync::Arc, time::Duration};

use super::documents::ProviderError;
use crate::{
    identity::ProviderDocuments,
    limits::{PROVIDER_DOCUMENTS_AGE_MAX, PROVIDER_DOCUMENTS_STALE_MAX, PROVIDER_REFETCH_PAUSE, PROVIDER_RETRY_PAUSE},
    system::Moment,
};

/// The outcome of the fetches so far.
#[derive(Debug, Clone)]
pub(super) struct Fetched {
    good: Option<Good>,
    /// The last fetch, where it failed.
    failure: Option<ProviderError>,
    tried_at: Moment,
    /// The last fetch for an unknown key. The others do not count: a key may be exchanged right after one of them.
    rotated_at: Option<Moment>,
}

#[derive(Debug, Clone)]
struct Good {
    documents: Arc<ProviderDocuments>,
    fetched_at: Moment,
}

/// What the documents are needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Documents that are not old.
    Fresh,
    /// A token is signed with a key that the documents do not have.
    Rotated,
}

/// How a provider is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProviderStatus {
    /// Its documents are fresh.
    Ready,
    /// It could not be asked lately; documents of this age are in use.
    Stale {
        /// How old they are.
        age: Duration,
        /// Why.
        cause: String,
    },
    /// There are no documents: nobody can sign in with it.
    Down {
        /// Why.
        cause: String,
    },
}

impl ProviderStatus {
    /// Whether people can sign in with documents that are not old.
    #[must_use]
    pub(crate) const fn is_ready(&self) -> bool {
        matches!(self, Self::Ready)
    }
}

impl std::fmt::Display for ProviderStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::Stale { age, cause } => write!(f, "stale for {} s: {cause}", age.as_secs()),
            Self::Down { cause } => write!(f, "down: {cause}"),
        }
    }
}

impl Fetched {
    /// After one more fetch; a failure does not take away what there was.
    pub(super) fn after(
        before: Option<&Self>,
        answer: Result<ProviderDocuments, ProviderError>,
        need: Need,
        now: Moment,
    ) -> Self {
        let rotated_at = match need {
            Need::Fresh => before.and_then(|before| before.rotated_at),
            Need::Rotated => Some(now),
        };
        let (good, failure) = match answer {
            Ok(documents) => (Some(Good { documents: Arc::new(documents), fetched_at: now }), None),
            Err(failure) => (before.and_then(|before| before.good.clone()), Some(failure)),
        };
        Self { good, failure, tried_at: now, rotated_at }
    }

    /// Whether it is time for a fetch.
    pub(super) fn is_due(&self, need: Need, now: Moment) -> bool {
        let has_usable = self.usable(now).is_some();
        let (since, pause) = match (need, &self.failure) {
            (Need::Fresh | Need::Rotated, _) if !has_usable => (Some(self.tried_at), PROVIDER_RETRY_PAUSE),
            (Need::Fresh, None) => (Some(self.tried_at), PROVIDER_DOCUMENTS_AGE_MAX),
            (Need::Fresh, Some(_)) => (Some(self.tried_at), PROVIDER_REFETCH_PAUSE),
            (Need::Rotated, _) => (self.rotated_at, PROVIDER_REFETCH_PAUSE),
        };
        since.is_none_or(|since| now.saturating_duration_since(since) >= pause)
    }

    /// The documents, where they are not too old to use.
    pub(super) fn documents(&self, now: Moment) -> Result<Arc<ProviderDocuments>, ProviderError> {
        let failure = || self.failure.clone().unwrap_or(ProviderError::Stopped);
        self.usable(now).map(|good| Arc::clone(&good.documents)).ok_or_else(failure)
    }

    pub(super) fn status(&self, now: Moment) -> ProviderStatus {
        let cause = self.failure.as_ref().map(|failure| failure.to_string());
        match (self.usable(now), cause) {
            (Some(_), None) => ProviderStatus::Ready,
            (Some(good), Some(cause)) => ProviderStatus::Stale { age: good.age(now), cause },
            (None, cause) => {
                ProviderStatus::Down { cause: cause.unwrap_or_else(|| "documents are too old".to_owned()) }
            }
        }
    }

    fn usable(&self, now: Moment) -> Option<&Good> {
        self.good.as_ref().filter(|good| good.age(now) < PROVIDER_DOCUMENTS_STALE_MAX)
    }
}

impl Good {
    fn age(&self, now: Moment) -> Duration {
        now.saturating_duration_since(self.fetched_at)
    }
}
