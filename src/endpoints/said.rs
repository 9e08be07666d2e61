//! What an endpoint says: an answer, the cookies that go with it, and what is to be told of it.

use http::{HeaderValue, Method, header::ALLOW};

use crate::{
    decide::{Event, Facts, WayBack, allowed_methods},
    identity::{ReturnTo, SetCookie, Visitor, VisitorSource},
    policy::mapping_detail,
    reason::{Done, Reason},
    reply::{self, Answer, Audience, Failure},
    request::VisitKind,
};

/// What is said in answer to one request. Its `Debug` shows no body and no header: both may hold a signed URL.
pub(crate) struct Said {
    /// The answer.
    pub(crate) answer: Answer,
    /// What logs and metrics call it: a reason, or what was done.
    pub(crate) why: &'static str,
    /// The `Set-Cookie` lines, in this order.
    pub(crate) cookies: Vec<SetCookie>,
    /// What is told of it.
    pub(crate) events: Vec<Event>,
    /// Whether the session ends with it: nothing is kept for it any more.
    pub(crate) ends_session: bool,
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut said = f.debug_struct("Said");
        said.field("status", &self.answer.status()).field("why", &self.why).field("cookies", &self.cookies.len());
        said.field("events", &self.events).finish_non_exhaustive()
    }
}

impl Said {
    /// An answer, without cookies or anything to tell.
    #[must_use]
    pub(crate) const fn new(answer: Answer) -> Self {
        Self { why: answer.why().as_str(), answer, cookies: Vec::new(), events: Vec::new(), ends_session: false }
    }

    /// A refusal in the words of the table.
    #[must_use]
    pub(crate) fn refusal(facts: &Facts, reason: Reason) -> Self {
        let is_of_bearer = facts.asker.front.bearer_error().is_some_and(|(_, of_token)| of_token == reason);
        let failure = Failure { is_of_bearer, ..Failure::new(reason, facts.audience()) };
        Self::new(reply::failure(facts.context(), failure))
    }

    /// A refusal that signing in mends; `return_to` is where the sign-in leads.
    #[must_use]
    pub(crate) fn refusal_with_sign_in(facts: &Facts, reason: Reason, return_to: &ReturnTo) -> Self {
        Self::failed_sign_in(facts, reason, return_to, None)
    }

    /// The same, with what the provider says of it.
    pub(super) fn failed_sign_in(
        facts: &Facts,
        reason: Reason,
        return_to: &ReturnTo,
        provider_says: Option<&str>,
    ) -> Self {
        let login_url = facts.sign_in_url(return_to);
        let keeps_form = facts.request.visit.kind == VisitKind::Form;
        let failure = Failure::new(reason, facts.audience());
        let failure = Failure { login_url: Some(&login_url), provider_says, keeps_form, ..failure };
        Self::new(reply::failure(facts.context(), failure))
    }

    /// The page that says that nobody is signed in any more; a sign-in that begins there leads to `return_to`.
    pub(super) fn signed_out(facts: &Facts, return_to: &ReturnTo) -> Self {
        Self::new(reply::signed_out(facts.context(), &facts.sign_in_url(return_to)))
    }

    /// A refusal of what another account may be given; `return_to` is where a sign-in with that one leads.
    #[must_use]
    pub(crate) fn refusal_of_account(facts: &Facts, reason: Reason, return_to: &ReturnTo) -> Self {
        Self::failed_account(facts, reason, return_to, None)
    }

    /// The same, with what the provider says of it.
    pub(super) fn failed_account(
        facts: &Facts,
        reason: Reason,
        return_to: &ReturnTo,
        provider_says: Option<&str>,
    ) -> Self {
        let (audience, other) = (facts.audience(), facts.other_account_url(return_to));
        // In a frame the page around it is there, and a program has none.
        let back = facts.way_back().filter(|_| audience == Audience::Tab && facts.asker.visitor.is_some());
        let keeps_form = facts.request.visit.kind == VisitKind::Form;
        let failure = Failure::new(reason, audience);
        let failure = Failure {
            other_account_url: Some(&other),
            back_url: back.as_deref(),
            provider_says,
            keeps_form,
            ..failure
        };
        Self::new(reply::failure(facts.context(), failure))
    }

    /// A refusal of somebody who is signed in.
    fn refusal_of_visitor(facts: &Facts, reason: Reason) -> Self {
        let by_session = |visitor: &Visitor| matches!(visitor.source, VisitorSource::Session { .. });
        // Whom a proxy in front names is somebody else there, and not by a sign-in here.
        if !facts.asker.visitor.as_ref().is_some_and(by_session) || !reason.is_of_account() {
            return Self::refusal(facts, reason);
        }
        let back = if facts.audience() == Audience::Tab { WayBack::Here } else { WayBack::Referrer };
        Self::refusal_of_account(facts, reason, &facts.return_to(back))
    }

    /// A refusal; where the place has an embed, on the record.
    #[must_use]
    pub(crate) fn refused(facts: &Facts, reason: Reason) -> Self {
        let mut said = Self::refusal_of_visitor(facts, reason);
        if reason == Reason::MethodNotAllowed {
            said.allow(allowed_methods(&facts.place));
        }
        // What was attached and is refused is on the record already.
        let Some(embed) = facts.place.embed.as_ref().filter(|_| facts.asker.front.refusal().is_none()) else {
            return said;
        };
        if reason == Reason::CrossSite && facts.audience() == Audience::Frame {
            said.answer = reply::frameable(facts.context(), said.answer);
        }
        let identity = facts.asker.identity();
        let detail = identity.and_then(|identity| mapping_detail(identity, &facts.config.mappings, reason));
        said.telling(Event::Refused { reason, embed: Some(embed.name.clone()), detail })
    }

    fn allow(&mut self, methods: &[Method]) {
        let list = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        let list = HeaderValue::from_str(&list).expect("names of methods are tokens");
        self.answer.headers_mut().insert(ALLOW, list);
    }

    /// A refusal of access, on the record.
    #[must_use]
    pub(crate) fn denial(facts: &Facts, reason: Reason) -> Self {
        let detail = facts.asker.identity().and_then(|identity| facts.place.access().detail(identity));
        Self::refusal_of_visitor(facts, reason).telling(Event::Refused { reason, embed: None, detail })
    }

    /// What is said where a request does not stand any more that was forwarded.
    #[must_use]
    pub(crate) fn lapsed(facts: &Facts, reason: Reason) -> Self {
        if reason == Reason::NotSignedIn && facts.site().sign_in.is_empty() {
            return Self::refusal(facts, Reason::AssertionMissing);
        }
        if reason == Reason::NotSignedIn {
            return Self::refusal_with_sign_in(facts, reason, &facts.return_to(WayBack::Here));
        }
        Self::refusal(facts, reason)
    }

    /// A redirect to a URL that a stage has built; none of them can hold a byte that a header cannot. `is_secret`: it is a bearer
    /// secret.
    pub(super) fn redirect(facts: &Facts, location: &str, is_secret: bool, done: Done) -> Self {
        match HeaderValue::from_str(location) {
            Ok(mut location) => {
                location.set_sensitive(is_secret);
                Self::new(reply::redirect(facts.context(), &location, done))
            }
            Err(_) => Self::refusal(facts, Reason::Internal),
        }
    }

    /// The same with one more thing to tell.
    #[must_use]
    pub(crate) fn telling(mut self, event: Event) -> Self {
        self.events.push(event);
        self
    }

    /// The same with more things to tell.
    pub(super) fn telling_all(mut self, events: impl IntoIterator<Item = Event>) -> Self {
        self.events.extend(events);
        self
    }

    /// The same with more cookies.
    pub(super) fn setting(mut self, cookies: impl IntoIterator<Item = SetCookie>) -> Self {
        self.cookies.extend(cookies);
        self
    }
}
