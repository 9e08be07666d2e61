//! What is known of one provider, or of the keys of another source, and when to ask it again. Pure.

use std::{sync::Arc, time::Duration};

use super::documents::ProviderError;
use crate::{
    limits::{PROVIDER_DOCUMENTS_AGE_MAX, PROVIDER_DOCUMENTS_STALE_MAX, PROVIDER_REFETCH_PAUSE, PROVIDER_RETRY_PAUSE},
    system::Moment,
};

/// Tells the time; tests move it.
pub(super) type MonotonicClock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// The outcome of the fetches so far.
#[derive(Debug)]
pub(super) struct Fetched<D> {
    good: Option<Good<D>>,
    /// The last fetch, where it failed.
    failure: Option<ProviderError>,
    tried_at: Moment,
    /// The last fetch for an unknown key. The others do not count: a key may be exchanged right after one of them.
    rotated_at: Option<Moment>,
}

#[derive(Debug)]
struct Good<D> {
    documents: Arc<D>,
    fetched_at: Moment,
}

/// What the documents are needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Documents that are not old.
    Fresh,
    /// A token is signed with a key that the documents do not have.
    Rotated,
    /// The operator asks for new ones.
    Anew,
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

    /// Whether it is the same state with the same cause, whatever the age.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ready, Self::Ready) => true,
            (Self::Stale { cause, .. }, Self::Stale { cause: other, .. })
            | (Self::Down { cause }, Self::Down { cause: other }) => cause == other,
            (Self::Ready | Self::Stale { .. } | Self::Down { .. }, _) => false,
        }
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

impl<D> Fetched<D> {
    /// After one more fetch; a failure does not take away what there was.
    pub(super) fn after(before: Option<&Self>, answer: Result<D, ProviderError>, need: Need, now: Moment) -> Self {
        let rotated_at = match need {
            Need::Fresh | Need::Anew => before.and_then(|before| before.rotated_at),
            Need::Rotated => Some(now),
        };
        let (good, failure) = match answer {
            Ok(documents) => (Some(Good { documents: Arc::new(documents), fetched_at: now }), None),
            Err(failure) => (before.and_then(|before| before.good.as_ref()).map(Good::shared), Some(failure)),
        };
        Self { good, failure, tried_at: now, rotated_at }
    }

    /// Whether it is time for a fetch.
    pub(super) fn is_due(&self, need: Need, now: Moment) -> bool {
        let has_usable = self.usable(now).is_some();
        let (since, pause) = match (need, &self.failure) {
            (Need::Anew, _) => return true,
            (Need::Fresh | Need::Rotated, _) if !has_usable => (Some(self.tried_at), PROVIDER_RETRY_PAUSE),
            (Need::Fresh, None) => (Some(self.tried_at), PROVIDER_DOCUMENTS_AGE_MAX),
            (Need::Fresh, Some(_)) => (Some(self.tried_at), PROVIDER_REFETCH_PAUSE),
            (Need::Rotated, _) => (self.rotated_at, PROVIDER_REFETCH_PAUSE),
        };
        since.is_none_or(|since| now.saturating_duration_since(since) >= pause)
    }

    /// The documents, where they are not too old to use.
    pub(super) fn documents(&self, now: Moment) -> Result<Arc<D>, ProviderError> {
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

    /// How the provider is after this fetch, where that is another state, or has another cause, than after the one before; that
    /// the first one went well is no news.
    pub(super) fn news(&self, before: Option<&Self>) -> Option<ProviderStatus> {
        let after = self.status(self.tried_at);
        let was = before.map_or(ProviderStatus::Ready, |before| before.status(before.tried_at));
        (!after.is_like(&was)).then_some(after)
    }

    fn usable(&self, now: Moment) -> Option<&Good<D>> {
        self.good.as_ref().filter(|good| good.age(now) < PROVIDER_DOCUMENTS_STALE_MAX)
    }
}

impl<D> Good<D> {
    fn shared(&self) -> Self {
        Self { documents: Arc::clone(&self.documents), fetched_at: self.fetched_at }
    }

    fn age(&self, now: Moment) -> Duration {
        now.saturating_duration_since(self.fetched_at)
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::identity::{
        ProviderDocuments,
        testing::{TestKey, key_set, metadata},
    };

    fn fetched(before: Option<&Fetched<ProviderDocuments>>, status: u16, at: Moment) -> Fetched<ProviderDocuments> {
        let documents = || ProviderDocuments { metadata: metadata(), keys: key_set(&[TestKey::ed25519(1).jwk("k")]) };
        let failure = |status| ProviderError::Status { url: "https://a.test/".to_owned(), status, words: None };
        let answer = match StatusCode::from_u16(status).unwrap() {
            StatusCode::OK => Ok(documents()),
            status => Err(failure(status)),
        };
        Fetched::after(before, answer, Need::Fresh, at)
    }

    #[test]
    fn only_a_change_of_the_state_or_of_its_cause_is_news() {
        let (start, mut before) = (Moment::now(), None);
        let day = PROVIDER_DOCUMENTS_STALE_MAX.as_secs();
        for (status, at, news) in [
            (200, 0, ""),
            (200, 1, ""),
            (503, 2, "stale for 1 s: https://a.test/ answers with status 503"),
            (503, 3, ""),
            (404, 4, "stale for 3 s: https://a.test/ answers with status 404"),
            (404, day + 1, "down: https://a.test/ answers with status 404"),
            (404, day + 2, ""),
            (200, day + 3, "ready"),
        ] {
            let after = fetched(before.as_ref(), status, start + Duration::from_secs(at));
            let told = after.news(before.as_ref()).map_or(String::new(), |news| news.to_string());
            assert!(told.starts_with(news) && told.is_empty() == news.is_empty(), "{status} {at}: {told}");
            before = Some(after);
        }
        let first = fetched(None, 404, start);
        assert!(matches!(first.news(None), Some(ProviderStatus::Down { .. })), "at start");
        assert!(fetched(Some(&first), 404, start).news(Some(&first)).is_none());
    }
}
