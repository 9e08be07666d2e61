//! IO outwards: dialling (names under `.localhost` are loopback), TLS, pooled connections to host applications, the
//! identity providers' documents, bodies on their way, upgrades.

mod body;
mod connection;
mod dial;
mod lease;
mod origin;
mod pool;
mod rewritten;
mod tunnel;
mod upstream_error;

pub use body::{Body, BodyError, CollectError, collect, empty, full, request_body};
pub use dial::{DialError, Dialer, Stream};
pub use origin::PoolLimits;
pub use pool::UpstreamPool;
pub use rewritten::{Progress, Rewriter, followed_by, rewritten};
pub use tunnel::{Tunnel, TunnelEnd, TunnelLimits};
pub use upstream_error::UpstreamError;

#[cfg(test)]
mod tests;
