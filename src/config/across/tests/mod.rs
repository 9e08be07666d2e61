//! What sections say together.

mod open_doors;
mod overlap;
mod wanted;
