//! What all sections read with ([`Check`]), and what several of them say alike.

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
pub(super) use paths::{is_within, warn_of_literal_path};
pub(super) use secrets::MAKE_A_KEY;
pub(super) use urls::{host_in, host_of};
