//! The token endpoint: a code and its verifier for tokens.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderValue, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE},
};
use openidconnect::AuthType;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{
    super::{
        Dialer,
        fetch::{FetchError, fetch},
    },
    documents::{ProviderError, shown, trusting},
};
use crate::identity::{CodeExchange, OidcSettings, ProviderMetadata, TokenAnswer, Tokens};

/// Exchanges a code; neither the code nor what comes back is in an error, but for what the provider says of an error.
pub(super) async fn exchange(
    dialer: &Dialer,
    exchange: &CodeExchange,
    settings: &OidcSettings,
    metadata: &ProviderMetadata,
) -> Result<Tokens, ProviderError> {
    let url = &metadata.token_endpoint;
    let unreachable = |cause| ProviderError::Unreachable { url: shown(url), cause: Arc::new(cause) };
    let asked = token_request(exchange, settings, metadata).map_err(unreachable)?;
    let answer = fetch(&trusting(dialer, settings, url)?, asked.request).await.map_err(unreachable)?;
    let encoding = answer.headers().get(CONTENT_ENCODING).map(|encoding| encoding.to_str().unwrap_or("?"));
    let read = TokenAnswer { status: answer.status(), encoding, body: answer.body() };
    // Some providers repeat what they were sent in what they say of an error.
    let credentials = asked.credentials.as_deref().unwrap_or_default();
    let sent = [exchange.code(), exchange.verifier(), settings.client_secret.expose(), credentials];
    read.tokens(&sent).map_err(ProviderError::Tokens)
}

/// A request for tokens; it has no `Debug`, for all of it is secret.
struct TokenRequest {
    request: Request<Vec<u8>>,
    /// What proves who asks, where that is in a header.
    credentials: Option<String>,
}

/// RFC 6749 4.1.3, 2.3.1; RFC 7636 4.5.
fn token_request(
    exchange: &CodeExchange,
    settings: &OidcSettings,
    metadata: &ProviderMetadata,
) -> Result<TokenRequest, FetchError> {
    let (client_id, secret) = (settings.client_id.as_str(), settings.client_secret.expose());
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code").append_pair("code", exchange.code());
    form.append_pair("code_verifier", exchange.verifier());
    form.append_pair("redirect_uri", exchange.redirect_uri().as_str());
    let credentials = if matches!(metadata.client_authentication, AuthType::RequestBody) {
        form.append_pair("client_id", client_id).append_pair("client_secret", secret);
        None
    } else {
        // RFC 6749 2.3.1: both are form-encoded before they are joined.
        Some(STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret))))
    };
    let mut request = Request::post(metadata.token_endpoint.as_str())
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
        .body(form.finish().into_bytes())
        .map_err(|_| FetchError::Url)?;
    if let Some(credentials) = &credentials {
        let mut value = HeaderValue::from_str(&format!("Basic {credentials}")).map_err(|_| FetchError::Url)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    Ok(TokenRequest { request, credentials })
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}
