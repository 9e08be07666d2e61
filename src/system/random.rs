//! Randomness of the running gateway: the only place that draws it. Pure stages get a [`Seed`]. (`init` draws the key that it
//! writes.)

use std::{cell::RefCell, sync::Arc};

use crate::seed::{Seed, SeedStream};

thread_local! {
    /// A stream of this thread, for what must be unique and is no secret: drawing from the system costs a request more than
    /// everything else about its id.
    static IDS: RefCell<SeedStream> = RefCell::new(seed().into_stream());
}

/// A fresh seed.
#[must_use]
pub fn seed() -> Seed {
    Seed::new(draw())
}

/// A fresh AEAD nonce.
#[must_use]
pub fn nonce() -> [u8; 12] {
    draw()
}

/// A fresh request id: a random UUID.
#[must_use]
pub fn request_id() -> Arc<str> {
    IDS.with_borrow_mut(SeedStream::uuid).into()
}

fn draw<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // The library documents that its system randomness fails only when the operating system has none: nothing that
    // needs a secret may go on then.
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;

    #[test]
    fn request_ids_differ_within_a_thread_and_between_threads() {
        let draw = || (0..100).map(|_| request_id()).collect::<Vec<_>>();
        let mut ids = draw();
        ids.extend(thread::spawn(draw).join().unwrap());
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 200);
    }
}
