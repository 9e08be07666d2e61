//! Whether what a request was given still stands: the same request under the configuration in force, now.

use super::{
    AsWhom, Asker, Decision, Part, Place,
    asker::{session_at, vouched},
    decide, locate,
};
use crate::{
    config::Config,
    identity::{AssertionSettings, Cookies, SessionError, Visitor, VisitorSource},
    reason::Reason,
    request::{Admitted, AssertedHeader},
    time::UnixSeconds,
};

/// What a forwarded request was given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'a> {
    /// The request.
    pub(crate) request: &'a Admitted,
    /// Its cookies of ours.
    pub(crate) cookies: &'a Cookies,
    /// For whom it is forwarded; none: for nobody.
    pub(crate) visitor: Option<&'a Visitor>,
    /// The header of a proxy in front that named the same person.
    pub(crate) compared_by: Option<&'a AssertedHeader>,
    /// What an assertion was held against that names them; none: they have a session.
    pub(crate) attested_by: Option<&'a AssertionSettings>,
}

/// Why something that was given does not stand any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lapse {
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
    pub(crate) const fn reason(self) -> Reason {
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

/// Whether a request that was forwarded would be now; then, when that ends at the latest.
///
/// # Errors
/// Why it would not.
pub(crate) fn stands(config: &Config, given: Given<'_>, now: UnixSeconds) -> Result<Option<UnixSeconds>, Lapse> {
    let Given { request, cookies, visitor, compared_by, attested_by } = given;
    let place = locate(config, &request.authority, &request.target).ok_or(Lapse::Site)?;
    let place = place.writing_to(config, request.writes_to.as_deref());
    if request.visit.is_foreign_websocket(&place.site.origin) && !matches!(place.part, Part::Endpoint(_)) {
        return Err(Lapse::Origin);
    }
    if !place.is_forwarded() {
        return Err(Lapse::Path);
    }
    let asker = Asker::of(match visitor {
        Some(before) => Some(vouched_for((before, attested_by), &place, config, cookies, now)?),
        None => session_vouches(&place, config, cookies, now).ok(),
    });
    let needs_session = match decide(&place, &asker, &request.visit) {
        Decision::Forward { as_whom } => as_whom == AsWhom::Visitor || visitor.is_some(),
        Decision::SignIn(_) | Decision::Refuse(Reason::AssertionMissing) => return Err(Lapse::SignIn),
        Decision::Deny(_) | Decision::Refuse(_) => return Err(Lapse::Rule),
        Decision::Own(_) => return Err(Lapse::Path),
    };
    let compared = place.site.headers.compared();
    if needs_session && compared.is_some() && compared != compared_by && place.compares_persons() {
        return Err(Lapse::Compared);
    }
    Ok(asker.visitor.filter(|_| needs_session).map(|visitor| visitor.ends_at))
}

fn session_vouches(
    place: &Place,
    config: &Config,
    cookies: &Cookies,
    now: UnixSeconds,
) -> Result<Visitor, SessionError> {
    let session = session_at(place, &config.session, cookies, now).session?;
    vouched(session, &config.session, now)
}

/// The visitor, if what vouched for them still does.
fn vouched_for(
    (before, attested_by): (&Visitor, Option<&AssertionSettings>),
    place: &Place,
    config: &Config,
    cookies: &Cookies,
    now: UnixSeconds,
) -> Result<Visitor, Lapse> {
    match before.source {
        VisitorSource::Session { .. } => {
            let visitor = session_vouches(place, config, cookies, now)?;
            if visitor.is_same_as(before) { Ok(visitor) } else { Err(Lapse::Person) }
        }
        // It came with the request and is kept nowhere: it vouches to its end, at a site that takes it and would hold it against the
        // same.
        VisitorSource::Assertion => match place.site.accepted(&before.identity.provider) {
            Some(source) if Some(source) == attested_by && now >= before.ends_at => Err(SessionError::Ended.into()),
            Some(source) if Some(source) == attested_by => Ok(before.clone()),
            Some(_) | None => Err(SessionError::Outdated.into()),
        },
    }
}
