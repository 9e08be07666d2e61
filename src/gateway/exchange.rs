//! One admitted request of one site: what is known about it, and the answers that follow from that alone.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use url::{Position, Url};

use super::{Shared, body_of, person, stood::Stood};
use crate::{
    config::{Config, Site},
    connect::Body,
    forward::{self, Privacy, keep_private},
    identity::{CookieName, Cookies, ReturnTo, Session, SessionError, SetCookie},
    policy::{Access, PersonCheck},
    reason::Reason,
    reply::{self, Answer, Audience, Context, Failure, TransportSecurity},
    request::{Admitted, Destination, Peer, Screened, VisitKind},
    time::UnixSeconds,
};

/// A request of a site, with who is asking.
pub(super) struct Exchange {
    pub(super) shared: Arc<Shared>,
    /// The configuration that this whole request is decided by.
    pub(super) config: Arc<Config>,
    pub(super) site: Arc<Site>,
    pub(super) request: Admitted,
    /// Who is signed in, as far as the session counts for this request.
    pub(super) session: Option<Session>,
    /// Whether it is the person whom the proxy in front has signed in.
    pub(super) person: PersonCheck,
    /// Two session cookies open: none is believed, all are expired.
    has_two_sessions: bool,
    /// Whether the browser has a counter of sign-in rounds.
    counts_rounds: bool,
    pub(super) request_id: Arc<str>,
    pub(super) peer: Peer,
    pub(super) now: UnixSeconds,
    pub(super) stood: Stood,
}

/// An answer, ours or the host application's.
pub(super) struct Outcome {
    response: Response<Body>,
    reason: Option<&'static str>,
}

impl Outcome {
    /// An answer of our own.
    pub(super) fn own(answer: Answer, reason: &'static str) -> Self {
        Self { response: body_of(answer), reason: Some(reason) }
    }

    /// An answer of the host application.
    pub(super) const fn forwarded(response: Response<Body>) -> Self {
        Self { response, reason: None }
    }

    pub(super) const fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    pub(super) fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The answer to `method`. One of the host application is framed already; ours has a body for a HEAD too.
    pub(super) fn into_response(self, method: &Method) -> Response<Body> {
        let is_own = self.reason.is_some();
        if is_own && *method == Method::HEAD { forward::without_body(self.response) } else { self.response }
    }

    /// Adds a `Set-Cookie` line.
    pub(super) fn set_cookie(&mut self, cookie: SetCookie) {
        self.response.headers_mut().append(header::SET_COOKIE, cookie.into_header());
    }

    /// Says of caches what the route's rule says; `sent` are the headers of the request.
    pub(super) fn keep_private(&mut self, privacy: Privacy, sent: &HeaderMap) {
        let status = self.response.status();
        keep_private(status, self.response.headers_mut(), privacy, sent);
    }

    /// Expires every session cookie that the browser may hold. Before a new one is set, never after it: a browser without
    /// partitions takes each of the lines for the one cookie.
    pub(super) fn expire_sessions(&mut self) {
        SetCookie::expire_sessions().into_iter().for_each(|line| self.set_cookie(line));
    }

    fn names_session(&self) -> bool {
        self.response.headers().get_all(header::SET_COOKIE).iter().any(SetCookie::is_session)
    }

    /// Whether it is an answer of our own that nobody stores.
    fn is_own_and_unstored(&self) -> bool {
        let cache = self.response.headers().get(header::CACHE_CONTROL);
        self.reason.is_some() && cache.is_some_and(|value| value.as_bytes() == b"no-store")
    }

    /// Says of https what the site says.
    pub(super) fn secure_transport(&mut self, rule: &TransportSecurity) {
        rule.apply(self.response.headers_mut());
    }

    /// Sets any other header.
    pub(super) fn set_header(&mut self, name: header::HeaderName, value: HeaderValue) {
        self.response.headers_mut().insert(name, value);
    }
}

impl Exchange {
    /// Reads who is asking off the cookies.
    pub(super) fn begin(
        shared: Arc<Shared>,
        config: Arc<Config>,
        site: Arc<Site>,
        screened: Screened,
        request_id: Arc<str>,
        peer: Peer,
    ) -> Self {
        let Screened { request, asserted, dropped } = screened;
        let now = shared.clock.now();
        let jar = Cookies::of(&request.headers);
        let counts_rounds = jar.has(&CookieName::LoginRounds);
        let session = site.session_of(&config.session, &request.headers, now);
        let has_two_sessions = session == Err(SessionError::Several);
        if session == Err(SessionError::Future) {
            let site = site.forward.site.name.as_str();
            tracing::warn!(request_id = &*request_id, site, "a session is from the future: clocks of replicas differ");
        }
        // Every cause is the same to the visitor: signed out.
        let session = session.ok();
        let person = person::check(&config, &site, &request, session.as_ref(), &asserted);
        let (session, refused) = if person.is_session_good() { (session, None) } else { (None, session) };
        let stood = Stood::default();
        let exchange = Self {
            shared,
            config,
            site,
            request,
            session,
            person,
            has_two_sessions,
            counts_rounds,
            request_id,
            peer,
            now,
            stood,
        };
        exchange.record_dropped(&dropped);
        if let Some(refused) = refused {
            exchange.record_person_check(&refused.identity, &asserted);
        }
        exchange
    }

    /// Our cookies, as the browser sent them.
    pub(super) fn jar(&self) -> Cookies {
        Cookies::of(&self.request.headers)
    }

    /// The site's name, as cookies are bound to it.
    pub(super) fn site_name(&self) -> &str {
        self.site.forward.site.name.as_str()
    }

    pub(super) fn context(&self) -> Context<'_> {
        Context {
            request_id: &self.request_id,
            sigma_prefix: self.config.paths.sigma(),
            frame_origins: &self.config.frame_origins,
        }
    }

    /// Who will read a refusal of this request.
    pub(super) const fn audience(&self) -> Audience {
        match self.request.visit.kind {
            VisitKind::Form if matches!(self.request.visit.destination, Destination::Frame) => Audience::Frame,
            VisitKind::Navigation | VisitKind::Form => Audience::Tab,
            VisitKind::Frame => Audience::Frame,
            VisitKind::Fetch | VisitKind::Prefetch | VisitKind::WebSocket => Audience::Program,
        }
    }

    /// A WebSocket that a page of another origin opens: browsers send the cookies along (RFC 6455 10.2).
    pub(super) fn is_foreign_websocket(&self) -> bool {
        self.request.visit.kind == VisitKind::WebSocket && !self.request.is_from_origin(&self.site.forward.site_origin)
    }

    /// A refusal in the words of the table.
    pub(super) fn refuse(&self, reason: Reason) -> Outcome {
        Outcome::own(reply::failure(self.context(), Failure::new(reason, self.audience())), reason.as_str())
    }

    /// A refusal of access, on the record.
    pub(super) fn deny(&self, reason: Reason, rule: &Access) -> Outcome {
        let doubts = self.session.as_ref().and_then(|session| rule.doubts(&session.identity));
        self.audit_refusal(reason, None, doubts.as_deref());
        self.refuse(reason)
    }

    /// A refusal that signing in mends; `return_to` is where the sign-in leads.
    pub(super) fn refuse_with_sign_in(&self, reason: Reason, return_to: &ReturnTo) -> Outcome {
        let login_url = self.sign_in_url(return_to);
        let keeps_form = self.request.visit.kind == VisitKind::Form;
        let failure = Failure { reason, audience: self.audience(), login_url: Some(&login_url), keeps_form };
        Outcome::own(reply::failure(self.context(), failure), reason.as_str())
    }

    /// The path that starts a sign-in.
    pub(super) fn sign_in_url(&self, return_to: &ReturnTo) -> String {
        let target = percent_encoding::utf8_percent_encode(return_to.as_str(), percent_encoding::NON_ALPHANUMERIC);
        format!("{}/start?rd={target}", self.config.paths.sign_in())
    }

    /// Where this request should lead after a sign-in.
    pub(super) fn return_to(&self) -> ReturnTo {
        ReturnTo::of_request(&self.request.target.to_string(), &self.site.forward.site_url)
    }

    /// Where the page that holds this frame, or that fetched this, should lead after a sign-in.
    pub(super) fn return_to_referrer(&self) -> ReturnTo {
        let site = &self.site.forward.site_url;
        let referrer =
            self.request.headers.get(header::REFERER).and_then(|value| Url::parse(value.to_str().ok()?).ok());
        let page = referrer.filter(|referrer| referrer.origin() == site.origin());
        page.map_or_else(ReturnTo::default, |page| {
            ReturnTo::parse(&page[Position::BeforePath..Position::AfterQuery], site, self.config.paths.sign_in())
        })
    }

    /// The last touch: a session that is good ends the count of sign-in rounds, a refused handshake its connection.
    pub(super) fn finish(&self, mut outcome: Outcome) -> Outcome {
        // RFC 9931: what was sent ahead of the answer may be frames of a page's choosing, and is no request.
        if self.request.visit.kind == VisitKind::WebSocket
            && outcome.response.status() != StatusCode::SWITCHING_PROTOCOLS
        {
            outcome.set_header(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.person == PersonCheck::Differs {
            outcome.expire_sessions();
            self.forget_host_cookies(&mut outcome);
            // Also where it is the host application's: stored, it would sign others out.
            outcome.set_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        // Only with a page: an image or a style sheet may be stored for everybody.
        let is_page = self.request.visit.kind == VisitKind::Navigation;
        if is_page && self.session.is_some() && self.person.is_proven() && self.counts_rounds {
            outcome.set_cookie(SetCookie::expire(&CookieName::LoginRounds));
        }
        // Not with what may be stored for everybody.
        if self.has_two_sessions && (is_page || outcome.is_own_and_unstored()) && !outcome.names_session() {
            outcome.expire_sessions();
        }
        outcome
    }
}
