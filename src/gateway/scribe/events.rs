//! What happened to one request, in the books.

use std::sync::PoisonError;

use serde::Serialize;
use serde_json::{Value, json};
use tracing::{Level, Span, enabled, error_span};

use super::Scribe;
use crate::{
    decide::{Event, Facts, Lapse},
    embed::{EmbedName, MintRecord},
    forward::ValueFault,
    identity::{EmailAddress, Identity, NamedAddress, ProviderName, Visitor},
    policy::MappingName,
    reason::Reason,
    rewrite::{Heard, Note},
    system::{
        AttachedLabels, CodeLabel, CutLabels, DroppedLabels, EmbedLabels, LoginLabels, NoteLabels, PersonLabels,
        UntoldLabels,
    },
    time::UnixSeconds,
};

impl Scribe {
    /// Writes down what was minted and noted while rewriting.
    pub(in crate::gateway) fn note(&self, facts: &Facts, heard: Heard) {
        let (records, notes) =
            (heard.records.into_iter().map(Event::Minted), heard.notes.into_iter().map(Event::Noted));
        for event in records.chain(notes) {
            self.tell(facts, event);
        }
    }

    /// The span around a whole request, for whoever looks closely: with nobody who does, it would cost a request more than its
    /// line in the log. What is told is within such a span in any case.
    pub(in crate::gateway) fn span_around(facts: &Facts) -> Span {
        if enabled!(Level::DEBUG) { span(facts) } else { Span::none() }
    }

    /// The span around what waits for a provider, whoever looks: that is rare, and what the call tells belongs to the
    /// request.
    pub(in crate::gateway) fn span_of_wait(facts: &Facts) -> Span {
        span(facts)
    }

    /// Writes down what happened.
    pub(in crate::gateway) fn tell(&self, facts: &Facts, event: Event) {
        match event {
            Event::Minted(record) => self.minted(facts, &record),
            Event::Refused { reason, embed, detail } => self.refused(facts, reason, embed.as_ref(), detail.as_deref()),
            Event::SignIn { provider, result, user, email, detail } => {
                let who = (user.as_deref(), email.as_ref());
                self.signed_in(facts, provider.as_ref(), result, who, detail.as_deref());
            }
            Event::SignOut { provider, result, detail } => {
                self.signed_out(facts, &provider, result, detail.as_deref());
            }
            Event::ClaimsRead { user, read } => self.log.audit(&json!({
                "event": "claims",
                "request_id": &*facts.request_id,
                "peer": peer(facts),
                "site": facts.place.site_name(),
                "user": user,
                "claims": read,
            })),
            Event::EmbedError { embed, code } => {
                let labels = CodeLabel { embed: embed.to_string(), code };
                self.metrics.embed_errors.get_or_create(&labels).inc();
            }
            Event::Noted(note) => self.noted(facts, &note),
            Event::Ended(lapse) => self.ended(facts, lapse),
            Event::SessionFromFuture => span(facts).in_scope(|| {
                tracing::warn!("a session is from the future: clocks of replicas differ");
            }),
            Event::HeaderDropped(header) => self.header_dropped(facts, header),
            Event::Untold { header, fault } => self.untold(facts, header.as_str(), fault),
            Event::AttachedRefused { source, reason, detail } => {
                self.attached_refused(facts, &source, reason, &detail);
            }
            Event::SetAside { trouble, said } => self.set_aside(facts, trouble, said.as_deref()),
            Event::SignsConnectionsIn => self.signs_connections_in(facts),
            Event::UpstreamFailed { error, source, upstream } => {
                span(facts).in_scope(|| {
                    tracing::warn!(path = path(facts), error, source, upstream, "host application failed");
                });
            }
            Event::UpstreamBrokeOff { source } => {
                span(facts)
                    .in_scope(|| tracing::warn!(path = path(facts), source, "host application's answer broke off"));
            }
            Event::AnswerCut { cause, error } => self.answer_cut(facts, cause, &error),
            Event::BodyNotPassedOn(error) => {
                span(facts).in_scope(|| tracing::warn!(error, path = path(facts), "a request body was not passed on"));
            }
        }
    }

    /// One signed URL went out.
    fn minted(&self, facts: &Facts, record: &MintRecord) {
        let labels = EmbedLabels { embed: record.embed.to_string(), result: "minted" };
        self.metrics.embeds.get_or_create(&labels).inc();
        let visitor = facts.asker.visitor.as_ref();
        self.log.audit(&MintLine {
            account_type: record.account_type.as_deref(),
            by: visitor.map(Visitor::by),
            document: &record.document,
            email: &record.email,
            embed: record.embed.as_str(),
            event: "mint",
            expires_at: record.expires_at,
            jti: &record.jti,
            mappings: record.mappings.iter().map(MappingName::as_str).collect(),
            peer: peer(facts),
            provider: visitor.map(|visitor| visitor.identity.provider.as_str()),
            request_id: &facts.request_id,
            site: facts.place.site_name(),
            teams: &record.teams,
        });
    }

    /// Access or an embed was refused to somebody.
    fn refused(&self, facts: &Facts, reason: Reason, embed: Option<&EmbedName>, detail: Option<&str>) {
        if let Some(embed) = embed {
            let labels = EmbedLabels { embed: embed.to_string(), result: reason.as_str() };
            self.metrics.embeds.get_or_create(&labels).inc();
        }
        let identity = facts.asker.identity();
        let mut line = json!({
            "event": "refusal",
            "request_id": &*facts.request_id,
            "peer": peer(facts),
            "site": facts.place.site_name(),
            "reason": reason.as_str(),
            "embed": embed.map(EmbedName::as_str),
            "path": path(facts),
            "detail": detail,
            "user": user(identity),
            "email": email(identity),
            "provider": provider(identity),
            "by": facts.asker.visitor.as_ref().map(Visitor::by),
        });
        if let Some(claims) = facts.claims_looked_at(reason) {
            line["claims"] = claims.into();
        }
        self.log.audit(&line);
    }

    /// A sign-in ended: well, or with a reason.
    fn signed_in(
        &self,
        facts: &Facts,
        provider: Option<&ProviderName>,
        result: &'static str,
        (user, email): (Option<&str>, Option<&NamedAddress>),
        detail: Option<&str>,
    ) {
        let provider = provider.map(ProviderName::as_str);
        let labels = LoginLabels { provider: provider.unwrap_or_default().to_owned(), result };
        self.metrics.logins.get_or_create(&labels).inc();
        self.log.audit(&json!({
            "event": "sign_in",
            "request_id": &*facts.request_id,
            "peer": peer(facts),
            "site": facts.place.site_name(),
            "provider": provider,
            "result": result,
            "user": user,
            "email": email.map(NamedAddress::as_str),
            "detail": detail,
        }));
    }

    fn signed_out(&self, facts: &Facts, provider: &ProviderName, result: &'static str, detail: Option<&str>) {
        self.log.audit(&json!({
            "event": "sign_out",
            "request_id": &*facts.request_id,
            "peer": peer(facts),
            "site": facts.place.site_name(),
            "provider": provider.as_str(),
            "result": result,
            "detail": detail,
        }));
    }

    /// A WebSocket, an answer or an upload ended before its time.
    fn ended(&self, facts: &Facts, lapse: Lapse) {
        let identity = facts.asker.identity();
        self.log.audit(&json!({
            "event": "ended",
            "request_id": &*facts.request_id,
            "peer": peer(facts),
            "site": facts.place.site_name(),
            "path": path(facts),
            "reason": lapse.reason().as_str(),
            "detail": lapse.to_string(),
            "user": user(identity),
            "email": email(identity),
            "provider": provider(identity),
            "by": facts.asker.visitor.as_ref().map(Visitor::by),
        }));
    }

    /// The browser has a part of an answer, and no more comes.
    fn answer_cut(&self, facts: &Facts, cause: &'static str, error: &str) {
        let labels = CutLabels { site: facts.place.site_name().to_owned(), cause };
        self.metrics.cut_answers.get_or_create(&labels).inc();
        let fields = json!({
            "request_id": &*facts.request_id,
            "site": facts.place.site_name(),
            "path": path(facts),
            "cause": cause,
            "error": error,
        });
        self.log.event("warn", "host application's answer was cut", &fields);
    }

    /// Somebody may want to look at an answer.
    fn noted(&self, facts: &Facts, note: &Note) {
        let labels = NoteLabels { site: facts.place.site_name().to_owned(), note: note.as_str() };
        self.metrics.notes.get_or_create(&labels).inc();
        // Somebody without a grant is no fault of the page: the metric counts it, the frame says it.
        if !matches!(note, Note::MintRefused(..)) {
            span(facts).in_scope(|| {
                tracing::warn!(path = path(facts), note = note.as_str(), detail = ?note, "while rewriting");
            });
        }
    }

    /// The first of each on each site is an event: an application that misses a header finds out why.
    fn header_dropped(&self, facts: &Facts, header: &'static str) {
        let site = facts.place.site_name();
        let labels = DroppedLabels { site: site.to_owned(), header };
        if self.metrics.dropped_headers.get_or_create(&labels).inc() == 0 {
            let fields = json!({ "request_id": &*facts.request_id, "site": site, "header": header });
            self.log.event("info", "a header of clients is not passed on: keep_headers", &fields);
        }
    }

    /// The first of each on each site is an event: whoever looks for a name in the application finds out why there is none.
    fn untold(&self, facts: &Facts, header: &str, fault: ValueFault) {
        let site = facts.place.site_name();
        let labels = UntoldLabels { site: site.to_owned(), header: header.to_owned(), why: fault.as_str() };
        if self.metrics.untold_headers.get_or_create(&labels).inc() == 0 {
            let fields =
                json!({ "request_id": &*facts.request_id, "site": site, "header": header, "why": fault.as_str() });
            self.log.event("warn", "an identity header does not say what it should", &fields);
        }
    }

    /// What a proxy in front has attached is refused; of a conflict the session that it ends is that of `user`.
    fn attached_refused(&self, facts: &Facts, source: &ProviderName, reason: Reason, detail: &str) {
        let site = facts.place.site_name();
        let labels = AttachedLabels { site: site.to_owned(), provider: source.to_string(), reason: reason.as_str() };
        self.metrics.refused_assertions.get_or_create(&labels).inc();
        let identity = facts.asker.set_aside.as_ref().filter(|_| reason == Reason::IdentityConflict);
        self.log.audit(&json!({
            "event": "refusal",
            "request_id": &*facts.request_id,
            "peer": peer(facts),
            "site": site,
            "reason": reason.as_str(),
            "embed": null,
            "path": path(facts),
            "detail": detail,
            "user": user(identity),
            "email": email(identity),
            "provider": source.as_str(),
            "by": ASSERTION,
        }));
    }

    /// The first of each kind on each site is an event: a proxy in front that says nothing would otherwise look like a browser
    /// that forgets. Where the proxy names somebody else, a session ended.
    fn set_aside(&self, facts: &Facts, result: &'static str, said: Option<&str>) {
        let site = facts.place.site_name();
        let labels = PersonLabels { site: site.to_owned(), result };
        if self.metrics.person_checks.get_or_create(&labels).inc() == 0 {
            let fields =
                json!({ "request_id": &*facts.request_id, "site": site, "path": path(facts), "result": result });
            self.log.event("warn", "a session does not count: same_person", &fields);
        }
        if facts.asker.is_somebody_else() {
            let identity = facts.asker.set_aside.as_ref();
            self.log.audit(&json!({
                "event": "refusal",
                "request_id": &*facts.request_id,
                "peer": peer(facts),
                "site": site,
                "reason": Reason::IdentityConflict.as_str(),
                "embed": null,
                "path": path(facts),
                "user": user(identity),
                "email": email(identity),
                "provider": provider(identity),
                "same_person": said,
            }));
        }
    }

    /// Once for each site and process: what it means is for whoever runs the gateway.
    fn signs_connections_in(&self, facts: &Facts) {
        let site = facts.place.site_name();
        let mut told = self.signing_sites.lock().unwrap_or_else(PoisonError::into_inner);
        if told.contains(site) {
            return;
        }
        told.insert(site.to_owned());
        drop(told);
        let fields = json!({ "site": site, "request_id": &*facts.request_id, "path": path(facts) });
        self.log.event("warn", SIGNS_CONNECTIONS_IN, &fields);
    }
}

/// As [`Visitor::by`] says it.
const ASSERTION: &str = "assertion";

/// The fields of a mint, in the order of the other lines' (by name): of all audit lines this is the one that comes with every page.
#[derive(Serialize)]
struct MintLine<'a> {
    account_type: Option<&'a str>,
    by: Option<&'static str>,
    document: &'a str,
    email: &'a str,
    embed: &'a str,
    event: &'static str,
    expires_at: UnixSeconds,
    jti: &'a str,
    mappings: Vec<&'a str>,
    peer: String,
    provider: Option<&'a str>,
    request_id: &'a str,
    site: &'a str,
    teams: &'a [String],
}

const SIGNS_CONNECTIONS_IN: &str = "host application signs connections in (NTLM, Negotiate): that works for people who are signed \
    in here, over HTTP/1.1, each on a connection of their own; anybody else gets 403 connection_bound. See OPERATING.md";

/// What `tracing` events of a request are within. Of the highest level: whatever is told, is told with it.
fn span(facts: &Facts) -> Span {
    error_span!("request", request_id = &*facts.request_id, site = facts.place.site_name())
}

/// Where the client is, as access lines have it.
fn peer(facts: &Facts) -> String {
    facts.request.peer.client.to_string()
}

fn path(facts: &Facts) -> &str {
    facts.request.target.path.as_str()
}

fn user(identity: Option<&Identity>) -> Value {
    identity.map(|identity| identity.subject.as_str()).into()
}

fn provider(identity: Option<&Identity>) -> Value {
    identity.map(|identity| identity.provider.as_str()).into()
}

fn email(identity: Option<&Identity>) -> Value {
    identity.and_then(|identity| identity.email.as_ref().ok()).map(EmailAddress::as_str).into()
}
