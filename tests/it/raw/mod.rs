//! Exact bytes over a socket: what arrives at a recording host application, and what does not.
//!
//! Every test is a case of `docs/THREATS.md`, by its id. The harness reads HTTP on its own, without hyper: a shared
//! mistake cannot hide.

pub(crate) mod client;
pub(crate) mod frames;
pub(crate) mod lab;
pub(crate) mod message;
mod oracle;
mod recorder;
pub(crate) mod secure;

mod advisories;
mod answers;
mod body_grammar;
mod forwarding_headers;
mod framing;
mod gadgets;
mod header_names;
mod heads;
mod hop_by_hop;
mod hops;
mod hosts;
mod http2_alone;
mod http2_fields;
mod http2_lengths;
mod http2_pseudo;
mod http2_requests;
mod identities;
mod in_front;
mod paths;
mod reserved_paths;
mod syntax;
mod targets;
mod threats;
mod traversal;
mod upgrades;
mod ways;
