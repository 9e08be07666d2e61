//! What all workers share.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::Scribe;
use crate::{config::Config, connect::Providers, decide::Facts, listen::ServerTls, rewrite::Minting, system::Clock};

/// What all workers share.
pub struct Shared {
    /// The configuration in force.
    pub config: Arc<ArcSwap<Config>>,
    /// Documents and keys of the identity providers.
    pub(crate) providers: Providers,
    /// The clock.
    pub(crate) clock: Clock,
    /// The certificates of the public address; none: TLS does not end here.
    pub(crate) tls: Option<ServerTls>,
    /// Who keeps the books.
    pub scribe: Arc<Scribe>,
    /// Room for answers that are held in memory, in KiB: one budget for the whole process.
    pub held: Arc<Semaphore>,
    /// Room for request bodies that are held to have a length, in KiB.
    pub(crate) uploads: Arc<Semaphore>,
    /// Cancelled when the drain begins.
    pub(crate) stop: CancellationToken,
}

impl Shared {
    /// The metrics as text.
    #[must_use]
    pub fn metrics(&self) -> String {
        let certificates: Vec<_> = self.tls.iter().flat_map(|tls| tls.in_force().to_vec()).collect();
        self.scribe.metrics(self.providers.status(), &certificates)
    }

    /// Whether slots of a request's answer may still be filled with signed URLs.
    #[must_use]
    pub(crate) fn minting(&self, facts: &Facts) -> Minting {
        if self.is_current(facts) { Minting::Allowed } else { Minting::Stopped }
    }

    /// Whether the configuration that a request was decided by is still in force: nothing is minted by another.
    #[must_use]
    pub(crate) fn is_current(&self, facts: &Facts) -> bool {
        Arc::ptr_eq(&self.config.load(), &facts.config)
    }
}
