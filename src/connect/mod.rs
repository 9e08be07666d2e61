//! IO outwards: dialling (names under `.localhost` are loopback), TLS, pooled connections to host applications, the
//! identity providers' documents, upgrades.

mod client_tls;
mod connection;
mod dial;
mod fetch;
mod framed;
mod heard_out;
mod keep_alive;
mod lease;
mod mended;
mod mending;
mod origin;
mod pinned;
mod pool;
mod providers;
mod proxied;
mod repeat;
mod sent_body;
mod socket;
mod tunnel;
mod upstream_error;

#[cfg(test)]
mod tests;

pub(crate) use dial::{DialError, Dialer};
pub(crate) use framed::WithLength;
#[cfg(test)]
pub(crate) use origin::PoolLimits;
pub(crate) use pinned::{PinOwner, PinSlot, Signers};
pub(crate) use pool::{SignsConnectionIn, UpstreamPool, Whose};
pub(crate) use providers::{HeldKeys, ProviderStatus, Providers};
pub(crate) use tunnel::{Tunnel, TunnelEnd, TunnelLimits};
pub(crate) use upstream_error::{UpstreamError, causes, with_causes};
