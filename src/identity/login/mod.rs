//! A sign-in as states that consume each other: [`PendingLogin`] → [`CodeExchange`] → [`SignedIn`].
//!
//! The pending login travels in a sealed cookie of its own, so several tabs can sign in at once and the gateway keeps
//! nothing. Authorization code with PKCE S256, `state` and `nonce` (RFC 9700 2.1.1).

mod callback;
mod rounds;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use openidconnect::{
    AuthUrl, ClientId, CsrfToken, IssuerUrl, JsonWebKeySet, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    Scope,
    core::{CoreAuthenticationFlow, CoreClient},
};
use serde::{Deserialize, Serialize};
use url::Url;

pub use self::{callback::CallbackParameters, rounds::LoginRounds};
use super::{
    AttemptId, CookieJar, CookieName, ExpectedToken, IdTokenError, Identity, IdentityError, KeySet, OidcSettings,
    Projection, ProviderMetadata, ProviderName, Purpose, ReturnTo, SealKeys, VerifiedToken, short_hash::short_hash,
    verify_id_token,
};
use crate::{
    limits::{CLOCK_LEEWAY, LOGIN_ATTEMPT_AGE_MAX, LOGIN_ATTEMPTS_MAX},
    reason::Reason,
    seed::SeedStream,
    time::UnixSeconds,
};

/// What a sign-in starts with.
#[derive(Debug, Clone)]
pub struct LoginStart<'a> {
    /// The provider of the site.
    pub settings: &'a OidcSettings,
    /// What the provider says about itself.
    pub metadata: &'a ProviderMetadata,
    /// The site's callback endpoint.
    pub redirect_uri: &'a Url,
    /// Where the person goes afterwards.
    pub return_to: ReturnTo,
}

/// A login that waits for its callback. Its `Debug` shows nothing.
#[derive(Serialize, Deserialize)]
pub struct PendingLogin {
    #[serde(rename = "p")]
    provider: ProviderName,
    /// The issuer and the client that the sign-in began with: a reload may give the name to others.
    #[serde(rename = "c", default)]
    bound_to: Option<u32>,
    #[serde(rename = "s")]
    state: String,
    #[serde(rename = "n")]
    nonce: String,
    #[serde(rename = "v")]
    verifier: String,
    #[serde(rename = "u")]
    redirect_uri: Url,
    #[serde(rename = "r")]
    return_to: ReturnTo,
    #[serde(rename = "i")]
    created_at: UnixSeconds,
}

/// Where the browser is sent to sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationRedirect {
    /// The authorization request; it holds `state` and `nonce`, so it is not for logs.
    pub url: Url,
}

/// A code that may be exchanged: the callback was that of this browser, of this attempt, and of the right issuer.
pub struct CodeExchange {
    provider: ProviderName,
    bound_to: u32,
    code: String,
    nonce: String,
    verifier: String,
    redirect_uri: Url,
    return_to: ReturnTo,
}

/// What the token endpoint gave.
pub struct Tokens {
    /// The ID token, unverified.
    pub id_token: String,
    /// The access token; only `at_hash` is held against it.
    pub access_token: String,
}

/// A finished sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub identity: Identity,
    /// Where to.
    pub return_to: ReturnTo,
}

/// Why a sign-in fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The callback came without the cookie of its attempt, or with one that does not open.
    #[error("callback came without the cookie of its login attempt")]
    AttemptMissing,
    /// The attempt is too old.
    #[error("login attempt is older than {LOGIN_ATTEMPT_AGE_MAX:?}")]
    AttemptExpired,
    /// `state` is missing or another one, or the callback has neither code nor error.
    #[error("callback is not that of the login attempt")]
    StateMismatch,
    /// RFC 6749 3.1: parameters are not repeated.
    #[error("callback has the parameter `{name}` twice")]
    ParameterTwice {
        /// Which.
        name: &'static str,
    },
    /// RFC 9207 2.4.
    #[error("callback is of another issuer, or does not name its issuer")]
    Issuer,
    /// The provider answered with an error.
    #[error("provider refused the sign-in: {code}")]
    ProviderRefused {
        /// The error code of RFC 6749 4.1.2.1 or OIDC Core 3.1.2.6; `other` for anything else.
        code: &'static str,
    },
    /// The attempt was with a provider that the site does not use any more, or with another issuer or client of it.
    #[error("login attempt is of another provider, issuer or client")]
    OtherProvider,
    /// As many codes are being exchanged as the provider is asked for at a time.
    #[error("provider is asked for too many tokens at once")]
    Busy,
    /// No answer from the provider, or no valid documents.
    #[error("provider cannot be used: {cause}")]
    ProviderUnreachable {
        /// For the log; nothing that the provider sent.
        cause: String,
    },
    /// The token endpoint gave no tokens.
    #[error("code is not exchanged for tokens: {cause}")]
    Exchange {
        /// For the log; nothing that the provider sent but a checked error code.
        cause: String,
    },
    /// The ID token is refused.
    #[error(transparent)]
    Token(#[from] IdTokenError),
    /// The claims name nobody.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Sign-in after sign-in brings no session.
    #[error("sign-ins in a row brought no session")]
    Loop,
}

impl PendingLogin {
    /// Begins a login: what to remember, and where to send the browser.
    #[must_use]
    pub fn begin(start: LoginStart<'_>, stream: &mut SeedStream, now: UnixSeconds) -> (Self, AuthorizationRedirect) {
        let pending = Self {
            provider: start.settings.name.clone(),
            bound_to: Some(binding(start.settings)),
            state: stream.token(),
            nonce: stream.token(),
            verifier: stream.token(),
            redirect_uri: start.redirect_uri.clone(),
            return_to: start.return_to,
            created_at: now,
        };
        let url = pending.authorization_url(start.settings, start.metadata);
        (pending, AuthorizationRedirect { url })
    }

    /// The cookie that remembers the login: its name and its sealed value.
    #[must_use]
    pub fn seal(&self, keys: &SealKeys, site: &str, nonce: [u8; 12]) -> (CookieName, String) {
        let plain = serde_json::to_vec(self).expect("texts, a URL and a number are JSON");
        (CookieName::LoginAttempt(self.id()), keys.seal(Purpose::LoginAttempt, site, &plain, nonce))
    }

    /// The login that a callback belongs to.
    ///
    /// # Errors
    /// [`LoginError::AttemptMissing`] where its cookie is missing or does not open.
    pub fn open(
        jar: &CookieJar<'_>,
        parameters: &CallbackParameters,
        keys: &SealKeys,
        site: &str,
    ) -> Result<Self, LoginError> {
        let id = AttemptId::of_state(parameters.state());
        let of_state = jar.attempts().filter(|(attempt, _)| **attempt == id);
        let mut opened = of_state.filter_map(|(_, value)| Self::unseal(value, keys, site));
        opened.next().ok_or(LoginError::AttemptMissing)
    }

    /// The cookie of this login: it is expired with the callback, whatever comes of it.
    #[must_use]
    pub fn id(&self) -> AttemptId {
        AttemptId::of_state(&self.state)
    }

    /// Whether it began with this provider: the same name, issuer and client. No other one learns its code or verifier.
    #[must_use]
    pub fn is_with(&self, settings: &OidcSettings) -> bool {
        self.provider == settings.name && self.bound_to == Some(binding(settings))
    }

    /// Where the person wanted to go: for the link "sign in again" of an error page.
    #[must_use]
    pub const fn return_to(&self) -> &ReturnTo {
        &self.return_to
    }

    /// Takes the callback. No code leaves the gateway before all of this holds.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub fn receive(
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
            return_to: self.return_to,
        })
    }

    /// The attempts to expire before one more begins: those that cannot finish any more, then the oldest, so that with
    /// the new one there are at most [`LOGIN_ATTEMPTS_MAX`].
    #[must_use]
    pub fn crowded_out(jar: &CookieJar<'_>, keys: &SealKeys, site: &str, now: UnixSeconds) -> Vec<CookieName> {
        let age = |value| Self::unseal(value, keys, site).map(|it| it.created_at).filter(|at| is_in_time(*at, now));
        let mut attempts: Vec<_> = jar.attempts().map(|(id, value)| (age(value), id)).collect();
        attempts.sort_by_key(|(created_at, _)| std::cmp::Reverse(*created_at));
        let kept = attempts.iter().take_while(|(created_at, _)| created_at.is_some()).count();
        let crowded = attempts.into_iter().skip(kept.min(LOGIN_ATTEMPTS_MAX - 1));
        crowded.map(|(_, id)| CookieName::LoginAttempt(id.clone())).collect()
    }

    fn unseal(value: &str, keys: &SealKeys, site: &str) -> Option<Self> {
        let plain = keys.open(Purpose::LoginAttempt, site, value).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    fn authorization_url(&self, settings: &OidcSettings, metadata: &ProviderMetadata) -> Url {
        // The client wants an issuer, but this request does not name it: any URL does.
        let issuer = IssuerUrl::from_url(metadata.authorization_endpoint.clone());
        let client = CoreClient::new(ClientId::new(settings.client_id.clone()), issuer, JsonWebKeySet::default())
            .set_auth_uri(AuthUrl::from_url(metadata.authorization_endpoint.clone()))
            .set_redirect_uri(RedirectUrl::from_url(self.redirect_uri.clone()));
        let verifier = PkceCodeVerifier::new(self.verifier.clone());
        let (state, nonce) = (CsrfToken::new(self.state.clone()), Nonce::new(self.nonce.clone()));
        // `openid` is added by the library.
        let scopes = settings.scopes.iter().filter(|scope| *scope != "openid");
        let (url, _, _) = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        url
    }
}

impl CodeExchange {
    /// The code; to the token endpoint and nowhere else.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The PKCE verifier; to the token endpoint and nowhere else.
    #[must_use]
    pub fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The redirect URI of the authorization request, sent again with the code (RFC 6749 4.1.3).
    #[must_use]
    pub const fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// Verifies the ID token; again with newer keys where the first ones did not fit.
    ///
    /// # Errors
    /// See [`IdTokenError`].
    pub fn verify(
        &self,
        tokens: &Tokens,
        settings: &OidcSettings,
        (metadata, keys): (&ProviderMetadata, &KeySet),
        now: UnixSeconds,
    ) -> Result<VerifiedToken, IdTokenError> {
        let expected = ExpectedToken {
            issuer: &settings.issuer,
            client_id: &settings.client_id,
            nonce: &self.nonce,
            algorithms: &metadata.algorithms,
            access_token: Some(&tokens.access_token),
        };
        verify_id_token(&tokens.id_token, keys, &expected, now)
    }

    /// Ends the sign-in with a token that [`CodeExchange::verify`] accepted.
    ///
    /// # Errors
    /// [`LoginError::Identity`], or [`LoginError::OtherProvider`] with settings of another provider.
    pub fn finish(
        self,
        token: &VerifiedToken,
        settings: &OidcSettings,
        projection: &Projection,
    ) -> Result<SignedIn, LoginError> {
        if self.provider != settings.name || self.bound_to != binding(settings) {
            return Err(LoginError::OtherProvider);
        }
        let identity = Identity::from_claims(settings, token.claims(), projection)?;
        Ok(SignedIn { identity, return_to: self.return_to })
    }
}

impl LoginError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        match self {
            Self::AttemptMissing => Reason::AttemptMissing,
            Self::AttemptExpired => Reason::AttemptExpired,
            Self::StateMismatch | Self::ParameterTwice { .. } => Reason::StateMismatch,
            Self::OtherProvider => Reason::ProviderChanged,
            Self::Busy => Reason::ProviderBusy,
            Self::Issuer => Reason::TokenIss,
            Self::ProviderRefused { .. } => Reason::ProviderRefused,
            Self::ProviderUnreachable { .. } => Reason::ProviderUnreachable,
            Self::Exchange { .. } => Reason::TokenExchange,
            Self::Token(error) => error.reason(),
            Self::Identity(error) => error.reason(),
            Self::Loop => Reason::LoginLoop,
        }
    }
}

impl std::fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingLogin").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for CodeExchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeExchange").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for AuthorizationRedirect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthorizationRedirect(redacted)")
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(redacted)")
    }
}

/// A hash of issuer and client.
fn binding(settings: &OidcSettings) -> u32 {
    short_hash(&[&settings.issuer, &settings.client_id])
}

/// Another replica's clock may be a little ahead.
fn is_in_time(created_at: UnixSeconds, now: UnixSeconds) -> bool {
    created_at <= now.plus(CLOCK_LEEWAY) && now <= created_at.plus(LOGIN_ATTEMPT_AGE_MAX)
}

#[cfg(test)]
mod tests;
