//! IO.

mod files;
mod reload;

pub use files::{Fingerprint, LoadError, Loaded, Snapshot, load_config};
pub use reload::{ReloadOutcome, Reloader, watch};
