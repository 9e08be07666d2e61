//! The file as it is written: a tree of values that know their key and line, held to the one table of all keys.

pub(super) mod choices;
pub(super) mod keys;
mod nearest;
mod node;
mod schema;
mod walk;

#[cfg(test)]
mod tests;

pub(super) use nearest::{did_you_mean, is_near};
pub(super) use node::{Node, Value, key_below};
pub(crate) use schema::json_schema;
pub(super) use walk::{MISSING, Walked, certificate_source, secret_source, walk};
