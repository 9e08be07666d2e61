//! The keys of sources that are no OpenID providers: one document of all keys, or one for each name of a key. What is at hand is
//! read without a wait; of one thing one fetch runs at a time, and others wait for it.

mod by_kid;
mod held_keys;
mod known_keys;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use tokio::runtime::Handle;
use tracing::{Instrument, error_span};

pub(crate) use self::held_keys::HeldKeys;
use self::known_keys::{KnownKeys, UnderWay};
use super::{
    super::{Dialer, origin::lock},
    documents::ProviderError,
    fetched::{MonotonicClock, Need, ProviderStatus},
    key_documents::{KeyOrigin, fetch_keys},
};
use crate::{
    identity::{AssertionSettings, ProviderName},
    limits::PROVIDERS_MAX,
};

/// The keys of all such sources, as this process knows them.
#[derive(Clone)]
pub(super) struct KeySources {
    /// Read with every request that brings an assertion, and changed by a reload.
    known: Arc<ArcSwap<Vec<Arc<KeySource>>>>,
    dialer: Dialer,
    runtime: Handle,
    clock: MonotonicClock,
}

struct KeySource {
    origin: KeyOrigin,
    keys: Mutex<KnownKeys>,
}

impl KeySources {
    pub(super) fn new(dialer: Dialer, runtime: Handle, clock: MonotonicClock) -> Self {
        Self { known: Arc::default(), dialer, runtime, clock }
    }

    /// Forgets all other sources, and fetches what these have; names that nobody has asked for are not known yet.
    pub(super) fn prepare<'a>(&self, settings: impl Iterator<Item = &'a AssertionSettings>, need: Need) {
        let settings: Vec<&AssertionSettings> = settings.collect();
        self.known.rcu(|known| {
            known
                .iter()
                .filter(|one| settings.iter().any(|settings| one.origin.is_of(settings)))
                .cloned()
                .collect::<Vec<_>>()
        });
        for settings in settings {
            let source = self.source(settings);
            let slots = lock(&source.keys).slots();
            for slot in slots {
                // It goes on by itself; the outcome is in `status`.
                drop(self.fetch(&source, slot.as_deref(), need));
            }
        }
    }

    /// The keys without a wait, where they are not too old; where they are old, newer ones are fetched beside that.
    pub(super) fn at_hand(&self, settings: &AssertionSettings, kid: Option<&str>) -> Option<Arc<HeldKeys>> {
        let source = self.find(settings)?;
        let (keys, is_due) = lock(&source.keys).at_hand(kid, (self.clock)());
        if is_due {
            drop(self.fetch(&source, kid, Need::Fresh));
        }
        keys
    }

    /// The keys, fetched first where they are missing or too old.
    pub(super) async fn keys(
        &self,
        settings: &AssertionSettings,
        kid: Option<&str>,
    ) -> Result<Arc<HeldKeys>, ProviderError> {
        let source = self.source(settings);
        if let Some(under_way) = self.fetch(&source, kid, Need::Fresh) {
            under_way.await;
        }
        let now = (self.clock)();
        lock(&source.keys).keys(kid, now)
    }

    /// Whether a wait may bring other keys than those at hand.
    pub(super) fn may_have_changed(&self, settings: &AssertionSettings) -> bool {
        self.find(settings).is_none_or(|source| {
            let keys = lock(&source.keys);
            let is_under_way = keys.under_way.get(&None).is_some_and(is_running);
            is_under_way || keys.is_due(None, Need::Rotated, (self.clock)())
        })
    }

    /// Keys that are as new as the budget allows; none: those that were `tried`.
    pub(super) async fn newer(&self, settings: &AssertionSettings, tried: &Arc<HeldKeys>) -> Option<Arc<HeldKeys>> {
        let source = self.source(settings);
        self.fetch(&source, None, Need::Rotated)?.await;
        let now = (self.clock)();
        lock(&source.keys).keys(None, now).ok().filter(|keys| !Arc::ptr_eq(keys, tried))
    }

    /// How each source is; one of which nothing was fetched yet is not listed.
    pub(super) fn status(&self) -> Vec<(ProviderName, ProviderStatus)> {
        let (known, now) = (self.known.load(), (self.clock)());
        let status = |source: &Arc<KeySource>| {
            let status = lock(&source.keys).status(now)?;
            Some((source.origin.name.clone(), status))
        };
        known.iter().filter_map(status).collect()
    }

    fn find(&self, settings: &AssertionSettings) -> Option<Arc<KeySource>> {
        self.known.load().iter().find(|known| known.origin.is_of(settings)).cloned()
    }

    /// The same; a request of yesterday's configuration may be the first to ask for a source.
    fn source(&self, settings: &AssertionSettings) -> Arc<KeySource> {
        if let Some(source) = self.find(settings) {
            return source;
        }
        let origin = KeyOrigin::of(settings);
        let new = Arc::new(KeySource { keys: Mutex::new(KnownKeys::of(&origin)), origin });
        self.known.rcu(|known| {
            let mut known = Vec::clone(known);
            if !known.iter().any(|one| one.origin == new.origin) {
                let kept = usize::try_from(PROVIDERS_MAX).unwrap_or(usize::MAX);
                let over = (known.len() + 1).saturating_sub(kept);
                known.drain(..over);
                known.push(Arc::clone(&new));
            }
            known
        });
        self.find(settings).unwrap_or(new)
    }

    /// Begins a fetch where it is time for one, in a task of its own; gives what is under way then.
    fn fetch(&self, source: &Arc<KeySource>, kid: Option<&str>, need: Need) -> Option<UnderWay> {
        let mut keys = lock(&source.keys);
        let slot = keys.slot(kid);
        if let Some(under_way) = keys.under_way.get(&slot).filter(|under_way| is_running(under_way)) {
            return Some(under_way.clone());
        }
        let now = (self.clock)();
        if !keys.is_due(kid, need, now) {
            return None;
        }
        let span = error_span!("provider", provider = %source.origin.name, call = "keys");
        let task = Arc::clone(source).learn((self.dialer.clone(), Arc::clone(&self.clock)), slot.clone(), need);
        let under_way = self.runtime.spawn(task.instrument(span)).map(drop).boxed().shared();
        keys.begins(slot.as_deref(), under_way.clone(), now);
        Some(under_way)
    }
}

impl KeySource {
    async fn learn(self: Arc<Self>, (dialer, clock): (Dialer, MonotonicClock), slot: Option<String>, need: Need) {
        let answer = fetch_keys(&dialer, &self.origin, slot.as_deref()).await;
        let now = clock();
        let news = lock(&self.keys).learn(&slot, answer, need, now);
        match news {
            None => {}
            Some(ProviderStatus::Ready) => tracing::info!("keys of a source are fetched again"),
            Some(ProviderStatus::Stale { cause, .. }) => {
                tracing::warn!(error = cause, "keys of a source were not fetched, older ones are used");
            }
            Some(ProviderStatus::Down { cause }) => {
                tracing::warn!(error = cause, "keys of a source were not fetched, nobody comes in with it");
            }
        }
    }
}

/// Not so where its task has ended without a word (a panic): then the next one may begin.
fn is_running(under_way: &UnderWay) -> bool {
    under_way.peek().is_none()
}
