//! Sign-in and sign-out, as the browser walks through them.

use http::{HeaderValue, Method};

use super::exchange::{Exchange, Outcome};
use crate::{
    connect::ProviderError,
    identity::{
        CallbackParameters, CookieJar, Identity, LoginError, OidcSettings, PendingLogin, ProviderDocuments, ReturnTo,
        Session, SignedIn,
    },
    limits::LOGIN_ROUNDS_MAX,
    reason::Reason,
    reply,
    request::{FetchSite, VisitKind},
    system::{self, LoginLabels},
};

impl Exchange {
    /// Nobody is signed in: a redirect for a top-level GET, a page for a frame or a form, JSON for a program.
    pub(super) async fn not_signed_in(&self) -> Outcome {
        match self.request.visit.kind {
            VisitKind::Navigation if self.request.method == Method::GET => self.begin_login(self.return_to()).await,
            VisitKind::Frame => self.refuse_with_sign_in(Reason::NotSignedIn, &self.return_to_referrer()),
            VisitKind::Navigation | VisitKind::Form => self.refuse_with_sign_in(Reason::NotSignedIn, &self.return_to()),
            VisitKind::Fetch | VisitKind::WebSocket | VisitKind::Prefetch => {
                self.refuse_with_sign_in(Reason::NotSignedIn, &self.return_to_referrer())
            }
        }
    }

    /// `GET {sign_in}/start?rd=`
    pub(super) async fn start(&self) -> Outcome {
        if self.request.method != Method::GET {
            return self.refuse(Reason::MethodNotAllowed);
        }
        match self.request.visit.kind {
            VisitKind::Navigation => self.begin_login(self.return_parameter()).await,
            VisitKind::Frame | VisitKind::Form | VisitKind::Fetch | VisitKind::Prefetch | VisitKind::WebSocket => {
                self.refuse_with_sign_in(Reason::NotSignedIn, &self.return_parameter())
            }
        }
    }

    async fn begin_login(&self, return_to: ReturnTo) -> Outcome {
        let rounds = self.cookies.rounds(&self.config.session.keys, self.site_name(), self.now);
        if rounds >= LOGIN_ROUNDS_MAX {
            let mut outcome = self.refuse_with_sign_in(Reason::LoginLoop, &return_to);
            outcome.set_cookie(CookieJar::forget_rounds());
            return outcome;
        }
        let Some(settings) = self.provider() else {
            return self.refuse(Reason::Internal);
        };
        let documents = match self.shared.providers.documents(settings).await {
            Ok(documents) => documents,
            Err(error) => return self.provider_unreachable(settings, &error),
        };
        let mut stream = system::seed().into_stream();
        let begun =
            PendingLogin::begin(settings, &documents.metadata, &self.callback_url(), return_to, &mut stream, self.now);
        let keys = &self.config.session.keys;
        let Ok((pending, redirect)) = begun else {
            return self.refuse(Reason::Internal);
        };
        let mut outcome = self.redirect(redirect.url.as_str(), "sign_in");
        outcome.set_cookie(pending.set_cookie(keys, self.site_name(), system::nonce()));
        for line in self.cookies.surplus_attempts(keys, self.site_name(), self.now) {
            outcome.set_cookie(line);
        }
        outcome.set_cookie(CookieJar::count_round(rounds + 1, keys, self.site_name(), self.now, system::nonce()));
        outcome
    }

    /// `GET {sign_in}/callback`
    pub(super) async fn callback(&self) -> Outcome {
        if self.request.method != Method::GET {
            return self.refuse(Reason::MethodNotAllowed);
        }
        let parameters = match CallbackParameters::parse(self.request.target.query.as_deref().unwrap_or_default()) {
            Ok(parameters) => parameters,
            Err(error) => return self.login_failed(&error, &ReturnTo::root()),
        };
        let keys = &self.config.session.keys;
        let Some(pending) = self.cookies.attempt(&parameters, keys, self.site_name()) else {
            // The answer was used already (Back, a second click), and the sign-in worked: nothing to complain about.
            if self.session.is_some() {
                return self.redirect("/", "signed_in");
            }
            return self.login_failed(&LoginError::AttemptMissing, &ReturnTo::root());
        };
        let (forget, return_to) = (pending.forget_cookie(), pending.return_to().clone());
        let mut outcome = match self.finish_login(pending, parameters).await {
            Ok(signed_in) => self.signed_in(signed_in),
            Err(error) => self.login_failed(&error, &return_to),
        };
        outcome.set_cookie(forget);
        outcome
    }

    async fn finish_login(
        &self,
        pending: PendingLogin,
        parameters: CallbackParameters,
    ) -> Result<SignedIn, LoginError> {
        let settings = self.config.providers.get(pending.provider()).ok_or(LoginError::AttemptMissing)?;
        let documents = self.shared.providers.documents(settings).await.map_err(|_| LoginError::ProviderUnreachable)?;
        let exchange = pending.receive(parameters, &documents.metadata, settings, self.now)?;
        let tokens = self.shared.providers.exchange(settings, &documents.metadata, &exchange).await?;
        let projection = &self.config.session.projection;
        match exchange.finish(&tokens, &documents.keys, settings, projection, self.now) {
            Err(error) if error.is_unknown_key() => {
                let documents: std::sync::Arc<ProviderDocuments> =
                    self.shared.providers.refetch_keys(settings).await.map_err(|_| LoginError::ProviderUnreachable)?;
                exchange.finish(&tokens, &documents.keys, settings, projection, self.now)
            }
            finished => finished,
        }
    }

    fn signed_in(&self, signed_in: SignedIn) -> Outcome {
        let rules = &self.config.session;
        let identity = signed_in.identity;
        let (provider, subject) = (identity.provider.clone(), identity.subject.clone());
        let is_same_person = self.is_same_person(&identity);
        let session = Session::begin(identity, rules, self.now);
        let line = match session.set_cookie(rules, self.site_name(), system::nonce()) {
            Ok(line) => line,
            Err(error) => return self.login_failed(&LoginError::from(error), &signed_in.return_to),
        };
        self.count_login(&provider.0, "signed_in", Some(&subject), None);
        let mut outcome = self.redirect(signed_in.return_to.as_str(), "signed_in");
        outcome.set_cookie(line);
        if !is_same_person {
            self.forget_host_cookies(&mut outcome);
        }
        outcome
    }

    /// Whether the browser proves that the same person was signed in before; a session that has ended still proves it.
    fn is_same_person(&self, identity: &Identity) -> bool {
        let before = self.cookies.last_person(&self.config.session.keys, self.site_name());
        before.is_some_and(|(provider, subject)| provider == identity.provider && subject == identity.subject)
    }

    fn login_failed(&self, error: &LoginError, return_to: &ReturnTo) -> Outcome {
        let reason = error.reason();
        self.count_login(&self.site.sign_in.0, reason.as_str(), None, Some(&error.to_string()));
        self.refuse_with_sign_in(reason, return_to)
    }

    fn provider_unreachable(&self, settings: &OidcSettings, error: &ProviderError) -> Outcome {
        let reason = error.reason();
        self.count_login(&settings.name.0, reason.as_str(), None, Some(&error.to_string()));
        let mut outcome = self.refuse(reason);
        outcome.set_header(http::header::RETRY_AFTER, HeaderValue::from_static("30"));
        outcome
    }

    fn count_login(&self, provider: &str, result: &'static str, user: Option<&str>, detail: Option<&str>) {
        let labels = LoginLabels { provider: provider.to_owned(), result };
        self.shared.metrics.logins.get_or_create(&labels).inc();
        self.audit_sign_in(provider, result, user, detail);
    }

    /// `GET,POST {sign_in}/sign_out?rd=`
    pub(super) async fn sign_out(&self) -> Outcome {
        if !matches!(self.request.method, Method::GET | Method::POST) {
            return self.refuse(Reason::MethodNotAllowed);
        }
        match (self.request.visit.site, self.request.visit.kind) {
            (_, VisitKind::Prefetch) => return self.refuse(Reason::Prefetch),
            (FetchSite::CrossSite | FetchSite::SameSite, VisitKind::Navigation | VisitKind::Form) => {
                let again = self.request.target.path.as_str();
                return Outcome::own(reply::confirm_sign_out(self.context(), again), "confirm_sign_out");
            }
            (FetchSite::CrossSite | FetchSite::SameSite, _) => return self.refuse(Reason::ConfirmSignOut),
            (FetchSite::SameOrigin | FetchSite::None | FetchSite::Absent, _) => {}
        }
        let mut outcome = match self.end_session_url() {
            Some(url) => self.redirect(&url, "signed_out"),
            None if self.has_return_parameter() => self.redirect(self.return_parameter().as_str(), "signed_out"),
            None => Outcome::own(reply::signed_out(self.context()), "signed_out"),
        };
        for line in self.cookies.forget_all() {
            outcome.set_cookie(line);
        }
        self.forget_host_cookies(&mut outcome);
        outcome
    }

    /// The provider's end of session (OIDC RP-Initiated Logout 1.0), with what we know without a token.
    fn end_session_url(&self) -> Option<String> {
        let settings = self.provider()?;
        let documents = self.shared.providers.current(&settings.name)?;
        let identity = self.session.as_ref().map(|session| &session.identity);
        let hint = identity.and_then(|identity| identity.email.as_ref().ok()).map(|email| email.as_str());
        documents.metadata.end_session_url(&settings.client_id, hint, &self.site.forward.site_url).map(String::from)
    }

    fn forget_host_cookies(&self, outcome: &mut Outcome) {
        for name in &self.site.forget_cookies {
            for line in CookieJar::forget_host_cookie(name, self.site_name()) {
                outcome.set_cookie(line);
            }
        }
    }

    fn provider(&self) -> Option<&OidcSettings> {
        self.config.providers.get(&self.site.sign_in)
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
        ReturnTo::parse(&wanted, &self.site.forward.site_url, &self.config.paths)
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
