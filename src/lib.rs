//! `sigma-gateway`: a reverse proxy that signs people in and puts signed Sigma embed URLs into existing applications.
//!
//! A request runs through stages, each a module, in this order: `request` → `identity` → `policy` → `embed` →
//! `forward` → `rewrite` → `reply`. Those are pure: values (and `now`, and a random `seed`) in, values out. [`config`]
//! assembles the settings that each stage owns; `decide` and `endpoints` say what becomes of a request by them. The
//! other modules touch the world: `body`, `connect`, `listen`, [`system`], [`gateway`], [`cli`] and, with the feature of
//! that name, the stand-ins in `demo`. `tests/architecture.rs` keeps the direction.
//!
//! Public is what the program and the tests in `tests/` name, no more: of the rest the compiler says what nobody uses.

pub mod limits;
mod name;
mod proxy;
mod reason;
mod secret;
mod seed;
mod time;
mod tls;

mod request;

mod identity;

mod policy;

mod embed;

mod forward;

mod rewrite;

mod reply;

pub mod config;

mod decide;

mod endpoints;

pub mod system;

mod body;

mod connect;

mod listen;

pub mod gateway;

#[cfg(feature = "demo")]
pub mod demo;

pub mod cli;

#[cfg(feature = "demo")]
#[doc(hidden)]
pub mod bench;

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
