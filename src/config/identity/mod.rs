//! Who vouches for people, and for how long: `[identity.NAME]`, `[session]` and `[[revoke]]`.
//!
//! `providers` reads a table by its type: those with which people sign in itself (with `client`, the gateway as their client),
//! those that read what a proxy in front attaches in `assertion`. `source` has what all types say, `keys_of_types` which keys
//! each has.

mod assertion;
mod client;
mod keys_of_types;
mod providers;
mod session;
mod source;

#[cfg(test)]
mod tests;

pub(super) use assertion::PERSONAL_TENANT;
pub(super) use providers::{attached_names, providers};
pub(super) use session::session;
