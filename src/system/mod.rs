//! IO with the machine: clock, randomness, files, signals, reload, logs, metrics.

mod clock;
mod events;
mod log;
mod metrics;
mod random;
mod signals;

pub use clock::Clock;
pub use events::install_events;
pub use log::{AccessLine, Log};
pub use metrics::{CodeLabel, Metrics};
pub use random::{nonce, seed};
pub use signals::stop_on_signals;
