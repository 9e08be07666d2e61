//! One admitted request of one site: what is known about it, and the answers that follow from that alone.

use std::sync::Arc;

use http::{HeaderValue, Response, StatusCode, header};
use url::{Position, Url};

use super::{Shared, body_of};
use crate::{
    config::{Config, Site},
    connect::Body,
    identity::{CookieJar, CookieName, ReturnTo, Session, SetCookie},
    policy::Access,
    reason::Reason,
    reply::{self, Answer, Audience, Context, Failure, TransportSecurity},
    request::{Admitted, Peer, VisitKind},
    time::UnixSeconds,
};

/// A request of a site, with who is asking.
pub(super) struct Exchange {
    pub(super) shared: Arc<Shared>,
    /// The configuration that this whole request is decided by.
    pub(super) config: Arc<Config>,
    pub(super) site: Arc<Site>,
    pub(super) request: Admitted,
    pub(super) session: Option<Session>,
    /// Whether the browser has a counter of sign-in rounds.
    counts_rounds: bool,
    pub(super) request_id: Arc<str>,
    pub(super) peer: Peer,
    pub(super) now: UnixSeconds,
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

    pub(super) fn into_response(self) -> Response<Body> {
        self.response
    }

    /// Adds a `Set-Cookie` line.
    pub(super) fn set_cookie(&mut self, cookie: SetCookie) {
        self.response.headers_mut().append(header::SET_COOKIE, cookie.into_header());
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
        request: Admitted,
        request_id: Arc<str>,
        peer: Peer,
    ) -> Self {
        let now = shared.clock.now();
        let jar = CookieJar::of(&request.headers);
        // Every cause is the same to the visitor: signed out.
        let session = Session::of(&jar, &config.session, site.forward.site.name.as_str(), now).ok();
        // A site trusts the provider that it names, also when it named another one yesterday.
        let session = session.filter(|session| session.identity.provider == site.sign_in);
        let counts_rounds = jar.has(&CookieName::LoginRounds);
        Self { shared, config, site, request, session, counts_rounds, request_id, peer, now }
    }

    /// Our cookies, as the browser sent them.
    pub(super) fn jar(&self) -> CookieJar<'_> {
        CookieJar::of(&self.request.headers)
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
        // Only with a page: an image or a style sheet may be stored for everybody.
        let is_page = self.request.visit.kind == VisitKind::Navigation;
        if is_page && self.session.is_some() && self.counts_rounds {
            outcome.set_cookie(SetCookie::expire(&CookieName::LoginRounds));
        }
        outcome
    }
}
