//! IO with the machine: clocks, randomness, files, signals, reload, logs, metrics.

mod clock;
mod environment;
mod events;
mod files;
mod log;
mod metrics;
mod moment;
mod random;
mod reload;
mod signals;

pub use clock::Clock;
pub use environment::{log_filter, workers};
pub use events::install_events;
pub use files::{Fingerprint, LoadError, Loaded, Snapshot, load_config};
pub use log::{AccessLine, Log};
pub use metrics::{
    CertificateLabel, CodeLabel, DroppedLabels, EmbedLabels, LoginLabels, Metrics, NoteLabels, PersonLabels,
    ProviderLabel, ReloadLabels, RequestLabels, UnreadableLabel,
};
pub use moment::Moment;
pub use random::{nonce, request_id, seed};
pub use reload::{ReloadOutcome, Reloader, watch};
pub use signals::stop_on_signals;
