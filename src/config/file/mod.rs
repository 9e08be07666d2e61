//! The file as it is written, and the one table of what may be written.
//!
//! `node`: text → a tree of values that know their key and line. `keys`: the table of all keys; `choices`: the words that some
//! take. `walk` holds a tree to the table: what comes out has every default and no faulty part. `schema` prints the table, and
//! `nearest` names what may have been meant.

pub(super) mod choices;
pub(super) mod keys;
mod nearest;
mod node;
mod schema;
mod walk;

#[cfg(test)]
mod tests;

pub(super) use nearest::{did_you_mean, is_near, quoted};
pub(super) use node::{Node, Value, key_below};
pub(crate) use schema::json_schema;
pub(super) use walk::{MISSING, Walked, certificate_source, secret_source, walk};
