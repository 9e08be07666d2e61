//! What all sections read with, and what several of them say alike.

pub(super) mod certificates;
mod check;
pub(super) mod condition;
pub(super) mod proxy;
mod times;
pub(super) mod toothless;

#[cfg(test)]
mod tests;

pub(super) use check::{Check, host_of};
