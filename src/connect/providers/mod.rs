//! Identity providers: their documents, fetched one at a time and kept, and the exchange of a code for tokens.
//!
//! moka holds what was fetched, and lets one fetch run per provider while the others wait for it. A provider that is
//! down is asked again at a bounded rate: it stops neither the start of the gateway nor, for a while, the sign-ins that
//! its old documents can still check.

mod documents;
mod exchange;
mod fetched;
mod gate;
mod key_documents;
mod keys;
mod user_info;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use moka::{future::Cache, policy::EvictionPolicy};
use tokio::runtime::Handle;
use tracing::{Instrument, error_span};

pub(crate) use self::{documents::ProviderError, fetched::ProviderStatus, keys::HeldKeys};
use self::{
    fetched::{Fetched, MonotonicClock, Need},
    gate::Gate,
    keys::KeySources,
};
use super::{Dialer, origin::lock};
use crate::{
    identity::{
        AssertionSettings, CallbackParameters, CodeExchange, FailedLogin, KeySet, LoginError, OidcSettings,
        PendingLogin, Projection, ProviderDocuments, ProviderName, ReadBy, SignedIn, Source, Tokens, UserInfo,
        UserInfoError, UserInfoQuestion, VerifiedToken,
    },
    limits::PROVIDERS_MAX,
    system::Moment,
    time::UnixSeconds,
    tls::TrustedRoots,
};

/// The identity providers, as this process knows them. Clones share what they know.
#[derive(Clone)]
pub(crate) struct Providers {
    shared: Arc<SharedProviders>,
    /// Of the sources that are no OpenID providers.
    keys: KeySources,
    runtime: Handle,
}

struct SharedProviders {
    dialer: Dialer,
    /// When an entry is due is our own to say ([`Fetched::is_due`]): by a clock that tests move, and by what it is
    /// needed for.
    fetched: Cache<ProviderKey, Arc<Fetched<ProviderDocuments>>>,
    /// One for each provider of today's configuration that somebody signed in with.
    gates: Mutex<HashMap<ProviderKey, Arc<Gate>>>,
    clock: MonotonicClock,
}

/// The name alone is not enough: a reload may give it another issuer, other CAs to be believed, or other endpoints.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct ProviderKey {
    name: ProviderName,
    issuer: String,
    roots: Option<TrustedRoots>,
    read_by: ReadBy,
}

impl Providers {
    /// No provider is known yet. Fetches run on `runtime`, so that no visitor's hang-up ends one.
    #[must_use]
    pub(crate) fn new(dialer: Dialer, runtime: Handle) -> Self {
        Self::with_clock(dialer, runtime, Arc::new(Moment::now))
    }

    fn with_clock(dialer: Dialer, runtime: Handle, clock: MonotonicClock) -> Self {
        let fetched = Cache::builder().max_capacity(PROVIDERS_MAX).eviction_policy(EvictionPolicy::lru());
        let fetched = fetched.support_invalidation_closures().build();
        let keys = KeySources::new(dialer.clone(), runtime.clone(), Arc::clone(&clock));
        Self { shared: Arc::new(SharedProviders { dialer, fetched, gates: Mutex::default(), clock }), keys, runtime }
    }

    /// Fetches the documents of these sources in the background where they are missing or old, and forgets all others: at
    /// start and at each change of the configuration.
    pub(crate) fn warm_up<'a>(&self, sources: impl IntoIterator<Item = &'a Source>) {
        self.prepare(sources, Need::Fresh);
    }

    /// The same, and however new they are: somebody says that they have changed.
    pub(crate) fn fetch_anew<'a>(&self, sources: impl IntoIterator<Item = &'a Source>) {
        self.prepare(sources, Need::Anew);
    }

    fn prepare<'a>(&self, sources: impl IntoIterator<Item = &'a Source>, need: Need) {
        let sources: Vec<&Source> = sources.into_iter().collect();
        self.keys.prepare(sources.iter().filter_map(|source| source.assertion()), need);
        let settings: Vec<OidcSettings> = sources.iter().filter_map(|source| source.oidc()).cloned().collect();
        let keys: Vec<ProviderKey> = settings.iter().map(ProviderKey::of).collect();
        lock(&self.shared.gates).retain(|key, _| keys.contains(key));
        self.shared
            .fetched
            .invalidate_entries_if(move |key, _| !keys.contains(key))
            .expect("the cache is built with support for it");
        // They are out of sight already; this also gives back their memory, and the closure's.
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn(async move { shared.fetched.run_pending_tasks().await });
        for settings in settings {
            let providers = self.clone();
            // The outcome is in `status`.
            self.runtime.spawn(async move { providers.fetched(&settings, need).await });
        }
    }

    /// The provider's documents, fetched first where they are missing or old.
    ///
    /// # Errors
    /// [`ProviderError`] where there are none and none too old to use; for a pause after that without a new try.
    ///
    /// # Cancel safety
    /// A fetch that has begun goes on without the visitor who began it.
    pub(crate) async fn documents(&self, settings: &OidcSettings) -> Result<Arc<ProviderDocuments>, ProviderError> {
        #[cfg(test)]
        crate::identity::reads::CountedRead::Documents.count();
        self.fetched(settings, Need::Fresh).await.documents((self.shared.clock)())
    }

    /// The documents with keys that are as new as the rate allows: for a token signed with an unknown key.
    ///
    /// # Errors
    /// See [`Providers::documents`].
    ///
    /// # Cancel safety
    /// As for [`Providers::documents`].
    pub(crate) async fn refetch_keys(&self, settings: &OidcSettings) -> Result<Arc<ProviderDocuments>, ProviderError> {
        self.fetched(settings, Need::Rotated).await.documents((self.shared.clock)())
    }

    /// The documents at hand, without a wait; none where they were never fetched or are too old.
    #[must_use]
    pub(crate) fn current(&self, settings: &OidcSettings) -> Option<Arc<ProviderDocuments>> {
        #[cfg(test)]
        crate::identity::reads::CountedRead::Documents.count();
        let key = ProviderKey::of(settings);
        let (_, fetched) = self.shared.fetched.iter().find(|(known, _)| **known == key)?;
        fetched.documents((self.shared.clock)()).ok()
    }

    /// The provider's part in a callback, all of it: the documents, read once, the code for tokens, and their verdict.
    ///
    /// # Errors
    /// See [`LoginError`].
    ///
    /// # Cancel safety
    /// As for [`Providers::redeem`].
    pub(crate) async fn finish(
        &self,
        (pending, parameters): (PendingLogin, CallbackParameters),
        settings: &OidcSettings,
        projection: &Projection,
        now: UnixSeconds,
    ) -> Result<SignedIn, FailedLogin> {
        let words = parameters.words();
        let said = |error| FailedLogin::saying(error, words.clone());
        let documents = self.documents(settings).await.map_err(|error| said(error.as_login_error()))?;
        let exchange = pending.receive(parameters, settings, &documents.metadata, now).map_err(said)?;
        self.redeem(exchange, settings, &documents, projection, now).await
    }

    /// Exchanges the code and checks what comes: the whole rest of a sign-in after its callback.
    ///
    /// A token that the keys at hand do not verify is held against newer keys once.
    ///
    /// # Errors
    /// See [`LoginError`].
    ///
    /// # Cancel safety
    /// A code is good for one exchange: a sign-in that was dropped midway starts anew.
    pub(crate) async fn redeem(
        &self,
        exchange: CodeExchange,
        settings: &OidcSettings,
        documents: &ProviderDocuments,
        projection: &Projection,
        now: UnixSeconds,
    ) -> Result<SignedIn, FailedLogin> {
        let gate = self.shared.gate(settings);
        // It is held until UserInfo has answered as well: its calls are as many as the codes.
        let _place = gate.pass((self.shared.clock)()).await.map_err(|_| LoginError::Busy)?;
        let tokens =
            self.exchange(&exchange, settings, documents, now).await.map_err(|error| error.as_exchange_error())?;
        let verify = |documents: &ProviderDocuments, tokens: &Tokens| {
            exchange.verify(tokens, settings, (&documents.metadata, &documents.keys), now)
        };
        let mut token = verify(documents, &tokens);
        if token.as_ref().is_err_and(|error| error.fault.may_be_rotation()) {
            let newer = self.refetch_keys(settings).await.map_err(|error| error.as_login_error())?;
            token = verify(&newer, &tokens);
        }
        let token = token.map_err(LoginError::from)?;
        let of_person = |error| FailedLogin::after(&token, &settings.source, error);
        let question = exchange.user_info_question(&token, &tokens, settings, &documents.metadata);
        let user_info = match question.map_err(|error| of_person(error.into()))? {
            Some(question) => {
                let asked = self.user_info(&question, &token, settings, (documents, now)).await;
                Some(asked.map_err(of_person)?)
            }
            None => None,
        };
        exchange.finish(&token, user_info.as_ref(), settings, projection)
    }

    /// Exchanges a code for tokens that nobody has verified yet.
    ///
    /// # Errors
    /// See [`ProviderError`].
    ///
    /// # Cancel safety
    /// As for [`Providers::redeem`].
    pub(crate) async fn exchange(
        &self,
        exchange: &CodeExchange,
        settings: &OidcSettings,
        documents: &ProviderDocuments,
        now: UnixSeconds,
    ) -> Result<Tokens, ProviderError> {
        let span = error_span!("provider", provider = %settings.source.name, call = "token");
        exchange::exchange(&self.shared.dialer, exchange, settings, &documents.metadata, now).instrument(span).await
    }

    /// What UserInfo says of the person of a token; a signed answer is held against newer keys once, as a token is.
    async fn user_info(
        &self,
        question: &UserInfoQuestion,
        token: &VerifiedToken,
        settings: &OidcSettings,
        (documents, now): (&ProviderDocuments, UnixSeconds),
    ) -> Result<UserInfo, LoginError> {
        let span = error_span!("provider", provider = %settings.source.name, call = "userinfo");
        let response = user_info::ask(&self.shared.dialer, question, settings).instrument(span).await?;
        let read = |keys: &KeySet| user_info::read((question, &response), token, settings, keys, now);
        let mut found = read(&documents.keys);
        if found.as_ref().is_err_and(UserInfoError::may_be_rotation) {
            let newer = self.refetch_keys(settings).await.map_err(|error| error.as_login_error())?;
            found = read(&newer.keys);
        }
        Ok(found?)
    }

    /// The keys for an assertion of that source and key, without a wait; none where they have to be fetched first.
    #[must_use]
    pub(crate) fn keys_at_hand(&self, settings: &AssertionSettings, kid: Option<&str>) -> Option<Arc<HeldKeys>> {
        self.keys.at_hand(settings, kid)
    }

    /// The same, fetched first where they are missing.
    ///
    /// # Errors
    /// [`ProviderError`]; [`ProviderError::is_no_such_key`] where it is about the name of the key alone.
    ///
    /// # Cancel safety
    /// As for [`Providers::documents`].
    pub(crate) async fn keys(
        &self,
        settings: &AssertionSettings,
        kid: Option<&str>,
    ) -> Result<Arc<HeldKeys>, ProviderError> {
        self.keys.keys(settings, kid).await
    }

    /// Whether waiting may bring newer keys than those at hand: not so right after somebody has asked for an unknown one, nor where
    /// each key is a document of its own, and stays what it is.
    #[must_use]
    pub(crate) fn may_have_newer_keys(&self, settings: &AssertionSettings) -> bool {
        self.keys.may_have_changed(settings)
    }

    /// Keys that are newer than those `tried`, as far as the budget for unknown keys goes.
    ///
    /// # Cancel safety
    /// As for [`Providers::documents`].
    pub(crate) async fn newer_keys(
        &self,
        settings: &AssertionSettings,
        tried: &Arc<HeldKeys>,
    ) -> Option<Arc<HeldKeys>> {
        self.keys.newer(settings, tried).await
    }

    /// How each source is: for `/readyz` and metrics. One that was not asked yet is not listed.
    #[must_use]
    pub(crate) fn status(&self) -> Vec<(ProviderName, ProviderStatus)> {
        let now = (self.shared.clock)();
        let fetched = self.shared.fetched.iter();
        let of_providers = fetched.map(|(key, fetched)| (key.name.clone(), fetched.status(now)));
        let mut status: Vec<_> = of_providers.chain(self.keys.status()).collect();
        status.sort_by(|(one, _), (other, _)| one.cmp(other));
        status
    }

    async fn fetched(&self, settings: &OidcSettings, need: Need) -> Arc<Fetched<ProviderDocuments>> {
        let key = ProviderKey::of(settings);
        let now = (self.shared.clock)();
        if let Some(fetched) = self.shared.fetched.get(&key).await.filter(|fetched| !fetched.is_due(need, now)) {
            return fetched;
        }
        // In a task of its own: moka starves the waiters when the one that fetches is dropped (moka#240).
        let shared = Arc::clone(&self.shared);
        let settings = settings.clone();
        let span = error_span!("provider", provider = %settings.source.name, call = "documents");
        let task = self.runtime.spawn(async move { shared.fetch_once(key, &settings, need).await }.instrument(span));
        task.await.unwrap_or_else(|_| Arc::new(Fetched::after(None, Err(ProviderError::Stopped), need, now)))
    }
}

impl SharedProviders {
    fn gate(&self, settings: &OidcSettings) -> Arc<Gate> {
        Arc::clone(lock(&self.gates).entry(ProviderKey::of(settings)).or_insert_with(|| Arc::new(Gate::new())))
    }

    async fn fetch_once(
        self: Arc<Self>,
        key: ProviderKey,
        settings: &OidcSettings,
        need: Need,
    ) -> Arc<Fetched<ProviderDocuments>> {
        let fetch = async {
            let answer = documents::fetch_documents(&self.dialer, settings).await;
            let before = self.fetched.get(&key).await;
            let after = Fetched::after(before.as_deref(), answer, need, (self.clock)());
            tell_news(&after, before.as_deref());
            Arc::new(after)
        };
        let is_due = |fetched: &Arc<Fetched<ProviderDocuments>>| fetched.is_due(need, (self.clock)());
        self.fetched.entry_by_ref(&key).or_insert_with_if(fetch, is_due).await.into_value()
    }
}

/// A line where a provider is another than before, however often it is asked and however many wait for it.
fn tell_news(after: &Fetched<ProviderDocuments>, before: Option<&Fetched<ProviderDocuments>>) {
    match after.news(before) {
        None => {}
        Some(ProviderStatus::Ready) => tracing::info!("documents of a provider are fetched again"),
        Some(ProviderStatus::Stale { cause, .. }) => {
            tracing::warn!(error = cause, "documents of a provider were not fetched, older ones are used");
        }
        Some(ProviderStatus::Down { cause }) => {
            tracing::warn!(error = cause, "documents of a provider were not fetched, nobody can sign in with it");
        }
    }
}

impl ProviderKey {
    fn of(settings: &OidcSettings) -> Self {
        Self {
            name: settings.source.name.clone(),
            issuer: settings.issuer.clone(),
            roots: settings.roots.clone(),
            read_by: settings.read_by(),
        }
    }
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Providers")
    }
}

#[cfg(test)]
mod client_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
