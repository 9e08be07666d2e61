//! IO inwards: one socket and one current-thread runtime per core, TLS, HTTP/1.1 and HTTP/2, connection limits,
//! deadlines, drain.
//!
//! In: an address, a [`Handler`] per worker, certificates where TLS ends here, whose PROXY headers are wanted. Without TLS it is HTTP/1.1; with TLS the
//! handshake (ALPN) says which, never a look at the first bytes. Always: every wait on a browser has a deadline, a
//! panic of a handler ends its connection (over HTTP/2: its request), and after the stop no request is taken up that
//! cannot be ended in time.

mod activity;
mod bind;
mod client;
mod connection;
mod cork;
mod fields;
mod held_end;
mod http1;
mod http2;
mod linger;
mod proxied;
mod serve;
mod sieve;
mod targets;
mod timed_stream;
mod tls;
mod untaken;

#[cfg(test)]
mod tests;

pub(crate) use bind::{BindError, Bound, bind};
pub(crate) use client::{Beside, Handler, ListenLimits, Unreadable};
pub(crate) use proxied::Proxied;
pub(crate) use serve::{Workers, serve};
pub(crate) use tls::ServerTls;
