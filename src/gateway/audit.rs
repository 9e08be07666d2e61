//! The audit log: one line per mint and per refusal. Never the token.

use serde_json::json;

use super::exchange::Exchange;
use crate::{
    config::Lapse,
    embed::MintRecord,
    identity::{EmailAddress, Identity},
    policy::PersonCheck,
    reason::Reason,
    request::Asserted,
    rewrite::Note,
    system::{DroppedLabels, EmbedLabels, NoteLabels, PersonLabels},
};

impl Exchange {
    /// One signed URL went out.
    pub(super) fn audit_mint(&self, record: &MintRecord) {
        let embed = record.embed.as_str().to_owned();
        self.shared.metrics.embeds.get_or_create(&EmbedLabels { embed, result: "minted" }).inc();
        self.shared.log.audit(&json!({
            "event": "mint",
            "request_id": &*self.request_id,
            "site": self.site_name(),
            "email": record.email,
            "embed": record.embed.as_str(),
            "document": record.document,
            "mappings": record.mappings.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
            "teams": record.teams,
            "account_type": record.account_type,
            "jti": record.jti,
            "expires_at": record.expires_at.0,
        }));
    }

    /// Access or an embed was refused to somebody.
    pub(super) fn audit_refusal(&self, reason: Reason, embed: Option<&str>, detail: Option<&str>) {
        if let Some(embed) = embed.filter(|name| self.config.catalogue.by_name(name).is_some()) {
            let labels = EmbedLabels { embed: embed.to_owned(), result: reason.as_str() };
            self.shared.metrics.embeds.get_or_create(&labels).inc();
        }
        let identity = self.session.as_ref().map(|session| &session.identity);
        self.shared.log.audit(&json!({
            "event": "refusal",
            "request_id": &*self.request_id,
            "site": self.site_name(),
            "reason": reason.as_str(),
            "embed": embed,
            "path": self.request.target.path.as_str(),
            "detail": detail,
            "user": identity.map(|identity| &identity.subject),
            "email": identity.and_then(|identity| identity.email.as_ref().ok()).map(|email| email.as_str()),
        }));
    }

    /// Writes down a session that does not count. The first of each kind on each site is an event: a proxy in front that
    /// says nothing would otherwise look like a browser that forgets.
    pub(super) fn record_person_check(&self, identity: &Identity, asserted: &Asserted) {
        let Some(result) = self.person.trouble() else { return };
        let labels = PersonLabels { site: self.site_name().to_owned(), result };
        if self.shared.metrics.person_checks.get_or_create(&labels).inc() == 0 {
            let fields = json!({
                "request_id": &*self.request_id,
                "site": self.site_name(),
                "path": self.request.target.path.as_str(),
                "result": result,
            });
            self.shared.log.event("warn", "a session does not count: same_person", &fields);
        }
        if self.person == PersonCheck::Differs {
            self.audit_conflict(identity, asserted);
        }
    }

    /// Somebody else is signed in at the proxy in front: a session ended. What the proxy says is written down where it is
    /// an address, for anything else may be a secret.
    fn audit_conflict(&self, identity: &Identity, asserted: &Asserted) {
        let said = match asserted {
            Asserted::Said(value) => value.to_str().ok(),
            Asserted::Unasked | Asserted::Unsaid(_) => None,
        };
        self.shared.log.audit(&json!({
            "event": "refusal",
            "request_id": &*self.request_id,
            "site": self.site_name(),
            "reason": Reason::IdentityConflict.as_str(),
            "embed": null,
            "path": self.request.target.path.as_str(),
            "user": identity.subject,
            "email": identity.email.as_ref().ok().map(EmailAddress::as_str),
            "same_person": said.filter(|text| EmailAddress::is_well_formed(text)),
        }));
    }

    /// Names that no client may bring, and one did. The first of each on each site is an event: an application that misses
    /// a header finds out why.
    pub(super) fn record_dropped(&self, names: &[&'static str]) {
        for &header in names {
            let labels = DroppedLabels { site: self.site_name().to_owned(), header };
            if self.shared.metrics.dropped_headers.get_or_create(&labels).inc() == 0 {
                let fields = json!({ "request_id": &*self.request_id, "site": self.site_name(), "header": header });
                self.shared.log.event("info", "a header of clients is not passed on: keep_headers", &fields);
            }
        }
    }

    /// A WebSocket, an answer or an upload ended before its time: what it was given does not stand any more.
    pub(super) fn audit_end(&self, lapse: Lapse) {
        let identity = self.session.as_ref().map(|session| &session.identity);
        self.shared.log.audit(&json!({
            "event": "ended",
            "request_id": &*self.request_id,
            "site": self.site_name(),
            "path": self.request.target.path.as_str(),
            "reason": lapse.reason().as_str(),
            "detail": lapse.to_string(),
            "user": identity.map(|identity| &identity.subject),
            "email": identity.and_then(|identity| identity.email.as_ref().ok()).map(|email| email.as_str()),
        }));
    }

    /// A sign-in ended: well, or with a reason.
    pub(super) fn audit_sign_in(&self, provider: &str, result: &'static str, user: Option<&str>, detail: Option<&str>) {
        self.shared.log.audit(&json!({
            "event": "sign_in",
            "request_id": &*self.request_id,
            "site": self.site_name(),
            "provider": provider,
            "result": result,
            "user": user,
            "detail": detail,
        }));
    }

    /// Somebody may want to look at an answer.
    pub(super) fn note(&self, notes: impl IntoIterator<Item = Note>) {
        for note in notes {
            let labels = NoteLabels { site: self.site_name().to_owned(), note: note.as_str() };
            self.shared.metrics.notes.get_or_create(&labels).inc();
            // Somebody without a grant is no fault of the page: the metric counts it, the frame says it.
            if !matches!(note, Note::MintRefused(..)) {
                tracing::warn!(
                    request_id = &*self.request_id,
                    site = self.site_name(),
                    path = self.request.target.path.as_str(),
                    note = note.as_str(),
                    detail = ?note,
                    "while rewriting"
                );
            }
        }
    }
}
