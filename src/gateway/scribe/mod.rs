//! The books: what happens becomes lines of the log, audit lines and metrics. Nobody else names log or metrics.

mod books;
mod events;
mod requests;
#[cfg(test)]
mod tests;

pub use books::Scribe;
pub(super) use requests::{Ended, Known};
