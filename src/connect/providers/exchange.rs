//! The token endpoint: a code and its verifier for tokens.

use std::{pin::Pin, sync::Arc, time::Duration};

use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, Client, ClientId, ClientSecret, EmptyAdditionalClaims, EndpointNotSet,
    ExtraTokenFields, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet, OAuth2TokenResponse, PkceCodeVerifier,
    RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    TokenUrl,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreIdToken, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};

use super::{
    super::{
        Dialer,
        fetch::{FetchError, fetch},
    },
    documents::{ProviderError, shown, trusting},
};
use crate::{
    identity::{ClientProof, CodeExchange, OidcSettings, ProviderMetadata, Tokens},
    limits::PROVIDER_ERROR_CHARS_MAX,
    system,
    time::UnixSeconds,
};

/// Exchanges a code; neither the code nor what comes back is in an error.
pub(super) async fn exchange(
    dialer: &Dialer,
    exchange: &CodeExchange,
    settings: &OidcSettings,
    metadata: &ProviderMetadata,
    now: UnixSeconds,
) -> Result<Tokens, ProviderError> {
    let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| ProviderError::Issuer)?;
    let client = TokenClient::new(ClientId::new(settings.client_id.clone()), issuer, JsonWebKeySet::default())
        // The client id goes with it, in the form where it is not in the header.
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(metadata.token_endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(exchange.redirect_uri().clone()));
    let jti = system::seed().into_stream().uuid();
    let names = (settings.client_id.as_str(), settings.issuer.as_str());
    let proof = settings.credentials.proof(metadata.client_authentication, names, &jti, now);
    let (client, form) = match proof.ok_or(ProviderError::Credentials)? {
        ClientProof::Basic(secret) => {
            let secret = ClientSecret::new(secret.expose().to_owned());
            (client.set_client_secret(secret).set_auth_type(AuthType::BasicAuth), Vec::new())
        }
        ClientProof::Form(pairs) => (client, pairs),
    };
    let request = client.exchange_code(AuthorizationCode::new(exchange.code().to_owned()));
    let request = form.iter().fold(request, |request, (name, value)| request.add_extra_param(*name, value.expose()));
    let answer: TokenAnswer = request
        .set_pkce_verifier(PkceCodeVerifier::new(exchange.verifier().to_owned()))
        .request_async(&http_client(trusting(dialer, settings, &metadata.token_endpoint)?))
        .await
        .map_err(|error| refusal(error, metadata))?;
    // RFC 6749 7.1: a type that is not understood is not used.
    let is_bearer = *answer.0.token_type() == CoreTokenType::Bearer;
    let id_token = answer.0.extra_fields().id_token.clone().filter(|_| is_bearer).ok_or(ProviderError::Answer)?;
    Ok(Tokens { id_token, access_token: answer.0.access_token().secret().clone() })
}

/// Our HTTP client in the shape that openidconnect takes; a future without borrows, so that its caller stays `Send`.
fn http_client(dialer: Dialer) -> impl Fn(HttpRequest) -> Fetching {
    move |request| {
        let dialer = dialer.clone();
        Box::pin(async move { fetch(&dialer, request).await })
    }
}

type Fetching = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send>>;

/// A token answer whose ID token stays text: it is `identity` that reads it. Its `Debug` shows nothing.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct TokenAnswer(StandardTokenResponse<IdTokenText, CoreTokenType>);

/// Its `Debug` shows nothing.
#[derive(Clone, Serialize, Deserialize)]
struct IdTokenText {
    id_token: Option<String>,
}

impl std::fmt::Debug for TokenAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenAnswer(redacted)")
    }
}

impl std::fmt::Debug for IdTokenText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdTokenText(redacted)")
    }
}

impl ExtraTokenFields for IdTokenText {}

impl OAuth2TokenResponse for TokenAnswer {
    type TokenType = CoreTokenType;

    fn access_token(&self) -> &AccessToken {
        self.0.access_token()
    }

    fn token_type(&self) -> &CoreTokenType {
        self.0.token_type()
    }

    fn expires_in(&self) -> Option<Duration> {
        self.0.expires_in()
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.0.refresh_token()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.0.scopes()
    }
}

impl TokenResponse<EmptyAdditionalClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>
    for TokenAnswer
{
    fn id_token(&self) -> Option<&CoreIdToken> {
        None
    }
}

/// `CoreClient`, but for [`TokenAnswer`].
type TokenClient = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    ErrorAnswer,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
>;

type ErrorAnswer = StandardErrorResponse<CoreErrorResponseType>;

fn refusal(error: RequestTokenError<FetchError, ErrorAnswer>, metadata: &ProviderMetadata) -> ProviderError {
    match error {
        RequestTokenError::Request(cause) => {
            ProviderError::Unreachable { url: shown(&metadata.token_endpoint), cause: Arc::new(cause) }
        }
        RequestTokenError::ServerResponse(answer) => {
            let code: String = answer.error().as_ref().chars().take(PROVIDER_ERROR_CHARS_MAX).collect();
            ProviderError::Refused { code: code.replace(|c: char| !c.is_ascii_lowercase() && c != '_', "?") }
        }
        // Both may hold the answer, with tokens in it.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => ProviderError::Answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_of_an_answer_is_in_its_debug_text() {
        let text =
            r#"{"access_token":"marker-a","token_type":"bearer","refresh_token":"marker-b","id_token":"marker-c"}"#;
        let answer: TokenAnswer = serde_json::from_str(text).unwrap();
        assert_eq!(answer.access_token().secret(), "marker-a");
        assert_eq!(answer.0.extra_fields().id_token.as_deref(), Some("marker-c"));
        for shown in [format!("{answer:?}"), format!("{:?}", answer.0), format!("{:?}", answer.0.extra_fields())] {
            assert!(!shown.contains("marker"), "{shown}");
        }
    }
}
