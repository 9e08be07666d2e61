//! A running gateway: both addresses bound, workers started, providers warmed up, the configuration watched.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use tokio::{runtime::Handle, sync::Semaphore};
use tokio_util::sync::CancellationToken;

use super::{Admin, Gateway, Redirect, Scribe, Shared};
use crate::{
    config::Config,
    connect::{Dialer, Providers, Signers, UpstreamPool},
    limits::{HELD_KIB_MAX, REQUEST_BODIES_KIB_MAX},
    listen::{self, BindError, Bound, ListenLimits, Proxied, ServerTls},
    system::{Clock, Fingerprint, ReloadOutcome, watch},
};

/// What a gateway starts with.
pub struct Start {
    /// The checked configuration.
    pub config: Config,
    /// The file it came from, to be watched; none for a configuration in memory.
    pub file: Option<(PathBuf, Fingerprint)>,
    /// The clock.
    pub clock: Clock,
    /// Who keeps the books.
    pub scribe: Scribe,
    /// Threads that serve.
    pub workers: usize,
}

/// A gateway at work.
pub struct Running {
    /// Where browsers connect.
    pub address: SocketAddr,
    /// Where health, readiness and metrics are, if anywhere.
    pub admin: Option<SocketAddr>,
    /// Where plain http is redirected to the sites, if anywhere.
    pub redirect: Option<SocketAddr>,
    /// What the workers share.
    pub shared: Arc<Shared>,
    public_listener: listen::Workers,
    admin_listener: Option<listen::Workers>,
    redirect_listener: Option<listen::Workers>,
    stop_admin: CancellationToken,
}

/// Why a gateway does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address is not free, or not ours.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The system gives no thread or no event queue.
    #[error("no worker can be started")]
    Worker(#[from] std::io::Error),
    /// The TLS library has nothing to work with.
    #[error("tls cannot be set up")]
    Tls(#[from] rustls::Error),
}

impl Start {
    /// Binds both addresses and starts; must be called within a runtime, which does the background work.
    ///
    /// # Errors
    /// See `StartError`; nothing keeps running then: what was bound is free again, and what was started has ended.
    pub fn run(self) -> Result<Running, StartError> {
        let public = listen::bind(self.config.listen.address, self.workers)?;
        let admin = self.config.listen.admin.map(|address| listen::bind(address, 1)).transpose()?;
        let redirect = self.config.listen.redirect.map(|address| listen::bind(address, 1)).transpose()?;
        let idle = self.config.listen.idle_timeout;
        let (address, admin_address) = (public.local_address(), admin.as_ref().map(Bound::local_address));
        let redirect_address = redirect.as_ref().map(Bound::local_address);
        let dialer = Dialer::with_system_roots()?;
        let identities = &self.config.listen.tls;
        let tls = (!identities.is_empty()).then(|| ServerTls::new(identities.clone())).transpose()?;
        let stop = CancellationToken::new();
        let shared = Arc::new(Shared {
            providers: Providers::new(dialer.clone(), Handle::current()),
            config: Arc::new(ArcSwap::from_pointee(self.config)),
            clock: self.clock,
            tls: tls.clone(),
            scribe: Arc::new(self.scribe),
            held: Arc::new(Semaphore::new(HELD_KIB_MAX)),
            uploads: Arc::new(Semaphore::new(REQUEST_BODIES_KIB_MAX)),
            stop: stop.clone(),
        });
        let stop_admin = CancellationToken::new();
        let make_admin = |_| Admin::new(Arc::clone(&shared));
        let make_redirect = |_| Redirect::new(Arc::clone(&shared));
        let bounds = ListenLimits::default();
        let admin_listener = admin.map(|bound| listen::serve(bound, make_admin, bounds, &stop_admin)).transpose()?;
        let signers = Arc::<Signers>::default();
        let make_gateway = |_| Gateway::new(Arc::clone(&shared), pool(&shared, &dialer, &signers));
        let public_bounds = ListenLimits { idle, ..bounds };
        let public = public.with_tls(tls).with_proxied(proxied(&shared));
        let redirect = redirect.map(|bound| bound.with_proxied(proxied(&shared)));
        let started = listen::serve(public, make_gateway, public_bounds, &stop).and_then(|public| {
            match redirect.map(|bound| listen::serve(bound, make_redirect, bounds, &stop)).transpose() {
                Ok(redirect) => Ok((public, redirect)),
                Err(error) => {
                    stop.cancel();
                    public.join();
                    Err(error)
                }
            }
        });
        let (public_listener, redirect_listener) = match started {
            Ok(listeners) => listeners,
            Err(error) => {
                stop_admin.cancel();
                admin_listener.into_iter().for_each(listen::Workers::join);
                return Err(error.into());
            }
        };
        // The background work comes last: from here on nothing can fail.
        shared.providers.warm_up(shared.config.load().providers.values());
        if let Some((file, in_force)) = self.file {
            let current = Arc::clone(&shared.config);
            tokio::spawn(watch(file, in_force, current, report_reload(Arc::clone(&shared)), stop));
        }
        Ok(Running {
            address,
            admin: admin_address,
            redirect: redirect_address,
            shared,
            public_listener,
            admin_listener,
            redirect_listener,
            stop_admin,
        })
    }
}

impl Running {
    /// Drains: readiness says no, the listener closes, requests in flight finish within the limit.
    pub async fn drain(self) {
        self.shared.stop.cancel();
        let (public, admin, stop_admin) = (self.public_listener, self.admin_listener, self.stop_admin);
        let redirect = self.redirect_listener;
        let scribe = Arc::clone(&self.shared.scribe);
        let joined = tokio::task::spawn_blocking(move || {
            public.join();
            if let Some(redirect) = redirect {
                redirect.join();
            }
            // Readiness and metrics stay until the last request is answered.
            stop_admin.cancel();
            if let Some(admin) = admin {
                admin.join();
            }
            scribe.flush();
        });
        // It can fail only by a panic, which was printed.
        drop(joined.await);
    }
}

/// The PROXY headers of both addresses that browsers reach; who may send them follows the configuration in force.
fn proxied(shared: &Shared) -> Option<Proxied> {
    let config = Arc::clone(&shared.config);
    let takes = config.load().listen.proxy_protocol;
    Proxied::new(takes, move |address| config.load().listen.trusted_proxies.contains(address))
}

/// A worker's connections, which lead where the configuration in force leads.
fn pool(shared: &Arc<Shared>, dialer: &Dialer, signers: &Arc<Signers>) -> UpstreamPool {
    let config = Arc::clone(&shared.config);
    let pool = UpstreamPool::new(dialer.clone()).knowing(Arc::clone(signers));
    pool.leading_to(move |upstream| config.load().leads_to(upstream))
}

/// Tells of a reload, hands new certificates to the listener, and has new providers fetched: all of them, where somebody asked.
fn report_reload(shared: Arc<Shared>) -> impl FnMut(ReloadOutcome, bool) + Send {
    move |outcome, is_asked| {
        shared.scribe.reloaded(&outcome);
        let (config, is_new) = (shared.config.load(), matches!(outcome, ReloadOutcome::Applied { .. }));
        let providers = config.providers.values();
        if is_asked {
            shared.providers.fetch_anew(providers);
        } else if is_new {
            shared.providers.warm_up(providers);
        }
        if let Some(tls) = shared.tls.as_ref().filter(|_| is_new && !config.listen.tls.is_empty()) {
            tls.replace(config.listen.tls.clone());
        }
    }
}
