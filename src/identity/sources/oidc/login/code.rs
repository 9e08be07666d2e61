//! From a code to the person it is for.

use url::Url;

use super::{
    super::{
        id_token::{ExpectedToken, IdTokenError, VerifiedToken, verify_id_token},
        provider::{KeySet, ProviderMetadata},
        settings::OidcSettings,
        tokens::Tokens,
        user_info::{UserInfo, UserInfoError, UserInfoQuestion},
    },
    error::{FailedLogin, LoginError},
};
use crate::{
    identity::{Identity, NamedAddress, Projection, ProviderName, short_hash::short_hash},
    secret::Secret,
    time::UnixSeconds,
};

/// A code that may be exchanged: the callback was that of this browser, of this attempt, and of the right issuer.
pub(crate) struct CodeExchange {
    pub(super) provider: ProviderName,
    pub(super) bound_to: u32,
    pub(super) code: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) redirect_uri: Url,
    pub(super) hands_token_over: bool,
}

/// A finished sign-in; of a sign-out, who it is and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedIn {
    /// Who.
    pub(crate) identity: Identity,
    /// Who it is in the provider's own words, where the provider's sign-out gets them.
    pub(crate) id_token_hint: Option<IdTokenHint>,
    /// What the rules read, as the provider has it: a session keeps less.
    pub(crate) read: Vec<String>,
    /// The address that the provider named, for the record.
    pub(crate) address: Option<NamedAddress>,
}

/// A verified ID token as it came: for the provider's own sign-out and nothing else. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct IdTokenHint(String);

impl CodeExchange {
    /// The code; to the token endpoint and nowhere else.
    #[must_use]
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The PKCE verifier; to the token endpoint and nowhere else.
    #[must_use]
    pub(crate) fn verifier(&self) -> &str {
        &self.verifier
    }

    /// The redirect URI of the authorization request, sent again with the code (RFC 6749 4.1.3).
    #[must_use]
    pub(crate) const fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// Verifies the ID token; again with newer keys where the first ones did not fit.
    ///
    /// # Errors
    /// See [`IdTokenError`].
    pub(crate) fn verify(
        &self,
        tokens: &Tokens,
        settings: &OidcSettings,
        (metadata, keys): (&ProviderMetadata, &KeySet),
        now: UnixSeconds,
    ) -> Result<VerifiedToken, IdTokenError> {
        let expected = ExpectedToken {
            issuer: &settings.issuer,
            client_id: &settings.client_id,
            audiences: &settings.audiences,
            nonce: &self.nonce,
            algorithms: &metadata.algorithms,
            access_token: tokens.access_token.as_ref().map(Secret::expose),
        };
        verify_id_token(&tokens.id_token, keys, &expected, now)
    }

    /// What UserInfo is to be asked before the sign-in ends; none where nothing is missing.
    ///
    /// # Errors
    /// See [`UserInfoError`].
    pub(crate) fn user_info_question(
        &self,
        token: &VerifiedToken,
        tokens: &Tokens,
        settings: &OidcSettings,
        metadata: &ProviderMetadata,
    ) -> Result<Option<UserInfoQuestion>, UserInfoError> {
        if self.hands_token_over {
            return Ok(None);
        }
        UserInfoQuestion::of(token, tokens, settings, metadata)
    }

    /// Ends the sign-in with a token that [`CodeExchange::verify`] accepted, and what UserInfo says besides.
    ///
    /// # Errors
    /// Of [`LoginError::Identity`], or [`LoginError::OtherProvider`] with settings of another provider.
    pub(crate) fn finish(
        self,
        token: &VerifiedToken,
        user_info: Option<&UserInfo>,
        settings: &OidcSettings,
        projection: &Projection,
    ) -> Result<SignedIn, FailedLogin> {
        if self.provider != settings.source.name || self.bound_to != binding(settings) {
            return Err(LoginError::OtherProvider.into());
        }
        if self.hands_token_over {
            // Whether the rules would sign them in is no matter of a sign-out.
            let identity = Identity::known_as(&settings.source, token.claims()).map_err(LoginError::from)?;
            let id_token_hint = Some(IdTokenHint(token.text().to_owned()));
            return Ok(SignedIn { identity, id_token_hint, read: Vec::new(), address: None });
        }
        let completed = user_info.map(|user_info| user_info.completing(&settings.source, token.claims()));
        let claims = completed.as_ref().unwrap_or(token.claims());
        let address = NamedAddress::of(&settings.source, claims);
        let identity = match Identity::from_claims(&settings.source, claims, projection) {
            Ok(identity) => identity,
            Err(error) => return Err(FailedLogin { error: error.into(), address, words: None }),
        };
        Ok(SignedIn { identity, id_token_hint: None, read: projection.read_of(claims), address })
    }
}

impl std::fmt::Debug for CodeExchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeExchange").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl IdTokenHint {
    #[cfg(test)]
    pub(crate) fn of_test(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token; to the provider that signed it, in a form, and nowhere else.
    #[must_use]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for IdTokenHint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdTokenHint(redacted)")
    }
}

/// A hash of issuer and client.
pub(super) fn binding(settings: &OidcSettings) -> u32 {
    short_hash(&[&settings.issuer, &settings.client_id])
}
