//! IO outwards: dialling (names under `.localhost` are loopback), TLS, pooled connections to host applications, the
//! identity providers' documents, bodies on their way, upgrades.

mod dial;
mod fetch;
mod providers;

pub use dial::{DialError, Dialer, Stream};
pub use fetch::FetchError;
pub use providers::{ProviderError, ProviderStatus, Providers};
