//! A browser's HTTP/2 connection on which a request with a field that `h2` cannot read ends itself alone, with an answer.

use super::sieve::{Sieve, Sifted, Sifting};
use crate::request::{FrameWalk, FramesWalked};

/// Looks at each head.
pub(super) struct ReadableFields(FrameWalk);

impl ReadableFields {
    /// The stream with readable fields.
    pub(super) const fn on<S>(stream: S) -> Sifting<S, Self> {
        Sifting::new(stream, Self(FrameWalk::new()))
    }
}

impl Sieve for ReadableFields {
    fn sift(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Sifted {
        let (mut at, mut stay) = (0, None);
        loop {
            let (goes_on, replaced) = match self.0.over(&bytes[at..]) {
                FramesWalked::All => (bytes.len() - at, None),
                FramesWalked::Within { from } => (from, None),
                FramesWalked::Replaced { from, to, frames } => (from, Some((at + to, frames))),
            };
            let end = at + goes_on;
            match stay {
                None => stay = Some(end),
                Some(_) => out.extend_from_slice(&bytes[at..end]),
            }
            let Some((behind, frames)) = replaced else {
                return Sifted { stay: stay.unwrap_or(end), held_from: end, is_last: false };
            };
            out.extend_from_slice(&frames);
            at = behind;
        }
    }

    fn end(&mut self) {
        self.0 = FrameWalk::ended();
    }

    fn is_ended(&self) -> bool {
        self.0.is_ended()
    }
}
