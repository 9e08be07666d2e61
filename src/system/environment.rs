//! What the process finds around it: cores, the log filter, secrets and proxies.

use crate::{config::ProxyVariables, secret::Secret};

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

/// A variable.
///
/// # Errors
/// Why there is none, as a clause.
#[expect(
    clippy::disallowed_methods,
    reason = "secrets and proxies may be in the environment; beside these only `RUST_LOG` is read"
)]
pub(super) fn environment(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| match error {
        std::env::VarError::NotPresent => "is not set".to_owned(),
        std::env::VarError::NotUnicode(_) => "is not UTF-8".to_owned(),
    })
}

/// By convention the names in lower case come first.
pub(super) fn proxies() -> ProxyVariables {
    let set = |name: &str| environment(name).ok().filter(|value| !value.trim().is_empty());
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| Some((name.to_owned(), set(name)?)));
    ProxyVariables {
        https_proxy: first(["https_proxy", "HTTPS_PROXY"]).map(|(name, value)| (name, Secret::new(value))),
        no_proxy: first(["no_proxy", "NO_PROXY"]).map(|(_, value)| value),
    }
}
