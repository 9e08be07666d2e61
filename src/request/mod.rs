//! What arrives: admission (one valid host, one normalised path, no forged header), what kind of visit it is, and the
//! tables that lead from host and path to a site, a route or an endpoint of our own.
//!
//! In: a request head. Out: an [`Unscreened`] request and, by the [`HeaderRules`] of its site, the [`Admitted`] one; or the
//! [`AdmitError`] that names what was wrong with it.
//! Always: the path that decides is, byte for byte, the path that is forwarded.

mod admit;
mod attached;
mod client_address;
mod endpoint;
mod folds;
mod forward_auth;
mod head_walk;
mod header_names;
mod header_rules;
mod header_table;
mod host;
mod http2;
mod hygiene;
mod path;
mod path_error;
mod peer;
mod proxy_header;
mod readings;
mod routes;
mod second_target;
mod target_bytes;
mod trusted_proxies;
mod upgrade;
mod visit;

#[cfg(test)]
pub(crate) use admit::AdmitError;
pub(crate) use admit::via;
pub(crate) use admit::{Admitted, Screened, Unscreened, admit};
#[cfg(test)]
pub(crate) use attached::Unclear;
pub(crate) use attached::{Attached, AttachedForm, AttachedHeader, Presented};
pub(crate) use client_address::{ClientAddress, ClientAddressSource};
pub(crate) use endpoint::{EMBED_API, Endpoint, OwnPaths, PAGE_SCRIPT, STABLE_LINKS, WELL_KNOWN, well_known_endpoint};
pub(crate) use forward_auth::ForwardAuthProxy;
pub(crate) use head_walk::{HeadWalk, HeadsWalked};
pub(crate) use header_rules::{Asserted, AssertedHeader, HeaderRuleError, HeaderRules, KeptHeader, SentHeader, Unsaid};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use header_table::is_managed;
pub(crate) use host::{Authority, HostError, HostName, is_loopback};
pub(crate) use http2::{FrameWalk, FramesWalked};
pub(crate) use hygiene::{folded_name, is_hop_by_hop, nominated};
pub(crate) use path::{NormalPath, Prefix, Target};
pub(crate) use path_error::PathError;
pub(crate) use peer::{ClientConnection, Peer};
pub(crate) use proxy_header::{ProxyHeaderStep, ProxyProtocol, ProxySource, proxy_header};
pub(crate) use routes::{HostTable, PathTable, RouteIndex, SiteIndex, UpstreamPaths};
pub(crate) use second_target::DESTINATION;
pub(crate) use trusted_proxies::{TrustedNetwork, TrustedProxies};
pub(crate) use upgrade::{may_switch, set_websocket_upgrade};
pub(crate) use visit::{Destination, FetchSite, Visit, VisitKind};

#[cfg(test)]
mod tests;
