//! What arrives: admission (one valid host, one normalised path, no forged header), what kind of visit it is, and the
//! tables that lead from host and path to a site, a route or an endpoint of our own.
//!
//! In: a request head. Out: an [`Unscreened`] request and, by the [`HeaderRules`] of its site, the [`Admitted`] one; or the
//! [`AdmitError`] that names what was wrong with it.
//! Always: the path that decides is, byte for byte, the path that is forwarded.

mod admit;
mod endpoint;
mod folds;
mod header_rules;
mod header_table;
mod host;
mod hygiene;
mod path;
mod path_error;
mod peer;
mod readings;
mod routes;
mod upgrade;
mod visit;

pub(crate) use admit::via;
pub use admit::{AdmitError, Admitted, Screened, Unscreened, admit};
pub use endpoint::{Endpoint, OwnPaths, OwnPathsError};
pub use header_rules::{Asserted, AssertedHeader, HeaderRuleError, HeaderRules, KeptHeader, Unsaid};
pub use header_table::is_managed;
pub use host::{Authority, HostError, HostName, is_loopback};
pub use hygiene::{folded_name, is_hop_by_hop, nominated};
pub use path::{NormalPath, Prefix, Target};
pub use path_error::PathError;
pub use peer::Peer;
pub use routes::{HostTable, PathTable, RouteIndex, SiteIndex, UpstreamPaths};
pub use upgrade::{is_websocket_upgrade, set_websocket_upgrade};
pub use visit::{Destination, FetchSite, Visit, VisitKind};

#[cfg(test)]
mod tests;
