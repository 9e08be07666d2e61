//! `sigma-gateway`: a reverse proxy that signs people in and puts signed Sigma embed URLs into existing applications.
//!
//! A request runs through stages, each a module, in this order: [`request`] → [`identity`] → [`policy`] → [`embed`] →
//! [`forward`] → [`rewrite`] → [`reply`]. Those are pure: values (and `now`, and a random [`seed`]) in, values out.
//! [`config`] assembles the settings that each stage owns; [`decide`] and [`endpoints`] say what becomes of a request by them. The other modules touch the world: [`body`], [`connect`], [`listen`],
//! [`system`], [`gateway`], [`cli`] and, with the feature of that name, the stand-ins in `demo`. `tests/architecture.rs` keeps the direction.

pub mod limits;
pub mod name;
pub mod reason;
pub mod secret;
pub mod seed;
pub mod time;
pub mod tls;

pub mod request;

pub mod identity;

pub mod policy;

pub mod embed;

pub mod forward;

pub mod rewrite;

pub mod reply;

pub mod config;

pub mod decide;

pub mod endpoints;

pub mod system;

pub mod body;

pub mod connect;

pub mod listen;

pub mod gateway;

#[cfg(feature = "demo")]
pub mod demo;

pub mod cli;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
