//! The gateway itself: where it listens and whom in front it trusts (`listen`, `in_front`), what it logs, what it goes out
//! through, where its own paths are, and what its pages say.

mod in_front;
mod listen;
mod log;
mod outbound;
mod pages;
mod paths;

#[cfg(test)]
mod tests;

pub(super) use listen::listen;
pub(super) use log::log;
pub(super) use outbound::outbound;
pub(super) use pages::pages;
pub(crate) use pages::words_file;
pub(super) use paths::paths;
