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
pub(crate) use environment::{log_filter, workers};
pub(crate) use events::install_events;
#[cfg(test)]
pub(crate) use events::testing::Listening;
pub(crate) use files::LoadError;
pub use files::{Fingerprint, load_config};
pub(crate) use log::{AccessLine, Log};
pub(crate) use metrics::{
    AttachedLabels, CertificateLabel, CodeLabel, CutLabels, DroppedLabels, EmbedLabels, LoginLabels, Metrics,
    NoteLabels, PersonLabels, ProviderLabel, ReloadLabels, RequestLabels, SessionLabels, UnreadableLabel, UntoldLabels,
};
pub(crate) use moment::Moment;
pub(crate) use random::request_id;
pub use random::seed;
pub(crate) use reload::{ReloadOutcome, watch};
pub(crate) use signals::stop_on_signals;
