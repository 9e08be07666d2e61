//! A browser's HTTP/1 connection on which a target that cannot be held in a URI reaches the gateway all the same, as a request that says
//! so: hyper would answer it with an empty 400, which nobody hears of.
//!
//! In place of such a head stands a plain one, the last of its connection. To know where heads begin, lengths are counted; whatever
//! says more than a plain length or plain chunks (upgrades, anything odd) ends the looking on this connection, and all is hyper's from there on.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::sieve::{Sieve, Sifted, Sifting};
use crate::{
    limits::REQUEST_HEAD_BYTES_MAX,
    request::{HeadWalk, HeadsWalked},
};

/// Which request of a connection it is; asked once for each.
pub(super) struct Targets {
    /// The number of the one whose target was taken out; 0: none.
    unreadable: Arc<AtomicU64>,
    begun: AtomicU64,
}

impl Targets {
    /// Whether the next request is the one.
    pub(super) fn next_is_unreadable(&self) -> bool {
        let begun = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        self.unreadable.load(Ordering::Relaxed) == begun
    }
}

/// Looks at the first line of each head.
pub(super) struct ReadableTargets {
    walk: HeadWalk,
    heads: u64,
    unreadable: Arc<AtomicU64>,
}

impl ReadableTargets {
    /// The stream with readable targets, and which of them were not.
    pub(super) fn on<S>(stream: S) -> (Sifting<S, Self>, Targets) {
        let unreadable = Arc::<AtomicU64>::default();
        let targets = Targets { unreadable: Arc::clone(&unreadable), begun: AtomicU64::new(0) };
        (Sifting::new(stream, Self { walk: HeadWalk::default(), heads: 0, unreadable }), targets)
    }
}

impl Sieve for ReadableTargets {
    fn sift(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Sifted {
        let walked = self.walk.over(bytes);
        self.heads += walked.heads();
        let all = Sifted { stay: bytes.len(), held_from: bytes.len(), is_last: false };
        match walked {
            HeadsWalked::All { .. } => all,
            HeadsWalked::Within { first_line, .. } if bytes.len() - first_line > REQUEST_HEAD_BYTES_MAX => {
                self.end();
                all
            }
            HeadsWalked::Within { first_line, .. } => {
                Sifted { stay: first_line, held_from: first_line, is_last: false }
            }
            HeadsWalked::Unreadable { first_line, method, .. } => {
                self.unreadable.store(self.heads, Ordering::Relaxed);
                out.extend_from_slice(&bytes[first_line..first_line + method]);
                out.extend_from_slice(b" / HTTP/1.1\r\nHost: unreadable.invalid\r\nConnection: close\r\n\r\n");
                // What follows belongs to what was not understood: nobody reads it, and the answer closes the connection.
                Sifted { stay: first_line, held_from: bytes.len(), is_last: true }
            }
        }
    }

    fn end(&mut self) {
        self.walk = HeadWalk::ended();
    }

    fn is_ended(&self) -> bool {
        self.walk.is_ended()
    }
}
