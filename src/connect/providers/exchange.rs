//! The token endpoint: a code and its verifier for tokens.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderValue, Request,
    header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE},
};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::{
    super::{
        Dialer,
        fetch::{FetchError, fetch},
    },
    documents::{ProviderError, shown, trusting},
};
use crate::{
    identity::{ClientProof, CodeExchange, OidcSettings, ProviderMetadata, TokenAnswer, Tokens},
    secret::Secret,
    system,
    time::UnixSeconds,
};

/// Exchanges a code; neither the code nor what comes back is in an error, but for what the provider says of an error.
pub(super) async fn exchange(
    dialer: &Dialer,
    exchange: &CodeExchange,
    settings: &OidcSettings,
    metadata: &ProviderMetadata,
    now: UnixSeconds,
) -> Result<Tokens, ProviderError> {
    let url = &metadata.token_endpoint;
    let unreachable = |cause| ProviderError::Unreachable { url: shown(url), cause: Arc::new(cause) };
    let jti = system::seed().into_stream().uuid();
    let names = (settings.client_id.as_str(), settings.issuer.as_str());
    let proof = settings.credentials.proof(metadata.client_authentication, names, &jti, now);
    let proof = proof.ok_or(ProviderError::Credentials)?;
    let asked = token_request(exchange, settings, metadata, proof).map_err(unreachable)?;
    let answer = fetch(&trusting(dialer, settings, url)?, asked.request).await.map_err(unreachable)?;
    let encoding = answer.headers().get(CONTENT_ENCODING).map(|encoding| encoding.to_str().unwrap_or("?"));
    let read = TokenAnswer { status: answer.status(), encoding, body: answer.body() };
    // Some providers repeat what they were sent in what they say of an error.
    let shown = asked.shown.iter().map(Secret::expose);
    let sent: Vec<&str> = [exchange.code(), exchange.verifier()].into_iter().chain(shown).collect();
    read.tokens(&sent).map_err(ProviderError::Tokens)
}

/// A request for tokens; it has no `Debug`, for all of it is secret.
struct TokenRequest {
    request: Request<Vec<u8>>,
    /// What proves who asks.
    shown: Vec<Secret>,
}

/// RFC 6749 4.1.3, 2.3.1; RFC 7636 4.5.
fn token_request(
    exchange: &CodeExchange,
    settings: &OidcSettings,
    metadata: &ProviderMetadata,
    proof: ClientProof<'_>,
) -> Result<TokenRequest, FetchError> {
    let client_id = settings.client_id.as_str();
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code").append_pair("code", exchange.code());
    form.append_pair("code_verifier", exchange.verifier());
    form.append_pair("redirect_uri", exchange.redirect_uri().as_str());
    let (credentials, shown) = match proof {
        // RFC 6749 2.3.1: both are form-encoded before they are joined.
        ClientProof::Basic(secret) => {
            let joined = format!("{}:{}", encoded(client_id), encoded(secret.expose()));
            let credentials = Secret::new(STANDARD.encode(joined));
            (Some(credentials.clone()), vec![secret.clone(), credentials])
        }
        ClientProof::Form(pairs) => {
            form.append_pair("client_id", client_id);
            for (name, value) in &pairs {
                form.append_pair(name, value.expose());
            }
            (None, pairs.into_iter().map(|(_, value)| value).collect())
        }
    };
    let mut request = Request::post(metadata.token_endpoint.as_str())
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
        .body(form.finish().into_bytes())
        .map_err(|_| FetchError::Url)?;
    if let Some(credentials) = &credentials {
        let mut value =
            HeaderValue::from_str(&format!("Basic {}", credentials.expose())).map_err(|_| FetchError::Url)?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    Ok(TokenRequest { request, shown })
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}
