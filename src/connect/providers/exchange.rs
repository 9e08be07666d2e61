//! The token endpoint: a code and its verifier for tokens.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderValue, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
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
use crate::identity::{CodeExchange, OidcSettings, ProviderMetadata, Tokens};

/// Exchanges a code; neither the code nor what comes back is in an error.
pub(super) async fn exchange(
    dialer: &Dialer,
    exchange: &CodeExchange,
    settings: &OidcSettings,
    metadata: &ProviderMetadata,
) -> Result<Tokens, ProviderError> {
    let endpoint = &metadata.token_endpoint;
    let unreachable = |cause| ProviderError::Unreachable { url: shown(endpoint), cause: Arc::new(cause) };
    let request = request(exchange, settings, metadata).map_err(unreachable)?;
    let answer = fetch(&trusting(dialer, settings, endpoint)?, request).await.map_err(unreachable)?;
    Tokens::read(answer.status().as_u16(), answer.body()).map_err(ProviderError::Answer)
}

/// RFC 6749 4.1.3 and 2.3.1, RFC 7636 4.5.
fn request(
    exchange: &CodeExchange,
    settings: &OidcSettings,
    metadata: &ProviderMetadata,
) -> Result<Request<Vec<u8>>, FetchError> {
    let (id, secret) = (settings.client_id.as_str(), settings.client_secret.expose());
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code").append_pair("code", exchange.code());
    form.append_pair("code_verifier", exchange.verifier());
    form.append_pair("redirect_uri", exchange.redirect_uri().as_str());
    let mut request = Request::post(metadata.token_endpoint.as_str());
    if matches!(metadata.client_authentication, AuthType::RequestBody) {
        form.append_pair("client_id", id).append_pair("client_secret", secret);
    } else {
        request = request.header(AUTHORIZATION, basic(id, secret));
    }
    let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let request = request.header(ACCEPT, HeaderValue::from_static("application/json")).header(CONTENT_TYPE, form_type);
    request.body(form.finish().into_bytes()).map_err(|_| FetchError::Url)
}

/// Both are form-encoded before they are joined.
fn basic(id: &str, secret: &str) -> HeaderValue {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let joined = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
    let mut value = HeaderValue::try_from(format!("Basic {joined}")).expect("base64 is visible ascii");
    value.set_sensitive(true);
    value
}
