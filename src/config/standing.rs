//! Whether what a request was given still stands: the same request under the configuration in force, now. Pure.

use http::HeaderMap;

use super::{Config, RouteAnswer, Site};
use crate::{
    identity::{Cookies, Session, SessionError, SessionRules},
    policy::{Access, AccessDecision, Place, access},
    reason::Reason,
    request::{Admitted, AssertedHeader, VisitKind},
    time::UnixSeconds,
};

/// Why something that was given does not stand any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lapse {
    /// No site has the host name any more.
    #[error("site is not configured any more")]
    Site,
    /// The path is the gateway's own now, or answers as an embed.
    #[error("path is not forwarded any more")]
    Path,
    /// The page that opened the WebSocket is of another origin than the site has now.
    #[error("site has another origin now")]
    Origin,
    /// Its person has no session any more.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The same cookies name somebody else now.
    #[error("session is that of somebody else")]
    Person,
    /// The site compares a header of the proxy in front by which this person was not compared. What it said is gone.
    #[error("site compares another header of the proxy in front now")]
    Compared,
    /// The rule asks for somebody now.
    #[error("route asks for a sign-in now")]
    SignIn,
    /// The rule does not let the person in any more.
    #[error("route does not let this person in any more")]
    Rule,
}

impl Lapse {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::Site => Reason::UnknownHost,
            Self::Path => Reason::NotFound,
            Self::Origin => Reason::CrossSite,
            Self::Session(error) => error.reason(),
            Self::Person | Self::Compared | Self::SignIn => Reason::NotSignedIn,
            Self::Rule => Reason::AccessDenied,
        }
    }
}

impl Site {
    /// The session of a request's cookies at this site.
    ///
    /// # Errors
    /// See [`SessionError`]: [`SessionError::Outdated`] also where the site names another provider now.
    pub fn session_of(
        &self,
        rules: &SessionRules,
        headers: &HeaderMap,
        now: UnixSeconds,
    ) -> Result<Session, SessionError> {
        let session = Session::of(&Cookies::of(headers), rules, self.forward.site.name.as_str(), now)?;
        // A site trusts the provider that it names, also when it named another one yesterday.
        if session.identity.provider == self.sign_in { Ok(session) } else { Err(SessionError::Outdated) }
    }
}

impl Config {
    /// Whether a request that was forwarded, for `person` or for anybody, would be now; then, when that ends at the latest.
    /// `compared_by`: the header of a proxy in front that named the person of its session.
    ///
    /// # Errors
    /// Why it would not.
    pub fn stands(
        &self,
        request: &Admitted,
        person: Option<&Session>,
        compared_by: Option<&AssertedHeader>,
        now: UnixSeconds,
    ) -> Result<Option<UnixSeconds>, Lapse> {
        let site = self.hosts.find(&request.authority.name).and_then(|index| self.site(index)).ok_or(Lapse::Site)?;
        let path = &request.target.path;
        if self.paths.endpoint(path).is_some() {
            return Err(Lapse::Path);
        }
        if request.visit.kind == VisitKind::WebSocket && !request.is_from_origin(&site.forward.site_origin) {
            return Err(Lapse::Origin);
        }
        let route = site.paths.find(path).map_err(|_| Lapse::Path)?.and_then(|index| site.route(index));
        if matches!(route.map(|route| &route.answer), Some(RouteAnswer::Embed(_))) {
            return Err(Lapse::Path);
        }
        let session = site.session_of(&self.session, &request.headers, now);
        let session = match person {
            Some(before) => Some(session?).filter(|session| is_same(session, before)).ok_or(Lapse::Person).map(Some)?,
            None => session.ok(),
        };
        let rule = route.map_or(&Access::SignedIn, |route| &route.access);
        let decision = access(rule, session.as_ref().map(|session| &session.identity));
        let needs_session = match decision {
            AccessDecision::SignIn => return Err(Lapse::SignIn),
            AccessDecision::Deny | AccessDecision::Unknown => return Err(Lapse::Rule),
            AccessDecision::Allow => true,
            AccessDecision::AllowAnonymous => person.is_some(),
        };
        let compared = site.headers.compared();
        if needs_session && compared.is_some() && compared != compared_by && !Place::Route(rule).is_exempt() {
            return Err(Lapse::Compared);
        }
        Ok(session.filter(|_| needs_session).map(|session| session.ends_at))
    }
}

/// Of several cookies another one may open under other keys.
fn is_same(session: &Session, before: &Session) -> bool {
    let who = |session: &Session| (session.identity.subject.clone(), session.signed_in_at);
    who(session) == who(before)
}
