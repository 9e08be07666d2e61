//! Pooled connections to host applications, one pool per core.
//!
//! A request takes the connection that came back last, or opens one. Nothing is sent twice, except where that has the effect of
//! once: a request that was never written, or one of an idempotent method that a kept connection lost before there was an answer,
//! as long as nothing of its body was taken from the browser (RFC 9110 9.2.2). Never a POST.
//!
//! # Cancel safety
//! Dropping [`UpstreamPool::send`], or a body that it gave, closes the upstream connection: the host application sees
//! that the browser left.

use std::{
    collections::HashMap,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{HeaderMap, Method, Request, Response, StatusCode, Version, header, request::Parts};
use http_body::Body as HttpBody;
use hyper::{
    body::Incoming,
    client::conn::{TrySendError, http1},
};
use hyper_util::rt::TokioIo;
use tokio::time::{sleep, timeout};

use super::{
    Dialer, UpstreamError,
    connection::Connection,
    framed::framed,
    heard_out::{Closed, HeardOut},
    lease::Lease,
    mended::MendedHeads,
    mending::Mending,
    origin::{Origin, PoolLimits, TunnelPermit, lock},
    pinned::{Fate, PinOwner, PinPlace, Pins, Signers},
    repeat::{came_too_late, is_repeatable, may_be_lost},
    sent_body::SentBody,
};
use crate::{
    body::{Body, Rest, empty, surely_empty},
    forward::{self, Binding, Credentials, Upstream, Waits, is_framed_twice, may_leave_more},
    limits,
};

/// The connections of one core to all host applications.
pub(crate) struct UpstreamPool {
    dialer: Dialer,
    limits: PoolLimits,
    origins: Arc<Mutex<Origins>>,
    pins: Arc<Pins>,
    is_configured: Arc<IsConfigured>,
    signers: Arc<Signers>,
    is_swept: AtomicBool,
}

type Origins = HashMap<Upstream, Arc<Origin>>;
/// Whether any site leads there today.
type IsConfigured = dyn Fn(&Upstream) -> bool + Send + Sync;

/// Among an answer's extensions where the host application asks for a sign-in of its connection, or speaks of one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SignsConnectionIn(pub(crate) Binding);

/// Whose request it is, and how long its answer stands.
#[derive(Default)]
pub(crate) struct Whose<'a> {
    /// Where there is a session: a connection that the host application signs in is kept for it alone.
    pub(crate) owner: Option<PinOwner<'a>>,
    /// What the answer rests on: it ends with that.
    pub(crate) rest: Rest,
}

/// How a request failed.
enum SendFailure {
    /// Nothing was written: the request can go elsewhere.
    Unsent(Box<Request<Body>>, hyper::Error),
    /// It may have been read, in part or whole.
    Lost(UpstreamError),
}

impl UpstreamPool {
    /// A pool with the bounds of [`limits`].
    #[must_use]
    pub(crate) fn new(dialer: Dialer) -> Self {
        Self::with_limits(dialer, PoolLimits::default())
    }

    /// A pool with other bounds.
    #[must_use]
    pub(crate) fn with_limits(dialer: Dialer, limits: PoolLimits) -> Self {
        let is_configured = Arc::new(|_: &Upstream| true);
        Self {
            dialer,
            limits,
            origins: Arc::default(),
            pins: Arc::default(),
            is_configured,
            signers: Arc::default(),
            is_swept: AtomicBool::new(false),
        }
    }

    /// The same pool, which asks whether an upstream is still configured before it keeps a connection for a session.
    #[must_use]
    pub(crate) fn leading_to(self, is_configured: impl Fn(&Upstream) -> bool + Send + Sync + 'static) -> Self {
        Self { is_configured: Arc::new(is_configured), ..self }
    }

    /// The same pool, which knows with others which host applications sign connections in.
    #[must_use]
    pub(crate) fn knowing(self, signers: Arc<Signers>) -> Self {
        Self { signers, ..self }
    }

    /// [`Self::send_for`] nobody: a connection that the host application signs in is closed.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    #[cfg(test)]
    pub(crate) async fn send(
        &self,
        upstream: &Upstream,
        head: impl Fn() -> Parts + Send,
        body: Body,
        head_max: Duration,
    ) -> Result<Response<Body>, UpstreamError> {
        let waits = Waits { answer: head_max, ..Waits::default() };
        self.send_for(Whose::default(), upstream, head, body, waits).await
    }

    /// Sends a request, and waits for the head of the answer. `head` makes the request's head, its URI in origin form;
    /// it is asked again where the request goes out a second time. The wait for an answer begins anew while the request's body
    /// is still going out.
    ///
    /// # Errors
    /// See [`UpstreamError`]. An answer that breaks off later ends its body with an error.
    pub(crate) async fn send_for(
        &self,
        whose: Whose<'_>,
        upstream: &Upstream,
        head: impl Fn() -> Parts + Send,
        body: Body,
        waits: Waits,
    ) -> Result<Response<Body>, UpstreamError> {
        let origin = self.origin(upstream)?;
        let body = Box::pin(surely_empty(body)).await.map_err(UpstreamError::NotEmpty)?;
        let has_body = !body.is_end_stream();
        let permit = origin.permit(has_body).await?;
        let watched = |body| {
            let (body, sent) = SentBody::watch(body);
            (framed(Request::from_parts(head(), body)), sent)
        };
        let (mut request, mut sent) = watched(body);
        let (pinned, mut tie) = self.tie(whose.owner, &origin, request.headers()).await?;
        let may_be_lost = may_be_lost(request.method(), has_body);
        let (mut connection, mut is_kept) = match pinned.or_else(|| origin.take_kept(may_be_lost)) {
            Some(connection) => (connection, true),
            None => (Box::pin(self.open(&origin, upstream)).await?, false),
        };
        let asks_for_upgrade = request.headers().contains_key(header::UPGRADE);
        let method = request.method().clone();
        let mut answer = loop {
            connection.expect(&method);
            let answer = pin!(connection.sender.try_send_request(request));
            // The upstream may close a kept connection, or give it up, at the very moment in which it is used.
            match head_of(answer, (&sent, connection.mending()), waits.answer).await {
                Ok(answer) => match sent.take_back_if(is_kept && came_too_late(&method, answer.status())) {
                    Some(body) => (request, sent) = watched(body),
                    None => break answer,
                },
                // What came before the request was sent is no answer to it.
                Err(SendFailure::Unsent(unsent, _)) if is_kept => request = *unsent,
                Err(SendFailure::Unsent(_, error)) => return Err(error.into()),
                Err(SendFailure::Lost(error)) => {
                    let error = connection.take_refusal().map_or(error, UpstreamError::Malformed);
                    if is_kept && matches!(error, UpstreamError::Broken(_)) && !connection.has_begun_to_answer() {
                        origin.note_closed_unsaid();
                    }
                    let is_sent_again = is_kept && is_repeatable(&method, &error, connection.has_begun_to_answer());
                    match sent.take_back_if(is_sent_again) {
                        Some(body) => (request, sent) = watched(body),
                        None => return Err(error),
                    }
                }
            }
            (connection, is_kept) = (Box::pin(self.open(&origin, upstream)).await?, false);
            tie.is_pinned = false;
        };
        connection.has_carried_credentials |= tie.credentials != Credentials::None;
        connection.hear(answer.headers());
        if let Some(notes) = connection.take_notes() {
            answer.extensions_mut().insert(notes);
        }
        let fate = self.fate(tie, &origin, &method, &mut answer);
        let is_error = answer.status().is_client_error() || answer.status().is_server_error();
        let lease = Lease { connection, origin, permit, sent, fate, is_error, rest: whose.rest };
        let idle_max = idle_of(&answer, waits.idle);
        into_answer(lease, answer, asks_for_upgrade, idle_max)
    }

    /// What the request has to do with connections that are signed in, and the one that is its own.
    async fn tie<'a>(
        &self,
        owner: Option<PinOwner<'a>>,
        origin: &Arc<Origin>,
        headers: &HeaderMap,
    ) -> Result<(Option<Connection>, Tie<'a>), UpstreamError> {
        let own = match owner {
            Some(owner) => owner.slot.take(origin, owner.session, self.limits.pinned_age).await,
            None => None,
        };
        let (connection, mut place) = own.unzip();
        let credentials = Credentials::of(headers);
        if let (Credentials::OfConnection, None, Some(owner)) = (credentials, &place, owner) {
            place = Some(self.pins.place(origin, owner.address)?);
        }
        let tie = Tie { owner, place, is_pinned: connection.is_some(), credentials };
        Ok((connection, tie))
    }

    /// Where the connection of an answer goes. Marks the answer, where it speaks of a sign-in of its connection.
    fn fate(&self, tie: Tie<'_>, origin: &Origin, asked: &Method, answer: &mut Response<Incoming>) -> Fate {
        let (binding, is_reusable) = (forward::binding(answer.headers()), is_reusable(answer));
        let is_suspect = match tie.credentials {
            Credentials::None => false,
            // Once an application is known to sign connections in, it may do so by any scheme.
            Credentials::OfRequest => origin.signs_in(),
            Credentials::OfConnection | Credentials::Unknown => true,
        };
        if binding == Binding::None && !is_suspect && !tie.is_pinned {
            let is_lent = is_reusable && !may_leave_more(asked, answer.status(), answer.headers());
            return if is_lent { Fate::Shared } else { Fate::Closed };
        }
        let is_taken = tie.credentials == Credentials::OfConnection && answer.status() != StatusCode::UNAUTHORIZED;
        if binding != Binding::None || is_taken {
            origin.note_signs_in();
        }
        if binding != Binding::None {
            answer.extensions_mut().insert(SignsConnectionIn(binding));
        }
        let Some(owner) = tie.owner.filter(|_| is_reusable) else { return Fate::Closed };
        match tie.place.map_or_else(|| self.pins.place(origin, owner.address), Ok) {
            Ok(place) => Fate::Pinned(self.pins.pin(owner, place)),
            // Nobody has been signed in yet, and whoever answers the challenge is told; or nobody knows, and it costs a connection.
            Err(_) => Fate::Closed,
        }
    }

    /// A new connection; boxed where it is awaited, so that a request on a kept one does not carry its state along.
    async fn open(&self, origin: &Origin, upstream: &Upstream) -> Result<Connection, UpstreamError> {
        let (is_closed, mending) = (Closed::default(), Mending::default());
        let stream = HeardOut::new(origin.dialer().dial(&upstream.url, self.limits.connect).await?, is_closed.clone());
        let stream = MendedHeads::new(stream, mending.clone());
        let (sender, driver) = http1::Builder::new()
            .max_buf_size(limits::UPSTREAM_HEAD_BYTES_MAX)
            .preserve_header_case(true)
            .handshake(TokioIo::new(stream))
            .await?;
        // Its error reaches whoever waits for the answer.
        let task = tokio::spawn(async move { drop(driver.with_upgrades().await) });
        self.start_sweeping();
        Ok(Connection::new(sender, task, (is_closed, mending)))
    }

    fn origin(&self, upstream: &Upstream) -> Result<Arc<Origin>, UpstreamError> {
        let mut origins = lock(&self.origins);
        if let Some(origin) = origins.get(upstream) {
            return Ok(Arc::clone(origin));
        }
        // A reload may have brought new upstreams: those that nobody uses any more go.
        origins.retain(|_, origin| Arc::strong_count(origin) > 1 || origin.kept() > 0);
        let dialer = self.dialer.speaking(&upstream.tls)?.through(upstream.proxy.as_ref());
        let origin = Arc::new(Origin::new(upstream.clone(), dialer, self.limits, self.signers.flag(upstream)));
        origins.insert(upstream.clone(), Arc::clone(&origin));
        Ok(origin)
    }

    /// Closes kept connections at their age even when no request comes by; ends with the pool.
    fn start_sweeping(&self) {
        if self.is_swept.swap(true, Ordering::Relaxed) {
            return;
        }
        let (origins, pause) = (Arc::downgrade(&self.origins), self.limits.kept_age / 2);
        let (pins, is_configured) = (Arc::clone(&self.pins), Arc::clone(&self.is_configured));
        let pinned_age = self.limits.pinned_age;
        tokio::spawn(async move {
            loop {
                sleep(pause).await;
                let Some(origins) = Weak::upgrade(&origins) else { return };
                lock(&origins).values().for_each(|origin| origin.sweep());
                pins.sweep(pinned_age, &*is_configured);
            }
        });
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        lock(&self.origins).values().map(|origin| origin.kept()).sum()
    }
}

impl std::fmt::Debug for UpstreamPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UpstreamPool")
    }
}

/// What a request has to do with connections that are signed in.
struct Tie<'a> {
    /// Whose request it is.
    owner: Option<PinOwner<'a>>,
    place: Option<PinPlace>,
    /// Its connection is one that was signed in before.
    is_pinned: bool,
    /// What its `Authorization` speaks for.
    credentials: Credentials,
}

/// How long an answer is waited for between two pieces: an event stream may have nothing to tell.
fn idle_of(answer: &Response<Incoming>, idle_max: Duration) -> Duration {
    // What says how long it is, tells no events.
    let is_open = !answer.body().is_end_stream() && answer.body().size_hint().exact().is_none();
    let content_type = answer.headers().get(header::CONTENT_TYPE).filter(|_| is_open);
    let is_of_events = content_type.is_some_and(|value| {
        let essence = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        essence.trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
    });
    if is_of_events { idle_max.max(limits::EVENT_STREAM_IDLE_TIMEOUT) } else { idle_max }
}

/// The head of the answer, within `head_max` of the last piece of the request's body, or of the last interim head. A browser that pauses
/// in its upload is waited for by the upload's own deadline.
async fn head_of(
    mut answer: Pin<&mut impl Future<Output = Result<Response<Incoming>, TrySendError<Request<Body>>>>>,
    (sent, mending): (&SentBody, &Mending),
    head_max: Duration,
) -> Result<Response<Incoming>, SendFailure> {
    let (mut waited, mut paused) = (Duration::ZERO, Duration::ZERO);
    loop {
        let seen = (sent.pieces(), mending.interims());
        match timeout(head_max, answer.as_mut()).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(mut error)) => {
                return Err(match error.take_message() {
                    Some(request) => SendFailure::Unsent(Box::new(request), error.into_error()),
                    None => SendFailure::Lost(error.into_error().into()),
                });
            }
            // The browser is still sending, and the host application may wait for the rest; or it says that it works on the answer.
            Err(_) if sent.pieces() != seen.0 => paused = Duration::ZERO,
            Err(_) if sent.is_awaited() && paused < limits::CLIENT_IDLE_TIMEOUT => paused += head_max,
            Err(_) if mending.interims() != seen.1 && waited < limits::UPSTREAM_TIMEOUT_LONGEST => waited += head_max,
            Err(_) if !sent.is_whole() => return Err(SendFailure::Lost(UpstreamError::Untaken(head_max))),
            Err(_) => return Err(SendFailure::Lost(UpstreamError::Timeout(head_max))),
        }
    }
}

/// RFC 9110 15.2.2: 101 only where an upgrade was asked for; its connection is not the pool's any more.
fn into_answer(
    lease: Lease,
    answer: Response<Incoming>,
    asks_for_upgrade: bool,
    idle_max: Duration,
) -> Result<Response<Body>, UpstreamError> {
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(answer.map(|incoming| lease.into_body(incoming, idle_max)));
    }
    if !asks_for_upgrade {
        return Err(UpstreamError::Unasked);
    }
    let mut answer = answer.map(|_| empty());
    answer.extensions_mut().insert(TunnelPermit::new(lease.permit));
    lease.connection.detach();
    Ok(answer)
}

/// Whether another request may go out on the connection, of its own session at least. To one that has answered with
/// HTTP/1.0, hyper would speak that too: a body of unknown length would be lost (RFC 9112 6.1), `keep-alive` or not.
fn is_reusable(answer: &Response<Incoming>) -> bool {
    answer.version() == Version::HTTP_11 && !is_framed_twice(answer.headers())
}
