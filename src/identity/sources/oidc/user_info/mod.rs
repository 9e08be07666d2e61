//! UserInfo (OIDC Core 5.3): when it is asked, with what, and what of its answer counts. It is asked once, at sign-in, and only
//! after the ID token was verified: an answer is of the person whom that token names, or of nobody.

mod challenge;
mod completed;
#[cfg(test)]
mod tests;

use http::{HeaderValue, StatusCode};
use url::Url;

pub(crate) use self::completed::OF_THE_SIGN_IN;
use self::{challenge::parameter, completed::completed};
use super::{
    id_token::{IdTokenError, VerifiedToken, verify_user_info},
    provider::{DocumentError, KeySet, ProviderMetadata},
    provider_words::ProviderWords,
    settings::{OidcSettings, UserInfoUse},
    tokens::Tokens,
};
use crate::{
    identity::{Claims, EmailVerification, SourceSettings, cause::quoted, strict_json::StrictJsonError},
    reason::Reason,
    time::UnixSeconds,
};

/// What UserInfo is asked: where, and as whom. Its `Debug` shows the address alone.
pub(crate) struct UserInfoQuestion {
    /// Where.
    pub(crate) endpoint: Url,
    /// The access token, as the header that carries it (RFC 6750 2.1); to this endpoint and nowhere else.
    pub(crate) authorization: HeaderValue,
}

/// What came back. Its `Debug` shows the status alone.
pub(crate) struct UserInfoAnswer<'a> {
    /// The status; a redirect is not followed.
    pub(crate) status: StatusCode,
    /// Its `Content-Encoding`: none was asked for.
    pub(crate) encoding: Option<&'a str>,
    /// What the answer calls itself.
    pub(crate) content_type: Option<&'a str>,
    /// Why the access token is not taken (RFC 6750 3), if it says so: each line.
    pub(crate) challenges: Vec<&'a str>,
    /// All of it.
    pub(crate) body: &'a [u8],
    /// What it may repeat of the request, and nobody is told.
    pub(crate) sent: &'a str,
}

/// Claims of UserInfo, about the person of an ID token. Its `Debug` shows nothing.
pub(crate) struct UserInfo(Claims);

/// Why UserInfo, where it is asked for, does not complete an ID token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UserInfoError {
    /// `userinfo = "always"`, and there is none.
    #[error("userinfo is to be asked, and the provider's document has no userinfo_endpoint")]
    NoEndpoint,
    /// The document has an address that is none.
    #[error("userinfo is needed, and cannot be asked: {0}")]
    Endpoint(DocumentError),
    /// The token endpoint gave none, or one that no header holds.
    #[error("userinfo is needed, and there is no access token to ask it with")]
    NoAccessToken,
    /// RFC 6749 7.1: a type that is not understood is not used.
    #[error("userinfo is needed, and the access token is no bearer token: `token_type` is {0}")]
    TokenType(String),
    /// Anything but 200.
    #[error("userinfo answers with status {}{}", .status.as_u16(), .words.as_ref().map_or_else(String::new, |words| format!(": {words}")))]
    Status {
        /// The status.
        status: StatusCode,
        /// What the provider says of the error, if anything.
        words: Option<ProviderWords>,
    },
    /// The body is compressed.
    #[error("userinfo answers with content-encoding {0}, which nobody asked for")]
    Encoding(String),
    /// Over the bound, or not read for another cause that waiting does not mend.
    #[error("userinfo: {0}")]
    Unusable(String),
    /// Neither JSON nor a JWT, or JSON that can be read in two ways.
    #[error("userinfo does not answer with claims: {0}")]
    Malformed(StrictJsonError),
    /// OIDC Core 5.3.2: nothing of the answer is used.
    #[error("userinfo is of another person: its `sub` is not that of the id token")]
    Subject,
    /// A signed answer that is refused.
    #[error("userinfo, which is a jwt: {0}")]
    Token(IdTokenError),
}

impl UserInfoQuestion {
    /// The question that is to be asked after an ID token was verified; none where nothing is missing.
    ///
    /// # Errors
    /// See [`UserInfoError`]: where it is needed, and cannot be asked.
    pub(super) fn of(
        token: &VerifiedToken,
        tokens: &Tokens,
        settings: &OidcSettings,
        metadata: &ProviderMetadata,
    ) -> Result<Option<Self>, UserInfoError> {
        // Of nobody there is nothing to ask; who ends the sign-in refuses that by its own name.
        if subject(token.claims()).is_none() || !is_to_be_asked(token.claims(), settings) {
            return Ok(None);
        }
        let endpoint = match (&metadata.userinfo_endpoint, settings.userinfo) {
            (Ok(Some(endpoint)), _) => endpoint.clone(),
            (Ok(None), UserInfoUse::Always) => return Err(UserInfoError::NoEndpoint),
            (Ok(None), UserInfoUse::WhenNeeded | UserInfoUse::Never) => return Ok(None),
            (Err(fault), _) => return Err(UserInfoError::Endpoint(fault.clone())),
        };
        if let Some(other) = &tokens.other_type {
            return Err(UserInfoError::TokenType(other.clone()));
        }
        let token = tokens.access_token.as_ref().ok_or(UserInfoError::NoAccessToken)?;
        let header = HeaderValue::try_from(format!("Bearer {}", token.expose()));
        let mut authorization = header.map_err(|_| UserInfoError::NoAccessToken)?;
        authorization.set_sensitive(true);
        Ok(Some(Self { endpoint, authorization }))
    }
}

impl UserInfo {
    /// The claims of an ID token of the same person, completed by these.
    #[must_use]
    pub(super) fn completing(&self, settings: &SourceSettings, token: &Claims) -> Claims {
        completed(settings, token, &self.0)
    }
}

impl UserInfoAnswer<'_> {
    /// The claims, where the answer is about the person of the token.
    ///
    /// # Errors
    /// See [`UserInfoError`].
    pub(crate) fn read(
        &self,
        token: &VerifiedToken,
        settings: &OidcSettings,
        keys: &KeySet,
        now: UnixSeconds,
    ) -> Result<UserInfo, UserInfoError> {
        if self.status != StatusCode::OK {
            return Err(UserInfoError::Status { status: self.status, words: self.words() });
        }
        if let Some(encoding) = self.encoding.filter(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
            return Err(UserInfoError::Encoding(quoted(encoding)));
        }
        let claims = if self.is_jwt() {
            // What is no UTF-8 is no token either way.
            let text = String::from_utf8_lossy(self.body);
            verify_user_info(text.trim_ascii(), keys, settings, now).map_err(UserInfoError::Token)?
        } else {
            let claims = Claims::parse_strict(self.body).map_err(UserInfoError::Malformed)?;
            // Some say in a body of 200 that there are no claims.
            if subject(&claims).is_none() && claims.text("error").is_some_and(|error| !error.is_empty()) {
                return Err(UserInfoError::Status { status: self.status, words: self.words() });
            }
            claims
        };
        let whose = subject(token.claims());
        if whose.is_some() && whose == subject(&claims) { Ok(UserInfo(claims)) } else { Err(UserInfoError::Subject) }
    }

    /// OIDC Core 5.3.2: only the content type says that it is a JWT; any other is read as JSON, whatever it is called.
    fn is_jwt(&self) -> bool {
        let essence = self.content_type.and_then(|text| text.split(';').next()).map(str::trim);
        essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/jwt"))
    }

    /// What is said of an error, in the challenge (RFC 6750 3) or in the body.
    fn words(&self) -> Option<ProviderWords> {
        let of_challenge = |name: &str| self.challenges.iter().find_map(|line| parameter(line, name));
        let of_body = Claims::parse_strict(self.body).unwrap_or_default();
        let said = |name: &str| of_challenge(name).or_else(|| of_body.text(name).map(str::to_owned));
        let (error, description) = (said("error"), said("error_description"));
        let words = ProviderWords::of(error.as_deref(), description.as_deref(), &[self.sent]);
        (!words.is_empty()).then_some(words)
    }
}

impl UserInfoError {
    /// The reason that pages, logs and metrics show.
    #[must_use]
    pub(crate) const fn reason(&self) -> Reason {
        match self {
            Self::Subject => Reason::TokenSub,
            Self::Token(error) => error.reason(),
            Self::NoEndpoint
            | Self::Endpoint(_)
            | Self::NoAccessToken
            | Self::TokenType(_)
            | Self::Status { .. }
            | Self::Encoding(_)
            | Self::Unusable(_)
            | Self::Malformed(_) => Reason::UserinfoAnswer,
        }
    }

    /// Whether keys that the provider has changed since could be the cause.
    #[must_use]
    pub(crate) const fn may_be_rotation(&self) -> bool {
        match self {
            Self::Token(error) => error.fault.may_be_rotation(),
            Self::NoEndpoint
            | Self::Endpoint(_)
            | Self::NoAccessToken
            | Self::TokenType(_)
            | Self::Status { .. }
            | Self::Encoding(_)
            | Self::Unusable(_)
            | Self::Malformed(_)
            | Self::Subject => false,
        }
    }
}

/// A claim that is null is not there: nothing reads it.
fn is_to_be_asked(claims: &Claims, settings: &OidcSettings) -> bool {
    match settings.userinfo {
        UserInfoUse::Always => true,
        UserInfoUse::Never => false,
        UserInfoUse::WhenNeeded => {
            let has = |path| claims.at(path).is_some_and(|value| !value.is_null());
            let address = claims.at_in_arrays(&settings.source.email);
            let has_address = address.is_some_and(|value| !value.is_null());
            let has_flag = match &settings.source.email_verified {
                EmailVerification::TrustedIssuer => true,
                // It speaks of the claim `email` alone: of another address it proves nothing, wherever it is.
                EmailVerification::Required => {
                    let says = |flag: &serde_json::Value| !flag.is_null();
                    !settings.source.email.is_email() || claims.0.get("email_verified").is_some_and(says)
                }
                EmailVerification::Claim(path) => has(path),
            };
            !has_address || !has_flag || settings.wanted.is_missing_in(claims)
        }
    }
}

fn subject(claims: &Claims) -> Option<&str> {
    claims.text("sub").filter(|subject| !subject.is_empty())
}

impl std::fmt::Debug for UserInfoQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserInfoQuestion").field("endpoint", &self.endpoint.as_str()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for UserInfoAnswer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserInfoAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserInfo(redacted)")
    }
}
