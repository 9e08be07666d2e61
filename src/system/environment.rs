//! What the process finds around it: cores and the log filter.

/// One worker for each core that this process may use.
#[must_use]
pub(crate) fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// `RUST_LOG`, empty when it is not set.
#[must_use]
pub(crate) fn log_filter() -> String {
    #[expect(clippy::disallowed_methods, reason = "this is where the environment is read")]
    std::env::var("RUST_LOG").unwrap_or_default()
}
