//! IO inwards: one socket and one current-thread runtime per core, connection limits, deadlines, drain.
//!
//! In: an address, a [`Handler`] per worker. Always: every wait on a browser has a deadline, a connection is closed
//! where its handler panics, and after the stop no request is taken up that cannot be ended in time.

mod bind;
mod connection;
mod serve;
mod timed_stream;

#[cfg(test)]
mod tests;

pub use bind::{BindError, Bound, bind};
pub use connection::{Handler, ListenLimits};
pub use serve::{Running, serve};
