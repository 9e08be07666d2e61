//! IO: one request through all stages. `serve` has the arrows, `forward` the host application's side, `scribe` the books; no
//! protocol condition stands here, each is a function of a stage.

mod admin;
mod answered;
mod forward;
mod held;
mod in_place;
mod line;
mod page;
#[cfg(test)]
mod reads_tests;
mod redirect;
mod run;
mod scribe;
mod serve;
mod shared;
mod sign_in;
mod standing;
#[cfg(test)]
mod testing;
mod vouch;
mod with_length;

pub(crate) use admin::Admin;
pub(crate) use redirect::Redirect;
pub(crate) use run::StartError;
pub use run::{Running, Start};
pub use scribe::Scribe;
pub(crate) use serve::Gateway;
pub(crate) use shared::Shared;
