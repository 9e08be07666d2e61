//! Metrics: one registry, handles made once, labels of bounded cardinality (never a path, a person or a host that a
//! visitor made up).

use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// Labels of the request counter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RequestLabels {
    /// The site's host name, or `-`.
    pub(crate) site: String,
    /// The status of the answer.
    pub(crate) status: u16,
    /// The reason, or `forwarded`.
    pub(crate) reason: &'static str,
}

/// An embed and what happened with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct EmbedLabels {
    /// The embed's name.
    pub(crate) embed: String,
    /// `minted`, or the reason of the refusal.
    pub(crate) result: &'static str,
}

/// An embed and Sigma's error code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct CodeLabel {
    /// The embed's name.
    pub(crate) embed: String,
    /// Sigma's code, or `OTHER`.
    pub(crate) code: &'static str,
}

/// A provider and the end of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct LoginLabels {
    /// The provider's name.
    pub(crate) provider: String,
    /// `signed_in`, or the reason.
    pub(crate) result: &'static str,
}

/// A site, and a name that no client may bring.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct DroppedLabels {
    /// The site's host name.
    pub(crate) site: String,
    /// The name as the gateway's own list has it, never as it was sent.
    pub(crate) header: &'static str,
}

/// A header that does not say what it should of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct UntoldLabels {
    /// The site's host name.
    pub(crate) site: String,
    /// The name, as the preset or the site has it.
    pub(crate) header: String,
    /// `characters`, `too_long`, `claim_type` or `groups`.
    pub(crate) why: &'static str,
}

/// Why a session did not count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct PersonLabels {
    /// The site's host name.
    pub(crate) site: String,
    /// `differs`, `missing`, `doubled`, `empty` or `no_address`.
    pub(crate) result: &'static str,
}

/// A session cookie that is no session.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct SessionLabels {
    /// The site's host name.
    pub(crate) site: String,
    /// `unreadable`, `several`, `ended`, `idle`, `future`, `revoked`, `outdated` or `unchecked`.
    pub(crate) why: &'static str,
}

/// What a proxy in front has attached, and why it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct AttachedLabels {
    /// The site's host name.
    pub(crate) site: String,
    /// The source's name.
    pub(crate) provider: String,
    /// The reason.
    pub(crate) reason: &'static str,
}

/// What was noticed while rewriting.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct NoteLabels {
    /// The site's host name.
    pub(crate) site: String,
    /// The note's stable name.
    pub(crate) note: &'static str,
}

/// An answer of which a browser has a part only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct CutLabels {
    /// The site's host name.
    pub(crate) site: String,
    /// `idle`, `broken`, `untaken`, `ended` or `given_up`.
    pub(crate) cause: &'static str,
}

/// The end of a reload.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ReloadLabels {
    /// `applied` or `refused`.
    pub(crate) result: &'static str,
}

/// All metrics of the process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    /// `sigma_gateway_requests_total`
    pub(crate) requests: Family<RequestLabels, Counter>,
    /// `sigma_gateway_unreadable_requests_total`
    pub(crate) unreadable: Family<UnreadableLabel, Counter>,
    /// `sigma_gateway_requests_in_flight`
    pub(crate) in_flight: Gauge,
    /// `sigma_gateway_response_head_seconds`
    pub(crate) head_seconds: Histogram,
    /// `sigma_gateway_embeds_total`
    pub(crate) embeds: Family<EmbedLabels, Counter>,
    /// `sigma_gateway_embed_errors_total`
    pub(crate) embed_errors: Family<CodeLabel, Counter>,
    /// `sigma_gateway_logins_total`
    pub(crate) logins: Family<LoginLabels, Counter>,
    /// `sigma_gateway_rewrite_notes_total`
    pub(crate) notes: Family<NoteLabels, Counter>,
    /// `sigma_gateway_cut_answers_total`
    pub(crate) cut_answers: Family<CutLabels, Counter>,
    /// `sigma_gateway_dropped_headers_total`
    pub(crate) dropped_headers: Family<DroppedLabels, Counter>,
    /// `sigma_gateway_untold_headers_total`
    pub(crate) untold_headers: Family<UntoldLabels, Counter>,
    /// `sigma_gateway_refused_assertions_total`
    pub(crate) refused_assertions: Family<AttachedLabels, Counter>,
    /// `sigma_gateway_person_checks_total`
    pub(crate) person_checks: Family<PersonLabels, Counter>,
    /// `sigma_gateway_unusable_sessions_total`
    pub(crate) unusable_sessions: Family<SessionLabels, Counter>,
    /// `sigma_gateway_config_reloads_total`
    pub(crate) reloads: Family<ReloadLabels, Counter>,
    /// `sigma_gateway_provider_up`
    pub(crate) provider_up: Family<ProviderLabel, Gauge>,
    /// `sigma_gateway_certificate_not_after_seconds`
    pub(crate) certificate_not_after: Family<CertificateLabel, Gauge>,
    /// `sigma_gateway_log_up`
    pub(crate) log_up: Gauge,
    /// `sigma_gateway_log_lines_dropped`
    pub(crate) log_lines_dropped: Gauge<u64, AtomicU64>,
}

/// A provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ProviderLabel {
    /// The provider's name.
    pub(crate) provider: String,
}

/// Why a request could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct UnreadableLabel {
    /// `bad_head`, `head_too_large`, `bad_handshake`, `bad_proxy_header` or `untrusted_peer`.
    pub(crate) reason: &'static str,
}

/// A certificate of the public address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct CertificateLabel {
    /// Its file, as the configuration has it.
    pub(crate) certificate: String,
}

/// Upper bounds of the histogram, in seconds.
const HEAD_SECONDS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

impl Metrics {
    /// A registry with every metric in it.
    #[must_use]
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("sigma_gateway"),
            requests: Family::default(),
            unreadable: Family::default(),
            in_flight: Gauge::default(),
            head_seconds: Histogram::new(HEAD_SECONDS),
            embeds: Family::default(),
            embed_errors: Family::default(),
            logins: Family::default(),
            notes: Family::default(),
            cut_answers: Family::default(),
            dropped_headers: Family::default(),
            untold_headers: Family::default(),
            refused_assertions: Family::default(),
            person_checks: Family::default(),
            unusable_sessions: Family::default(),
            reloads: Family::default(),
            provider_up: Family::default(),
            certificate_not_after: Family::default(),
            log_up: Gauge::default(),
            log_lines_dropped: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests answered", self.requests.clone());
        registry.register("unreadable_requests", "Requests that no part could read", self.unreadable.clone());
        registry.register("requests_in_flight", "Requests without an answer yet", self.in_flight.clone());
        registry.register("response_head_seconds", "Time until the head of the answer", self.head_seconds.clone());
        registry.register("embeds", "Signed URLs minted and refused", self.embeds.clone());
        registry.register("embed_errors", "Errors that Sigma reported to the script", self.embed_errors.clone());
        registry.register("logins", "Sign-ins finished and refused", self.logins.clone());
        registry.register("rewrite_notes", "What was noticed while rewriting", self.notes.clone());
        registry.register("cut_answers", "Answers that browsers have a part of", self.cut_answers.clone());
        let (dropped, persons) = (self.dropped_headers.clone(), self.person_checks.clone());
        registry.register("dropped_headers", "Headers of clients that are not passed on", dropped);
        let untold = self.untold_headers.clone();
        registry.register("untold_headers", "Identity headers that could not say what they should", untold);
        let refused = self.refused_assertions.clone();
        registry.register("refused_assertions", "Attached identities that were refused", refused);
        registry.register("person_checks", "Sessions that did not count beside the proxy in front", persons);
        let sessions = self.unusable_sessions.clone();
        registry.register("unusable_sessions", "Session cookies that are no session", sessions);
        registry.register("config_reloads", "Configurations read again", self.reloads.clone());
        registry.register("provider_up", "1 while the provider's documents are fresh", self.provider_up.clone());
        let certificates = self.certificate_not_after.clone();
        registry.register("certificate_not_after_seconds", "End of a certificate, since 1970", certificates);
        registry.register("log_up", "1 while log lines can be written", self.log_up.clone());
        registry.register(
            "log_lines_dropped",
            "Log lines that did not fit or could not be written",
            self.log_lines_dropped.clone(),
        );
    }

    /// The metrics in the OpenMetrics text format.
    #[must_use]
    pub(crate) fn encode(&self) -> String {
        let mut text = String::new();
        // Writing into a String does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_request_is_in_the_text() {
        let metrics = Metrics::new();
        let labels = RequestLabels { site: "crm.example.com".to_owned(), status: 200, reason: "forwarded" };
        metrics.requests.get_or_create(&labels).inc();
        let text = metrics.encode();
        assert!(
            text.contains(r#"sigma_gateway_requests_total{site="crm.example.com",status="200",reason="forwarded"} 1"#),
            "{text}"
        );
    }
}
