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
        let FramesWalked { stay, held_from } = self.0.over(bytes, out);
        Sifted { stay, held_from, is_last: false }
    }

    fn end(&mut self) {
        self.0 = FrameWalk::ended();
    }

    fn is_ended(&self) -> bool {
        self.0.is_ended()
    }
}
