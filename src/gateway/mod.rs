//! IO: one request through all stages. `serve` has the arrows, `forward` the host application's side, `scribe` the books; no
//! protocol condition stands here, each is a function of a stage.

mod admin;
mod answered;
mod forward;
mod line;
mod page;
mod run;
mod scribe;
mod serve;
mod shared;
mod sign_in;
mod standing;

pub use admin::Admin;
pub use run::{Running, Start, StartError};
pub use scribe::Scribe;
pub use serve::Gateway;
pub use shared::Shared;
