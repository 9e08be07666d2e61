//! What is known of the keys of one source, and what is being fetched of them.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::{BoxFuture, Shared};

use super::{
    super::{
        documents::ProviderError,
        fetched::{Fetched, Need, ProviderStatus},
        key_documents::KeyOrigin,
    },
    by_kid::KeysByKid,
    held_keys::HeldKeys,
};
use crate::{identity::KeySet, system::Moment};

/// A fetch that is under way: whoever waits for it, looks afterwards what is known.
pub(super) type UnderWay = Shared<BoxFuture<'static, ()>>;

/// What is known of the keys of one source.
#[derive(Debug)]
pub(super) struct KnownKeys {
    kind: Kind,
    /// One at a time for all keys, or for each name.
    pub(super) under_way: HashMap<Option<String>, UnderWay>,
}

#[derive(Debug)]
enum Kind {
    /// A document of all keys.
    Whole(Option<Fetched<HeldKeys>>),
    /// A document for each name.
    ByKid(KeysByKid),
}

impl KnownKeys {
    /// Nothing is known yet.
    pub(super) fn of(origin: &KeyOrigin) -> Self {
        let kind = if origin.is_by_kid() { Kind::ByKid(KeysByKid::default()) } else { Kind::Whole(None) };
        Self { kind, under_way: HashMap::new() }
    }

    /// What is fetched for that name: one document of them all, or one of its own.
    pub(super) fn slot(&self, kid: Option<&str>) -> Option<String> {
        match self.kind {
            Kind::Whole(_) => None,
            Kind::ByKid(_) => Some(kid.unwrap_or_default().to_owned()),
        }
    }

    /// The keys without a wait, and whether it is time to fetch them anew beside that.
    pub(super) fn at_hand(&mut self, kid: Option<&str>, now: Moment) -> (Option<Arc<HeldKeys>>, bool) {
        match &mut self.kind {
            Kind::Whole(None) => (None, false),
            Kind::Whole(Some(fetched)) => match fetched.documents(now) {
                Ok(keys) => (Some(keys), fetched.is_due(Need::Fresh, now)),
                Err(_) => (None, false),
            },
            Kind::ByKid(keys) => keys.at_hand(kid.unwrap_or_default(), now),
        }
    }

    /// Whether it is time for a fetch.
    pub(super) fn is_due(&self, kid: Option<&str>, need: Need, now: Moment) -> bool {
        match &self.kind {
            Kind::Whole(fetched) => fetched.as_ref().is_none_or(|fetched| fetched.is_due(need, now)),
            Kind::ByKid(keys) => kid.is_some_and(|kid| keys.may_ask(kid, need, now).is_ok()),
        }
    }

    /// A fetch begins.
    pub(super) fn begins(&mut self, slot: Option<&str>, under_way: UnderWay, now: Moment) {
        if let (Kind::ByKid(keys), Some(kid)) = (&mut self.kind, slot) {
            keys.asks(kid, now);
        }
        self.under_way.insert(slot.map(str::to_owned), under_way);
    }

    /// A fetch has ended; how the source is now, where that is news.
    pub(super) fn learn(
        &mut self,
        slot: &Option<String>,
        answer: Result<KeySet, ProviderError>,
        need: Need,
        now: Moment,
    ) -> Option<ProviderStatus> {
        self.under_way.remove(slot);
        let before = self.status(now);
        match (&mut self.kind, slot) {
            (Kind::Whole(fetched), _) => {
                let answer = answer.map(|set| HeldKeys::new(set, false));
                *fetched = Some(Fetched::after(fetched.as_ref(), answer, need, now));
            }
            (Kind::ByKid(keys), kid) => keys.learn(kid.as_deref().unwrap_or_default(), answer, need, now),
        }
        let after = self.status(now)?;
        (!after.is_like(&before.unwrap_or(ProviderStatus::Ready))).then_some(after)
    }

    /// The keys.
    ///
    /// # Errors
    /// Why they are not at hand.
    pub(super) fn keys(&self, kid: Option<&str>, now: Moment) -> Result<Arc<HeldKeys>, ProviderError> {
        match &self.kind {
            Kind::Whole(None) => Err(ProviderError::Stopped),
            Kind::Whole(Some(fetched)) => fetched.documents(now),
            Kind::ByKid(keys) => keys.keys(kid.unwrap_or_default(), now),
        }
    }

    /// How the source is; none: nothing was fetched yet.
    pub(super) fn status(&self, now: Moment) -> Option<ProviderStatus> {
        match &self.kind {
            Kind::Whole(fetched) => fetched.as_ref().map(|fetched| fetched.status(now)),
            Kind::ByKid(keys) => keys.status(now),
        }
    }

    /// All that is fetched of it: the one document, or one for each key at hand.
    pub(super) fn slots(&self) -> Vec<Option<String>> {
        match &self.kind {
            Kind::Whole(_) => vec![None],
            Kind::ByKid(keys) => keys.kids().map(|kid| Some(kid.to_owned())).collect(),
        }
    }
}
