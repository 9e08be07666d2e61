//! The books of the process: where they are kept, and what is told of the process itself.

use std::{collections::HashSet, io::Write, net::SocketAddr, sync::Mutex};

use serde_json::json;

use crate::{
    connect::ProviderStatus,
    identity::ProviderName,
    listen::Unreadable,
    request::ClientConnection,
    system::{
        CertificateLabel, LoadError, Log, Metrics, ProviderLabel, ReloadLabels, ReloadOutcome, UnreadableLabel,
        install_events, log_filter,
    },
    tls::TlsIdentity,
};

/// Who keeps the books of a process.
pub struct Scribe {
    pub(super) log: Log,
    pub(super) metrics: Metrics,
    /// Sites whose host application was seen to sign connections in: told once.
    pub(super) signing_sites: Mutex<HashSet<String>>,
}

impl Scribe {
    /// Books on standard output, with the `tracing` events of this process: the books of a process that serves.
    #[must_use]
    pub(crate) fn to_stdout() -> Self {
        let log = Log::to_stdout();
        install_events(log.clone(), &log_filter());
        Self::of(log)
    }

    /// Books in `sink`.
    #[must_use]
    pub fn to(sink: impl Write + Send + 'static) -> Self {
        Self::of(Log::to(sink))
    }

    /// Has this thread's `tracing` events written down too, as in the books of a process.
    #[cfg(test)]
    pub(in crate::gateway) fn listen(&self) -> crate::system::Listening {
        crate::system::Listening::to(self.log.clone())
    }

    fn of(log: Log) -> Self {
        Self { log, metrics: Metrics::new(), signing_sites: Mutex::default() }
    }

    /// The gateway serves.
    pub(crate) fn serving(
        &self,
        address: SocketAddr,
        [admin, redirect]: [Option<SocketAddr>; 2],
        proxy: Option<&str>,
        warnings: &[String],
    ) {
        let fields = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "address": address.to_string(),
            "admin": admin.map(|address| address.to_string()),
            "redirect": redirect.map(|address| address.to_string()),
            "proxy": proxy,
            "warnings": warnings,
        });
        self.log.event(if warnings.is_empty() { "info" } else { "warn" }, "serving", &fields);
    }

    /// The drain begins.
    pub(crate) fn draining(&self) {
        self.log.event("info", "draining", &json!({}));
    }

    /// Waits, for at most a second, until all lines so far are written.
    pub fn flush(&self) {
        self.log.flush();
    }

    /// What came of a reload.
    pub(crate) fn reloaded(&self, outcome: &ReloadOutcome) {
        let result = match outcome {
            ReloadOutcome::Unchanged => return self.log.event("info", "configuration unchanged", &json!({})),
            ReloadOutcome::Applied { warnings, restart_needed } => {
                let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
                let fields = json!({ "warnings": warnings, "restart_needed": restart_needed });
                let level = if warnings.is_empty() { "info" } else { "warn" };
                self.log.event(level, "configuration applied", &fields);
                "applied"
            }
            ReloadOutcome::Refused(error) => {
                self.refused_reload(error);
                "refused"
            }
            // The same content counts once.
            ReloadOutcome::StillRefused(error) => return self.refused_reload(error),
        };
        self.metrics.reloads.get_or_create(&ReloadLabels { result }).inc();
    }

    fn refused_reload(&self, error: &LoadError) {
        let fields = json!({ "problems": error.to_string() });
        self.log.event("error", "configuration refused, the old one stays in force", &fields);
    }

    /// Somebody sent what is no request.
    pub(in crate::gateway) fn unreadable(&self, why: Unreadable, from: &ClientConnection) {
        let reason = why.as_str();
        self.metrics.unreadable.get_or_create(&UnreadableLabel { reason }).inc();
        // Anybody can send these: no line unless somebody looks for them.
        tracing::debug!(peer = %from.client(), reason, "a request could not be read");
    }

    /// The metrics as text, with how providers and certificates are now.
    #[must_use]
    pub(crate) fn metrics(
        &self,
        providers: Vec<(ProviderName, ProviderStatus)>,
        certificates: &[TlsIdentity],
    ) -> String {
        let metrics = &self.metrics;
        metrics.log_up.set(i64::from(self.log.is_up()));
        metrics.log_lines_dropped.set(self.log.dropped());
        for (name, status) in providers {
            let label = ProviderLabel { provider: name.to_string() };
            metrics.provider_up.get_or_create(&label).set(i64::from(status.is_ready()));
        }
        // Those in force now: one that a reload took away is not told of any more.
        metrics.certificate_not_after.clear();
        for identity in certificates {
            let label = CertificateLabel { certificate: identity.name().to_owned() };
            let ends = i64::try_from(identity.not_after().0).unwrap_or(i64::MAX);
            metrics.certificate_not_after.get_or_create(&label).set(ends);
        }
        metrics.encode()
    }
}
