//! What sections say together that none of them says alone.
//!
//! Warnings and refusals, one file for each thing that can be wrong between them; `tables` leads back to the line that is told.
//! And what one section learns of the others (`learned`): which claims are read, and so kept and asked for.

pub(super) mod learned;
mod only_asked;
mod open_doors;
mod overlap;
mod redirect;
mod tables;
mod uncovered;

#[cfg(test)]
mod tests;

pub(super) use only_asked::{warn_of_lost_cookies, warn_where_nobody_asks};
pub(super) use open_doors::warn_of_open_doors;
pub(super) use overlap::{warn_of_claims_of_anybody, warn_of_overlaps};
pub(super) use redirect::refuse_circles;
pub(super) use uncovered::warn_of_uncovered_sites;
