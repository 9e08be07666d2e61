//! Who vouches for people, and for how long: `[identity.NAME]`, `[session]` and `[[revoke]]`.

mod assertion;
mod client;
mod providers;
mod session;
mod shapes;
mod source;
mod source_keys;

#[cfg(test)]
mod tests;

pub(super) use providers::{attached_names, providers};
pub(super) use session::session;
