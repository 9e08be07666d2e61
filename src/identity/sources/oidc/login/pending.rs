//! A login that waits for its callback.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use openidconnect::{
    AuthUrl, ClientId, CsrfToken, IssuerUrl, JsonWebKeySet, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope,
    core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient},
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    super::{
        provider::ProviderMetadata,
        settings::{AnswerMode, OidcSettings},
    },
    callback::CallbackParameters,
    code::{CodeExchange, binding},
    error::LoginError,
};
use crate::{
    identity::{AttemptId, CookieName, Cookies, HeldSession, Owner, ProviderName, Purpose, ReturnTo, SealKeys},
    limits::{CLOCK_LEEWAY, LOGIN_ATTEMPT_AGE_MAX, LOGIN_ATTEMPTS_MAX},
    seed::SeedStream,
    time::UnixSeconds,
};

/// What a sign-in starts with.
#[derive(Debug, Clone)]
pub(crate) struct LoginStart<'a> {
    /// The provider of the site.
    pub(crate) settings: &'a OidcSettings,
    /// What the provider says about itself.
    pub(crate) metadata: &'a ProviderMetadata,
    /// The site's callback endpoint.
    pub(crate) redirect_uri: &'a Url,
    /// Where the person goes afterwards.
    pub(crate) return_to: ReturnTo,
    /// What for.
    pub(crate) purpose: LoginPurpose,
    /// Whom a silent round is about, as the provider may know them (`login_hint`).
    pub(crate) hint: Option<&'a str>,
}

/// What a round through the provider is for. Each is sealed for its own purpose: the answer of one is never taken for another's,
/// also by a version that does not know it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum LoginPurpose {
    /// Somebody signs in.
    #[default]
    #[serde(rename = "i")]
    SignIn,
    /// Silently: whether the provider still vouches for a session.
    #[serde(rename = "c")]
    Recheck(HeldSession),
    /// Silently: an ID token that says who signs out, for the provider's own sign-out. It becomes no session.
    #[serde(rename = "o")]
    SignOut(Owner),
}

/// A login that waits for its callback. Its `Debug` shows the provider's name alone.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingLogin {
    #[serde(rename = "p")]
    provider: ProviderName,
    /// The issuer and the client that the sign-in began with: a reload may give the name to others.
    #[serde(rename = "c", default)]
    pub(super) bound_to: Option<u32>,
    #[serde(rename = "s")]
    pub(super) state: String,
    #[serde(rename = "n")]
    pub(super) nonce: String,
    #[serde(rename = "v")]
    pub(super) verifier: String,
    #[serde(rename = "u")]
    redirect_uri: Url,
    #[serde(rename = "r")]
    pub(super) return_to: ReturnTo,
    #[serde(rename = "i")]
    created_at: UnixSeconds,
    #[serde(rename = "w", default)]
    purpose: LoginPurpose,
}

/// Where the browser is sent to sign in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AuthorizationRedirect {
    /// The authorization request; it holds `state` and `nonce`, so it is not for logs.
    pub(crate) url: Url,
}

impl AuthorizationRedirect {
    /// The same, and the provider asks who signs in (OIDC Core 3.1.2.1): a session that it has there is not enough.
    #[must_use]
    pub(crate) fn asking_who(mut self, metadata: &ProviderMetadata) -> Self {
        if !self.url.query_pairs().any(|(name, _)| name == "prompt") {
            self.url.query_pairs_mut().append_pair("prompt", metadata.account_prompt);
        }
        self
    }
}

impl PendingLogin {
    /// Begins a login: what to remember, and where to send the browser.
    #[must_use]
    pub(crate) fn begin(
        start: LoginStart<'_>,
        stream: &mut SeedStream,
        now: UnixSeconds,
    ) -> (Self, AuthorizationRedirect) {
        let pending = Self {
            provider: start.settings.source.name.clone(),
            bound_to: Some(binding(start.settings)),
            state: stream.token(),
            nonce: stream.token(),
            verifier: stream.token(),
            redirect_uri: start.redirect_uri.clone(),
            return_to: start.return_to,
            created_at: now,
            purpose: start.purpose,
        };
        let url = pending.authorization_url(start.settings, start.metadata, start.hint);
        (pending, AuthorizationRedirect { url })
    }

    /// The cookie that remembers the login: its name and its sealed value.
    #[must_use]
    pub(crate) fn seal(&self, keys: &SealKeys, site: &str, nonce: [u8; 12]) -> (CookieName, String) {
        let plain = serde_json::to_vec(self).expect("texts, a URL and a number are JSON");
        (CookieName::LoginAttempt(self.id()), keys.seal(self.purpose.sealed_for(), site, &plain, nonce))
    }

    /// The login that a callback belongs to.
    ///
    /// # Errors
    /// [`LoginError::AttemptMissing`] where its cookie is missing, [`LoginError::AttemptSealed`] where it does not open.
    pub(crate) fn open(
        cookies: &Cookies,
        parameters: &CallbackParameters,
        keys: &SealKeys,
        site: &str,
    ) -> Result<Self, LoginError> {
        let id = AttemptId::of_state(parameters.state());
        let mut error = LoginError::AttemptMissing;
        for (_, value) in cookies.attempts().filter(|(attempt, _)| **attempt == id) {
            match Self::unseal(value, keys, site) {
                Some(pending) => return Ok(pending),
                None => error = LoginError::AttemptSealed,
            }
        }
        Err(error)
    }

    /// The cookie of this login: it is expired with the callback, whatever comes of it.
    #[must_use]
    pub(crate) fn id(&self) -> AttemptId {
        AttemptId::of_state(&self.state)
    }

    /// What it is for.
    #[must_use]
    pub(crate) const fn purpose(&self) -> &LoginPurpose {
        &self.purpose
    }

    /// With whom it began.
    #[must_use]
    pub(crate) const fn provider(&self) -> &ProviderName {
        &self.provider
    }

    /// Whether it began with this provider: the same name, issuer and client. No other one learns its code or verifier.
    #[must_use]
    pub(crate) fn is_with(&self, settings: &OidcSettings) -> bool {
        self.provider == settings.source.name && self.bound_to == Some(binding(settings))
    }

    /// Where the person wanted to go: for the link "sign in again" of an error page.
    #[must_use]
    pub(crate) const fn return_to(&self) -> &ReturnTo {
        &self.return_to
    }

    /// Takes the callback. No code leaves the gateway before all of this holds.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub(crate) fn receive(
        self,
        parameters: CallbackParameters,
        settings: &OidcSettings,
        metadata: &ProviderMetadata,
        now: UnixSeconds,
    ) -> Result<CodeExchange, LoginError> {
        verify_slices_are_equal(self.state.as_bytes(), parameters.state().as_bytes())
            .map_err(|_| LoginError::StateMismatch)?;
        if !self.is_with(settings) {
            return Err(LoginError::OtherProvider);
        }
        if !is_in_time(self.created_at, now) {
            return Err(LoginError::AttemptExpired);
        }
        let code = parameters.into_code(&settings.issuer, metadata.sends_issuer)?;
        Ok(CodeExchange {
            provider: self.provider,
            bound_to: binding(settings),
            code,
            nonce: self.nonce,
            verifier: self.verifier,
            redirect_uri: self.redirect_uri,
            hands_token_over: matches!(self.purpose, LoginPurpose::SignOut(_)),
        })
    }

    /// The attempts to expire before one more begins: those that cannot finish any more, then the oldest, so that with
    /// the new one there are at most [`LOGIN_ATTEMPTS_MAX`].
    #[must_use]
    pub(crate) fn crowded_out(cookies: &Cookies, keys: &SealKeys, site: &str, now: UnixSeconds) -> Vec<CookieName> {
        let age = |value| Self::unseal(value, keys, site).map(|it| it.created_at).filter(|at| is_in_time(*at, now));
        let mut attempts: Vec<_> = cookies.attempts().map(|(id, value)| (age(value), id)).collect();
        attempts.sort_by_key(|(created_at, _)| std::cmp::Reverse(*created_at));
        let kept = attempts.iter().take_while(|(created_at, _)| created_at.is_some()).count();
        let crowded = attempts.into_iter().skip(kept.min(LOGIN_ATTEMPTS_MAX - 1));
        crowded.map(|(_, id)| CookieName::LoginAttempt(id.clone())).collect()
    }

    fn unseal(value: &str, keys: &SealKeys, site: &str) -> Option<Self> {
        let opened = LoginPurpose::SEALED_FOR.iter().find_map(|purpose| {
            let plain = keys.open(*purpose, site, value).ok()?;
            Some((*purpose, serde_json::from_slice::<Self>(&plain).ok()?))
        });
        opened.and_then(|(purpose, pending)| (pending.purpose.sealed_for() == purpose).then_some(pending))
    }

    fn authorization_url(&self, settings: &OidcSettings, metadata: &ProviderMetadata, hint: Option<&str>) -> Url {
        // The client wants an issuer, but this request does not name it: any URL does.
        let issuer = IssuerUrl::from_url(metadata.authorization_endpoint.clone());
        let client = CoreClient::new(ClientId::new(settings.client_id.clone()), issuer, JsonWebKeySet::default())
            .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
            .set_redirect_uri(RedirectUrl::from_url(self.redirect_uri.clone()));
        let verifier = PkceCodeVerifier::new(self.verifier.clone());
        let (state, nonce) = (CsrfToken::new(self.state.clone()), Nonce::new(self.nonce.clone()));
        // `openid` is added by the library.
        let scopes = settings.scopes.iter().filter(|scope| *scope != "openid");
        let mode = match settings.response_mode {
            AnswerMode::Query => None,
            AnswerMode::FormPost => Some(("response_mode", "form_post")),
        };
        let is_silent = self.purpose != LoginPurpose::SignIn;
        let more = settings.authorization.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        // A silent round has a prompt of its own, and says itself whom it is about.
        let is_own = |name: &str| name == "prompt" || name == "login_hint" && hint.is_some();
        let more = more.filter(|(name, _)| !is_silent || !is_own(name));
        let request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        let request = match (is_silent, hint) {
            (false, _) => request,
            (true, None) => request.add_prompt(CoreAuthPrompt::None),
            (true, Some(hint)) => {
                request.add_prompt(CoreAuthPrompt::None).set_login_hint(LoginHint::new(hint.to_owned()))
            }
        };
        let (url, _, _) =
            mode.into_iter().chain(more).fold(request, |all, (name, value)| all.add_extra_param(name, value)).url();
        url
    }
}

impl LoginPurpose {
    const SEALED_FOR: [Purpose; 3] = [Purpose::LoginAttempt, Purpose::Recheck, Purpose::SignOut];

    const fn sealed_for(&self) -> Purpose {
        match self {
            Self::SignIn => Purpose::LoginAttempt,
            Self::Recheck(_) => Purpose::Recheck,
            Self::SignOut(_) => Purpose::SignOut,
        }
    }
}

impl std::fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingLogin").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AuthorizationRedirect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthorizationRedirect(redacted)")
    }
}

/// Another replica's clock may be a little ahead.
fn is_in_time(created_at: UnixSeconds, now: UnixSeconds) -> bool {
    created_at <= now.plus(CLOCK_LEEWAY) && now <= created_at.plus(LOGIN_ATTEMPT_AGE_MAX)
}
