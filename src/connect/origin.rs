//! One host application: its kept connections, and how many requests may be in flight.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{Dialer, UpstreamError, connection::Connection};
use crate::{forward::Upstream, limits, system::Moment};

/// Bounds of a pool; the default is that of [`limits`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct PoolLimits {
    /// A wait for a connection.
    pub(crate) connect: Duration,
    /// How long an unused connection is kept.
    pub(crate) kept_age: Duration,
    /// How long one must have rested before a request leaves on it that may be lost, where the application closes them unsaid.
    pub(crate) distrusted_rest: Duration,
    /// Unused connections kept per upstream.
    pub(crate) kept: usize,
    /// Requests in flight per upstream.
    pub(crate) in_flight: usize,
    /// How long a request beyond that waits.
    pub(crate) wait: Duration,
    /// Connections that the host application signed in, per upstream.
    pub(crate) pinned: usize,
    /// The same, per client address.
    pub(crate) pinned_per_address: usize,
    /// How long an unused one is kept.
    pub(crate) pinned_age: Duration,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self {
            connect: limits::UPSTREAM_CONNECT_TIMEOUT,
            kept_age: limits::POOL_IDLE_AGE_MAX,
            distrusted_rest: limits::POOL_DISTRUSTED_REST,
            kept: limits::POOL_IDLE_MAX,
            in_flight: limits::POOL_CONNECTIONS_MAX,
            wait: limits::POOL_WAIT_MAX,
            pinned: limits::PINNED_CONNECTIONS_MAX,
            pinned_per_address: limits::PINNED_PER_ADDRESS_MAX,
            pinned_age: limits::PINNED_IDLE_AGE_MAX,
        }
    }
}

/// One host application.
pub(super) struct Origin {
    upstream: Upstream,
    /// Trusts whom this host application's settings name: connections of one trust are never lent to another.
    dialer: Dialer,
    limits: PoolLimits,
    /// The one that came back last is at the end.
    kept: Mutex<Vec<KeptConnection>>,
    permits: Arc<Semaphore>,
    /// Requests with a body take one of these too: slow ones never take the last places.
    body_permits: Arc<Semaphore>,
    /// Some applications close their connections behind each answer, a moment later, and say nothing of it. One was seen to.
    distrusted_until: Mutex<Option<Moment>>,
    /// For connections that it signed in, whether they are in use or not.
    pin_permits: Arc<Semaphore>,
    /// It has been seen to sign connections in; all cores know.
    signs_in: Arc<AtomicBool>,
    /// What was kept here before that was known is gone.
    is_cleared: AtomicBool,
}

/// A place among the requests in flight.
#[derive(Debug)]
pub(super) struct Permit {
    _any: OwnedSemaphorePermit,
    _body: Option<OwnedSemaphorePermit>,
}

struct KeptConnection {
    connection: Connection,
    since: Moment,
}

/// Held while a tunnel lives: it counts as a request in flight.
#[derive(Debug, Clone)]
pub(super) struct TunnelPermit {
    _permit: Arc<Permit>,
}

impl Origin {
    pub(super) fn new(upstream: Upstream, dialer: Dialer, limits: PoolLimits, signs_in: Arc<AtomicBool>) -> Self {
        let permits = Arc::new(Semaphore::new(limits.in_flight));
        let body_permits = Arc::new(Semaphore::new((limits.in_flight - limits.in_flight / 4).max(1)));
        let pin_permits = Arc::new(Semaphore::new(limits.pinned));
        let (kept, is_cleared) = (Mutex::default(), AtomicBool::new(false));
        let distrusted_until = Mutex::default();
        Self {
            upstream,
            dialer,
            limits,
            kept,
            permits,
            body_permits,
            distrusted_until,
            pin_permits,
            signs_in,
            is_cleared,
        }
    }

    pub(super) const fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    pub(super) const fn dialer(&self) -> &Dialer {
        &self.dialer
    }

    /// A place among the requests in flight.
    pub(super) async fn permit(&self, has_body: bool) -> Result<Permit, UpstreamError> {
        let body = if has_body { Some(self.place(&self.body_permits).await?) } else { None };
        Ok(Permit { _any: self.place(&self.permits).await?, _body: body })
    }

    async fn place(&self, permits: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, UpstreamError> {
        if let Ok(permit) = Arc::clone(permits).try_acquire_owned() {
            return Ok(permit);
        }
        match timeout(self.limits.wait, Arc::clone(permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(UpstreamError::Busy),
        }
    }

    /// A place for a connection that is signed in, if one is free.
    pub(super) fn pin_permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.pin_permits).try_acquire_owned().ok()
    }

    pub(super) const fn pinned_per_address(&self) -> usize {
        self.limits.pinned_per_address
    }

    /// It asked for a sign-in of a connection, or was given one.
    pub(super) fn note_signs_in(&self) {
        self.signs_in.store(true, Ordering::Relaxed);
    }

    pub(super) fn signs_in(&self) -> bool {
        self.signs_in.load(Ordering::Relaxed)
    }

    /// It closed a kept connection soon after its answer, which had said nothing of that; maybe with a request on it.
    pub(super) fn note_closed_unsaid(&self) {
        *lock(&self.distrusted_until) = Some(Moment::now() + limits::POOL_DISTRUST_AGE);
    }

    /// How long a connection must have rested: a request that may be lost leaves on none that is about to be closed, as far as that is known.
    fn rest_min(&self, may_be_lost: bool) -> Duration {
        let is_distrusted = may_be_lost && lock(&self.distrusted_until).is_some_and(|until| Moment::now() < until);
        if is_distrusted { self.limits.distrusted_rest } else { Duration::ZERO }
    }

    /// The connection that came back last, if it is still good.
    pub(super) fn take_kept(&self, may_be_lost: bool) -> Option<Connection> {
        let mut kept = lock(&self.kept);
        if self.signs_in() && !self.is_cleared.swap(true, Ordering::Relaxed) {
            // By a scheme that nobody knew, one of them may have been signed in already.
            kept.clear();
        }
        let mut rest_min = self.rest_min(may_be_lost);
        let mut at = kept.len();
        while let Some(before) = at.checked_sub(1) {
            at = before;
            let (connection, rest) = (&kept[at].connection, kept[at].since.elapsed());
            if rest >= self.limits.kept_age {
                // The others came back earlier still.
                kept.drain(..=at);
                return None;
            }
            if !connection.may_be_used_after(rest, Duration::MAX) || !connection.sender.is_ready() {
                if connection.sender.is_closed() && rest < self.limits.distrusted_rest {
                    self.note_closed_unsaid();
                    rest_min = self.rest_min(may_be_lost);
                }
                kept.remove(at);
            } else if rest >= rest_min {
                return Some(kept.remove(at).connection);
            }
        }
        None
    }

    /// Keeps a connection for the next request.
    pub(super) fn put_idle(&self, connection: Connection) {
        let mut kept = lock(&self.kept);
        let may_rest = connection.may_be_used_after(Duration::ZERO, self.limits.kept_age);
        if kept.len() < self.limits.kept && may_rest && !connection.sender.is_closed() {
            kept.push(KeptConnection { connection, since: Moment::now() });
        }
    }

    /// Closes what is too old or closed already.
    pub(super) fn sweep(&self) {
        let is_good = |kept: &KeptConnection| {
            kept.connection.may_be_used_after(kept.since.elapsed(), self.limits.kept_age)
                && !kept.connection.sender.is_closed()
        };
        lock(&self.kept).retain(is_good);
    }

    /// How many connections are kept.
    pub(super) fn kept(&self) -> usize {
        lock(&self.kept).len()
    }
}

impl TunnelPermit {
    pub(super) fn new(permit: Permit) -> Self {
        Self { _permit: Arc::new(permit) }
    }
}

/// A panic while the lock was held leaves a list of connections, which is still a list of connections.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
