//! IO outwards: dialling (names under `.localhost` are loopback), TLS, pooled connections to host applications, the
//! identity providers' documents, upgrades.

mod connection;
mod dial;
mod fetch;
mod heard_out;
mod lease;
mod origin;
mod pinned;
mod pool;
mod providers;
mod tunnel;
mod upstream_error;

#[cfg(test)]
mod tests;

pub use dial::{DialError, Dialer, Stream};
pub use fetch::FetchError;
pub use origin::PoolLimits;
pub use pinned::{PinOwner, PinSlot, Signers};
pub use pool::{SignsConnectionIn, UpstreamPool, Whose};
pub use providers::{ProviderError, ProviderStatus, Providers};
pub use tunnel::{Tunnel, TunnelEnd, TunnelLimits};
pub use upstream_error::UpstreamError;
