//! Stand-ins that answer as the real thing does: an OpenID provider, Sigma's embed endpoint, a legacy host application,
//! and a start page that says what to try. `demo` and the tests use them.
//!
//! In: ports, a clock, a seed. Out: four servers on loopback. Nothing here names the gateway's own stages (`identity`,
//! `embed`, `rewrite` …) and tokens are made and read by another JOSE implementation: a shared mistake would hide itself.

mod banner;
mod certificates;
mod crm;
mod documents;
mod page;
mod people;
mod ports;
mod provider;
mod serve;
mod settings;
mod sigma;
mod stand_ins;
mod start_page;
#[cfg(test)]
mod testing;

pub(crate) use banner::{banner, tls_note};
pub(crate) use certificates::DemoCertificates;
pub(crate) use crm::{HostApp, HostAppOptions};
pub(crate) use people::{PEOPLE, Person};
pub use ports::Ports;
pub use provider::Fault;
pub(crate) use provider::{ProviderOptions, ProviderStandIn};
pub(crate) use serve::DemoError;
pub use serve::StandInClock;
pub(crate) use settings::{OIDC_CLIENT_ID, SIGMA_CLIENT_ID, without_provider_ca};
pub use settings::{Secrets, config_text};
pub(crate) use sigma::{SigmaOptions, SigmaOrganization, SigmaStandIn};
pub use stand_ins::{StandInOptions, StandIns};
