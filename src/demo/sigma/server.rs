//! The stand-in's server: judges each embed URL, remembers tokens, counts.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::json;

use super::{Opening, Refusal, SigmaOrganization, UsedTokens, judge, page};
use crate::{
    demo::{
        page::{html, json as json_answer, text},
        serve::{App, BoundPort, Server, StandInBody, StandInClock, Stopping},
    },
    time::UnixSeconds,
};

/// How to start the stand-in.
#[derive(Debug, Clone)]
pub(crate) struct SigmaOptions {
    /// The organization whose embeds it serves.
    pub(crate) organization: SigmaOrganization,
    /// The time.
    pub(crate) clock: StandInClock,
}

/// One opened document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedDocument {
    /// The user.
    pub sub: String,
    /// Teams of the token.
    pub teams: Vec<String>,
    /// Account type of the token.
    pub account_type: Option<String>,
    /// What was opened.
    pub(crate) document: String,
    /// The token's id.
    pub(crate) jti: String,
}

/// What happened since the start or the last reset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SigmaStats {
    /// Documents opened.
    pub opened: u64,
    /// Tokens that came a second time.
    pub replays: u64,
    /// Embed users without an account type.
    pub missing_account_type: u64,
    /// Refusals by [`Refusal::name`], replays included.
    pub(crate) refused: BTreeMap<&'static str, u64>,
    /// The last visits, oldest first.
    pub visits: VecDeque<OpenedDocument>,
}

/// A running Sigma stand-in.
#[derive(Debug)]
pub struct SigmaStandIn {
    server: Server,
    state: Arc<SigmaApp>,
}

impl SigmaStandIn {
    /// Serves on a bound port.
    pub(in crate::demo) fn serve(bound: impl Into<BoundPort>, options: SigmaOptions) -> Self {
        let state =
            Arc::new(SigmaApp { organization: options.organization, clock: options.clock, memory: Mutex::default() });
        Self { server: Server::start(bound.into(), Arc::clone(&state), Stopping::default()), state }
    }

    /// What happened so far.
    #[must_use]
    pub fn stats(&self) -> SigmaStats {
        self.state.memory().stats.clone()
    }

    /// Forgets visits, counts and used tokens.
    pub fn reset(&self) {
        *self.state.memory() = SigmaMemory::default();
    }

    /// Ends gracefully.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

#[derive(Debug)]
struct SigmaApp {
    organization: SigmaOrganization,
    clock: StandInClock,
    memory: Mutex<SigmaMemory>,
}

#[derive(Debug, Default)]
struct SigmaMemory {
    used: UsedTokens,
    stats: SigmaStats,
}

impl App for SigmaApp {
    async fn answer(&self, request: Request<Incoming>) -> Response<StandInBody> {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/") => html(StatusCode::OK, HOME),
            (&Method::GET, "/stand-in/stats") => self.stats(),
            (&Method::POST, "/stand-in/reset") => {
                *self.memory() = SigmaMemory::default();
                text(StatusCode::OK, "forgotten\n")
            }
            (&Method::GET, "/favicon.ico") => text(StatusCode::NOT_FOUND, "none\n"),
            (&Method::GET, path) => {
                let target = request.uri().path_and_query().map_or(path, |target| target.as_str());
                self.open(target)
            }
            // A HEAD request must not use a token up.
            _ => text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n"),
        }
    }
}

impl SigmaApp {
    fn memory(&self) -> MutexGuard<'_, SigmaMemory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, target: &str) -> Response<StandInBody> {
        let now = self.clock.now();
        // Judged and remembered under one lock: of two uses at the same time, one wins.
        let verdict = self.memory().admit(target, &self.organization, now);
        match verdict {
            Ok(opening) => page::opened(&opening, &self.organization.slug, now),
            Err(refusal) => page::refused(&refusal, &self.organization.slug),
        }
    }

    fn stats(&self) -> Response<StandInBody> {
        let stats = self.memory().stats.clone();
        let visits: Vec<_> = stats
            .visits
            .iter()
            .map(|visit| {
                json!({
                    "sub": visit.sub, "teams": visit.teams, "account_type": visit.account_type,
                    "document": visit.document, "jti": visit.jti,
                })
            })
            .collect();
        let counts = json!({
            "opened": stats.opened, "replays": stats.replays, "missing_account_type": stats.missing_account_type,
            "refused": stats.refused, "visits": visits,
        });
        json_answer(StatusCode::OK, &counts)
    }
}

impl SigmaMemory {
    fn admit(&mut self, target: &str, organization: &SigmaOrganization, now: UnixSeconds) -> Result<Opening, Refusal> {
        match judge(target, organization, &self.used, now) {
            Ok(opening) => {
                self.used.insert(&opening.jti);
                self.note(&opening);
                Ok(opening)
            }
            Err(refusal) => {
                *self.stats.refused.entry(refusal.name()).or_default() += 1;
                self.stats.replays += u64::from(refusal == Refusal::Replayed);
                Err(refusal)
            }
        }
    }

    fn note(&mut self, opening: &Opening) {
        self.stats.opened += 1;
        self.stats.missing_account_type += u64::from(opening.is_highest_by_omission());
        if self.stats.visits.len() == VISITS_MAX {
            self.stats.visits.pop_front();
        }
        self.stats.visits.push_back(OpenedDocument {
            sub: opening.sub.clone(),
            teams: opening.teams.clone(),
            account_type: opening.account_type.clone(),
            document: opening.document.clone(),
            jti: opening.jti.clone(),
        });
    }
}

/// Most visits kept; the oldest goes.
const VISITS_MAX: usize = 1_000;

const HOME: &str = "<!doctype html><html lang=\"en\"><title>Sigma stand-in</title><h1>Sigma stand-in</h1><p>It opens \
     signed embed URLs, each once. <a href=\"/stand-in/stats\">What happened so far</a>.</p></html>";
