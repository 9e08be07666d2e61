//! Stand-ins that answer as the real thing does: an OpenID provider, Sigma's embed endpoint, a legacy host application,
//! and a start page that says what to try. `demo` and the tests use them.
//!
//! In: ports, a clock, a seed. Out: four servers on loopback. Nothing here names the gateway's own stages (`identity`,
//! `embed`, `rewrite` …) and tokens are made and read by another JOSE implementation: a shared mistake would hide itself.

mod banner;
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

pub use banner::banner;
pub use crm::{HostApp, HostAppOptions};
pub use people::{PEOPLE, Person};
pub use ports::Ports;
pub use provider::{Fault, FetchCounts, ProviderOptions, ProviderStandIn};
pub use serve::{DemoError, StandInClock};
pub use settings::{OIDC_CLIENT_ID, SIGMA_CLIENT_ID, Secrets, config_text};
pub use sigma::{
    OpenedDocument, Opening, Refusal, SigmaOptions, SigmaOrganization, SigmaStandIn, SigmaStats, UsedTokens,
    ViewerKind, judge,
};
pub use stand_ins::{StandInOptions, StandIns};
