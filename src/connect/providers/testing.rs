//! For the tests: a provider on loopback that can be down, slow, wrong, and that counts what it is asked; and a clock to move.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use http::{Request, Response, StatusCode, header::LOCATION};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Handle};

use super::{super::Dialer, ProviderError, ProviderStatus, Providers};
use crate::{
    identity::{
        CallbackParameters, CodeExchange, LoginError, LoginPurpose, LoginStart, OidcSettings, PendingLogin, Projection,
        ProviderDocuments, ReturnTo, SignedIn, Source,
        testing::{NOW, TestKey, claims, document, jwks, settings},
    },
    seed::Seed,
    system::Moment,
};

/// A provider whose answers a test sets.
pub(super) struct Idp {
    pub(super) issuer: String,
    pub(super) answers: Arc<Mutex<HashMap<String, (StatusCode, String)>>>,
    pub(super) asked: Arc<AtomicUsize>,
    pub(super) seen: Arc<Mutex<Vec<(String, String)>>>,
}

impl Idp {
    pub(super) async fn start(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let idp = Self { issuer, answers: Arc::default(), asked: Arc::default(), seen: Arc::default() };
        idp.set("/.well-known/openid-configuration", StatusCode::OK, document(&idp.issuer).to_string());
        idp.set("/jwks", StatusCode::OK, jwks(keys).to_string());
        let (answers, asked, seen) = (Arc::clone(&idp.answers), Arc::clone(&idp.asked), Arc::clone(&idp.seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, asked, seen) = (Arc::clone(&answers), Arc::clone(&asked), Arc::clone(&seen));
                let service = service_fn(move |request: Request<Incoming>| {
                    let (answers, asked, seen) = (Arc::clone(&answers), Arc::clone(&asked), Arc::clone(&seen));
                    async move {
                        asked.fetch_add(1, Ordering::SeqCst);
                        let path = request.uri().path().to_owned();
                        let authorization = request.headers().get("authorization").cloned();
                        let body = request.into_body().collect().await?.to_bytes();
                        let authorization = authorization.map_or(String::new(), |it| it.to_str().unwrap().to_owned());
                        seen.lock().unwrap().push((authorization, String::from_utf8(body.to_vec()).unwrap()));
                        let missing = || (StatusCode::NOT_FOUND, String::new());
                        let (status, body) = answers.lock().unwrap().get(&path).cloned().unwrap_or_else(missing);
                        let answer = Response::builder().status(status).header(LOCATION, "/jwks");
                        Ok::<_, hyper::Error>(answer.body(Full::new(Bytes::from(body))).unwrap())
                    }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        idp
    }

    pub(super) fn set(&self, path: &str, status: StatusCode, body: String) {
        self.answers.lock().unwrap().insert(path.to_owned(), (status, body));
    }

    pub(super) fn set_keys(&self, keys: &[Value]) {
        self.set("/jwks", StatusCode::OK, jwks(keys).to_string());
    }

    pub(super) fn down(&self) {
        self.set("/.well-known/openid-configuration", StatusCode::SERVICE_UNAVAILABLE, String::new());
    }

    pub(super) fn up(&self) {
        self.set("/.well-known/openid-configuration", StatusCode::OK, document(&self.issuer).to_string());
    }

    /// What it says that it signs with.
    pub(super) fn announce(&self, algorithms: &[&str]) {
        let mut document = document(&self.issuer);
        document["id_token_signing_alg_values_supported"] = json!(algorithms);
        self.set("/.well-known/openid-configuration", StatusCode::OK, document.to_string());
    }

    pub(super) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    pub(super) fn settings(&self) -> OidcSettings {
        settings(&self.issuer)
    }
}

/// A gateway's providers with a clock that a test moves.
pub(super) struct World {
    pub(super) providers: Providers,
    pub(super) idp: Idp,
    pub(super) moved: Arc<AtomicU64>,
}

impl World {
    pub(super) async fn start(keys: &[Value]) -> Self {
        let moved = Arc::new(AtomicU64::new(0));
        let (start, offset) = (Moment::now(), Arc::clone(&moved));
        let clock = Arc::new(move || start + Duration::from_secs(offset.load(Ordering::SeqCst)));
        let providers = Providers::with_clock(Dialer::with_system_roots().unwrap(), Handle::current(), clock);
        Self { providers, idp: Idp::start(keys).await, moved }
    }

    pub(super) fn later(&self, by: Duration) {
        self.moved.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    pub(super) async fn documents(&self) -> Result<Arc<ProviderDocuments>, ProviderError> {
        self.providers.documents(&self.idp.settings()).await
    }

    pub(super) fn source(&self) -> Source {
        Source::Oidc(Box::new(self.idp.settings()))
    }

    pub(super) fn status(&self) -> ProviderStatus {
        self.providers.status().pop().unwrap().1
    }

    /// A login, the callback that belongs to it, and the nonce for its token.
    pub(super) fn login(&self, documents: &ProviderDocuments) -> (PendingLogin, CallbackParameters, String) {
        let site = url::Url::parse("https://crm.example.com").unwrap();
        let settings = self.idp.settings();
        let start = LoginStart {
            settings: &settings,
            metadata: &documents.metadata,
            redirect_uri: &site.join("/oauth2/callback").unwrap(),
            return_to: ReturnTo::default(),
            purpose: LoginPurpose::SignIn,
            hint: None,
        };
        let (pending, redirect) = PendingLogin::begin(start, &mut Seed::new([1; 32]).into_stream(), NOW);
        let query: HashMap<_, _> = redirect.url.query_pairs().into_owned().collect();
        let callback = CallbackParameters::parse(&format!("code=a+code&state={}", query["state"])).unwrap();
        (pending, callback, query["nonce"].clone())
    }

    /// A login up to its code, and the nonce for its token.
    pub(super) fn exchange(&self, documents: &ProviderDocuments) -> (CodeExchange, String) {
        let (pending, callback, nonce) = self.login(documents);
        (pending.receive(callback, &self.idp.settings(), &documents.metadata, NOW).unwrap(), nonce)
    }

    /// Lets the token endpoint answer with a token of this key.
    pub(super) fn grant(&self, key: &TestKey, kid: &str, nonce: &str) {
        let mut claims = claims(nonce);
        claims["iss"] = json!(self.idp.issuer);
        let answer = json!({"access_token": "a", "token_type": "bearer", "id_token": key.token(kid, &claims)});
        self.idp.set("/token", StatusCode::OK, answer.to_string());
    }

    pub(super) async fn redeem(&self, exchange: CodeExchange) -> Result<SignedIn, LoginError> {
        let documents = self.documents().await.unwrap();
        let settings = self.idp.settings();
        let ended = self.providers.redeem(exchange, &settings, &documents, &Projection::default(), NOW).await;
        ended.map_err(|failed| failed.error)
    }
}
