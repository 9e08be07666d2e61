//! IO.

pub mod explain;
mod findings;
pub mod inspect;
mod person;
pub mod sign;
