//! The provider's server: routes, issued codes, counters, and the handle that tests turn.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use serde_json::json;
use tokio::time::sleep;

use super::{
    Fault,
    authorize::{self, AuthorizationError, AuthorizationRequest},
    id_token::{IdTokenFacts, id_token},
    keys::SigningKeys,
    logout::{AfterLogout, after_logout},
    metadata::metadata,
    token::{IssuedCode, RelyingParty, TokenRefusal, authenticate, check_code, requested_code},
};
use crate::{
    demo::{
        Person,
        page::{self, FormFields, RepeatedField, html, read_small, redirect, text, with_header},
        serve::{App, BoundPort, Server, StandInBody, StandInClock, Stopping},
    },
    secret::Secret,
    seed::SeedStream,
};

/// How to start the provider.
#[derive(Debug)]
pub(crate) struct ProviderOptions {
    /// The client's id.
    pub(crate) client_id: String,
    /// The client's secret.
    pub(crate) client_secret: Secret,
    /// Origins of the gateway's sites: `{site}/oauth2/callback` and `{site}/` are registered.
    pub(crate) sites: Vec<String>,
    /// The time.
    pub(crate) clock: StandInClock,
    /// Randomness for keys, codes and access tokens.
    pub(crate) random: SeedStream,
}

/// How often what was asked for, answered or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FetchCounts {
    /// The discovery document.
    pub(crate) discovery: u64,
    /// The key set.
    pub(crate) jwks: u64,
    /// Token requests.
    pub token: u64,
}

/// A running provider stand-in.
pub struct ProviderStandIn {
    server: Server,
    state: Arc<ProviderApp>,
}

impl ProviderStandIn {
    /// Serves on a bound port.
    pub(in crate::demo) fn serve(bound: impl Into<BoundPort>, options: ProviderOptions) -> Self {
        let bound = bound.into();
        let mut random = options.random;
        let state = Arc::new(ProviderApp {
            issuer: bound.origin("login.localhost"),
            client: RelyingParty { id: options.client_id, secret: options.client_secret },
            clock: options.clock,
            counts: Counts::default(),
            memory: Mutex::new(ProviderMemory {
                keys: SigningKeys::draw(&mut random),
                random,
                sites: options.sites,
                fault: None,
                codes: HashMap::new(),
            }),
        });
        Self { server: Server::start(bound, Arc::clone(&state), Stopping::default()), state }
    }

    /// Its issuer.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// Registers these sites' callbacks and sign-out pages in place of the former ones.
    pub fn set_sites(&self, sites: Vec<String>) {
        self.state.memory().sites = sites;
    }

    /// Misbehaves from now on, or no longer.
    pub fn set_fault(&self, fault: Option<Fault>) {
        self.state.memory().fault = fault;
    }

    /// What was fetched so far.
    #[must_use]
    pub fn fetch_counts(&self) -> FetchCounts {
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.state.counts;
        FetchCounts { discovery: load(&counts.discovery), jwks: load(&counts.jwks), token: load(&counts.token) }
    }

    /// Ends gracefully.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

struct ProviderApp {
    issuer: String,
    client: RelyingParty,
    clock: StandInClock,
    counts: Counts,
    memory: Mutex<ProviderMemory>,
}

#[derive(Default)]
struct Counts {
    discovery: AtomicU64,
    jwks: AtomicU64,
    token: AtomicU64,
}

struct ProviderMemory {
    random: SeedStream,
    keys: SigningKeys,
    sites: Vec<String>,
    fault: Option<Fault>,
    codes: HashMap<String, IssuedCode>,
}

impl App for ProviderApp {
    async fn answer(&self, request: Request<Incoming>) -> Response<StandInBody> {
        let fault = self.memory().fault;
        self.count(request.uri().path());
        match fault {
            Some(Fault::Down) => return text(StatusCode::SERVICE_UNAVAILABLE, "the provider is down\n"),
            Some(Fault::Slow(pause)) => sleep(pause).await,
            Some(_) | None => {}
        }
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/.well-known/openid-configuration") => {
                page::json(StatusCode::OK, &metadata(&self.issuer, fault))
            }
            (&Method::GET, "/jwks") => page::json(StatusCode::OK, &self.memory().keys.key_set()),
            (&Method::GET | &Method::POST, "/authorize") => match form_of(request).await {
                Ok(form) => self.authorize(&form),
                Err(message) => authorize::untrusted(&message),
            },
            (&Method::POST, "/token") => self.token(request).await,
            (&Method::GET | &Method::POST, "/logout") => match form_of(request).await {
                Ok(form) => self.logout(&form),
                Err(message) => authorize::untrusted(&message),
            },
            _ => text(StatusCode::NOT_FOUND, "nothing here\n"),
        }
    }
}

impl ProviderApp {
    fn memory(&self) -> MutexGuard<'_, ProviderMemory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, path: &str) {
        let count = match path {
            "/.well-known/openid-configuration" => &self.counts.discovery,
            "/jwks" => &self.counts.jwks,
            "/token" => &self.counts.token,
            _ => return,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    fn authorize(&self, form: &FormFields) -> Response<StandInBody> {
        let mut memory = self.memory();
        let callbacks: Vec<String> = memory.sites.iter().map(|site| format!("{site}/oauth2/callback")).collect();
        let wrong_issuer = format!("{}/other", self.issuer);
        let issuer = match memory.fault {
            Some(Fault::WrongCallbackIssuer) => Some(wrong_issuer.as_str()),
            Some(Fault::MissingCallbackIssuer) => None,
            Some(_) | None => Some(self.issuer.as_str()),
        };
        let request = match authorize::parse(form, &self.client.id, &callbacks) {
            Ok(request) => request,
            Err(AuthorizationError::Untrusted(message)) => return authorize::untrusted(message),
            Err(AuthorizationError::Told { reply, error, description }) => {
                return authorize::reply(&reply, issuer, &[("error", error), ("error_description", description)]);
            }
        };
        match form.field("person") {
            None => authorize::chooser(form),
            Some(id) => match Person::find(id) {
                Some(person) => {
                    let code = memory.issue(person, &request, &self.clock);
                    authorize::reply(&request.reply, issuer, &[("code", &code)])
                }
                None => authorize::reply(&request.reply, issuer, &[("error", "access_denied")]),
            },
        }
    }

    async fn token(&self, request: Request<Incoming>) -> Response<StandInBody> {
        let authorization = request.headers().get(header::AUTHORIZATION).cloned();
        let authorization = authorization.as_ref().and_then(|value| value.to_str().ok());
        let answer = match read_small(request.into_body()).await.map(|body| FormFields::parse(&body)) {
            Some(Ok(form)) => self.exchange(authorization, &form),
            Some(Err(RepeatedField(_))) => Err(TokenRefusal::InvalidRequest("a parameter is there twice")),
            None => Err(TokenRefusal::InvalidRequest("the body is too large")),
        };
        match answer {
            Ok(answer) => page::json(StatusCode::OK, &answer),
            Err(error) => refuse(error),
        }
    }

    fn exchange(&self, authorization: Option<&str>, form: &FormFields) -> Result<serde_json::Value, TokenRefusal> {
        authenticate(authorization, form, &self.client)?;
        let code = requested_code(form)?;
        let now = self.clock.now();
        let mut memory = self.memory();
        // Whatever becomes of this request: a code is used once (RFC 6749 4.1.2).
        let issued = memory.codes.remove(code).ok_or(TokenRefusal::InvalidGrant("code is unknown or used"))?;
        check_code(&issued, form, now)?;
        let access_token = memory.random.token();
        let facts = IdTokenFacts {
            issuer: &self.issuer,
            client_id: &self.client.id,
            nonce: &issued.nonce,
            access_token: &access_token,
            person: issued.person,
            now,
        };
        let id_token = id_token(&facts, &memory.keys, memory.fault);
        Ok(json!({
            "access_token": access_token, "token_type": "Bearer", "expires_in": 300, "scope": "openid email profile groups",
            "id_token": id_token,
        }))
    }

    fn logout(&self, form: &FormFields) -> Response<StandInBody> {
        let pages: Vec<String> = self.memory().sites.iter().map(|site| format!("{site}/")).collect();
        match after_logout(form, &self.client.id, &pages) {
            AfterLogout::Redirect { uri, state } => {
                let location = match state {
                    Some(state) => authorize::with_query(&uri, &[("state", &state)]),
                    None => uri,
                };
                redirect(StatusCode::SEE_OTHER, &location)
            }
            AfterLogout::Page => html(StatusCode::OK, include_str!("../assets/signed_out.html")),
            AfterLogout::Refused(message) => authorize::untrusted(message),
        }
    }
}

impl ProviderMemory {
    fn issue(&mut self, person: &'static Person, request: &AuthorizationRequest, clock: &StandInClock) -> String {
        let now = clock.now();
        self.codes.retain(|_, issued| issued.expires_at > now);
        if self.codes.len() >= CODES_MAX {
            self.codes.clear();
        }
        let code = self.random.token();
        let issued = IssuedCode {
            person,
            redirect_uri: request.reply.redirect_uri.clone(),
            nonce: request.nonce.clone(),
            challenge: request.challenge.clone(),
            expires_at: now.plus(CODE_AGE_MAX),
        };
        self.codes.insert(code.clone(), issued);
        code
    }
}

/// The fields of a GET's query or a POST's body.
async fn form_of(request: Request<Incoming>) -> Result<FormFields, String> {
    let parsed = if request.method() == Method::POST {
        let body = read_small(request.into_body()).await.ok_or("the form is too large")?;
        FormFields::parse(&body)
    } else {
        FormFields::parse(request.uri().query().unwrap_or_default().as_bytes())
    };
    parsed.map_err(|RepeatedField(name)| format!("parameter {name} is there twice"))
}

fn refuse(error: TokenRefusal) -> Response<StandInBody> {
    let body = json!({ "error": error.code(), "error_description": error.description() });
    let response = page::json(error.status(), &body);
    match error {
        TokenRefusal::InvalidClient => with_header(response, header::WWW_AUTHENTICATE, "Basic realm=\"token\""),
        TokenRefusal::InvalidRequest(_) | TokenRefusal::InvalidGrant(_) | TokenRefusal::UnsupportedGrantType => {
            response
        }
    }
}

/// How long a code may wait.
const CODE_AGE_MAX: Duration = Duration::from_secs(60);
/// Most codes that wait; all are forgotten at the bound.
const CODES_MAX: usize = 1_000;
