//! Sign-in and sign-out, as the browser walks through them.

use http::HeaderValue;

use super::exchange::{Exchange, Outcome};
use crate::{
    connect::ProviderError,
    identity::{
        CallbackParameters, CookieName, LoginError, LoginRounds, LoginStart, OidcSettings, PendingLogin, ReturnTo,
        Session, SessionError, SetCookie, SignedIn, end_session_url,
    },
    limits::{LOGIN_ATTEMPT_AGE_MAX, LOGIN_ROUNDS_AGE_MAX},
    policy::{PersonCheck, Unproven},
    reason::Reason,
    reply,
    request::{SignInOffer, sign_in_offer},
    system::{self, LoginLabels},
};

impl Exchange {
    /// Nobody is signed in: a redirect for a top-level GET, a page for a frame or a form, JSON for a program.
    pub(super) async fn not_signed_in(&self) -> Outcome {
        match sign_in_offer(&self.request.visit) {
            // Signing in again mends nothing by itself, and would go round.
            SignInOffer::Redirect if self.person == PersonCheck::Nobody(Unproven::NoAddress) => {
                self.refuse_with_sign_in(self.why_nobody(), &self.return_to())
            }
            SignInOffer::Redirect => self.begin_login(self.return_to()).await,
            SignInOffer::BackHere => self.refuse_with_sign_in(self.why_nobody(), &self.return_to()),
            SignInOffer::BackToReferrer => self.refuse_with_sign_in(self.why_nobody(), &self.return_to_referrer()),
        }
    }

    /// Why a request of nobody is refused.
    pub(super) const fn why_nobody(&self) -> Reason {
        use Unproven::{NoAddress, Unsaid};
        match self.person {
            PersonCheck::Differs | PersonCheck::Nobody(NoAddress) => Reason::IdentityConflict,
            PersonCheck::Unasked | PersonCheck::Exempt | PersonCheck::Same | PersonCheck::Nobody(Unsaid(_)) => {
                Reason::NotSignedIn
            }
        }
    }

    /// `GET {sign_in}/start?rd=`
    pub(super) async fn start(&self) -> Outcome {
        self.begin_login(self.return_parameter()).await
    }

    async fn begin_login(&self, return_to: ReturnTo) -> Outcome {
        let keys = &self.config.session.keys;
        if let Err(error) = LoginRounds::of(&self.jar(), keys, self.site_name(), self.now).check() {
            let mut outcome = self.login_failed(&error.into(), &return_to);
            outcome.set_cookie(SetCookie::expire(&CookieName::LoginRounds));
            return outcome;
        }
        let Some(settings) = self.provider() else {
            return self.refuse(Reason::Internal);
        };
        let documents = match self.shared.providers.documents(settings).await {
            Ok(documents) => documents,
            Err(error) => return self.provider_unreachable(settings, &error),
        };
        let (metadata, redirect_uri) = (&documents.metadata, &self.callback_url());
        let start = LoginStart { settings, metadata, redirect_uri, return_to };
        let (pending, redirect) = PendingLogin::begin(start, &mut system::seed().into_stream(), self.now);
        let (name, value) = pending.seal(keys, self.site_name(), system::nonce());
        let mut outcome = self.redirect(redirect.url.as_str(), "sign_in");
        outcome.set_cookie(SetCookie::keep(&name, &value, LOGIN_ATTEMPT_AGE_MAX));
        for name in PendingLogin::crowded_out(&self.jar(), keys, self.site_name(), self.now) {
            outcome.set_cookie(SetCookie::expire(&name));
        }
        outcome
    }

    /// `GET {sign_in}/callback`
    pub(super) async fn callback(&self) -> Outcome {
        let parameters = match CallbackParameters::parse(self.request.target.query.as_deref().unwrap_or_default()) {
            Ok(parameters) => parameters,
            Err(error) => return self.login_failed(&error, &ReturnTo::default()),
        };
        let pending = match PendingLogin::open(&self.jar(), &parameters, &self.config.session.keys, self.site_name()) {
            Ok(pending) => pending,
            // The answer was used already (Back, a second click), and the sign-in worked: nothing to complain about.
            Err(_) if self.session.is_some() => return self.redirect("/", "signed_in"),
            Err(error) => return self.login_failed(&error, &ReturnTo::default()),
        };
        let (attempt, return_to) = (CookieName::LoginAttempt(pending.id()), pending.return_to().clone());
        let mut outcome = match self.finish_login(pending, parameters).await {
            Ok(signed_in) => self.signed_in(signed_in),
            // The code is not spent: the same page can be loaded again.
            Err(error @ LoginError::Busy) => return self.login_failed(&error, &return_to),
            Err(error) => self.login_failed(&error, &return_to),
        };
        outcome.set_cookie(SetCookie::expire(&attempt));
        outcome
    }

    async fn finish_login(
        &self,
        pending: PendingLogin,
        parameters: CallbackParameters,
    ) -> Result<SignedIn, LoginError> {
        let settings = self.provider().filter(|settings| pending.is_with(settings));
        let settings = settings.ok_or(LoginError::OtherProvider)?;
        let projection = &self.config.session.projection;
        self.shared.providers.finish((pending, parameters), settings, projection, self.now).await
    }

    fn signed_in(&self, signed_in: SignedIn) -> Outcome {
        let rules = &self.config.session;
        let SignedIn { identity, return_to } = signed_in;
        let (provider, subject) = (identity.provider.0.clone(), identity.subject.clone());
        let owner = Session::read(&self.jar(), rules, self.site_name(), self.now).owner();
        let is_same_person = owner.is_some() && owner == rules.owner(&identity);
        let sealed = Session::begin(identity, rules, self.now).seal(rules, self.site_name(), system::nonce());
        let value = match sealed {
            Ok(value) => value,
            Err(error) => return self.session_failed(&provider, &error),
        };
        self.count_login(&provider, "signed_in", Some(&subject), None);
        let mut outcome = self.redirect(return_to.as_str(), "signed_in");
        if self.jar().has(&CookieName::Session) {
            // An older one in a partition would be a second beside it.
            outcome.expire_sessions();
        }
        outcome.set_cookie(SetCookie::keep(&CookieName::Session, &value, rules.max_age));
        self.count_round(&mut outcome);
        if !is_same_person {
            self.forget_host_cookies(&mut outcome);
        }
        outcome
    }

    /// The next request with a session takes the count back; without one, a loop ends at the limit.
    fn count_round(&self, outcome: &mut Outcome) {
        let keys = &self.config.session.keys;
        let rounds = LoginRounds::of(&self.jar(), keys, self.site_name(), self.now).finished(self.now);
        let value = rounds.seal(keys, self.site_name(), system::nonce());
        outcome.set_cookie(SetCookie::keep(&CookieName::LoginRounds, &value, LOGIN_ROUNDS_AGE_MAX));
    }

    fn session_failed(&self, provider: &str, error: &SessionError) -> Outcome {
        let reason = error.reason();
        self.count_login(provider, reason.as_str(), None, Some(&error.to_string()));
        self.refuse(reason)
    }

    fn login_failed(&self, error: &LoginError, return_to: &ReturnTo) -> Outcome {
        let reason = error.reason();
        self.count_login(&self.site.sign_in.0, reason.as_str(), None, Some(&error.to_string()));
        self.refuse_with_sign_in(reason, return_to)
    }

    fn provider_unreachable(&self, settings: &OidcSettings, error: &ProviderError) -> Outcome {
        let reason = Reason::ProviderUnreachable;
        self.count_login(&settings.source.name.0, reason.as_str(), None, Some(&error.to_string()));
        self.refuse(reason)
    }

    fn count_login(&self, provider: &str, result: &'static str, user: Option<&str>, detail: Option<&str>) {
        let labels = LoginLabels { provider: provider.to_owned(), result };
        self.shared.metrics.logins.get_or_create(&labels).inc();
        self.audit_sign_in(provider, result, user, detail);
    }

    /// `GET,POST {sign_in}/sign_out?rd=`
    pub(super) fn sign_out(&self) -> Outcome {
        let mut outcome = match self.end_session_url() {
            Some(url) => self.redirect(&url, "signed_out"),
            None if self.has_return_parameter() => self.redirect(self.return_parameter().as_str(), "signed_out"),
            None => Outcome::own(reply::signed_out(self.context()), "signed_out"),
        };
        outcome.expire_sessions();
        self.forget_host_cookies(&mut outcome);
        outcome
    }

    pub(super) fn confirm_sign_out(&self) -> Outcome {
        let again = self.request.target.path.as_str();
        Outcome::own(reply::confirm_sign_out(self.context(), self.audience(), again), "confirm_sign_out")
    }

    /// No sign-in begins in a frame, a form or a program: whoever sees the answer follows its link.
    pub(super) fn offer_sign_in(&self) -> Outcome {
        self.refuse_with_sign_in(Reason::NotSignedIn, &self.return_parameter())
    }

    /// The provider's end of session (OIDC RP-Initiated Logout 1.0), with what we know without a token.
    fn end_session_url(&self) -> Option<String> {
        let settings = self.provider()?;
        let documents = self.shared.providers.current(settings)?;
        let identity = self.session.as_ref().map(|session| &session.identity);
        end_session_url(&documents.metadata, settings, &self.site.forward.site_url, identity).map(String::from)
    }

    pub(super) fn forget_host_cookies(&self, outcome: &mut Outcome) {
        for cookie in &self.site.forget_cookies {
            for line in SetCookie::forget(cookie, self.site_name()) {
                outcome.set_cookie(line);
            }
        }
    }

    fn provider(&self) -> Option<&OidcSettings> {
        self.config.providers.get(&self.site.sign_in)?.oidc()
    }

    fn callback_url(&self) -> url::Url {
        let mut url = self.site.forward.site_url.clone();
        url.set_path(&format!("{}/callback", self.config.paths.sign_in()));
        url
    }

    fn has_return_parameter(&self) -> bool {
        query_parameter(self.request.target.query.as_deref(), "rd").is_some()
    }

    fn return_parameter(&self) -> ReturnTo {
        let wanted = query_parameter(self.request.target.query.as_deref(), "rd").unwrap_or_default();
        ReturnTo::parse(&wanted, &self.site.forward.site_url, self.config.paths.sign_in())
    }

    /// A redirect to a URL that a stage has built; none of them can hold a byte that a header cannot.
    pub(super) fn redirect(&self, location: &str, why: &'static str) -> Outcome {
        match HeaderValue::from_str(location) {
            Ok(location) => Outcome::own(reply::redirect(self.context(), &location, why), why),
            Err(_) => self.refuse(Reason::Internal),
        }
    }
}

fn query_parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut found = url::form_urlencoded::parse(query?.as_bytes()).filter(|(key, _)| key == name);
    found.next().map(|(_, value)| value.into_owned())
}
