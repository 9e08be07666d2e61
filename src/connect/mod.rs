//! IO outwards: dialling (names under `.localhost` are loopback), TLS, pooled connections to host applications, the
//! identity providers' documents, bodies on their way, upgrades.

mod body;
mod connection;
mod dial;
mod fetch;
mod heard_out;
mod lease;
mod origin;
mod pinned;
mod pool;
mod providers;
mod rewritten;
mod standing;
mod tunnel;
mod upstream_error;

#[cfg(test)]
mod tests;

pub use body::{Body, BodyError, CollectError, collect, empty, full, keeping, request_body};
pub use dial::{DialError, Dialer, Stream};
pub use fetch::FetchError;
pub use origin::PoolLimits;
pub use pinned::{PinOwner, PinSlot, Signers};
pub use pool::{SignsConnectionIn, UpstreamPool, Whose};
pub use providers::{ProviderError, ProviderStatus, Providers};
pub use rewritten::{Progress, Rewriter, followed_by, rewritten};
pub use standing::{Rest, Resting, Standing};
pub use tunnel::{Tunnel, TunnelEnd, TunnelLimits};
pub use upstream_error::UpstreamError;
