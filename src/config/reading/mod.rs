//! What all sections read with, and what several of them say alike.
//!
//! [`Check`] notes problems and warnings; its readers (plain values in `check`, then `paths`, `secrets`, `urls`) give `None` for
//! what is wrong, after saying so. `condition` reads a `when`, `certificates` and `proxy` what tables name beside a server.

pub(super) mod certificates;
mod check;
pub(super) mod condition;
mod every;
mod paths;
pub(super) mod proxy;
mod secrets;
mod times;
mod toothless;
mod urls;

#[cfg(test)]
mod tests;

pub(super) use check::Check;
pub(super) use every::every;
pub(super) use paths::is_within;
pub(super) use secrets::MAKE_A_KEY;
pub(super) use urls::{host_in, host_of};
