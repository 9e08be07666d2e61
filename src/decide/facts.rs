//! All that is known of a request once it is decided: what its endpoint answers from, and what its answer is judged by.

use std::sync::Arc;

use http::header;
use url::{Position, Url};

use super::{AsWhom, Asker, Given, Part, Place, WayBack};
use crate::{
    config::{Config, Site},
    identity::{
        Chosen, Cookies, DueCheck, EmailDomain, OidcSettings, Owner, ProviderName, Purpose, ReturnTo, SessionMark,
        Source, Visitor, VisitorSource,
    },
    policy::PersonCheck,
    reply::{Audience, Context},
    request::{Admitted, Destination, Endpoint, VisitKind},
    time::UnixSeconds,
};

/// A request, where it leads, who asks, and when.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The configuration that the whole request is decided by.
    pub(crate) config: Arc<Config>,
    /// Where it leads.
    pub(crate) place: Place,
    /// The request.
    pub(crate) request: Admitted,
    /// Its cookies of ours, and those for the host application.
    pub(crate) cookies: Cookies,
    /// Who asks.
    pub(crate) asker: Asker,
    /// The request's id.
    pub(crate) request_id: Arc<str>,
    /// When it came.
    pub(crate) now: UnixSeconds,
}

impl Facts {
    /// Its site.
    #[must_use]
    pub(crate) fn site(&self) -> &Site {
        &self.place.site
    }

    /// The visitor, where the request is theirs.
    #[must_use]
    pub(crate) fn visitor_as(&self, as_whom: AsWhom) -> Option<&Visitor> {
        self.asker.visitor.as_ref().filter(|_| as_whom == AsWhom::Visitor)
    }

    /// What a request was given that is forwarded.
    #[must_use]
    pub(crate) fn given(&self, as_whom: AsWhom) -> Given<'_> {
        // A place that compares nothing was not compared.
        let compared_by = self.site().headers.compared().filter(|_| self.asker.person == PersonCheck::Same);
        let visitor = self.visitor_as(as_whom);
        let attested = visitor.filter(|visitor| visitor.source == VisitorSource::Assertion);
        let attested_by = attested.and_then(|visitor| self.site().accepted(&visitor.identity.provider));
        Given { request: &self.request, cookies: &self.cookies, visitor, compared_by, attested_by }
    }

    /// Which session it is; none where nobody is signed in.
    #[must_use]
    pub(crate) fn session_mark(&self) -> Option<SessionMark> {
        self.asker.visitor.as_ref().map(|visitor| self.mark_of(visitor))
    }

    /// Which session a visitor has at its site.
    #[must_use]
    pub(crate) fn mark_of(&self, visitor: &Visitor) -> SessionMark {
        visitor.mark(self.place.site_name(), &self.cookies)
    }

    /// Whether programs may bring a bearer token here.
    #[must_use]
    pub(crate) fn takes_bearer(&self) -> bool {
        self.site().accepts.iter().any(|source| source.is_of_programs())
    }

    /// The provider of that name, where it signs people in here.
    #[must_use]
    pub(crate) fn provider(&self, name: &ProviderName) -> Option<&OidcSettings> {
        let is_ours = self.site().sign_in.contains(name);
        self.config.providers.get(name).filter(|_| is_ours)?.oidc()
    }

    /// The provider of whoever is signed in; of nobody the only one.
    #[must_use]
    pub(crate) fn provider_of_visitor(&self) -> Option<&OidcSettings> {
        let of_due = || self.asker.due.as_ref().map(|due| &due.provider);
        let of_visitor = self.asker.identity().map(|identity| &identity.provider).or_else(of_due);
        self.provider(of_visitor.or_else(|| self.site().sign_in.only())?)
    }

    /// Whether somebody has a session here, also one that its provider has to confirm.
    #[must_use]
    pub(crate) const fn knows_somebody(&self) -> bool {
        self.asker.visitor.is_some() || self.asker.due.is_some()
    }

    /// The session that its provider is asked about before anything else, and that provider.
    #[must_use]
    pub(crate) fn recheck(&self) -> Option<(&OidcSettings, &DueCheck)> {
        let due =
            self.asker.due.as_deref().filter(|_| self.asker.is_to_be_checked() && !self.asks_for_other_account())?;
        // Whoever wants to sign in with another one is not led through the one of the session.
        let with_asked = self.asked_for().map(|asked| self.site().sign_in.choose(Some(&asked), None));
        let is_meant = with_asked.is_none_or(|chosen| chosen == Chosen::One(&due.provider));
        is_meant.then_some((self.provider(&due.provider)?, due))
    }

    /// Whose session the browser has here, and when its sign-in ended; also one that its provider has to confirm.
    #[must_use]
    pub(crate) fn session_held(&self) -> Option<(Owner, UnixSeconds)> {
        let asker = &self.asker;
        let of_due = || asker.due.as_deref().map(|DueCheck { held, .. }| (held.owner.clone(), held.signed_in_at));
        let of_visitor = |visitor: &Visitor| match visitor.source {
            VisitorSource::Session { signed_in_at, .. } => {
                Some((self.config.session.owner(&visitor.identity)?, signed_in_at))
            }
            VisitorSource::Assertion => None,
        };
        asker.visitor.as_ref().and_then(of_visitor).or_else(of_due)
    }

    /// With whom a sign-in begins that leads there.
    #[must_use]
    pub(crate) fn chosen(&self) -> Chosen<'_> {
        self.site().sign_in.choose(self.asked_for().as_deref(), self.cookies.last_provider())
    }

    /// With whom the link of a sign-in says that it begins, by name or by address; nobody's name where that is nobody.
    fn asked_for(&self) -> Option<String> {
        let named = || self.parameter("provider");
        let by_address = || Some(self.provider_by_address(&self.parameter("email")?).unwrap_or_default().to_owned());
        // The parameters of any other address are the host application's.
        let is_start = self.is_start();
        is_start.then(|| named().or_else(|| by_address().filter(|_| self.site().ask_email))).flatten()
    }

    /// The one provider here that vouches for the domain of an address.
    fn provider_by_address(&self, address: &str) -> Option<&str> {
        let domain = EmailDomain::parse(address.trim().rsplit_once('@')?.1).ok()?;
        let sources = self.site().sign_in.iter().filter_map(|name| self.config.providers.get(name));
        let mut fitting = sources.map(Source::settings).filter(|source| source.email_domains.contains(&domain));
        let first = fitting.next()?;
        fitting.next().is_none().then(|| first.name.as_str())
    }

    /// Whether the request is one for a sign-in by its own link.
    #[must_use]
    pub(crate) fn is_start(&self) -> bool {
        matches!(self.place.part, Part::Endpoint(Endpoint::SignInStart))
    }

    /// What every answer of our own says about itself.
    #[must_use]
    pub(crate) fn context(&self) -> Context<'_> {
        let accepted = self.request.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        self.config.context(&self.request_id, accepted, self.now)
    }

    /// Who will read a refusal.
    #[must_use]
    pub(crate) const fn audience(&self) -> Audience {
        match self.request.visit.kind {
            VisitKind::Form if matches!(self.request.visit.destination, Destination::Frame) => Audience::Frame,
            VisitKind::Navigation | VisitKind::Form => Audience::Tab,
            VisitKind::Frame => Audience::Frame,
            VisitKind::Fetch | VisitKind::Prefetch | VisitKind::WebSocket => Audience::Program,
        }
    }

    /// Where a sign-in that begins here leads.
    #[must_use]
    pub(crate) fn return_to(&self, back: WayBack) -> ReturnTo {
        let (site, sign_in) = (&self.site().url, self.config.paths.sign_in());
        match back {
            WayBack::Here => {
                // Of a URL of Sigma's its own stable link is where it leads.
                let link = self.place.link_of_url(self.config.paths.sigma());
                ReturnTo::of_request(&link.unwrap_or_else(|| self.request.target.to_string()), site)
            }
            WayBack::Parameter => {
                let place = self.sealed_place().or_else(|| self.return_parameter()).unwrap_or_default();
                self.parameter("fragment").map_or(place.clone(), |fragment| place.with_fragment(&fragment))
            }
            WayBack::Referrer => match self.referrer().filter(|referrer| referrer.origin() == site.origin()) {
                Some(page) => ReturnTo::of_page(&page[Position::BeforePath..Position::AfterQuery], site, sign_in),
                None => ReturnTo::default(),
            },
            WayBack::Root => ReturnTo::default(),
        }
    }

    /// Where the query's `rd` leads.
    #[must_use]
    pub(crate) fn return_parameter(&self) -> Option<ReturnTo> {
        let value = self.parameter("rd")?;
        Some(ReturnTo::parse(&value, &self.site().url, self.config.paths.sign_in()))
    }

    /// Where a link of ours leads that says it sealed.
    fn sealed_place(&self) -> Option<ReturnTo> {
        let sealed = self.parameter("place")?;
        let plain = self.config.session.keys.open(Purpose::ReturnTo, self.place.site_name(), &sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// The first parameter of that name in the query.
    #[must_use]
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.request.target.query.as_deref()?;
        let mut found = url::form_urlencoded::parse(query.as_bytes()).filter(|(found, _)| found == name);
        found.next().map(|(_, value)| value.into_owned())
    }

    /// Whether an `rd`, which anybody can write, may name that place.
    #[must_use]
    pub(crate) fn can_be_named(&self, return_to: &ReturnTo) -> bool {
        let (site, sign_in) = (&self.site().url, self.config.paths.sign_in());
        !return_to.is_cut() && ReturnTo::parse(return_to.as_str(), site, sign_in) == *return_to
    }

    /// The link that starts a sign-in which leads there.
    ///
    /// What was asked of us may be a place that no `rd` can name, for anybody can write one: then it is the place itself, where
    /// a navigation is sent to sign in.
    #[must_use]
    pub(crate) fn sign_in_url(&self, return_to: &ReturnTo) -> String {
        if !self.can_be_named(return_to) {
            return return_to.location(&self.site().url).into_owned();
        }
        let target = percent_encoding::utf8_percent_encode(return_to.as_str(), percent_encoding::NON_ALPHANUMERIC);
        format!("{}?rd={target}", self.config.paths.start())
    }

    /// The link that starts a sign-in with another account, which leads there.
    #[must_use]
    pub(crate) fn other_account_url(&self, return_to: &ReturnTo) -> String {
        let start = self.config.paths.start();
        match self.sign_in_url(return_to).strip_prefix(&format!("{start}?")) {
            Some(query) => format!("{start}?{OTHER_ACCOUNT}&{query}"),
            // A place that no `rd` can name would begin a sign-in with the account that the provider knows.
            None => format!("{start}?{OTHER_ACCOUNT}"),
        }
    }

    /// Whether a sign-in that begins here is to ask who signs in.
    #[must_use]
    pub(crate) fn asks_for_other_account(&self) -> bool {
        let query = self.request.target.query.as_deref().unwrap_or_default();
        self.place.part == Part::Endpoint(Endpoint::SignInStart) && query.split('&').any(|part| part == OTHER_ACCOUNT)
    }

    /// The page that the person came from, or the site's first one; none where that is where they are.
    #[must_use]
    pub(crate) fn way_back(&self) -> Option<String> {
        let back = self.return_to(WayBack::Referrer).location(&self.site().url).into_owned();
        (back != self.request.target.to_string()).then_some(back)
    }

    fn referrer(&self) -> Option<Url> {
        Url::parse(self.request.headers.get(header::REFERER)?.to_str().ok()?).ok()
    }
}

/// The parameter of a sign-in that asks who signs in.
const OTHER_ACCOUNT: &str = "account=other";
