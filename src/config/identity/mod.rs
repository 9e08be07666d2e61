//! Who vouches for people, and for how long: `[identity.NAME]`, `[session]` and `[[revoke]]`.

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
