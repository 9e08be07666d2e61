//! Upstream connections that a host application has signed in: each is pinned to one client connection and one session.
//!
//! In: a connection whose request or answer signs connections in. Out: the same connection, for the next request of the same
//! session on the same client connection to the same host application; for nobody else. Always: it is closed with the client
//! connection, by a request of another session or of none, at its age, and once nobody is configured to lead there.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, OnceLock, Weak, atomic::AtomicBool},
    time::Duration,
};

use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit};
use url::Url;

use super::{
    UpstreamError,
    connection::Connection,
    origin::{Origin, lock},
};
use crate::{forward::Upstream, identity::SessionMark, system::Moment};

/// What one client connection keeps for itself: at most one upstream connection. Costs nothing until there is one.
#[derive(Debug, Default)]
pub(crate) struct PinSlot(OnceLock<Arc<Slot>>);

/// Whose request it is, for connections that are signed in.
#[derive(Clone, Copy)]
pub(crate) struct PinOwner<'a> {
    /// Of the client connection.
    pub(crate) slot: &'a PinSlot,
    /// The other end of the client connection.
    pub(crate) address: IpAddr,
    /// The session; asked for only where a connection is signed in.
    pub(crate) session: &'a (dyn Fn() -> SessionMark + Send + Sync),
}

impl PinSlot {
    /// Closes what is kept, unless it is of this session.
    pub(crate) fn keep_only(&self, session: impl FnOnce() -> Option<SessionMark>) {
        let Some(slot) = self.0.get() else { return };
        let (mut held, mut coming) = (lock(&slot.held), lock(&slot.coming));
        if held.is_none() && coming.is_none() {
            return;
        }
        let session = session();
        held.take_if(|held| session != Some(held.session));
        coming.take_if(|coming| session != Some(*coming));
    }

    /// Takes out what is kept; `None`, and it is closed, where it is not for this session and host application or not good
    /// any more. One on which a request is still going out behind its answer is waited for.
    pub(super) async fn take(
        &self,
        origin: &Arc<Origin>,
        session: impl FnOnce() -> SessionMark,
        age_max: Duration,
    ) -> Option<(Connection, PinPlace)> {
        let slot = self.0.get()?;
        drop(slot.turns.lock().await);
        let held = lock(&slot.held).take()?;
        let is_good = Arc::ptr_eq(&held.origin, origin) && held.is_good(age_max) && held.connection.sender.is_ready();
        (is_good && held.session == session()).then_some((held.connection, held.place))
    }
}

/// The slot itself, which a body that is still being read shares.
#[derive(Default)]
pub(super) struct Slot {
    held: Mutex<Option<Held>>,
    /// Whose connection comes here next, once the request on it has gone out.
    coming: Mutex<Option<SessionMark>>,
    /// Taken meanwhile.
    turns: Arc<Turns>,
}

type Turns = tokio::sync::Mutex<()>;

struct Held {
    connection: Connection,
    origin: Arc<Origin>,
    session: SessionMark,
    since: Moment,
    place: PinPlace,
}

impl Held {
    fn is_good(&self, age_max: Duration) -> bool {
        self.connection.may_be_used_after(self.since.elapsed(), age_max) && !self.connection.sender.is_closed()
    }
}

impl std::fmt::Debug for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slot")
    }
}

/// Where a connection goes when its answer has been read.
pub(super) enum Fate {
    /// Back to all.
    Shared,
    /// To its client connection and session.
    Pinned(Pin),
    /// Nowhere: it is closed.
    Closed,
}

/// A slot, and a place for what is put into it.
pub(super) struct Pin {
    slot: Arc<Slot>,
    session: SessionMark,
    place: PinPlace,
    /// It is put in behind its turn.
    is_late: bool,
}

impl Pin {
    /// Until this is dropped, whoever asks for what is kept waits. None where somebody has it already: then nobody waits for this one.
    pub(super) fn turn(&mut self) -> Option<OwnedMutexGuard<()>> {
        let turn = Arc::clone(&self.slot.turns).try_lock_owned().ok()?;
        *lock(&self.slot.coming) = Some(self.session);
        self.is_late = true;
        Some(turn)
    }

    /// Keeps a connection for the next request of the session; one that was there is closed. So is this one, where another session was
    /// there meanwhile.
    pub(super) fn put(self, connection: Connection, origin: Arc<Origin>) {
        let Self { slot, session, place, is_late } = self;
        let is_awaited = !is_late || lock(&slot.coming).take() == Some(session);
        if is_awaited && !connection.sender.is_closed() {
            *lock(&slot.held) = Some(Held { connection, origin, session, since: Moment::now(), place });
        }
    }
}

/// One of the places for connections that are signed in, free again when it is dropped.
#[derive(Debug)]
pub(super) struct PinPlace {
    _upstream: OwnedSemaphorePermit,
    _address: AddressPlace,
}

/// How many each client address has.
type ByAddress = Arc<Mutex<HashMap<IpAddr, usize>>>;

#[derive(Debug)]
struct AddressPlace {
    address: IpAddr,
    by_address: ByAddress,
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut by_address = lock(&self.by_address);
        match by_address.get_mut(&self.address) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => drop(by_address.remove(&self.address)),
        }
    }
}

/// The pinned connections of one pool.
#[derive(Debug, Default)]
pub(super) struct Pins {
    by_address: ByAddress,
    /// Slots that ever had one; those whose client connection has ended go at the next sweep.
    slots: Mutex<Vec<Weak<Slot>>>,
}

impl Pins {
    /// A place at a host application, for a client.
    ///
    /// # Errors
    /// [`UpstreamError::Pinned`] where all are taken: nobody waits, for places are held as long as people are there.
    pub(super) fn place(&self, origin: &Origin, address: IpAddr) -> Result<PinPlace, UpstreamError> {
        let upstream = origin.pin_permit().ok_or(UpstreamError::Pinned)?;
        let address = network(address);
        let mut by_address = lock(&self.by_address);
        let count = by_address.entry(address).or_default();
        if *count >= origin.pinned_per_address() {
            return Err(UpstreamError::Pinned);
        }
        *count += 1;
        drop(by_address);
        let by_address = Arc::clone(&self.by_address);
        Ok(PinPlace { _upstream: upstream, _address: AddressPlace { address, by_address } })
    }

    /// Where an owner's connection goes.
    pub(super) fn pin(&self, owner: PinOwner<'_>, place: PinPlace) -> Pin {
        let slot = owner.slot.0.get_or_init(|| {
            let slot = Arc::<Slot>::default();
            lock(&self.slots).push(Arc::downgrade(&slot));
            slot
        });
        Pin { slot: Arc::clone(slot), session: (owner.session)(), place, is_late: false }
    }

    /// Closes what is too old, closed already, or leads where nobody is configured to lead any more.
    pub(super) fn sweep(&self, age_max: Duration, is_configured: impl Fn(&Upstream) -> bool) {
        lock(&self.slots).retain(|slot| {
            let Some(slot) = slot.upgrade() else { return false };
            let mut held = lock(&slot.held);
            if held.as_ref().is_some_and(|held| !held.is_good(age_max) || !is_configured(held.origin.upstream())) {
                *held = None;
            }
            true
        });
    }
}

/// Which host applications were seen to sign connections in: what one core or site sees, all know. Grows by what is configured.
#[derive(Debug, Default)]
pub(crate) struct Signers(Mutex<HashMap<Url, Arc<AtomicBool>>>);

impl Signers {
    /// Whether this one was, now and later.
    pub(super) fn flag(&self, upstream: &Upstream) -> Arc<AtomicBool> {
        Arc::clone(lock(&self.0).entry(upstream.url.clone()).or_default())
    }
}

/// Who is counted as one: an IPv4 address, or the network of an IPv6 address, which has as many as it likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one_and_an_ipv4_address_is_itself_in_any_writing() {
        let of = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
